"""The order that a ladder learns: never without enough numbers, and never past its guards."""

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ladder import LADDER, ORDER, Approval, StepName
from bot.domain.learnt_order import (
    HARDLY_EVER,
    TRIES_BEFORE_THE_WHOLE_STATION,
    TRIES_THAT_TELL,
    Record,
    in_order,
    useless,
    usual,
)

ASK, END, CYCLE, RESET = StepName.ASK, StepName.END_SESSION, StepName.CYCLE, StepName.SOFT_RESET
OWN = tuple(step for step in ORDER if LADDER[step].approval is not Approval.AGENT)
STEPS = (ASK, CYCLE, RESET)
records = st.integers(0, 400).flatmap(lambda tried: st.builds(Record, st.just(tried), st.integers(0, tried)))
known = st.dictionaries(st.sampled_from(ORDER), records)
some_steps = st.sets(st.sampled_from(ORDER)).map(tuple)


@given(some_steps, known, st.booleans())
def test_the_order_is_one_of_the_allowed_steps_less_those_that_never_help(
    steps: tuple[StepName, ...], learnt: dict[StepName, Record], beside: bool
) -> None:
    taken = in_order(steps, learnt, charging_beside=beside)
    assert len(taken) == len(set(taken))
    assert set(taken) == {step for step in steps if step in OWN and not useless(step, learnt)}


@given(some_steps, known, st.booleans())
def test_to_ask_comes_first_and_nothing_comes_before_the_end_of_a_session(
    steps: tuple[StepName, ...], learnt: dict[StepName, Record], beside: bool
) -> None:
    taken = in_order((*{*steps, ASK, END, CYCLE},), learnt, charging_beside=beside)
    assert taken[:2] == (ASK, END)


@given(some_steps, known, st.booleans())
def test_whatever_was_put_forward_did_so_much_better_than_what_it_passed(
    steps: tuple[StepName, ...], learnt: dict[StepName, Record], beside: bool
) -> None:
    taken = in_order(steps, learnt, charging_beside=beside)
    for place, harder in enumerate(taken):
        for milder in (each for each in taken[place + 1 :] if ORDER.index(each) < ORDER.index(harder)):
            ahead, behind = learnt[harder], learnt[milder]
            enough = TRIES_BEFORE_THE_WHOLE_STATION if LADDER[harder].whole_station else TRIES_THAT_TELL
            assert min(ahead.tried, behind.tried) >= enough
            assert behind.helped <= HARDLY_EVER * behind.tried
            assert ahead.helped * behind.tried > behind.helped * ahead.tried
            assert not (beside and LADDER[harder].whole_station)


@given(
    some_steps,
    st.dictionaries(
        st.sampled_from(ORDER), st.builds(Record, st.integers(0, TRIES_THAT_TELL - 1), st.just(0))
    ),
)
def test_too_few_tries_change_nothing(steps: tuple[StepName, ...], learnt: dict[StepName, Record]) -> None:
    own = tuple(step for step in steps if step in OWN)
    assert in_order(steps, learnt, charging_beside=False) == usual(own)


@given(records)
def test_the_likely_shares_hold_what_was_seen(record: Record) -> None:
    low, high = record.likely
    assert 0 <= low <= high <= 1
    if record.tried:
        assert low - 1e-9 <= record.helped / record.tried <= high + 1e-9


def test_the_likely_shares_are_those_of_wilson() -> None:
    low, high = Record(10, 1).likely
    assert isclose(low, 0.0179, abs_tol=5e-4)
    assert isclose(high, 0.4042, abs_tol=5e-4)


@pytest.mark.parametrize(
    ("cycle", "reset", "first"),
    [
        (Record(10, 1), Record(10, 9), RESET),
        (Record(40, 4), Record(40, 16), RESET),
        (Record(9, 1), Record(40, 40), CYCLE),
        (Record(40, 1), Record(9, 9), CYCLE),
        (Record(10, 1), Record(10, 6), CYCLE),
        (Record(100, 60), Record(100, 99), CYCLE),
        (Record(40, 30), Record(40, 2), CYCLE),
    ],
    ids=[
        "a clear case",
        "a clear case of many tries",
        "too few tries of the milder one",
        "too few tries of the harder one",
        "no clear difference",
        "the milder one helps often enough",
        "the milder one is better",
    ],
)
def test_a_restart_goes_before_the_cycle_only_where_the_numbers_are_clear(
    cycle: Record, reset: Record, first: StepName
) -> None:
    taken = in_order(STEPS, {CYCLE: cycle, RESET: reset}, charging_beside=False)
    assert taken[0] is ASK
    assert taken[1] is first
    assert set(taken) == set(STEPS)


def test_no_restart_is_put_forward_while_somebody_charges_beside() -> None:
    clear = {CYCLE: Record(50, 1), RESET: Record(50, 49)}
    assert in_order(STEPS, clear, charging_beside=True) == STEPS


def test_what_has_never_helped_is_left_out() -> None:
    assert in_order(STEPS, {CYCLE: Record(TRIES_THAT_TELL, 0)}, charging_beside=False) == (ASK, RESET)
    assert in_order(STEPS, {CYCLE: Record(TRIES_THAT_TELL - 1, 0)}, charging_beside=False) == STEPS
