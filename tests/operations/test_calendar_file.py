"""Calendar files: what is read of them, whom they name, and what is left out."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.domain.refusal import Refusal
from bot.operations.calendar_file import CalendarRead, Event, read_calendar
from bot.operations.calendar_import import understand
from storage.repositories.staff import Colleague

CALENDARS = Path(__file__).parent / "calendars"
VIENNA = ZoneInfo("Europe/Vienna")
NOW = datetime(2026, 11, 25, 11, tzinfo=UTC)
ANNA, ADA, BOB, GONE = 1, 2, 3, 4
STAFF = [
    Colleague(ANNA, 11, "Anna Agent", email="anna@example.org"),
    Colleague(ADA, 12, "Ada Admin"),
    Colleague(BOB, 13, "Bob Agent"),
    Colleague(GONE, 14, "Gerd Gone", deactivated_at=NOW),
]
ABLE = frozenset({ANNA, BOB})


def local(moment: datetime) -> str:
    return moment.astimezone(VIENNA).strftime("%Y-%m-%d %H:%M")


def written(*lines: str) -> bytes:
    """A calendar with one event."""
    start = () if any(line.startswith("DTSTART") for line in lines) else ("DTSTART:20261201T080000",)
    end = () if any(line.startswith(("DTEND", "DURATION")) for line in lines) else ("DTEND:20261202T080000",)
    event = ("BEGIN:VEVENT", "UID:1", "SUMMARY:Anna", *start, *end, *lines, "END:VEVENT")
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", *event, "END:VCALENDAR", "")).encode()


def test_a_calendar_of_google_is_read_with_what_is_left_out_moved_and_called_off() -> None:
    found = read_calendar((CALENDARS / "google.ics").read_bytes(), VIENNA, NOW)
    assert found.name == "Hotline Graz"
    assert [(local(each.begins), local(each.ends), each.summary) for each in found.events] == [
        ("2026-11-30 08:00", "2026-12-07 08:00", "On-call"),
        ("2026-12-07 08:00", "2026-12-14 08:00", "Bereitschaft Ada"),
        ("2026-12-15 08:00", "2026-12-21 08:00", "On-call (a day later)"),
        ("2026-12-21 08:00", "2026-12-28 08:00", "Bereitschaft Ada"),
        ("2026-12-24 00:00", "2026-12-25 00:00", "Christmas party"),
        ("2027-01-11 08:00", "2027-01-18 08:00", "On-call"),
        ("2027-01-25 08:00", "2027-02-01 08:00", "On-call"),
    ]
    assert found.events[0].attendees[0] == "anna@example.org"


def test_a_calendar_of_outlook_keeps_its_local_time_when_clocks_change() -> None:
    found = read_calendar((CALENDARS / "outlook.ics").read_bytes(), VIENNA, NOW)
    nights = [each for each in found.events if "Anna" in each.summary]
    assert len(nights) == 10
    assert {local(each.begins)[-5:] for each in nights} == {"17:00"}
    assert {local(each.ends)[-5:] for each in nights} == {"08:00"}
    lengths = {local(each.begins)[:10]: each.ends - each.begins for each in nights}
    assert lengths["2027-03-27"] == timedelta(hours=14)
    assert lengths["2027-03-28"] == timedelta(hours=15)


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", "calendar.broken"),
        (b"\xff\xfe\x00\x01", "calendar.broken"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:x", "calendar.broken"),
        (b"BEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT", "calendar.broken"),
        (b" " * 2_100_000, "calendar.large"),
        (written(*(f"RDATE:202612{day:02}T{hour:02}{minute:02}00" for day in range(2, 30) for hour in range(24)
                   for minute in range(0, 60, 15))), "calendar.large"),
    ],
)  # fmt: skip
def test_what_is_no_calendar_or_too_much_is_refused(content: bytes, refusal: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_calendar(content, VIENNA, NOW)
    assert refused.value.key == refusal


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (("RRULE:FREQ=SECONDLY",), "too_often"),
        (("RRULE:FREQ=HOURLY",), "too_often"),
        (("RRULE:FREQ=DAILY;BYHOUR=8,9",), "too_often"),
        (("RRULE:FREQ=DAILY;INTERVAL=0",), "broken"),
        (("RRULE:FREQ=NEVER",), "broken"),
        (("DTSTART:tomorrow",), "broken"),
        (("DTSTART:19000101T080000", "DTEND:19000101T090000", "RRULE:FREQ=DAILY"), "too_old"),
    ],
)
def test_an_event_that_cannot_be_read_is_told_of_and_the_others_count(
    lines: tuple[str, ...], why: str
) -> None:
    other = written().split(b"BEGIN:VEVENT")[1].replace(b"UID:1", b"UID:2")
    content = written(*lines).replace(b"END:VCALENDAR", b"BEGIN:VEVENT" + other)
    found = read_calendar(content, VIENNA, NOW)
    assert [(each.summary, each.why) for each in found.unread] == [("Anna", why)]
    assert [each.uid for each in found.events] == ["2"]


def test_who_has_declined_is_not_counted_among_the_attendees() -> None:
    content = written(
        "ATTENDEE;PARTSTAT=DECLINED:mailto:bob@example.org",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:anna@example.org",
    )
    assert read_calendar(content, VIENNA, NOW).events[0].attendees == ("anna@example.org",)


def test_times_without_a_zone_and_whole_days_are_those_of_the_operator() -> None:
    floating = read_calendar(written(), VIENNA, NOW).events[0]
    assert local(floating.begins) == "2026-12-01 08:00"
    whole = written("DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261203")
    day = read_calendar(whole, VIENNA, NOW).events[0]
    assert (local(day.begins), local(day.ends)) == ("2026-12-01 00:00", "2026-12-03 00:00")
    assert (
        read_calendar(written("DTSTART:20281201T080000", "DTEND:20281202T080000"), VIENNA, NOW).events == ()
    )
    assert (
        read_calendar(written("DTSTART:20261001T080000", "DTEND:20261002T080000"), VIENNA, NOW).events == ()
    )


@pytest.mark.parametrize(
    ("summary", "attendees", "expected"),
    [
        ("On-call", ("anna@example.org", "room@example.org"), ANNA),
        ("On-call Bob", ("anna@example.org",), ANNA),
        ("On-call: BOB AGENT!", (), BOB),
        ("Agent, Anna", (), ANNA),
        ("Anna", (), ANNA),
        ("Annabel", (), "nobody"),
        ("Agent", (), "several"),
        ("Anna & Bob", (), "several"),
        ("Ada", (), "cannot_act"),
        ("Gerd Gone", (), "nobody"),
        ("Team meeting", ("somebody@example.org",), "nobody"),
    ],
)
def test_an_event_is_of_the_one_whom_it_names(
    summary: str, attendees: tuple[str, ...], expected: int | str
) -> None:
    event = Event("1", summary, attendees, NOW, NOW + timedelta(hours=1))
    found, unread = understand(CalendarRead(None, (event,), ()), STAFF, ABLE, "Graz")
    assert [each.person for each in found] + [each.why for each in unread] == [expected]


def test_of_two_events_at_once_the_first_counts_and_those_of_one_person_become_one() -> None:
    hour = timedelta(hours=1)
    events = (
        Event("1", "Anna", (), NOW, NOW + 4 * hour),
        Event("2", "Anna", (), NOW + 3 * hour, NOW + 6 * hour),
        Event("3", "Bob", (), NOW + 5 * hour, NOW + 7 * hour),
        Event("4", "Bob", (), NOW + 6 * hour, NOW + 8 * hour),
    )
    found, unread = understand(CalendarRead(None, events, ()), STAFF, ABLE, "Graz")
    assert [(each.person, each.begins, each.ends) for each in found] == [
        (ANNA, NOW, NOW + 6 * hour),
        (BOB, NOW + 6 * hour, NOW + 8 * hour),
    ]
    assert [(each.summary, each.why, each.begins) for each in unread] == [("Bob", "overlaps", NOW + 5 * hour)]
