"""Agents in the group of their hotline, and what they ask of it in private."""

import html

from bot.cases.agents import briefing, caselist, closing, desk
from bot.cases.drivers import why
from bot.cases.remote import errands, learning
from bot.cases.remote.errands import ErrandKind
from bot.cases.talk import relay
from bot.domain.case import Case
from bot.domain.refusal import Refusal
from bot.domain.remote_action import RemoteCommand
from bot.handlers import agent_menus
from bot.telegram.incoming import Words
from bot.telegram.reply import Reply, private
from bot.views import agent
from bot.views import caselist as caselist_view
from bot.views import learning as learning_view
from bot.views import why as why_view
from bot.views.callbacks import CaseVerb, OnCase
from bot.views.i18n import Translate
from bot.views.screen import Screen

VERBS = (
    agent_menus.OPENS
    | agent_menus.DOES
    | frozenset(
        {
            CaseVerb.TAKE,
            CaseVerb.HAND_BACK,
            CaseVerb.ACT,
            CaseVerb.ERRAND,
            CaseVerb.TECHNICIAN,
            CaseVerb.CARD,
            CaseVerb.DRIVER,
            CaseVerb.TAKE_LISTED,
        }
    )
)
ANYWHERE = frozenset({"queue", "mine"})
"""Commands that work in all of a group, and in private for agents."""


async def command(reply: Reply, name: str, argument: str) -> None:
    """`/close`, `/why` and `/history` in a topic, lists anywhere in the group; other commands are not for groups."""
    if name in ANYWHERE:
        return await cases(reply, name)
    if name not in {"close", "why", "history"} or reply.turn.conversation.topic is None:
        return
    case = await desk.case_in(reply.turn, reply.turn.conversation)
    if case is None:
        return await reply.show(Screen(reply.t("agent.not_a_case")))
    t = await _operators_texts(reply, case.id)
    if name == "why":
        return await reply.show(why_view.show(await why.of(reply.turn.services, case), t))
    if name == "history":
        return await reply.show(caselist_view.history(await caselist.of_topic(reply.turn, case), t))
    # That it is resolved is told in the topic, as it is after the button.
    await closing.resolve(reply.turn, case.id, None, note=argument)


async def cases(reply: Reply, name: str) -> None:
    """`/queue` and `/mine`: what waits, and what whoever asks has."""
    try:
        found = await caselist.cases(reply.turn, mine=name == "mine")
    except Refusal as refusal:
        return await reply.show(Screen(reply.t(f"refusal.{refusal.key}", **refusal.values)))
    t = reply.context.texts.to(found.operator.language) if found.group else reply.t
    await reply.show(caselist_view.cases(found, t))


async def history(reply: Reply, evse: str) -> None:
    """`/history <EVSE>` in private."""
    try:
        found = await caselist.of_evse(reply.turn, evse)
    except Refusal as refusal:
        return await reply.show(Screen(reply.t(f"refusal.{refusal.key}", **refusal.values)))
    await reply.show(caselist_view.history(found, reply.t))


async def is_agent(reply: Reply) -> bool:
    """Whether whoever writes in private is an agent of some operator."""
    turn = reply.turn
    return await turn.services.database.read(lambda uow: caselist.is_agent(uow, turn))


async def stats(reply: Reply, about: str) -> None:
    """`/stats fixes`: which remote remedies have helped, for members who may send them."""
    if about != "fixes":
        return
    try:
        found = await learning.fixes(reply.turn)
    except Refusal as refusal:
        return await reply.show(Screen(reply.t(f"refusal.{refusal.key}", **refusal.values)))
    # What stands in a group is read by all of its agents.
    t = reply.t if private(reply.turn) else reply.context.texts.to(found[0].operator.language)
    await reply.show(learning_view.show(found, t))


async def message(reply: Reply, received: Words) -> None:
    """What is written in a topic goes to the driver."""
    case = await desk.case_in(reply.turn, reply.turn.conversation)
    if case is not None:
        await relay.from_agent(reply.turn, case, received.message)


async def tap(reply: Reply, button: OnCase) -> None:
    """A button on a card. The tap is answered with what came of it, and the card is drawn anew."""
    t = await _operators_texts(reply, button.case_id)
    if button.verb is CaseVerb.DRIVER:
        return await _driver(reply, button, t)
    try:
        if button.verb in agent_menus.OPENS:
            screen = await agent_menus.opened(reply, button, t)
            await reply.toast()
            return await reply.show(screen)
        said_back = await _do(reply, button, t)
    except Refusal as refusal:
        await reply.toast(_plain(t(f"refusal.{refusal.key}", **refusal.values)), alert=True)
    else:
        await reply.toast(_plain(said_back))
    if button.verb is CaseVerb.TAKE_LISTED:
        return await reply.show(caselist_view.cases(await caselist.cases(reply.turn, mine=False), t))
    await _draw(reply, button.case_id, t)


async def _do(reply: Reply, button: OnCase, t: Translate) -> str:
    turn, case_id, version = reply.turn, button.case_id, button.version
    match button.verb:
        case CaseVerb.TAKE | CaseVerb.TAKE_LISTED:
            await desk.take(turn, case_id, version)
            return t("agent.taken")
        case CaseVerb.HAND_BACK:
            await desk.hand_back(turn, case_id, version)
            return t("agent.handed_back")
        case CaseVerb.TECHNICIAN:
            await desk.send_technician(turn, case_id, version)
            return t("agent.technician_sent")
        case CaseVerb.ERRAND:
            await errands.run(turn, case_id, version, ErrandKind(button.argument))
            return t("agent.errand_done")
        case CaseVerb.ACT:
            command = RemoteCommand(button.argument)
            await desk.act(turn, case_id, version, command)
            return t("agent.sent", command=t(f"command.{command.value}"))
        case verb if verb in agent_menus.DOES:
            return await agent_menus.done(reply, button, t)
        case _:
            await desk.refresh(turn, case_id)
    return t("agent.refreshed")


def _plain(text: str) -> str:
    """Without the escapes that only messages need."""
    return html.unescape(text)


async def _driver(reply: Reply, button: OnCase, t: Translate) -> None:
    """Shows the one who taps, and nobody else, how the driver is reached."""
    try:
        person = await desk.driver(reply.turn, button.case_id)
    except Refusal as refusal:
        return await reply.toast(t(f"refusal.{refusal.key}", **refusal.values), alert=True)
    await reply.toast(agent.contact(person, t), alert=True)


async def _draw(reply: Reply, case_id: int, t: Translate) -> None:
    known = await briefing.read(reply.turn.services, case_id)
    if known.case.group_chat == reply.turn.conversation.chat:
        await reply.show(agent.card(known, t))


async def _operators_texts(reply: Reply, case_id: int) -> Translate:
    """A card is read by all agents, so it speaks the operator's language and not that of whoever taps."""
    known: Case = await desk.refresh(reply.turn, case_id)
    operator = await reply.turn.services.database.read(lambda uow: uow.operators.get(known.operator_id))
    return reply.context.texts.to(None if operator is None else operator.language)
