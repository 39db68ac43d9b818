"""A span of days at an operator, as statistics are asked for."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.billing import Month
from bot.domain.refusal import Refusal

TODAY, WEEK = "1", "7"
SPANS = (TODAY, WEEK, "30")
"""Spans of so many days, of which today is the last."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days from the first to the last, both in it. `month` is set where they are those of a whole month."""

    first: date
    last: date
    month: Month | None = None

    @property
    def days(self) -> tuple[date, ...]:
        """Each day of it."""
        return tuple(
            self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)
        )

    @property
    def token(self) -> str:
        """What a button names it by; see `period`."""
        return str(len(self.days)) if self.month is None else str(self.month)

    def bounds(self, zone: str) -> tuple[datetime, datetime]:
        """Its beginning and its end, which is not in it any more, in a zone."""
        return _midnight(self.first, zone), _midnight(self.last + timedelta(days=1), zone)


def period(token: str, now: datetime, zone: str) -> Period:
    """One of `SPANS` as of now, or a month such as `2026-11`; Refusal `statistics.period` for anything else."""
    if token in SPANS:
        today = now.astimezone(ZoneInfo(zone)).date()
        return Period(today - timedelta(days=int(token) - 1), today)
    try:
        return of_month(Month.parse(token))
    except ValueError:
        raise Refusal("statistics.period") from None


def of_month(month: Month) -> Period:
    """All days of a month."""
    following = month.next()
    last = date(following.year, following.month, 1) - timedelta(days=1)
    return Period(date(month.year, month.month, 1), last, month)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
