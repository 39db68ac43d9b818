"""The transition table, read as a whole."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from bot.domain.case import (
    BOT_STATES,
    HUMAN_STATES,
    OPEN_STATES,
    TRANSITIONS,
    Case,
    CaseState,
    Severity,
    Trigger,
    move,
)
from bot.domain.people import telegram
from bot.domain.refusal import Refusal
from bot.domain.report import Symptom

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def case(state: CaseState) -> Case:
    return Case(1, "graz", 1, telegram(501), state, 3, Symptom.OTHER, Severity.P2, NOW, NOW)


def test_every_state_can_be_reached_from_a_filed_case() -> None:
    reached, grew = {CaseState.FILED}, True
    while grew:
        more = {after for (before, _), after in TRANSITIONS.items() if before in reached} - reached
        reached, grew = reached | more, bool(more)
    assert reached == set(CaseState)


def test_every_trigger_is_of_use() -> None:
    assert {trigger for _, trigger in TRANSITIONS} == set(Trigger)


def test_only_its_driver_leads_a_closed_case_back() -> None:
    out = {key[1] for key in TRANSITIONS if key[0] is CaseState.CLOSED}
    assert out == {Trigger.REOPEN, Trigger.JUDGE_ANEW}


@pytest.mark.parametrize("state", sorted(set(CaseState) - {CaseState.CLOSED}))
def test_every_other_case_can_be_closed(state: CaseState) -> None:
    assert move(case(state), Trigger.CLOSE, NOW).state is CaseState.CLOSED


@pytest.mark.parametrize("state", sorted(OPEN_STATES))
def test_an_open_case_is_never_further_than_one_step_from_a_person_or_an_end(state: CaseState) -> None:
    after = {TRANSITIONS[key] for key in TRANSITIONS if key[0] is state}
    assert after & (HUMAN_STATES | {CaseState.RESOLVED})


def test_only_the_hotline_or_a_driver_who_reopens_leads_a_resolved_case_back() -> None:
    out = {key[1] for key in TRANSITIONS if key[0] is CaseState.RESOLVED}
    assert out == {Trigger.REOPEN, Trigger.JUDGE_ANEW, Trigger.CLOSE}


def test_a_case_has_ended_since_it_was_resolved_and_no_more_once_it_is_open_again() -> None:
    resolved = move(case(CaseState.WITH_AGENT), Trigger.RESOLVE, NOW)
    closed = move(resolved, Trigger.CLOSE, NOW + timedelta(hours=3))
    assert (resolved.ended_at, closed.ended_at) == (NOW, NOW)
    assert move(closed, Trigger.REOPEN, NOW + timedelta(hours=4)).ended_at is None


def test_a_move_counts_the_version_up_and_dates_the_change() -> None:
    after = move(case(CaseState.FILED), Trigger.DIAGNOSE, NOW + timedelta(seconds=5))
    assert (after.state, after.version, after.changed_at, after.opened_at) == (
        CaseState.DIAGNOSING,
        4,
        NOW + timedelta(seconds=5),
        NOW,
    )


@pytest.mark.parametrize(("state", "trigger"), sorted(set(product(CaseState, Trigger)) - set(TRANSITIONS)))
def test_whatever_the_table_does_not_name_is_refused(state: CaseState, trigger: Trigger) -> None:
    with pytest.raises(Refusal) as refused:
        move(case(state), trigger, NOW)
    ended = state in {CaseState.RESOLVED, CaseState.CLOSED}
    assert refused.value.key == ("case.already_closed" if ended else "case.moved_on")


def test_each_state_belongs_to_the_bot_or_to_people_or_is_ended() -> None:
    ended = {CaseState.RESOLVED, CaseState.CLOSED}
    assert sorted([*BOT_STATES, *HUMAN_STATES, *ended]) == sorted(CaseState)
