"""What stations told: status intervals, sessions, boots and notes. Hot, so it is written in batches."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from bot.domain.capability import Source
from bot.domain.observation import (
    Booted,
    LinkChanged,
    Metered,
    Noted,
    StatusObserved,
    TransactionStarted,
    TransactionStopped,
)
from bot.domain.status import ConnectorState, ConnectorStatus, Transaction
from storage.tables import station_notes, stations, status_intervals, transactions

_ADD_INTERVAL = insert(status_intervals)
_ADD_NOTE = insert(station_notes)
_ADD_TRANSACTION = insert(transactions).returning(transactions.c.id)
_END_INTERVAL = (
    update(status_intervals)
    .where(
        status_intervals.c.station_id == bindparam("at"),
        status_intervals.c.connector == bindparam("number"),
        status_intervals.c.source == bindparam("whose"),
        status_intervals.c.ended_at.is_(None),
    )
    .values(ended_at=bindparam("now"))
)
_HEARD = (
    update(status_intervals)
    .where(
        status_intervals.c.station_id == bindparam("at"),
        status_intervals.c.connector == bindparam("number"),
        status_intervals.c.source == bindparam("whose"),
        status_intervals.c.ended_at.is_(None),
    )
    .values(heard_at=bindparam("now"))
)
_SEEN = update(stations).where(stations.c.id == bindparam("key")).values(last_seen=bindparam("now"))
_SPEAKS = update(stations).where(stations.c.id == bindparam("key")).values(protocol=bindparam("words"))
_CURRENT = select(status_intervals).where(
    status_intervals.c.station_id == bindparam("key"),
    status_intervals.c.source == bindparam("whose"),
    status_intervals.c.ended_at.is_(None),
)
_HISTORY = (
    select(status_intervals)
    .where(
        status_intervals.c.station_id == bindparam("key"),
        status_intervals.c.connector == bindparam("number"),
    )
    .order_by(status_intervals.c.started_at.desc(), status_intervals.c.id.desc())
    .limit(bindparam("most"))
)
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

    def statuses(self, observed: Sequence[StatusObserved], source: Source) -> None:
        """Begins an interval for each status that changed, and lengthens the one that is repeated.

        Each source has intervals of its own: what one says never ends what another said.
        """
        for each in observed:
            state, now = each.state, each.received_at
            where = {"at": each.station_id, "number": state.connector, "whose": source, "now": now}
            if each.changed:
                self._connection.execute(_END_INTERVAL, where)
                self._connection.execute(_ADD_INTERVAL, _interval(each, source))
            else:
                self._connection.execute(_HEARD, where)

    def seen(self, station_id: str, now: datetime) -> None:
        """The station gave a sign of life."""
        self._connection.execute(_SEEN, {"key": station_id, "now": now})

    def booted(self, booted: Booted) -> None:
        """The station started and said what it is."""
        self._connection.execute(
            update(stations)
            .where(stations.c.id == booted.station_id)
            .values(
                vendor=booted.vendor,
                model=booted.model,
                firmware=booted.firmware,
                serial_number=booted.serial_number,
                last_seen=booted.received_at,
            )
        )
        self._note(booted.station_id, booted.received_at, "boot", booted.firmware or "")

    def link_changed(self, change: LinkChanged) -> None:
        """A connection came or went."""
        what = "connected" if change.connected else "disconnected"
        self._note(change.station_id, change.received_at, what, change.protocol or "")
        if change.protocol is not None:
            self._connection.execute(_SPEAKS, {"key": change.station_id, "words": change.protocol})

    def noted(self, noted: Noted) -> None:
        """Something for the history."""
        self._note(noted.station_id, noted.received_at, noted.what, noted.detail)

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
        return tuple(_state(row) for row in self._connection.execute(_CURRENT, named))

    def history(self, station_id: str, connector: int, most: int) -> list[ConnectorState]:
        """The latest intervals of a connector from all sources, the newest first."""
        values = {"key": station_id, "number": connector, "most": most}
        return [_state(row) for row in self._connection.execute(_HISTORY, values)]

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

    def _note(self, station_id: str, at: datetime, what: str, detail: str) -> None:
        values = {"station_id": station_id, "at": at, "what": what, "detail": detail}
        self._connection.execute(_ADD_NOTE, values)


def _interval(observed: StatusObserved, source: Source) -> dict[str, object]:
    state = observed.state
    return {
        "station_id": observed.station_id,
        "connector": state.connector,
        "status": state.status.value,
        "error_code": state.error_code,
        "vendor_error_code": state.vendor_error_code,
        "vendor_id": state.vendor_id,
        "info": state.info,
        "source": source,
        "started_at": state.since,
        "claimed_at": state.claimed_at,
        "heard_at": observed.received_at,
    }


def _state(row: Row[tuple[object, ...]]) -> ConnectorState:
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
