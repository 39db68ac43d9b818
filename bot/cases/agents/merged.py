"""A case that was merged into another: where its driver's words go, and what its driver hears of the other's end."""

from dataclasses import replace

from bot.cases.clock.waits import wait_for_agent
from bot.cases.services import Services
from bot.cases.telling import open_topic, pass_on, redraw_card, tell_driver, tell_topic
from bot.domain.case import ENDED_STATES, HUMAN_STATES, MERGED, SERVICE_ENDED, Case, Trigger, move
from bot.domain.outgoing import Priority
from bot.domain.people import Address
from storage.repositories.messages import Said
from storage.uow import UnitOfWork

_OVER = frozenset({"resolved_by_agent", "repaired"})
"""The ends of which a hotline or a technician knows that they hold for everybody."""


def heir(uow: UnitOfWork, case: Case) -> Case | None:
    """The hotline's open case in which a merged one goes on; None where it is not merged, or that one is over."""
    if case.merged_into is None or case.state not in ENDED_STATES or case.resolution != MERGED:
        return None
    found = uow.cases.get(case.merged_into)
    return found if found is not None and found.state in HUMAN_STATES else None


def pass_on_words(uow: UnitOfWork, services: Services, case: Case, into: Case, said: Said) -> None:
    """What the driver of a merged case says goes into the other's topic, under a line that tells whose it is."""
    if into.conversation != case.conversation:
        name_writer(uow, services, case, into, f"{said.album or said.source_message}")
    pass_on(uow, services, case, said, into=into)


def name_writer(uow: UnitOfWork, services: Services, case: Case, into: Case, once: str) -> None:
    """The line above words that are another driver's; an answer to the line goes to that driver, too."""
    driver = uow.people.get(case.driver_id)
    tell_topic(
        uow,
        services,
        into,
        "also_writes",
        f"{case.id}:{once}",
        name=driver.name,
        number=case.id,
        of=case.id,
    )


def addressed(uow: UnitOfWork, topic: Address, case: Case, answered: int | None) -> Case:
    """The case to whose driver an agent writes in a topic: the topic's own, unless words of another are answered.

    An answer to words of another driver, or to the line above them, is never for the driver of the topic's case.
    """
    if answered is None:
        return case
    passed = uow.messages.shown_at(topic, answered)
    number = uow.caseload.line_of(topic, answered) if passed is None else passed.said.case_id
    other = None if number in {None, case.id} else uow.cases.get(number or 0)
    return case if other is None or other.operator_id != case.operator_id else other


def ended(uow: UnitOfWork, services: Services, case: Case, notice: str) -> None:
    """A case has ended: the drivers of those that were merged into it hear of that, each once.

    Where its own driver has ended it, that is no word about the trouble of the others: the oldest of them becomes the
    hotline's case again, and the others go on in that one.
    """
    merged = [each for each in uow.caseload.merged_into(case.id) if each.resolution == MERGED]
    # Whoever has another of them in the same chat, or the case itself, hears of it there.
    known = {case.conversation} | {each.conversation for each in merged if _knows(uow, each, case)}
    others = {each.conversation: each for each in reversed(merged) if each.conversation not in known}
    waiting = sorted(others.values(), key=lambda each: each.id)
    if not waiting or notice == MERGED:
        return
    if notice in _OVER or notice == SERVICE_ENDED:
        told = "merged_over" if notice in _OVER else notice
        for each in waiting:
            tell_driver(uow, services, each, told, f"{case.id}:{case.version}")
        return
    first = _taken_up(uow, services, waiting[0], case)
    for each in merged:
        if each.id != first.id:
            uow.caseload.set_merged(each.id, first.id)


def _knows(uow: UnitOfWork, case: Case, other: Case) -> bool:
    """Whether the driver was told with all others of the EVSE that it was repaired in the other case."""
    return any(
        event.kind == "repaired_too" and event.data.get("case") == str(other.id)
        for event in uow.cases.events(case.id)
    )


def _taken_up(uow: UnitOfWork, services: Services, case: Case, former: Case) -> Case:
    after = replace(move(case, Trigger.REOPEN, services.now()), agent_id=None, resolution=None)
    uow.cases.save(case, after)
    uow.caseload.set_merged(after.id, None)
    after = replace(after, merged_into=None)
    uow.cases.note(after.id, services.now(), "unmerged", former=str(former.id))
    wait_for_agent(uow, services, after)
    open_topic(uow, services, after)
    tell_topic(uow, services, after, "unmerged", str(after.version), Priority.ESCALATION, number=former.id)
    redraw_card(uow, services, after)
    return after
