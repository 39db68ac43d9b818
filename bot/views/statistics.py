"""What stands around the picture of statistics: its heading, its caption with the choice of a period, and the table."""

import html
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_interval
from babel.numbers import format_percent

from bot.domain.billing import Month
from bot.domain.period import SPANS, TODAY, Period
from bot.domain.statistics import Statistics
from bot.views.callbacks import Callback
from bot.views.i18n import Translate
from bot.views.paging import cut
from bot.views.screen import Button, Keyboard, row
from bot.views.spans import brief

PICTURE = "statistics.png"
_WHOSE = 60
Leads = Callable[[str], Callback]
"""From the token of a period to what its button does."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above the numbers and at their end: whose they are, of which days, and as of when."""

    whose: str
    period: str
    days: str
    as_of: str


def heading(whose: str, found: Statistics, now: datetime, zone: str, t: Translate) -> Heading:
    """The words around the numbers, as of now in the operator's zone."""
    as_of = html.unescape(t("statistics.as_of", time=t.clock(now, zone)))
    return Heading(whose, name(found.period, t), days(found.period, t), as_of)


def name(period: Period, t: Translate) -> str:
    """A period as people say it: "Last 7 days", "November 2026"."""
    return t(f"period.last_{period.token}") if period.month is None else t.month(period.month)


def days(period: Period, t: Translate) -> str:
    """Its days; of a month that is its name."""
    if period.month is not None:
        return t.month(period.month)
    if period.token == TODAY:
        return t.day(period.first)
    interval: str = format_interval(period.first, period.last, "yMMMd", locale=t.language)
    return interval


def caption(whose: str, found: Statistics, t: Translate) -> str:
    """The most important numbers in words, for whoever has no eye for a picture now."""
    period = f"{name(found.period, t)}, {days(found.period, t)}"
    if found.period.month is not None:
        period = name(found.period, t)
    lines = [t("statistics.caption", operator=cut(whose, _WHOSE), period=period)]
    if not found.cases:
        return "\n".join([*lines, t("statistics.caption_none")])
    share = format_percent(found.solved / found.cases, locale=t.language)
    if found.cases == 1:
        lines.append(t("statistics.caption_one", solved=found.solved))
    else:
        cases, solved = t.number(found.cases), t.number(found.solved)
        lines.append(t("statistics.caption_numbers", cases=cases, solved=solved, share=share))
    if found.first_answer is not None and found.resolution is not None:
        answer, until = brief(found.first_answer.median, t), brief(found.resolution.median, t)
        lines.append(t("statistics.caption_waits", answer=answer, solved=until))
    return "\n".join(lines)


def periods(shown: Period, this_month: Month, leads: Leads, t: Translate) -> Keyboard:
    """The choice of another period: the spans, this month, and from a month the one before and after it."""
    month = shown.month
    spans = [Button(_chosen(t(f"period.{token}"), token == shown.token), leads(token)) for token in SPANS]
    if month is None:
        return (row(*spans, Button(t.month_alone(this_month), leads(str(this_month)))),)
    beside = [Button(f"‹ {t.month(month.before())}", leads(str(month.before())))]
    if month < this_month:
        beside.append(Button(f"{t.month(month.next())} ›", leads(str(month.next()))))
    return (row(*spans, Button(_chosen(t.month_alone(month), True), leads(str(month)))), tuple(beside))


def group(operator: str, t: Translate) -> str:
    """Whose numbers they are where they are of one of several groups."""
    return html.unescape(t("statistics.group", operator=operator))


def _chosen(label: str, chosen: bool) -> str:
    return f"• {label}" if chosen else label
