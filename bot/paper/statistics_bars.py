"""The upright bars in the picture of statistics: cases by day, split by who solved them, and by hour."""

from collections.abc import Sequence

from bot.domain.statistics import Bar, Solver
from bot.paper.canvas import Canvas, Ink, width
from bot.paper.statistics_style import COLOURS, FAINT, MUTED, TINT, Place
from bot.views.i18n import Translate

BAR_HEIGHT = 140.0
HOURS_HEIGHT = 64.0
_AXIS = Ink(13.5, MUTED)
_WIDEST = 54.0
_SEVERAL_LABELS = 8
"""More bars than these have names at some of them only."""


def bars(canvas: Canvas, place: Place, shown: Sequence[Bar], t: Translate) -> None:
    """Stacked bars from the top of a place down to their axis, with lines at the whole and the half of their scale."""
    top = scale(max(bar.total for bar in shown))
    y, left, right = place.y, place.left + width(t.number(top), _AXIS) + 10, place.right
    for mark in (top, top // 2, 0) if top % 2 == 0 else (top, 0):
        line = y + BAR_HEIGHT * (1 - mark / top)
        canvas.box(left, line - 0.5, (right - left, 1), FAINT if mark else TINT)
        canvas.text(t.number(mark), left - 8, line + 5, _AXIS, "right")
    step = (right - left) / len(shown)
    wide = min(step * 0.68, _WIDEST)
    every = 1 if len(shown) < _SEVERAL_LABELS else 6 if shown[0].hour is not None else 5
    for number, bar in enumerate(shown):
        middle = left + step * (number + 0.5)
        _stack(canvas, (middle - wide / 2, y, wide), bar, top)
        if number % every == 0:
            named = name_of(bar, t, few=every == 1)
            inside = min(middle, right - width(named, _AXIS) / 2)
            canvas.text(named, inside, y + BAR_HEIGHT + 20, _AXIS, "middle")


def _stack(canvas: Canvas, place: tuple[float, float, float], bar: Bar, top: int) -> None:
    x, y, wide = place
    below = y + BAR_HEIGHT
    for each in Solver:
        high = BAR_HEIGHT * bar.solved_by[each] / top
        canvas.box(x, below - high, (wide, high), COLOURS[each])
        below -= high


def hours(canvas: Canvas, place: Place, counts: Sequence[int]) -> None:
    """One bar for each hour of the day, the busiest of them darker."""
    y, left = place.y, place.left
    step, most = place.room / len(counts), max(counts) or 1
    gap = min(step / 4, 4)
    for hour, count in enumerate(counts):
        high = max(HOURS_HEIGHT * count / most, 2)
        colour = COLOURS[Solver.BOT] if count == most else "#a9d0c9" if count else FAINT
        canvas.box(left + step * hour + gap / 2, y + HOURS_HEIGHT - high, (step - gap, high), colour, 3)
        if hour % 6 == 0:
            canvas.text(f"{hour:02}:00", left + step * hour, y + HOURS_HEIGHT + 19, _AXIS)


def scale(most: int) -> int:
    """The number at the top of a scale: a round one that is not below the largest."""
    power = 1
    while True:
        for step in (1, 2, 3, 4, 5, 6, 8):
            if step * power >= most:
                return step * power
        power *= 10


def name_of(bar: Bar, t: Translate, *, few: bool) -> str:
    """An hour, or a day: of a few by its day of the week, else by its month."""
    if bar.hour is not None:
        return f"{bar.hour:02}:00"
    return t.weekday(bar.day) if few else t.short_day(bar.day)
