"""A back end from its registration to a remote action that it proves, on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.cases.remote import recovery
from bot.cases.services import Services
from bot.diagnosis.rulebook import load_rulebook
from bot.domain.capability import Source
from bot.domain.case import Case, CaseState, Severity
from bot.domain.people import telegram
from bot.domain.remote_action import (
    ActionState,
    CommandAnswer,
    Initiator,
    RemoteAction,
    RemoteCommand,
    RemoteOrder,
)
from bot.domain.report import Symptom
from bot.domain.status import ConnectorStatus, Link
from bot.sandbox.stations.cpo_wire import evse, location
from storage.database import Database
from storage.repositories.people import Identity
from storage.uow import UnitOfWork
from tests.stations.conftest import START, StandingClock
from tests.stations.ocpi.scene import Scene, opened, until


@pytest.fixture
async def scene(database: Database) -> AsyncIterator[Scene]:
    async with opened(database, StandingClock()) as scene:
        services = Services(database, scene.gateway, load_rulebook(), scene.clock)
        scene.journal.watch(lambda uow, seen: recovery.observe(uow, services, seen), services.wake.outbox.set)
        yield scene


async def requested(scene: Scene, command: RemoteCommand, number: int | None = None) -> RemoteAction:
    """A case at S1, and an agent who asks for a command at connector 1."""

    def request(uow: UnitOfWork) -> RemoteAction:
        lena = uow.people.meet([Identity(501, "Lena", "lena", "en")])[501]
        case = Case(
            id=0,
            operator_id="graz",
            driver_id=lena.id,
            conversation=telegram(501),
            state=CaseState.WITH_AGENT,
            version=1,
            symptom=Symptom.OTHER,
            severity=Severity.P2,
            opened_at=START,
            changed_at=START,
            evse_id="AT*SWG*ES1*1",
            station_id="S1",
            connector=1,
        )
        order = RemoteOrder("S1", 1, command, number)
        return uow.actions.request(uow.cases.add(case).id, order, Initiator.AGENT, lena.id, scene.clock())

    return await scene.database.write(request)


async def ended(scene: Scene, action: RemoteAction) -> RemoteAction:
    """The action, once it has come to its end."""
    found: list[RemoteAction] = []

    async def is_ended() -> bool:
        now = await scene.database.read(lambda uow: uow.actions.get(action.id))
        assert now is not None
        found.append(now)
        return now.ended_at is not None

    await until(is_ended)
    return found[-1]


async def test_an_unlocking_is_proved_by_the_status_that_is_pushed_after_it(scene: Scene) -> None:
    await scene.connect()
    await scene.cpo.set_status("U1", "BLOCKED")
    action = await requested(scene, RemoteCommand.UNLOCK)
    assert await scene.gateway.send(action.order) is CommandAnswer.ACCEPTED
    proved = await ended(scene, action)
    assert (proved.state, proved.proof) == (ActionState.VERIFIED, "Available")


async def test_a_refreshed_status_proves_itself(scene: Scene) -> None:
    await scene.connect()
    scene.clock.pass_time(minutes=5)
    action = await requested(scene, RemoteCommand.REFRESH_STATUS)
    assert await scene.gateway.send(action.order) is CommandAnswer.ACCEPTED
    assert (await ended(scene, action)).state is ActionState.VERIFIED


async def test_a_start_is_proved_by_the_session_and_not_by_one_that_was_running(scene: Scene) -> None:
    await scene.connect()
    running = await scene.cpo.begin_session("U1")
    action = await requested(scene, RemoteCommand.START_SESSION)
    await scene.cpo.push("PUT", "sessions", (running,), scene.cpo.sessions[running])
    now = await scene.database.read(lambda uow: uow.actions.get(action.id))
    assert now is not None
    assert now.ended_at is None, "the same session told again proves nothing"
    await scene.cpo.end_session(running)
    start = replace(action.order, id_tag="SUPPORT")
    assert await scene.gateway.send(start) is CommandAnswer.ACCEPTED
    assert (await ended(scene, action)).proof == "session_started"


async def test_a_start_is_not_proved_by_a_session_that_has_ended_and_is_said_to_run_again(
    scene: Scene,
) -> None:
    await scene.connect()
    number = await scene.cpo.begin_session("U1")
    again = dict(scene.cpo.sessions[number])
    await scene.cpo.end_session(number)
    action = await requested(scene, RemoteCommand.START_SESSION)
    again["last_updated"] = scene.cpo.tick()
    assert await scene.cpo.push("PUT", "sessions", (number,), again) == 1000
    now = await scene.database.read(lambda uow: uow.actions.get(action.id))
    assert now is not None
    assert now.ended_at is None


async def test_a_stop_is_proved_by_the_end_of_that_session(scene: Scene) -> None:
    await scene.connect()
    await scene.cpo.begin_session("U1")
    session = (await scene.snapshot(fresh=None)).transaction_on(1)
    assert session is not None
    action = await requested(scene, RemoteCommand.STOP_SESSION, session.id)
    assert await scene.gateway.send(action.order) is CommandAnswer.ACCEPTED
    assert (await ended(scene, action)).proof == "session_ended"


async def test_a_back_end_is_read_pushed_by_and_read_again(scene: Scene) -> None:
    scene.cpo.locations.append(location("LOC2", evse("U3", "AT*SWG*E900*1", dc=False)))
    await scene.connect()
    for status, ours in (("OUTOFORDER", ConnectorStatus.FAULTED), ("RESERVED", ConnectorStatus.RESERVED)):
        scene.clock.pass_time(minutes=1)
        assert await scene.cpo.set_status("U3", status) == 1000
        snapshot = await scene.snapshot(station="graz:U3")
        assert snapshot.connector is not None
        assert (snapshot.link, snapshot.connector.status) == (Link.ONLINE, ours)
    scene.cpo.locations.pop()
    scene.clock.pass_time(days=1)
    assert (await scene.pull()).removed == 1
    assert (await scene.snapshot(station="graz:U3")).link is Link.OFFLINE
    made = await scene.database.read(lambda uow: uow.operators.station("graz:U3"))
    assert made is not None, "a station that is gone stays for its history"


async def test_what_a_back_end_says_is_kept_apart_from_what_the_station_says(scene: Scene) -> None:
    await scene.connect()
    await scene.cpo.set_status("U1", "OUTOFORDER")

    def read(uow: UnitOfWork) -> tuple[list[ConnectorStatus], int]:
        told = uow.station_log.connectors("S1", Source.OCPI)
        own = uow.station_log.connectors("S1", Source.OCPP)
        return sorted(state.status for state in told), len(own)

    assert await scene.database.read(read) == ([ConnectorStatus.AVAILABLE, ConnectorStatus.FAULTED], 0)
