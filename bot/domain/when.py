"""Days, times, weekdays and spans as people write them, in English and German; Refusal for what is none."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NoReturn
from zoneinfo import ZoneInfo

from bot.domain.refusal import Refusal
from bot.domain.rotation import DAY, Handover, Hours, instant

_WEEKDAYS = {
    **{name: day for day, name in enumerate(("mo", "tu", "we", "th", "fr", "sa", "su"))},
    **{name: day for day, name in enumerate(("mo", "di", "mi", "do", "fr", "sa", "so"))},
}
"""By the two letters that their names begin with."""
_MONTHS = {
    "jan": 1,
    "feb": 2,
    "mar": 3,
    "apr": 4,
    "may": 5,
    "jun": 6,
    "jul": 7,
    "aug": 8,
    "sep": 9,
    "oct": 10,
    "nov": 11,
    "dec": 12,
    "jän": 1,
    "mär": 3,
    "mrz": 3,
    "mae": 3,
    "mai": 5,
    "okt": 10,
    "dez": 12,
}
_ISO = r"(?P<iso>\d{4}-\d{1,2}-\d{1,2})"
_DOTTED = r"(?P<dotted>\d{1,2}[./]\d{1,2}(?:[./](?:\d{4}|\d{2}))?\.?(?![\d:]))"
_NAMED = r"(?P<named>\d{1,2}\.?\s*[A-Za-zäÄ]{3,9}\.?(?:\s+\d{4}(?![\d:]))?)"
_TIME = r"(?P<time>\d{1,2}:\d{2}|\d{1,2}\s*(?:h|Uhr)\b)"
_MOMENT = re.compile(f"{_ISO}|{_TIME}|{_DOTTED}|{_NAMED}", re.IGNORECASE)
_DAYS = re.compile(r"([A-Za-zÄÖÜäöü]{2,10})\.?(?:\s*[-–]\s*([A-Za-zÄÖÜäöü]{2,10}))?")
_LOOSE_TIME = re.compile(r"\d{1,2}(?:[:.]\d{2})?")
_LONGEST = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Span:
    """From one moment to another, in UTC."""

    begins: datetime
    ends: datetime


def read_time(text: str) -> time:
    """A time of day: 8, 8:30, 08.30."""
    match = _LOOSE_TIME.fullmatch(re.sub(r"(?i)\s*(?:h|uhr)$", "", text.strip()))
    hour, _, minute = (match[0] if match else _no("when.time")).replace(".", ":").partition(":")
    return _time(int(hour), int(minute or 0))


def read_day(text: str, today: date) -> date:
    """A day: 2026-12-24, 24.12.2026, 24.12., 24 Dec. One without its year is the next one, today among them."""
    match = _MOMENT.fullmatch(text.strip().rstrip(","))
    if match is None or match["time"]:
        _no("when.day")
    return _day(match, today)


def read_handover(text: str, before: Handover) -> Handover:
    """A weekday, a time, or both; what is not written stays as it was."""
    days, rest = _weekdays_before(text)
    if len(days) > 1 or not (days or rest):
        _no("when.handover")
    at = read_time(rest) if rest else before.at
    return Handover(at, next(iter(days), before.weekday))


def read_hours(text: str) -> Hours:
    """Weekdays and times: Mon-Fri 8:00-17:00, Sa, So 10-16; without weekdays on all of them."""
    days, rest = _weekdays_before(text)
    times = re.split(r"\s*(?:[-–]|to|bis|until)\s*", rest)
    if len(times) != 2:  # noqa: PLR2004  # From and until.
        _no("when.hours")
    return Hours(days or frozenset(range(7)), read_time(times[0]), read_time(times[1]))


def read_span(text: str, now: datetime, zone: ZoneInfo) -> Span:
    """From when to when: 24.12. 18:00 – 26.12. 8:00; 24.12. 18:00 – 8:00; a day, or a first and a last one."""
    today = now.astimezone(zone).date()
    parts: list[date | time] = []
    for match in _MOMENT.finditer(text):
        earlier = [each for each in parts if isinstance(each, date)]
        parts.append(
            _clock(match["time"]) if match["time"] else _day(match, earlier[-1] if earlier else today)
        )
    match parts:
        case [date() as day]:
            span = Span(instant(day, time(), zone), instant(day + DAY, time(), zone))
        case [date() as first, date() as last]:
            span = Span(instant(first, time(), zone), instant(last + DAY, time(), zone))
        case [date() as first, time() as begins, date() as last, time() as ends]:
            span = Span(instant(first, begins, zone), instant(last, ends, zone))
        case [date() as day, time() as begins, time() as ends]:
            span = _within(day, begins, ends, zone)
        case [time() as begins, time() as ends]:
            span = _within(today, begins, ends, zone)
        case _:
            _no("when.span")
    if span.ends <= span.begins:
        _no("when.backwards")
    if span.ends <= now:
        _no("when.past")
    if span.ends - span.begins > _LONGEST:
        _no("when.long")
    return span


def _within(day: date, begins: time, ends: time, zone: ZoneInfo) -> Span:
    """One that does not end later than it begins ends on the next day."""
    last = day + DAY if ends <= begins else day
    return Span(instant(day, begins, zone), instant(last, ends, zone))


def _day(match: re.Match[str], today: date) -> date:
    if match["iso"]:
        year, month, day = map(int, match["iso"].split("-"))
        return _date(year, month, day)
    if match["dotted"]:
        numbers = [int(each) for each in re.split(r"[./]", match["dotted"]) if each]
        day, month, *years = numbers
    else:
        found = re.match(r"(\d+)\.?\s*([^\W\d]{3})[^\W\d]*\.?(?:\s+(\d{4}))?", match["named"])
        if found is None or found[2].lower() not in _MONTHS:
            _no("when.day")
        day, month, years = int(found[1]), _MONTHS[found[2].lower()], [int(found[3])] if found[3] else []
    if years:
        century = 2000 if years[0] < 100 else 0  # noqa: PLR2004  # Two digits of a year.
        return _date(century + years[0], month, day)
    # In a year without a 29 February there is no such day, so some years are looked at.
    for year in range(today.year, today.year + 5):
        try:
            wanted = date(year, month, day)
        except ValueError:
            continue
        if wanted >= today:
            return wanted
    return _no("when.day")


def _weekdays_before(text: str) -> tuple[frozenset[int], str]:
    """The weekdays that a text begins with, and what is written behind them."""
    first = re.search(r"\d", text)
    words = text[: first.start()] if first else text
    days: set[int] = set()
    for begins, ends in _DAYS.findall(words):
        one = _weekday(begins)
        days |= {(one + more) % 7 for more in range((_weekday(ends) - one) % 7 + 1)} if ends else {one}
    return frozenset(days), text[len(words) :].strip()


def _weekday(name: str) -> int:
    day = _WEEKDAYS.get(name.lower()[:2])
    return _no("when.weekday") if day is None else day


def _clock(text: str) -> time:
    hour, _, minute = re.sub(r"[^\d:]", "", text).partition(":")
    return _time(int(hour), int(minute or 0))


def _time(hour: int, minute: int) -> time:
    try:
        return time(hour % 24 if (hour, minute) == (24, 0) else hour, minute)
    except ValueError:
        return _no("when.time")


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        return _no("when.day")


def _no(key: str) -> NoReturn:
    raise Refusal(key)
