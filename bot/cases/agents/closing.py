"""A case is resolved by an agent: with what the trouble was, and a note for whoever looks later."""

from dataclasses import replace
from datetime import timedelta

from bot.cases.agents import desk
from bot.cases.drivers import escalation, site
from bot.cases.telling import redraw_card, tell_driver, tell_topic
from bot.cases.turn import Turn
from bot.domain.case import Case, CaseState, Trigger, move
from bot.domain.cause import Cause
from storage.uow import UnitOfWork

NOTE_WITHIN = timedelta(minutes=10)
"""So long after the end of a case what agents note in its topic tells how it was settled."""


async def resolve(
    turn: Turn, case_id: int, version: int | None, cause: Cause | None = None, note: str = ""
) -> Case:
    """Ends the case for the hotline; the driver is told, and asked for a rating."""

    def done(uow: UnitOfWork) -> Case:
        before = desk.own(uow, turn, case_id, version)
        moved = move(before, Trigger.RESOLVE, turn.now())
        after = replace(moved, resolution="agent", cause=cause, cause_note=note or None)
        uow.cases.save(before, after)
        data = {} if cause is None else {"cause": cause.value}
        uow.cases.note(after.id, turn.now(), "resolved", turn.person.id, **data)
        if note:
            uow.caseload.set_note(after.id, note)
        desk.awake(uow, before)
        escalation.settled(uow, turn.services, after, "resolved_by_agent")
        if cause is not None:
            tell_topic(uow, turn.services, after, "cause", str(after.version), cause=cause.value)
        tell_driver(uow, turn.services, after, "resolved_by_agent", str(after.version))
        site.settled(uow, turn.services, after)
        return after

    return await turn.commit(done)


def takes_note(uow: UnitOfWork, turn: Turn, case: Case, words: str) -> bool:
    """Keeps what is noted in the topic of a case that an agent has just ended as what there is to say of it."""
    ended = case.state in {CaseState.RESOLVED, CaseState.CLOSED} and case.resolution == "agent"
    resolved = [event.at for event in uow.cases.events(case.id) if event.kind == "resolved"]
    if not ended or not words or not resolved or turn.now() - resolved[-1] > NOTE_WITHIN:
        return False
    note = words if case.cause_note is None else f"{case.cause_note}\n{words}"
    uow.caseload.set_note(case.id, note)
    tell_topic(uow, turn.services, case, "note_kept", str(turn.update_id))
    redraw_card(uow, turn.services, case)
    return True
