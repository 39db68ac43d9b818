"""Technicians in their private chats."""

from bot.cases import briefing, dispatch
from bot.cases.readers import one
from bot.domain.refusal import Refusal
from bot.telegram.reply import Reply
from bot.views import technician
from bot.views.callbacks import CaseVerb, OnCase

VERBS = frozenset({CaseVerb.ACCEPT, CaseVerb.DECLINE, CaseVerb.FIXED})


async def tap(reply: Reply, button: OnCase) -> None:
    """A button under a job."""
    await reply.toast()
    turn = reply.turn
    match button.verb:
        case CaseVerb.ACCEPT:
            outcome = await dispatch.accept(turn, button.case_id, button.version)
        case CaseVerb.DECLINE:
            outcome = await dispatch.decline(turn, button.case_id, button.version)
        case CaseVerb.FIXED:
            outcome = await dispatch.fixed(turn, button.case_id, button.version)
        case _:
            raise Refusal("button.old")
    known = await briefing.read(turn.services, outcome.case.id, one(turn.person.telegram_id))
    await reply.show(technician.stands(outcome, known, reply.t))
