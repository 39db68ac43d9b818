"""Agents in the topics of their hotline's group."""

from bot.cases import briefing, desk, errands, learning, relay, why
from bot.cases.errands import ErrandKind
from bot.domain.case import Case
from bot.domain.refusal import Refusal
from bot.domain.remote_action import RemoteCommand
from bot.telegram.incoming import Words
from bot.telegram.reply import Reply, private
from bot.views import agent
from bot.views import learning as learning_view
from bot.views import why as why_view
from bot.views.callbacks import CaseVerb, OnCase
from bot.views.i18n import Translate
from bot.views.screen import Keyboard, Screen

VERBS = frozenset(
    {
        CaseVerb.TAKE,
        CaseVerb.HAND_BACK,
        CaseVerb.ACTIONS,
        CaseVerb.CONFIRM,
        CaseVerb.ACT,
        CaseVerb.ERRAND,
        CaseVerb.TECHNICIAN,
        CaseVerb.RESOLVE,
        CaseVerb.CARD,
        CaseVerb.DRIVER,
    }
)


async def command(reply: Reply, name: str) -> None:
    """`/close` in a topic resolves its case, `/why` explains its diagnosis; others are not for groups."""
    if name not in {"close", "why"}:
        return
    case = await desk.case_in(reply.turn, reply.turn.conversation)
    if case is None:
        return await reply.show(Screen(reply.t("agent.not_a_case")))
    if name == "why":
        t = await _operators_texts(reply, case.id)
        return await reply.show(why_view.show(await why.of(reply.turn.services, case), t))
    # That it is resolved is told in the topic, as it is after the button.
    await desk.resolve(reply.turn, case.id, None)


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
    if button.verb in {CaseVerb.ACTIONS, CaseVerb.CONFIRM}:
        await reply.toast()
        return await _menu(reply, button, t)
    if button.verb is CaseVerb.DRIVER:
        return await _driver(reply, button, t)
    try:
        said_back = await _do(reply, button, t)
    except Refusal as refusal:
        await reply.toast(t(f"refusal.{refusal.key}", **refusal.values), alert=True)
    else:
        await reply.toast(said_back)
    await _draw(reply, button.case_id, t)


async def _do(reply: Reply, button: OnCase, t: Translate) -> str:
    turn, case_id, version = reply.turn, button.case_id, button.version
    match button.verb:
        case CaseVerb.TAKE:
            await desk.take(turn, case_id, version)
            return t("agent.taken")
        case CaseVerb.HAND_BACK:
            await desk.hand_back(turn, case_id, version)
            return t("agent.handed_back")
        case CaseVerb.TECHNICIAN:
            await desk.send_technician(turn, case_id, version)
            return t("agent.technician_sent")
        case CaseVerb.RESOLVE:
            return t("agent.closed", number=(await desk.resolve(turn, case_id, version)).id)
        case CaseVerb.ERRAND:
            await errands.run(turn, case_id, version, ErrandKind(button.argument))
            return t("agent.errand_done")
        case CaseVerb.ACT:
            command = RemoteCommand(button.argument)
            await desk.act(turn, case_id, version, command)
            return t("agent.sent", command=t(f"command.{command.value}"))
        case _:
            await desk.refresh(turn, case_id)
    return t("agent.refreshed")


async def _driver(reply: Reply, button: OnCase, t: Translate) -> None:
    """Shows the one who taps, and nobody else, how the driver is reached."""
    try:
        person = await desk.driver(reply.turn, button.case_id)
    except Refusal as refusal:
        return await reply.toast(t(f"refusal.{refusal.key}", **refusal.values), alert=True)
    await reply.toast(agent.contact(person, t), alert=True)


async def _menu(reply: Reply, button: OnCase, t: Translate) -> None:
    await desk.refresh(reply.turn, button.case_id)
    known = await briefing.read(reply.turn.services, button.case_id)
    keyboard: Keyboard = agent.actions_keyboard(known, t)
    if button.verb is CaseVerb.CONFIRM:
        keyboard = agent.confirm_keyboard(known, RemoteCommand(button.argument).value, t)
    await reply.show(Screen(agent.card(known, t).text, keyboard))


async def _draw(reply: Reply, case_id: int, t: Translate) -> None:
    known = await briefing.read(reply.turn.services, case_id)
    if known.operator.hotline_chat == reply.turn.conversation.chat:
        await reply.show(agent.card(known, t))


async def _operators_texts(reply: Reply, case_id: int) -> Translate:
    """A card is read by all agents, so it speaks the operator's language and not that of whoever taps."""
    known: Case = await desk.refresh(reply.turn, case_id)
    operator = await reply.turn.services.database.read(lambda uow: uow.operators.get(known.operator_id))
    return reply.context.texts.to(None if operator is None else operator.language)
