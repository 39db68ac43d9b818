"""Judging a case: a fresh look at its station, the facts, the verdict."""

from datetime import timedelta

from bot.cases import lockout, standing
from bot.cases.services import Services
from bot.diagnosis.engine import judge
from bot.diagnosis.explain import to_judgement
from bot.diagnosis.facts import Facts, gather
from bot.diagnosis.past import JUST_HEARD, PAST, Past
from bot.domain.capability import Capability
from bot.domain.case import Case, Judgement, Severity
from bot.domain.remote_action import RESETS, ActionState, RemoteAction, RemoteCommand
from bot.domain.status import Link, StationSnapshot, link_unknown
from storage.uow import UnitOfWork

_AWAY = frozenset({Link.SILENT, Link.OFFLINE})


async def look(services: Services, case: Case, *, within: timedelta | None = None) -> StationSnapshot:
    """The station as it is now, asked again where its status is older than `within`, or than is called fresh.

    Without a station nothing is known.
    """
    if case.station_id is None or case.connector is None:
        return link_unknown("", services.now())
    return await services.stations.snapshot(
        case.station_id,
        case.connector,
        fresh_within=services.limits.status_is_fresh if within is None else within,
        deadline=services.limits.station_answers_within,
    )


def judged(
    uow: UnitOfWork, services: Services, case: Case, snapshot: StationSnapshot, *, danger: bool = False
) -> tuple[Judgement, Severity]:
    """The verdict on a case, from a snapshot and what is kept."""
    facts = _facts(uow, services, case, snapshot, danger)
    verdict = judge(facts, services.rulebook)
    judgement = to_judgement(verdict, services.rulebook, services.now())
    return judgement, Severity(verdict.rule.severity)


def _facts(uow: UnitOfWork, services: Services, case: Case, snapshot: StationSnapshot, danger: bool) -> Facts:
    now = services.now()
    others = 0
    if case.evse_id is not None:
        others = uow.cases.other_reports(
            case.evse_id, now - services.limits.other_reports_since, but=case.driver_id
        )
    return gather(
        snapshot=snapshot,
        connector=case.connector or 0,
        symptom=case.symptom,
        danger=danger,
        now=now,
        recent_reports=others,
        remedies_tried=frozenset(
            action.order.command for action in uow.actions.of_case(case.id) if action.may_have_happened
        ),
        capabilities=_usable(uow, services, case),
        past=_past(uow, services, case, snapshot),
    )


def _usable(uow: UnitOfWork, services: Services, case: Case) -> frozenset[Capability]:
    """What the station can do now; a restart that is used up, or that another case forbids, must not be promised."""
    station_id = case.station_id or ""
    possible = services.stations.capabilities(station_id)
    if Capability.SOFT_RESET not in possible:
        return possible
    used_up = not standing.tries_left(uow, services, station_id, RemoteCommand.SOFT_RESET)
    forbidden = used_up or lockout.warned(uow, case, whole_station=True)
    return possible - {Capability.SOFT_RESET} if forbidden else possible


def _past(uow: UnitOfWork, services: Services, case: Case, snapshot: StationSnapshot) -> Past:
    """What is kept of the last day around the case's connector."""
    station, connector, since = case.station_id, case.connector, services.now() - PAST
    if station is None or connector is None:
        return Past()
    return Past(
        uow.lookback.intervals(station, connector, snapshot.source, since),
        uow.lookback.last_stop(station, connector, since),
        uow.lookback.firmware(station, since),
        restarted=uow.actions.proved_since(station, RESETS, since),
        warned=lockout.warned(uow, case),
        start_failed=any(_led_nowhere(action) for action in uow.actions.of_case(case.id)),
        # Of a station that is there itself nothing asks for the others, and a site may have hundreds.
        neighbours=_neighbours(uow, services, station) if snapshot.link in _AWAY else (),
    )


def _neighbours(uow: UnitOfWork, services: Services, station: str) -> tuple[bool, ...]:
    now = services.now()
    return tuple(
        bool(services.stations.capabilities(other)) or now - heard <= JUST_HEARD
        for other, heard in uow.lookback.neighbours(station)
    )


def _led_nowhere(action: RemoteAction) -> bool:
    ended = action.state in {ActionState.TIMED_OUT, ActionState.FAILED}
    return action.order.command is RemoteCommand.START_SESSION and ended
