"""Changes of status: the interval that ends is appended to the others, and the new one takes its place."""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import Connection

from storage.repositories.bulk import Bulk, packed

Change = list[object]
"""The values of `_PLAIN` where a status begins as it is heard and no vendor says more, otherwise those of `_WHOLE`."""

_KEY = {"station_id": "text", "connector": "int"}
_SOURCE = {"source": "text"}
_PLAIN = _KEY | {
    "status": "text",
    "error_code": "text",
    "claimed_at": "timestamptz",
    "heard_at": "timestamptz",
}
_WHOLE = _PLAIN | {
    "vendor_error_code": "text",
    "vendor_id": "text",
    "info": "text",
    "started_at": "timestamptz",
    "ended_at": "timestamptz",
}
_HEARD_AT = list(_PLAIN).index("heard_at")

_STATE = [name for name in _SOURCE | _WHOLE if name != "ended_at"]
_COLUMNS = ", ".join(_STATE)
_ENDING = ", ".join(f"before.{name}" for name in _STATE)
_REPLACED = ", ".join(
    f"{name} = excluded.{name}" for name in (*_STATE, "previous_id") if name not in _SOURCE | _KEY
)
_BEFORE = "connector_states AS before ON " + " AND ".join(
    f"before.{name} = told.{name}" for name in _SOURCE | _KEY
)
_ON_CONFLICT = f"ON CONFLICT (station_id, source, connector) DO UPDATE SET {_REPLACED}"


def _values(known: dict[str, str]) -> dict[str, str]:
    """Where each column comes from, in a table `told` that has only those `known`."""
    missing = {"started_at": "told.heard_at", "ended_at": "told.heard_at"}
    return {
        name: f"told.{name}" if name in _SOURCE | known else missing.get(name, "NULL")
        for name in _SOURCE | _WHOLE
    }


def _end_and_begin(known: dict[str, str]) -> str:
    values = _values(known)
    # Every statement here is made of the constants above.
    return f""", ended AS (
        INSERT INTO status_intervals ({_COLUMNS}, ended_at, previous_id)
        SELECT {_ENDING}, {values["ended_at"]}, before.previous_id FROM told JOIN {_BEFORE}
        RETURNING id, station_id, connector, source
    )
    INSERT INTO connector_states ({_COLUMNS}, previous_id)
    SELECT {", ".join(values[name] for name in _STATE)}, ended.id
    FROM told LEFT JOIN ended USING (station_id, connector, source)
    {_ON_CONFLICT}"""  # noqa: S608


_CHANGED_PLAINLY = Bulk(_end_and_begin(_PLAIN), _PLAIN, _SOURCE)
_CHANGED = Bulk(_end_and_begin(_WHOLE), _WHOLE, _SOURCE)

# On SQLite a statement writes to one table, and taking the rows apart twice is dearer than a table for their values.
_APART = "CREATE TEMP TABLE IF NOT EXISTS changes (id INTEGER PRIMARY KEY, {})".format(
    ", ".join(f"{name} {'INTEGER' if kind == 'int' else 'TEXT'}" for name, kind in (_SOURCE | _WHOLE).items())
)


def _take_apart(known: dict[str, str]) -> Bulk:
    values = _values(known)
    return Bulk(
        f"INSERT INTO changes (id, {', '.join(values)}) "  # noqa: S608  # As above.
        f"SELECT told.last + told.place + 1, {', '.join(values.values())} FROM told",
        known,
        _SOURCE | {"last": "bigint"},
    )


_TAKE_PLAIN_APART = _take_apart(_PLAIN)
_TAKE_APART = _take_apart(_WHOLE)
_END = f"""INSERT INTO status_intervals (id, {_COLUMNS}, ended_at, previous_id)
    SELECT told.id, {_ENDING}, told.ended_at, before.previous_id
    FROM changes AS told CROSS JOIN {_BEFORE}"""  # noqa: S608
_BEGIN = f"""INSERT INTO connector_states ({_COLUMNS}, previous_id)
    SELECT {", ".join(f"told.{name}" for name in _STATE)}, ended.id
    FROM changes AS told LEFT JOIN status_intervals AS ended ON ended.id = told.id
    WHERE true {_ON_CONFLICT}"""  # noqa: S608
_CLEAR = "DELETE FROM changes"


class PackedChanges(Struct, frozen=True):
    """Changes, each of another connector, as texts; `count` says how many of them are plain."""

    plain: str
    count: int
    others: str

    def write(self, connection: Connection, source: str) -> None:
        """Keeps them."""
        if connection.dialect.name != "sqlite":
            _CHANGED_PLAINLY.write(connection, self.plain, source)
            _CHANGED.write(connection, self.others, source)
            return
        connection.exec_driver_sql(_APART)
        last = _last_number(connection)
        _TAKE_PLAIN_APART.write(connection, self.plain, source, last)
        _TAKE_APART.write(connection, self.others, source, last + self.count)
        for statement in (_END, _BEGIN, _CLEAR):
            connection.exec_driver_sql(statement)


def pack(changes: Sequence[Change]) -> PackedChanges:
    """Changes, each of another connector, as they are written."""
    plain = [change for change in changes if len(change) == len(_PLAIN)]
    others = [change for change in changes if len(change) != len(_PLAIN)]
    return PackedChanges(packed(plain), len(plain), packed(others))


def heard_again(change: Change, now: object) -> None:
    """The status of a change is repeated before it is written."""
    if len(change) == len(_PLAIN):
        began = change[_HEARD_AT]
        change += [None, None, None, began, began]
    change[_HEARD_AT] = now


def _last_number(connection: Connection) -> int:
    """SQLite's only writer numbers the intervals here; PostgreSQL does it itself, as it may have several."""
    found: int | None = connection.exec_driver_sql("SELECT max(id) FROM status_intervals").scalar()
    return found or 0
