"""One gateway for the stations of all sources: the stations' own connections, and the operators' back ends."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.domain.capability import NEEDED, NEEDED_BY_ERRAND, Capability, Source
from bot.domain.errand import Errand, ErrandAnswer
from bot.domain.precedence import believed
from bot.domain.remote_action import CommandAnswer, RemoteOrder
from bot.domain.status import Link, StationSnapshot
from bot.stations.gateway import StationGateway

_CONNECTED = frozenset({Link.ONLINE, Link.SILENT})


class Sources:
    """A `StationGateway` over two: a station may be known to either or to both of them."""

    def __init__(self, stations: StationGateway, back_ends: StationGateway) -> None:
        self._stations = stations
        self._back_ends = back_ends

    async def snapshot(
        self, station_id: str, connector: int, *, fresh_within: timedelta | None, deadline: timedelta
    ) -> StationSnapshot:
        """What the source says that is believed (`bot.domain.precedence`); a back end is asked only in need."""
        loop = asyncio.get_running_loop()
        until = loop.time() + deadline.total_seconds()
        own = await self._stations.snapshot(
            station_id, connector, fresh_within=fresh_within, deadline=deadline
        )
        connected = own.link in _CONNECTED
        told = await self._back_ends.snapshot(
            station_id,
            connector,
            fresh_within=None if connected else fresh_within,
            deadline=timedelta(seconds=max(until - loop.time(), 0)),
        )
        known = None if told.link is Link.NEVER else replace(told, source=Source.OCPI)
        return believed(replace(own, source=Source.OCPP), known, connector)

    def capabilities(self, station_id: str) -> frozenset[Capability]:
        """What one source or the other can tell and do at present."""
        return self._stations.capabilities(station_id) | self._back_ends.capabilities(station_id)

    async def send(self, order: RemoteOrder) -> CommandAnswer:
        """Sends the command by the first source that can; the station's own link comes first."""
        return await self._able(order.station_id, NEEDED[order.command]).send(order)

    async def run(self, errand: Errand) -> ErrandAnswer:
        """Runs the errand by the first source that can."""
        return await self._able(errand.station_id, NEEDED_BY_ERRAND[type(errand)]).run(errand)

    def _able(self, station_id: str, needed: Capability) -> StationGateway:
        """Where neither can, the one that knows the station says why not."""
        for gateway in (self._stations, self._back_ends):
            if needed in gateway.capabilities(station_id):
                return gateway
        own = self._stations.capabilities(station_id)
        return self._back_ends if not own and self._back_ends.capabilities(station_id) else self._stations
