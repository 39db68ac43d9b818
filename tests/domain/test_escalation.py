"""Policies: working time over nights, weekends, holidays and changes of the clock; levels in their order."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.case import Severity
from bot.domain.escalation import (
    Level,
    Policy,
    Promise,
    ServiceLevel,
    Target,
    TargetKind,
    due_at,
    promised,
    reached,
    waited,
)
from bot.domain.operator import Operator
from bot.domain.policy_data import (
    DAYS,
    at_place,
    data_of,
    policy_of,
    read_hours,
    read_target,
    written_hours,
    written_target,
)
from bot.domain.refusal import Refusal
from bot.domain.usual_policies import usual
from bot.domain.working_time import MIDNIGHT, Hours, Window

VIENNA = "Europe/Vienna"
OFFICE = Hours(read_hours("mon-fri 8-17").windows, VIENNA, "AT")
MINUTE = timedelta(minutes=1)
_TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30]))


@st.composite
def opening_hours(draw: st.DrawFn) -> Hours:
    windows = []
    for weekday in draw(st.sets(st.integers(0, 6), min_size=1)):
        edges = sorted(draw(st.sets(_TIMES, min_size=1, max_size=4)))
        for opens, closes in zip(edges[::2], [*edges[1::2], MIDNIGHT], strict=False):
            windows.append(Window(weekday, opens, closes))
    country = draw(st.sampled_from([None, "AT", "DE"]))
    return Hours(tuple(windows), draw(st.sampled_from([VIENNA, "UTC", "America/New_York"])), country)


any_hours = st.one_of(st.just(Hours()), opening_hours())
# Over both changes of the clock, Christmas and a new year.
_FIRST, _LAST = datetime(2026, 3, 1), datetime(2027, 4, 30)  # noqa: DTZ001  # Hypothesis adds the zone.
moments = st.datetimes(_FIRST, _LAST, timezones=st.just(UTC))
spans = st.builds(timedelta, minutes=st.integers(0, 60 * 24 * 3))


def vienna(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(VIENNA))  # type: ignore[misc,arg-type]  # The parts of a date and time.


def levels(*minutes: int) -> tuple[Level, ...]:
    return tuple(Level(timedelta(minutes=each), (Target(TargetKind.ALL_AGENTS),)) for each in minutes)


@given(any_hours, moments, spans)
def test_so_much_time_later_just_that_much_has_passed(hours: Hours, start: datetime, span: timedelta) -> None:
    assert hours.between(start, hours.add(start, span)) == span


@given(any_hours, moments, spans, spans)
def test_time_adds_up_over_a_pause(hours: Hours, start: datetime, first: timedelta, then: timedelta) -> None:
    middle = hours.add(start, first)
    assert hours.add(middle, then) == hours.add(start, first + then) or then == timedelta()
    end = hours.add(middle, then)
    assert hours.between(start, middle) + hours.between(middle, end) == hours.between(start, end)


@given(any_hours, moments, spans)
def test_a_deadline_is_never_earlier_than_by_the_clock_on_the_wall(
    hours: Hours, start: datetime, span: timedelta
) -> None:
    due = hours.add(start, span)
    assert due >= start + span
    assert hours.between(start, due - MINUTE) <= span


@given(opening_hours(), moments, spans)
def test_a_deadline_of_business_hours_lies_within_them(
    hours: Hours, start: datetime, span: timedelta
) -> None:
    due = hours.add(start, span + MINUTE).astimezone(ZoneInfo(hours.zone))
    just_before = due - timedelta(seconds=1)
    days = {window.weekday for window in hours.windows}
    assert just_before.weekday() in days
    assert hours.between(due - timedelta(seconds=1), due) == timedelta(seconds=1)


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        (vienna(2026, 11, 20, 16, 50), 30, vienna(2026, 11, 23, 8, 20)),  # Over a weekend.
        (vienna(2026, 11, 23, 3, 0), 30, vienna(2026, 11, 23, 8, 30)),  # In the night.
        (vienna(2026, 12, 24, 16, 0), 90, vienna(2026, 12, 28, 8, 30)),  # Christmas, then a weekend.
        (vienna(2026, 10, 23, 16, 0), 90, vienna(2026, 10, 27, 8, 30)),  # The clock goes back, and a holiday.
        (vienna(2026, 11, 23, 9, 0), 0, vienna(2026, 11, 23, 9, 0)),
    ],
)
def test_working_time_leaves_out_nights_weekends_and_holidays(
    start: datetime, minutes: int, due: datetime
) -> None:
    assert OFFICE.add(start, timedelta(minutes=minutes)) == due


def test_an_hour_that_the_clock_leaves_out_is_not_worked_and_one_that_it_repeats_is_worked_twice() -> None:
    nights = Hours((Window(6, time(1), time(4)),), VIENNA)
    spring = nights.between(vienna(2026, 3, 29, 0), vienna(2026, 3, 29, 12))
    autumn = nights.between(vienna(2026, 10, 25, 0), vienna(2026, 10, 25, 12))
    assert (spring, autumn) == (timedelta(hours=2), timedelta(hours=4))


@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=6), any_hours, moments, st.integers(0, 400), st.data()
)
def test_levels_come_in_their_order_wherever_the_clock_was_stopped(
    minutes: list[int], hours: Hours, start: datetime, used: int, data: st.DataObject
) -> None:
    policy = Policy(Severity.P2, levels(*minutes), hours=hours)
    elapsed = timedelta(minutes=used)
    due = [due_at(policy, start, elapsed, level) for level in range(len(minutes))]
    assert due == sorted(due)
    level = data.draw(st.integers(0, len(minutes) - 1))
    # At its due time a level is reached, and a moment before it is not, unless it was before the start.
    assert reached(policy, elapsed + hours.between(start, due[level])) > level
    if waited(policy, level) > elapsed:
        second = timedelta(seconds=1)
        assert reached(policy, elapsed + hours.between(start, due[level] - second)) <= level


@given(any_hours, moments, spans.filter(bool), st.floats(0.1, 0.9))
def test_a_warning_comes_before_what_it_warns_of(
    hours: Hours, began: datetime, span: timedelta, warn_at: float
) -> None:
    policy = Policy(Severity.P2, levels(1), ServiceLevel(span, None, warn_at), hours)
    (promise,) = promised(policy, began).values()
    assert promise.what is Promise.FIRST_ANSWER
    assert began <= promise.warning <= promise.due


targets = st.one_of(
    st.builds(Target, st.just(TargetKind.ON_CALL), st.integers(1, 9)),
    st.sampled_from(
        [Target(TargetKind.TECHNICIAN), Target(TargetKind.MANAGER), Target(TargetKind.ALL_AGENTS)]
    ),
    st.just(Target(TargetKind.EMAIL, address="ops@example.org")),
)
policies = st.builds(
    Policy,
    st.sampled_from(Severity),
    st.lists(
        st.builds(Level, spans, st.lists(targets, min_size=1, max_size=3, unique=True).map(tuple)),
        min_size=1,
        max_size=4,
    ).map(tuple),
    st.builds(ServiceLevel, st.none() | spans, st.none() | spans, st.sampled_from([0.5, 0.8])),
    opening_hours().map(lambda hours: Hours(tuple(sorted(hours.windows, key=str)))) | st.just(Hours()),
    st.none() | spans,
)


@given(policies)
def test_a_policy_is_kept_as_it_was_written(policy: Policy) -> None:
    read = policy_of(data_of(policy))
    assert set(read.hours.windows) == set(policy.hours.windows)
    assert (read.levels, read.service_level, read.last_repeats) == (
        policy.levels,
        policy.service_level,
        policy.last_repeats,
    )
    placed = at_place(read, VIENNA, "AT")
    assert (placed.hours.zone, placed.hours.country) == (VIENNA, "AT")


@pytest.mark.parametrize("text", ["on_call 2", "technician", "manager", "all_agents", "a@example.org"])
def test_targets_are_read_as_they_are_written(text: str) -> None:
    assert written_target(read_target(text)) == text


@pytest.mark.parametrize("text", ["", "on_call 0", "on_call x", "email", "boss", "technician 2", "a@b c"])
def test_who_is_nobody_that_can_be_told_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        read_target(text)


@pytest.mark.parametrize(
    "text", ["", "mon", "mon 8", "xyz 8-9", "fri-mon 8-9", "mon 9-8", "mon 8-25", "mon 8-12, mon 11-13"]
)
def test_hours_that_nobody_can_keep_are_refused(text: str) -> None:
    with pytest.raises(Refusal):
        read_hours(text)


def test_hours_are_written_by_days_that_have_the_same() -> None:
    assert written_hours(read_hours("Sat 9:30-24, fri 8-12")) == ["fri 08:00-12:00", "sat 09:30-24:00"]
    assert len(read_hours("mon-sun 0-24").windows) == len(DAYS)
    assert written_hours(read_hours("sat 9-12, mon-wed 8-12, mon-fri 13-17")) == [
        "mon-wed 08:00-12:00",
        "mon-fri 13:00-17:00",
        "sat 09:00-12:00",
    ]


def test_the_usual_policies_wait_as_long_as_the_operator_says(graz: Operator) -> None:
    waits = (timedelta(minutes=5), timedelta(minutes=1))
    first = {each: usual(graz, each, waits) for each in Severity}
    assert [waited(first[each], 0) for each in Severity] == [
        timedelta(),
        timedelta(minutes=5),
        timedelta(minutes=5),
    ]
    assert waited(first[Severity.P1], 1) == MINUTE
    own = replace(graz, agent_takes_minutes=30, agent_takes_danger_minutes=2)
    assert waited(usual(own, Severity.P2, waits), 0) == timedelta(minutes=30)
    assert waited(usual(own, Severity.P1, waits), 1) == timedelta(minutes=2)


@pytest.fixture
def graz() -> Operator:
    return Operator("graz", "Graz", "AT", "SWG", VIENNA, "en", "EUR", Decimal("9.90"), "+43 316 0")
