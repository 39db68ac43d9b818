"""The hours in which a clock runs: always, or by weekday and time of day at a place, without its holidays."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import takewhile
from zoneinfo import ZoneInfo

from bot.domain.public_holidays import public_holidays

MIDNIGHT = time()
_LONGEST = timedelta(days=400)
"""Hours that are open on no day within this would make a deadline that never comes."""


@dataclass(frozen=True, slots=True)
class Window:
    """From `opens` to `closes` on a weekday, Monday is 0; closing at midnight is the end of the day."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Hours:
    """When a clock runs; without windows it always does. `zone` is an IANA name.

    `country` is that whose holidays count as closed (ISO 3166), None: they are days like others; `region` is one of its
    regions with holidays of its own.
    """

    windows: tuple[Window, ...] = ()
    zone: str = "UTC"
    country: str | None = None
    region: str | None = None

    @property
    def always(self) -> bool:
        """Whether the clock runs day and night."""
        return not self.windows

    def add(self, start: datetime, span: timedelta) -> datetime:
        """When so much time in which the clock runs has passed since then, in UTC."""
        if self.always:
            return start.astimezone(UTC) + span
        left = span
        for begin, end in self._open(start):
            if end - begin >= left:
                return begin + left
            left -= end - begin
        return start.astimezone(UTC) + span

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How long the clock runs between two moments; nothing where the second comes first."""
        if self.always:
            return max(end - start, timedelta())
        spans = takewhile(lambda span: span[0] < end, self._open(start))
        return sum((min(closes, end) - opens for opens, closes in spans), timedelta())

    def _open(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The spans of running from a moment on, in order and without overlap."""
        zone, after = ZoneInfo(self.zone), start.astimezone(UTC)
        day = start.astimezone(zone).date() - timedelta(days=1)
        while _moment(day, MIDNIGHT, zone) < after + _LONGEST:
            for window in self._windows_of(day):
                # Where a clock is put forward, what is said of the missing hour falls together with the next.
                begin = max(_moment(day, window.opens, zone), after)
                closing = day + timedelta(days=1) if window.closes == MIDNIGHT else day
                stop = _moment(closing, window.closes, zone)
                if begin < stop:
                    yield begin, stop
                    after = stop
            day += timedelta(days=1)

    def _windows_of(self, day: date) -> list[Window]:
        if self.country is not None and is_holiday(self.country, self.region, day):
            return []
        return sorted(
            (each for each in self.windows if each.weekday == day.weekday()), key=lambda each: each.opens
        )


def is_holiday(country: str, region: str | None, day: date) -> bool:
    """Whether it is a public holiday there; False where the holidays are not known."""
    return day in _holidays(country, region, day.year)


@lru_cache(maxsize=256)
def _holidays(country: str, region: str | None, year: int) -> frozenset[date]:
    """Those of a year; building them takes long."""
    return frozenset(public_holidays(country, region, (year,), ""))


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
