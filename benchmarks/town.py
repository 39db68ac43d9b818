"""The world around a bot: a Bot API server, 50 drivers who report one station after the other, and the stations."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field

import aiohttp
import orjson
from aiohttp import web

from benchmarks.plan import (
    CALLS,
    CONNECTORS,
    PERSON,
    STATION_COUNT,
    SYMPTOM,
    TOKEN,
    Setting,
    evse_id,
    station_of,
)
from bot.domain import start_payload
from bot.sandbox.telegram.faults import Fault, Faults
from bot.sandbox.telegram.journal import Call, Journal
from bot.sandbox.telegram.model import Message
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.serving import Served, serve
from bot.sandbox.telegram.world import World

PATIENCE = 120.0


@dataclass
class Measured:
    """What a run gave. Latencies in seconds, of every step of every report that ended in time."""

    reports: int = 0
    seconds: float = 0.0
    steps: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return self.reports / self.seconds if self.seconds else 0.0

    def quantile(self, share: float) -> float:
        ordered = sorted(self.steps)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("inf")


class CountingJournal(Journal):
    """Counts the calls by method; the journal itself keeps only the newest."""

    def __init__(self, keep: int) -> None:
        super().__init__(keep)
        self.counted: Counter[str] = Counter()

    def note_call(self, call: Call) -> None:
        self.counted[call.method] += 1
        super().note_call(call)


class Town:
    """The drivers and what they wait for."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.world = World(keep_messages=50, keep_journal=20_000)
        self.calls = CountingJournal(20_000)
        self.world.journal = self.calls
        self.account = self.world.bot(TOKEN, "bench_bot", "Bench")
        self.faults = Faults()
        if setting.call_delay:
            self.faults.add(Fault("delay", method="*", seconds=setting.call_delay))
        agent = self.world.person(3001, "Anna", "en")
        self.hotline = agent.create_group("Hotline", topics=True)
        agent.add(self.account, self.hotline)
        agent.promote(self.account, self.hotline)
        self.drivers = [self.world.person(10_000 + n, f"Driver {n}", "en") for n in range(setting.drivers)]
        every = len(self.drivers)
        self._own = [iter(range(n, STATION_COUNT * CONNECTORS, every)) for n in range(every)]
        self._waiting: dict[tuple[str, object], asyncio.Future[Message]] = {}

    async def watch(self) -> None:
        """Tells each driver of what they see, as it comes, without asking 50 of them at each change."""
        number = self.world.journal.number
        while True:
            await self.world.journal.changed()
            for change in self.world.journal.since(number):
                number = change.number
                if change.kind in {"message", "edit"}:
                    self._seen(change.kind, change.chat, int(change.data["message_id"]))

    def expect(self, kind: str, key: object) -> "asyncio.Future[Message]":
        """The next thing of that kind and key that will be seen."""
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[kind, key] = future
        return future

    def _seen(self, kind: str, chat: int | None, number: int) -> None:
        if chat == self.hotline.id:
            message = self.hotline.messages[number]
            for key in (("copy", message.text), ("card", _evse_in(message.text))):
                self._tell(key, message)
            return
        private = self.world.privates.get((self.account.id, chat or 0))
        message_in = None if private is None else private.messages.get(number)
        if message_in is None or message_in.sender != self.account.id:
            return
        self._tell((kind if kind == "message" or message_in.button(PERSON) else "progress", chat), message_in)

    def _tell(self, key: tuple[str, object], message: Message) -> None:
        future = self._waiting.pop(key, None)
        if future is not None and not future.done():
            future.set_result(message)

    async def drive(self, seconds: float) -> Measured:
        """All drivers report until the time is over; reports that have begun are ended."""
        measured = Measured()
        before = self._made()
        watching = asyncio.create_task(self.watch())
        began = time.perf_counter()
        until = began + seconds
        await asyncio.gather(
            *(
                self._driver(who, own, until, measured)
                for who, own in zip(self.drivers, self._own, strict=True)
            )
        )
        measured.seconds = time.perf_counter() - began
        await asyncio.sleep(max(0.3, self.setting.call_delay * 6))
        watching.cancel()
        made = self._made() - before
        if made != measured.reports * CALLS:
            measured.wrong.append(f"{made} calls for {measured.reports} reports")
        return measured

    def _made(self) -> int:
        return self.calls.counted.total() - self.calls.counted["getupdates"]

    async def _driver(self, who: Person, numbers: Iterator[int], until: float, measured: Measured) -> None:
        # Drivers do not all arrive in the same instant.
        await asyncio.sleep((who.id - self.drivers[0].id) / len(self.drivers))
        while time.perf_counter() < until:
            number = next(numbers)
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._report(who, number, measured)
            except TimeoutError:
                measured.wrong.append(f"{who.id}: no reply on {evse_id(number)}")
                return
            measured.reports += 1

    async def _report(self, who: Person, number: int, measured: Measured) -> None:
        name = evse_id(number)

        async def step(*wanted: "asyncio.Future[Message]") -> Message:
            began = time.perf_counter()
            seen = await asyncio.gather(*wanted)
            measured.steps.append(time.perf_counter() - began)
            return seen[0]

        found = self.expect("message", who.id)
        who.start(start_payload.encode(name))
        shown = await step(found)
        if name not in shown.text:
            measured.wrong.append(f"{who.id}: {shown.text[:40]!r} in place of {name}")
        verdict = self.expect("edit", who.id)
        who.press(SYMPTOM, shown)
        await step(verdict)
        reply, card = self.expect("message", who.id), self.expect("card", name)
        who.command("agent")
        await step(reply, card)
        for word in ("first", "second"):
            words = f"{word} words on {name}"
            copied = self.expect("copy", words)
            who.text(words)
            arrived = await step(copied)
            if arrived.thread != card.result().thread:
                measured.wrong.append(f"{words!r} went into another topic")


def _evse_in(text: str) -> str:
    """The EVSE of a card; a driver's words, which name it too, are none."""
    start = text.find("AT*BEN*E")
    return "" if start < 0 or " words on " in text else text[start : start + len(evse_id(0))]


class Stations:
    """The stations as the references ask them (HTTP), and as OCPP 1.6 clients for the product."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._tasks: list[asyncio.Task[None]] = []

    def add_routes(self, app: web.Application) -> None:
        """`GET /station/{id}/{connector}` answers the status after the delay."""

        async def state(request: web.Request) -> web.Response:
            await asyncio.sleep(self._delay)
            return web.json_response({"connector": request.match_info["connector"], "status": "Available"})

        app.router.add_get("/station/{id}/{connector}", state)

    async def connect(self, url: str) -> contextlib.AsyncExitStack:
        """Connects all stations to a central system; the stack closes them."""
        stack = contextlib.AsyncExitStack()
        session = await stack.enter_async_context(
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        )
        for number in range(STATION_COUNT):
            station, _ = station_of(number)
            socket = await stack.enter_async_context(
                session.ws_connect(f"{url}/ocpp/{station}", protocols=["ocpp1.6"])
            )
            boot = {"chargePointVendor": "Bench", "chargePointModel": "Bench"}
            await _call(socket, "boot", "BootNotification", boot)
            for connector in range(CONNECTORS + 1):
                await _call(socket, f"c{connector}", "StatusNotification", _status(connector))
            task = asyncio.create_task(self._serve(socket))
            stack.callback(task.cancel)
        return stack

    async def _serve(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            frame = orjson.loads(message.data)
            if frame[0] == 2:
                task = asyncio.create_task(self._obey(socket, frame))
                self._tasks.append(task)

    async def _obey(self, socket: aiohttp.ClientWebSocketResponse, frame: list[object]) -> None:
        if self._delay:
            await asyncio.sleep(self._delay)
        payload = frame[3]
        assert isinstance(payload, dict)
        await socket.send_str(orjson.dumps([3, frame[1], {"status": "Accepted"}]).decode())
        await _call(socket, f"s{frame[1]}", "StatusNotification", _status(payload.get("connectorId", 0)))


def _status(connector: object) -> dict[str, object]:
    return {"connectorId": connector, "errorCode": "NoError", "status": "Available"}


async def _call(
    socket: aiohttp.ClientWebSocketResponse, number: str, action: str, payload: Mapping[str, object]
) -> None:
    await socket.send_str(orjson.dumps([2, number, action, payload]).decode())


@contextlib.asynccontextmanager
async def opened(setting: Setting) -> AsyncIterator[tuple[Town, Served, Stations, str]]:
    """A served town: the Bot API, and the stations' HTTP address."""
    town = Town(setting)
    stations = Stations(setting.station_delay)
    app = web.Application()
    stations.add_routes(app)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        async with serve(town.world, town.faults) as telegram:
            yield town, telegram, stations, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
