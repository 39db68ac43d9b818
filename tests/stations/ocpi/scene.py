"""A service that speaks OCPI on a real port, over a real database, and a simulated back end beside it."""

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import aiohttp
import orjson
from aiohttp import web

from bot.domain.capability import Source
from bot.domain.ocpi import Party, Peer, PeerState
from bot.domain.operator import Evse, Location, Operator, Station
from bot.domain.status import StationSnapshot
from bot.operations.journal import Journal
from bot.operations.ocpi_store import DatabaseOcpiStore
from bot.sandbox.stations.cpo import SimulatedCpo
from bot.sandbox.stations.cpo_wire import evse, location
from bot.stations.ocpi.client import Failure
from bot.stations.ocpi.commands import Patience
from bot.stations.ocpi.gateway import OcpiGateway, Timing
from bot.stations.ocpi.sync import Pulled
from bot.stations.ocpi.tokens import header_of
from storage.database import Database
from storage.uow import UnitOfWork
from tests.ports import free_port
from tests.stations.conftest import StandingClock

OPERATOR = Operator(
    "graz", "Stadtwerke Graz", "AT", "SWG", "Europe/Vienna", "en", "EUR", Decimal("9.90"), "+43 316 0"
)
OTHER = replace(OPERATOR, id="linz", name="Linz AG", party_id="LAG")
US = Party("EMSP", "AT", "SUP", "Support")
QUICK = Timing(Patience(answer=timedelta(seconds=0.5), result=timedelta(seconds=0.5)))


def build(uow: UnitOfWork) -> None:
    """Two operators; the first has S1 with two EVSEs and S2 with one, the other L1 with one."""
    for operator in (OPERATOR, OTHER):
        uow.operators.put_operator(operator)
        home = Location("home", "Home", "Street 1", "8010", "Graz", "AT", 47.07, 15.41)
        uow.operators.put_location(operator.id, home)
    for station, owner, numbers in (("S1", "graz", (1, 2)), ("S2", "graz", (1,)), ("L1", "linz", (1,))):
        party = "SWG" if owner == "graz" else "LAG"
        evses = tuple(Evse(f"AT*{party}*E{station}*{n}", station, n, "CCS2", 150.0) for n in numbers)
        compact = {each.evse_id: each.evse_id.replace("*", "") for each in evses}
        uow.operators.put_station(Station(station, owner, "home", True, evses), compact)


@dataclass(frozen=True)
class Asked:
    """What came back."""

    http: int
    code: int
    data: Any  # It is JSON of many shapes.
    envelope: dict[str, object]
    headers: dict[str, str]


async def until(happened: Callable[[], Awaitable[bool]], seconds: float = 3.0) -> None:
    """Waits for what nobody tells of; TimeoutError where it does not come."""
    async with asyncio.timeout(seconds):
        while not await happened():  # noqa: ASYNC110  # There is no event to wait for.
            await asyncio.sleep(0.005)


@dataclass
class Scene:
    """The service, its back end, and what a test wants to know of them."""

    database: Database
    journal: Journal
    store: DatabaseOcpiStore
    gateway: OcpiGateway
    cpo: SimulatedCpo
    clock: StandingClock
    url: str
    registered: list[Peer] = field(default_factory=list)

    @property
    def peer(self) -> Peer:
        """As it was registered."""
        return self.registered[-1]

    async def register(self, **more: object) -> Peer:
        """Registers with the back end; the test fails where that does."""
        wanted = replace(Peer("graz", "graz", self.cpo.versions_url, US), **more)  # type: ignore[arg-type]  # Fields of a Peer.
        done = await self.gateway.registration.register(wanted, "token-a")
        assert not isinstance(done, Failure), done
        self.registered.append(done)
        await self.gateway.open()
        return done

    async def pull(self, *, whole: bool = True) -> Pulled:
        """Reads what the back end has."""
        state = (await self.store.states()).get("graz", PeerState())
        return await self.gateway.sync.pull(self.peer, state, whole=whole)

    async def connect(self) -> None:
        """Registers and reads everything."""
        await self.register()
        pulled = await self.pull()
        assert pulled.failure is None

    async def ask(
        self, method: str, path: str, body: object = None, *, headers: dict[str, str] | None = None
    ) -> Asked:
        """A request to the service's OCPI, by hand; with the token that the back end shows, unless headers say else."""
        shown = header_of(self.peer.our_token or "", raw=False) if self.registered else ""
        raw = None if body is None else io.BytesIO(body if isinstance(body, bytes) else orjson.dumps(body))
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                method,
                f"{self.url}/ocpi/{path}",
                data=raw,
                headers={"Authorization": shown} | (headers or {}),
            ) as response,
        ):
            read = orjson.loads(await response.read())
            return Asked(response.status, read["status_code"], read.get("data"), read, dict(response.headers))

    async def snapshot(
        self, connector: int = 1, *, station: str = "S1", fresh: float | None = 60, deadline: float = 5.0
    ) -> StationSnapshot:
        """A snapshot; times in seconds."""
        within = None if fresh is None else timedelta(seconds=fresh)
        return await self.gateway.snapshot(
            station, connector, fresh_within=within, deadline=timedelta(seconds=deadline)
        )


@contextlib.asynccontextmanager
async def opened(database: Database, clock: StandingClock) -> AsyncIterator[Scene]:
    """A back end with one location that has both EVSEs of S1, and a service that is not registered with it yet."""
    await database.write(build)
    start = "2026-02-01T00:00:00Z"
    evses = [evse(f"U{number}", f"at*swg*es1*{number}", updated=start) for number in (1, 2)]
    cpo = SimulatedCpo(locations=[location("LOC1", *evses, updated=start)], clock=clock)
    await cpo.start()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    journal, store = Journal(database, Source.OCPI), DatabaseOcpiStore(database)
    gateway = OcpiGateway(store, journal, clock, url, QUICK)
    await gateway.open()
    app = web.Application()
    gateway.add_routes(app)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield Scene(database, journal, store, gateway, cpo, clock, url)
    finally:
        await cpo.stop()
        await gateway.close()
        await runner.cleanup()
