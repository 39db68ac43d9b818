"""OCPP 2.0.1 over the real journal: what one connection tells, the next one begins with."""

from collections.abc import AsyncIterator

import pytest

from bot.domain.status import ConnectorStatus
from bot.operations.journal import Journal
from bot.stations.ocpp.central import CentralSystem
from storage.database import Database
from tests.stations.conftest import QUICK, Site, StandingClock, close_site, open_site
from tests.stations.memory_journal import MemoryJournal
from tests.stations.station201 import AT, Station201, event
from tests.storage.town import build

STATION = "GRAZ-01"


@pytest.fixture
async def kept(database: Database, clock: StandingClock) -> AsyncIterator[Site]:
    """A central system whose journal is a database."""
    await database.write(build)
    central = CentralSystem(Journal(database), clock, QUICK)
    opened = await open_site(MemoryJournal({}), clock, central=central)
    yield opened
    await close_site(opened)


async def connect(site: Site) -> Station201:
    station = Station201(await site.connect(STATION, protocols=("ocpp2.0.1",)))
    await station.tell("Heartbeat")
    return station


async def test_session_and_fault_are_known_to_the_next_connection(kept: Site) -> None:
    station = await connect(kept)
    await station.status(1, "Occupied")
    sample = [{"timestamp": AT, "sampledValue": [{"value": 1500}]}]
    await station.transaction("Started", "tx-1", state="Charging", meterValue=sample)
    await station.event(event("RCD", "Tripped", code="CX002", info="30 mA"))
    again = await connect(kept)
    await again.status(1, "Occupied")
    snapshot = await kept.snapshot(station=STATION)
    assert snapshot.connector is not None
    assert snapshot.connector.status is ConnectorStatus.CHARGING
    assert (snapshot.connector.error_code, snapshot.connector.vendor_error_code) == (
        "GroundFailure",
        "CX002",
    )
    session = snapshot.transaction_on(1)
    assert session is not None
    assert (session.reference, session.meter_start_wh, session.energy_wh) == ("tx-1", 1500, 1500)
    await again.event(event("RCD", "Tripped", "false"))
    await again.transaction("Ended", "tx-1", evse=None, number=9, reason="Local")
    last = await connect(kept)
    await last.transaction("Ended", "tx-1", evse=None, number=9, reason="Local")
    snapshot = await kept.snapshot(station=STATION)
    assert snapshot.transactions == ()
    assert snapshot.connector is not None
    assert (snapshot.connector.status, snapshot.connector.error_code) == (ConnectorStatus.FINISHING, None)
