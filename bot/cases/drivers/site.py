"""Trouble of a whole site: one case for the hotline, however many drivers report it, and at whatever moment."""

from dataclasses import replace

from bot.cases.services import Services
from bot.cases.telling import redraw_card, tell_driver, tell_topic
from bot.domain.case import HUMAN_STATES, SITE_AWAY, Case, CaseState, Judgement, Trigger, move
from bot.domain.timer import TimerKind
from storage.uow import UnitOfWork

VERDICTS = frozenset({SITE_AWAY})
"""They speak of all stations of a location."""
ASKED_TO_TRY = "asked_to_try"
_JOINED = "joined"


def hold(uow: UnitOfWork, case: Case, judgement: Judgement) -> None:
    """Lets the reports of one site's trouble come one by one, so that each sees what became of those before.

    It comes before the case is changed: whoever holds the site may have to change this case, too.
    """
    if case.station_id is not None and judgement.verdict in VERDICTS:
        uow.cases.hold_site_of(case.station_id)


def joined(uow: UnitOfWork, services: Services, case: Case) -> bool:
    """Whether the hotline has a case of this site's trouble already; it then hears of this report there.

    The driver stays with the bot, hears that it is known, and can still ask for a person. The site must be held.
    """
    first = next((each for each in _others(uow, case) if each.state in HUMAN_STATES), None)
    if first is None:
        return False
    join(uow, services, case, first)
    tell_driver(uow, services, case, "site_known", str(case.id))
    return True


def settled(uow: UnitOfWork, services: Services, case: Case, only: frozenset[int] | None = None) -> None:
    """The trouble of the site is settled: whoever joined meanwhile hears that it is over.

    With `only`, the numbers of cases, this is true of those alone; the others go on waiting.
    """
    for other in waiting_for(uow, case):
        if only is not None and other.id not in only:
            continue
        after = replace(move(other, Trigger.RESOLVE, services.now()), resolution="agent")
        uow.cases.save(other, after)
        uow.cases.note(other.id, services.now(), "resolved")
        due = services.now() + services.limits.driver_rates_within
        uow.timers.set(other.id, TimerKind.DRIVER_DID_NOT_RATE, due)
        tell_driver(uow, services, after, "site_back", str(after.version))


def waiting_for(uow: UnitOfWork, case: Case) -> list[Case]:
    """The cases that wait with the bot for the end of this one, the oldest first; the site is held from here on."""
    if case.station_id is None or not _of_a_site(uow, case):
        return []
    uow.cases.hold_site_of(case.station_id)
    return joined_to(uow, case)


def joined_to(uow: UnitOfWork, case: Case) -> list[Case]:
    """The same at a glance: the site is not held, so that others may join or leave at any moment."""
    if case.station_id is None:
        return []
    return [
        each
        for each in uow.cases.open_at_site_of(case.station_id)
        if each.state is CaseState.DIAGNOSING and first_of(uow, each) == case.id
    ]


def join(uow: UnitOfWork, services: Services, case: Case, first: Case) -> None:
    """The case waits for the end of the first one, however long its driver is silent."""
    uow.cases.note(case.id, services.now(), _JOINED, first=str(first.id))
    uow.timers.drop(case.id, TimerKind.DRIVER_DID_NOT_ANSWER)
    tell_topic(uow, services, first, "site_also", str(case.id), number=case.id, evse=case.evse_id)
    redraw_card(uow, services, first)


def _of_a_site(uow: UnitOfWork, case: Case) -> bool:
    """Whether the case is or was one of a whole site; words of danger may have made another of it since."""
    if speaks_of_site(case):
        return True
    return any(event.data.get("verdict") in VERDICTS for event in uow.cases.events(case.id))


def speaks_of_site(case: Case) -> bool:
    """Whether the present verdict on the case is one on all of its site."""
    return case.judgement is not None and case.judgement.verdict in VERDICTS


def first_of(uow: UnitOfWork, case: Case) -> int | None:
    """The number of the case that this one has joined last; None where it has not, or is none of a site any more."""
    if not speaks_of_site(case):
        return None
    numbers = [event.data["first"] for event in uow.cases.events(case.id) if event.kind == _JOINED]
    return int(numbers[-1]) if numbers else None


def asked_to_try(uow: UnitOfWork, case: Case) -> bool:
    """Whether the driver knows that the station is back in contact, and was asked whether it works."""
    if not speaks_of_site(case):
        return False
    # What was asked before the site went away once more was answered by that.
    kinds = [event.kind for event in uow.cases.events(case.id) if event.kind in {ASKED_TO_TRY, "diagnosed"}]
    return kinds[-1:] == [ASKED_TO_TRY]


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
