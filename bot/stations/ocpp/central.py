"""The central system of OCPP: lets stations in, and is the gateway to those that are connected."""

import asyncio
import contextlib
import socket as sockets
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog
from aiohttp import WSCloseCode, hdrs, web

from bot.domain.capability import Capability
from bot.domain.clock import Clock
from bot.domain.errand import Errand, ErrandAnswer
from bot.domain.remote_action import CommandAnswer, RemoteOrder
from bot.domain.status import Link, StationSnapshot, link_unknown
from bot.stations.gateway import StationJournal
from bot.stations.ocpp.admission import Admission, Entrance
from bot.stations.ocpp.handshake import station_id_of
from bot.stations.ocpp.intake import Surroundings
from bot.stations.ocpp.link import LinkLimits
from bot.stations.ocpp.memory import StationMemory
from bot.stations.ocpp.quirks import Quirks, load_quirks
from bot.stations.ocpp.rounds import Rounds
from bot.stations.ocpp.socket import StationSocket
from bot.stations.ocpp.station import ConnectedStation
from bot.stations.ocpp.subprotocols import DIALECTS, spoken_with
from bot.stations.ocpp.wire import Wire

log = structlog.get_logger()

LARGEST_FRAME = 256 * 1024
"""Bytes of one WebSocket message; the largest are the reports in which a station of OCPP 2.0.1 tells its settings."""
_HEARTBEATS_UNTIL_GONE = 3
_SHARE_FOR_RETURNING = 0.6
"""Of a snapshot's deadline; the rest is for asking the station once it is back."""
_UNACKNOWLEDGED_MS = 90_000
"""How long TCP tries to reach a station that lost power before the connection is given up."""


@dataclass(frozen=True, slots=True)
class Timing:
    """`heartbeat` is what stations are told; a link on which nothing came for three of them is closed."""

    heartbeat: timedelta = timedelta(minutes=5)
    return_within: timedelta = timedelta(seconds=45)
    """After our own start, stations need this long to come back: till then their absence is no outage of theirs."""
    limits: LinkLimits = field(default_factory=LinkLimits)

    @property
    def idle_after(self) -> timedelta:
        """When a silent connection is given up."""
        return _HEARTBEATS_UNTIL_GONE * self.heartbeat


class CentralSystem:
    """A `StationGateway` for the stations that connect to this process."""

    def __init__(
        self,
        journal: StationJournal,
        clock: Clock,
        timing: Timing | None = None,
        entrance: Entrance | None = None,
        *,
        quirks: Quirks | None = None,
    ) -> None:
        self._entrance = entrance or Entrance()
        self._admission = Admission(journal, clock, self._entrance)
        self._journal = journal
        self._clock = clock
        self._timing = timing or Timing()
        self._surroundings = Surroundings(
            journal, clock, self._timing.heartbeat, self._timing.limits, quirks or load_quirks()
        )
        self._stations: dict[str, ConnectedStation] = {}
        self._present: set[ConnectedStation] = set()
        self._rounds = Rounds(self._timing.limits.ping_every, self._timing.idle_after.total_seconds())
        self._closing = False
        self._started = clock()
        self._awaited: dict[str, asyncio.Event] = {}

    def add_routes(self, app: web.Application) -> None:
        """Serves `/ocpp/{station id}`, and closes all sockets when the application shuts down."""
        app.router.add_get("/ocpp/{station_id:.+}", self._arrive)
        app.on_shutdown.append(self._shut_down)

    @property
    def connected(self) -> frozenset[str]:
        """The ids of the stations that can be asked now."""
        return frozenset(number for number, station in self._stations.items() if station.online)

    async def close(self) -> None:
        """Closes every connection and waits until what it brought is kept; no new one is let in."""
        self._closing = True
        present = tuple(self._present)
        for station in present:
            station.leave(replaced=False)
        await asyncio.gather(*(station.closed.wait() for station in present))

    async def snapshot(
        self, station_id: str, connector: int, *, fresh_within: timedelta | None, deadline: timedelta
    ) -> StationSnapshot:
        """What is known now, after asking a connector that was not heard within `fresh_within`."""
        until = asyncio.get_running_loop().time() + deadline.total_seconds()
        try:
            async with asyncio.timeout_at(until):
                await self._returned(station_id, deadline * _SHARE_FOR_RETURNING)
                station = await self._reachable(station_id)
                stored = None if station else await self._from_journal(station_id, connector)
        except TimeoutError:
            return self._dated(link_unknown(station_id, self._clock()))
        if station:
            stored = await station.snapshot(connector, fresh_within, until)
        return self._dated(stored or link_unknown(station_id, self._clock()))

    def capabilities(self, station_id: str) -> frozenset[Capability]:
        """What the station can tell and do at present; empty while it is not connected."""
        station = self._stations.get(station_id)
        return station.capabilities() if station else frozenset()

    async def send(self, order: RemoteOrder) -> CommandAnswer:
        """Sends one command. ValueError for a START_SESSION without an id tag: a mistake of the caller."""
        station = await self._reachable(order.station_id)
        return await station.command(order) if station else CommandAnswer.OFFLINE

    async def run(self, errand: Errand) -> ErrandAnswer:
        """Runs one errand; OFFLINE where the station is not connected."""
        station = await self._reachable(errand.station_id)
        return await station.run(errand) if station else ErrandAnswer(CommandAnswer.OFFLINE)

    async def _returned(self, station_id: str, patience: timedelta) -> None:
        """Right after our own start, waits for a station that was heard not long before it."""
        if station_id in self._stations or self._clock() - self._started > self._timing.return_within:
            return
        last_seen = (await self._journal.known(station_id)).last_seen
        # One that was heard since then has come back already, and has gone by itself.
        if last_seen is None or not timedelta() <= self._started - last_seen <= self._timing.idle_after:
            return
        arrived = self._awaited.setdefault(station_id, asyncio.Event())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience.total_seconds()):
                await arrived.wait()

    async def _reachable(self, station_id: str) -> ConnectedStation | None:
        station = self._stations.get(station_id)
        if station is None:
            return None
        await station.ready.wait()
        return station if station.online else None

    async def _from_journal(self, station_id: str, connector: int) -> StationSnapshot:
        memory = StationMemory(station_id, await self._journal.known(station_id))
        spoke = memory.last_seen is not None or bool(memory.connectors)
        return memory.snapshot(connector, self._clock(), Link.OFFLINE if spoke else Link.NEVER)

    def _dated(self, snapshot: StationSnapshot) -> StationSnapshot:
        return replace(snapshot, heartbeat_interval=self._timing.heartbeat)

    async def _arrive(self, request: web.Request) -> web.StreamResponse:
        """One connection: refused before the upgrade, or served until it ends."""
        station_id = station_id_of(request.rel_url.raw_path)
        refusal = await self._refusal(station_id, request)
        if refusal is not None or station_id is None:
            return refusal or web.Response(status=404)
        offered = request.headers.get(hdrs.SEC_WEBSOCKET_PROTOCOL)
        spoken = spoken_with(offered, self._entrance.assumed)
        socket = StationSocket((spoken,) if spoken else (), LARGEST_FRAME)
        await socket.prepare(request)
        if spoken is None:
            # OCPP-J 1.6, section 3.3: the handshake is completed, and the connection closed at once.
            log.info("station_refused", station=station_id, why="subprotocol")
            await socket.close(code=WSCloseCode.PROTOCOL_ERROR)
            return socket
        if request.transport is not None:
            _give_up_on_dead_peers(request.transport)
            wire = Wire(socket, request.transport)
            await self._serve(ConnectedStation(station_id, wire, DIALECTS[spoken], self._surroundings))
        return socket

    async def _refusal(self, station_id: str | None, request: web.Request) -> web.Response | None:
        if self._closing:
            return web.Response(status=503)
        return await self._admission.refusal(station_id, request)

    async def _serve(self, station: ConnectedStation) -> None:
        """The newest connection of a station is the one that counts; older ones only finish."""
        predecessor = self._stations.get(station.station_id)
        self._stations[station.station_id] = station
        self._present.add(station)
        if awaited := self._awaited.pop(station.station_id, None):
            awaited.set()
        log.info("station_connected", station=station.station_id, replaces=predecessor is not None)
        if self._closing:
            station.leave(replaced=False)
        self._rounds.take(station.link)
        try:
            await station.serve(predecessor)
        finally:
            self._rounds.release(station.link)
            self._present.discard(station)
            if self._stations.get(station.station_id) is station:
                del self._stations[station.station_id]
            log.info("station_disconnected", station=station.station_id)

    async def _shut_down(self, _: web.Application) -> None:
        await self.close()


def _give_up_on_dead_peers(transport: asyncio.BaseTransport) -> None:
    """Lets TCP notice a station that lost power; unlike a missed pong, that is no vendor's habit."""
    peer = transport.get_extra_info("socket")
    if peer is not None and hasattr(sockets, "TCP_USER_TIMEOUT"):
        peer.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_USER_TIMEOUT, _UNACKNOWLEDGED_MS)
