"""A session that hangs: ended for its driver, and nobody else's is."""

from dataclasses import replace
from datetime import timedelta

from bot.cases.drivers import standing
from bot.domain.capability import Capability
from bot.domain.case import CaseState
from bot.domain.ladder import LadderState, StepName
from bot.domain.remote_action import RemoteCommand
from bot.domain.status import ConnectorStatus, Transaction
from storage.database import Database
from tests.cases.beginnings import hung, up_to
from tests.cases.climber import Answers, willing

C, S = RemoteCommand, ConnectorStatus
ASK, STOP, OFF, ON = C.REFRESH_STATUS, C.STOP_SESSION, C.MAKE_INOPERATIVE, C.MAKE_OPERATIVE


async def test_a_session_that_hangs_is_ended_and_the_driver_may_plug_in_anew(database: Database) -> None:
    climber = await hung(database)
    await climber.begin()
    ladder = await climber.to_the_end()
    assert ladder.steps == (StepName.ASK, StepName.END_SESSION, StepName.CYCLE)
    assert climber.commands() == [ASK, STOP]
    assert (ladder.state, ladder.after) == (LadderState.SOLVED, S.FINISHING)
    assert (await climber.case()).state is CaseState.DIAGNOSING


async def test_an_ending_that_has_helped_is_not_offered_once_more(database: Database) -> None:
    climber = await hung(database)
    await climber.begin()
    assert (await climber.to_the_end()).state is LadderState.SOLVED
    case = await climber.case()
    assert case.judgement is not None and STOP.value in case.judgement.then
    stands = await climber.database.read(lambda uow: standing.of_case(uow, climber.services, case))
    assert (stands.ladder_offer, stands.offers) == ((), ())


async def test_a_station_that_does_not_tell_what_follows_the_session_is_asked(database: Database) -> None:
    climber = await hung(database)
    climber.connectors[1].reticent = True
    await climber.begin()
    assert (await climber.to_the_end()).state is LadderState.SOLVED
    assert climber.commands() == [ASK, STOP]


async def test_a_connector_that_clings_to_its_ended_session_is_cycled(database: Database) -> None:
    climber = await hung(database)
    climber.connectors[1].clings = True
    climber.heals = frozenset({ON})
    await climber.begin()
    ladder = await climber.to_the_end()
    assert [each for each in climber.commands() if each is not ASK] == [STOP, OFF, ON]
    assert (ladder.state, ladder.taken[-1]) == (LadderState.SOLVED, StepName.CYCLE)


async def test_a_connector_stuck_in_finishing_with_its_session_open_is_freed(database: Database) -> None:
    climber = await hung(database, S.FINISHING)
    climber.heals = frozenset({ON})
    await climber.begin()
    ladder = await climber.to_the_end()
    assert climber.commands() == [ASK, STOP, OFF, ON]
    assert (ladder.state, ladder.after) == (LadderState.SOLVED, S.AVAILABLE)


async def test_a_session_that_cannot_be_ended_is_not_cut_off_by_the_cycle(database: Database) -> None:
    climber = await hung(database)
    await climber.begin()
    await up_to(climber, ASK)
    climber.answers = Answers.REJECTS
    ladder = await climber.to_the_end()
    assert OFF not in climber.commands()
    assert (StepName.CYCLE, "stop_first") in ladder.skipped
    assert (await climber.case()).state is CaseState.WAITING_AGENT


async def test_a_session_that_began_after_the_report_is_not_ended(database: Database) -> None:
    climber = await hung(database)
    await climber.begin()
    climber.connectors[1].session = Transaction(99, 1, climber.now, 0)
    ladder = await climber.to_the_end()
    assert STOP not in climber.commands()
    assert (StepName.END_SESSION, "other_session") in ladder.skipped


async def test_an_agent_may_end_a_session_that_began_after_the_report(database: Database) -> None:
    climber = await hung(database)
    climber.connectors[1].session = Transaction(99, 1, climber.now, 0)
    await climber.ask_person()
    assert await willing(climber.agent_sends(STOP))
    assert climber.commands() == [STOP]


async def test_a_session_that_its_driver_ends_meanwhile_ends_the_ladder_well(database: Database) -> None:
    climber = await hung(database)
    await climber.begin()
    climber.connectors[1].session = None
    await climber.become(1, S.FINISHING)
    ladder = await climber.to_the_end()
    assert ladder.state is LadderState.SOLVED
    assert STOP not in climber.commands()


async def test_a_session_whose_energy_flows_again_is_left_alone(database: Database) -> None:
    climber = await hung(database)
    await climber.begin()
    session = climber.connectors[1].session
    assert session is not None
    later = climber.now + timedelta(seconds=1)
    climber.connectors[1].session = replace(session, power_w=11_000.0, metered_at=later)
    await climber.tick(2)
    assert (await climber.to_the_end()).state is LadderState.SOLVED
    assert STOP not in climber.commands()


async def test_a_ground_fault_in_a_session_that_hangs_ends_the_ladder(database: Database) -> None:
    climber = await hung(database)
    await climber.begin()
    await climber.become(1, S.SUSPENDED_EVSE, "GroundFailure")
    assert (await climber.to_the_end()).state is LadderState.LOCKED_OUT
    assert climber.commands() == []


async def test_without_a_way_to_end_the_session_there_is_no_ladder(database: Database) -> None:
    climber = await hung(database)
    climber.does -= {Capability.STOP_SESSION}
    case = await climber.case()
    offers = await database.read(lambda uow: standing.of_case(uow, climber.services, case))
    assert (offers.ladder_offer, offers.offers) == ((), (ASK,))
