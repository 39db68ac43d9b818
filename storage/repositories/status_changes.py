"""Changes of status: the interval that ends is appended to the others, and the new one takes its place."""

from collections.abc import Sequence

from sqlalchemy import Connection

from storage.repositories.bulk import Bulk, Row

Change = list[object]
"""One row in the order of `_TOLD`, and last the moment at which the interval before it ended."""

_KEY = {"station_id": "text", "connector": "int"}
_SOURCE = {"source": "text"}
_STATUS = {"status": "text", "error_code": "text"}
_VENDORS = {"vendor_error_code": "text", "vendor_id": "text", "info": "text"}
_HEARD = {"claimed_at": "timestamptz", "heard_at": "timestamptz"}
_TOLD = _KEY | _STATUS | _VENDORS | {"started_at": "timestamptz"} | _HEARD
_ENDED = {"ended_at": "timestamptz"}
_ID = {"id": "bigint"}
HEARD_AT = 9
"""The place of that column in a change."""

_STATE = _SOURCE | _TOLD
_COLUMNS = ", ".join(_STATE)
_ENDING = ", ".join(f"before.{name}" for name in _STATE)
_BEGINNING = ", ".join(f"told.{name}" for name in _STATE)
_REPLACED = ", ".join(
    f"{name} = excluded.{name}" for name in (*_STATE, "previous_id") if name not in _SOURCE | _KEY
)
_BEFORE = "connector_states AS before ON " + " AND ".join(
    f"before.{name} = told.{name}" for name in _SOURCE | _KEY
)
_ON_CONFLICT = f"ON CONFLICT (station_id, source, connector) DO UPDATE SET {_REPLACED}"
# Every statement here is made of the constants above.
_END_AND_BEGIN = f""", ended AS (
        INSERT INTO status_intervals ({_COLUMNS}, ended_at, previous_id)
        SELECT {_ENDING}, told.ended_at, before.previous_id FROM told JOIN {_BEFORE}
        RETURNING id, station_id, connector, source
    )
    INSERT INTO connector_states ({_COLUMNS}, previous_id)
    SELECT {_BEGINNING}, ended.id FROM told LEFT JOIN ended USING (station_id, connector, source)
    {_ON_CONFLICT}"""  # noqa: S608
_END = f"""INSERT INTO status_intervals (id, {_COLUMNS}, ended_at, previous_id)
    SELECT told.id, {_ENDING}, told.ended_at, before.previous_id FROM told CROSS JOIN {_BEFORE}"""  # noqa: S608
_BEGIN = f"""INSERT INTO connector_states ({_COLUMNS}, previous_id)
    SELECT {{beginning}}, (SELECT ended.id FROM status_intervals AS ended WHERE ended.id = told.id) FROM told
    WHERE true {_ON_CONFLICT}"""  # noqa: S608
_PLAIN = ", ".join(
    "NULL" if name in _VENDORS else "told.heard_at" if name == "started_at" else f"told.{name}"
    for name in _STATE
)
_CHANGED = Bulk(_END_AND_BEGIN, _TOLD | _ENDED, _SOURCE)
# On SQLite a statement writes to one table, and each value that it is handed costs: none gets more than it needs.
_ENDS = Bulk(_END, _ID | _KEY | _ENDED, _SOURCE)
_BEGINS = Bulk(_BEGIN.format(beginning=_BEGINNING), _ID | _TOLD, _SOURCE)
_BEGINS_PLAIN = Bulk(_BEGIN.format(beginning=_PLAIN), _ID | _KEY | _STATUS | _HEARD, _SOURCE)


def write(connection: Connection, changes: Sequence[Change], source: str) -> None:
    """Keeps changes, each of another connector."""
    if connection.dialect.name == "sqlite":
        _write_apart(connection, changes, source)
    else:
        _CHANGED.write(connection, changes, source)


def _write_apart(connection: Connection, changes: Sequence[Change], source: str) -> None:
    """Ends all, and then begins; nearly all of them are plain: new as they were heard, without a vendor's words."""
    ends: list[Row] = []
    plain: list[Row] = []
    others: list[Row] = []
    for number, change in enumerate(changes, _last_number(connection) + 1):
        station, connector, status, error_code, code, vendor, info, started_at, claimed_at, heard_at, at = (
            change
        )
        ends.append((number, station, connector, at))
        if started_at is heard_at and code is None and vendor is None and info is None:
            plain.append((number, station, connector, status, error_code, claimed_at, heard_at))
        else:
            others.append((number, *change[:-1]))
    _ENDS.write(connection, ends, source)
    _BEGINS_PLAIN.write(connection, plain, source)
    _BEGINS.write(connection, others, source)


def _last_number(connection: Connection) -> int:
    """SQLite's only writer numbers the intervals here; PostgreSQL does it itself, as it may have several."""
    found: int | None = connection.exec_driver_sql("SELECT max(id) FROM status_intervals").scalar()
    return found or 0
