"""What a diagnosis needs of the last day: intervals, the last session's end, firmware, the site's other stations."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from bot.domain.capability import Source
from bot.domain.status import ConnectorState
from storage.repositories import intervals
from storage.repositories.station_log import state_of
from storage.tables import station_notes, stations, transactions

MOST_INTERVALS = 200
"""A connector that changes more often in a day than this flaps all the same."""
_INTERVALS = intervals.latest(one_source=True, since=True)
_LAST_STOP = (
    select(transactions.c.reason, transactions.c.ended_at)
    .where(
        transactions.c.station_id == bindparam("at"),
        transactions.c.connector == bindparam("number"),
        transactions.c.ended_at >= bindparam("since"),
    )
    .order_by(transactions.c.ended_at.desc())
    .limit(1)
)
_FIRMWARE = (
    select(station_notes.c.detail, station_notes.c.at)
    .where(
        station_notes.c.station_id == bindparam("at"),
        station_notes.c.what == "firmware_status",
        station_notes.c.at >= bindparam("since"),
    )
    .order_by(station_notes.c.at.desc(), station_notes.c.id.desc())
    .limit(1)
)
_HERE = (
    select(stations.c.operator_id, stations.c.location_id).where(stations.c.id == bindparam("at")).subquery()
)
_NEIGHBOURS = (
    select(stations.c.id, stations.c.last_seen)
    .join(
        _HERE,
        (_HERE.c.operator_id == stations.c.operator_id) & (_HERE.c.location_id == stations.c.location_id),
    )
    .where(stations.c.id != bindparam("at"), stations.c.last_seen.is_not(None))
)
_LEFT = (
    select(station_notes.c.station_id, func.max(station_notes.c.at).label("at"))
    .where(
        station_notes.c.station_id.in_(bindparam("those", expanding=True)),
        station_notes.c.what == "disconnected",
        station_notes.c.at >= bindparam("since"),
    )
    .group_by(station_notes.c.station_id)
)


class Lookback:
    """What is kept of a connector and its surroundings."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def intervals(
        self, station_id: str, connector: int, source: Source, since: datetime
    ) -> tuple[ConnectorState, ...]:
        """The intervals that began since then, the newest first."""
        named = {
            "at": station_id,
            "number": connector,
            "whose": source,
            "moment": since,
            "most": MOST_INTERVALS,
        }
        return tuple(state_of(row) for row in self._connection.execute(_INTERVALS, named))

    def last_stop(self, station_id: str, connector: int, since: datetime) -> tuple[str, datetime] | None:
        """Why and when the last session of the connector ended; OCPP's default reason is Local."""
        named = {"at": station_id, "number": connector, "since": since}
        row = self._connection.execute(_LAST_STOP, named).one_or_none()
        return None if row is None else (row.reason or "Local", row.ended_at)

    def firmware(self, station_id: str, since: datetime) -> tuple[str, datetime] | None:
        """What the station last said of a firmware update."""
        row = self._connection.execute(_FIRMWARE, {"at": station_id, "since": since}).one_or_none()
        return None if row is None else (row.detail, row.at)

    def neighbours(self, station_id: str) -> tuple[tuple[str, datetime], ...]:
        """The other stations of the same location that ever were in contact, and when they last were."""
        rows = self._connection.execute(_NEIGHBOURS, {"at": station_id})
        return tuple((row.id, row.last_seen) for row in rows)

    def left(self, station_ids: Iterable[str], since: datetime) -> dict[str, datetime]:
        """When those of the stations that lost their connection since then did so last."""
        values = {"those": sorted(station_ids), "since": since}
        rows = self._connection.execute(_LEFT, values)
        return {row.station_id: row.at for row in rows}
