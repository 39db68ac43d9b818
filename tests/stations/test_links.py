"""One task per connection: what it reads, writes and looks after, beside what it says."""

import asyncio
import struct
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.domain.observation import Seen, StatusObserved
from bot.domain.remote_action import CommandAnswer, RemoteCommand, RemoteOrder
from bot.stations.ocpp.central import Timing
from bot.stations.ocpp.link import Link, LinkLimits
from bot.stations.ocpp.milestone import Milestone
from bot.stations.ocpp.rounds import Rounds
from bot.stations.ocpp.socket import StationSocket
from bot.stations.ocpp.wire import Wire
from tests.stations.conftest import Site, StandingClock, close_site, open_site
from tests.stations.memory_journal import MemoryJournal
from tests.stations.raw_station import RawStation

STATUS = {"connectorId": 1, "errorCode": "NoError"}


async def served_texts(lengths: list[int]) -> list[str]:
    """What a client receives of texts of these lengths."""

    async def serve(request: web.Request) -> web.WebSocketResponse:
        socket = StationSocket((), 1000)
        await socket.prepare(request)
        assert request.transport is not None
        wire = Wire(socket, request.transport)
        for length in lengths:
            assert wire.send(("é" * (length // 2) + "x" * (length % 2)).encode())
        wire.ping()
        await socket.close()
        assert not wire.send(b"after the end")
        return socket

    app = web.Application()
    app.router.add_get("/", serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as client:
        socket = await client.ws_connect(f"http://127.0.0.1:{runner.addresses[0][1]}/")
        found = [message.data async for message in socket]
    await runner.cleanup()
    return found


async def test_texts_of_every_length_arrive_whole() -> None:
    lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 70_001]
    found = await served_texts(lengths)
    assert [len(text.encode()) for text in found] == lengths


async def test_what_a_station_told_before_it_was_cut_off_is_kept(site: Site) -> None:
    station = await site.connect()
    await station.tell("Heartbeat")
    site.journal.gate.clear()
    words = ["Preparing", "Charging", "SuspendedEV", "Finishing", "Available"]
    for word in words:
        await station.send([2, word, "StatusNotification", STATUS | {"status": word}])
    await asyncio.sleep(0.05)
    station.socket._response.close()  # It goes without a goodbye, for which there is no public way.
    await asyncio.sleep(0.05)
    site.journal.gate.set()
    await site.journal.until(lambda: site.journal.links("S1") == [True, False])
    told = site.journal.of("S1", StatusObserved)
    assert [each.state.status.value for each in told] == words


async def test_pipelined_requests_are_answered_in_their_order(site: Site) -> None:
    station = await site.connect()
    for number in range(200):
        word = ("Preparing", "Charging")[number % 2]
        action, fields = (
            ("Heartbeat", {}) if number % 3 else ("StatusNotification", STATUS | {"status": word})
        )
        await station.send([2, str(number), action, fields])
    answers = [await station.receive() for _ in range(200)]
    assert [answer[:2] for answer in answers] == [[3, str(number)] for number in range(200)]


async def test_nothing_overtakes_what_came_before_the_station_was_attended_to(site: Site) -> None:
    old = await site.connect()
    await old.tell("Heartbeat")
    site.journal.gate.clear()
    await old.send([2, "old", "StatusNotification", STATUS | {"status": "Available"}])
    new = await site.connect()
    # More than the socket's queue takes, so that a part of it is only parsed while the rest is taken out.
    filling = "x" * 1000
    sending = asyncio.create_task(send_all(new, [f"{number}-{filling}" for number in range(400)]))
    await asyncio.sleep(0.1)
    site.journal.gate.set()
    answers = [str((await new.receive())[1]).partition("-")[0] for _ in range(400)]
    await sending
    assert answers == [str(number) for number in range(400)]


async def send_all(station: RawStation, message_ids: list[str]) -> None:
    for message_id in message_ids:
        await station.send([2, message_id, "Heartbeat", {}])


async def test_a_sign_of_life_is_kept_together_with_what_was_told(site: Site, clock: StandingClock) -> None:
    written: list[int] = []
    keep = site.journal.record

    async def counted(observations: list[object]) -> None:
        written.append(len(observations))
        await keep(observations)  # type: ignore[arg-type]  # They are observations.

    station = await site.connect()
    await station.tell("Heartbeat")
    clock.pass_time(minutes=2)
    site.journal.record = counted  # type: ignore[assignment, method-assign]  # It stands for the same method.
    await station.tell_status(1, "Available")
    await station.tell("Heartbeat")
    assert written == [2]
    assert len(site.journal.of("S1", Seen)) == 2


async def test_a_sign_of_life_that_could_not_be_kept_is_told_again(site: Site) -> None:
    station = await site.connect()
    await site.journal.until(lambda: site.journal.links("S1") == [True])
    site.journal.failing = True
    assert await station.refused("Heartbeat", {}) == "InternalError"
    site.journal.failing = False
    await station.tell("Heartbeat")
    assert len(site.journal.of("S1", Seen)) == 1


async def test_an_unusable_message_is_a_sign_of_life_all_the_same(site: Site) -> None:
    station = await site.connect()
    assert await station.refused("StatusNotification", {"connectorId": 1}) == "ProtocolError"
    assert len(site.journal.of("S1", Seen)) == 1


async def test_a_session_that_could_not_be_kept_is_refused_and_not_remembered(site: Site) -> None:
    station = await site.connect()
    await station.tell("Heartbeat")
    site.journal.failing = True
    start = {"connectorId": 1, "idTag": "T", "meterStart": 0, "timestamp": "2026-03-01T12:00:00Z"}
    assert await station.refused("StartTransaction", start) == "InternalError"
    site.journal.failing = False
    assert (await site.snapshot(fresh=9e6)).transactions == ()
    started = await station.tell("StartTransaction", **start)
    assert [session.id for session in (await site.snapshot(fresh=9e6)).transactions] == [
        started["transactionId"]
    ]


async def pour(writer: asyncio.StreamWriter, frame: bytes) -> None:
    while True:
        writer.write(frame)
        await writer.drain()


async def test_a_station_that_never_reads_its_answers_is_given_up(clock: StandingClock) -> None:
    site = await open_site(
        MemoryJournal({"S1": None, "S2": None}), clock, Timing(limits=LinkLimits(unread=50_000, closing=0.2))
    )
    try:
        other = await site.connect("S2")
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port, limit=1024)
        writer.write(
            b"GET /ocpp/S1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        await reader.readuntil(b"\r\n\r\n")
        # The id comes back in every answer, so that what is left unread grows quickly.
        text = b'[2,"' + b"x" * 60_000 + b'","Heartbeat",{}]'
        frame = struct.pack(">BBH", 0x81, 0xFE, len(text)) + bytes(4) + text
        with capture_logs() as logs, pytest.raises(ConnectionError):
            await asyncio.wait_for(pour(writer, frame), 5)
        assert {"event": "station_does_not_read", "station": "S1", "log_level": "info"} in logs
        await site.journal.until(lambda: site.journal.links("S1") == [True, False])
        await other.tell("Heartbeat")
        await other.leave()
        writer.close()
    finally:
        await close_site(site)


async def test_a_command_fails_at_once_when_the_station_goes_while_the_journal_is_slow(site: Site) -> None:
    station = await site.connect()
    await station.tell("Heartbeat")
    site.journal.gate.clear()
    await station.send([2, "1", "StatusNotification", STATUS | {"status": "Available"}])
    sending = asyncio.create_task(site.central.send(RemoteOrder("S1", 1, RemoteCommand.UNLOCK)))
    await station.command()
    await station.leave()
    async with asyncio.timeout(0.3):
        assert await sending is CommandAnswer.NO_ANSWER
    site.journal.gate.set()


async def test_closing_does_not_wait_for_ever_for_a_journal_that_hangs(clock: StandingClock) -> None:
    timing = Timing(heartbeat=timedelta(minutes=5), limits=LinkLimits(draining=0.1, closing=0.1))
    site = await open_site(MemoryJournal({"S1": None}), clock, timing)
    station = await site.connect()
    await station.tell("Heartbeat")
    site.journal.gate.clear()
    for number in range(3):
        await station.send([2, str(number), "StatusNotification", STATUS | {"status": "Available"}])
    await asyncio.sleep(0.05)
    closing = asyncio.create_task(site.central.close())
    with capture_logs() as logs:
        await asyncio.sleep(0.3)
    assert [entry["count"] for entry in logs if entry["event"] == "station_messages_dropped"] == [2]
    site.journal.gate.set()
    async with asyncio.timeout(2):
        await closing
    await close_site(site)


async def test_the_rounds_end_with_the_last_link_and_begin_again_with_the_next() -> None:
    class Looked(Link):
        def __init__(self) -> None:
            self.times = 0

        def look_after(self, now: float, idle_after: float) -> None:
            self.times += 1

    rounds = Rounds(ping_every=0.05, idle_after=10)
    first, second = Looked(), Looked()
    rounds.take(first)
    rounds.take(second)
    await asyncio.sleep(0.1)
    rounds.release(first)
    seen = first.times
    assert seen > 1
    await asyncio.sleep(0.1)
    assert (first.times, second.times > seen) == (seen, True)
    rounds.release(second)
    seen = second.times
    await asyncio.sleep(0.1)
    assert second.times == seen
    rounds.take(first)
    await asyncio.sleep(0.1)
    assert first.times > 2
    rounds.release(first)


async def test_a_milestone_is_waited_for_before_and_after_it_is_reached() -> None:
    milestone = Milestone()
    waiting = [asyncio.create_task(milestone.wait()) for _ in range(2)]
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)
    milestone.set()
    async with asyncio.timeout(1):
        await asyncio.gather(*waiting, milestone.wait())
