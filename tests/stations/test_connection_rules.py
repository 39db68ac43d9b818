"""What an operator may set on how stations connect, and how many come from one address."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.stations.ocpp.admission import Entrance
from bot.stations.ocpp.central import CentralSystem
from tests.stations.conftest import QUICK, Site, StandingClock, close_site, open_site
from tests.stations.memory_journal import MemoryJournal

CROWD = 150
"""More than the hundred connections that an aiohttp client holds by default."""


@pytest.fixture
async def strict(clock: StandingClock) -> AsyncIterator[Site]:
    """Assumes nothing of a station that offers no subprotocol."""
    journal = MemoryJournal({"S1": None})
    central = CentralSystem(journal, clock, QUICK, Entrance(assumed=None))
    opened = await open_site(journal, clock, central=central)
    yield opened
    await close_site(opened)


async def test_a_station_that_offers_no_subprotocol_is_sent_away_where_none_is_assumed(strict: Site) -> None:
    station = await strict.connect(protocols=())
    assert await station.closed() == aiohttp.WSCloseCode.PROTOCOL_ERROR
    assert strict.journal.links("S1") == []


async def test_a_station_that_names_its_subprotocol_needs_no_assumption(strict: Site) -> None:
    station = await strict.connect(protocols=("ocpp1.6",))
    await station.tell("Heartbeat")


async def test_a_crowd_of_stations_behind_one_address_is_let_in(clock: StandingClock) -> None:
    names = [f"C{number}" for number in range(CROWD)]
    site = await open_site(MemoryJournal(dict.fromkeys(names)), clock)
    await site.client.close()
    site.client = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
    try:
        await asyncio.gather(*(site.connect(name) for name in names))
        await site.journal.until(lambda: site.central.connected == set(names))
    finally:
        await close_site(site)
