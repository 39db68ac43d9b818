"""Who is on call: one person of each layer at every moment, shifts without a gap, handovers at the local time."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.rotation import (
    Every,
    Handover,
    Hours,
    Layer,
    Override,
    Schedule,
    Shift,
    Source,
    in_the_way,
    instant,
    on_call,
    shifts,
)

VIENNA = ZoneInfo("Europe/Vienna")
ANNA, BOB, CARL = 1, 2, 3
MONDAY = date(2026, 1, 5)
WORK = Hours(frozenset(range(5)), time(8), time(17))
WEEKLY = Layer("Hotline", Every.WEEKLY, Handover(time(8)), MONDAY, (ANNA, BOB, CARL))
DAILY = replace(WEEKLY, every=Every.DAILY)

zones = st.sampled_from(["Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"])
moments = st.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001  # The strategy sets the zone.
    datetime(2027, 6, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30]))
people = st.lists(st.integers(1, 5), min_size=1, max_size=5, unique=True).map(tuple)
hours = st.none() | st.builds(Hours, st.frozensets(st.integers(0, 6), min_size=1), begins=times, ends=times)
layers = st.builds(
    Layer,
    st.just("Layer"),
    st.sampled_from(Every),
    st.builds(Handover, times, st.integers(0, 6)),
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    people,
    hours,
    st.integers(1, 2),
    st.booleans(),
)
overrides = st.builds(
    lambda person, begins, length, level, source: Override(
        person, begins, begins + timedelta(minutes=length), level, source
    ),
    st.integers(1, 5),
    moments,
    st.integers(1, 30_000),
    st.integers(1, 2),
    st.sampled_from(Source),
)
schedules = st.builds(
    Schedule,
    zones.map(ZoneInfo),
    st.lists(layers, max_size=4).map(tuple),
    st.lists(overrides, max_size=3).map(tuple),
    st.frozensets(st.dates(date(2026, 1, 1), date(2027, 6, 1)), max_size=20),
    st.none() | st.frozensets(st.integers(1, 5)),
)


def vienna(*numbers: int) -> datetime:
    """A local time in Vienna, in UTC."""
    year, month, day, hour, minute = (*numbers, 0, 0)[:5]
    return datetime(year, month, day, hour, minute, tzinfo=VIENNA).astimezone(UTC)


def due(schedule: Schedule, at: datetime, level: int = 1) -> list[int]:
    return [duty.person for duty in on_call(schedule, at) if duty.level == level]


@given(layers, zones, moments)
def test_a_layer_that_applies_has_exactly_one_person_at_every_moment(
    layer: Layer, zone: str, at: datetime
) -> None:
    schedule = Schedule(ZoneInfo(zone), (replace(layer, on_holidays=False),))
    local = at.astimezone(schedule.zone)
    begun = at >= instant(layer.starts_on, layer.handover.at, schedule.zone)
    found = due(schedule, at, layer.level)
    if not begun:
        assert found == []
    elif layer.hours is None:
        assert len(found) == 1 and found[0] in layer.people
    else:
        assert len(found) <= 1
        window = layer.hours
        # Away from the hours in which clocks are changed, the local time alone tells whether the window is open.
        clock = local.time()
        if window.begins < window.ends and not 0 <= local.hour < 4:
            assert bool(found) is (
                local.weekday() in window.weekdays and window.begins <= clock < window.ends
            )


@given(schedules, moments, st.integers(1, 40 * 24 * 60))
def test_shifts_tile_the_time_and_agree_with_who_is_on_call(
    schedule: Schedule, begins: datetime, length: int
) -> None:
    ends = begins + timedelta(minutes=length)
    found = shifts(schedule, begins, ends)
    for shift in found:
        assert begins <= shift.begins < shift.ends <= ends
    probes = {each.begins for each in found} | {each.ends - timedelta(seconds=1) for each in found}
    probes |= {each.ends for each in found if each.ends < ends}
    probes |= {begins + (ends - begins) * part / 7 for part in range(7)}
    for at in probes:
        covering = [(each.level, each.person) for each in found if each.begins <= at < each.ends]
        assert sorted(covering) == sorted({(duty.level, duty.person) for duty in on_call(schedule, at)})


@given(layers, zones, moments)
def test_shifts_of_one_layer_for_the_whole_day_leave_no_gap_and_do_not_overlap(
    layer: Layer, zone: str, begins: datetime
) -> None:
    whole = replace(layer, hours=None, on_holidays=False, starts_on=date(2025, 12, 1))
    ends = begins + timedelta(days=21)
    found = shifts(Schedule(ZoneInfo(zone), (whole,)), begins, ends)
    assert (found[0].begins, found[-1].ends) == (begins, ends)
    for one, next_one in pairwise(found):
        assert one.ends == next_one.begins
        assert one.person != next_one.person
        local = one.ends.astimezone(ZoneInfo(zone))
        # It is at the local time of the handover, but where clocks leave that time out.
        assert local.time() == whole.handover.at or local.hour in {2, 3}


@given(layers, zones)
def test_the_order_of_the_people_is_kept(layer: Layer, zone: str) -> None:
    whole = replace(layer, hours=None, on_holidays=False)
    start = instant(whole.starts_on, whole.handover.at, ZoneInfo(zone))
    found = shifts(Schedule(ZoneInfo(zone), (whole,)), start, start + timedelta(days=7 * 11))
    order = [each.person for each in found]
    wanted = whole.people if len(whole.people) > 1 else whole.people[:1]
    assert order == [wanted[turn % len(wanted)] for turn in range(len(order))]


@given(schedules, overrides)
def test_an_override_wins_exactly_within_its_span(schedule: Schedule, override: Override) -> None:
    mine = replace(override, person=99, source=Source.MANUAL)
    able = None if schedule.able is None else schedule.able | {99}
    before = replace(schedule, overrides=(), able=able)
    after = replace(before, overrides=(mine,))
    moment = timedelta(microseconds=1)
    for at in (mine.begins, mine.begins + (mine.ends - mine.begins) / 2, mine.ends - moment):
        assert due(after, at, mine.level) == [99]
        other = 3 - mine.level
        assert due(after, at, other) == due(before, at, other)
    for at in (mine.begins - moment, mine.ends):
        assert on_call(after, at) == on_call(before, at)


@pytest.mark.parametrize(
    ("day", "hours_of_the_day"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)]
)
def test_a_day_is_handed_over_at_the_same_local_time_when_clocks_change(
    day: date, hours_of_the_day: int
) -> None:
    layer = replace(DAILY, handover=Handover(time(0)))
    begins = instant(day, time(0), VIENNA)
    (first, *_) = shifts(Schedule(VIENNA, (layer,)), begins, begins + timedelta(days=3))
    assert first.ends - first.begins == timedelta(hours=hours_of_the_day)
    assert first.ends.astimezone(VIENNA).time() == time(0)


def test_a_week_goes_on_over_the_end_of_the_year() -> None:
    schedule = Schedule(VIENNA, (WEEKLY,))
    assert due(schedule, vienna(2026, 12, 28, 7, 59)) != due(schedule, vienna(2026, 12, 28, 8))
    assert due(schedule, vienna(2026, 12, 28, 8)) == due(schedule, vienna(2027, 1, 4, 7, 59))
    assert due(schedule, vienna(2027, 1, 4, 8)) != due(schedule, vienna(2027, 1, 4, 7, 59))


def test_a_layer_that_begins_within_a_week_begins_with_its_first_person() -> None:
    schedule = Schedule(VIENNA, (replace(WEEKLY, starts_on=date(2026, 1, 7)),))
    assert due(schedule, vienna(2026, 1, 7, 7, 59)) == []
    assert due(schedule, vienna(2026, 1, 7, 8)) == [ANNA]
    assert due(schedule, vienna(2026, 1, 12, 8)) == [BOB]
    found = shifts(schedule, vienna(2026, 1, 6), vienna(2026, 1, 13))
    assert [(each.person, each.begins) for each in found] == [
        (ANNA, vienna(2026, 1, 7, 8)),
        (BOB, vienna(2026, 1, 12, 8)),
    ]


def test_a_night_layer_and_a_day_layer_of_one_level_share_the_day() -> None:
    night = Layer(
        "Night",
        Every.DAILY,
        Handover(time(12)),
        MONDAY,
        (CARL,),
        Hours(frozenset(range(7)), time(17), time(8)),
    )
    day = replace(DAILY, people=(ANNA,), hours=Hours(frozenset(range(7)), time(8), time(17)))
    schedule = Schedule(VIENNA, (day, night))
    found = shifts(schedule, vienna(2026, 1, 6, 8), vienna(2026, 1, 7, 8))
    assert [(each.person, each.begins, each.ends) for each in found] == [
        (ANNA, vienna(2026, 1, 6, 8), vienna(2026, 1, 6, 17)),
        (CARL, vienna(2026, 1, 6, 17), vienna(2026, 1, 7, 8)),
    ]


def test_outside_its_hours_nobody_of_a_layer_is_on_call() -> None:
    schedule = Schedule(VIENNA, (replace(WEEKLY, hours=WORK),))
    assert due(schedule, vienna(2026, 1, 9, 16, 59)) == [ANNA]
    assert due(schedule, vienna(2026, 1, 9, 17)) == []
    assert due(schedule, vienna(2026, 1, 10, 12)) == []


def test_on_a_holiday_its_layer_stands_in_for_the_others_of_its_level_only() -> None:
    holiday = replace(DAILY, people=(CARL,), on_holidays=True)
    second = replace(WEEKLY, people=(BOB,), level=2)
    usual = replace(WEEKLY, people=(ANNA,))
    schedule = Schedule(VIENNA, (usual, holiday, second), holidays=frozenset({date(2026, 1, 6)}))
    assert due(schedule, vienna(2026, 1, 5, 23, 59)) == [ANNA]
    assert due(schedule, vienna(2026, 1, 6)) == due(schedule, vienna(2026, 1, 6, 23, 59)) == [CARL]
    assert due(schedule, vienna(2026, 1, 7)) == [ANNA]
    assert due(schedule, vienna(2026, 1, 6, 12), 2) == [BOB]


def test_whoever_cannot_act_is_passed_over_and_the_next_in_the_order_stands_in() -> None:
    at = vienna(2026, 1, 6)
    covers = Override(BOB, at, at + timedelta(hours=1))
    schedule = Schedule(VIENNA, (WEEKLY,), (covers,), able=frozenset({CARL}))
    assert due(schedule, at) == [CARL]
    assert due(replace(schedule, able=frozenset()), at) == []
    carls = vienna(2026, 1, 20)
    assert due(Schedule(VIENNA, (WEEKLY,)), carls) == [CARL]
    assert due(Schedule(VIENNA, (WEEKLY,), able=frozenset({ANNA, BOB})), carls) == [ANNA]


def test_what_an_admin_entered_wins_over_a_calendar() -> None:
    at = vienna(2026, 1, 6)
    calendar = Override(BOB, at, at + timedelta(days=2), source=Source.CALENDAR)
    manual = Override(CARL, at + timedelta(days=1), at + timedelta(days=2))
    found = shifts(Schedule(VIENNA, (WEEKLY,), (calendar, manual)), at, at + timedelta(days=3))
    early = replace(manual, begins=at - timedelta(days=1))
    assert due(Schedule(VIENNA, (), (early, calendar)), at) == [CARL]
    middle, end = at + timedelta(days=1), at + timedelta(days=2)
    assert found[:2] == (
        Shift(1, BOB, at, middle, stands_in=True),
        Shift(1, CARL, middle, end, stands_in=True),
    )


def test_only_overrides_of_one_level_and_source_are_in_each_others_way() -> None:
    at = vienna(2026, 1, 6)
    there = Override(BOB, at, at + timedelta(days=1))
    after = Override(ANNA, at + timedelta(days=1), at + timedelta(days=2))
    assert in_the_way([there], after) is None
    assert in_the_way([there], replace(after, begins=at)) is there
    assert in_the_way([there], replace(after, begins=at, level=2)) is None
    assert in_the_way([there], replace(after, begins=at, source=Source.CALENDAR)) is None
