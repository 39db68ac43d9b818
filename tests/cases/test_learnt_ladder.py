"""What was learnt on a model: the order of a ladder follows it within its guards."""

from bot.domain.case import CaseState
from bot.domain.ladder import LadderState, StepName
from bot.domain.learnt_order import TRIES_THAT_TELL
from bot.domain.remote_action import RemoteCommand
from bot.domain.status import ConnectorStatus
from tests.cases.beginnings import CLEAR, offered, past, up_to
from tests.cases.climber import Climber

C, S = RemoteCommand, ConnectorStatus
ASK, OFF, ON, RESET = C.REFRESH_STATUS, C.MAKE_INOPERATIVE, C.MAKE_OPERATIVE, C.SOFT_RESET


async def test_a_step_that_never_helped_on_a_model_is_not_taken_there(climber: Climber) -> None:
    await past(climber, {ON: (TRIES_THAT_TELL, 0), RESET: (TRIES_THAT_TELL - 1, 0)})
    await climber.begin()
    ladder = await climber.to_the_end()
    assert ladder.steps == (StepName.ASK, StepName.SOFT_RESET)
    assert ladder.skipped == ((StepName.CYCLE, "never_helps"),), "the card tells the agents why"
    assert climber.commands() == [ASK, RESET]


async def test_where_nothing_ever_helped_no_ladder_is_offered(climber: Climber) -> None:
    await past(climber, {ON: (TRIES_THAT_TELL, 0), RESET: (TRIES_THAT_TELL, 0)})
    assert await offered(climber) == ()


async def test_the_step_that_clearly_helps_on_a_model_is_taken_first(climber: Climber) -> None:
    await past(climber, CLEAR)
    climber.heals = frozenset({RESET})
    await climber.begin()
    ladder = await climber.to_the_end()
    assert ladder.steps == (StepName.ASK, StepName.SOFT_RESET, StepName.CYCLE)
    assert climber.commands() == [ASK, RESET]
    assert ladder.state is LadderState.SOLVED


async def test_the_milder_step_is_still_taken_where_the_restart_did_not_help(climber: Climber) -> None:
    await past(climber, CLEAR)
    climber.heals = frozenset({ON})
    await climber.begin()
    ladder = await climber.to_the_end()
    assert climber.commands() == [ASK, RESET, OFF, ON]
    assert (ladder.state, ladder.skipped) == (LadderState.SOLVED, ())


async def test_a_fault_that_comes_after_the_restart_is_not_cycled(climber: Climber) -> None:
    await past(climber, CLEAR)
    await climber.begin()
    await up_to(climber, RESET)
    await climber.become(1, S.AVAILABLE, "InternalError")
    ladder = await climber.to_the_end()
    assert OFF not in climber.commands()
    assert ladder.skipped == ((StepName.CYCLE, "not_named"),)


async def test_few_tries_leave_the_order_as_it_is(climber: Climber) -> None:
    await past(climber, {ON: (9, 1), RESET: (9, 9)})
    assert await offered(climber) == (StepName.ASK, StepName.CYCLE, StepName.SOFT_RESET)


async def test_what_was_learnt_of_one_verdict_says_nothing_of_another(climber: Climber) -> None:
    await past(climber, CLEAR)
    await climber.database.write(
        lambda uow: uow.connection.exec_driver_sql(
            "UPDATE cases SET judgement = replace(CAST(judgement AS TEXT), '\"faulted\"', '\"internal\"')"
            f"{'::json' if climber.database.shared else ''} WHERE id = 2"
        )
    )
    assert await offered(climber) == (StepName.ASK, StepName.CYCLE, StepName.SOFT_RESET)


async def test_a_restart_that_goes_first_still_spares_who_charges_beside(climber: Climber) -> None:
    await past(climber, CLEAR)
    await climber.begin()
    await up_to(climber, ASK)
    await climber.charge(2)
    ladder = await climber.to_the_end()
    assert climber.commands() == [ASK]
    assert [step for step, _ in ladder.skipped] == [StepName.SOFT_RESET, StepName.CYCLE]
    assert (await climber.case()).state is CaseState.WAITING_AGENT
