"""The recovery ladder at a real station: step after step, live for the driver, to a cure or to a person."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.capability import Source
from bot.domain.case import Case, CaseState, Judgement, Severity
from bot.domain.ladder import Ladder, LadderState, StepName
from bot.domain.people import telegram
from bot.domain.remote_action import ActionState, Initiator, RemoteCommand, RemoteOrder
from bot.domain.report import Symptom
from bot.domain.status import ConnectorStatus
from bot.sandbox.stations.connector import ClearsOn
from bot.sandbox.stations.station import SimulatedStation
from bot.sandbox.telegram.model import Message
from storage.repositories.people import Identity
from storage.uow import UnitOfWork
from tests.acceptance.conftest import EVSE_1, Stage

STEPS = (StepName.ASK, StepName.CYCLE, StepName.SOFT_RESET)
REPAIR = "🔧 Repair it from here"
WORKS = "✅ It works now"


@pytest.fixture(autouse=True)
def _stations_are_given_less_time(stage: Stage) -> None:
    """Each step gives the station some seconds; this one needs less."""
    stage.clock.hurry(8)


async def faulted(stage: Stage, clears_on: ClearsOn = ClearsOn.NONE) -> SimulatedStation:
    """A station whose first connector is faulted without a word why."""
    station = await stage.station()
    station.fault(1, "NoError", clears_on=clears_on)
    assert await stage.eventually(
        lambda uow: any(s.status is ConnectorStatus.FAULTED for s in uow.station_log.connectors("GRAZ-01"))
    )
    return station


async def offered(
    stage: Stage, head: str = "the mildest step first", symptom: str = "🔌 Will not start"
) -> Message:
    """The verdict, with the ladder's button."""
    stage.scan(stage.lena, EVSE_1)
    stage.lena.press(symptom, await stage.sees(stage.lena, "What is wrong?"))
    return await stage.sees(stage.lena, head, button=REPAIR)


def commands(uow: UnitOfWork, case_id: int = 1) -> list[tuple[RemoteCommand, ActionState]]:
    return [(action.order.command, action.state) for action in uow.actions.of_case(case_id)]


def past_fixes(stage: Stage, numbers: dict[RemoteCommand, tuple[int, int]]) -> Callable[[UnitOfWork], None]:
    """What was tried at this station before: how often each command, and how often of that it helped."""

    def kept(uow: UnitOfWork) -> None:
        for command, (times, helped) in numbers.items():
            for number in range(times):
                then = stage.clock() - timedelta(days=number + 1)
                case = faulted_once(uow, then)
                ladder = uow.ladders.begin(
                    Ladder(0, case.id, "GRAZ-01", 1, case.driver_id, ConnectorStatus.FAULTED, STEPS, then)
                )
                order = RemoteOrder("GRAZ-01", 1, command)
                by = (Initiator.LADDER, case.driver_id, then)
                action = uow.actions.request(case.id, order, *by, ladder_id=ladder.id)
                uow.actions.end(action.id, ActionState.VERIFIED, "Available", then)
                end = LadderState.SOLVED if number < helped else LadderState.EXHAUSTED
                uow.ladders.end(ladder.id, end, ConnectorStatus.AVAILABLE, then)

    return kept


def faulted_once(uow: UnitOfWork, then: datetime) -> Case:
    """A case of somebody's that is long closed."""
    person = uow.people.meet([Identity(901, "Somebody", None, "en")])[901]
    judgement = Judgement("faulted_idle", "hash", "faulted", "B", "offer_repair", (), (), then)
    case = uow.cases.add(
        Case(
            id=0,
            operator_id="stadtwerke-graz",
            driver_id=person.id,
            conversation=telegram(901),
            state=CaseState.CLOSED,
            version=1,
            symptom=Symptom.STOPPED,
            severity=Severity.P2,
            opened_at=then,
            changed_at=then,
            evse_id=EVSE_1,
            station_id="GRAZ-01",
            connector=1,
        )
    )
    uow.cases.save(case, replace(case, version=2, judgement=judgement))
    return case


def in_use(station: SimulatedStation) -> bool:
    return station.connectors[1].operative


def ladder_state(uow: UnitOfWork) -> LadderState:
    ladder = uow.ladders.latest_of(1)
    assert ladder is not None
    return ladder.state


async def test_a_station_that_a_restart_revives_after_the_cycle_did_not_help(stage: Stage) -> None:
    await faulted(stage, ClearsOn.SOFT_RESET)
    verdict = await offered(stage)
    assert "Switch the connector off and on" in verdict.text
    assert "Restart the station" in verdict.text
    stage.lena.press(REPAIR, verdict)
    live = await stage.sees(stage.lena, "I am repairing it from here", button=WORKS)
    assert live.id == verdict.id, "the message lives; it is not repeated"
    await stage.sees(stage.lena, "⏳ Switch the connector off and on")
    await stage.sees(stage.lena, "⏳ Restart the station", seconds=25)
    told = await stage.sees(stage.lena, "The station says: free", button=WORKS, seconds=20)
    assert told.id > live.id, "the end rings, as it is a message of its own"
    story = await stage.sees(stage.lena, "✅ Restart the station")
    assert story.id == live.id
    assert "▪️ Ask the station: it says fault" in story.text
    assert "▪️ Switch the connector off and on, about a minute: did not help" in story.text
    assert not story.keyboard
    assert await stage.database.read(commands) == [
        (RemoteCommand.REFRESH_STATUS, ActionState.VERIFIED),
        (RemoteCommand.MAKE_INOPERATIVE, ActionState.FAILED),
        (RemoteCommand.MAKE_OPERATIVE, ActionState.FAILED),
        (RemoteCommand.SOFT_RESET, ActionState.VERIFIED),
    ]
    stage.lena.press(WORKS, told)
    await stage.sees(stage.lena, "How was our help?", button="5 ⭐")


async def test_what_nothing_revives_goes_to_an_agent_with_its_whole_story(stage: Stage) -> None:
    await faulted(stage)
    stage.lena.press(REPAIR, await offered(stage))
    told = await stage.sees(stage.lena, "I could not repair it from here", seconds=30)
    assert "A person has been called" in told.text
    card = await stage.topic_shows("the repair from afar has not helped")
    for said in ("Ask for the status", "Take out of use", "Put into use", "Restart (soft)"):
        assert f"{said}, repair, agreed by the driver" in card.text
    assert "Next would be: Restart (hard)" in card.text
    stage.tap(stage.anna, "🎛 Remote actions", card)
    stage.tap(stage.anna, "Restart (hard)", await stage.topic_shows("", button="Restart (hard)"))
    confirm = await stage.topic_shows("", button="Send now: Restart (hard)")
    stage.tap(stage.anna, "Send now: Restart (hard)", confirm)
    assert await stage.eventually(lambda uow: commands(uow)[-1][0] is RemoteCommand.HARD_RESET)


async def test_a_service_that_dies_between_off_and_on_goes_on_with_on(stage: Stage) -> None:
    station = await faulted(stage)
    stage.lena.press(REPAIR, await offered(stage))
    assert await stage.eventually(
        lambda uow: (RemoteCommand.MAKE_INOPERATIVE, ActionState.ACCEPTED) in commands(uow)
    )
    await stage.stop()
    assert not in_use(station)
    await stage.start()
    await stage.sees(stage.lena, "I could not repair it from here", seconds=60)
    assert in_use(station)
    done = [command for command, _ in await stage.database.read(commands)]
    assert done == [
        RemoteCommand.REFRESH_STATUS,
        RemoteCommand.MAKE_INOPERATIVE,
        RemoteCommand.MAKE_OPERATIVE,
        RemoteCommand.SOFT_RESET,
    ]


async def test_it_works_now_stops_the_ladder_and_leaves_the_rating_on_the_screen(stage: Stage) -> None:
    station = await faulted(stage)
    stage.lena.press(REPAIR, await offered(stage))
    live = await stage.sees(stage.lena, "⏳ Switch the connector off and on", button=WORKS)
    stage.lena.press(WORKS, live)
    await stage.sees(stage.lena, "How was our help?", button="5 ⭐")
    assert await stage.eventually(lambda uow: ladder_state(uow) is LadderState.LEFT, seconds=20)
    assert in_use(station)
    assert RemoteCommand.SOFT_RESET not in [command for command, _ in await stage.database.read(commands)]
    shown = await stage.sees(stage.lena, "How was our help?", button="5 ⭐")
    assert shown.id == live.id


async def test_a_ladder_that_runs_keeps_agents_and_other_drivers_from_the_station(stage: Stage) -> None:
    await faulted(stage)
    stage.lena.press(REPAIR, await offered(stage))
    live = await stage.sees(stage.lena, "⏳ Switch the connector off and on", button="🙋 Talk to a person")
    stage.lena.press("🙋 Talk to a person", live)
    card = await stage.topic_shows("the repair from afar runs", button="🎛 Remote actions")
    stage.tap(stage.anna, "🎛 Remote actions", card)
    stage.tap(stage.anna, "Restart (soft)", await stage.topic_shows("", button="Restart (soft)"))
    confirm = await stage.topic_shows("", button="Send now: Restart (soft)")
    pressed = stage.tap(stage.anna, "Send now: Restart (soft)", confirm)
    await stage.world.wait_for(lambda: pressed.answered or None, 12)
    assert "being worked on already" in pressed.text
    taken = await stage.topic_shows("", button="✋ Take over")
    stage.tap(stage.anna, "✋ Take over", taken)
    assert await stage.eventually(lambda uow: ladder_state(uow) is LadderState.LEFT, seconds=20)
    case = await stage.database.read(lambda uow: uow.cases.get(1))
    assert case is not None
    assert case.state is CaseState.WITH_AGENT


async def test_start_draws_the_ladder_where_it_stands(stage: Stage) -> None:
    await faulted(stage)
    stage.lena.press(REPAIR, await offered(stage))
    live = await stage.sees(stage.lena, "⏳ Switch the connector off and on")
    stage.lena.start()
    again = await stage.world.until_shown(
        stage.chat(stage.lena), "I am repairing it from here", after=live.id, timeout=8
    )
    assert "▪️ Ask the station: it says fault" in again.text


async def test_what_has_helped_is_shown_to_members_who_may_send_remote_actions(stage: Stage) -> None:
    await faulted(stage, ClearsOn.SOFT_RESET)
    stage.lena.press(REPAIR, await offered(stage))
    await stage.sees(stage.lena, "The station says: free", seconds=40)
    stage.anna.start()
    stage.anna.command("stats fixes")
    table = await stage.sees(stage.anna, "What has helped at Stadtwerke Graz")
    assert "Simulated" in table.text
    assert "· Off and on: helped 0 of 1 times" in table.text
    assert "· Restart (soft): helped 1 of 1 times" in table.text
    stage.lena.command("stats fixes")
    await stage.sees(stage.lena, "You need the right")


async def test_the_order_follows_what_has_helped_on_this_model(stage: Stage) -> None:
    await faulted(stage, ClearsOn.SOFT_RESET)
    tried = {RemoteCommand.MAKE_OPERATIVE: (20, 1), RemoteCommand.SOFT_RESET: (20, 18)}
    await stage.database.write(past_fixes(stage, tried))
    verdict = await offered(stage, "what has helped most often at this model first")
    assert verdict.text.index("Restart the station") < verdict.text.index("Switch the connector off and on")
    stage.lena.press(REPAIR, verdict)
    await stage.sees(stage.lena, "The station says: free", button=WORKS, seconds=30)
    case = await stage.database.read(lambda uow: uow.cases.latest_in(telegram(stage.lena.id)))
    assert case is not None
    assert await stage.database.read(lambda uow: commands(uow, case.id)) == [
        (RemoteCommand.REFRESH_STATUS, ActionState.VERIFIED),
        (RemoteCommand.SOFT_RESET, ActionState.VERIFIED),
    ]
    stage.anna.start()
    stage.anna.command("stats fixes")
    table = await stage.sees(stage.anna, "What has helped at Stadtwerke Graz")
    assert "· Restart (soft): helped 19 of 21 times" in table.text
    assert "→ Order here: Restart (soft), Off and on" in table.text


async def test_a_session_that_hangs_is_ended_from_here_for_its_driver(stage: Stage) -> None:
    station = await stage.station()
    station.start_charging(1, "04A2B3C4D5")
    assert await stage.eventually(lambda uow: bool(uow.station_log.open_transactions("GRAZ-01", Source.OCPP)))
    station.set_status(1, ConnectorStatus.SUSPENDED_EVSE)
    assert await stage.eventually(
        lambda uow: (
            ConnectorStatus.SUSPENDED_EVSE in {each.status for each in uow.station_log.connectors("GRAZ-01")}
        )
    )
    stage.clock.forward(minutes=20)
    verdict = await offered(stage, symptom="⏹️ Stopped charging")
    assert "The charging hangs." in verdict.text
    assert verdict.text.index("End the charging") < verdict.text.index("Switch the connector off and on")
    stage.lena.press(REPAIR, verdict)
    await stage.sees(stage.lena, "The station says: ended, please unplug", button=WORKS, seconds=40)
    story = await stage.sees(stage.lena, "✅ End the charging")
    assert story.id == verdict.id
    assert station.connectors[1].session is None
    assert await stage.database.read(commands) == [
        (RemoteCommand.REFRESH_STATUS, ActionState.VERIFIED),
        (RemoteCommand.STOP_SESSION, ActionState.VERIFIED),
    ]
