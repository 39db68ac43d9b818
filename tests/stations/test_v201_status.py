"""What an EVSE of OCPP 2.0.1 is, out of what its connectors and its session tell."""

import pytest

from bot.domain.observation import StatusObserved
from bot.domain.status import ConnectorStatus
from tests.stations.conftest import Site
from tests.stations.station201 import connect, event

AVAILABLE, OCCUPIED = "Available", "Occupied"


def shown(site: Site, evse: int = 1) -> ConnectorStatus:
    return site.journal.states("S1", evse)[-1].status


@pytest.mark.parametrize(
    ("told", "status"),
    [
        (AVAILABLE, ConnectorStatus.AVAILABLE),
        (OCCUPIED, ConnectorStatus.PREPARING),
        ("Reserved", ConnectorStatus.RESERVED),
        ("Unavailable", ConnectorStatus.UNAVAILABLE),
        ("Faulted", ConnectorStatus.FAULTED),
    ],
)
async def test_each_status_has_a_meaning(site: Site, told: str, status: ConnectorStatus) -> None:
    station = await connect(site)
    await station.status(1, told)
    assert shown(site) is status
    assert site.journal.states("S1", 1)[-1].error_code is None


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        (OCCUPIED, "Faulted", ConnectorStatus.PREPARING),
        ("Faulted", "Unavailable", ConnectorStatus.FAULTED),
        ("Unavailable", "Reserved", ConnectorStatus.UNAVAILABLE),
        ("Reserved", AVAILABLE, ConnectorStatus.RESERVED),
    ],
)
@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
async def test_the_connectors_of_an_evse_are_one_status(
    site: Site, first: str, second: str, status: ConnectorStatus, order: tuple[int, int]
) -> None:
    station = await connect(site)
    for connector in order:
        await station.status(1, first if connector == 1 else second, connector)
    assert shown(site) is status


async def test_evse_0_is_the_station_as_a_whole(site: Site) -> None:
    station = await connect(site)
    await station.status(0, "Unavailable", 0)
    await station.status(1, AVAILABLE)
    snapshot = await site.snapshot(1)
    assert snapshot.station is not None
    assert snapshot.station.status is ConnectorStatus.UNAVAILABLE
    await station.status(0, OCCUPIED, 0)
    assert shown(site, 0) is ConnectorStatus.AVAILABLE


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("Charging", ConnectorStatus.CHARGING),
        ("EVConnected", ConnectorStatus.PREPARING),
        ("SuspendedEV", ConnectorStatus.SUSPENDED_EV),
        ("SuspendedEVSE", ConnectorStatus.SUSPENDED_EVSE),
        ("Idle", ConnectorStatus.PREPARING),
    ],
)
async def test_the_charging_state_tells_what_occupied_means(
    site: Site, state: str, status: ConnectorStatus
) -> None:
    station = await connect(site)
    await station.transaction("Started", state=state)
    await station.status(1, OCCUPIED)
    assert shown(site) is status


async def test_a_new_charging_state_is_a_new_status_without_a_status_notification(site: Site) -> None:
    station = await connect(site)
    await station.status(1, AVAILABLE)
    await station.transaction("Started", state="EVConnected")
    await station.transaction("Updated", state="Charging", number=1)
    await station.transaction("Updated", number=2)
    await station.transaction("Updated", state="SuspendedEV", number=3, evse=None)
    assert [state.status for state in site.journal.states("S1", 1)] == [
        ConnectorStatus.AVAILABLE,
        ConnectorStatus.PREPARING,
        ConnectorStatus.CHARGING,
        ConnectorStatus.SUSPENDED_EV,
    ]


async def test_an_occupied_evse_is_finishing_after_its_session_and_preparing_before_one(site: Site) -> None:
    station = await connect(site)
    await station.status(1, OCCUPIED)
    assert shown(site) is ConnectorStatus.PREPARING
    await station.transaction("Started", state="Charging")
    await station.transaction("Ended", state="EVConnected", number=1, reason="Local")
    assert shown(site) is ConnectorStatus.FINISHING
    await station.status(1, AVAILABLE)
    await station.status(1, OCCUPIED)
    assert shown(site) is ConnectorStatus.PREPARING


async def test_a_connector_that_says_available_is_believed_over_a_session_that_never_ended(
    site: Site,
) -> None:
    station = await connect(site)
    await station.transaction("Started", state="Charging")
    assert shown(site) is ConnectorStatus.CHARGING
    await station.status(1, AVAILABLE)
    assert shown(site) is ConnectorStatus.AVAILABLE


async def test_a_vehicle_that_left_before_the_session_ended_leaves_the_evse_available(site: Site) -> None:
    station = await connect(site)
    await station.status(1, AVAILABLE)
    await station.transaction("Started", state="Charging")
    await station.transaction("Ended", number=1, reason="EVDisconnected")
    assert shown(site) is ConnectorStatus.AVAILABLE


async def test_a_fault_is_not_hidden_by_the_session_that_it_stopped(site: Site) -> None:
    station = await connect(site)
    await station.transaction("Started", state="Charging")
    await station.status(1, "Faulted")
    await station.transaction("Updated", state="SuspendedEVSE", number=1)
    assert shown(site) is ConnectorStatus.FAULTED


async def test_what_a_queue_tells_of_the_past_does_not_occupy_a_free_evse(site: Site) -> None:
    station = await connect(site)
    await station.status(1, AVAILABLE)
    await station.transaction("Started", state="Charging", offline=True)
    assert shown(site) is ConnectorStatus.AVAILABLE


async def test_a_session_that_runs_over_a_new_connection_is_still_charging(site: Site) -> None:
    station = await connect(site)
    await station.status(1, OCCUPIED)
    await station.transaction("Started", state="Charging")
    again = await connect(site)
    await again.status(1, OCCUPIED)
    assert shown(site) is ConnectorStatus.CHARGING
    await again.transaction("Ended", number=2, evse=None, reason="Local")
    assert shown(site) is ConnectorStatus.FINISHING
    assert (await site.snapshot()).transactions == ()


async def test_a_status_told_by_events_is_a_status(site: Site) -> None:
    station = await connect(site)
    await station.event(
        event("Connector", "AvailabilityState", "Occupied", connector=1, trigger="Delta"),
        event("EVSE", "AvailabilityState", "Unavailable", evse=2, trigger="Delta"),
        event("ChargingStation", "AvailabilityState", "Available", evse=None, trigger="Delta"),
    )
    assert [shown(site, number) for number in (0, 1, 2)] == [
        ConnectorStatus.AVAILABLE,
        ConnectorStatus.PREPARING,
        ConnectorStatus.UNAVAILABLE,
    ]
    await station.event(event("Connector", "AvailabilityState", "Available", connector=1, trigger="Delta"))
    assert shown(site) is ConnectorStatus.AVAILABLE


async def test_a_repeated_status_lengthens_the_interval(site: Site) -> None:
    station = await connect(site)
    await station.status(1, AVAILABLE)
    site.clock.pass_time(minutes=5)
    await station.status(1, AVAILABLE)
    first, second = site.journal.of("S1", StatusObserved)
    assert (first.changed, second.changed) == (True, False)
    assert second.state.since == first.state.since


async def test_a_status_that_could_not_be_kept_is_new_when_it_comes_again(site: Site) -> None:
    station = await connect(site)
    site.journal.failing = True
    said = {"timestamp": "x", "connectorStatus": "Faulted", "evseId": 1, "connectorId": 1}
    assert await station.raw.refused("StatusNotification", said) == "InternalError"
    site.journal.failing = False
    await station.raw.tell("StatusNotification", **said)
    assert [observed.changed for observed in site.journal.of("S1", StatusObserved)] == [True]


async def test_odd_spelling_and_numbers_as_text_are_understood(site: Site) -> None:
    station = await connect(site)
    await station.raw.tell("StatusNotification", evseId="1", connectorStatus="available", extra=[])
    assert shown(site) is ConnectorStatus.AVAILABLE
