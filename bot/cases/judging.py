"""Judging a case: a fresh look at its station, the facts, the verdict."""

from bot.cases.services import Services
from bot.diagnosis.engine import judge
from bot.diagnosis.explain import to_judgement
from bot.diagnosis.facts import Facts, gather
from bot.domain.case import Case, Judgement, Severity
from bot.domain.status import StationSnapshot, link_unknown
from storage.uow import UnitOfWork


async def look(services: Services, case: Case) -> StationSnapshot:
    """The station as it is now, asked again where its status is old; without a station nothing is known."""
    if case.station_id is None or case.connector is None:
        return link_unknown("", services.now())
    return await services.stations.snapshot(
        case.station_id,
        case.connector,
        fresh_within=services.limits.status_is_fresh,
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
        capabilities=services.stations.capabilities(case.station_id or ""),
    )
