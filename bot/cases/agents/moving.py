"""A group in which the bot may not work: its cases go to another one of the operator, where there is one."""

from dataclasses import replace

from bot.cases.agents import groups
from bot.cases.clock.waits import wait_for_agent
from bot.cases.services import Services
from bot.cases.turn import Turn
from bot.domain.case import ENDED_STATES, Case, CaseState, Trigger, move
from bot.domain.outgoing import Outgoing, OutgoingKind, Priority
from storage.uow import UnitOfWork


def leave(uow: UnitOfWork, services: Services, case: Case, chat: int) -> bool:
    """The bot may not work in a group: it gets no more cases for a while. Whether the case has another one now.

    An agent who had it there cannot act on it any more, so that it waits for one of the new group.
    """
    uow.hotlines.shut(case.operator_id, chat, services.now())
    if case.group_chat != chat:
        return case.group_chat is not None
    others = [each for each in uow.hotlines.kept(case.operator_id) if not groups.shut(services, each)]
    if not others or case.state in ENDED_STATES:
        return False
    after = groups.into(uow, services, case, others)
    if after.state is CaseState.WITH_AGENT:
        waiting = replace(move(after, Trigger.HAND_BACK, services.now()), agent_id=None)
        uow.cases.save(after, waiting)
        uow.cases.note(case.id, services.now(), "handed_back")
        wait_for_agent(uow, services, waiting)
    return True


async def membership(turn: Turn, *, gone: bool) -> None:
    """The bot was put out of a group, or may work in it again; its open cases go on elsewhere at once."""
    await turn.commit(lambda uow: _membership(uow, turn, gone=gone))


def _membership(uow: UnitOfWork, turn: Turn, *, gone: bool) -> None:
    chat, services = turn.conversation.chat, turn.services
    holder = uow.hotlines.holder(chat)
    if holder is None or services.accounts.of(holder).channel != turn.conversation.channel:
        return
    uow.hotlines.shut(holder, chat, turn.now() if gone else None)
    for number in uow.hotlines.with_cases(chat) if gone else ():
        # Its card cannot be drawn there, by which it finds its new group.
        uow.outbox.put(_card(number, f"card:{number}:left:{turn.update_id}"), turn.now())


def _card(number: int, key: str) -> Outgoing:
    lane = f"case:{number}"
    return Outgoing(OutgoingKind.CARD, lane, lane, key, number, priority=Priority.ESCALATION)
