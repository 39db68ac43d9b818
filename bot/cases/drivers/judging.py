"""Judging a case: a fresh look at its station, the facts, the verdict."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.cases.drivers import lockout, standing
from bot.cases.services import Services
from bot.diagnosis.engine import judge
from bot.diagnosis.explain import to_judgement
from bot.diagnosis.facts import Facts, gather
from bot.diagnosis.faults import locked_out
from bot.diagnosis.past import JUST_HEARD, PAST, RETURN_WITHIN, Past
from bot.diagnosis.vocabulary import YesNo
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
    facts = _facts(uow, services, case, snapshot, danger=danger)
    verdict = judge(facts, services.rulebook)
    judgement = to_judgement(verdict, services.rulebook, services.now())
    return judgement, Severity(verdict.rule.severity)


def named_but_for_a_restart(
    uow: UnitOfWork, services: Services, case: Case, snapshot: StationSnapshot
) -> tuple[str, ...]:
    """What the verdict would name now if this case had not restarted the station.

    A ladder that restarts first, as that helps more often, has its milder steps still before it: that a restart was
    tried speaks against another one, not against them.
    """
    facts = _facts(uow, services, case, snapshot, danger=False)
    restarts = Capability.SOFT_RESET in services.stations.capabilities(case.station_id or "")
    forbidden = lockout.warned(uow, case, whole_station=True) or any(map(locked_out, snapshot.siblings))
    if restarts and not forbidden and facts.updating is YesNo.NO:
        facts = replace(facts, soft_reset_tried=YesNo.NO, restartable=YesNo.YES)
    return judge(facts, services.rulebook).rule.then


def _facts(
    uow: UnitOfWork, services: Services, case: Case, snapshot: StationSnapshot, *, danger: bool
) -> Facts:
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
    actions = uow.actions.of_case(case.id)
    return Past(
        uow.lookback.intervals(station, connector, snapshot.source, since),
        uow.lookback.last_stop(station, connector, since),
        uow.lookback.firmware(station, since),
        restarted=uow.actions.proved_since(station, RESETS, since),
        warned=lockout.warned(uow, case),
        start_failed=any(map(_led_nowhere, actions)),
        session_ended=any(map(_ended_a_session, actions)),
        # Of a station that is there itself nothing asks for the others, and a site may have hundreds.
        neighbours=_neighbours(uow, services, station) if snapshot.link in _AWAY else (),
    )


def _neighbours(uow: UnitOfWork, services: Services, station: str) -> tuple[bool, ...]:
    return tuple(
        bool(services.stations.capabilities(other)) or _expected_back(services, heard)
        for other, heard in uow.lookback.neighbours(station)
    )


def _expected_back(services: Services, heard: datetime) -> bool:
    """Whether a station is missing because of a start of ours: one that was heard since has gone by itself."""
    started = services.started
    if started is None or services.now() - started > RETURN_WITHIN:
        return False
    return timedelta() <= started - heard <= JUST_HEARD


def _led_nowhere(action: RemoteAction) -> bool:
    ended = action.state in {ActionState.TIMED_OUT, ActionState.FAILED}
    return action.order.command is RemoteCommand.START_SESSION and ended


def _ended_a_session(action: RemoteAction) -> bool:
    return action.order.command is RemoteCommand.STOP_SESSION and action.state is ActionState.VERIFIED
