"""What the support service costs. Source of the rule: the terms of 360.SUPPORT.

The month in which a station is activated is charged in full, whatever the day. The month in which it is deactivated is
not charged. So a month is charged exactly where the service is on at its end: on and off within a month costs nothing,
off and on again costs it once.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.operator import Operator
from bot.domain.service import Cause, ServiceChange

_MONTHS = 12
_WRITTEN = re.compile(r"([0-9]{4})-([0-9]{2})")


class SeveralCurrencies(Exception):  # It tells of the data, not of a failure of ours.
    """The charges of one month are in several currencies, so that they have no sum."""


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month. Written as `2026-11`."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (1 <= self.month <= _MONTHS and 1 <= self.year < MAXYEAR):
            raise ValueError("not a month")

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @classmethod
    def parse(cls, text: str) -> "Month":
        """The month that `str` wrote; ValueError for anything else."""
        written = _WRITTEN.fullmatch(text)
        if written is None:
            raise ValueError(f"not a month: {text!r}")
        return cls(int(written[1]), int(written[2]))

    @classmethod
    def of(cls, moment: datetime, zone: str) -> "Month":
        """The month in which a moment lies in a zone: the one between whose `start` and `end` it is."""
        local = moment.astimezone(ZoneInfo(zone))
        month = cls(local.year, local.month)
        # A clock that is put back just after the first midnight of a month shows the month before once more.
        return month.next() if moment >= month.end(zone) else month

    def next(self) -> "Month":
        """The month after it."""
        return Month(self.year + self.month // _MONTHS, self.month % _MONTHS + 1)

    def before(self) -> "Month":
        """The month before it."""
        return Month(self.year - (self.month == 1), (self.month - 2) % _MONTHS + 1)

    def start(self, zone: str) -> datetime:
        """The moment at which it begins in a zone, in UTC."""
        return datetime(self.year, self.month, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)

    def end(self, zone: str) -> datetime:
        """The moment at which the next begins in a zone, in UTC; it is no longer a part of this one."""
        return self.next().start(zone)


class LineReason(StrEnum):
    """Why a month is charged."""

    ACTIVATED = "activated"
    """The service was activated in it."""
    ALL_MONTH = "all_month"
    ACTIVATED_AGAIN = "activated_again"
    """It was on before, went off in this month and on again."""


@dataclass(frozen=True, slots=True)
class Line:
    """One station's charge of a month. `since` is when the service that is charged went on."""

    station_id: str
    location: str
    price: Decimal
    amount: Decimal
    reason: LineReason
    since: datetime


@dataclass(frozen=True, slots=True)
class Statement:
    """An operator's month. One that is not closed tells what it would be if nothing were changed any more."""

    operator_id: str
    operator_name: str
    month: Month
    currency: str
    lines: tuple[Line, ...]
    total: Decimal
    closed: bool


@dataclass(frozen=True, slots=True)
class Charge:
    """That a station's month is charged: by the change that holds at its end."""

    change: ServiceChange
    reason: LineReason


def charge(changes: Iterable[ServiceChange], month: Month, zone: str) -> Charge | None:
    """Whether one station's month is charged; None where it is not.

    `changes` are all those of the station, in any order. What comes after the end of the month has no influence.
    """
    start, end = month.start(zone), month.end(zone)
    known = sorted((each for each in changes if each.at < end), key=lambda each: (each.at, each.number))
    on_before = _on_before(known, start)
    last: ServiceChange | None = None
    for each in known:
        # To switch on what is on already changes nothing, not even its price.
        if last is None or each.active is not last.active:
            last = each
    if last is None or not last.active:
        return None
    if last.at < start or last.cause is Cause.BEFORE:
        return Charge(last, LineReason.ALL_MONTH)
    return Charge(last, LineReason.ACTIVATED_AGAIN if on_before else LineReason.ACTIVATED)


def lines(
    changes: Mapping[str, Iterable[ServiceChange]], locations: Mapping[str, str], month: Month, zone: str
) -> tuple[Line, ...]:
    """The lines of a month, by station; `changes` and the names of `locations` are by station, too."""
    found = []
    for station_id in sorted(changes):
        due = charge(changes[station_id], month, zone)
        if due is not None:
            price = due.change.price
            where = locations.get(station_id, "")
            found.append(Line(station_id, where, price, price, due.reason, due.change.at))
    return tuple(found)


def statement(
    operator: Operator,
    changes: Mapping[str, Iterable[ServiceChange]],
    locations: Mapping[str, str],
    month: Month,
    *,
    closed: bool,
) -> Statement:
    """An operator's month, by the history of its stations; SeveralCurrencies where that has no one sum.

    The currency is that of the charges, as they were released in it; of a month without any it is the operator's.
    """
    zone = operator.time_zone
    charged = {
        due.change.currency for each in changes.values() if (due := charge(each, month, zone)) is not None
    }
    if len(charged) > 1:
        raise SeveralCurrencies(", ".join(sorted(charged)))
    found = lines(changes, locations, month, zone)
    currency = next(iter(charged), operator.currency)
    return Statement(operator.id, operator.name, month, currency, found, total(found), closed)


def total(found: Iterable[Line]) -> Decimal:
    """The sum of lines."""
    return sum((line.amount for line in found), Decimal(0))


def _on_before(known: Iterable[ServiceChange], moment: datetime) -> bool:
    """Whether the service was on just before a moment; one that was on before its history began was so always."""
    on = False
    for number, each in enumerate(known):
        if each.at >= moment and not (number == 0 and each.cause is Cause.BEFORE):
            break
        on = each.active
    return on
