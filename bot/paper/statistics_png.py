"""How the support did, as a picture for a phone: the numbers first, then who solved what and when.

Chats scale a picture down whose longer side is long, so that it is kept short.
"""

import html
import re
from collections.abc import Sequence

from babel.numbers import format_percent

from bot.domain.rating import BEST
from bot.domain.statistics import Kept, Solver, Spread, Statistics
from bot.paper.canvas import Canvas, Colour, Ink, fitting, smaller, width
from bot.paper.statistics_bars import BAR_HEIGHT, HOURS_HEIGHT, bars, hours, name_of
from bot.paper.statistics_style import (
    BACKGROUND,
    CARD,
    COLOURS,
    COUNT,
    FAINT,
    GAP,
    LABEL,
    LEFT,
    MUTED,
    NAME,
    RIGHT,
    SMALL,
    STAR,
    STAR_OFF,
    TEXT,
    TINT,
    TITLE,
    WIDTH,
    Place,
    card,
    halves,
    whole,
)
from bot.paper.typeface import Face
from bot.views.i18n import Translate
from bot.views.spans import brief
from bot.views.statistics import Heading

_TALLEST = 1500
_ROW, _BETWEEN = 29.0, 4.0
_NUMBER = 100.0
_LEGEND = 25.0
_TOLD_FEW = 5
"""Of fewer cases than these nobody is told what nine of ten took."""
_MISSED: Colour = "#efd8cf"
_SYMBOLS = re.compile(r"^[^\w„“\"(]+")
_TAG = re.compile(r"<[^>]*>")


def statistics_png(found: Statistics, heading: Heading, t: Translate) -> bytes:
    """The picture, as wide as a phone shows well; what has no numbers is left out of it."""
    canvas = Canvas(WIDTH, _TALLEST, BACKGROUND)
    y = _heading(canvas, heading)
    if not found.cases:
        return canvas.png(_as_of(canvas, _nothing(canvas, y, t), heading))
    y = _numbers(canvas, y, found, t)
    y = _by_day(canvas, y, found, t)
    y = _symptoms(canvas, y, found, t)
    if found.verdicts:
        y = _top(canvas, whole(y), t("statistics.verdicts"), _named(found.verdicts, "verdict", t))
    return canvas.png(_as_of(canvas, _ends(canvas, y, found, t), heading))


def _heading(canvas: Canvas, heading: Heading) -> float:
    title = smaller(heading.period, TITLE, RIGHT - LEFT, 20)
    canvas.text(fitting(heading.whose, LABEL, RIGHT - LEFT), LEFT, 38, LABEL)
    canvas.text(fitting(heading.period, title, RIGHT - LEFT), LEFT, 72, title)
    if heading.days == heading.period:
        return 88
    canvas.text(fitting(heading.days, LABEL, RIGHT - LEFT), LEFT, 96, LABEL)
    return 112


def _nothing(canvas: Canvas, y: float, t: Translate) -> float:
    place = whole(y)
    card(canvas, place, 230)
    canvas.tick(WIDTH / 2, y + 84, 44, (TINT, COLOURS[Solver.BOT]))
    canvas.text(t("statistics.empty"), WIDTH / 2, y + 168, Ink(24, TEXT, Face.BOLD), "middle")
    more = smaller(t("statistics.empty_more"), LABEL, place.room, 11)
    canvas.text(t("statistics.empty_more"), WIDTH / 2, y + 198, more, "middle")
    return y + 230 + GAP


def _numbers(canvas: Canvas, y: float, found: Statistics, t: Translate) -> float:
    """Six numbers, each with what it is and what it is of."""
    share = format_percent(found.solved / found.cases, locale=t.language)
    solved = t("statistics.solved_of", solved=t.number(found.solved), cases=t.number(found.cases))
    average = "–" if found.average is None else t.number_to(found.average, 1)
    rated = "statistics.ratings_one" if found.rated == 1 else "statistics.ratings"
    ratings = t(rated, count=t.number(found.rated)) if found.rated else t("statistics.no_ratings")
    cells = (
        ("cases", t.number(found.cases), _peak(found, t)),
        ("solved", share, solved),
        ("rating", average, ratings),
        ("first_answer", *_spread(found.first_answer, "nobody_asked", t)),
        ("resolution", *_spread(found.resolution, "nothing_solved", t)),
        ("repeats", t.number(found.repeats), t("statistics.repeats_rule")),
    )
    wide = (RIGHT - LEFT - 2 * GAP) / 3
    for number, (key, value, more) in enumerate(cells):
        place = Place(LEFT + (number % 3) * (wide + GAP), y + (number // 3) * (_NUMBER + GAP), wide)
        end = _number(canvas, place, (t(f"statistics.{key}"), value, more))
        if key == "rating" and found.rated:
            canvas.star(end + 21, place.y + 53, 14, STAR)
    return y + 2 * (_NUMBER + GAP)


def _number(canvas: Canvas, place: Place, said: tuple[str, str, str]) -> float:
    """A number with what stands above and below it; returns where it ends."""
    label, value, more = said
    canvas.box(place.x, place.y, (place.width, _NUMBER), CARD, 12)
    above, below = smaller(label, LABEL, place.room, 12), smaller(more, SMALL, place.room, 11)
    ink = smaller(value, Ink(34, TEXT, Face.BOLD), place.room, 18)
    canvas.text(fitting(label, above, place.room), place.left, place.y + 26, above)
    canvas.text(fitting(more, below, place.room), place.left, place.y + 86, below)
    return place.left + canvas.text(value, place.left, place.y + 64, ink)


def _peak(found: Statistics, t: Translate) -> str:
    """When most of them came: the hour, or the day."""
    bar = max(found.bars, key=lambda each: each.total)
    return t("statistics.peak", when=name_of(bar, t, few=len(found.bars) <= 7))  # noqa: PLR2004  # The days of a week.


def _spread(spread: Spread | None, nothing: str, t: Translate) -> tuple[str, str]:
    if spread is None:
        return "–", t(f"statistics.{nothing}")
    if spread.count < _TOLD_FEW:
        of = "statistics.of_one" if spread.count == 1 else "statistics.of_some"
        return brief(spread.median, t), t(of, count=spread.count)
    return brief(spread.median, t), t("statistics.ninetieth", span=brief(spread.ninetieth, t))


def _by_day(canvas: Canvas, y: float, found: Statistics, t: Translate) -> float:
    """Bars by day or hour, and below them who solved how many, which tells the colours, too."""
    shown = [each for each in Solver if found.solved_by[each]]
    height = 48 + BAR_HEIGHT + 34 + -(-len(shown) // 2) * _LEGEND + 8
    place = whole(y)
    hourly = found.bars[0].hour is not None
    card(canvas, place, height, t("statistics.by_hour" if hourly else "statistics.by_day"))
    bars(canvas, Place(place.x, y + 48, place.width), found.bars, t)
    half = (place.room + 24) / 2
    for number, each in enumerate(shown):
        x = place.left + (number % 2) * half
        line = y + 48 + BAR_HEIGHT + 50 + (number // 2) * _LEGEND
        canvas.box(x, line - 13, (15, 15), COLOURS[each], 4)
        share = format_percent(found.solved_by[each] / found.cases, locale=t.language)
        canvas.text(share, x + half - 24, line, LABEL, "right")
        canvas.text(t.number(found.solved_by[each]), x + half - 24 - 58, line, COUNT, "right")
        canvas.text(fitting(t(f"solver.{each.value}"), NAME, half - 160), x + 24, line, NAME)
    return y + height + GAP


def _symptoms(canvas: Canvas, y: float, found: Statistics, t: Translate) -> float:
    """What drivers reported, and beside it how they rated, if any has."""
    head, entries = t("statistics.symptoms"), _named(found.symptoms, "symptom", t)
    if not found.rated:
        return _top(canvas, whole(y), head, entries)
    left, right = halves(y)
    _top(canvas, left, head, entries)
    return _ratings(canvas, right, found, t)


def _named(entries: Sequence[tuple[str, int]], table: str, t: Translate) -> list[tuple[str, str, float]]:
    """Names and numbers as they are shown, and how large each is beside the largest."""
    most = max(count for _, count in entries)
    return [(_said(t, table, name), t.number(count), count / most) for name, count in entries]


def _top(canvas: Canvas, place: Place, head: str, entries: Sequence[tuple[str, str, float]]) -> float:
    """The most frequent ones, each on a bar of its share of the largest; returns where the next card begins."""
    rows = BEST if place.width < WIDTH / 2 else len(entries)
    height = 44 + rows * (_ROW + _BETWEEN) + 10
    card(canvas, place, height, head)
    for number, (name, count, share) in enumerate(entries):
        top = place.y + 44 + number * (_ROW + _BETWEEN)
        canvas.box(place.left, top, (place.room * share, _ROW), TINT, 6)
        canvas.text(count, place.right - 8, top + 20, COUNT, "right")
        room = place.room - width(count, COUNT) - 30
        canvas.text(fitting(name, NAME, room), place.left + 9, top + 20, NAME)
    return place.y + height + GAP


def _ratings(canvas: Canvas, place: Place, found: Statistics, t: Translate) -> float:
    """How many drivers gave five to one star; returns where the next card begins."""
    height = 44 + BEST * (_ROW + _BETWEEN) + 10
    card(canvas, place, height, t("statistics.stars"))
    most = max(found.ratings) or 1
    left, right = place.left + 104, place.right - 44
    for row, stars in enumerate(range(BEST, 0, -1)):
        middle = place.y + 44 + row * (_ROW + _BETWEEN) + _ROW / 2
        for number in range(BEST):
            canvas.star(place.left + 8 + number * 18, middle, 8, STAR if number < stars else STAR_OFF)
        count = found.ratings[stars - 1]
        canvas.box(left, middle - 6, (right - left, 12), FAINT, 6)
        canvas.box(left, middle - 6, (max((right - left) * count / most, 12) if count else 0, 12), STAR, 6)
        canvas.text(t.number(count), place.right, middle + 6, COUNT if count else LABEL, "right")
    return place.y + height + GAP


def _ends(canvas: Canvas, y: float, found: Statistics, t: Translate) -> float:
    """When cases begin, unless the bars above have told the hours; and how promises were kept, if any was made."""
    promises = [
        (t(f"statistics.{name}"), kept)
        for name, kept in (("answers", found.answers), ("solutions", found.solutions))
        if kept is not None
    ]
    hourly = found.bars[0].hour is not None
    left, right = (whole(y), whole(y)) if hourly or not promises else halves(y)
    height = 48 + HOURS_HEIGHT + 32
    if not hourly:
        card(canvas, left, height, t("statistics.hours"))
        hours(canvas, Place(left.x, y + 48, left.width), found.hours)
    if promises:
        card(canvas, right, height, t("statistics.promises"))
        _promises(canvas, Place(right.x, y + 60, right.width), promises, t)
    return y if hourly and not promises else y + height + GAP


def _promises(canvas: Canvas, place: Place, promises: Sequence[tuple[str, Kept]], t: Translate) -> None:
    for number, (name, each) in enumerate(promises):
        line = place.y + number * 44
        share = format_percent(each.kept / each.of, locale=t.language)
        canvas.text(share, place.right, line, COUNT, "right")
        room = place.room - width(share, COUNT) - 10
        ink = smaller(name, NAME, room, 11)
        canvas.text(fitting(name, ink, room), place.left, line, ink)
        canvas.box(place.left, line + 9, (place.room, 9), _MISSED, 4.5)
        canvas.box(place.left, line + 9, (place.room * each.kept / each.of, 9), COLOURS[Solver.BOT], 4.5)


def _as_of(canvas: Canvas, y: float, heading: Heading) -> float:
    canvas.text(heading.as_of, RIGHT, y + 14, Ink(13, MUTED), "right")
    return y + 30


def _said(t: Translate, table: str, name: str) -> str:
    """A word of a vocabulary in plain text, without the symbols that no typeface of ours has."""
    return _SYMBOLS.sub("", html.unescape(_TAG.sub("", t.word(name, table)))).strip() or name
