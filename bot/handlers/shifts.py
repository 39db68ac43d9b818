"""`/shift` in a group of agents."""

from bot.cases.agents import caselist, shifts
from bot.domain.operator import Operator
from bot.domain.refusal import Refusal
from bot.telegram.reply import Reply
from bot.views import caselist as caselist_view
from bot.views import shift as view
from bot.views.screen import Screen
from storage.uow import UnitOfWork


async def in_group(reply: Reply, argument: str) -> None:
    """`/shift start`, `/shift end`, or who is on duty; a group that is of no operator is not answered."""
    operator = await _operator(reply)
    if operator is None:
        return
    t = reply.context.texts.to(operator.language)
    try:
        screen = await _screen(reply, operator, argument.lower())
    except Refusal as refusal:
        return await reply.show(Screen(t(f"refusal.{refusal.key}", **refusal.values)))
    await reply.show(view.in_group(screen, reply.turn.person.name, t))
    if argument.lower() == "start":
        waiting = await caselist.cases(reply.turn, mine=False)
        if waiting.cases:
            reply.shown = None
            await reply.show(caselist_view.cases(waiting, t))


async def _screen(reply: Reply, operator: Operator, argument: str) -> Screen:
    # What stands in a group is read by all of its agents, so it speaks the operator's language.
    t = reply.context.texts.to(operator.language)
    match argument:
        case "start":
            return view.started(await shifts.start(reply.turn, operator.id), t)
        case "end":
            return view.ended(await shifts.end(reply.turn, operator.id), t)
        case _:
            return view.show(await shifts.show(reply.turn, operator.id), t)


async def _operator(reply: Reply) -> Operator | None:
    """Whose agents the group is of."""

    def read(uow: UnitOfWork) -> Operator | None:
        holder = uow.hotlines.holder(reply.turn.conversation.chat)
        return None if holder is None else uow.operators.get(holder)

    return await reply.turn.services.database.read(read)
