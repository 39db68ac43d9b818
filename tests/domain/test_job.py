"""A technician's job: its one table of states."""

from datetime import UTC, datetime
from itertools import product

import pytest

from bot.domain.job import OPEN_JOBS, TRANSITIONS, Job, JobState, JobTrigger, move, possible
from bot.domain.operator import Contact
from bot.domain.refusal import Refusal

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TOM = Contact("Tom Technician", "+43 660 000000", "tom@example.org", 2001)
USUAL = (JobTrigger.ACCEPT, JobTrigger.GO, JobTrigger.ARRIVE, JobTrigger.FIX)


def job(state: JobState = JobState.ASKED) -> Job:
    return Job(7, 1, "graz", "GRAZ-01", state, 3, TOM, NOW, NOW)


def test_the_usual_way_leads_to_the_end_and_keeps_each_time() -> None:
    now = job()
    for trigger in USUAL:
        now = move(now, trigger, NOW)
    assert (now.state, now.version) == (JobState.FIXED, 7)
    assert now.accepted_at == now.departed_at == now.arrived_at == now.ended_at == NOW


@pytest.mark.parametrize(("state", "trigger"), list(product(JobState, JobTrigger)))
def test_what_the_table_does_not_name_is_refused_and_says_whether_the_job_is_over(
    state: JobState, trigger: JobTrigger
) -> None:
    if (state, trigger) in TRANSITIONS:
        assert move(job(state), trigger, NOW).state is TRANSITIONS[state, trigger]
        return
    with pytest.raises(Refusal) as refused:
        move(job(state), trigger, NOW)
    assert refused.value.key == ("job.moved_on" if state in OPEN_JOBS else "job.over")


def test_every_open_job_can_be_withdrawn_and_none_that_has_ended_changes_any_more() -> None:
    assert all((state, JobTrigger.WITHDRAW) in TRANSITIONS for state in OPEN_JOBS)
    assert {state for state, _ in TRANSITIONS} == set(OPEN_JOBS)


def test_a_job_ends_exactly_where_it_is_not_open() -> None:
    for state, trigger in TRANSITIONS:
        after = move(job(state), trigger, NOW)
        assert (after.ended_at is None) == after.open


def test_only_a_technician_on_site_can_say_what_came_of_it() -> None:
    told = {JobTrigger.FIX, JobTrigger.CANNOT_FIX}
    assert {state for state in JobState if told & set(possible(job(state)))} == {JobState.ARRIVED}
    assert possible(job()) == (JobTrigger.ACCEPT, JobTrigger.DECLINE)
