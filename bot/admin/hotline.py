"""`/hotline`: in private, how it is set; in a group, makes that group the hotline."""

from collections.abc import Awaitable, Callable

from bot.admin.forms import argument, written
from bot.admin.visit import Door, Reaching, Section, Visit
from bot.domain.contact_details import checked_phone, read_contact
from bot.domain.operator import StickerLink
from bot.domain.refusal import Refusal
from bot.domain.rights import Right
from bot.operations import hotline
from bot.operations.acting import Acting
from bot.operations.hotline import Hotline
from bot.telegram.incoming import Words
from bot.views import hotline as view
from bot.views.callbacks import Go
from storage.repositories.desks import Form

_FORMS = ("phone", "waits", "manager")


async def _command(visit: Visit, _argument: str) -> None:
    await _shown(visit, await hotline.show(visit.acting))


async def _show(visit: Visit, _arguments: tuple[str, ...]) -> None:
    await _shown(visit, await hotline.show(visit.acting))


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


async def _unlink(visit: Visit, arguments: tuple[str, ...]) -> None:
    if argument(arguments, 0) != "yes":
        found = await hotline.show(visit.acting)
        return await visit.show(view.unlinking(found, visit.t))
    await _shown(visit, await hotline.unlink(visit.acting))


async def link_group(visit: Visit) -> None:
    """`/hotline` in a group; Refusal where no cases could be worked on in it."""
    conversation = visit.reply.turn.conversation
    fitness = await visit.reply.context.sender.of(conversation).fitness(conversation.chat)
    if fitness != "fit":
        raise Refusal(f"hotline.{fitness}")
    outcome = await hotline.link(visit.acting, conversation.chat)
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
        "hl.unlink": _unlink,
        **{f"hl.{what}": _asking(what) for what in _FORMS},
    },
    forms={f"hl.{what}": _answered(what) for what in _FORMS},
    doors=(Door("hotline", Go("hl.show"), frozenset({Right.HOTLINE}), Reaching.OPERATOR),),
)
