"""A simulated station's line to its central system: connects again and again, and sends in order."""

import asyncio
import base64
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol, assert_never
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from bot.domain.clock import Clock
from bot.sandbox.stations.client import RefusedByCentralSystem
from bot.sandbox.stations.faults201 import FaultBook
from bot.sandbox.stations.modes import OcppVersion
from bot.sandbox.stations.posts import (
    Begin,
    Boot,
    Disclose,
    End,
    Heartbeat,
    Post,
    Sample,
    Show,
    Tell,
    Upload,
)
from bot.sandbox.stations.wire import MakeWire, Master, Nameplate, Wire
from bot.sandbox.stations.wire16 import Wire16
from bot.sandbox.stations.wire201 import Wire201

_MOST_POSTED = 1000


@dataclass(frozen=True, slots=True)
class Pace:
    """Times in seconds; `heartbeat` None: as the central system wants it."""

    boot: float = 3.0
    meter: float = 5.0
    heartbeat: float | None = None
    reconnect_first: float = 0.2
    reconnect_most: float = 5.0
    flap: float = 0.4
    """How long a connector that flaps stays in its fault, and out of it."""


class Subscriber(Master, Protocol):
    """The station that owns the line."""

    @property
    def mute(self) -> bool:
        """Whether nothing is sent."""
        ...

    @property
    def heartbeats(self) -> bool:
        """Whether heartbeats are sent, even by a mute station."""
        ...

    def connected(self) -> None:
        """The line stands; what must be said first is posted now."""
        ...

    def changed(self) -> None:
        """Something that the page shows is different."""
        ...

    def let_charge(self, id_tag: str) -> None:
        """The central system let a card charge."""
        ...


class NoCommonVersionError(Exception):
    """The central system does not speak the station's version of OCPP."""


class Line:
    """`run` keeps it up for as long as the network is; `post` never blocks."""

    def __init__(
        self,
        url: str,
        password: str | None,
        version: OcppVersion,
        nameplate: Nameplate,
        pace: Pace,
        clock: Clock,
    ) -> None:
        self.url = url
        self._password = password
        self._version = version
        self._make_wire = _WIRES[version]()
        self._nameplate = nameplate
        self._pace = pace
        self._clock = clock
        self._posted: deque[Post] = deque(maxlen=_MOST_POSTED)
        self._news = asyncio.Event()
        self._sent_all = asyncio.Event()
        self._network = asyncio.Event()
        self._network.set()
        self._socket: ClientConnection | None = None
        self._heartbeat = pace.heartbeat or 60.0
        self.problem: str | None = None
        """Why the last attempt to connect failed."""

    @property
    def up(self) -> bool:
        """Whether the central system is connected."""
        return self._socket is not None

    @property
    def heartbeat(self) -> float:
        """The heartbeat interval in seconds."""
        return self._heartbeat

    @property
    def network(self) -> bool:
        """Whether there is a network at all; while it restarts, a station has none."""
        return self._network.is_set()

    def post(self, *posts: Post) -> None:
        """Queues messages. Sessions are told after an outage; the rest is dropped while the line is down."""
        self._posted.extend(post for post in posts if self.up or isinstance(post, Begin | End))
        self.resume()

    def resume(self) -> None:
        """Looks again whether there is something to send."""
        if self._posted:
            self._sent_all.clear()
        self._news.set()

    async def flushed(self) -> None:
        """Waits until everything is sent."""
        if self._posted:
            await self._sent_all.wait()

    def cut(self) -> None:
        """The network fails without a goodbye."""
        self._network.clear()
        if self._socket is not None:
            self._socket.transport.abort()

    async def hang_up(self) -> None:
        """Closes the connection politely, and stays away until `restore`."""
        self._network.clear()
        if self._socket is not None:
            await self._socket.close()

    def restore(self) -> None:
        """The network is back."""
        self._network.set()

    async def run(self, station_id: str, owner: Subscriber) -> None:
        """Connects again and again, more and more slowly while it fails; until cancelled."""
        wait = self._pace.reconnect_first
        while True:
            await self._network.wait()
            try:
                async with self._connect(station_id) as socket:
                    wait = self._pace.reconnect_first
                    await self._converse(self._make_wire(station_id, socket, owner), socket, owner)
            except NoCommonVersionError:
                self.problem = f"no {self._version.subprotocol}"
            except InvalidStatus as refused:
                self.problem = f"HTTP {refused.response.status_code}"
            except (OSError, TimeoutError, WebSocketException) as error:
                self.problem = type(error).__name__
            owner.changed()
            await asyncio.sleep(wait)
            wait = min(wait * 2, self._pace.reconnect_most)

    def _connect(self, station_id: str) -> connect:
        headers = {}
        if self._password is not None:
            token = base64.b64encode(f"{station_id}:{self._password}".encode()).decode()
            headers["Authorization"] = f"Basic {token}"
        return connect(
            f"{self.url.rstrip('/')}/{quote(station_id, safe='')}",
            subprotocols=[Subprotocol(self._version.subprotocol)],
            additional_headers=headers,
            compression=None,
            ping_interval=None,
            open_timeout=5,
            close_timeout=1,
            proxy=None,
        )

    async def _converse(self, wire: Wire, socket: ClientConnection, owner: Subscriber) -> None:
        if socket.subprotocol != self._version.subprotocol:
            raise NoCommonVersionError
        self._socket, self.problem = socket, None
        # What was true before the outage is told anew, all but sessions.
        kept = [post for post in self._posted if isinstance(post, Begin | End)]
        self._posted.clear()
        owner.connected()
        self._posted.extend(kept)
        owner.changed()
        tasks = {
            asyncio.create_task(wire.start()),
            asyncio.create_task(self._send_posted(wire, owner)),
            asyncio.create_task(self._beat(wire, owner)),
        }
        try:
            # The package never notices a closed socket while it waits for an answer; its reader does.
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                task.result()
        finally:
            self._socket = None
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _send_posted(self, wire: Wire, owner: Subscriber) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._posted and not owner.mute:
                post = self._posted[0]
                try:
                    await self._send(wire, post, owner)
                except RefusedByCentralSystem as refused:
                    owner.log_frame("refused", str(refused)[:500])
                if self._posted and self._posted[0] is post:
                    self._posted.popleft()
            if not self._posted:
                self._sent_all.set()

    async def _beat(self, wire: Wire, owner: Subscriber) -> None:
        while True:
            await asyncio.sleep(self._heartbeat)
            if owner.heartbeats:
                await self._send(wire, Heartbeat(), owner)

    async def _send(self, wire: Wire, post: Post, owner: Subscriber) -> None:
        at = wire_time(self._clock())
        match post:
            case Boot(reason=reason):
                wanted = await wire.boot(self._nameplate, reason)
                self._heartbeat = self._pace.heartbeat or wanted
            case Heartbeat():
                await wire.heartbeat()
            case Tell(report=report, why=why):
                await wire.status(report, why, at)
            case Begin(session=session):
                await wire.begin(session)
            case End(session=session):
                await wire.end(session, at)
            case Sample(connector=connector, why=why):
                await wire.sample(connector, why, at)
            case Show(id_tag=id_tag):
                if await wire.authorise(id_tag):
                    owner.let_charge(id_tag)
            case Upload(state=state, request_id=request_id):
                await wire.log_status(state, request_id)
            case Disclose(request_id=request_id):
                await wire.report(request_id, at)
            case _:
                assert_never(post)


def wire_time(moment: datetime) -> str:
    """A time as OCPP writes it, with milliseconds and Z."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _wire16() -> MakeWire:
    return Wire16


def _wire201() -> MakeWire:
    return partial(Wire201, faults=FaultBook())


_WIRES: dict[OcppVersion, Callable[[], MakeWire]] = {
    OcppVersion.V16: _wire16,
    OcppVersion.V201: _wire201,
}
