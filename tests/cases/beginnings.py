"""How tests of the ladder begin: a station, what happened there before, and how far it has come."""

from dataclasses import replace
from datetime import timedelta

from bot.cases.drivers import standing
from bot.domain.ladder import Ladder, LadderState, StepName
from bot.domain.observation import Booted
from bot.domain.remote_action import ActionState, Initiator, RemoteCommand, RemoteOrder
from bot.domain.report import Symptom
from bot.domain.status import ConnectorStatus
from storage.database import Database
from storage.uow import UnitOfWork
from tests.cases.climber import MARCO, START, STATION, Climber

C, S = RemoteCommand, ConnectorStatus
ASK, ON, RESET = C.REFRESH_STATUS, C.MAKE_OPERATIVE, C.SOFT_RESET


async def up_to(climber: Climber, command: RemoteCommand) -> None:
    """Goes on until this command has been sent."""
    for _ in range(200):
        if command in climber.commands():
            return
        await climber.tick()
    raise AssertionError(f"{command} is never sent")


def at(step: int, command: int) -> Ladder:
    steps = (StepName.ASK, StepName.CYCLE, StepName.SOFT_RESET)
    return Ladder(1, 1, STATION, 1, 1, S.FAULTED, steps, START, step=step, command=command)


async def hung(database: Database, base: ConnectorStatus = S.SUSPENDED_EVSE) -> Climber:
    """A station with a session that has hung for long, and Lena's case of it."""
    climber = Climber(database)
    climber.connectors[1].base = base
    await climber.prepare(Symptom.STOPPED)
    await climber.charge(1)
    climber.now += timedelta(minutes=20)
    await climber.judged()
    return climber


async def past(climber: Climber, numbers: dict[RemoteCommand, tuple[int, int]]) -> None:
    """What was tried on the model before: how often each command, and how often of that it helped."""
    await climber.become(2, S.AVAILABLE, "NoError")
    before = await climber.judged(2, MARCO)
    await climber.become(2, S.AVAILABLE)

    def tried(uow: UnitOfWork) -> None:
        for command, (times, helped) in numbers.items():
            for number in range(times):
                then = START - timedelta(days=number + 1)
                ladder = replace(at(0, 0), id=0, case_id=before.id, connector=2, started_at=then)
                climbed = uow.ladders.begin(ladder)
                order = RemoteOrder(STATION, 2, command)
                action = uow.actions.request(
                    before.id, order, Initiator.LADDER, 1, then, ladder_id=climbed.id
                )
                uow.actions.end(action.id, ActionState.VERIFIED, "Available", then)
                state = LadderState.SOLVED if number < helped else LadderState.EXHAUSTED
                uow.ladders.end(climbed.id, state, S.AVAILABLE, then)

    await climber.record(Booted(STATION, START, "Vendor", "Model", None, None))
    await climber.database.write(tried)


CLEAR = {ON: (20, 1), RESET: (20, 18)}
"""The cycle hardly ever helps on this model, and the restart nearly always does."""


async def offered(climber: Climber) -> tuple[StepName, ...]:
    case = await climber.case()
    return await climber.database.read(lambda uow: standing.ladder_offered(uow, climber.services, case))
