"""From an update to its handler. Order, repetition and failure are the inbox's; here it is only read."""

from typing import assert_never

from bot.cases.agents import moving
from bot.cases.drivers import standing
from bot.cases.talk import relay, rewording
from bot.cases.turn import Turn
from bot.domain.people import Person
from bot.domain.refusal import Refusal
from bot.domain.start_payload import INVITATION
from bot.handlers import agents, drivers, shifts, statistics, technicians
from bot.telegram.incoming import Incoming, Membership, Moved, Reacted, Tap, Words
from bot.telegram.reply import Context, Reply, private, unreachable
from bot.views import driver
from bot.views.callbacks import Go, Numbers, OnCase, OnJob, unpack
from bot.views.screen import Screen
from storage.once import AppliedBefore


async def handle(context: Context, incoming: Incoming, person: Person, *, applied: bool) -> None:
    """Handles one update. `applied` says that its change was committed before a restart: only the screen is owed."""
    turn = Turn(context.services, person, incoming.conversation, incoming.update_id)
    reply = Reply(context, turn, incoming.what if isinstance(incoming.what, Tap) else None)
    if applied:
        return await _redraw(reply, incoming)
    try:
        await _route(reply, incoming)
    except AppliedBefore:
        await _redraw(reply, incoming)
    except Refusal as refusal:
        await _refuse(reply, incoming, refusal)


async def apologise(context: Context, incoming: Incoming, person: Person, reference: str) -> None:
    """Our own failure, told with a reference that the person can quote."""
    if incoming.conversation.chat > 0:
        t = context.texts.to(person.language)
        await context.sender.send(incoming.conversation, Screen(t("error.reference", reference=reference)))


async def _route(reply: Reply, incoming: Incoming) -> None:
    match incoming.what:
        case Tap(data=data):
            await _tap(reply, data)
        case Words(edited=True, message=message):
            await rewording.edited(reply.turn, message)
        case Reacted(message=number, emoji=emoji):
            await rewording.reacted(reply.turn, number, emoji)
        case Words() as words:
            await _words(reply, words)
        case Membership(gone) if private(reply.turn):
            await unreachable(reply.context.services, reply.turn.person, unreachable=gone)
        case Membership(gone):
            await moving.membership(reply.turn, gone=gone)
        case Moved(new_chat):
            old, only = incoming.conversation.chat, reply.turn.only
            await reply.turn.commit(lambda uow: uow.hotlines.move(old, new_chat, only))
        case _:
            assert_never(incoming.what)


async def _words(reply: Reply, words: Words) -> None:
    name, argument = _command(words.message.words or "")
    if private(reply.turn):
        admin = reply.context.admin
        if name == "start" and argument.startswith(INVITATION):
            return await admin.invited(reply, argument.removeprefix(INVITATION))
        if name == "stats":
            return await statistics.command(reply, argument)
        if name in admin.commands:
            return await admin.command(reply, name, argument)
        if name in {None, "cancel"} and await admin.answers(reply, words, name):
            return
        if name in agents.ANYWHERE and await agents.is_agent(reply):
            return await agents.cases(reply, name)
        if name == "history":
            return await agents.history(reply, argument)
        if name == "jobs":
            return await technicians.listed(reply)
        if name is not None:
            return await drivers.command(reply, name, argument)
        if await technicians.message(reply, words):
            return
        return await drivers.message(reply, words)
    if name is not None and await reply.context.admin.in_group(reply, name):
        return
    if name == "stats":
        return await statistics.command(reply, argument)
    if name == "shift":
        return await shifts.in_group(reply, argument)
    if reply.turn.conversation.topic is None and name not in agents.ANYWHERE:
        return
    if name is not None:
        return await agents.command(reply, name, argument)
    await agents.message(reply, words)


async def _tap(reply: Reply, data: str) -> None:
    button = unpack(data)
    if button is None:
        raise Refusal("button.old")
    if isinstance(button, Numbers):
        return await statistics.tap(reply, button)
    if not private(reply.turn):
        if isinstance(button, OnCase) and button.verb in agents.VERBS:
            await agents.tap(reply, button)
        return
    if isinstance(button, Go):
        return await reply.context.admin.tap(reply, button)
    if isinstance(button, OnJob):
        return await technicians.tap(reply, button)
    await drivers.tap(reply, button)


async def _redraw(reply: Reply, incoming: Incoming) -> None:
    await reply.toast()
    button = unpack(incoming.what.data) if isinstance(incoming.what, Tap) else None
    if isinstance(button, OnJob):
        return await technicians.show(reply, button)
    silent = isinstance(incoming.what, Reacted) or (isinstance(incoming.what, Words) and incoming.what.edited)
    if private(reply.turn) and not silent:
        await reply.show(driver.show(await standing.show(reply.turn), reply.t))


async def _refuse(reply: Reply, incoming: Incoming, refusal: Refusal) -> None:
    text = reply.t(f"refusal.{refusal.key}", **refusal.values)
    if not private(reply.turn):
        if isinstance(incoming.what, Words) and not incoming.what.edited:
            return await reply.show(Screen(text))
        return await reply.toast(text, alert=True)
    # A tap was answered before the refusal was known, so it is told in the chat, with where things stand.
    shown = driver.show(await standing.show(reply.turn), reply.t)
    body = Screen(text) if shown is None else Screen(f"{text}\n\n{shown.text}", shown.keyboard)
    await reply.show(body)


def _command(text: str) -> tuple[str | None, str]:
    if not text.startswith("/") or text.startswith(relay.INTERNAL):
        return None, ""
    name, _, argument = text[1:].partition(" ")
    return name.split("@")[0].lower(), argument.strip()
