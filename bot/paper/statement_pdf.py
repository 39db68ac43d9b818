"""A month's statement for an operator, on as many A4 pages as it takes."""

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal

from bot.domain.billing import Line, Statement
from bot.paper.drawing import BLACK, Area, Box, Mark, Page, flush
from bot.paper.pdf import pdf
from bot.paper.typeface import LINE, Face, printable, width
from bot.paper.typeset import Block, Style, abridge, fit, points, words
from bot.views.i18n import Translate

_WIDTH, _HEIGHT = 210.0, 297.0
_LEFT, _RIGHT = 20.0, 190.0
_TOP, _BOTTOM = 18.0, 276.0
# Where the table begins on the first page.
_TABLE = 64.0
_FOOTER = 284.0
_ROW, _HEAD = 6.4, 7.4
_GAP = 4.0
_HAIR, _STROKE = 0.15, 0.5
_PALE, _SOFT = 0.82, 0.35

_TITLE = Style(Face.BOLD, points(22), points(22))
_OPERATOR = Style(Face.BOLD, points(12), points(9), 3)
_LABEL = Style(Face.REGULAR, points(8), points(8))
_VALUE = Style(Face.BOLD, points(10), points(8))
_CELL = Style(Face.REGULAR, points(9), points(8.5))
_COLUMN = Style(Face.BOLD, points(8.5), points(8.5))
_SUM = Style(Face.BOLD, points(13), points(8))
_SMALL = Style(Face.REGULAR, points(8), points(6), 3)

# What the sum and the rule below it take, and how many rows go with them onto a page of their own.
_TOTAL_HEIGHT = 30.0
_WITH_TOTAL = 3
_MOST_STATION = 48.0
_LEAST_LOCATION = 20.0


@dataclass(frozen=True, slots=True)
class _Column:
    """`x` is where it begins, or where it ends if it is `right`."""

    title: str
    x: float
    width: float
    right: bool


_Row = tuple[str, str, str, str, str]


def statement_pdf(statement: Statement, zone: str, t: Translate) -> bytes:
    """The file, in the language of `t`; days are those of the operator's time zone.

    Names are abridged where they are too long for their column, amounts never. The same statement gives the same
    bytes.
    """
    title = f"{t('paper.statement')} {statement.month} {statement.operator_name}"
    return pdf(statement_pages(statement, zone, t), title, t.language)


def statement_pages(statement: Statement, zone: str, t: Translate) -> list[Page]:
    """What `statement_pdf` draws: the opening on the first page, the table's head on each, the sum on the last."""
    rows = [_row(line, statement.currency, zone, t) for line in statement.lines]
    columns = _columns(rows, t)
    parts = _parts(rows, _TABLE)
    pages = []
    for number, part in enumerate(parts, start=1):
        y, opening = (_TABLE, _opening(statement, t)) if number == 1 else (_TOP, iter(()))
        marks = [*opening, *(_table(columns, part, y) if rows else _nothing(y, t))]
        if number == len(parts):
            marks += _total(statement, y + _HEAD + max(len(part), 1) * _ROW, t)
        pages.append(Page(_WIDTH, _HEIGHT, (*marks, *_footer(statement, number, len(parts), t))))
    return pages


def _row(line: Line, currency: str, zone: str, t: Translate) -> _Row:
    since = line.since.astimezone(ZoneInfo(zone))
    day = format_date(since, t("paper.day"), locale=t.language)
    reason = html.unescape(t(f"paper_reason.{line.reason}", day=day))
    texts = (line.station_id, line.location, reason)
    station, location, what = map(printable, texts)
    return station, location, what, _money(line.price, currency, t), _money(line.amount, currency, t)


def _money(amount: Decimal, currency: str, t: Translate) -> str:
    return printable(t.money(amount, currency))


def _columns(rows: Sequence[_Row], t: Translate) -> tuple[_Column, ...]:
    """As wide as what stands in them; the location takes what remains."""
    titles = tuple(
        t(f"paper.statement_{name}") for name in ("station", "location", "what", "price", "amount")
    )
    station, _, what, price, amount = (
        max([width(title, _COLUMN.face, _COLUMN.largest), *(_cell_width(row[index]) for row in rows)])
        for index, title in enumerate(titles)
    )
    others = what + price + amount + 4 * _GAP
    station = min(station, _MOST_STATION, _RIGHT - _LEFT - others - _LEAST_LOCATION)
    what_x = _RIGHT - amount - price - what - 2 * _GAP
    location_x = _LEFT + station + _GAP
    return (
        _Column(titles[0], _LEFT, station, right=False),
        _Column(titles[1], location_x, what_x - _GAP - location_x, right=False),
        _Column(titles[2], what_x, what, right=False),
        _Column(titles[3], _RIGHT - amount - _GAP, price, right=True),
        _Column(titles[4], _RIGHT, amount, right=True),
    )


def _cell_width(text: str) -> float:
    return width(text, _CELL.face, _CELL.largest)


def _parts(rows: Sequence[_Row], top: float) -> list[Sequence[_Row]]:
    """The rows of each page; the last has room for the sum, and a few rows above it where there are any."""
    parts: list[Sequence[_Row]] = []
    rest, y = rows, top
    while not parts or rest:
        fits = int((_BOTTOM - y - _HEAD) / _ROW)
        parts.append(rest[:fits])
        rest, last_y, y = rest[fits:], y, _TOP
    last = parts[-1]
    if last_y + _HEAD + len(last) * _ROW + _TOTAL_HEIGHT > _BOTTOM:
        kept = max(len(last) - _WITH_TOTAL, 0)
        parts[-1:] = [last[:kept], last[kept:]] if kept else [last]
    return parts


def _opening(statement: Statement, t: Translate) -> Iterator[Mark]:
    """The title, and for whom and when it is."""
    yield from flush(_line(t("paper.statement"), _TITLE), _LEFT, _TOP)
    y = _TOP + 16
    yield Area(Box(_LEFT, y, _RIGHT - _LEFT, _STROKE), BLACK)
    state = t("paper.statement_closed" if statement.closed else "paper.statement_open")
    month = format_date(date(statement.month.year, statement.month.month, 1), "LLLL y", locale=t.language)
    count = format_decimal(len(statement.lines), locale=t.language)
    yield from _fact(t("paper.statement_for"), statement.operator_name, Box(_LEFT, y + 5, 82, 20))
    yield from _fact(t("paper.statement_month"), month, Box(_LEFT + 88, y + 5, 40, 20))
    yield from _fact(t("paper.statement_stations"), count, Box(_LEFT + 130, y + 5, 40, 20))
    yield from _fact(t("paper.statement_state"), state, Box(_LEFT + 88, y + 15, 82, 20))


def _fact(label: str, value: str, box: Box) -> Iterator[Mark]:
    yield from flush(_line(label, _LABEL), box.x, box.y, _SOFT)
    below = box.y + _LABEL.largest * LINE
    text = printable(value)
    block = fit(words(text), replace(_VALUE, lines=2), box.width) or abridge(text, _VALUE, box.width)
    yield from flush(block, box.x, below)


def _table(columns: Sequence[_Column], rows: Sequence[_Row], y: float) -> Iterator[Mark]:
    titles = tuple(column.title for column in columns)
    yield from _cells(columns, titles, _COLUMN, Box(_LEFT, y, 0, _HEAD))
    yield Area(Box(_LEFT, y + _HEAD - _STROKE, _RIGHT - _LEFT, _STROKE / 2), BLACK)
    for number, row in enumerate(rows):
        top = y + _HEAD + number * _ROW
        yield from _cells(columns, row, _CELL, Box(_LEFT, top, 0, _ROW))
        yield Area(Box(_LEFT, top + _ROW - _HAIR, _RIGHT - _LEFT, _HAIR), _PALE)


def _cells(columns: Iterable[_Column], texts: Iterable[str], style: Style, box: Box) -> Iterator[Mark]:
    for column, text in zip(columns, texts, strict=True):
        block = _line(text, style) if column.right else abridge(text, style, column.width)
        x = column.x - width(block.lines[0], block.face, block.size) if column.right else column.x
        yield from flush(block, x, box.y + (box.height - block.height) / 2)


def _nothing(y: float, t: Translate) -> Iterator[Mark]:
    yield from flush(_line(t("paper.statement_none"), _CELL), _LEFT, y + _HEAD)


def _total(statement: Statement, y: float, t: Translate) -> Iterator[Mark]:
    yield Area(Box(_LEFT, y + 2, _RIGHT - _LEFT, _STROKE), BLACK)
    amount = _line(_money(statement.total, statement.currency, t), _SUM)
    yield from flush(_line(t("paper.statement_total"), _SUM), _LEFT, y + 5)
    yield from flush(amount, _RIGHT - width(amount.lines[0], amount.face, amount.size), y + 5)
    rule = fit(words(t("paper.statement_rule")), _SMALL, _RIGHT - _LEFT)
    if rule is not None:
        yield from flush(rule, _LEFT, y + 16, _SOFT)


def _footer(statement: Statement, number: int, of: int, t: Translate) -> Iterator[Mark]:
    yield Area(Box(_LEFT, _FOOTER - 2, _RIGHT - _LEFT, _HAIR), _PALE)
    page = _line(t("paper.statement_page", page=number, pages=of), _LABEL)
    page_width = width(page.lines[0], page.face, page.size)
    about = printable(f"{statement.operator_name} · {statement.month}")
    room = _RIGHT - _LEFT - page_width - _GAP
    yield from flush(abridge(about, _LABEL, room), _LEFT, _FOOTER, _SOFT)
    yield from flush(page, _RIGHT - page_width, _FOOTER, _SOFT)


def _line(text: str, style: Style) -> Block:
    """One line at its full size, however long."""
    return Block((text,), style.face, style.largest)
