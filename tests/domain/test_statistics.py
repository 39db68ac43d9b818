"""The numbers of a period: totals add up whatever the cases are, and each case is counted to whoever solved it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.billing import Month
from bot.domain.period import Period, of_month, period
from bot.domain.refusal import Refusal
from bot.domain.statistics import (
    SOLVED,
    CaseRecord,
    Solved,
    Solver,
    Statistics,
    repeats,
    solver,
    statistics,
)

VIENNA = "Europe/Vienna"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
WEEK = Period(date(2026, 11, 16), date(2026, 11, 22))
CASE = CaseRecord(1, NOON, False, "stopped")
MINUTE = timedelta(minutes=1)


def after(minutes: float) -> datetime:
    return NOON + minutes * MINUTE


def of(*records: CaseRecord, solved: tuple[Solved, ...] = ()) -> Statistics:
    return statistics(records, solved, WEEK, VIENNA)


moments = st.none() | st.integers(-600, 60 * 24 * 40).map(after)


FLAGS = ("open", "taken", "came_back", "answer_promised", "answer_late", "solution_promised", "solution_late")
TIMES = (
    "resolved_at", "asked_at", "answered_at", "handed_at", "proved_at", "accepted_at", "returned_at",
)  # fmt: skip


@st.composite
def any_record(draw: st.DrawFn, number: int) -> CaseRecord:
    """Any combination, also such as the service never makes."""
    begin, end = WEEK.bounds(VIENNA)
    naive = (begin.replace(tzinfo=None), (end - MINUTE).replace(tzinfo=None))
    record = CaseRecord(
        id=number,
        opened_at=draw(st.datetimes(*naive, timezones=st.just(UTC))),
        open=False,
        symptom=draw(st.sampled_from("abcdefgh")),
        verdict=draw(st.none() | st.sampled_from("uvwxyz")),
        evse_id=draw(st.none() | st.sampled_from(["E1", "E2"])),
        resolution=draw(st.sampled_from([None, "agent", "technician", "driver_confirmed", "cancelled"])),
        rating=draw(st.none() | st.integers(1, 5)),
    )
    flags = {name: draw(st.booleans()) for name in FLAGS}
    times = {name: draw(moments) for name in TIMES}
    return replace(record, **flags, **times)  # type: ignore[arg-type]  # Fields of two types by name.


@st.composite
def any_records(draw: st.DrawFn) -> list[CaseRecord]:
    return [draw(any_record(number)) for number in range(draw(st.integers(0, 12)))]


@given(any_records())
@settings(max_examples=60)
def test_totals_add_up(records: list[CaseRecord]) -> None:
    solved = [
        Solved(each.id, each.evse_id, each.resolved_at)
        for each in records
        if each.evse_id and each.resolved_at
    ]
    found = statistics(records, solved, WEEK, VIENNA)
    assert found.cases == len(records) == sum(found.solved_by.values())
    assert sum(bar.total for bar in found.bars) == sum(found.hours) == found.cases
    for each in Solver:
        assert sum(bar.solved_by[each] for bar in found.bars) == found.solved_by[each]
    assert found.solved + found.solved_by[Solver.NOBODY] + found.solved_by[Solver.OPEN] == found.cases
    assert found.solved == sum(each.resolved_at is not None and not each.open for each in records)
    assert found.rated == sum(each.rating is not None for each in records)
    assert found.average is None or 1 <= found.average <= 5
    assert 0 <= found.repeats <= found.cases
    for top in (found.symptoms, found.verdicts):
        counts = [count for _, count in top]
        assert counts == sorted(counts, reverse=True) and len(counts) <= 5 and sum(counts) <= found.cases
    for spread in (found.first_answer, found.resolution):
        assert spread is None or (
            timedelta() <= spread.median <= spread.ninetieth and spread.count <= found.cases
        )
    for kept in (found.answers, found.solutions):
        assert kept is None or 0 <= kept.kept <= kept.of <= found.cases
    assert (found.busiest is None) == (not records)


def test_a_period_without_a_case_is_fine() -> None:
    found = of()
    assert (found.cases, found.solved, found.repeats, found.rated) == (0, 0, 0, 0)
    assert (found.average, found.first_answer, found.resolution, found.answers, found.busiest) == (None,) * 5
    assert [bar.total for bar in found.bars] == [0] * 7


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"open": True}, Solver.OPEN),
        ({"resolution": "driver_silent"}, Solver.NOBODY),
        ({"resolved_at": after(5), "resolution": "driver_confirmed"}, Solver.BOT),
        ({"resolved_at": after(5), "proved_at": after(4)}, Solver.REMOTE),
        (
            {
                "resolved_at": after(9),
                "proved_at": after(4),
                "handed_at": after(5),
                "asked_at": after(5),
                "taken": True,
            },
            Solver.AGENT,
        ),
        (
            {
                "resolved_at": after(9),
                "proved_at": after(7),
                "handed_at": after(5),
                "asked_at": after(5),
                "taken": True,
            },
            Solver.REMOTE,
        ),
        ({"resolved_at": after(9), "asked_at": after(5), "resolution": "agent"}, Solver.AGENT),
        ({"resolved_at": after(9), "asked_at": after(5), "resolution": "driver_confirmed"}, Solver.ITSELF),
        ({"resolved_at": after(9), "came_back": True}, Solver.ITSELF),
        ({"resolved_at": after(9), "resolution": "technician", "proved_at": after(8)}, Solver.TECHNICIAN),
        ({"resolved_at": after(9), "accepted_at": after(5), "taken": True}, Solver.TECHNICIAN),
        (
            {"resolved_at": after(9), "accepted_at": after(5), "returned_at": after(6), "taken": True},
            Solver.AGENT,
        ),
    ],
    ids=str,
)
def test_a_case_is_counted_to_whoever_solved_it(changes: dict[str, object], expected: Solver) -> None:
    record = replace(CASE, **changes)  # type: ignore[arg-type]  # Fields of several types by name.
    assert solver(record) is expected
    assert (expected in SOLVED) is (record.resolved_at is not None)


def test_median_and_ninetieth_are_of_those_who_waited() -> None:
    waits = [1, 2, 3, 4, 5, 6, 7, 8, 9, 100]
    asked = [
        replace(CASE, id=number, asked_at=after(0), answered_at=after(wait), resolved_at=after(wait * 2))
        for number, wait in enumerate(waits)
    ]
    unanswered = replace(CASE, id=77, asked_at=after(0))
    found = of(*asked, unanswered)
    assert found.first_answer is not None and found.resolution is not None
    assert (found.first_answer.count, found.first_answer.median) == (10, 5.5 * MINUTE)
    assert found.first_answer.ninetieth == 9 * MINUTE
    assert found.resolution.median == 11 * MINUTE


def test_a_fault_repeats_where_its_evse_was_solved_within_seven_days_before() -> None:
    again = replace(CASE, id=2, evse_id="E1")
    week = timedelta(days=7)
    assert repeats([again], [Solved(1, "E1", NOON - week)]) == {2}
    assert repeats([again], [Solved(1, "E1", NOON - week - MINUTE)]) == frozenset()
    assert repeats([again], [Solved(1, "E1", NOON + MINUTE)]) == frozenset()
    assert repeats([again], [Solved(1, "E2", NOON - MINUTE)]) == frozenset()
    assert repeats([replace(again, opened_at=NOON)], [Solved(2, "E1", NOON)]) == frozenset()


def test_promises_count_where_it_is_known_whether_they_were_kept() -> None:
    level = replace(CASE, answer_promised=True, solution_promised=True, asked_at=after(0))
    found = of(
        replace(level, id=1, answered_at=after(1), resolved_at=after(2)),
        replace(level, id=2, answered_at=after(9), answer_late=True),
        replace(level, id=3, open=True),
        replace(CASE, id=4, asked_at=after(0), answered_at=after(1)),
    )
    assert found.answers is not None and found.solutions is not None
    assert (found.answers.kept, found.answers.of) == (1, 2)
    assert (found.solutions.kept, found.solutions.of) == (1, 1)


def test_days_and_hours_are_the_operators() -> None:
    late = replace(CASE, opened_at=datetime(2026, 11, 20, 23, 30, tzinfo=UTC))
    found = of(late)
    assert [bar.day for bar in found.bars if bar.total] == [date(2026, 11, 21)]
    assert found.busiest == 0
    day = Period(date(2026, 11, 21), date(2026, 11, 21))
    assert [bar.hour for bar in statistics([late], (), day, VIENNA).bars if bar.total] == [0]


def test_a_period_is_a_number_of_days_or_a_month() -> None:
    now = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    assert period("1", now, VIENNA) == Period(date(2026, 11, 22), date(2026, 11, 22))
    assert period("7", now, VIENNA).first == date(2026, 11, 16)
    assert period("2026-02", now, VIENNA) == of_month(Month(2026, 2))
    assert len(of_month(Month(2028, 2)).days) == 29
    for token in ("1", "7", "30", "2026-02", "2026-12"):
        assert period(token, now, VIENNA).token == token
    for wrong in ("", "2", "2026-13", "x", "2026-1"):
        with pytest.raises(Refusal):
            period(wrong, now, VIENNA)


def test_the_day_on_which_clocks_are_put_back_has_25_hours() -> None:
    begin, end = Period(date(2026, 10, 25), date(2026, 10, 25)).bounds(VIENNA)
    assert end - begin == timedelta(hours=25)
