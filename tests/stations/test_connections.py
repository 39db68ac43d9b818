"""How stations connect, and how connections end."""

import asyncio
import base64
import hashlib
from datetime import timedelta

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.domain.observation import StatusObserved
from bot.domain.status import Link
from bot.stations.ocpp.central import Timing
from bot.stations.ocpp.link import LinkLimits
from tests.stations.conftest import Site, StandingClock, close_site, open_site
from tests.stations.memory_journal import MemoryJournal


def basic(user: str, password: bytes) -> dict[str, str]:
    """The header of Basic authentication."""
    return {"Authorization": "Basic " + base64.b64encode(user.encode() + b":" + password).decode()}


@pytest.mark.parametrize(
    ("path", "station"),
    [
        ("S1", "S1"),
        ("S1/", "S1"),
        ("S1//", "S1"),
        ("tenant/S1", "S1"),
        ("S1?token=x", "S1"),
        ("CP%202%2Fx", "CP 2/x"),
        ("CP%202%2fx/", "CP 2/x"),
        ("A%2520B", "A%20B"),
    ],
)
async def test_the_identity_is_the_last_segment_of_the_path_decoded_once(
    site: Site, path: str, station: str
) -> None:
    raw = await site.connect(path)
    await raw.tell_status(1, "Available")
    assert len(site.journal.of(station, StatusObserved)) == 1


@pytest.mark.parametrize("path", ["nobody", "S1%2520", "%00", "S1%0A", "%FF", "/"])
async def test_an_unknown_station_is_refused_before_the_upgrade(site: Site, path: str) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await site.connect(path)
    assert refusal.value.status == 404


async def test_a_refusal_is_logged_without_what_was_shown(site: Site) -> None:
    with capture_logs() as logs, pytest.raises(aiohttp.WSServerHandshakeError):
        await site.connect("locked", headers=basic("locked", b"secret-guess"))
    assert {"event": "station_refused", "station": "locked", "why": "password", "log_level": "info"} in logs
    assert "secret-guess" not in str(logs)


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (("ocpp1.6", "ocpp2.0.1"), "ocpp2.0.1"),
        (("ocpp2.0.1", "ocpp1.6"), "ocpp2.0.1"),
        (("ocpp1.6", "ocpp2.1", "ocpp2.0.1"), "ocpp2.1"),
        (("ocpp1.5", "ocpp1.6"), "ocpp1.6"),
    ],
)
async def test_the_highest_common_version_is_spoken(
    site: Site, offered: tuple[str, ...], chosen: str
) -> None:
    station = await site.connect(protocols=offered)
    assert station.socket.protocol == chosen
    refused = await station.refused("Unheard", {})
    assert refused == "NotImplemented"


async def test_a_station_that_offers_no_subprotocol_is_taken_for_one_of_1_6(site: Site) -> None:
    station = await site.connect(protocols=())
    await station.tell("Heartbeat")
    assert station.socket.protocol is None


async def test_a_station_that_speaks_only_other_versions_is_sent_away_after_the_handshake(site: Site) -> None:
    station = await site.connect(protocols=("ocpp1.5", "ocpp9"))
    assert await station.closed() == aiohttp.WSCloseCode.PROTOCOL_ERROR


@pytest.mark.parametrize("password", [b"0123abcd", bytes.fromhex("0123abcd")], ids=["literal", "decoded"])
async def test_the_password_opens_as_literal_hex_and_as_its_key(site: Site, password: bytes) -> None:
    station = await site.connect("locked", headers=basic("locked", password))
    await station.tell("Heartbeat")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic("locked", b"wrong"),
        basic("S1", b"0123abcd"),
        basic("locked", b""),
        {"Authorization": "Basic %%%"},
        {"Authorization": "Bearer 0123abcd"},
        {"Authorization": "Basic"},
    ],
    ids=["none", "wrong", "another user", "empty", "no base64", "bearer", "bare"],
)
async def test_without_the_password_nobody_is_let_in(site: Site, headers: dict[str, str]) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await site.connect("locked", headers=headers)
    assert refusal.value.status == 401


async def test_coming_and_going_are_kept(site: Site) -> None:
    station = await site.connect()
    await site.journal.until(lambda: site.journal.links("S1") == [True])
    await station.leave()
    await site.journal.until(lambda: site.journal.links("S1") == [True, False])
    assert site.central.capabilities("S1") == frozenset()


async def test_a_new_connection_wins_and_the_cleanup_of_the_old_one_does_not_remove_it(site: Site) -> None:
    old = await site.connect()
    await old.tell_status(1, "Available")
    new = await site.connect()
    assert await old.closed() == aiohttp.WSCloseCode.GOING_AWAY
    await new.tell_status(1, "Charging")
    snapshot = await site.snapshot()
    assert snapshot.link is Link.ONLINE
    assert site.journal.links("S1") == [True, True]
    await new.leave()
    await site.journal.until(lambda: site.journal.links("S1") == [True, True, False])


async def test_what_the_old_connection_told_is_kept_before_the_new_one_is_heard(site: Site) -> None:
    old = await site.connect()
    await old.tell("Heartbeat")
    site.journal.gate.clear()
    statuses = ["Preparing", "Charging", "SuspendedEV"]
    for status in statuses:
        fields = {"connectorId": 1, "errorCode": "NoError", "status": status}
        await old.send([2, status, "StatusNotification", fields])
    new = await site.connect()
    await new.send([2, "1", "StatusNotification", fields])
    site.journal.gate.set()
    assert (await new.receive())[0] == 3
    observed = site.journal.of("S1", StatusObserved)
    assert [each.state.status.value for each in observed] == [*statuses, "SuspendedEV"]
    assert [each.changed for each in observed] == [True, True, True, False]


async def test_of_many_connections_at_once_the_last_one_serves(site: Site) -> None:
    crowd = await asyncio.gather(*(site.connect() for _ in range(10)))
    await site.journal.until(lambda: site.central.connected == {"S1"})
    await asyncio.sleep(0.05)
    serving = [station for station in crowd if not await _was_closed(station.socket)]
    assert len(serving) == 1
    await serving[0].tell_status(1, "Available")
    assert (await site.snapshot()).link is Link.ONLINE


async def _was_closed(socket: aiohttp.ClientWebSocketResponse) -> bool:
    try:
        await socket.receive(timeout=0.1)
    except TimeoutError:
        return False
    return True


async def test_a_restart_of_the_central_system_forgets_nothing(site: Site, clock: StandingClock) -> None:
    station = await site.connect()
    await station.tell("BootNotification", chargePointVendor="ACME", chargePointModel="M")
    await station.tell_status(1, "Faulted", errorCode="GroundFailure")
    await station.tell(
        "StartTransaction", connectorId=2, idTag="T", meterStart=0, timestamp="2026-03-01T12:00:00Z"
    )
    await site.central.close()
    clock.pass_time(minutes=1)
    second = await open_site(site.journal, clock)
    try:
        await second.connect()
        snapshot = await second.snapshot(fresh=3600)
        assert snapshot.connector is not None
        assert (snapshot.link, snapshot.connector.error_code) == (Link.ONLINE, "GroundFailure")
        assert (snapshot.vendor, snapshot.charging_beside(1)) == ("ACME", True)
    finally:
        await close_site(second)


async def test_closing_says_goodbye_to_every_station_and_is_quick(site: Site) -> None:
    stations = [await site.connect("S1"), await site.connect("S2")]
    for station in stations:
        await station.tell("Heartbeat")
    async with asyncio.timeout(2):
        codes = await asyncio.gather(*(station.closed() for station in stations), site.central.close())
    assert codes == [aiohttp.WSCloseCode.GOING_AWAY, aiohttp.WSCloseCode.GOING_AWAY, None]
    assert site.journal.links("S1") == [True, False]
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await site.connect()
    assert refusal.value.status == 503


async def test_a_station_that_never_answers_a_ping_stays_connected(clock: StandingClock) -> None:
    limits = LinkLimits(ping_every=0.02)
    site = await open_site(MemoryJournal({"S1": None}), clock, Timing(limits=limits))
    try:
        station = await site.connect(autoping=False)
        await site.journal.until(lambda: site.central.connected == {"S1"})
        pings = [(await station.socket.receive(timeout=2)).type for _ in range(5)]
        assert pings == [aiohttp.WSMsgType.PING] * 5
        assert site.central.connected == {"S1"}
    finally:
        await close_site(site)


async def test_a_connection_on_which_nothing_comes_for_three_heartbeats_is_given_up(
    clock: StandingClock,
) -> None:
    timing = Timing(heartbeat=timedelta(seconds=0.05))
    site = await open_site(MemoryJournal({"S1": None}), clock, timing)
    try:
        await site.connect()
        await site.journal.until(lambda: site.journal.links("S1") == [True, False])
    finally:
        await close_site(site)


async def test_a_message_beyond_the_limit_closes_only_its_own_connection(site: Site) -> None:
    station, other = await site.connect("S1"), await site.connect("S2")
    await station.send([2, "1", "DataTransfer", {"vendorId": "x", "data": "y" * 300_000}])
    assert await station.closed() == aiohttp.WSCloseCode.MESSAGE_TOO_BIG
    await other.tell("Heartbeat")


@pytest.mark.parametrize(
    ("frame", "answer"),
    [
        ("{", [4, "-1", "FormationViolation"]),
        ("[]", [4, "-1", "FormationViolation"]),
        ('"text"', [4, "-1", "FormationViolation"]),
        ('[2,"7"]', [4, "7", "FormationViolation"]),
        ('[2,"7","Heartbeat",[]]', [4, "7", "FormationViolation"]),
        ('[2,null,"Heartbeat",{}]', [4, "-1", "FormationViolation"]),
    ],
)
async def test_a_malformed_frame_is_answered_and_the_connection_goes_on(
    site: Site, frame: str, answer: list[object]
) -> None:
    station = await site.connect()
    await station.send(frame)
    assert (await station.receive())[:3] == answer
    await station.tell("Heartbeat")


async def test_a_binary_frame_is_read_like_text(site: Site) -> None:
    station = await site.connect()
    await station.socket.send_bytes(b'[2,"7","Heartbeat",{}]')
    assert (await station.receive())[:2] == [3, "7"]


async def test_a_flooding_station_waits_for_the_journal_instead_of_filling_the_memory(site: Site) -> None:
    station = await site.connect()
    await station.tell("Heartbeat")
    site.journal.gate.clear()
    filling = hashlib.sha512(b"x").hexdigest() * 200

    async def flood() -> None:
        for number in range(4000):
            fields = {"connectorId": 1, "status": "Available", "errorCode": "NoError", "info": filling}
            await station.send([2, str(number), "StatusNotification", fields])

    flooding = asyncio.create_task(flood())
    done, _ = await asyncio.wait({flooding}, timeout=1)
    # 4,000 frames of 25 kB: TCP holds them back, as the central system takes no more than its inbox.
    assert not done
    flooding.cancel()
    site.journal.gate.set()
    await station.socket.close()
