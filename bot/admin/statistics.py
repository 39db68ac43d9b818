"""`/stats`: how the support did, as a picture, and as a table."""

import asyncio

from bot.admin.forms import argument
from bot.admin.visit import Door, Section, Visit
from bot.domain.billing import Month
from bot.domain.period import WEEK
from bot.domain.rights import Right
from bot.operations import statistics
from bot.operations.statistics import Numbers
from bot.paper.statistics_png import statistics_png
from bot.views import statistics as view
from bot.views import statistics_csv
from bot.views.callbacks import Go
from bot.views.menu import home
from bot.views.screen import Attachment, Button, Screen, row

PAGE = "nm.show"
_CSV = "nm.csv"


async def _command(visit: Visit, token: str) -> None:
    await _show(visit, token.strip() or WEEK, instead=False)


async def _tapped(visit: Visit, arguments: tuple[str, ...]) -> None:
    """From the menu, which is a text, a new message; from below a picture, another one in its place."""
    await _show(visit, argument(arguments, 0) or WEEK, instead=bool(arguments))


async def _show(visit: Visit, token: str, *, instead: bool) -> None:
    numbers = await statistics.numbers(visit.acting, token)
    zone, now = numbers.operator.time_zone, visit.acting.now
    heading = view.heading(_whose(numbers), numbers.statistics, now, zone, visit.t)
    content = await asyncio.to_thread(statistics_png, numbers.statistics, heading, visit.t)
    picture = Attachment(view.PICTURE, content, "image/png")
    await visit.reply.picture(picture, _caption(visit, numbers), instead=instead)


def _caption(visit: Visit, numbers: Numbers) -> Screen:
    found, t = numbers.statistics, visit.t
    this_month = Month.of(visit.acting.now, numbers.operator.time_zone)
    periods = view.periods(found.period, this_month, lambda token: Go(PAGE, (token,)), t)
    table = row(Button(t("statistics.csv"), Go(_CSV, (found.period.token,))))
    return Screen(view.caption(_whose(numbers), found, t), (*periods, table, home(t)))


def _whose(numbers: Numbers) -> str:
    """The operator, or those of its companies that are meant."""
    return ", ".join(numbers.companies) or numbers.operator.name


async def _csv(visit: Visit, arguments: tuple[str, ...]) -> None:
    export = await statistics.export(visit.acting, argument(arguments, 0))
    await visit.reply.hand(statistics_csv.file(export, visit.t), statistics_csv.handed(export, visit.t))


SECTION = Section(
    commands={"stats": _command},
    taps={PAGE: _tapped, _CSV: _csv},
    doors=(Door("statistics", Go(PAGE), frozenset({Right.STATISTICS})),),
)
