"""The ladder without a chat around it: what is sent, what never is, and that it ends."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cases import standing
from bot.cases.learning import TRIES_THAT_TELL
from bot.domain.capability import Capability
from bot.domain.case import CaseState
from bot.domain.ladder import LADDER, ORDER, Approval, Ladder, LadderState, StepName, mended, next_for_agent
from bot.domain.observation import Booted
from bot.domain.remote_action import (
    ACTION_RULES,
    ActionState,
    Initiator,
    RemoteCommand,
    RemoteOrder,
)
from bot.domain.status import ConnectorStatus
from bot.domain.timer import TimerKind
from storage.database import Database, open_database
from storage.migrations import migrate
from storage.uow import UnitOfWork
from tests.cases.climber import LENA, MARCO, START, STATION, Answers, Climber, willing

C, S = RemoteCommand, ConnectorStatus
ASK, OFF, ON, RESET = C.REFRESH_STATUS, C.MAKE_INOPERATIVE, C.MAKE_OPERATIVE, C.SOFT_RESET


@pytest.fixture
async def climber(database: Database) -> Climber:
    """A station whose first connector is faulted without a word why, and Lena's case of it."""
    made = Climber(database)
    made.connectors[1].fault = "NoError"
    await made.prepare()
    await made.judged()
    return made


async def up_to(climber: Climber, command: RemoteCommand) -> None:
    """Goes on until this command has been sent."""
    for _ in range(200):
        if command in climber.commands():
            return
        await climber.tick()
    raise AssertionError(f"{command} is never sent")


# The steps as data


def test_who_must_agree_to_a_step_agrees_with_who_may_send_its_commands() -> None:
    for name, step in LADDER.items():
        alone = all(Initiator.LADDER in ACTION_RULES[command].initiators for command in step.commands)
        assert alone == (step.approval is not Approval.AGENT), name
        assert all(Initiator.AGENT in ACTION_RULES[command].initiators for command in step.commands)


def test_only_what_changes_nothing_is_done_without_consent() -> None:
    automatic = [name for name, step in LADDER.items() if step.approval is Approval.AUTOMATIC]
    assert automatic == [StepName.ASK]
    assert not LADDER[StepName.ASK].energising


def test_the_unlocking_and_the_hard_reset_stay_an_agents() -> None:
    assert [name for name, step in LADDER.items() if step.approval is Approval.AGENT] == [
        StepName.UNLOCK,
        StepName.HARD_RESET,
    ]


def test_the_steps_that_end_the_sessions_of_others_are_the_last() -> None:
    assert [LADDER[name].whole_station for name in ORDER] == [False] * 4 + [True] * 2


@pytest.mark.parametrize(
    ("steps", "suggested"),
    [
        ((StepName.ASK, StepName.CYCLE), StepName.UNLOCK),
        ((StepName.ASK, StepName.CYCLE, StepName.SOFT_RESET), StepName.HARD_RESET),
        ((StepName.HARD_RESET,), None),
    ],
)
def test_an_agent_is_pointed_to_the_mildest_step_above(
    steps: tuple[StepName, ...], suggested: StepName | None
) -> None:
    assert next_for_agent(steps) is suggested


@pytest.mark.parametrize(
    ("before", "now", "well"),
    [
        (S.FAULTED, S.AVAILABLE, True),
        (S.FAULTED, S.PREPARING, True),
        (S.FAULTED, S.UNAVAILABLE, False),
        (S.FAULTED, S.UNKNOWN, False),
        (S.FINISHING, S.AVAILABLE, True),
        (S.FINISHING, S.PREPARING, False),
        (S.PREPARING, S.CHARGING, True),
        (S.AVAILABLE, S.AVAILABLE, False),
    ],
)
def test_a_connector_is_well_only_when_it_has_let_go_of_its_trouble(
    before: ConnectorStatus, now: ConnectorStatus, well: bool
) -> None:
    assert mended(before, now) is well


def at(step: int, command: int) -> Ladder:
    steps = (StepName.ASK, StepName.CYCLE, StepName.SOFT_RESET)
    return Ladder(1, 1, STATION, 1, 1, S.FAULTED, steps, START, step=step, command=command)


@pytest.mark.parametrize("ended", [ActionState.VERIFIED, ActionState.FAILED, ActionState.TIMED_OUT])
def test_a_connector_that_may_be_out_of_use_is_owed_the_second_half(ended: ActionState) -> None:
    after = at(1, 0).ended_with(OFF, ended, 1)
    assert (after.current, after.due, after.amid) == (StepName.CYCLE, ON, True)


def test_a_refusal_of_the_first_half_leaves_nothing_owed() -> None:
    after = at(1, 0).ended_with(OFF, ActionState.REJECTED, 1)
    assert (after.current, after.amid) == (StepName.SOFT_RESET, False)


@pytest.mark.parametrize("ended", [ActionState.REJECTED, ActionState.TIMED_OUT])
def test_the_second_half_is_tried_twice_where_it_was_not_heard(ended: ActionState) -> None:
    assert at(1, 1).ended_with(ON, ended, 1).due is ON
    assert at(1, 1).ended_with(ON, ended, 2).current is StepName.SOFT_RESET


# One ladder


async def test_the_steps_go_from_mild_to_hard_until_one_helps(climber: Climber) -> None:
    climber.heals = frozenset({RESET})
    await climber.begin()
    ladder = await climber.to_the_end()
    assert climber.commands() == [ASK, OFF, ON, RESET]
    assert (ladder.state, ladder.after) == (LadderState.SOLVED, S.AVAILABLE)
    assert (await climber.case()).state is CaseState.DIAGNOSING
    assert all(action.initiator is Initiator.LADDER for action in await climber.actions())


async def test_nothing_harder_is_sent_once_a_milder_step_has_helped(climber: Climber) -> None:
    climber.heals = frozenset({ON})
    await climber.begin()
    ladder = await climber.to_the_end()
    assert climber.commands() == [ASK, OFF, ON]
    assert ladder.taken == (StepName.ASK, StepName.CYCLE)
    assert ladder.state is LadderState.SOLVED


async def test_a_fault_that_has_gone_by_itself_costs_no_command_but_the_question(climber: Climber) -> None:
    climber.heals = frozenset({ASK})
    await climber.begin()
    assert (await climber.to_the_end()).state is LadderState.SOLVED
    assert climber.commands() == [ASK]


async def test_when_nothing_helps_a_person_has_the_case_and_sees_what_may_come_next(
    climber: Climber,
) -> None:
    await climber.begin()
    ladder = await climber.to_the_end()
    assert ladder.state is LadderState.EXHAUSTED
    assert (await climber.case()).state is CaseState.WAITING_AGENT
    assert next_for_agent(ladder.taken) is StepName.HARD_RESET


async def test_an_agent_may_still_restart_hard_after_the_soft_restart_of_the_ladder(
    climber: Climber,
) -> None:
    await climber.begin()
    await climber.to_the_end()
    await climber.agent_sends(C.HARD_RESET)
    assert climber.commands()[-1] is C.HARD_RESET


async def test_a_connector_that_hangs_after_its_session_is_freed_by_the_cycle(database: Database) -> None:
    climber = Climber(database)
    await climber.prepare()
    await climber.become(1, S.FINISHING)
    climber.now += timedelta(minutes=6)
    await climber.judged()
    climber.heals = frozenset({ON})
    await climber.begin()
    ladder = await climber.to_the_end()
    assert ladder.steps == (StepName.ASK, StepName.CYCLE)
    assert (ladder.state, climber.commands()) == (LadderState.SOLVED, [ASK, OFF, ON])


async def test_no_restart_while_somebody_charges_beside(climber: Climber) -> None:
    await climber.begin()
    await up_to(climber, ON)
    await climber.charge(2)
    ladder = await climber.to_the_end()
    assert RESET not in climber.commands()
    assert [step for step, _ in ladder.skipped] == [StepName.SOFT_RESET]
    assert (await climber.case()).state is CaseState.WAITING_AGENT


async def test_a_session_on_the_connector_itself_is_not_cut_off_by_the_cycle(climber: Climber) -> None:
    await climber.begin()
    await climber.become(1, S.AVAILABLE)
    await climber.charge(1)
    assert (await climber.to_the_end()).state is LadderState.SOLVED
    assert OFF not in climber.commands()


async def test_a_safety_fault_ends_the_ladder_before_its_next_step(climber: Climber) -> None:
    await climber.begin()
    await up_to(climber, ASK)
    await climber.become(1, S.AVAILABLE, "GroundFailure")
    assert (await climber.to_the_end()).state is LadderState.LOCKED_OUT
    assert climber.commands() == [ASK]
    case = await climber.case()
    assert case.state is CaseState.WAITING_AGENT
    assert case.judgement is not None and case.judgement.verdict == "ground_failure"


async def test_a_station_locked_out_while_out_of_use_stays_so_and_an_agent_is_told(climber: Climber) -> None:
    await climber.begin()
    await up_to(climber, OFF)
    await climber.become(1, S.AVAILABLE, "GroundFailure")
    ladder = await climber.to_the_end()
    assert ladder.state is LadderState.LOCKED_OUT
    assert ON not in climber.commands()
    assert "left_out_of_use" in await climber.events()
    assert (await climber.case()).state is CaseState.WAITING_AGENT


@pytest.mark.parametrize("when", [Answers.KILLED_BEFORE, Answers.KILLED_AFTER])
@pytest.mark.parametrize("command", [ASK, OFF, ON, RESET])
async def test_a_process_that_dies_at_any_command_leaves_no_connector_out_of_use(
    climber: Climber, command: RemoteCommand, when: Answers
) -> None:
    climber.heals = frozenset({RESET})
    await climber.begin()
    steps = [ASK, OFF, ON, RESET]
    for before in steps[: steps.index(command)]:
        await up_to(climber, before)
    climber.answers = when
    ladder = await climber.to_the_end()
    assert not ladder.running
    assert climber.connectors[1].in_use
    assert "left_out_of_use" not in await climber.events()
    if command is not RESET or when is Answers.KILLED_AFTER:
        assert ladder.state is LadderState.SOLVED


async def test_a_station_away_between_the_halves_is_waited_for(climber: Climber) -> None:
    await climber.begin()
    await up_to(climber, OFF)
    await climber.go_away()
    for _ in range(20):
        await climber.tick(10)
    assert not climber.connectors[1].in_use
    await climber.come_back()
    await climber.to_the_end()
    assert climber.connectors[1].in_use


async def test_a_station_that_stays_away_between_the_halves_is_told_to_an_agent(climber: Climber) -> None:
    await climber.begin()
    await up_to(climber, OFF)
    await climber.go_away()
    await climber.to_the_end()
    assert "left_out_of_use" in await climber.events()
    assert (await climber.case()).state is CaseState.WAITING_AGENT


async def test_a_connector_that_cannot_be_put_back_is_told_to_an_agent(climber: Climber) -> None:
    climber.heals = frozenset({OFF})
    await climber.begin()
    await up_to(climber, OFF)
    climber.answers = Answers.REJECTS
    await climber.to_the_end()
    assert not climber.connectors[1].in_use
    assert "left_out_of_use" in await climber.events()
    assert (await climber.case()).state is CaseState.WAITING_AGENT


async def test_a_station_that_does_not_come_back_is_an_escalation_of_its_own(climber: Climber) -> None:
    climber.returns = False
    await climber.begin()
    ladder = await climber.to_the_end()
    assert ladder.state is LadderState.NOT_RETURNED
    case = await climber.case()
    assert case.state is CaseState.WAITING_AGENT
    reasons = await climber.database.read(lambda uow: [e.data.get("reason") for e in uow.cases.events(1)])
    assert "station_did_not_return" in reasons


# Who ends it, and who may not begin


async def left_by_works(climber: Climber) -> None:
    await climber.works()


async def left_by_cancel(climber: Climber) -> None:
    await climber.cancel()


async def left_by_agent(climber: Climber) -> None:
    await climber.ask_person()
    await climber.agent_takes()


LEAVING: list[Callable[[Climber], Awaitable[None]]] = [left_by_works, left_by_cancel, left_by_agent]


@pytest.mark.parametrize("leaving", LEAVING)
async def test_whoever_ends_it_gets_the_second_half_and_nothing_more(
    climber: Climber, leaving: Callable[[Climber], Awaitable[None]]
) -> None:
    await climber.begin()
    await up_to(climber, OFF)
    await leaving(climber)
    assert (await climber.to_the_end()).state is LadderState.LEFT
    assert climber.commands() == [ASK, OFF, ON]
    assert climber.connectors[1].in_use


@pytest.mark.parametrize("leaving", LEAVING)
async def test_between_two_steps_it_ends_at_once(
    climber: Climber, leaving: Callable[[Climber], Awaitable[None]]
) -> None:
    await climber.begin()
    await leaving(climber)
    ladder = await climber.ladder()
    assert ladder is not None and ladder.state is LadderState.LEFT
    assert climber.commands() == []


async def test_a_word_of_danger_stops_it_for_good(climber: Climber) -> None:
    await climber.begin()
    await up_to(climber, ASK)
    await climber.speak_of_danger()
    await climber.to_the_end()
    assert climber.commands() == [ASK]


async def test_it_goes_on_while_its_driver_waits_for_a_person(climber: Climber) -> None:
    climber.heals = frozenset({RESET})
    await climber.begin()
    await climber.ask_person()
    assert (await climber.to_the_end()).state is LadderState.SOLVED
    assert (await climber.case()).state is CaseState.WAITING_AGENT


async def test_two_drivers_cannot_climb_one_station_at_once(climber: Climber) -> None:
    await climber.become(2, S.AVAILABLE, "NoError")
    other = await climber.judged(2, MARCO)
    await climber.begin()
    await climber.begin(other.id, MARCO)
    assert await climber.ladder(other.id) is None
    await climber.to_the_end()
    assert {order.connector for order in climber.sent} == {1}


async def test_a_case_has_one_ladder(climber: Climber) -> None:
    climber.heals = frozenset({ON})
    await climber.begin()
    first = await climber.to_the_end()
    await climber.become(1, S.AVAILABLE, "NoError")
    await climber.begin()
    assert await climber.ladder() == first


async def test_a_station_that_cannot_be_taken_out_of_use_is_offered_single_remedies(climber: Climber) -> None:
    climber.does -= {Capability.AVAILABILITY}
    case = await climber.case()
    offers = await climber.database.read(lambda uow: standing.of_case(uow, climber.services, case))
    assert (offers.ladder_offer, offers.offers) == ((), (ASK, RESET))
    await climber.begin()
    assert await climber.ladder() is None


async def test_what_a_ladder_does_is_not_offered_once_more(climber: Climber) -> None:
    case = await climber.case()
    offers = await climber.database.read(lambda uow: standing.of_case(uow, climber.services, case))
    assert offers.ladder_offer == (StepName.ASK, StepName.CYCLE, StepName.SOFT_RESET)
    assert offers.offers == ()


async def test_the_database_itself_holds_a_station_to_one_ladder(climber: Climber) -> None:
    def second(uow: UnitOfWork) -> None:
        uow.ladders.begin(at(0, 0))

    await climber.begin()
    assert not await willing(climber.database.write(second))


async def test_an_agents_command_waits_for_the_end_of_the_ladder(climber: Climber) -> None:
    await climber.begin()
    await climber.ask_person()
    assert not await willing(climber.agent_sends(C.REFRESH_STATUS))
    await climber.to_the_end()
    assert await willing(climber.agent_sends(C.REFRESH_STATUS))


# What was learnt


async def test_a_step_that_never_helped_on_a_model_is_not_taken_there(climber: Climber) -> None:
    await climber.become(2, S.AVAILABLE, "NoError")
    before = await climber.judged(2, MARCO)

    def tried(uow: UnitOfWork, command: RemoteCommand, times: int) -> None:
        for number in range(times):
            then = START - timedelta(days=number + 1)
            order = RemoteOrder(STATION, 2, command)
            action = uow.actions.request(before.id, order, Initiator.LADDER, 1, then)
            uow.actions.end(action.id, ActionState.FAILED, "Faulted", then)

    await climber.record(Booted(STATION, START, "Vendor", "Model", None, None))
    await climber.database.write(lambda uow: tried(uow, ON, TRIES_THAT_TELL))
    await climber.database.write(lambda uow: tried(uow, RESET, TRIES_THAT_TELL - 1))
    await climber.begin()
    ladder = await climber.to_the_end()
    assert ladder.skipped == ((StepName.CYCLE, "never_helps"),)
    assert climber.commands() == [ASK, RESET]


# Any history at all


EVENTS = st.one_of(
    st.tuples(
        st.just("become"),
        st.sampled_from([1, 1, 2]),
        st.sampled_from([S.AVAILABLE, S.PREPARING, S.FINISHING, S.SUSPENDED_EV, S.RESERVED]),
        st.sampled_from([None, None, "NoError", "InternalError", "GroundFailure", "PowerSwitchFailure"]),
    ),
    st.tuples(st.just("charge"), st.sampled_from([1, 2])),
    st.tuples(st.just("answers"), st.sampled_from(list(Answers))),
    st.tuples(st.just("heals"), st.sampled_from([ASK, OFF, ON, RESET])),
    st.tuples(st.just("returns"), st.booleans()),
    st.tuples(st.sampled_from(["go_away", "come_back", "restart"])),
    st.tuples(st.sampled_from(["works", "cancel", "speak_of_danger", "ask_person", "agent_takes"])),
    st.tuples(st.just("begin"), st.sampled_from([1, 2])),
    st.tuples(st.just("agent_sends"), st.sampled_from([ASK, OFF, ON, C.UNLOCK, RESET, C.HARD_RESET])),
    st.tuples(st.just("tick"), st.sampled_from([1, 4, 10, 40, 100, 300])),
)


async def play(database: Database, events: list[tuple[object, ...]]) -> None:
    """One history; whatever is sent in it is checked by the station."""
    climber = Climber(database)
    climber.connectors[1].fault = climber.connectors[2].fault = "NoError"
    await climber.prepare()
    await climber.judged()
    await climber.judged(2, MARCO)
    await climber.begin()
    for what, *values in events:
        await happen(climber, str(what), values)
    ladder = await climber.to_the_end()
    assert ladder.ended_at is not None
    other = await climber.ladder(2)
    for _ in range(100):
        if other is None or not other.running:
            break
        due = await database.read(lambda uow: uow.timers.next_due())
        assert due is not None, "a ladder that nothing will ever look at again"
        await climber.tick(max((due - climber.now).total_seconds(), 1))
        other = await climber.ladder(2)
    assert other is None or not other.running
    await climber.tick()
    assert await database.read(lambda uow: [told_of(climber, uow, number) for number in (1, 2)]) == [True] * 2


def told_of(climber: Climber, uow: UnitOfWork, number: int) -> bool:
    """Whether the connector is in use, or it was an agent who took it out of it, or an agent was told."""
    taken = [
        action
        for action in (*uow.actions.of_case(1), *uow.actions.of_case(2))
        if action.order.connector == number and action.order.command is OFF
    ]
    if climber.connectors[number].in_use or not taken or taken[-1].initiator is not Initiator.LADDER:
        return True
    return "left_out_of_use" in [event.kind for event in uow.cases.events(taken[-1].case_id)]


async def happen(climber: Climber, what: str, values: list[object]) -> None:
    match what, values:
        case "answers", [Answers() as answers]:
            climber.answers = answers
        case "heals", [RemoteCommand() as command]:
            climber.heals = frozenset({command})
        case "returns", [bool(returns)]:
            climber.returns = returns
        case "begin", [int(case_id)]:
            await willing(climber.begin(case_id, LENA if case_id == 1 else MARCO))
        case _:
            await willing(getattr(climber, what)(*values))
    running = await climber.database.read(lambda uow: uow.ladders.running_at(STATION))
    if running is not None:
        waits = await climber.database.read(lambda uow: kept_going(uow, running))
        assert waits, "a ladder that nothing will ever look at again"


def kept_going(uow: UnitOfWork, ladder: Ladder) -> bool:
    """Whether a deadline brings the ladder on: its own, or that of the action that runs."""
    rows = uow.connection.exec_driver_sql("SELECT kind, subject FROM timers")
    timers = {(row.kind, row.subject) for row in rows}
    pending = uow.actions.pending_at(ladder.station_id)
    return (TimerKind.LADDER_CLIMBS, ladder.id) in timers or (
        pending is not None and (TimerKind.REMOTE_ACTION_UNPROVED, pending.id) in timers
    )


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database without rows."""
    path = tmp_path_factory.mktemp("ladder") / "bot.db"

    async def make() -> None:
        database = open_database(f"sqlite:///{path}")
        await migrate(database)
        await database.close()

    asyncio.run(make())
    return path


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(EVENTS, max_size=16))
def test_whatever_happens_nothing_forbidden_is_sent_and_every_ladder_ends(
    template: Path, events: list[tuple[object, ...]]
) -> None:
    copy = template.with_name("copy.db")
    for leftover in template.parent.glob("copy.db*"):
        leftover.unlink()
    shutil.copy(template, copy)

    async def run() -> None:
        database = open_database(f"sqlite:///{copy}")
        try:
            await play(database, events)
        finally:
            await database.close()

    asyncio.run(run())
