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
from storage.repositories.fixes import NEWEST, Fix
from storage.uow import UnitOfWork
from tests.storage.town import LOCATION, NOW, OPERATOR, build, new_case, station

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

    found = {fix.command: fix for fix in await database.write(work)}
    commands = RemoteCommand
    assert found[commands.MAKE_OPERATIVE] == Fix("M", "faulted", commands.MAKE_OPERATIVE, 1, 0)
    assert found[commands.SOFT_RESET] == Fix("M", "faulted", commands.SOFT_RESET, 1, 1)
    assert found[commands.HARD_RESET] == Fix("M", "faulted", commands.HARD_RESET, 2, 1)
    after = await database.read(lambda uow: uow.fixes.after("GRAZ-01", "faulted"))
    assert {fix.command: fix for fix in after} == found
    assert await database.read(lambda uow: uow.fixes.after("GRAZ-01", "internal")) == ()
    assert await database.read(lambda uow: uow.fixes.after("GRAZ-02", "faulted")) == (), (
        "never told its model"
    )


async def test_what_is_known_of_a_model_comes_from_all_stations_of_it(database: Database) -> None:
    def work(uow: UnitOfWork) -> tuple[tuple[Fix, ...], ...]:
        case = uow.cases.get(uow.ladders.begin(ladder(uow)).case_id)
        assert case is not None
        uow.cases.save(case, replace(case, version=2, judgement=JUDGEMENT))
        uow.operators.put_operator(replace(OPERATOR, id="wien"))
        uow.operators.put_location("wien", LOCATION)
        uow.operators.put_station(replace(station(3), operator_id="wien"), {"AT*SWG*E0003": "ATSWGE0003"})
        for name in ("GRAZ-01", "GRAZ-03"):
            uow.station_log.keep(
                [Booted(name, NOW + timedelta(seconds=1), "V", "M", None, None)], Source.OCPP
            )
        tried(uow, case.id, RemoteCommand.SOFT_RESET, ActionState.VERIFIED)
        return (
            uow.fixes.of_operator("wien"),
            uow.fixes.on_model("M"),
            uow.fixes.after("GRAZ-03", "faulted"),
        )

    own, of_models, after = await database.write(work)
    assert own == ()
    assert of_models == after == (Fix("M", "faulted", RemoteCommand.SOFT_RESET, 1, 1),)


async def test_what_was_tried_long_ago_on_a_model_no_longer_counts(database: Database) -> None:
    def work(uow: UnitOfWork) -> tuple[Fix, ...]:
        case = uow.cases.get(uow.ladders.begin(ladder(uow)).case_id)
        assert case is not None
        uow.cases.save(case, replace(case, version=2, judgement=JUDGEMENT))
        booted = Booted("GRAZ-01", NOW + timedelta(seconds=1), "V", "M", None, None)
        uow.station_log.keep([booted], Source.OCPP)
        tried(uow, case.id, RemoteCommand.SOFT_RESET, ActionState.VERIFIED)
        for _ in range(NEWEST):
            tried(uow, case.id, RemoteCommand.REFRESH_STATUS, ActionState.VERIFIED)
        return uow.fixes.on_model("M")

    assert [fix.command for fix in await database.write(work)] == [RemoteCommand.REFRESH_STATUS]
