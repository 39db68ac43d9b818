"""Who is on call when: layers in which people take turns, overrides, and the holidays of a country.

Turns change at a local time, so that the days on which clocks are put forward or back are an hour shorter or longer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
WEEK = 7


class Every(StrEnum):
    """How long a turn is."""

    DAILY = "daily"
    WEEKLY = "weekly"


class Source(StrEnum):
    """Where an override comes from."""

    MANUAL = "manual"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True)
class Handover:
    """When the next in the order takes over, in local time; `weekday` counts from 0, Monday, for weekly turns."""

    at: time
    weekday: int = 0


@dataclass(frozen=True, slots=True)
class Hours:
    """A window on some weekdays, in local time. One that does not end later than it begins ends on the next day."""

    weekdays: frozenset[int]
    begins: time
    ends: time

    def cover(self, at: datetime, zone: ZoneInfo) -> bool:
        """Whether a moment lies in it."""
        today = at.astimezone(zone).date()
        return any(
            begins <= at < ends for day in (today - DAY, today) for begins, ends in self.on(day, day, zone)
        )

    def on(self, first: date, last: date, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
        """The windows that begin on these days, in UTC."""
        over_night = DAY if self.ends <= self.begins else timedelta()
        return [
            (instant(day, self.begins, zone), instant(day + over_night, self.ends, zone))
            for day in days(first, last)
            if day.weekday() in self.weekdays
        ]


@dataclass(frozen=True, slots=True)
class Layer:
    """People who take turns in this order, the first of them from `starts_on` on, beginning at the handover's time.

    Level 1 is told first, level 2 next, and so on. A layer for holidays applies on these only, from midnight to
    midnight and in place of the others of its level; one without applies on every day.
    """

    name: str
    every: Every
    handover: Handover
    starts_on: date
    people: tuple[int, ...]
    hours: Hours | None = None
    level: int = 1
    on_holidays: bool = False
    id: int = 0


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody who is on call in a span, whatever the layers of the level say; `begins` is in it, `ends` is not.

    One that an admin entered wins over one of a calendar, which has the calendar's name and the UID of its event.
    """

    person: int
    begins: datetime
    ends: datetime
    level: int = 1
    source: Source = Source.MANUAL
    calendar: str | None = None
    uid: str | None = None
    id: int = 0

    def overlaps(self, begins: datetime, ends: datetime) -> bool:
        """Whether they have a moment in common."""
        return self.begins < ends and begins < self.ends


@dataclass(frozen=True, slots=True)
class Schedule:
    """All that decides who is on call. `able` are those who can act at present; None: everybody.

    Whoever cannot act is passed over: the next in the order stands in, and their overrides do not count.
    """

    zone: ZoneInfo
    layers: tuple[Layer, ...] = ()
    overrides: tuple[Override, ...] = ()
    holidays: frozenset[date] = frozenset()
    able: frozenset[int] | None = None

    def can_act(self, person: int) -> bool:
        """Whether somebody may be on call."""
        return self.able is None or person in self.able

    @property
    def levels(self) -> tuple[int, ...]:
        """The levels that somebody is planned for."""
        by_layers = {each.level for each in self.layers}
        return tuple(sorted(by_layers | {each.level for each in self.overrides}))


@dataclass(frozen=True, slots=True)
class Duty:
    """Somebody is on call at a level, by a layer or by an override."""

    level: int
    person: int
    by: Layer | Override


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody is on call at a level without a break; `stands_in` says that an override has it so."""

    level: int
    person: int
    begins: datetime
    ends: datetime
    stands_in: bool = False


def on_call(schedule: Schedule, at: datetime) -> tuple[Duty, ...]:
    """Who is on call at a moment, by level: one of each layer that applies, or who overrides those of the level."""
    return tuple(duty for level in schedule.levels for duty in _at_level(schedule, level, at))


def shifts(schedule: Schedule, begins: datetime, ends: datetime) -> tuple[Shift, ...]:
    """Who is on call from when to when within a span, by their beginning and level.

    At each level they cover just the time in which somebody is on call; neighbours of one person are one shift.
    """
    found: list[Shift] = []
    running: dict[tuple[int, int, bool], Shift] = {}
    edges = sorted({begins, *changes(schedule, begins, ends), ends})
    for start, end in pairwise(edges):
        still: dict[tuple[int, int, bool], Shift] = {}
        for duty in on_call(schedule, start):
            key = (duty.level, duty.person, isinstance(duty.by, Override))
            before = running.pop(key, None) or still.get(key)
            still[key] = Shift(duty.level, duty.person, before.begins if before else start, end, key[2])
        found += running.values()
        running = still
    return tuple(sorted((*found, *running.values()), key=lambda each: (each.begins, each.level, each.person)))


def changes(schedule: Schedule, begins: datetime, ends: datetime) -> list[datetime]:
    """The moments between two others at which somebody else may be on call, in order."""
    zone = schedule.zone
    first, last = begins.astimezone(zone).date() - DAY, ends.astimezone(zone).date() + DAY
    found: set[datetime] = set()
    for layer in schedule.layers:
        found.update(_handovers(layer, first, last, zone))
        if layer.hours is not None:
            found.update(edge for window in layer.hours.on(first, last, zone) for edge in window)
    for override in schedule.overrides:
        found.update((override.begins, override.ends))
    if any(layer.on_holidays for layer in schedule.layers):
        for day in schedule.holidays:
            if first <= day <= last:
                found.update(instant(each, time(), zone) for each in (day, day + DAY))
    return sorted(each for each in found if begins < each < ends)


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A local time of a day, in UTC. One that the clocks leave out is an hour later, of one twice it is the first."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def days(first: date, last: date) -> list[date]:
    """All days from one to another, both among them."""
    return [first + DAY * number for number in range((last - first).days + 1)]


def in_the_way(overrides: Iterable[Override], wanted: Override) -> Override | None:
    """An override of the same level and source that has a moment in common with this one."""
    return next(
        (
            each
            for each in overrides
            if each.level == wanted.level
            and each.source is wanted.source
            and each.overlaps(wanted.begins, wanted.ends)
        ),
        None,
    )


def _at_level(schedule: Schedule, level: int, at: datetime) -> tuple[Duty, ...]:
    override = _override(schedule, level, at)
    if override is not None:
        return (Duty(level, override.person, override),)
    duties = [
        Duty(level, person, layer)
        for layer in schedule.layers
        if layer.level == level and (person := _whose_turn(schedule, layer, at)) is not None
    ]
    special = [duty for duty in duties if isinstance(duty.by, Layer) and duty.by.on_holidays]
    if at.astimezone(schedule.zone).date() in schedule.holidays and special:
        return tuple(special)
    return tuple(duty for duty in duties if duty not in special)


def _override(schedule: Schedule, level: int, at: datetime) -> Override | None:
    """The one that counts: an admin's before a calendar's, and the one that began last before others."""
    found = [
        each
        for each in schedule.overrides
        if each.level == level and each.begins <= at < each.ends and schedule.can_act(each.person)
    ]
    return max(found, key=lambda each: (each.source is Source.MANUAL, each.begins, each.id), default=None)


def _whose_turn(schedule: Schedule, layer: Layer, at: datetime) -> int | None:
    """The person of a layer at a moment; None where it does not apply, or nobody of it can act."""
    turn = _turn(layer, at, schedule.zone)
    if turn is None or (layer.hours is not None and not layer.hours.cover(at, schedule.zone)):
        return None
    order = _from(layer.people, turn)
    return next((person for person in order if schedule.can_act(person)), None)


def _from(people: Sequence[int], turn: int) -> Sequence[int]:
    """The people in their order, from whose turn it is."""
    first = turn % len(people) if people else 0
    return (*people[first:], *people[:first])


def _turn(layer: Layer, at: datetime, zone: ZoneInfo) -> int | None:
    """Which turn of a layer a moment lies in, counted from 0; None before its first."""
    if at < instant(layer.starts_on, layer.handover.at, zone):
        return None
    length = _length(layer)
    turn = (at.astimezone(zone).date() - _anchor(layer)).days // length + 1
    while instant(_anchor(layer) + DAY * (turn * length), layer.handover.at, zone) > at:
        turn -= 1
    return turn


def _handovers(layer: Layer, first: date, last: date, zone: ZoneInfo) -> list[datetime]:
    anchor, length = _anchor(layer), _length(layer)
    return [
        instant(day, layer.handover.at, zone)
        for day in days(first, last)
        if day == layer.starts_on or (day > layer.starts_on and (day - anchor).days % length == 0)
    ]


def _length(layer: Layer) -> int:
    return 1 if layer.every is Every.DAILY else WEEK


def _anchor(layer: Layer) -> date:
    """The day on which the first turn would have begun, had the layer begun with a whole one."""
    if layer.every is Every.DAILY:
        return layer.starts_on
    return layer.starts_on - DAY * ((layer.starts_on.weekday() - layer.handover.weekday) % WEEK)
