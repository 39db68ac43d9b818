"""`/station <id>` and the data sheet with its tabs."""

from datetime import date

from bot.admin import service, station_edit, stations, stickers, technicians
from bot.admin.stations import reaches
from bot.admin.tabs import Tab, station_named
from bot.admin.visit import Section, Visit
from bot.domain.operator import Station
from bot.domain.refusal import Refusal
from bot.domain.rights import Right
from bot.operations import data_sheet
from bot.operations.data_sheet import Several
from bot.views import data_sheet as view
from bot.views.screen import Screen


async def _general(visit: Visit, station: Station) -> Screen:
    return view.general(await data_sheet.general(visit.acting, station.id, reaches(visit)), visit.t)


async def _points(visit: Visit, station: Station) -> Screen:
    return view.points(await data_sheet.points(visit.acting, station.id), visit.t)


async def _errors(visit: Visit, station: Station) -> Screen:
    return view.errors(await data_sheet.errors(visit.acting, station.id), visit.t)


async def _history(visit: Visit, station: Station) -> Screen:
    return view.history(await data_sheet.history(visit.acting, station.id), station.id, visit.t)


HISTORY = Tab("history", Right.HISTORY, _history)
TABS: tuple[Tab, ...] = (
    Tab("general", Right.STATION_LIST, _general),
    Tab("points", Right.STATION_LIST, _points),
    service.TAB,
    technicians.TAB,
    Tab("errors", Right.ERRORS, _errors),
    HISTORY,
    stickers.TAB,
)
"""All tabs in the order in which they are shown."""


async def show(visit: Visit, station: Station, tab: Tab) -> None:
    """The data sheet at a tab; MissingRight without the right of that tab."""
    await _framed(visit, station, tab, await _content(visit, station, tab))


async def _content(visit: Visit, station: Station, tab: Tab) -> Screen:
    await data_sheet.station(visit.acting, station.id, tab.right)
    return await tab.show(visit, station)


async def _framed(visit: Visit, station: Station, tab: Tab, content: Screen) -> None:
    head = await data_sheet.head(visit.acting, station.id, reaches(visit))
    shown = [each.key for each in TABS if each.right in head.rights]
    await visit.show(view.frame(head, shown, tab.key, content, visit.t))


async def _command(visit: Visit, argument: str) -> None:
    """`/station <id>` or `/station edit <id>`."""
    words = argument.split()
    editing = bool(words) and words[0].casefold() == "edit"
    said = " ".join(words[1:] if editing else words)
    if not said:
        return await stations.show_list(visit)
    visit = await stations.arrived(visit)
    found = await data_sheet.find(visit.acting, said)
    match found:
        case Several():
            await stations.show_found(visit, said)
        case Station() if editing:
            await station_edit.show(visit, found.id)
        case Station():
            await show(visit, found, TABS[0])


async def _sheet(visit: Visit, arguments: tuple[str, ...]) -> None:
    """`st.sheet|station|tab`; the first tab where none is named."""
    shortened, key = (*arguments, "", "")[:2]
    station = await station_named(visit, shortened)
    await show(await stations.arrived(visit), station, _tab(key))


async def _day(visit: Visit, arguments: tuple[str, ...]) -> None:
    """`st.day|station|2026-11-22`: the history of a day."""
    shortened, written = (*arguments, "", "")[:2]
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise Refusal("button.old") from None
    station = await station_named(visit, shortened)
    told = await data_sheet.history(visit.acting, station.id, day)
    await _framed(visit, station, HISTORY, view.history(told, station.id, visit.t))


async def _why(visit: Visit, arguments: tuple[str, ...]) -> None:
    """Why "Operational management" is not shown; where it is by now, the tab itself."""
    station = await station_named(visit, (*arguments, "")[0])
    await data_sheet.station(visit.acting, station.id, Right.OPERATIONS_TAB)
    await show(visit, station, _tab("operations"))


def _tab(key: str) -> Tab:
    return next((each for each in TABS if each.key == key), TABS[0])


SECTION = Section(commands={"station": _command}, taps={"st.sheet": _sheet, "st.day": _day, "st.why": _why})
