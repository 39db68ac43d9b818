"""A gateway with its stations in memory, for tests of what stands above gateways."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec import structs

from bot.domain.capability import NEEDED, TOLD_BY, Capability, Source
from bot.domain.errand import Errand, ErrandAnswer
from bot.domain.remote_action import CommandAnswer, RemoteOrder
from bot.domain.status import ConnectorState, ConnectorStatus, Link, StationSnapshot, Transaction


@dataclass
class Known:
    """One station. A silent one is connected and does not answer."""

    connectors: dict[int, ConnectorState] = field(default_factory=dict)
    sessions: dict[int, Transaction] = field(default_factory=dict)
    connected: bool = False
    silent: bool = False


class SimulatedGateway:
    """A `StationGateway`; a test says what its stations do."""

    def __init__(self, source: Source, now: datetime, does: frozenset[Capability]) -> None:
        self.source = source
        self.now = now
        self.does = does
        self.stations: dict[str, Known] = {}
        self.sent: list[RemoteOrder] = []
        self.run_errands: list[Errand] = []

    def tell(self, station_id: str, connector: int, status: ConnectorStatus, error: str | None) -> None:
        """The station tells a status."""
        known = self.stations.setdefault(station_id, Known(connected=True))
        code = error if Capability.FAULT_DETAIL in TOLD_BY[self.source] else None
        known.connectors[connector] = ConnectorState(connector, status, code, self.now, self.now)

    async def snapshot(
        self, station_id: str, connector: int, *, fresh_within: timedelta | None, deadline: timedelta
    ) -> StationSnapshot:
        known = self.stations.get(station_id)
        if known is None:
            return StationSnapshot(station_id, self.now, Link.NEVER, None, None, source=self.source)
        state = known.connectors.get(connector)
        fresh = state is not None and fresh_within is not None and state.age(self.now) <= fresh_within
        asked = known.connected and fresh_within is not None and not fresh
        if asked and not known.silent and state is not None:
            known.connectors[connector] = structs.replace(state, received_at=self.now)
        link = Link.ONLINE if known.connected else Link.OFFLINE
        return StationSnapshot(
            station_id,
            self.now,
            Link.SILENT if asked and known.silent else link,
            self.now,
            known.connectors.get(connector),
            siblings=tuple(state for number, state in known.connectors.items() if number != connector),
            transactions=tuple(known.sessions.values()),
            asked=asked,
            source=self.source,
        )

    def capabilities(self, station_id: str) -> frozenset[Capability]:
        known = self.stations.get(station_id)
        return TOLD_BY[self.source] | self.does if known and known.connected else frozenset()

    async def send(self, order: RemoteOrder) -> CommandAnswer:
        known = self.stations.get(order.station_id)
        if known is None or not known.connected:
            return CommandAnswer.OFFLINE
        if NEEDED[order.command] not in self.does:
            return CommandAnswer.NOT_SUPPORTED
        self.sent.append(order)
        return CommandAnswer.NO_ANSWER if known.silent else CommandAnswer.ACCEPTED

    async def run(self, errand: Errand) -> ErrandAnswer:
        self.run_errands.append(errand)
        known = self.stations.get(errand.station_id)
        online = known is not None and known.connected
        return ErrandAnswer(CommandAnswer.ACCEPTED if online else CommandAnswer.OFFLINE)
