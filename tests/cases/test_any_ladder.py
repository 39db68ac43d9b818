"""Any history at all: nothing forbidden is sent, and every ladder ends."""

import asyncio
import shutil
from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.ladder import Ladder
from bot.domain.remote_action import Initiator, RemoteCommand
from bot.domain.status import ConnectorStatus
from bot.domain.timer import TimerKind
from storage.database import Database, open_database
from storage.migrations import migrate
from storage.uow import UnitOfWork
from tests.cases.beginnings import CLEAR, hung, offered, past
from tests.cases.climber import LENA, MARCO, STATION, Answers, Climber, willing

C, S = RemoteCommand, ConnectorStatus
ASK, STOP, OFF, ON, RESET = (
    C.REFRESH_STATUS,
    C.STOP_SESSION,
    C.MAKE_INOPERATIVE,
    C.MAKE_OPERATIVE,
    C.SOFT_RESET,
)


EVENTS = st.one_of(
    st.tuples(
        st.just("become"),
        st.sampled_from([1, 1, 2]),
        st.sampled_from(
            [S.AVAILABLE, S.PREPARING, S.FINISHING, S.SUSPENDED_EV, S.SUSPENDED_EVSE, S.RESERVED]
        ),
        st.sampled_from([None, None, "NoError", "InternalError", "GroundFailure", "PowerSwitchFailure"]),
    ),
    st.tuples(st.just("charge"), st.sampled_from([1, 2])),
    st.tuples(st.just("answers"), st.sampled_from(list(Answers))),
    st.tuples(st.just("heals"), st.sampled_from([ASK, OFF, ON, RESET])),
    st.tuples(st.just("cling"), st.booleans()),
    st.tuples(st.just("returns"), st.booleans()),
    st.tuples(st.sampled_from(["go_away", "come_back", "restart"])),
    st.tuples(st.sampled_from(["works", "cancel", "speak_of_danger", "ask_person", "agent_takes"])),
    st.tuples(st.just("begin"), st.sampled_from([1, 2])),
    st.tuples(st.just("agent_sends"), st.sampled_from([ASK, STOP, OFF, ON, C.UNLOCK, RESET, C.HARD_RESET])),
    st.tuples(st.just("tick"), st.sampled_from([1, 4, 10, 40, 100, 300])),
)


class Start(StrEnum):
    """How a history begins."""

    FAULTED = "faulted"
    LEARNT = "learnt"
    """Faulted, on a model on which the restart goes first."""
    HUNG = "hung"
    """A session hangs on the first connector."""


async def begun(database: Database, start: Start) -> Climber:
    """Two cases, and a ladder for the first."""
    climber = await hung(database) if start is Start.HUNG else Climber(database)
    if start is not Start.HUNG:
        climber.connectors[1].fault = climber.connectors[2].fault = "NoError"
        await climber.prepare()
        await climber.judged()
    if start is Start.LEARNT:
        await past(climber, CLEAR)
    else:
        await climber.judged(2, MARCO)
    assert len(await offered(climber)) == 3
    await climber.begin()
    return climber


async def play(database: Database, start: Start, events: list[tuple[object, ...]]) -> None:
    """One history; whatever is sent in it is checked by the station."""
    climber = await begun(database, start)
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
        case "cling", [bool(clings)]:
            climber.connectors[1].clings = clings
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


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(start=st.sampled_from(Start), events=st.lists(EVENTS, max_size=16))
def test_whatever_happens_nothing_forbidden_is_sent_and_every_ladder_ends(
    template: Path, start: Start, events: list[tuple[object, ...]]
) -> None:
    copy = template.with_name("copy.db")
    for leftover in template.parent.glob("copy.db*"):
        leftover.unlink()
    shutil.copy(template, copy)

    async def run() -> None:
        database = open_database(f"sqlite:///{copy}")
        try:
            await play(database, start, events)
        finally:
            await database.close()

    asyncio.run(run())
