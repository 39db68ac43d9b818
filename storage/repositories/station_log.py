"""What stations told: status intervals, sessions, boots and notes. Hot, so it is written in batches."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from bot.domain.capability import Source
from bot.domain.observation import Metered, TransactionStarted, TransactionStopped
from bot.domain.status import ConnectorState, ConnectorStatus, Transaction
from storage.repositories import intervals, station_batch
from storage.repositories.station_batch import PackedBatch, Told
from storage.tables import connector_states, stations, transactions

_ADD_TRANSACTION = insert(transactions).returning(transactions.c.id)
_CURRENT = select(connector_states).where(
    connector_states.c.station_id == bindparam("key"),
    connector_states.c.source == bindparam("whose"),
)
_HISTORY = intervals.latest(one_source=False, since=False)
_OPEN_TRANSACTIONS = select(transactions).where(
    transactions.c.station_id == bindparam("key"),
    transactions.c.source == bindparam("whose"),
    transactions.c.ended_at.is_(None),
)
_BY_REFERENCE = select(transactions.c.id).where(
    transactions.c.reference == bindparam("name"),
    transactions.c.station_id == bindparam("at"),
    transactions.c.source == bindparam("whose"),
)
_SAME_START = select(transactions.c.id).where(
    transactions.c.station_id == bindparam("at"),
    transactions.c.connector == bindparam("number"),
    transactions.c.id_tag == bindparam("tag"),
    transactions.c.meter_start_wh == bindparam("wh"),
    transactions.c.claimed_at == bindparam("claimed"),
)
# A station that gives no time is taken at its word only while that session runs.
_SAME_OPEN_START = select(transactions.c.id).where(
    transactions.c.station_id == bindparam("at"),
    transactions.c.connector == bindparam("number"),
    transactions.c.id_tag == bindparam("tag"),
    transactions.c.meter_start_wh == bindparam("wh"),
    transactions.c.claimed_at.is_(None),
    transactions.c.ended_at.is_(None),
)
_END_OTHERS = (
    update(transactions)
    .where(
        transactions.c.station_id == bindparam("at"),
        transactions.c.connector == bindparam("number"),
        transactions.c.source == bindparam("whose"),
        transactions.c.ended_at.is_(None),
    )
    .values(ended_at=bindparam("now"), reason="superseded")
)
_STOP = (
    update(transactions)
    .where(transactions.c.id == bindparam("key"), transactions.c.station_id == bindparam("at"))
    .values(ended_at=bindparam("now"), meter_stop_wh=bindparam("wh"), reason=bindparam("why"))
)
_METER = (
    update(transactions)
    .where(
        transactions.c.station_id == bindparam("at"),
        transactions.c.connector == bindparam("number"),
        transactions.c.source == bindparam("whose"),
        transactions.c.ended_at.is_(None),
    )
    .values(
        energy_wh=bindparam("wh"),
        power_w=bindparam("w"),
        soc_percent=bindparam("soc"),
        metered_at=bindparam("now"),
    )
)


class StationLog:
    """The journal of stations."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, told: Sequence[Told], source: Source) -> None:
        """Keeps what stations told, many at once.

        ValueError where one of them cannot be kept. See `keep_batch`.
        """
        self.keep_batch(station_batch.gather(told), source)

    def keep_batch(self, batch: PackedBatch, source: Source) -> None:
        """Keeps what `station_batch.gather` gathered.

        A status that changed begins an interval, one that is repeated lengthens the one that is open. Each source
        has intervals of its own: what one says never ends what another said.
        """
        batch.write(self._connection, source.value)

    def start_transaction(self, started: TransactionStarted, source: Source = Source.OCPP) -> int:
        """Numbers a session; the same start told again has the same number."""
        same = self._same(started, source)
        if same is not None:
            return same
        where = {
            "at": started.station_id,
            "number": started.connector,
            "whose": source,
            "now": started.received_at,
        }
        self._connection.execute(_END_OTHERS, where)
        values = {
            "station_id": started.station_id,
            "connector": started.connector,
            "id_tag": started.id_tag,
            "meter_start_wh": started.meter_start_wh,
            "started_at": started.received_at,
            "claimed_at": started.claimed_at,
            "source": source,
            "reference": started.reference,
        }
        number: int = self._connection.execute(_ADD_TRANSACTION, values).scalar_one()
        return number

    def transaction_named(self, station_id: str, reference: str, source: Source) -> int | None:
        """Our number of the session to which the station or the back end gave this name."""
        named = {"at": station_id, "name": reference, "whose": source}
        found: int | None = self._connection.execute(_BY_REFERENCE, named).scalar()
        return found

    def _same(self, started: TransactionStarted, source: Source) -> int | None:
        if started.reference is not None:
            return self.transaction_named(started.station_id, started.reference, source)
        told: dict[str, object] = {
            "at": started.station_id,
            "number": started.connector,
            "tag": started.id_tag,
            "wh": started.meter_start_wh,
        }
        if started.claimed_at is None:
            found = self._connection.execute(_SAME_OPEN_START, told)
        else:
            found = self._connection.execute(_SAME_START, told | {"claimed": started.claimed_at})
        same: int | None = found.scalar()
        return same

    def stop_transaction(self, stopped: TransactionStopped) -> None:
        """Ends a session."""
        self._connection.execute(
            _STOP,
            {
                "key": stopped.transaction_id,
                "at": stopped.station_id,
                "now": stopped.received_at,
                "wh": stopped.meter_stop_wh,
                "why": stopped.reason,
            },
        )

    def metered(self, metered: Metered, source: Source = Source.OCPP) -> None:
        """The meter of a running session."""
        self._connection.execute(
            _METER,
            {
                "at": metered.station_id,
                "number": metered.connector,
                "whose": source,
                "wh": metered.energy_wh,
                "w": metered.power_w,
                "soc": metered.soc_percent,
                "now": metered.received_at,
            },
        )

    def connectors(self, station_id: str, source: Source = Source.OCPP) -> tuple[ConnectorState, ...]:
        """The last state of each connector, as one source tells it."""
        named = {"key": station_id, "whose": source}
        return tuple(state_of(row) for row in self._connection.execute(_CURRENT, named))

    def history(self, station_id: str, connector: int, most: int) -> list[ConnectorState]:
        """The latest intervals of a connector from all sources, the newest first."""
        values = {"at": station_id, "number": connector, "most": most}
        return [state_of(row) for row in self._connection.execute(_HISTORY, values)]

    def open_transactions(self, station_id: str, source: Source = Source.OCPP) -> tuple[Transaction, ...]:
        """The sessions that did not end, as one source tells it."""
        rows = self._connection.execute(_OPEN_TRANSACTIONS, {"key": station_id, "whose": source})
        return tuple(_transaction(row) for row in rows)

    def identity(self, station_id: str) -> tuple[datetime | None, str | None, str | None, str | None] | None:
        """When the station was last seen, its vendor, model and firmware."""
        columns = (stations.c.last_seen, stations.c.vendor, stations.c.model, stations.c.firmware)
        row = self._connection.execute(select(*columns).where(stations.c.id == station_id)).one_or_none()
        return None if row is None else (row.last_seen, row.vendor, row.model, row.firmware)

    def contact(self, station_id: str) -> tuple[datetime | None, str | None]:
        """When the station was last heard by any source, and what it spoke when it last connected."""
        columns = (stations.c.last_seen, stations.c.protocol)
        row = self._connection.execute(select(*columns).where(stations.c.id == station_id)).one_or_none()
        return (None, None) if row is None else (row.last_seen, row.protocol)


def state_of(row: Row[tuple[object, ...]]) -> ConnectorState:
    """The state that a row of the intervals holds."""
    return ConnectorState(
        row.connector,
        ConnectorStatus(row.status),
        row.error_code,
        row.started_at,
        row.heard_at,
        row.claimed_at,
        row.vendor_error_code,
        row.vendor_id,
        row.info,
    )


def _transaction(row: Row[tuple[object, ...]]) -> Transaction:
    return Transaction(
        row.id,
        row.connector,
        row.started_at,
        row.meter_start_wh,
        row.energy_wh,
        row.power_w,
        row.soc_percent,
        row.metered_at,
        row.reference,
    )
