"""Simulated stations, which are strict clients of the `ocpp` package, against the central system."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from bot.domain.observation import Booted, TransactionStarted, TransactionStopped
from bot.domain.remote_action import CommandAnswer, RemoteCommand, RemoteOrder
from bot.domain.status import ConnectorStatus, Link
from bot.sandbox.stations.connector import ClearsOn, ConnectorSpec
from bot.sandbox.stations.line import Pace
from bot.sandbox.stations.modes import ResetMode
from bot.sandbox.stations.station import SimulatedStation
from tests.stations.conftest import Site, StandingClock, close_site, open_site

FAST = Pace(boot=0.05, meter=0.05, reconnect_first=0.02, reconnect_most=0.1)
Switch = Callable[..., Awaitable[SimulatedStation]]


@pytest.fixture
async def switch_on(site: Site) -> AsyncIterator[Switch]:
    """Switches a station with two connectors on, and off after the test."""
    running: list[SimulatedStation] = []

    async def switch(station_id: str = "S1", password: str | None = None) -> SimulatedStation:
        station = SimulatedStation(
            station_id,
            site.url,
            password=password,
            connectors=[ConnectorSpec(1), ConnectorSpec(2, "Type2", 22)],
            vendor="ACME",
            model="Twin",
            pace=FAST,
        )
        running.append(station)
        await station.start()
        return station

    yield switch
    for station in running:
        await station.stop()


async def until_shown(station: SimulatedStation, name: str, value: object) -> None:
    """Waits until a field of the station's state is this."""
    changed = asyncio.Event()
    station.on_change = lambda _: changed.set()
    async with asyncio.timeout(5):
        while station.state()[name] != value:
            await changed.wait()
            changed.clear()


def told(site: Site, connector: int = 1, station: str = "S1") -> list[str]:
    """The statuses that a connector told."""
    return [state.status.value for state in site.journal.states(station, connector)]


async def until_told(site: Site, status: str, connector: int = 1) -> None:
    """Waits until the last status of a connector is this one."""
    await site.journal.until(lambda: told(site, connector)[-1:] == [status])


async def test_it_boots_and_tells_every_connector(site: Site, switch_on: Switch) -> None:
    await switch_on()
    await until_told(site, "Available", 2)
    boot = site.journal.of("S1", Booted)[0]
    assert (boot.vendor, boot.model) == ("ACME", "Twin")
    assert told(site, 0) == told(site, 1) == ["Available"]


async def test_it_shows_its_password(site: Site, switch_on: Switch) -> None:
    await switch_on("locked", "0123abcd")
    await site.journal.until(lambda: told(site, 1, "locked") == ["Available"])


async def test_it_says_why_it_is_not_let_in(site: Site, switch_on: Switch) -> None:
    station = await switch_on("locked", "wrong")
    await until_shown(station, "problem", "HTTP 401")
    assert station.state()["connected"] is False


async def test_a_driver_charges_from_plug_to_unplug(site: Site, switch_on: Switch) -> None:
    station = await switch_on()
    await until_told(site, "Available")
    station.plug(1)
    await until_told(site, "Preparing")
    station.authorise(1, "TAG")
    await until_told(site, "Charging")
    await site.journal.until(lambda: any(m.power_w == 50_000 for m in site.journal.metered("S1")))
    session = (await site.snapshot()).transaction_on(1)
    assert session is not None
    assert session.energy_wh is not None
    station.stop_charging(1)
    await until_told(site, "Finishing")
    station.unplug(1)
    await until_told(site, "Available")
    stopped = site.journal.of("S1", TransactionStopped)
    assert [(stop.transaction_id, stop.reason) for stop in stopped] == [(session.id, "Local")]


async def test_a_remote_start_waits_for_the_cable(site: Site, switch_on: Switch) -> None:
    station = await switch_on()
    await until_told(site, "Available")
    order = RemoteOrder("S1", 1, RemoteCommand.START_SESSION, id_tag="TAG")
    assert await site.central.send(order) is CommandAnswer.ACCEPTED
    await until_told(site, "Preparing")
    station.plug(1)
    await until_told(site, "Charging")


async def test_a_remote_stop_ends_the_session(site: Site, switch_on: Switch) -> None:
    station = await switch_on()
    await until_told(site, "Available")
    station.start_charging(1, "TAG")
    await site.journal.until(lambda: site.journal.of("S1", TransactionStarted) != [])
    await until_told(site, "Charging")
    order = RemoteOrder("S1", 1, RemoteCommand.STOP_SESSION)
    assert await site.central.send(order) is CommandAnswer.ACCEPTED
    await until_told(site, "Finishing")
    assert site.journal.of("S1", TransactionStopped)[0].reason == "Remote"


async def test_a_fault_ends_the_session_and_clears_to_where_the_connector_was(
    site: Site, switch_on: Switch
) -> None:
    station = await switch_on()
    await until_told(site, "Available")
    station.start_charging(1, "TAG")
    await until_told(site, "Charging")
    station.fault(1, "GroundFailure", "E7", "RCD")
    await until_told(site, "Faulted")
    state = site.journal.states("S1", 1)[-1]
    assert (state.error_code, state.vendor_error_code, state.info) == ("GroundFailure", "E7", "RCD")
    station.clear_fault(1)
    await until_told(site, "Finishing")


@pytest.mark.parametrize(
    ("clears_on", "command", "healed"),
    [
        (ClearsOn.SOFT_RESET, RemoteCommand.SOFT_RESET, True),
        (ClearsOn.SOFT_RESET, RemoteCommand.HARD_RESET, True),
        (ClearsOn.HARD_RESET, RemoteCommand.SOFT_RESET, False),
        (ClearsOn.HARD_RESET, RemoteCommand.HARD_RESET, True),
        (ClearsOn.NONE, RemoteCommand.HARD_RESET, False),
        (ClearsOn.UNLOCK, RemoteCommand.HARD_RESET, False),
    ],
)
async def test_a_reset_clears_what_it_clears_and_boots_again(
    site: Site, switch_on: Switch, clears_on: ClearsOn, command: RemoteCommand, healed: bool
) -> None:
    station = await switch_on()
    await until_told(site, "Available")
    station.fault(1, "OtherError", clears_on=clears_on)
    await until_told(site, "Faulted")
    assert await site.central.send(RemoteOrder("S1", 1, command)) is CommandAnswer.ACCEPTED
    await site.journal.until(lambda: len(site.journal.of("S1", Booted)) == 2)
    await site.journal.until(lambda: len(told(site, 2)) == 2)
    assert told(site)[-1] == ("Available" if healed else "Faulted")
    assert site.journal.links("S1") == [True, False, True]


async def test_an_unlock_clears_a_lock_that_it_can_clear(site: Site, switch_on: Switch) -> None:
    station = await switch_on()
    await until_told(site, "Available")
    order = RemoteOrder("S1", 1, RemoteCommand.UNLOCK)
    station.fault(1, "ConnectorLockFailure")
    await until_told(site, "Faulted")
    assert await site.central.send(order) is CommandAnswer.REJECTED
    station.fault(1, "ConnectorLockFailure", clears_on=ClearsOn.UNLOCK)
    assert await site.central.send(order) is CommandAnswer.ACCEPTED
    await until_told(site, "Available")


async def test_a_change_of_availability_waits_for_the_end_of_the_session(
    site: Site, switch_on: Switch
) -> None:
    station = await switch_on()
    await until_told(site, "Available", 2)
    station.start_charging(1, "TAG")
    await until_told(site, "Charging")
    off = RemoteCommand.MAKE_INOPERATIVE
    assert await site.central.send(RemoteOrder("S1", 1, off)) is CommandAnswer.SCHEDULED
    assert await site.central.send(RemoteOrder("S1", 2, off)) is CommandAnswer.ACCEPTED
    await until_told(site, "Unavailable", 2)
    assert told(site)[-1] == "Charging"
    station.stop_charging(1)
    await until_told(site, "Unavailable")


async def test_an_unavailable_connector_stays_so_through_a_reset(site: Site, switch_on: Switch) -> None:
    await switch_on()
    await until_told(site, "Available", 2)
    await site.central.send(RemoteOrder("S1", 1, RemoteCommand.MAKE_INOPERATIVE))
    await until_told(site, "Unavailable")
    await site.central.send(RemoteOrder("S1", 1, RemoteCommand.SOFT_RESET))
    await site.journal.until(lambda: len(told(site, 2)) == 2)
    assert told(site)[-1] == "Unavailable"


async def test_a_stuck_status_lasts_until_a_reset(site: Site, switch_on: Switch) -> None:
    station = await switch_on()
    await until_told(site, "Available")
    station.set_status(1, ConnectorStatus.FINISHING)
    await until_told(site, "Finishing")
    await site.central.send(RemoteOrder("S1", 1, RemoteCommand.SOFT_RESET))
    await until_told(site, "Available")


async def test_a_hidden_fault_looks_fine_and_lets_nothing_begin(site: Site, switch_on: Switch) -> None:
    station = await switch_on()
    await until_told(site, "Available")
    station.claim(1, ConnectorStatus.AVAILABLE)
    order = RemoteOrder("S1", 1, RemoteCommand.START_SESSION, id_tag="TAG")
    assert await site.central.send(order) is CommandAnswer.ACCEPTED
    station.plug(1)
    station.authorise(1, "TAG")
    site.clock.pass_time(minutes=5)
    snapshot = await site.snapshot()
    assert snapshot.asked
    assert snapshot.connector is not None
    assert (snapshot.connector.status, snapshot.connector.error_code) == (
        ConnectorStatus.AVAILABLE,
        "NoError",
    )
    assert site.journal.of("S1", TransactionStarted) == []


async def test_a_station_can_refuse_resets(site: Site, switch_on: Switch) -> None:
    station = await switch_on()
    await until_told(site, "Available")
    station.fail_resets(ResetMode.REJECTS)
    assert await site.central.send(RemoteOrder("S1", 1, RemoteCommand.SOFT_RESET)) is CommandAnswer.REJECTED


async def test_a_station_can_fail_to_come_back_and_be_revived(site: Site, switch_on: Switch) -> None:
    station = await switch_on()
    await until_told(site, "Available")
    station.fail_resets(ResetMode.NEVER_COMES_BACK)
    await site.central.send(RemoteOrder("S1", 1, RemoteCommand.HARD_RESET))
    await site.journal.until(lambda: site.journal.links("S1") == [True, False])
    await until_shown(station, "dead", True)
    assert (await site.snapshot()).link is Link.OFFLINE
    station.regain_network()
    await site.journal.until(lambda: len(site.journal.of("S1", Booted)) == 2)


async def test_a_station_can_come_back_faulted(site: Site, switch_on: Switch) -> None:
    station = await switch_on()
    await until_told(site, "Available")
    station.fail_resets(ResetMode.COMES_BACK_FAULTED)
    await site.central.send(RemoteOrder("S1", 1, RemoteCommand.SOFT_RESET))
    await until_told(site, "Faulted")
    assert site.journal.states("S1", 1)[-1].error_code == "InternalError"


async def test_what_happened_while_it_hung_is_told_afterwards(site: Site, switch_on: Switch) -> None:
    station = await switch_on()
    await until_told(site, "Available", 2)
    station.hang()
    station.fault(1, "OverVoltage")
    site.clock.pass_time(minutes=5)
    assert (await site.snapshot(deadline=0.2)).link is Link.SILENT
    assert told(site) == ["Available"]
    station.unhang()
    await until_told(site, "Faulted")


async def test_a_session_begun_without_network_is_told_when_it_is_back(site: Site, switch_on: Switch) -> None:
    station = await switch_on()
    await until_told(site, "Available", 2)
    station.lose_network()
    await site.journal.until(lambda: site.journal.links("S1") == [True, False])
    station.start_charging(1, "TAG")
    station.regain_network()
    await until_told(site, "Charging")
    await site.journal.until(lambda: len(site.journal.of("S1", TransactionStarted)) == 1)
    assert len(site.journal.of("S1", Booted)) == 1


async def test_it_comes_back_when_the_central_system_restarts(clock: StandingClock, site: Site) -> None:
    station = SimulatedStation("S1", site.url, pace=FAST)
    await station.start()
    await until_told(site, "Available")
    await site.central.close()
    await site.runner.cleanup()
    second = await open_site(site.journal, clock, port=site.port)
    try:
        await site.journal.until(lambda: second.central.connected == {"S1"})
        assert (await second.snapshot()).link is Link.ONLINE
    finally:
        await station.stop()
        await close_site(second)


async def test_its_state_and_frames_are_for_a_page(site: Site, switch_on: Switch) -> None:
    station = await switch_on()
    await until_told(site, "Available", 2)
    state = station.state()
    assert (state["connected"], state["booting"], state["hung"]) == (True, False, False)
    connectors = state["connectors"]
    assert isinstance(connectors, list)
    assert [each["status"] for each in connectors] == ["Available", "Available"]
    directions = [frame["direction"] for frame in station.frames()]
    assert directions[:2] == ["out", "in"]
