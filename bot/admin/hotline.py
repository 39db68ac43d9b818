"""`/hotline`: in private, how it is set; in a group, makes that group one of the hotline's."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from bot.admin.forms import argument, written
from bot.admin.visit import Door, Reaching, Section, Visit
from bot.domain.contact_details import checked_phone, read_contact
from bot.domain.operator import StickerLink
from bot.domain.refusal import Refusal
from bot.domain.rights import Right
from bot.operations import hotline
from bot.operations.acting import Acting
from bot.operations.hotline import Hotline
from bot.telegram.errors import SendError
from bot.telegram.incoming import Words
from bot.views import hotline as view
from bot.views.callbacks import Go, short
from storage.repositories.desks import Form

_FORMS = ("phone", "waits", "manager")


async def _command(visit: Visit, _argument: str) -> None:
    await _show(visit, ())


async def _show(visit: Visit, _arguments: tuple[str, ...]) -> None:
    await _shown(visit, await _named(visit, await hotline.show(visit.acting)))


async def _named(visit: Visit, found: Hotline) -> Hotline:
    """With what Telegram calls groups of an operator's file, of which only the number is known."""
    sender = visit.reply.context.sender.of(visit.reply.turn.conversation)
    titles = {}
    for chat in (each.group.chat for each in found.groups if each.group.title is None):
        # A group that the bot is not in keeps its number.
        with suppress(SendError):
            titles[chat] = await sender.title(chat)
    known = {chat: title for chat, title in titles.items() if title}
    return await hotline.name(visit.acting, known) if known else found


def _asking(what: str) -> Callable[[Visit, tuple[str, ...]], Awaitable[None]]:
    async def ask(visit: Visit, _arguments: tuple[str, ...]) -> None:
        await hotline.show(visit.acting)
        await visit.ask(Form(f"hl.{what}"), view.ask(what, visit.t))

    return ask


def _answered(what: str) -> Callable[[Visit, Form, Words], Awaitable[None]]:
    async def answer(visit: Visit, _form: Form, words: Words) -> None:
        await _shown(visit, await _ANSWERS[what](visit.closing(), written(words)))

    return answer


async def _phone(acting: Acting, text: str) -> Hotline:
    return await hotline.set_phone(acting, checked_phone(text))


async def _manager(acting: Acting, text: str) -> Hotline:
    return await hotline.set_manager(acting, read_contact(text))


async def _languages(visit: Visit, chosen: tuple[str, ...]) -> None:
    await hotline.show(visit.acting)
    await visit.show(view.languages(_known(visit, chosen), visit.reply.context.texts, visit.t))


async def _speak(visit: Visit, chosen: tuple[str, ...]) -> None:
    await _shown(visit, await hotline.set_languages(visit.acting, _known(visit, chosen)))


async def _link(visit: Visit, _arguments: tuple[str, ...]) -> None:
    found = await hotline.show(visit.acting)
    if found.operator.sticker_link is StickerLink.BOT and not visit.reply.turn.services.public_url:
        raise Refusal("sticker.no_page")
    await _shown(visit, await hotline.turn_link(visit.acting))


async def _group(visit: Visit, arguments: tuple[str, ...]) -> None:
    found = await hotline.group(visit.acting, await _chat(visit, arguments))
    await visit.show(view.group(found, visit.reply.context.texts, visit.t))


async def _group_speaks(visit: Visit, arguments: tuple[str, ...]) -> None:
    chat, codes = await _chat(visit, arguments), _known(visit, arguments[1:2])
    if not codes:
        raise Refusal("button.old")
    found = await hotline.speak(visit.acting, chat, codes[0])
    await visit.show(view.group(found, visit.reply.context.texts, visit.t))


async def _unlink(visit: Visit, arguments: tuple[str, ...]) -> None:
    chat = await _chat(visit, arguments)
    if argument(arguments, 1) != "yes":
        found = await hotline.show(visit.acting)
        asked = await hotline.group(visit.acting, chat)
        return await visit.show(view.unlinking(found, asked, visit.t))
    await _shown(visit, await hotline.take_out(visit.acting, chat))


async def _chat(visit: Visit, arguments: tuple[str, ...]) -> int:
    found = await hotline.show(visit.acting)
    chats = [each.group.chat for each in found.groups]
    named = [chat for chat in chats if short(str(chat)) == argument(arguments, 0)]
    if not named:
        raise Refusal("hotline.no_such_group")
    return named[0]


async def link_group(visit: Visit) -> None:
    """`/hotline` in a group; Refusal where no cases could be worked on in it."""
    conversation = visit.reply.turn.conversation
    sender = visit.reply.context.sender.of(conversation)
    fitness = await sender.fitness(conversation.chat)
    if fitness != "fit":
        raise Refusal(f"hotline.{fitness}")
    title = await sender.title(conversation.chat)
    outcome = await hotline.link(visit.acting, conversation.chat, title)
    await visit.show(view.linked(outcome, visit.reply.context.texts.to(visit.operator.language)))


async def _shown(visit: Visit, found: Hotline) -> None:
    limits = visit.reply.turn.services.limits
    usual = tuple(
        int(each.total_seconds() // 60)
        for each in (limits.agent_takes_within, limits.agent_takes_danger_within)
    )
    await visit.show(view.show(found, (usual[0], usual[1]), visit.reply.context.texts, visit.t))


def _known(visit: Visit, codes: tuple[str, ...]) -> tuple[str, ...]:
    there = visit.reply.context.texts.by_language
    return tuple(code for code in dict.fromkeys(codes) if code in there)


_ANSWERS: dict[str, Callable[[Acting, str], Awaitable[Hotline]]] = {
    "phone": _phone,
    "waits": hotline.set_waits,
    "manager": _manager,
}
SECTION = Section(
    commands={"hotline": _command},
    taps={
        "hl.show": _show,
        "hl.languages": _languages,
        "hl.speak": _speak,
        "hl.link": _link,
        "hl.group": _group,
        "hl.group_speaks": _group_speaks,
        "hl.unlink": _unlink,
        **{f"hl.{what}": _asking(what) for what in _FORMS},
    },
    forms={f"hl.{what}": _answered(what) for what in _FORMS},
    doors=(Door("hotline", Go("hl.show"), frozenset({Right.HOTLINE}), Reaching.OPERATOR),),
)
