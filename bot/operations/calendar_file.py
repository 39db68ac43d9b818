"""Reading an iCalendar file (RFC 5545): its events of the coming time, each occurrence by itself.

Files come from anybody's calendar program, so that nothing in them is trusted: how large they are, how often an event
comes back, and how long it takes to find out are limited.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

import recurring_ical_events  # type: ignore[import-untyped]  # The package ships no marker that it is typed.
from icalendar import Calendar, Component
from icalendar import Event as Written

from bot.domain.refusal import Refusal
from bot.domain.rotation import instant

MOST_BYTES = 2 * 1024 * 1024
MOST_SERIES = 2000
MOST_EVENTS = 2000
AHEAD = timedelta(days=400)
_LONGEST_READING = 20.0
_TOO_OFTEN = {"SECONDLY", "MINUTELY", "HOURLY"}
_OLDEST = 2000
"""Series that began in an earlier year are not counted up to the present."""
_NAME = 120
_ZONE = "X-WR-TIMEZONE"
_OF_TIME = {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}


@dataclass(frozen=True, slots=True)
class Event:
    """One occurrence of an event, in UTC. `attendees` are their e-mail addresses in small letters."""

    uid: str
    summary: str
    attendees: tuple[str, ...]
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Unread:
    """An event that cannot be taken over, and why: a word of `calendar_why`."""

    summary: str
    why: str
    begins: datetime | None = None


@dataclass(frozen=True, slots=True)
class CalendarRead:
    """What a file holds, by the beginning of its events. `name` is the calendar's own, where it tells one."""

    name: str | None
    events: tuple[Event, ...]
    unread: tuple[Unread, ...]


def read_calendar(content: bytes, zone: ZoneInfo, now: datetime) -> CalendarRead:
    """The events that have not ended and begin in the coming 400 days; Refusal for what is no calendar, or too much.

    Times without a zone, and whole days, are those of `zone`.
    """
    if len(content) > MOST_BYTES:
        raise Refusal("calendar.large")
    calendar = _parsed(content)
    events: list[Event] = []
    unread: list[Unread] = []
    stop = monotonic() + _LONGEST_READING
    for series in _series(calendar):
        why = _why_not(series)
        if why is not None:
            unread.append(Unread(_text(series[0], "SUMMARY"), why))
            continue
        try:
            events += _occurrences(series, calendar, zone, now)
        except (ValueError, TypeError, AttributeError, KeyError, OverflowError):
            # What a calendar program writes beyond the standard fails in many ways; the other events still count.
            unread.append(Unread(_text(series[0], "SUMMARY"), "broken"))
        if len(events) > MOST_EVENTS or monotonic() > stop:
            raise Refusal("calendar.large")
    name = _text(calendar, "X-WR-CALNAME") or _text(calendar, "NAME")
    return CalendarRead(name or None, tuple(sorted(events, key=lambda each: each.begins)), tuple(unread))


def _parsed(content: bytes) -> Calendar:
    try:
        calendar = Calendar.from_ical(content)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError) as error:
        raise Refusal("calendar.broken") from error
    if not isinstance(calendar, Calendar):
        raise Refusal("calendar.broken")
    return calendar


def _series(calendar: Calendar) -> list[list[Written]]:
    """The events that belong together: one that comes back, with those occurrences of it that are otherwise."""
    found: dict[str, list[Written]] = {}
    events = [each for each in calendar.walk("VEVENT") if isinstance(each, Written)]
    for number, event in enumerate(events):
        found.setdefault(_text(event, "UID") or f"without:{number}", []).append(event)
    if len(found) > MOST_SERIES:
        raise Refusal("calendar.large")
    return list(found.values())


def _why_not(series: list[Written]) -> str | None:
    """Why a series is not read; None where it is."""
    for event in series:
        # A property that cannot be read is left out by the parser, and the event would be another one without it.
        if "DTSTART" not in event or any(name in _OF_TIME for name, _ in event.errors):
            return "broken"
        for rule in _many(event.get("RRULE")):
            if {str(each).upper() for each in rule.get("FREQ", ())} & _TOO_OFTEN:
                return "too_often"
            if any(int(str(each)) < 1 for each in rule.get("INTERVAL", ())):
                return "broken"
            if any(len(rule.get(name, ())) > 1 for name in ("BYHOUR", "BYMINUTE", "BYSECOND")):
                return "too_often"
        if "RRULE" in event and event.start.year < _OLDEST:
            return "too_old"
    return None


def _many(value: object) -> Iterator[dict[str, list[object]]]:
    """The rules of a property, which may stand several times."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            yield each


def _occurrences(series: list[Written], of: Calendar, zone: ZoneInfo, now: datetime) -> list[Event]:
    alone = Calendar()
    if _ZONE in of:
        # Some calendars write times in UTC that are meant to stay at their local time.
        alone[_ZONE] = of[_ZONE]
    for event in series:
        alone.add_component(event)
    first, last = now - timedelta(days=2), now + AHEAD
    found = [_event(each, zone) for each in recurring_ical_events.of(alone).between(first, last)]
    return [each for each in found if each is not None and each.ends > now and each.begins < last]


def _event(event: Written, zone: ZoneInfo) -> Event | None:
    """An occurrence; None for one that is called off, or takes no time."""
    begins, ends = _moment(event.start, zone), _moment(event.end, zone)
    if ends <= begins or _text(event, "STATUS").upper() == "CANCELLED":
        return None
    attendees = event.get("ATTENDEE", [])
    coming = [
        str(each).lower().removeprefix("mailto:")
        for each in (attendees if isinstance(attendees, list) else [attendees])
        if str(getattr(each, "params", {}).get("PARTSTAT", "")).upper() != "DECLINED"
    ]
    return Event(_text(event, "UID"), _text(event, "SUMMARY"), tuple(coming), begins, ends)


def _moment(value: date | datetime, zone: ZoneInfo) -> datetime:
    if not isinstance(value, datetime):
        return instant(value, time(), zone)
    if value.tzinfo is None:
        return instant(value.date(), value.time(), zone)
    return value.astimezone(UTC)


def _text(component: Component, name: str) -> str:
    """A property as one line of a sane length; empty where there is none."""
    value = component.get(name)
    first = value[0] if isinstance(value, list) and value else value
    return "" if first is None else " ".join(str(first).split())[:_NAME]
