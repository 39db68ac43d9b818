"""Trouble of a whole site: one case for the hotline, however many drivers report it."""

from dataclasses import replace

from bot.cases.services import Services
from bot.cases.telling import redraw_card, tell_driver, tell_topic
from bot.domain.case import HUMAN_STATES, Case, CaseState, Trigger, move
from bot.domain.timer import TimerKind
from storage.uow import UnitOfWork

VERDICTS = frozenset({"site_without_connection"})
"""They speak of all stations of a location."""


def joined(uow: UnitOfWork, services: Services, case: Case) -> bool:
    """Whether the hotline has a case of this site's trouble already; it then hears of this report there.

    The driver stays with the bot, hears that it is known, and can still ask for a person.
    """
    first = next((each for each in _others(uow, case) if each.state in HUMAN_STATES), None)
    if first is None:
        return False
    uow.cases.note(case.id, services.now(), "joined", first=str(first.id))
    tell_topic(uow, services, first, "site_also", str(case.id), number=case.id, evse=case.evse_id)
    redraw_card(uow, services, first)
    tell_driver(uow, services, case, "site_known", str(case.id))
    return True


def settled(uow: UnitOfWork, services: Services, case: Case) -> None:
    """The hotline has settled the trouble of the site: whoever reported it meanwhile hears that it is over."""
    for other in _others(uow, case):
        if other.state is CaseState.DIAGNOSING:
            after = replace(move(other, Trigger.RESOLVE, services.now()), resolution="agent")
            uow.cases.save(other, after)
            uow.cases.note(other.id, services.now(), "resolved")
            uow.timers.drop(other.id, TimerKind.DRIVER_DID_NOT_ANSWER)
            due = services.now() + services.limits.driver_rates_within
            uow.timers.set(other.id, TimerKind.DRIVER_DID_NOT_RATE, due)
            tell_driver(uow, services, after, "site_back", str(after.version))


def _others(uow: UnitOfWork, case: Case) -> list[Case]:
    """The other open cases of the same trouble at the same location, the oldest first."""
    if case.station_id is None or case.judgement is None or case.judgement.verdict not in VERDICTS:
        return []
    verdict = case.judgement.verdict
    return [
        each
        for each in uow.cases.open_at_site_of(case.station_id)
        if each.id != case.id and each.judgement is not None and each.judgement.verdict == verdict
    ]
