"""From an update to its handler. Order, repetition and failure are the inbox's; here it is only read."""

from telegram import CallbackQuery, ChatMember, Message, Update

from bot.cases import relay, standing
from bot.cases.turn import AppliedBefore, Turn
from bot.domain.people import Address, Person
from bot.domain.refusal import Refusal
from bot.handlers import agents, drivers, technicians
from bot.handlers.context import Context, Reply, private, unreachable
from bot.telegram.incoming import address, said
from bot.views import driver
from bot.views.callbacks import OnCase, unpack
from bot.views.screen import Screen

_GONE = frozenset({ChatMember.BANNED, ChatMember.LEFT})


async def handle(context: Context, update: Update, person: Person, *, applied: bool) -> None:
    """Handles one update. `applied` says that its change was committed before a restart: only the screen is owed."""
    conversation = _conversation(update)
    if conversation is None:
        return
    turn = Turn(context.services, person, conversation, update.update_id)
    reply = Reply(context, turn, update.callback_query)
    try:
        if applied:
            raise AppliedBefore
        await _route(reply, update)
    except AppliedBefore:
        await _redraw(reply)
    except Refusal as refusal:
        await _refuse(reply, refusal)


async def apologise(context: Context, update: Update, person: Person, reference: str) -> None:
    """Our own failure, told with a reference that the person can quote."""
    conversation = _conversation(update)
    if conversation is not None and conversation.chat > 0:
        t = context.texts.to(person.language)
        await context.sender.send(conversation, Screen(t("error.reference", reference=reference)))


def _conversation(update: Update) -> Address | None:
    if update.my_chat_member is not None:
        return Address("telegram", update.my_chat_member.chat.id)
    message = update.effective_message
    return None if message is None else address(message)


async def _route(reply: Reply, update: Update) -> None:
    if update.callback_query is not None:
        await _tap(reply, update.callback_query)
    elif update.my_chat_member is not None:
        await _membership(reply, update.my_chat_member.new_chat_member.status)
    elif update.edited_message is not None:
        await relay.edited(reply.turn, said(update.edited_message))
    elif update.message is not None:
        await _message(reply, update.message)


async def _message(reply: Reply, message: Message) -> None:
    if message.migrate_to_chat_id is not None:
        old, new = message.chat.id, message.migrate_to_chat_id
        return await reply.turn.commit(lambda uow: uow.operators.move_hotline(old, new))
    name, argument = _command(message)
    if private(reply.turn):
        if name is not None:
            return await drivers.command(reply, name, argument)
        return await drivers.message(reply, message)
    if reply.turn.conversation.topic is None:
        return
    if name is not None:
        return await agents.command(reply, name)
    await agents.message(reply, message)


async def _tap(reply: Reply, query: CallbackQuery) -> None:
    button = unpack(query.data or "")
    if button is None:
        raise Refusal("button.old")
    if not private(reply.turn):
        if isinstance(button, OnCase) and button.verb in agents.VERBS:
            await agents.tap(reply, button)
        return
    if isinstance(button, OnCase) and button.verb in technicians.VERBS:
        return await technicians.tap(reply, button)
    await drivers.tap(reply, button)


async def _membership(reply: Reply, status: str) -> None:
    if private(reply.turn):
        gone = status in _GONE
        await unreachable(reply.context.services, reply.turn.person, unreachable=gone)


async def _redraw(reply: Reply) -> None:
    await reply.toast()
    if private(reply.turn):
        await reply.show(driver.show(await standing.show(reply.turn), reply.t))


async def _refuse(reply: Reply, refusal: Refusal) -> None:
    text = reply.t(f"refusal.{refusal.key}", **refusal.values)
    if not private(reply.turn):
        await reply.toast(text, alert=True)
        return
    # A tap was answered before the refusal was known, so it is told in the chat, with where things stand.
    shown = driver.show(await standing.show(reply.turn), reply.t)
    body = Screen(text) if shown is None else Screen(f"{text}\n\n{shown.text}", shown.keyboard)
    await reply.show(body)


def _command(message: Message) -> tuple[str | None, str]:
    text = message.text or ""
    if not text.startswith("/") or text.startswith(relay.INTERNAL):
        return None, ""
    name, _, argument = text[1:].partition(" ")
    return name.split("@")[0].lower(), argument.strip()
