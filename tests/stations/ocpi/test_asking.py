"""Snapshots and capabilities of stations that a back end speaks for."""

import asyncio
import time
from datetime import timedelta

import pytest

from bot.domain.capability import TOLD_BY, Capability, Source
from bot.domain.errand import ClearCache, ErrandAnswer
from bot.domain.remote_action import CommandAnswer
from bot.domain.status import ConnectorStatus, Link
from bot.sandbox.stations.cpo_wire import Quirk, evse, location
from tests.stations.ocpi.scene import Scene

TOLD = TOLD_BY[Source.OCPI]


def asked(scene: Scene) -> int:
    return sum(seen.path.startswith("2.2.1/locations/") for seen in scene.cpo.seen)


async def test_a_fresh_status_costs_no_question_and_an_old_one_does(scene: Scene) -> None:
    await scene.connect()
    assert (await scene.snapshot()).asked is False
    scene.clock.pass_time(minutes=2)
    assert (await scene.snapshot(fresh=None)).asked is False
    assert asked(scene) == 0
    snapshot = await scene.snapshot()
    assert (snapshot.asked, snapshot.link) == (True, Link.ONLINE)
    assert asked(scene) == 1
    assert (await scene.snapshot()).asked is False, "the answer is remembered"


async def test_a_question_shows_a_change_that_was_never_pushed(scene: Scene) -> None:
    await scene.connect()
    scene.clock.pass_time(minutes=2)
    await scene.cpo.set_status("U1", "OUTOFORDER", push=False)
    snapshot = await scene.snapshot()
    assert snapshot.connector is not None
    assert (snapshot.connector.status, snapshot.connector.since) == (ConnectorStatus.FAULTED, scene.clock.now)
    assert snapshot.connector.error_code is None


@pytest.mark.parametrize("quirk", [Quirk.SILENT, Quirk.BROKEN, Quirk.SERVER_ERROR])
async def test_a_back_end_that_does_not_answer_is_silent_with_what_was_known(
    scene: Scene, quirk: Quirk
) -> None:
    await scene.connect()
    scene.clock.pass_time(minutes=2)
    scene.cpo.quirks.add(quirk)
    snapshot = await scene.snapshot(deadline=0.3)
    assert (snapshot.link, snapshot.asked) == (Link.SILENT, True)
    assert snapshot.connector is not None
    assert snapshot.connector.status is ConnectorStatus.AVAILABLE
    assert snapshot.connector.age(scene.clock.now) == timedelta(minutes=2)


async def test_a_back_end_that_is_gone_is_silent(scene: Scene) -> None:
    await scene.connect()
    scene.clock.pass_time(minutes=2)
    await scene.cpo.stop()
    snapshot = await scene.snapshot()
    assert (snapshot.link, snapshot.asked) == (Link.SILENT, True)
    state = (await scene.store.states())["graz"]
    assert state.error is not None
    assert "no connection" in state.error


async def test_a_snapshot_keeps_its_deadline_and_a_late_answer_is_kept(scene: Scene) -> None:
    await scene.connect()
    scene.clock.pass_time(minutes=2)
    release = asyncio.Event()
    late = scene.cpo._functional

    async def slow(*arguments: object) -> object:
        await release.wait()
        return await late(*arguments)  # type: ignore[arg-type]  # Just what it was called with.

    scene.cpo._functional = slow  # type: ignore[method-assign,assignment]  # A slow back end.
    began = time.monotonic()
    snapshot = await scene.snapshot(deadline=0.1)
    assert time.monotonic() - began < 0.4
    assert snapshot.link is Link.SILENT
    release.set()
    scene.clock.pass_time(seconds=1)
    assert (await scene.snapshot()).link is Link.ONLINE
    assert asked(scene) == 1, "who asks meanwhile shares the answer"


async def test_a_station_that_its_back_end_has_lost_is_offline_with_its_last_state(scene: Scene) -> None:
    await scene.connect()
    await scene.cpo.set_status("U1", "BLOCKED")
    await scene.cpo.set_status("U1", "UNKNOWN")
    snapshot = await scene.snapshot()
    assert snapshot.link is Link.OFFLINE
    assert snapshot.connector is not None
    assert snapshot.connector.status is ConnectorStatus.PREPARING
    assert (await scene.snapshot(2)).link is Link.ONLINE


async def test_a_lost_station_is_noted_once_when_it_goes_and_once_when_it_is_back(scene: Scene) -> None:
    def notes(uow: object) -> list[str]:
        rows = uow.connection.exec_driver_sql("SELECT what FROM station_notes ORDER BY id")  # type: ignore[attr-defined]  # A UnitOfWork.
        return [row[0] for row in rows]

    await scene.connect()
    first = await scene.database.read(notes)
    assert set(first) == {"connected"}
    for status in ("UNKNOWN", "UNKNOWN", "AVAILABLE", "BLOCKED"):
        await scene.cpo.set_status("U1", status)
    assert (await scene.database.read(notes))[len(first) :] == ["disconnected", "connected"]


async def test_a_question_brings_a_lost_station_back(scene: Scene) -> None:
    await scene.connect()
    await scene.cpo.set_status("U1", "UNKNOWN")
    scene.clock.pass_time(minutes=5)
    assert (await scene.snapshot()).link is Link.OFFLINE
    await scene.cpo.set_status("U1", "AVAILABLE", push=False)
    assert (await scene.snapshot()).link is Link.ONLINE


async def test_an_evse_that_the_back_end_knows_no_more_is_offline(scene: Scene) -> None:
    await scene.connect()
    scene.clock.pass_time(minutes=2)
    scene.cpo.locations.clear()
    assert (await scene.snapshot()).link is Link.OFFLINE
    assert (await scene.store.states())["graz"].error is None, "that is an answer"


async def test_a_status_that_was_always_unknown_is_never(scene: Scene) -> None:
    for uid in ("U1", "U2"):
        scene.cpo.evse(uid)["status"] = "UNKNOWN"
    await scene.connect()
    snapshot = await scene.snapshot()
    assert (snapshot.link, snapshot.connector) == (Link.NEVER, None)


async def test_a_token_that_the_peer_takes_no_more_is_our_own_failure(scene: Scene) -> None:
    await scene.connect()
    scene.clock.pass_time(minutes=2)
    assert scene.cpo.client is not None
    scene.cpo.client.shows = "another"
    snapshot = await scene.snapshot()
    assert (snapshot.link, snapshot.asked) == (Link.UNKNOWN, True)
    assert snapshot.connector is not None


async def test_tokens_that_another_process_exchanged_are_used_at_once(scene: Scene) -> None:
    await scene.connect()
    scene.clock.pass_time(minutes=2)
    other = type(scene.gateway)(scene.store, scene.journal, scene.clock, scene.url)
    await other.registration.rotate(scene.peer)
    await other.close()
    assert (await scene.snapshot()).link is Link.ONLINE


async def test_a_database_that_fails_is_our_own_failure(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.connect()
    scene.clock.pass_time(minutes=2)

    async def failing(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(scene.store, "keep_evse", failing)
    assert (await scene.snapshot()).link is Link.UNKNOWN


async def test_an_answer_for_another_evse_is_no_answer(scene: Scene) -> None:
    await scene.connect()
    scene.clock.pass_time(minutes=2)
    wrong = scene.cpo.evse("U2") | {"status": "OUTOFORDER"}
    scene.cpo._found = lambda uid: (scene.cpo.locations[0], wrong)  # type: ignore[method-assign]  # It mixes them up.
    snapshot = await scene.snapshot()
    assert snapshot.link is Link.SILENT
    beside = (await scene.snapshot(2, fresh=None)).connector
    assert beside is not None
    assert beside.status is ConnectorStatus.AVAILABLE
    assert snapshot.connector is not None
    assert snapshot.connector.status is ConnectorStatus.AVAILABLE


async def test_an_answer_that_is_older_than_a_push_does_not_undo_it(scene: Scene) -> None:
    await scene.connect()
    before = dict(scene.cpo.evse("U1"))
    await scene.cpo.set_status("U1", "OUTOFORDER")
    scene.clock.pass_time(minutes=2)
    scene.cpo._found = lambda uid: (scene.cpo.locations[0], before)  # type: ignore[method-assign]  # A cache of the peer's.
    snapshot = await scene.snapshot()
    assert snapshot.connector is not None
    assert snapshot.connector.status is ConnectorStatus.FAULTED


async def test_a_station_of_nobody_here_costs_not_even_a_query(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def forbidden(_: object) -> None:
        raise AssertionError("it was asked")

    await scene.connect()
    monkeypatch.setattr(scene.database, "read", forbidden)
    snapshot = await scene.snapshot(station="S2")
    assert (snapshot.link, snapshot.connector, snapshot.last_seen) == (Link.NEVER, None, None)


async def test_of_two_evses_with_one_id_the_one_that_is_there_counts(scene: Scene) -> None:
    await scene.connect()
    await scene.cpo.set_status("U1", "REMOVED")
    scene.cpo.locations.append(location("LOC2", evse("NEW", "AT*SWG*ES1*1")))
    await scene.pull()
    assert (await scene.snapshot()).link is Link.ONLINE
    await scene.cpo.set_status("NEW", "CHARGING")
    snapshot = await scene.snapshot()
    assert snapshot.connector is not None
    assert snapshot.connector.status is ConnectorStatus.CHARGING


@pytest.mark.parametrize(
    ("words", "able"),
    [
        ([], set()),
        (["UNLOCK_CAPABLE"], {Capability.UNLOCK}),
        (["REMOTE_START_STOP_CAPABLE"], {Capability.START_SESSION, Capability.STOP_SESSION}),
        (["RESERVABLE", "FLY"], set()),
    ],
)
async def test_capabilities_are_those_that_the_evse_names(
    scene: Scene, words: list[str], able: set[Capability]
) -> None:
    evses = [evse("U1", "AT*SWG*ES1*1") | {"capabilities": words}]
    scene.cpo.locations = [location("LOC1", *evses)]
    await scene.connect()
    assert scene.gateway.capabilities("S1") == TOLD | able | {Capability.TRIGGER}
    assert Capability.FAULT_DETAIL not in scene.gateway.capabilities("S1")
    assert not scene.gateway.capabilities("S1") & {
        Capability.SOFT_RESET,
        Capability.HARD_RESET,
        Capability.LOGS,
    }


async def test_without_a_commands_module_nothing_can_be_commanded(scene: Scene) -> None:
    endpoints = scene.cpo._endpoints
    scene.cpo._endpoints = lambda: [each for each in endpoints() if each["identifier"] != "commands"]  # type: ignore[method-assign]  # It lacks a module.
    await scene.connect()
    assert scene.gateway.capabilities("S1") == TOLD | {Capability.TRIGGER}


async def test_modules_without_a_role_are_used_all_the_same(scene: Scene) -> None:
    endpoints = scene.cpo._endpoints
    scene.cpo._endpoints = lambda: [each | {"role": None} for each in endpoints()]  # type: ignore[method-assign]  # As in older versions.
    await scene.connect()
    assert Capability.UNLOCK in scene.gateway.capabilities("S1")


async def test_capabilities_are_read_from_what_is_kept_when_the_service_starts(scene: Scene) -> None:
    await scene.connect()
    later = type(scene.gateway)(scene.store, scene.journal, scene.clock, scene.url)
    assert later.capabilities("S1") == frozenset()
    await later.open()
    assert later.capabilities("S1") == scene.gateway.capabilities("S1") != frozenset()
    await later.close()


async def test_an_errand_is_nothing_that_ocpi_can_run(scene: Scene) -> None:
    await scene.connect()
    assert await scene.gateway.run(ClearCache("S1")) == ErrandAnswer(CommandAnswer.NOT_SUPPORTED)
