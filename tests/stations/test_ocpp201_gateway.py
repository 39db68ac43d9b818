"""The central system against the contract of all gateways, with a simulated station of OCPP 2.0.1 behind it."""

from collections.abc import AsyncIterator

import pytest

from bot.diagnosis.faults import OCPP_FAULTS
from bot.domain.observation import Booted, TransactionStarted, TransactionStopped
from bot.domain.remote_action import CommandAnswer, RemoteCommand, RemoteOrder
from bot.domain.status import ConnectorStatus
from bot.sandbox.stations.connector import ClearsOn, ConnectorSpec
from bot.sandbox.stations.modes import OcppVersion
from bot.sandbox.stations.station import SimulatedStation
from tests.stations.conftest import Site
from tests.stations.gateway_contract import GatewayContract
from tests.stations.test_ocpp_gateway import SimulatedWorld
from tests.stations.test_simulated_stations import FAST, told, until_told


@pytest.fixture
async def world(site: Site) -> AsyncIterator[SimulatedWorld]:
    """A station with two EVSEs, still switched off."""
    connectors = [ConnectorSpec(1), ConnectorSpec(2)]
    station = SimulatedStation("S1", site.url, version=OcppVersion.V201, connectors=connectors, pace=FAST)
    yield SimulatedWorld(site, station)
    refused = [frame for frame in station.frames() if frame["direction"] == "refused"]
    await station.stop()
    assert refused == []


class TestCentralSystem201(GatewayContract):
    """The central system keeps the contract in OCPP 2.0.1, too."""


async def test_a_driver_charges_from_plug_to_unplug(site: Site, world: SimulatedWorld) -> None:
    await world.connect()
    station = world.station
    station.plug(1)
    await until_told(site, "Preparing")
    station.authorise(1, "TAG")
    await until_told(site, "Charging")
    await site.journal.until(lambda: any(m.power_w == 50_000 for m in site.journal.metered("S1")))
    session = (await site.snapshot()).transaction_on(1)
    assert session is not None
    assert session.energy_wh is not None
    assert session.reference
    station.stop_charging(1)
    await until_told(site, "Finishing")
    station.unplug(1)
    await until_told(site, "Available")
    assert (await site.snapshot()).transaction_on(1) is None
    stopped = site.journal.of("S1", TransactionStopped)
    assert [(stop.reference, stop.reason) for stop in stopped] == [(session.reference, "Local")]


@pytest.mark.parametrize("error_code", [code for code in OCPP_FAULTS if code != "NoError"])
async def test_every_fault_is_seen_with_the_code_that_it_has_in_ocpp_16(
    site: Site, world: SimulatedWorld, error_code: str
) -> None:
    await world.connect()
    world.station.fault(1, error_code)
    await until_told(site, "Faulted")
    assert site.journal.states("S1", 1)[-1].error_code == error_code
    world.station.clear_fault(1)
    await until_told(site, "Available")
    assert site.journal.states("S1", 1)[-1].error_code in {None, "NoError"}


async def test_a_vendors_code_and_words_arrive(site: Site, world: SimulatedWorld) -> None:
    await world.connect()
    world.station.fault(1, "OtherError", "CX024", "plug is live")
    await until_told(site, "Faulted")
    state = site.journal.states("S1", 1)[-1]
    assert state.vendor_error_code == "CX024"
    assert "plug is live" in (state.info or "")


async def test_a_session_is_started_and_stopped_from_afar(site: Site, world: SimulatedWorld) -> None:
    await world.connect()
    world.station.plug(1)
    await until_told(site, "Preparing")
    start = RemoteOrder("S1", 1, RemoteCommand.START_SESSION, id_tag="HOTLINE")
    assert await site.central.send(start) is CommandAnswer.ACCEPTED
    await until_told(site, "Charging")
    assert site.journal.of("S1", TransactionStarted)[0].id_tag == "HOTLINE"
    stop = RemoteOrder("S1", 1, RemoteCommand.STOP_SESSION)
    assert await site.central.send(stop) is CommandAnswer.ACCEPTED
    await until_told(site, "Finishing")
    assert await site.central.send(stop) is CommandAnswer.REJECTED


@pytest.mark.parametrize("command", [RemoteCommand.SOFT_RESET, RemoteCommand.HARD_RESET])
async def test_a_restart_heals_and_boots_again(
    site: Site, world: SimulatedWorld, command: RemoteCommand
) -> None:
    await world.connect()
    world.station.fault(1, "InternalError", clears_on=ClearsOn.SOFT_RESET)
    await until_told(site, "Faulted")
    assert await site.central.send(RemoteOrder("S1", 1, command)) is CommandAnswer.ACCEPTED
    await site.journal.until(lambda: len(site.journal.of("S1", Booted)) == 2)
    await until_told(site, "Available")
    assert site.journal.states("S1", 1)[-1].error_code in {None, "NoError"}


async def test_a_soft_restart_waits_for_the_session(site: Site, world: SimulatedWorld) -> None:
    await world.connect()
    world.station.start_charging(2, "TAG")
    await until_told(site, "Charging", 2)
    order = RemoteOrder("S1", 1, RemoteCommand.SOFT_RESET)
    assert await site.central.send(order) is CommandAnswer.SCHEDULED
    world.station.stop_charging(2)
    await site.journal.until(lambda: len(site.journal.of("S1", Booted)) == 2)


async def test_availability_is_changed_and_changed_back(site: Site, world: SimulatedWorld) -> None:
    await world.connect()
    off = RemoteOrder("S1", 1, RemoteCommand.MAKE_INOPERATIVE)
    assert await site.central.send(off) is CommandAnswer.ACCEPTED
    await until_told(site, "Unavailable")
    assert told(site, 2)[-1] == "Available"
    on = RemoteOrder("S1", 1, RemoteCommand.MAKE_OPERATIVE)
    assert await site.central.send(on) is CommandAnswer.ACCEPTED
    await until_told(site, "Available")


async def test_an_unlocking_frees_a_cable_that_no_session_holds(site: Site, world: SimulatedWorld) -> None:
    await world.connect()
    order = RemoteOrder("S1", 1, RemoteCommand.UNLOCK)
    world.station.fault(1, "ConnectorLockFailure", clears_on=ClearsOn.UNLOCK)
    await until_told(site, "Faulted")
    assert await site.central.send(order) is CommandAnswer.ACCEPTED
    await until_told(site, "Available")
    world.station.start_charging(1, "TAG")
    await until_told(site, "Charging")
    assert await site.central.send(order) is CommandAnswer.REJECTED
    assert world.station.charging


async def test_a_hidden_fault_looks_fine(site: Site, world: SimulatedWorld) -> None:
    await world.connect()
    world.station.claim(1, ConnectorStatus.AVAILABLE)
    order = RemoteOrder("S1", 1, RemoteCommand.START_SESSION, id_tag="TAG")
    assert await site.central.send(order) is CommandAnswer.ACCEPTED
    world.station.plug(1)
    site.clock.pass_time(minutes=5)
    snapshot = await site.snapshot()
    assert snapshot.connector is not None
    assert snapshot.connector.status is ConnectorStatus.AVAILABLE
    assert site.journal.of("S1", TransactionStarted) == []
