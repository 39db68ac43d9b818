"""What a station's data sheet tells beside the station itself: its make, its past, its sessions and its cases."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func, or_, select

from bot.domain.capability import Source
from bot.domain.case import Case
from bot.domain.status import ConnectorState
from storage.repositories import intervals
from storage.repositories.case_rows import case_of
from storage.repositories.history import LINK_NOTES
from storage.repositories.station_log import state_of
from storage.tables import cases, connector_states, station_notes, stations, transactions

MOST_INTERVALS = 1000
"""Of one connector as one source told it; what changes more often than that is shown by its latest changes."""
MOST_LINKS = 200
_INTERVALS = intervals.latest(one_source=True, since=True)


@dataclass(frozen=True, slots=True)
class Make:
    """What a station said of itself, and when it was last heard by any source; None for what it never said."""

    vendor: str | None
    model: str | None
    firmware: str | None
    serial_number: str | None
    protocol: str | None
    last_heard: datetime | None


@dataclass(frozen=True, slots=True)
class Told:
    """A status of a connector while it lasted, as one source told it; `until` is None where it still holds."""

    source: Source
    state: ConnectorState
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Sessions:
    """Charging sessions of a span of time, and the energy of those that told it, in Wh."""

    count: int
    energy_wh: int


class StationSheet:
    """Reads for data sheets."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def make(self, station_id: str) -> Make | None:
        """What the station is."""
        row = self._connection.execute(select(stations).where(stations.c.id == station_id)).one_or_none()
        if row is None:
            return None
        return Make(row.vendor, row.model, row.firmware, row.serial_number, row.protocol, row.last_seen)

    def present(self, station_id: str) -> list[Told]:
        """The status of each connector, as the source that heard it last tells it, by connector."""
        states = connector_states.c
        statement = (
            select(connector_states)
            .where(states.station_id == station_id)
            .order_by(states.connector, states.heard_at, states.source)
        )
        rows = self._connection.execute(statement)
        latest = {row.connector: Told(Source(row.source), state_of(row), None) for row in rows}
        return list(latest.values())

    def past(self, station_id: str, since: datetime) -> list[Told]:
        """The intervals that began since then, of all connectors and sources, the newest first."""
        states = connector_states.c
        statement = select(states.connector, states.source).where(states.station_id == station_id)
        found = [
            each
            for row in self._connection.execute(statement).all()
            for each in self._chain(station_id, row.connector, Source(row.source), since)
        ]
        return sorted(found, key=lambda each: (each.state.since, each.state.connector), reverse=True)

    def links(self, station_id: str, since: datetime, until: datetime) -> list[tuple[datetime, str]]:
        """When the station's connection came and went, and when it started, in order; see `LINK_NOTES`."""
        notes = station_notes.c
        statement = (
            select(notes.at, notes.what)
            .where(
                notes.station_id == station_id,
                notes.at >= since,
                notes.at < until,
                notes.what.in_(LINK_NOTES),
            )
            .order_by(notes.at, notes.id)
            .limit(MOST_LINKS)
        )
        return [(row.at, row.what) for row in self._connection.execute(statement)]

    def sessions(self, station_id: str, since: datetime, until: datetime) -> Sessions:
        """The sessions that began in a span of time."""
        told = transactions.c
        # A back end tells the energy of the session, a station the state of its meter.
        begun = case((told.source == Source.OCPI.value, 0), else_=told.meter_start_wh)
        energy = func.coalesce(func.coalesce(told.meter_stop_wh, told.energy_wh) - begun, 0)
        statement = select(func.count(), func.coalesce(func.sum(energy), 0)).where(
            told.station_id == station_id,
            told.started_at >= since,
            told.started_at < until,
            # It lets the index find them: those that ended before cannot have begun since.
            or_(told.ended_at.is_(None), told.ended_at >= since),
        )
        count, wh = self._connection.execute(statement).one()
        return Sessions(int(count), int(wh))

    def cases(self, station_id: str, *, most: int) -> list[Case]:
        """The latest cases, the newest first."""
        statement = (
            select(cases).where(cases.c.station_id == station_id).order_by(cases.c.id.desc()).limit(most)
        )
        return [case_of(row) for row in self._connection.execute(statement)]

    def _chain(self, station_id: str, connector: int, source: Source, since: datetime) -> list[Told]:
        named = {
            "at": station_id,
            "number": connector,
            "whose": source,
            "moment": since,
            "most": MOST_INTERVALS,
        }
        states = [state_of(row) for row in self._connection.execute(_INTERVALS, named)]
        ends = [None, *(state.since for state in states)]
        return [Told(source, state, until) for state, until in zip(states, ends, strict=False)]
