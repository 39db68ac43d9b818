"""A central system made of the `ocpp` package's own class for OCPP 2.0.1, which validates both ways."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import orjson
from ocpp.routing import on
from ocpp.v201 import ChargePoint, call_result
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

Json = dict[str, object]
_NOW = "2026-03-01T12:00:00.000Z"
_ACCEPTED = {"status": "Accepted"}


class _Peer(ChargePoint):  # type: ignore[misc]  # Its base has no types.
    """One connection; it accepts what keeps to the schemas and refuses the rest; `heard` learns of every frame."""

    def __init__(self, socket: ServerConnection, heard: Callable[[list[object]], None]) -> None:
        super().__init__("S1", socket, response_timeout=5)
        self._heard = heard

    async def route_message(self, raw_msg: str) -> None:
        # A station that left before its answer may have said more, which is still to be read.
        with suppress(ConnectionClosed):
            await super().route_message(raw_msg)
        self._heard(orjson.loads(raw_msg))

    @on("BootNotification")  # type: ignore[untyped-decorator]  # The package has no types.
    def on_boot(self, **_: object) -> object:
        return call_result.BootNotification(_NOW, 300, "Accepted")

    @on("Heartbeat")  # type: ignore[untyped-decorator]  # The package has no types.
    def on_heartbeat(self) -> object:
        return call_result.Heartbeat(_NOW)

    @on("Authorize")  # type: ignore[untyped-decorator]  # The package has no types.
    def on_authorize(self, **_: object) -> object:
        return call_result.Authorize(id_token_info=_ACCEPTED)

    @on("StatusNotification")  # type: ignore[untyped-decorator]  # The package has no types.
    def on_status(self, **_: object) -> object:
        return call_result.StatusNotification()

    @on("NotifyEvent")  # type: ignore[untyped-decorator]  # The package has no types.
    def on_event(self, **_: object) -> object:
        return call_result.NotifyEvent()

    @on("TransactionEvent")  # type: ignore[untyped-decorator]  # The package has no types.
    def on_transaction(self, **_: object) -> object:
        return call_result.TransactionEvent()

    @on("MeterValues")  # type: ignore[untyped-decorator]  # The package has no types.
    def on_meter(self, **_: object) -> object:
        return call_result.MeterValues()

    @on("LogStatusNotification")  # type: ignore[untyped-decorator]  # The package has no types.
    def on_log(self, **_: object) -> object:
        return call_result.LogStatusNotification()

    @on("NotifyReport")  # type: ignore[untyped-decorator]  # The package has no types.
    def on_report(self, **_: object) -> object:
        return call_result.NotifyReport()


@dataclass
class StrictCsms:
    """What its stations told, in order, and the means to command the one that came last."""

    port: int = 0
    told: list[tuple[str, Json]] = field(default_factory=list)
    connections: int = 0
    _peer: _Peer | None = None
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        """The address to which a station adds its id."""
        return f"ws://127.0.0.1:{self.port}"

    def of(self, action: str) -> list[Json]:
        """The payloads of one kind of message."""
        return [payload for name, payload in self.told if name == action]

    def statuses(self, evse: int = 1) -> list[object]:
        """The statuses that an EVSE told."""
        return [each["connectorStatus"] for each in self.of("StatusNotification") if each["evseId"] == evse]

    async def until(self, happened: Callable[[], bool]) -> None:
        """Waits for something to be told; TimeoutError where it does not come."""
        async with asyncio.timeout(5), self._news:
            await self._news.wait_for(happened)

    async def send(self, payload: object) -> object:
        """Sends one of the package's calls; its result, None for a CALLERROR."""
        assert self._peer is not None
        return await self._peer.call(payload)

    async def serve(self, socket: ServerConnection) -> None:
        """One connection from its beginning to its end."""
        self._peer = _Peer(socket, self._hear)
        self.connections += 1
        async for frame in socket:
            await self._peer.route_message(str(frame))
            async with self._news:
                self._news.notify_all()

    def _hear(self, frame: list[object]) -> None:
        if frame[0] == 2 and isinstance(frame[3], dict):
            self.told.append((str(frame[2]), frame[3]))


@asynccontextmanager
async def strict_csms(subprotocol: str | None = "ocpp2.0.1") -> AsyncIterator[StrictCsms]:
    """A server on a free port; without a subprotocol it lets everybody in and agrees on none."""
    csms = StrictCsms()
    spoken = [Subprotocol(subprotocol)] if subprotocol else None
    async with serve(csms.serve, "127.0.0.1", 0, subprotocols=spoken) as server:
        csms.port = next(iter(server.sockets)).getsockname()[1]
        yield csms
