"""Policies as data and as words: the same form in the operator's file, in the database and in what admins write."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import time, timedelta
from itertools import pairwise

from bot.domain.case import Severity
from bot.domain.contact_details import checked_email
from bot.domain.escalation import Level, Policy, ServiceLevel, Target, TargetKind
from bot.domain.refusal import Refusal
from bot.domain.working_time import MIDNIGHT, Hours, Window

MOST_LEVELS = 8
MOST_MINUTES = 60 * 24 * 30
MOST_LAYERS = 9
ALWAYS = "always"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ALWAYS_DE = "immer"
_DAYS_DE = dict(zip(("mo", "di", "mi", "do", "fr", "sa", "so"), DAYS, strict=True))
_HOURS = re.compile(r"(?P<first>[a-z]{2,3})(?:-(?P<last>[a-z]{2,3}))? (?P<opens>\S+)-(?P<closes>\S+)")
_TIME = re.compile(r"([01]?[0-9]|2[0-4])(?::([0-5][0-9]))?")
_DAY = 24


def data_of(policy: Policy) -> dict[str, object]:
    """The policy as plain values that JSON and TOML hold; what is not set is left out."""
    level = policy.service_level
    values: dict[str, object | None] = {
        "severity": policy.severity.value,
        "hours": written_hours(policy.hours),
        "repeat_minutes": minutes_of(policy.last_repeats),
        "first_answer_minutes": minutes_of(level.first_answer),
        "resolution_minutes": minutes_of(level.resolution),
        "warn_at": level.warn_at,
        "level": [
            {"after_minutes": minutes_of(each.after), "tell": [written_target(one) for one in each.targets]}
            for each in policy.levels
        ],
    }
    return {name: value for name, value in values.items() if value is not None}


def policy_of(data: Mapping[str, object]) -> Policy:
    """What `data_of` made; Refusal `policy.…` for what is no policy. Its hours are at no place yet."""
    levels = data.get("level")
    if not isinstance(levels, Sequence) or not 1 <= len(levels) <= MOST_LEVELS:
        raise Refusal("policy.levels", most=str(MOST_LEVELS))
    warn_at = data.get("warn_at", ServiceLevel().warn_at)
    if not isinstance(warn_at, int | float) or not 0 < warn_at < 1:
        raise Refusal("policy.warn_at")
    return Policy(
        Severity(str(data["severity"])),
        tuple(_level(each) for each in levels),
        ServiceLevel(_span(data.get("first_answer_minutes")), _span(data.get("resolution_minutes")), warn_at),
        _hours(data.get("hours", ALWAYS)),
        _span(data.get("repeat_minutes")),
    )


def at_place(policy: Policy, zone: str, country: str | None, region: str | None = None) -> Policy:
    """The policy with its hours in a time zone, without the holidays of a country and region."""
    return replace(policy, hours=replace(policy.hours, zone=zone, country=country, region=region))


def minutes_of(span: timedelta | None) -> int | float | None:
    """In minutes, whole ones as a whole number."""
    if span is None:
        return None
    minutes = span.total_seconds() / 60
    return int(minutes) if minutes.is_integer() else minutes


def read_span(text: str) -> timedelta:
    """A span of minutes as somebody wrote it; Refusal for anything else."""
    if not (text.isascii() and text.isdecimal()) or int(text) > MOST_MINUTES:
        raise Refusal("policy.minutes", most=str(MOST_MINUTES))
    return timedelta(minutes=int(text))


def written_target(target: Target) -> str:
    """`on_call 2`, `technician`, `ops@example.org`."""
    match target.kind:
        case TargetKind.ON_CALL:
            return f"{target.kind.value} {target.layer}"
        case TargetKind.EMAIL:
            return target.address or ""
        case _:
            return target.kind.value


def read_target(text: str) -> Target:
    """What `written_target` wrote; Refusal for anything else."""
    word, _, layer = text.strip().partition(" ")
    if "@" in word and not layer:
        return Target(TargetKind.EMAIL, address=checked_email(word))
    known = {kind.value: kind for kind in TargetKind if kind is not TargetKind.EMAIL}
    kind = known.get(word.lower())
    if kind is TargetKind.ON_CALL:
        number = layer.strip() or "1"
        if number.isascii() and number.isdecimal() and 1 <= int(number) <= MOST_LAYERS:
            return Target(kind, int(number))
    elif kind is not None and not layer:
        return Target(kind)
    raise Refusal("policy.target", given=text.strip()[:40])


def written_hours(hours: Hours) -> list[str] | str:
    """`always`, or entries such as `mon-fri 08:00-17:00`."""
    if hours.always:
        return ALWAYS
    return [
        (DAYS[first.weekday] if first == last else f"{DAYS[first.weekday]}-{DAYS[last.weekday]}")
        + f" {first.opens:%H:%M}-{written_closing(first)}"
        for first, last in day_spans(hours)
    ]


def day_spans(hours: Hours) -> list[tuple[Window, Window]]:
    """The windows, those of following days with the same times together: the first and the last of each such span."""
    spans: list[tuple[Window, Window]] = []
    for each in sorted(hours.windows, key=lambda one: (one.opens, one.closes, one.weekday)):
        last = spans[-1][1] if spans else None
        follows = last is not None and each == replace(last, weekday=last.weekday + 1)
        if follows:
            spans[-1] = (spans[-1][0], each)
        else:
            spans.append((each, each))
    return sorted(spans, key=lambda span: (span[0].weekday, span[0].opens))


def written_closing(window: Window) -> str:
    """The time of day at which it closes; the end of the day is 24:00."""
    return "24:00" if window.closes == MIDNIGHT else f"{window.closes:%H:%M}"


def read_hours(text: str) -> Hours:
    """`always`, or entries such as `mon-fri 8-17, sat 9:00-12:00` parted by commas; Refusal for anything else.

    In German: `immer`, `Mo-Fr 8-17, Sa 9-12`.
    """
    written = text.strip().lower().replace("–", "-")
    if written in {ALWAYS, _ALWAYS_DE}:
        return Hours()
    windows = [window for part in written.split(",") for window in _windows(part.strip())]
    windows.sort(key=lambda each: (each.weekday, each.opens))
    for before, after in pairwise(windows):
        if before.weekday == after.weekday and (before.closes == MIDNIGHT or before.closes > after.opens):
            raise Refusal("policy.hours_overlap")
    return Hours(tuple(windows))


def _windows(part: str) -> list[Window]:
    found = _HOURS.fullmatch(" ".join(part.split()))
    named = () if found is None else (found["first"], found["last"] or found["first"])
    days = [_DAYS_DE.get(day, day) for day in named]
    if found is None or not set(days) <= set(DAYS):
        raise Refusal("policy.hours", given=part[:40])
    opens, closes = _time(found["opens"], part), _time(found["closes"], part)
    first, last = (DAYS.index(day) for day in days)
    if first > last or (closes != MIDNIGHT and opens >= closes):
        raise Refusal("policy.hours", given=part[:40])
    return [Window(day, opens, closes) for day in range(first, last + 1)]


def _time(text: str, part: str) -> time:
    found = _TIME.fullmatch(text)
    hour, minute = (0, 0) if found is None else (int(found[1]), int(found[2] or 0))
    if found is None or (hour == _DAY and minute):
        raise Refusal("policy.hours", given=part[:40])
    return time(hour % _DAY, minute)


def _hours(data: object) -> Hours:
    parts = data if isinstance(data, Sequence) and not isinstance(data, str) else [data]
    return read_hours(", ".join(str(part) for part in parts))


def _level(data: object) -> Level:
    if not isinstance(data, Mapping):
        raise Refusal("policy.levels", most=str(MOST_LEVELS))
    after, told = _span(data.get("after_minutes", 0)), data.get("tell")
    if not isinstance(told, Sequence) or not told:
        raise Refusal("policy.nobody")
    targets = tuple(dict.fromkeys(read_target(str(each)) for each in told))
    return Level(after or timedelta(), targets)


def _span(data: object) -> timedelta | None:
    if data is None:
        return None
    if isinstance(data, bool) or not isinstance(data, int | float) or not 0 <= data <= MOST_MINUTES:
        raise Refusal("policy.minutes", most=str(MOST_MINUTES))
    return timedelta(minutes=data)
