"""The sandbox's location behind a back end, against the real gateway of OCPI with the sandbox's own operator."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.domain.capability import Source
from bot.domain.clock import utc_now
from bot.domain.ocpi import Party, Peer, PeerState
from bot.domain.remote_action import CommandAnswer, RemoteCommand, RemoteOrder
from bot.domain.status import ConnectorStatus, EvseStatus, Link, StationSnapshot
from bot.operations.apply import apply
from bot.operations.journal import Journal
from bot.operations.ocpi_store import DatabaseOcpiStore
from bot.operations.operator_file import read_operator_file
from bot.sandbox import scene
from bot.sandbox.scene_people import OPERATOR_ID
from bot.sandbox.scene_stations import STATIONS
from bot.sandbox.stage import simulated
from bot.sandbox.stations.backend import BackendStation
from bot.sandbox.stations.control import StationControl
from bot.sandbox.stations.fleet import Fleet
from bot.stations.ocpi.client import Failure
from bot.stations.ocpi.gateway import OcpiGateway
from storage.database import open_database
from storage.migrations import migrate
from tests.ports import free_port

STATION = next(each for each in STATIONS if each.version is None)
PATIENCE = 5


@dataclass
class Site:
    """The service's side of OCPI, and the back end."""

    gateway: OcpiGateway
    store: DatabaseOcpiStore
    backend: BackendStation

    async def register(self) -> None:
        """As the sandbox does by the command line; everything is read once."""
        peer = Peer("swg", OPERATOR_ID, self.backend.versions_url, Party("EMSP", "AT", "SUP", "Support"))
        done = await self.gateway.registration.register(peer, self.backend.token)
        assert not isinstance(done, Failure), done
        await self.gateway.open()
        assert (await self.gateway.sync.pull(done, PeerState(), whole=True)).failure is None

    async def snapshot(self, connector: int = 1, *, fresh: bool = False) -> StationSnapshot:
        """What the service knows; with `fresh` the back end is asked."""
        within = timedelta(0) if fresh else None
        return await self.gateway.snapshot(
            STATION.id, connector, fresh_within=within, deadline=timedelta(seconds=1)
        )

    async def until(self, status: ConnectorStatus, connector: int = 1) -> None:
        """Waits until the service was told that status."""

        async def shown() -> bool:
            state = (await self.snapshot(connector)).connector
            return state is not None and state.status is status

        await _until(shown)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A service that knows the sandbox's operator, and is not registered yet."""
    database = open_database(f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
    await migrate(database)
    await apply(database, read_operator_file(scene.operator_file(-1001)))
    backend = simulated(STATION, "")
    assert isinstance(backend, BackendStation)
    port, store = free_port(), DatabaseOcpiStore(database)
    gateway = OcpiGateway(store, Journal(database, Source.OCPI), utc_now, f"http://127.0.0.1:{port}")
    app = web.Application()
    gateway.add_routes(app)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await backend.start()
    yield Site(gateway, store, backend)
    await backend.stop()
    await gateway.close()
    await runner.cleanup()
    await database.close()


async def _until(happened: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            result = happened()
            if await result if asyncio.iscoroutine(result) else result:
                return
            await asyncio.sleep(0.02)


async def test_its_evses_are_those_of_the_operators_own_file(site: Site) -> None:
    await site.register()
    links = await site.store.links()
    assert [(link.station_id, link.connector, link.created) for link in links] == [
        (STATION.id, 1, False),
        (STATION.id, 2, False),
    ]
    assert site.backend.state()["connected"] is True
    await site.until(ConnectorStatus.AVAILABLE)


async def test_what_is_done_to_it_is_told_to_the_service(site: Site) -> None:
    await site.register()
    site.backend.set_evse(1, EvseStatus.OUTOFORDER)
    await site.until(ConnectorStatus.FAULTED)
    state = (await site.snapshot()).connector
    assert state is not None
    assert state.error_code is None
    site.backend.set_evse(1, EvseStatus.AVAILABLE)
    site.backend.start_charging(2, "CARD")
    await site.until(ConnectorStatus.CHARGING, 2)
    assert (await site.snapshot(2)).transaction_on(2) is not None
    await site.until(ConnectorStatus.AVAILABLE)
    site.backend.stop_charging(2)
    await site.until(ConnectorStatus.AVAILABLE, 2)


async def test_a_fault_ends_the_session(site: Site) -> None:
    await site.register()
    site.backend.start_charging(1, "CARD")
    await site.until(ConnectorStatus.CHARGING)
    site.backend.set_evse(1, EvseStatus.OUTOFORDER)
    await site.until(ConnectorStatus.FAULTED)
    assert (await site.snapshot()).transactions == ()


async def test_what_cannot_charge_does_not_begin_a_session(site: Site) -> None:
    site.backend.set_evse(1, EvseStatus.OUTOFORDER)
    await _until(lambda: connector(site.backend, 1)["evse_status"] == "OUTOFORDER")
    site.backend.start_charging(1, "CARD")
    await asyncio.sleep(0.05)
    assert connector(site.backend, 1)["session"] is None


async def test_it_obeys_the_service(site: Site) -> None:
    await site.register()
    order = RemoteOrder(STATION.id, 1, RemoteCommand.START_SESSION, id_tag="HOTLINE")
    assert await site.gateway.send(order) is CommandAnswer.ACCEPTED
    await site.until(ConnectorStatus.CHARGING)
    assert connector(site.backend, 1)["session"] is not None


async def test_a_silent_back_end_is_told_from_an_answering_one(site: Site) -> None:
    await site.register()
    assert (await site.snapshot(fresh=True)).link is Link.ONLINE
    site.backend.hang()
    assert (await site.snapshot(fresh=True)).link is not Link.ONLINE
    site.backend.unhang()
    assert (await site.snapshot(fresh=True)).link is Link.ONLINE


async def test_requests_are_shown_both_ways_and_tokens_are_not(site: Site) -> None:
    await site.register()
    site.backend.set_evse(1, EvseStatus.OUTOFORDER)
    await site.until(ConnectorStatus.FAULTED)

    def named(direction: str) -> list[str]:
        frames = [each["frame"] for each in site.backend.frames() if each["direction"] == direction]
        return [str(frame[2]) for frame in frames if isinstance(frame, list) and frame[0] == 2]

    assert "POST credentials" in named("in")
    assert [name.split("/")[0] for name in named("out")] == ["PATCH locations"]
    client = site.backend.cpo.client
    assert client is not None
    for token in (client.shows, client.is_shown):
        assert token not in str(site.backend.frames())


async def test_it_is_steered_over_http_like_a_station() -> None:
    backend = simulated(STATION, "")
    app = web.Application()
    StationControl(Fleet([backend])).add_routes(app)
    async with TestClient(TestServer(app)) as client:
        path = f"/sandbox/stations/{STATION.id}"
        deed = {"do": "set_evse", "connector": 1, "status": "OUTOFORDER"}
        assert (await client.post(path, json=deed)).status == 200
        await asyncio.sleep(0)
        shown = (await (await client.get(path)).json())["connectors"][0]
        assert (shown["evse_status"], shown["status"]) == ("OUTOFORDER", "Faulted")
        refused = await client.post(path, json={"do": "plug", "connector": 1})
        assert (await refused.json())["error"].startswith('"do" must be one of: set_evse, ')
        wrong = await client.post(path, json=deed | {"status": "ON_FIRE"})
        assert wrong.status == 400


def connector(backend: BackendStation, number: int) -> dict[str, object]:
    """What the page is shown of one EVSE."""
    shown = backend.state()["connectors"]
    assert isinstance(shown, list)
    found = shown[number - 1]
    assert isinstance(found, dict)
    return found
