"""Until when a case is put aside."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.snooze import LEAST_UNTIL_MORNING, MORNING, Nap, wakes_at

VIENNA = "Europe/Vienna"


@pytest.mark.parametrize(
    ("said_at", "wakes"),
    [
        ("2026-11-22T17:00", "2026-11-23T08:00"),
        ("2026-11-23T01:30", "2026-11-23T08:00"),
        ("2026-11-23T06:30", "2026-11-24T08:00"),
        # In the night before, the clocks were put back, and forward.
        ("2026-10-24T20:00", "2026-10-25T08:00"),
        ("2026-03-28T20:00", "2026-03-29T08:00"),
    ],
)
def test_the_morning_is_the_one_that_comes_where_the_operator_is(said_at: str, wakes: str) -> None:
    there = ZoneInfo(VIENNA)
    now = datetime.fromisoformat(said_at).replace(tzinfo=there).astimezone(UTC)
    until = wakes_at(Nap.MORNING, now, VIENNA)
    assert until.astimezone(there).replace(tzinfo=None) == datetime.fromisoformat(wakes)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # The strategy adds the zone.
    st.sampled_from([VIENNA, "America/New_York", "Pacific/Auckland"]),
)
def test_a_case_comes_back_in_a_morning_within_a_day_and_a_bit(now: datetime, zone: str) -> None:
    until = wakes_at(Nap.MORNING, now, zone)
    assert until.astimezone(ZoneInfo(zone)).time() == MORNING
    assert LEAST_UNTIL_MORNING <= until - now <= timedelta(hours=29)


def test_short_times_are_as_long_as_they_say() -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert wakes_at(Nap.QUARTER, now, VIENNA) - now == timedelta(minutes=15)
    assert wakes_at(Nap.HOUR, now, VIENNA) - now == timedelta(hours=1)
