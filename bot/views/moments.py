"""Days and times of plans, which people know by their weekdays."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, get_day_names

from bot.views.i18n import Translate

_DAY = {"de": "EEE d. MMM"}
"""Where a day is not written like "Mon 23 Nov"."""
_OTHERWISE = "EEE d MMM"


def moment_of(moment: datetime, zone: str, t: Translate) -> str:
    """A day by its weekday, and the time in a zone: "Mon 23 Nov 08:00"."""
    return format_datetime(moment, f"{_pattern(t)} HH:mm", tzinfo=ZoneInfo(zone), locale=t.language)


def time_of(moment: datetime, zone: str) -> str:
    """The time of day in a zone: "08:00"."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%H:%M")


def day_of(day: date, t: Translate) -> str:
    """A day by its weekday: "Mon 23 Nov"."""
    return format_date(day, _pattern(t), locale=t.language)


def span_of(begins: datetime, ends: datetime, zone: str, t: Translate) -> str:
    """From when to when, without what is clear anyway: "Thu 3 Dec", "Fri 25 Dec 08:00–20:00"."""
    first, last = (each.astimezone(ZoneInfo(zone)) for each in (begins, ends))
    if first.time() == last.time() == time():
        until = last.date() - timedelta(days=1)
        days = (first.date(),) if until == first.date() else (first.date(), until)
        return " – ".join(day_of(each, t) for each in days)
    if first.date() == last.date():
        return f"{moment_of(begins, zone, t)}–{time_of(ends, zone)}"
    return f"{moment_of(begins, zone, t)} – {moment_of(ends, zone, t)}"


def weekday(number: int, t: Translate, *, short: bool = False) -> str:
    """The name of a weekday, counted from 0, Monday."""
    names = get_day_names("abbreviated" if short else "wide", locale=t.language)
    return str(names[number]).rstrip(".")


def _pattern(t: Translate) -> str:
    return _DAY.get(t.language, _OTHERWISE)
