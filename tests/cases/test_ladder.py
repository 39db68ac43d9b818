"""The ladder without a chat around it: what is sent, what never is, and that it ends."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot.cases.drivers import standing
from bot.domain.capability import Capability
from bot.domain.case import CaseState
from bot.domain.ladder import LADDER, ORDER, Approval, LadderState, StepName, let_go, mended, next_for_agent
from bot.domain.remote_action import ACTION_RULES, ActionState, Initiator, RemoteCommand
from bot.domain.status import ConnectorStatus
from storage.database import Database
from storage.uow import UnitOfWork
from tests.cases.beginnings import at, up_to
from tests.cases.climber import MARCO, Answers, Climber, willing

C, S = RemoteCommand, ConnectorStatus
ASK, OFF, ON, RESET = C.REFRESH_STATUS, C.MAKE_INOPERATIVE, C.MAKE_OPERATIVE, C.SOFT_RESET


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


@pytest.mark.parametrize(
    ("before", "now", "in_session", "flows", "well"),
    [
        (S.SUSPENDED_EVSE, S.FINISHING, False, False, True),
        (S.CHARGING, S.PREPARING, False, False, True),
        (S.SUSPENDED_EVSE, S.FINISHING, True, False, False),
        (S.CHARGING, S.CHARGING, True, True, True),
        (S.CHARGING, S.CHARGING, True, False, False),
        (S.CHARGING, S.SUSPENDED_EVSE, False, False, False),
        (S.FINISHING, S.FINISHING, False, False, False),
        (S.FINISHING, S.PREPARING, False, False, False),
        (S.FAULTED, S.FAULTED, False, False, False),
    ],
)
def test_a_session_has_let_go_once_it_is_over_or_energy_flows_again(
    before: ConnectorStatus, now: ConnectorStatus, in_session: bool, flows: bool, well: bool
) -> None:
    assert let_go(before, now, in_session=in_session, flows=flows) is well


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


async def test_what_a_ladder_was_there_for_is_not_offered_once_it_has_helped(climber: Climber) -> None:
    climber.heals = frozenset({ON})
    await climber.begin()
    assert (await climber.to_the_end()).state is LadderState.SOLVED
    case = await climber.case()
    assert case.judgement is not None and "soft_reset" in case.judgement.then
    offers = await climber.database.read(lambda uow: standing.of_case(uow, climber.services, case))
    assert (offers.ladder_offer, offers.offers) == ((), ())


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
