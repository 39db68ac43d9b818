"""Changes of status: the interval that ends is appended to the others, and the new one takes its place."""

from collections.abc import Sequence

from sqlalchemy import Connection

from storage.repositories.bulk import Bulk

Change = list[object]
"""One row in the order of `_STATE`, and last the moment at which the interval before it ended."""

_KEY = {"station_id": "text", "connector": "int", "source": "text"}
_TOLD = {
    "status": "text",
    "error_code": "text",
    "vendor_error_code": "text",
    "vendor_id": "text",
    "info": "text",
    "started_at": "timestamptz",
    "claimed_at": "timestamptz",
    "heard_at": "timestamptz",
}
_STATE = _KEY | _TOLD
HEARD_AT = 10
"""The place of that column in a change."""

_COLUMNS = ", ".join(_STATE)
_ENDING = ", ".join(f"before.{name}" for name in _STATE)
_BEGINNING = ", ".join(f"told.{name}" for name in _STATE)
_REPLACED = ", ".join(f"{name} = excluded.{name}" for name in (*_TOLD, "previous_id"))
_BEFORE = "connector_states AS before ON " + " AND ".join(f"before.{name} = told.{name}" for name in _KEY)
_ON_CONFLICT = f"ON CONFLICT (station_id, source, connector) DO UPDATE SET {_REPLACED}"
# Every statement here is made of the constants above.
_END = f"""INSERT INTO status_intervals (id, {_COLUMNS}, ended_at, previous_id)
    SELECT told.id, {_ENDING}, told.ended_at, before.previous_id FROM told CROSS JOIN {_BEFORE}"""  # noqa: S608
_BEGIN = f"""INSERT INTO connector_states ({_COLUMNS}, previous_id)
    SELECT {_BEGINNING}, (SELECT ended.id FROM status_intervals AS ended WHERE ended.id = told.id) FROM told
    WHERE true {_ON_CONFLICT}"""  # noqa: S608
_END_AND_BEGIN = f""", ended AS (
        INSERT INTO status_intervals ({_COLUMNS}, ended_at, previous_id)
        SELECT {_ENDING}, told.ended_at, before.previous_id FROM told JOIN {_BEFORE}
        RETURNING id, station_id, connector, source
    )
    INSERT INTO connector_states ({_COLUMNS}, previous_id)
    SELECT {_BEGINNING}, ended.id FROM told LEFT JOIN ended USING (station_id, connector, source)
    {_ON_CONFLICT}"""  # noqa: S608
_CHANGED = Bulk(
    _END_AND_BEGIN, {"id": "bigint"} | _STATE | {"ended_at": "timestamptz"}, on_sqlite=(_END, _BEGIN)
)


def write(connection: Connection, changes: Sequence[Change]) -> None:
    """Keeps changes, each of another connector."""
    number = _last_number(connection) if connection.dialect.name == "sqlite" else 0
    _CHANGED.write(connection, [(number + place, *change) for place, change in enumerate(changes, 1)])


def _last_number(connection: Connection) -> int:
    """SQLite's only writer numbers the intervals here; PostgreSQL does it itself, as it may have several."""
    found: int | None = connection.exec_driver_sql("SELECT max(id) FROM status_intervals").scalar()
    return found or 0
