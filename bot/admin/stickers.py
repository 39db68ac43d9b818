"""`/stickers` and the tab of the data sheet: print-ready sheets, and single stickers as SVG and PNG."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from bot.admin.tabs import Tab
from bot.admin.visit import Section, Visit
from bot.domain.account import Account
from bot.domain.operator import Operator, Station, StickerLink
from bot.domain.refusal import Refusal
from bot.domain.rights import Right
from bot.domain.start_payload import page_link
from bot.operations import stickers
from bot.paper.sticker import Sticker, UnprintableSticker, start_link, stickers_of
from bot.paper.sticker_pdf import sheet
from bot.paper.sticker_png import single_png
from bot.paper.sticker_svg import single_svg
from bot.views import stickers as view
from bot.views.callbacks import short
from bot.views.menu import home
from bot.views.screen import Attachment, Screen

SINGLE_MM = 90
"""The width of a single one; an SVG can be scaled, a PNG has 300 dots per inch."""


async def _tab(visit: Visit, station: Station) -> Screen:
    return view.show(await stickers.of_station(visit.acting, station.id), visit.t)


async def _command(visit: Visit, argument: str) -> None:
    if not argument:
        raise Refusal("sticker.which")
    screen = view.show(await stickers.of_station(visit.acting, argument), visit.t)
    await visit.show(replace(screen, keyboard=(*screen.keyboard, home(visit.t))))


async def _print(visit: Visit, arguments: tuple[str, ...]) -> None:
    """`sk.print|station|pdf`, or `sk.print|station|svg|charging point`."""
    shortened, form, *rest = (*arguments, "", "")
    station = await stickers.station_named(visit.acting, lambda station_id: short(station_id) == shortened)
    evse_id = next((e.evse_id for e in station.evses if short(e.evse_id) == rest[0]), None)
    if form not in _FORMS or (form != "pdf" and evse_id is None):
        raise Refusal("button.old")
    link = _link(visit, visit.operator)
    found = await stickers.hand_out(visit.acting, station.id, evse_id, form)
    languages = found.operator.languages or (found.operator.language,)
    speaking = [visit.reply.context.texts.to(code) for code in dict.fromkeys(languages)]
    wanted = stickers_of(found.places, link, speaking)
    try:
        # Drawing a sheet and reading it back takes a moment, in which others must not wait.
        attachment = await asyncio.to_thread(_FORMS[form], visit, wanted)
    except UnprintableSticker as error:
        raise Refusal("sticker.unprintable", why=str(error)) from error
    await visit.reply.hand(attachment, view.handed(found, form, visit.t))


def _link(visit: Visit, operator: Operator) -> Callable[[str], str]:
    """What the code of a sticker opens; Refusal as long as that is not known."""
    services = visit.reply.turn.services
    if operator.sticker_link is StickerLink.PAGE:
        if not services.public_url:
            raise Refusal("sticker.no_page")
        return lambda evse_id: page_link(services.public_url, evse_id)
    account: Account = services.accounts.of(operator.id)
    username = services.accounts.usernames.get(account)
    if username is None:
        raise Refusal("sticker.no_bot")
    return lambda evse_id: start_link(username, evse_id)


def _pdf(visit: Visit, wanted: tuple[Sticker, ...]) -> Attachment:
    name = wanted[0].station.split(" · ")[0]
    return Attachment(view.file_name(name, "pdf"), sheet(wanted, visit.t), "application/pdf")


def _svg(_visit: Visit, wanted: tuple[Sticker, ...]) -> Attachment:
    name = view.file_name(wanted[0].evse_id, "svg")
    return Attachment(name, single_svg(wanted[0], SINGLE_MM), "image/svg+xml")


def _png(_visit: Visit, wanted: tuple[Sticker, ...]) -> Attachment:
    name = view.file_name(wanted[0].evse_id, "png")
    return Attachment(name, single_png(wanted[0], SINGLE_MM), "image/png")


_FORMS = {"pdf": _pdf, "svg": _svg, "png": _png}
TAB = Tab("stickers", Right.STICKERS, _tab)
SECTION = Section(commands={"stickers": _command}, taps={"sk.print": _print})
