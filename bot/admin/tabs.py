"""The tabs of a station's data sheet: what each one is, and how sections add theirs.

A section that has a tab makes one of these and names it in `TABS` of `bot/admin/data_sheet.py`, at its place in the
row; its label is the text `sheet_tab.<key>` (they are all there already). The frame, which is the head with the
station's name and the row of tabs, is drawn around what `show` returns, by `views.data_sheet.frame`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.admin.visit import Visit
from bot.domain.operator import Station
from bot.domain.refusal import Refusal
from bot.domain.rights import Right
from bot.operations import data_sheet
from bot.views.callbacks import short
from bot.views.screen import Screen


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab, shown to those who hold its right for the station's company.

    `show` returns the content: its text stands under the head, and at most some 3,000 characters of it; its buttons
    stand above the row of tabs. A page of the section leads back by `views.data_sheet.to_sheet(station.id, key)`.
    The right was checked in a transaction of its own; a use case that `show` calls checks it again in the one that
    reads.
    """

    key: str
    """A few letters: it stands in the data of buttons."""
    right: Right
    show: Callable[[Visit, Station], Awaitable[Screen]]


async def station_named(visit: Visit, shortened: str) -> Station:
    """The station whose ID `short` made into this, of those that the person may see.

    Refusal `station.gone` for any other, whether it belongs to somebody else or to nobody.
    """
    found = next(
        (each for each in await data_sheet.station_ids(visit.acting) if short(each) == shortened), None
    )
    if found is None:
        raise Refusal("station.gone")
    return await data_sheet.station(visit.acting, found)
