"""Our side of OCPI against a back end of another maker: registered, rotated, read, pushed by, commanded and ended."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any  # Any: the answers of the drill are JSON of many shapes.

import aiohttp
import pytest
from aiohttp import web

from bot.domain.capability import Capability, Source
from bot.domain.clock import utc_now
from bot.domain.ocpi import Party, Peer, PeerState
from bot.domain.remote_action import CommandAnswer, RemoteCommand, RemoteOrder
from bot.domain.status import ConnectorStatus, Link
from bot.operations.journal import Journal
from bot.operations.ocpi_store import DatabaseOcpiStore
from bot.stations.ocpi.client import Failure, Trouble
from bot.stations.ocpi.gateway import OcpiGateway
from bot.stations.ocpi.wire import wire_time
from storage.database import open_database
from storage.migrations import migrate
from tests.ports import free_port
from tests.stations.ocpi.scene import build

HERE = Path(__file__).parent
PYTHON = HERE.parents[1] / ".peers" / "extrawest" / "bin" / "python"
TOKEN_A = "token-a-of-the-drill"
STARTS_WITHIN = 30.0


@dataclass
class Drill:
    """Our side, and the way to the back end."""

    store: DatabaseOcpiStore
    gateway: OcpiGateway
    back_end: str
    client: aiohttp.ClientSession

    async def register(self) -> Peer:
        wanted = Peer("graz", "graz", f"{self.back_end}/ocpi/versions", Party("EMSP", "AT", "SUP", "Support"))
        done = await self.gateway.registration.register(wanted, TOKEN_A)
        assert not isinstance(done, Failure), done
        await self.gateway.open()
        return done

    async def tell(self, method: str, path: str) -> Any:
        async with self.client.request(method, f"{self.back_end}/drill/{path}") as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def connector(self, station: str, *, fresh: float | None) -> tuple[Link, ConnectorStatus | None]:
        within = None if fresh is None else timedelta(seconds=fresh)
        seen = await self.gateway.snapshot(station, 1, fresh_within=within, deadline=timedelta(seconds=5))
        return seen.link, seen.connector.status if seen.connector else None


@pytest.fixture
async def drill(tmp_path: Path) -> AsyncIterator[Drill]:
    database = open_database(f"sqlite:///{tmp_path}/bot.db")
    await migrate(database)
    await database.write(build)
    port = free_port()
    store = DatabaseOcpiStore(database)
    gateway = OcpiGateway(store, Journal(database, Source.OCPI), utc_now, f"http://127.0.0.1:{port}")
    await gateway.open()
    app = web.Application()
    gateway.add_routes(app)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    async with back_end() as url, aiohttp.ClientSession() as client:
        yield Drill(store, gateway, url, client)
    await gateway.close()
    await runner.cleanup()
    await database.close()


@contextlib.asynccontextmanager
async def back_end() -> AsyncIterator[str]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(PYTHON, HERE / "server.py", str(port), TOKEN_A)
    url = f"http://127.0.0.1:{port}"
    try:
        async with asyncio.timeout(STARTS_WITHIN), aiohttp.ClientSession() as client:
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    async with client.get(f"{url}/drill/state"):
                        break
                assert process.returncode is None, "the back end has ended"
                await asyncio.sleep(0.1)
        yield url
    finally:
        process.terminate()
        await process.wait()


async def test_the_whole_life_of_a_registration(drill: Drill) -> None:
    peer = await drill.register()
    assert (peer.name, (await drill.tell("GET", "state"))["clients"]) == ("Extrawest", 1)

    rotated = await drill.gateway.registration.rotate(peer)
    assert isinstance(rotated, Peer)
    assert rotated.their_token != peer.their_token
    stale = await drill.gateway.sync.pull(peer, PeerState(), whole=True)
    assert stale.failure is not None
    assert stale.failure.trouble is Trouble.REFUSED, "the old token is void"
    await drill.gateway.open()

    pulled = await drill.gateway.sync.pull(rotated, PeerState(), whole=True)
    assert (pulled.failure, pulled.locations, pulled.new, pulled.bad) == (None, 120, 120, 0)
    assert await drill.connector("graz:evse007", fresh=None) == (Link.ONLINE, ConnectorStatus.AVAILABLE)

    told = await drill.tell("POST", f"status/loc007/OUTOFORDER/{wire_time(utc_now())}")
    assert [each["status_code"] for each in told["answers"]] == [200]
    assert told["answers"][0]["response"]["status_code"] == 1000
    assert await drill.connector("graz:evse007", fresh=None) == (Link.ONLINE, ConnectorStatus.FAULTED)
    assert await drill.connector("graz:evse007", fresh=0) == (Link.ONLINE, ConnectorStatus.FAULTED)

    assert Capability.UNLOCK in drill.gateway.capabilities("graz:evse008")
    order = RemoteOrder("graz:evse008", 1, RemoteCommand.UNLOCK)
    assert await drill.gateway.send(order) is CommandAnswer.ACCEPTED
    (command,) = (await drill.tell("GET", "state"))["commands"]
    assert (command["location_id"], command["evse_uid"], command["connector_id"]) == (
        "loc008",
        "evse008",
        "1",
    )

    state = (await drill.store.states())["graz"]
    delta = await drill.gateway.sync.pull(rotated, state, whole=False)
    assert (delta.failure, delta.locations) == (None, 1)

    assert await drill.gateway.registration.end(rotated) is None
    assert (await drill.tell("GET", "state"))["clients"] == 0
    assert await drill.store.peers() == ()


async def test_a_wrong_token_is_told_as_such(drill: Drill) -> None:
    wanted = Peer("graz", "graz", f"{drill.back_end}/ocpi/versions", Party("EMSP", "AT", "SUP", "Support"))
    done = await drill.gateway.registration.register(wanted, "wrong")
    assert isinstance(done, Failure)
    assert done.trouble is Trouble.REFUSED


async def test_a_session_is_started_with_all_that_the_back_end_demands(drill: Drill) -> None:
    peer = await drill.register()
    await drill.gateway.sync.pull(peer, PeerState(), whole=True)
    order = RemoteOrder("graz:evse009", 1, RemoteCommand.START_SESSION, id_tag="SUPPORT")
    assert await drill.gateway.send(order) is CommandAnswer.ACCEPTED
    (command,) = (await drill.tell("GET", "state"))["commands"]
    assert command["token"]["uid"].lower() == "support"
