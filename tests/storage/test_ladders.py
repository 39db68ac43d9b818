"""Ladders and what came of them, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.capability import Source
from bot.domain.case import Judgement
from bot.domain.ladder import Ladder, LadderState, StepName
from bot.domain.observation import Booted
from bot.domain.refusal import Refusal
from bot.domain.remote_action import ActionState, Initiator, RemoteCommand, RemoteOrder
from bot.domain.status import ConnectorStatus
from storage.database import Database
from storage.repositories.fixes import Fix
from storage.uow import UnitOfWork
from tests.storage.town import NOW, build, new_case

STEPS = (StepName.ASK, StepName.CYCLE, StepName.SOFT_RESET)
JUDGEMENT = Judgement("r", "h", "faulted", "B", "offer_repair", (), (), NOW)


def ladder(uow: UnitOfWork) -> Ladder:
    build(uow)
    case = new_case(uow)
    return Ladder(0, case.id, "GRAZ-01", 1, case.driver_id, ConnectorStatus.FAULTED, STEPS, NOW, 42)


async def test_a_ladder_is_read_as_it_was_kept(database: Database) -> None:
    def work(uow: UnitOfWork) -> None:
        kept = uow.ladders.begin(ladder(uow))
        assert uow.ladders.get(kept.id) == kept
        moved = replace(kept, step=1, command=1, waited=3, skipped=((StepName.ASK, "unreachable"),))
        uow.ladders.move(moved)
        uow.ladders.shown(kept.id, 43)
        uow.ladders.leave(kept.id)
        now = replace(moved, screen=43, state=LadderState.LEAVING)
        assert uow.ladders.hold(kept.id) == uow.ladders.running_of(kept.case_id) == now
        assert uow.ladders.running_at("GRAZ-01") == uow.ladders.latest_of(kept.case_id) == now

    await database.write(work)


async def test_a_ladder_ends_once_and_then_no_longer_changes(database: Database) -> None:
    def work(uow: UnitOfWork) -> None:
        kept = uow.ladders.begin(ladder(uow))
        assert uow.ladders.end(kept.id, LadderState.SOLVED, ConnectorStatus.AVAILABLE, NOW)
        assert not uow.ladders.end(kept.id, LadderState.EXHAUSTED, None, NOW)
        uow.ladders.leave(kept.id)
        ended = uow.ladders.get(kept.id)
        assert ended is not None
        assert (ended.state, ended.after, ended.ended_at) == (
            LadderState.SOLVED,
            ConnectorStatus.AVAILABLE,
            NOW,
        )
        assert uow.ladders.running_at("GRAZ-01") is None

    await database.write(work)


async def test_a_station_has_one_ladder_that_has_not_ended(database: Database) -> None:
    def work(uow: UnitOfWork) -> None:
        first = uow.ladders.begin(ladder(uow))
        with pytest.raises(Refusal, match="already_running"):
            uow.ladders.begin(first)
        uow.ladders.end(first.id, LadderState.LEFT, None, NOW)
        assert uow.ladders.begin(first).id != first.id

    await database.write(work)


def tried(
    uow: UnitOfWork,
    case_id: int,
    command: RemoteCommand,
    state: ActionState,
    on: int | None = None,
    by: Initiator = Initiator.AGENT,
) -> None:
    order = RemoteOrder("GRAZ-01", 1, command)
    action = uow.actions.request(case_id, order, by, 1, NOW, ladder_id=on)
    uow.actions.end(action.id, state, "x", NOW)


async def test_what_helped_is_counted_by_model_and_verdict(database: Database) -> None:
    def work(uow: UnitOfWork) -> tuple[Fix, ...]:
        climbed = uow.ladders.begin(ladder(uow))
        case = uow.cases.get(climbed.case_id)
        assert case is not None
        uow.cases.save(case, replace(case, version=2, judgement=JUDGEMENT))
        uow.station_log.keep(
            [Booted("GRAZ-01", NOW + timedelta(seconds=1), "V", "M", None, None)], Source.OCPP
        )
        commands = RemoteCommand
        tried(uow, case.id, commands.MAKE_INOPERATIVE, ActionState.VERIFIED, climbed.id, Initiator.LADDER)
        # The cycle was proved, and the station was restarted all the same: it was the restart that helped.
        tried(uow, case.id, commands.MAKE_OPERATIVE, ActionState.VERIFIED, climbed.id, Initiator.LADDER)
        tried(uow, case.id, commands.SOFT_RESET, ActionState.VERIFIED, climbed.id, Initiator.LADDER)
        uow.ladders.end(climbed.id, LadderState.SOLVED, ConnectorStatus.AVAILABLE, NOW)
        tried(uow, case.id, commands.HARD_RESET, ActionState.TIMED_OUT)
        tried(uow, case.id, commands.HARD_RESET, ActionState.VERIFIED)
        tried(uow, case.id, commands.HARD_RESET, ActionState.REJECTED)
        tried(uow, case.id, commands.MAKE_OPERATIVE, ActionState.VERIFIED)
        return uow.fixes.of_operator("graz")

    found = {
        fix.command: (fix.model, fix.verdict, fix.tried, fix.helped) for fix in await database.write(work)
    }
    assert found[RemoteCommand.MAKE_OPERATIVE] == ("M", "faulted", 1, 0)
    assert found[RemoteCommand.SOFT_RESET] == ("M", "faulted", 1, 1)
    assert found[RemoteCommand.HARD_RESET] == ("M", "faulted", 2, 1)
    of_step = await database.read(
        lambda uow: uow.fixes.of_step("GRAZ-01", "faulted", RemoteCommand.HARD_RESET)
    )
    assert of_step is not None and of_step.tried == 2
    other = await database.read(
        lambda uow: uow.fixes.of_step("GRAZ-01", "internal", RemoteCommand.HARD_RESET)
    )
    assert other is None
