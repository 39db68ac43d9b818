"""Days, times and spans as people write them."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from bot.domain.refusal import Refusal
from bot.domain.rotation import Handover, Hours
from bot.domain.when import read_day, read_handover, read_hours, read_span, read_time

VIENNA = ZoneInfo("Europe/Vienna")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("24.12. 18:00 – 26.12. 08:00", "2026-12-24 18:00", "2026-12-26 08:00"),
        ("24 Dec 18:00 - 26 Dec 8:00", "2026-12-24 18:00", "2026-12-26 08:00"),
        ("from 24 December 2026 18:00 until 26 December 2026 08:00", "2026-12-24 18:00", "2026-12-26 08:00"),
        ("24. Dezember 18 Uhr bis 26. Dezember 8 Uhr", "2026-12-24 18:00", "2026-12-26 08:00"),
        ("2026-12-24 18:00 2026-12-26 08:00", "2026-12-24 18:00", "2026-12-26 08:00"),
        ("24.12.2026, 18:00 bis 8:00", "2026-12-24 18:00", "2026-12-25 08:00"),
        ("24.12.26 08:00-17:00", "2026-12-24 08:00", "2026-12-24 17:00"),
        ("31.12. – 1.1.", "2026-12-31 00:00", "2027-01-02 00:00"),
        ("1 March", "2027-03-01 00:00", "2027-03-02 00:00"),
        ("29.3.2027", "2027-03-29 00:00", "2027-03-30 00:00"),
        ("18:00-22:00", "2026-11-22 18:00", "2026-11-22 22:00"),
        ("24.12. 0:00 - 24:00", "2026-12-24 00:00", "2026-12-25 00:00"),
    ],
)
def test_a_span_is_read_as_it_is_written(text: str, begins: str, ends: str) -> None:
    span = read_span(text, NOW, VIENNA)
    local = [each.astimezone(VIENNA).strftime("%Y-%m-%d %H:%M") for each in (span.begins, span.ends)]
    assert local == [begins, ends]


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", "when.span"),
        ("soon", "when.span"),
        ("24.12. 18:00", "when.span"),
        ("26.12.2026 18:00 - 24.12.2026 08:00", "when.backwards"),
        ("24.12.2025", "when.past"),
        ("22.11.2026 08:00-12:00", "when.past"),
        ("1.1.2027 - 1.1.2030", "when.long"),
        ("32.12.", "when.day"),
        ("24.12. 25:00 – 26.12. 08:00", "when.time"),
        ("24 Foo", "when.day"),
    ],
)
def test_what_is_no_span_is_refused(text: str, refusal: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_span(text, NOW, VIENNA)
    assert refused.value.key == refusal


def test_days_times_handovers_and_hours_are_read() -> None:
    assert read_time("8") == read_time("08:00") == read_time("8.00") == read_time("8 Uhr") == time(8)
    assert read_day("1.12.", TODAY) == read_day("2026-12-01", TODAY) == date(2026, 12, 1)
    assert read_day("29.2.", TODAY) == date(2028, 2, 29)
    before = Handover(time(8), 0)
    assert (
        read_handover("Fr 17:30", before)
        == read_handover("Freitag 17.30", before)
        == Handover(time(17, 30), 4)
    )
    assert read_handover("9", before) == Handover(time(9), 0)
    assert read_handover("Sunday", before) == read_handover("So", before) == Handover(time(8), 6)
    work = Hours(frozenset(range(5)), time(8), time(17))
    assert read_hours("Mon-Fri 8:00-17:00") == read_hours("Mo–Fr 8 bis 17 Uhr") == work
    assert read_hours("Sa, So 10-16") == Hours(frozenset({5, 6}), time(10), time(16))
    assert read_hours("Fri-Mon 18-8") == Hours(frozenset({4, 5, 6, 0}), time(18), time(8))
    assert read_hours("18:00 to 8:00") == Hours(frozenset(range(7)), time(18), time(8))


@pytest.mark.parametrize("text", ["", "never", "Mon-Fri", "Mon-Fri 8", "Mon-Fri 8-17-20", "Mon-Fri 8-77"])
def test_what_are_no_hours_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        read_hours(text)


@pytest.mark.parametrize("text", ["", "Mon Tue 8:00", "noon", "26:00"])
def test_what_is_no_handover_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        read_handover(text, Handover(time(8)))
