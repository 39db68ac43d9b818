"""Simulated stations that lose their power, flap, or pause for good."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.domain.observation import Booted, LinkChanged, TransactionStopped
from bot.domain.status import ConnectorStatus
from bot.sandbox.stations.connector import ClearsOn, ConnectorSpec
from bot.sandbox.stations.line import Pace
from bot.sandbox.stations.modes import OcppVersion, ResetMode
from bot.sandbox.stations.station import SimulatedStation
from tests.stations.conftest import Site
from tests.stations.strict_csms import strict_csms
from tests.stations.test_simulated_stations import told, until_shown, until_told

FAST = Pace(boot=0.05, meter=0.05, reconnect_first=0.02, reconnect_most=0.1, flap=0.02)


@pytest.fixture
async def station(site: Site) -> AsyncIterator[SimulatedStation]:
    """One that has told everything."""
    simulated = SimulatedStation(
        "S1", site.url, connectors=[ConnectorSpec(1), ConnectorSpec(2, "Type2", 22)], pace=FAST
    )
    await simulated.start()
    await until_told(site, "Available", 2)
    yield simulated
    await simulated.stop()


async def until_off(site: Site) -> None:
    """Waits until the central system has noticed that the station is away."""
    await site.journal.until(lambda: any(not each.connected for each in site.journal.of("S1", LinkChanged)))


async def test_a_station_without_power_is_gone_at_once_and_stays_gone(
    site: Site, station: SimulatedStation
) -> None:
    station.lose_power()
    await until_off(site)
    station.regain_network()
    await asyncio.sleep(0.3)
    assert "S1" not in site.central.connected
    assert station.state()["powered"] is False


async def test_its_sessions_are_lost_and_told_when_it_boots_again(
    site: Site, station: SimulatedStation
) -> None:
    station.start_charging(1, "CARD")
    await until_told(site, "Charging")
    station.lose_power()
    await until_off(site)
    assert site.journal.of("S1", TransactionStopped) == []
    station.regain_power()
    await site.journal.until(lambda: bool(site.journal.of("S1", TransactionStopped)))
    (stopped,) = site.journal.of("S1", TransactionStopped)
    assert stopped.reason == "PowerLoss"
    assert len(site.journal.of("S1", Booted)) == 2
    await until_told(site, "Preparing")


async def test_a_power_failure_clears_what_the_hardest_restart_clears(
    site: Site, station: SimulatedStation
) -> None:
    station.fault(1, "InternalError", clears_on=ClearsOn.HARD_RESET)
    station.fault(2, "GroundFailure")
    station.hang()
    station.lose_power()
    station.regain_power()
    await site.journal.until(lambda: len(site.journal.of("S1", Booted)) == 2)
    await until_told(site, "Available")
    await until_told(site, "Faulted", 2)
    assert station.state()["hung"] is False


async def test_nobody_can_charge_without_power(site: Site, station: SimulatedStation) -> None:
    station.lose_power()
    station.start_charging(1, "CARD")
    assert station.connectors[1].session is None


async def test_power_that_fails_amid_a_restart_leaves_it_dark(site: Site, station: SimulatedStation) -> None:
    station.computer.reset(hard=True)
    station.lose_power()
    await asyncio.sleep(0.3)
    assert "S1" not in site.central.connected
    station.regain_power()
    station.lose_power()
    await asyncio.sleep(0.3)
    assert "S1" not in site.central.connected
    station.regain_power()
    await until_shown(station, "booting", value=False)
    await site.journal.until(lambda: len(site.journal.of("S1", Booted)) == 2)


async def test_power_brings_a_station_back_that_did_not_survive_its_restart(
    site: Site, station: SimulatedStation
) -> None:
    station.fail_resets(ResetMode.NEVER_COMES_BACK)
    station.computer.reset(hard=False)
    await until_shown(station, "dead", value=True)
    station.lose_power()
    station.regain_power()
    await site.journal.until(lambda: len(site.journal.of("S1", Booted)) == 2)
    assert station.state()["dead"] is False


async def test_a_station_of_ocpp_201_tells_the_loss_of_power_in_its_own_words() -> None:
    async with strict_csms() as csms:
        station = SimulatedStation("S1", csms.url, version=OcppVersion.V201, pace=FAST)
        await station.start()
        await csms.until(lambda: csms.statuses(1) == ["Available"])
        station.start_charging(1, "CARD")
        await csms.until(lambda: bool(csms.of("TransactionEvent")))
        station.lose_power()
        station.regain_power()
        await csms.until(lambda: csms.of("TransactionEvent")[-1]["eventType"] == "Ended")
        ended = csms.of("TransactionEvent")[-1]
        await station.stop()
    info = ended["transactionInfo"]
    assert isinstance(info, dict)
    assert (ended["triggerReason"], info["stoppedReason"]) == ("AbnormalCondition", "PowerLoss")
    assert csms.of("BootNotification")[-1]["reason"] == "PowerUp"


async def test_a_connector_that_flaps_tells_every_fall_and_every_recovery(
    site: Site, station: SimulatedStation
) -> None:
    station.flap(1, "InternalError", 3)
    await site.journal.until(lambda: told(site).count("Faulted") == 4)
    assert told(site)[-7:] == ["Faulted", "Available"] * 3 + ["Faulted"]


async def test_a_connector_that_is_put_right_flaps_no_more(site: Site, station: SimulatedStation) -> None:
    station.flap(1, "InternalError", 20)
    await until_told(site, "Faulted")
    station.clear_fault(1)
    await asyncio.sleep(0.3)
    assert told(site).count("Faulted") < 3
    assert told(site)[-1] == "Available"


async def test_a_pause_gives_no_power_and_ends_with_its_session(
    site: Site, station: SimulatedStation
) -> None:
    station.start_charging(1, "CARD")
    station.set_status(1, ConnectorStatus.SUSPENDED_EVSE)
    await until_told(site, "SuspendedEVSE")
    assert station.connectors[1].power_w == 0
    before = station.connectors[1].meter_wh
    await asyncio.sleep(0.2)
    assert station.connectors[1].meter_wh == before
    station.stop_charging(1)
    await until_told(site, "Finishing")
    station.unplug(1)
    await until_told(site, "Available")
