"""Cases, guarded by their version, and remote actions, one at a time per station."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.case import Case, CaseState, Judgement, Severity, Trigger, move
from bot.domain.people import telegram
from bot.domain.refusal import Refusal
from bot.domain.remote_action import ActionState, Initiator, RemoteAction, RemoteCommand, RemoteOrder
from storage.database import Database
from storage.repositories.cases import CaseEvent
from storage.uow import UnitOfWork
from tests.storage import town
from tests.storage.town import NOW

RESET = RemoteCommand.SOFT_RESET


@pytest.fixture
async def case(database: Database) -> Case:
    await database.write(town.build)
    return await database.write(town.new_case)


async def request(database: Database, case: Case, station: str = "GRAZ-01") -> RemoteAction:
    order = RemoteOrder(station, 1, RESET)
    return await database.write(
        lambda uow: uow.actions.request(case.id, order, Initiator.DRIVER, case.driver_id, NOW)
    )


async def test_a_case_comes_back_as_it_was_saved(database: Database, case: Case) -> None:
    judgement = Judgement(
        "r1", "abc", "internal", "B", "wait", ("soft_reset", "agent"), (("status", "ü<&"),), NOW
    )
    after = replace(
        move(case, Trigger.ESCALATE, NOW + timedelta(seconds=1)),
        judgement=judgement,
        severity=Severity.P1,
        agent_id=case.driver_id,
        resolution="agent",
    )
    await database.write(lambda uow: uow.cases.save(case, after))
    await database.write(lambda uow: uow.cases.set_topic(case.id, telegram(-100, 7), 99))
    await database.write(lambda uow: uow.cases.set_rating(replace(case, rating=4)))
    saved = replace(after, topic=telegram(-100, 7), card_message=99, rating=4)
    assert await database.read(lambda uow: uow.cases.get(case.id)) == saved
    assert await database.read(lambda uow: uow.cases.by_topic(telegram(-100, 7))) == saved
    assert await database.read(lambda uow: uow.cases.latest_in(telegram(501))) == saved
    assert await database.read(lambda uow: uow.cases.get(case.id + 1)) is None


async def test_a_stale_version_is_refused_and_changes_nothing(database: Database, case: Case) -> None:
    first = move(case, Trigger.DIAGNOSE, NOW)
    await database.write(lambda uow: uow.cases.save(case, first))
    with pytest.raises(Refusal) as refused:
        await database.write(lambda uow: uow.cases.save(case, move(case, Trigger.CLOSE, NOW)))
    assert refused.value.key == "case.moved_on"
    assert await database.read(lambda uow: uow.cases.get(case.id)) == first


async def test_of_many_who_change_a_case_at_once_one_succeeds(database: Database, case: Case) -> None:
    after = move(case, Trigger.DIAGNOSE, NOW)
    told = await asyncio.gather(
        *(database.write(lambda uow: uow.cases.save(case, after)) for _ in range(8)), return_exceptions=True
    )
    assert [result.key for result in told if isinstance(result, Refusal)] == ["case.moved_on"] * 7
    assert told.count(None) == 1


async def test_open_cases_and_reports_of_others_are_found(database: Database, case: Case) -> None:
    def count(uow: UnitOfWork, since: timedelta, but: int) -> int:
        return uow.cases.other_reports("AT*SWG*E0001", NOW - since, but)

    closed = await database.write(lambda uow: town.new_case(uow, state=CaseState.CLOSED))
    await database.write(lambda uow: town.new_case(uow, number=2))
    found = await database.read(lambda uow: uow.cases.open_on("AT*SWG*E0001"))
    assert [each.id for each in found] == [case.id]
    assert closed.id != case.id
    assert await database.read(lambda uow: count(uow, timedelta(hours=1), case.driver_id)) == 0
    # Two cases of one driver are one report.
    assert await database.read(lambda uow: count(uow, timedelta(hours=1), case.driver_id + 1)) == 1
    assert await database.read(lambda uow: count(uow, timedelta(hours=-1), case.driver_id + 1)) == 0


async def test_events_are_kept_in_order_with_what_they_say(database: Database, case: Case) -> None:
    await database.write(lambda uow: uow.cases.note(case.id, NOW, "filed", case.driver_id, symptom="slow"))
    await database.write(lambda uow: uow.cases.note(case.id, NOW, "escalated"))
    assert await database.read(lambda uow: uow.cases.events(case.id)) == [
        CaseEvent(NOW, "filed", case.driver_id, {"symptom": "slow"}),
        CaseEvent(NOW, "escalated", None, {}),
    ]


async def test_a_station_has_one_pending_action(database: Database, case: Case) -> None:
    action = await request(database, case)
    with pytest.raises(Refusal) as refused:
        await request(database, case)
    assert refused.value.key == "recovery.already_running"
    assert await database.read(lambda uow: uow.actions.pending_at("GRAZ-01")) == action
    elsewhere = await request(database, case, "GRAZ-02")
    assert await database.write(
        lambda uow: uow.actions.end(action.id, ActionState.VERIFIED, "Available", NOW)
    )
    again = await request(database, case)
    assert len({action.id, elsewhere.id, again.id}) == 3


async def test_a_refused_request_leaves_the_rest_of_its_transaction_usable(
    database: Database, case: Case
) -> None:
    await request(database, case)

    def work(uow: UnitOfWork) -> None:
        with pytest.raises(Refusal):
            uow.actions.request(case.id, RemoteOrder("GRAZ-01", 1, RESET), Initiator.AGENT, 1, NOW)
        uow.cases.note(case.id, NOW, "refused")

    await database.write(work)
    assert [event.kind for event in await database.read(lambda uow: uow.cases.events(case.id))] == ["refused"]


async def test_of_many_who_request_at_once_one_is_let_through(database: Database, case: Case) -> None:
    told = await asyncio.gather(*(request(database, case) for _ in range(10)), return_exceptions=True)
    assert sum(isinstance(result, RemoteAction) for result in told) == 1
    refused = [result.key for result in told if isinstance(result, Refusal)]
    assert refused == ["recovery.already_running"] * 9


async def test_an_action_lives_from_request_to_proof(database: Database, case: Case) -> None:
    action = await request(database, case)
    assert action.state is ActionState.REQUESTED
    await database.write(lambda uow: uow.actions.booted("GRAZ-02", NOW))
    assert await database.read(lambda uow: uow.actions.get(action.id)) == action, "another station's boot"
    await database.write(lambda uow: uow.actions.booted("GRAZ-01", NOW))
    assert await database.read(lambda uow: uow.actions.get(action.id)) == replace(action, booted_at=NOW), (
        "a station that resets without an answer is heard, too"
    )
    await database.write(lambda uow: uow.actions.accept(action.id, NOW))
    await database.write(lambda uow: uow.actions.shown(action.id, 77))
    assert await database.write(lambda uow: uow.actions.end(action.id, ActionState.FAILED, "Faulted", NOW))
    assert not await database.write(
        lambda uow: uow.actions.end(action.id, ActionState.VERIFIED, "Available", NOW)
    )
    assert await database.read(lambda uow: uow.actions.of_case(case.id)) == [
        replace(
            action,
            state=ActionState.FAILED,
            accepted_at=NOW,
            booted_at=NOW,
            ended_at=NOW,
            proof="Faulted",
            screen=77,
        )
    ]


async def test_what_a_station_may_have_obeyed_counts_as_a_try(database: Database, case: Case) -> None:
    def tries(uow: UnitOfWork) -> tuple[int, int, int]:
        count = uow.actions.tries
        hour = timedelta(hours=1)
        return (
            count("GRAZ-01", RESET, NOW),
            count("GRAZ-01", RESET, NOW + hour),
            count("GRAZ-02", RESET, NOW - hour),
        )

    first = await request(database, case)
    assert await database.read(tries) == (1, 0, 0)
    await database.write(lambda uow: uow.actions.accept(first.id, NOW))
    assert await database.read(tries) == (1, 0, 0)
    await database.write(lambda uow: uow.actions.end(first.id, ActionState.FAILED, "Faulted", NOW))
    assert await database.read(tries) == (1, 0, 0)
    refused = await request(database, case)
    await database.write(lambda uow: uow.actions.end(refused.id, ActionState.REJECTED, "rejected", NOW))
    assert await database.read(tries) == (1, 0, 0)
