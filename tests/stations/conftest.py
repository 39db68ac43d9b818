"""A central system on a real port, with a journal in memory and a clock that stands until it is moved."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from bot.domain.status import StationSnapshot
from bot.stations.ocpp.central import CentralSystem, Timing
from bot.stations.ocpp.link import LinkLimits
from tests.stations.memory_journal import MemoryJournal
from tests.stations.raw_station import RawStation

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
QUICK = Timing(heartbeat=timedelta(minutes=5), limits=LinkLimits(calling=0.5, closing=0.2, draining=1.0))


@dataclass
class StandingClock:
    """A clock that is moved by hand."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, **amount: float) -> None:
        """Moves it on; the arguments are those of a timedelta."""
        self.now += timedelta(**amount)


@dataclass
class Site:
    """A running central system and the means to connect to it."""

    central: CentralSystem
    journal: MemoryJournal
    clock: StandingClock
    client: aiohttp.ClientSession
    port: int
    runner: web.AppRunner
    stations: list[RawStation] = field(default_factory=list)
    """They are kept here, as a client's socket closes when nobody holds it."""

    @property
    def url(self) -> str:
        """The address to which a station adds its id."""
        return f"ws://127.0.0.1:{self.port}/ocpp"

    async def connect(
        self,
        path: str = "S1",
        *,
        protocols: tuple[str, ...] = ("ocpp1.6",),
        headers: dict[str, str] | None = None,
        autoping: bool = True,
    ) -> RawStation:
        """A raw station; `path` is what follows `/ocpp/`, as it is written on the wire."""
        url = URL(f"{self.url}/{path}", encoded=True)
        socket = await self.client.ws_connect(url, protocols=protocols, headers=headers, autoping=autoping)
        self.stations.append(RawStation(socket))
        return self.stations[-1]

    async def snapshot(
        self, connector: int = 1, *, station: str = "S1", fresh: float = 60, deadline: float = 2.0
    ) -> StationSnapshot:
        """A snapshot; times in seconds."""
        return await self.central.snapshot(
            station, connector, fresh_within=timedelta(seconds=fresh), deadline=timedelta(seconds=deadline)
        )


async def open_site(
    journal: MemoryJournal,
    clock: StandingClock,
    timing: Timing = QUICK,
    port: int = 0,
    central: CentralSystem | None = None,
) -> Site:
    """A central system that serves, `central` where that is given; `close_site` ends it."""
    central = central or CentralSystem(journal, clock, timing)
    app = web.Application()
    central.add_routes(app)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    listener = web.TCPSite(runner, "127.0.0.1", port)
    await listener.start()
    bound = runner.addresses[0][1]
    return Site(central, journal, clock, aiohttp.ClientSession(), bound, runner)


async def close_site(site: Site) -> None:
    """Ends what `open_site` began."""
    await site.client.close()
    await site.runner.cleanup()


@pytest.fixture
def clock() -> StandingClock:
    """Stands at noon of the first of March 2026."""
    return StandingClock()


@pytest.fixture
async def site(clock: StandingClock) -> AsyncIterator[Site]:
    """Lets in S1, S2, `CP 2/x` and `A%20B` without a password, and `locked` with one."""
    passwords = {"S1": None, "S2": None, "CP 2/x": None, "A%20B": None, "locked": "0123abcd"}
    opened = await open_site(MemoryJournal(dict(passwords)), clock)
    yield opened
    await close_site(opened)
