"""A ladder whose last step ends while an agent has the case: the agent reads it, the driver is left to the agent."""

from dataclasses import dataclass

import pytest

from bot.domain.case import CaseState
from bot.domain.ladder import LadderState
from bot.domain.remote_action import ActionState, RemoteCommand
from bot.sandbox.stations.connector import ClearsOn, ConnectorSpec
from bot.sandbox.stations.line import Pace
from bot.sandbox.stations.modes import ResetMode
from bot.sandbox.stations.station import SimulatedStation
from bot.sandbox.telegram.model import Message
from tests.acceptance.conftest import EVSE_1, Stage
from tests.acceptance.test_agents import drawn, in_topic, tapped
from tests.acceptance.test_jobs import told
from tests.acceptance.test_ladder import REPAIR, commands, in_use, ladder_state

PERSON = "🙋 Talk to a person"


@pytest.fixture(autouse=True)
def _stations_are_given_less_time(stage: Stage) -> None:
    stage.clock.hurry(8)


async def faulted(stage: Stage, clears_on: ClearsOn) -> SimulatedStation:
    """A station with a fault that takes some seconds for a restart."""
    station = SimulatedStation(
        "GRAZ-01",
        f"ws://127.0.0.1:{stage.settings.http_port}/ocpp",
        password="long-enough-1",
        connectors=[ConnectorSpec(1), ConnectorSpec(2)],
        pace=Pace(boot=2.5),
    )
    await station.start()
    stage.stations.append(station)
    station.fault(1, "NoError", clears_on=clears_on)
    assert await stage.eventually(
        lambda uow: any(each.status == "Faulted" for each in uow.station_log.connectors("GRAZ-01"))
    )
    return station


async def taken_over(stage: Stage, amid: str, sent: RemoteCommand) -> tuple[Message, Message]:
    """Lena has agreed to the ladder and asked for a person; Anna takes the case amid a step, whose command is sent.

    The message that shows Lena how it goes, and the card.
    """
    stage.scan(stage.lena, EVSE_1)
    stage.lena.press("🔌 Will not start", await stage.sees(stage.lena, "What is wrong?"))
    stage.lena.press(REPAIR, await stage.sees(stage.lena, "the mildest step first", button=REPAIR))
    live = await stage.sees(stage.lena, "I am repairing it from here", button=PERSON)
    stage.lena.press(PERSON, live)
    card = await stage.topic_shows("the repair from afar runs", button="✋ Take over")
    await stage.sees(stage.lena, f"⏳ {amid}", seconds=25)
    assert await stage.eventually(lambda uow: commands(uow)[-1] == (sent, ActionState.ACCEPTED))
    await tapped(stage, stage.anna, card, "✋ Take over")
    await stage.sees(stage.lena, "Anna Agent has joined")
    assert await stage.database.read(ladder_state) is LadderState.LEAVING
    return live, card


async def all_is_sent(stage: Stage) -> None:
    assert await stage.eventually(lambda uow: uow.outbox.waiting() == 0)


def lines(stage: Stage, card: Message, text: str) -> int:
    """How many messages of the topic say that."""
    return sum(text in message.text for message in stage.hotline.messages_in(card.thread or 0))


@dataclass(frozen=True)
class End:
    """How the restart, which is the last step, ends, and what the agent reads of it."""

    clears_on: ClearsOn
    mode: ResetMode
    proved: ActionState
    line: str
    state: LadderState
    last: str


HEALED = End(
    ClearsOn.SOFT_RESET,
    ResetMode.OK,
    ActionState.VERIFIED,
    "✅ Restart (soft): proved by the station",
    LadderState.LEFT,
    "The repair from afar was stopped.",
)
USED_UP = End(
    ClearsOn.NONE,
    ResetMode.OK,
    ActionState.FAILED,
    "❌ Restart (soft): done, but the station says",
    LadderState.LEFT,
    "The repair from afar was stopped.",
)
GONE = End(
    ClearsOn.NONE,
    ResetMode.NEVER_COMES_BACK,
    ActionState.TIMED_OUT,
    "❌ Restart (soft): ",
    LadderState.NOT_RETURNED,
    "The station has not come back from its restart.",
)


@pytest.mark.parametrize("end", [HEALED, USED_UP, GONE], ids=["healed", "used up", "gone"])
async def test_the_last_step_of_a_ladder_ends_in_the_agents_topic_alone(stage: Stage, end: End) -> None:
    station = await faulted(stage, end.clears_on)
    station.fail_resets(end.mode)
    live, card = await taken_over(stage, "Restart the station", RemoteCommand.SOFT_RESET)
    await all_is_sent(stage)
    quiet = told(stage, stage.lena, "")
    if end is GONE:
        stage.clock.forward(minutes=4)
    assert await stage.eventually(lambda uow: ladder_state(uow) is end.state, seconds=20)
    await in_topic(stage, card, end.line)
    await in_topic(stage, card, end.last)
    await all_is_sent(stage)
    assert told(stage, stage.lena, "") == quiet, "the agent speaks with her"
    assert lines(stage, card, end.line) == lines(stage, card, end.last) == 1
    done = await stage.database.read(commands)
    assert done[-1] == (RemoteCommand.SOFT_RESET, end.proved)
    shown = stage.chat(stage.lena).messages[live.id]
    assert "I am repairing it from here" not in shown.text, "it does not go on saying so"
    assert "the repair from afar runs" not in (await drawn(stage, card, "with Anna Agent")).text
    case = await stage.database.read(lambda uow: uow.cases.get(1))
    assert case is not None and case.state is CaseState.WITH_AGENT
    await tapped(stage, stage.anna, card, "✅ Resolve", "Fault inside the station")
    await stage.sees(stage.lena, "The hotline has closed your report")
    await all_is_sent(stage)
    assert told(stage, stage.lena, "") == quiet + 1


async def test_a_station_that_heals_while_its_connector_is_out_of_use_is_put_back_for_the_agent(
    stage: Stage,
) -> None:
    stage.clock.hurry(1)
    station = await faulted(stage, ClearsOn.NONE)
    _, card = await taken_over(stage, "Switch the connector off and on", RemoteCommand.MAKE_INOPERATIVE)
    assert not in_use(station)
    stage.clock.hurry(8)
    await all_is_sent(stage)
    quiet = told(stage, stage.lena, "")
    station.clear_fault(1)
    assert await stage.eventually(lambda uow: ladder_state(uow) is LadderState.LEFT, seconds=20)
    await in_topic(stage, card, "The repair from afar was stopped.")
    await all_is_sent(stage)
    assert in_use(station)
    assert told(stage, stage.lena, "") == quiet
    assert lines(stage, card, "The repair from afar was stopped.") == 1
    assert lines(stage, card, "could not put it back") == 0
    done = [command for command, _ in await stage.database.read(commands)]
    assert RemoteCommand.SOFT_RESET not in done, "no step follows once somebody has the case"
