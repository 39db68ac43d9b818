"""What a snapshot says of a station that answers, declines, falls silent or is away."""

import asyncio
from datetime import timedelta

import pytest

from bot.domain.status import ConnectorStatus, Link
from tests.stations.conftest import START, Site, StandingClock, close_site, open_site
from tests.stations.raw_station import RawStation


async def stale(site: Site) -> RawStation:
    """A station whose connectors were heard five minutes ago."""
    station = await site.connect()
    for connector in (0, 1, 2):
        await station.tell_status(connector, "Available")
    site.clock.pass_time(minutes=5)
    return station


async def test_a_fresh_connector_is_not_asked(site: Site) -> None:
    station = await site.connect()
    await station.tell_status(1, "Charging")
    snapshot = await site.snapshot()
    assert (snapshot.link, snapshot.asked) == (Link.ONLINE, False)
    assert snapshot.connector is not None
    assert snapshot.connector.status is ConnectorStatus.CHARGING
    with pytest.raises(TimeoutError):
        await station.socket.receive(timeout=0.05)


async def test_a_connector_that_never_reported_is_asked(site: Site) -> None:
    station = await site.connect()
    asking = asyncio.create_task(site.snapshot())
    assert (await station.obey(status="Accepted"))[1]["connectorId"] == 1
    await station.tell_status(1, "Available")
    assert (await asking).connector is not None


async def test_an_old_state_is_asked_again_and_the_new_one_is_waited_for(site: Site) -> None:
    station = await stale(site)
    asking = asyncio.create_task(site.snapshot())
    await station.obey(status="Accepted")
    assert not asking.done()
    await station.tell_status(1, "Faulted", errorCode="OverVoltage")
    snapshot = await asking
    assert (snapshot.link, snapshot.asked) == (Link.ONLINE, True)
    assert snapshot.connector is not None
    assert (snapshot.connector.error_code, snapshot.connector.age(site.clock())) == (
        "OverVoltage",
        timedelta(0),
    )


async def test_the_status_of_another_connector_is_no_answer(site: Site) -> None:
    station = await stale(site)
    asking = asyncio.create_task(site.snapshot(deadline=0.3))
    await station.obey(status="Accepted")
    await station.tell_status(2, "Faulted")
    assert not asking.done()
    await station.tell_status(1, "Available")
    assert (await asking).connector is not None


async def test_the_status_may_come_before_the_answer_to_the_request(site: Site) -> None:
    station = await stale(site)
    asking = asyncio.create_task(site.snapshot())
    message_id, _, _ = await station.command()
    await station.tell_status(1, "Preparing")
    assert (await asking).link is Link.ONLINE
    await station.send([3, message_id, {"status": "Accepted"}])
    await station.tell("Heartbeat")


async def test_a_station_that_does_not_answer_is_silent_at_the_deadline(site: Site) -> None:
    await stale(site)
    async with asyncio.timeout(0.4):
        snapshot = await site.snapshot(deadline=0.1)
    assert (snapshot.link, snapshot.asked) == (Link.SILENT, True)
    assert snapshot.connector is not None
    assert snapshot.connector.received_at == START


async def test_heartbeats_do_not_make_a_silent_station_answer(site: Site) -> None:
    station = await stale(site)
    asking = asyncio.create_task(site.snapshot(deadline=0.2))
    await station.tell("Heartbeat")
    assert (await asking).link is Link.SILENT


@pytest.mark.parametrize("status", ["Rejected", "NotImplemented"])
async def test_a_station_that_declines_is_online_with_its_old_state(site: Site, status: str) -> None:
    station = await stale(site)
    asking = asyncio.create_task(site.snapshot(deadline=5))
    await station.obey(status=status)
    async with asyncio.timeout(0.3):
        snapshot = await asking
    assert (snapshot.link, snapshot.asked) == (Link.ONLINE, True)
    assert snapshot.connector is not None
    assert snapshot.connector.received_at == START


async def test_a_station_that_does_not_know_the_request_is_online(site: Site) -> None:
    station = await stale(site)
    asking = asyncio.create_task(site.snapshot(deadline=5))
    message_id, _, _ = await station.command()
    await station.send([4, message_id, "NotImplemented", "", {}])
    async with asyncio.timeout(0.3):
        assert (await asking).link is Link.ONLINE


async def test_a_station_that_accepts_and_tells_nothing_is_online_with_its_old_state(site: Site) -> None:
    station = await stale(site)
    asking = asyncio.create_task(site.snapshot(deadline=0.1))
    await station.obey(status="Accepted")
    snapshot = await asking
    assert snapshot.link is Link.ONLINE
    assert snapshot.connector is not None
    assert snapshot.connector.received_at == START


async def test_a_station_that_leaves_while_it_is_asked_is_offline_at_once(site: Site) -> None:
    station = await stale(site)
    asking = asyncio.create_task(site.snapshot(deadline=5))
    await station.command()
    await station.leave()
    async with asyncio.timeout(0.5):
        snapshot = await asking
    assert snapshot.link is Link.OFFLINE
    assert snapshot.connector is not None


async def test_a_station_that_leaves_after_it_accepted_is_offline_at_once(site: Site) -> None:
    station = await stale(site)
    asking = asyncio.create_task(site.snapshot(deadline=5))
    await station.obey(status="Accepted")
    await station.leave()
    async with asyncio.timeout(0.5):
        assert (await asking).link is Link.OFFLINE


async def test_two_snapshots_of_one_connector_share_one_request(site: Site) -> None:
    station = await stale(site)
    asking = [asyncio.create_task(site.snapshot()) for _ in range(3)]
    await station.obey(status="Accepted")
    late = asyncio.create_task(site.snapshot())
    with pytest.raises(TimeoutError):
        await station.socket.receive(timeout=0.05)
    await station.tell_status(1, "Charging")
    for snapshot in await asyncio.gather(*asking, late):
        assert snapshot.connector is not None
        assert snapshot.connector.status is ConnectorStatus.CHARGING


async def test_a_snapshot_that_gives_up_leaves_the_request_to_the_next_one(site: Site) -> None:
    station = await stale(site)
    assert (await site.snapshot(deadline=0.05)).link is Link.SILENT
    second = asyncio.create_task(site.snapshot())
    await station.obey(status="Accepted")
    with pytest.raises(TimeoutError):
        await station.socket.receive(timeout=0.05)
    await station.tell_status(1, "Available")
    assert (await second).link is Link.ONLINE


async def test_a_station_is_asked_anew_when_it_was_silent_before(site: Site) -> None:
    station = await stale(site)
    assert (await site.snapshot()).link is Link.SILENT
    await station.command()
    second = asyncio.create_task(site.snapshot())
    await station.obey(status="Accepted")
    await station.tell_status(1, "Available")
    assert (await second).link is Link.ONLINE


async def test_two_connectors_are_asked_one_after_the_other(site: Site) -> None:
    station = await stale(site)
    both = [asyncio.create_task(site.snapshot(connector)) for connector in (1, 2)]
    for _ in both:
        _, asked = await station.obey(status="Accepted")
        await station.tell_status(asked["connectorId"], "Available")
    assert [snapshot.link for snapshot in await asyncio.gather(*both)] == [Link.ONLINE] * 2


async def test_a_station_that_left_is_offline_with_its_last_state(site: Site) -> None:
    station = await site.connect()
    await station.tell_status(1, "Faulted", errorCode="GroundFailure")
    await station.leave()
    await site.journal.until(lambda: site.journal.links("S1") == [True, False])
    snapshot = await site.snapshot()
    assert (snapshot.link, snapshot.asked, snapshot.last_seen) == (Link.OFFLINE, False, START)
    assert snapshot.connector is not None
    assert snapshot.connector.error_code == "GroundFailure"


async def test_a_station_that_never_spoke_is_never(site: Site) -> None:
    snapshot = await site.snapshot(station="S2")
    assert (snapshot.link, snapshot.connector, snapshot.last_seen) == (Link.NEVER, None, None)


async def test_siblings_and_the_station_as_a_whole_stand_beside_the_connector(site: Site) -> None:
    station = await site.connect()
    for connector, status in ((0, "Unavailable"), (1, "Available"), (2, "Charging"), (3, "Faulted")):
        await station.tell_status(connector, status)
    snapshot = await site.snapshot(2)
    assert snapshot.station is not None
    assert snapshot.station.status is ConnectorStatus.UNAVAILABLE
    assert [state.connector for state in snapshot.siblings] == [1, 3]


async def test_the_station_as_a_whole_is_asked_without_a_connector_number(site: Site) -> None:
    station = await stale(site)
    asking = asyncio.create_task(site.snapshot(0))
    assert await station.obey(status="Accepted") == (
        "TriggerMessage",
        {"requestedMessage": "StatusNotification"},
    )
    await station.tell_status(0, "Available")
    assert (await asking).link is Link.ONLINE


async def test_a_journal_that_does_not_answer_by_the_deadline_makes_the_link_unknown(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def forever(_: str) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(site.journal, "known", forever)
    async with asyncio.timeout(0.5):
        assert (await site.snapshot(deadline=0.05)).link is Link.UNKNOWN


async def test_the_heartbeat_interval_is_the_one_that_stations_are_told(site: Site) -> None:
    assert (await site.snapshot()).heartbeat_interval == timedelta(minutes=5)


async def test_a_station_that_leaves_right_after_our_start_is_not_waited_for(site: Site) -> None:
    station = await site.connect()
    await station.tell_status(1, "Available")
    site.clock.pass_time(seconds=10)
    await station.tell_status(1, "Available")
    await station.socket.close()
    await asyncio.sleep(0.05)
    loop = asyncio.get_running_loop()
    asked_at = loop.time()
    assert (await site.snapshot(deadline=5.0)).link is Link.OFFLINE
    assert loop.time() - asked_at < 1, "it has come back since our start, and has gone by itself"


async def test_a_station_that_was_there_before_our_start_is_waited_for(
    site: Site, clock: StandingClock
) -> None:
    station = await site.connect()
    await station.tell_status(1, "Available")
    await close_site(site)
    again = await open_site(site.journal, clock)
    asking = asyncio.create_task(again.snapshot(deadline=5.0))
    await asyncio.sleep(0.1)
    assert not asking.done()
    back = await again.connect()
    await back.tell_status(1, "Available")
    assert (await asking).link is Link.ONLINE
    await close_site(again)
