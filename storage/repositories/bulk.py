"""Statements that write many rows at once.

A statement for each row costs more in the driver than in the database, and on SQLite the interpreter's lock is given
up and awaited again at every row, while the loop wants it, too.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import chain

import orjson
from sqlalchemy import Connection

_SIZES = (256, 64, 16, 4, 1)
"""SQLite prepares a text once for each number of rows, so only these numbers occur."""
Row = Sequence[object]


class Bulk:
    """A statement over rows that it knows as the table `told`; `columns` are their names with PostgreSQL's types.

    PostgreSQL can write to two tables in one statement. SQLite cannot: it is given several in its place, which are run
    over the same rows one after the other.
    """

    def __init__(self, statement: str, columns: dict[str, str], *, on_sqlite: Sequence[str] = ()) -> None:
        self._names = ", ".join(columns)
        self._width = len(columns)
        arrays = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(columns.values(), 1))
        self._postgres = f"WITH told({self._names}) AS (SELECT * FROM unnest({arrays})){_joined(statement)}"  # noqa: S608  # Of constants.
        self._on_sqlite = tuple(on_sqlite) or (statement,)
        self._sqlite = cache(self._for_rows)

    def write(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Runs it over all rows, in their order; times must have been made by `time_of`."""
        if not rows:
            return
        if connection.dialect.name == "sqlite":
            for part in _parts(rows):
                values = tuple(chain.from_iterable(part))
                for statement in self._sqlite(len(part)):
                    connection.exec_driver_sql(statement, values)
        else:
            connection.exec_driver_sql(self._postgres, tuple(map(list, zip(*rows, strict=True))))

    def _for_rows(self, count: int) -> tuple[str, ...]:
        row = f"({', '.join('?' * self._width)})"
        head = f"WITH told({self._names}) AS (VALUES {', '.join([row] * count)})"
        return tuple(head + _joined(statement) for statement in self._on_sqlite)


def _joined(statement: str) -> str:
    """A statement behind `told`, where it may bring further tables of that kind itself."""
    return statement if statement.startswith(",") else f" {statement}"


def time_of(connection: Connection) -> Callable[[datetime], object]:
    """Makes of an aware time what the driver takes, as the type `Utc` does; ValueError for a naive one."""
    return _text if connection.dialect.name == "sqlite" else _aware


def _text(moment: datetime) -> str:
    if moment.tzinfo is not UTC:
        moment = _aware(moment).astimezone(UTC)
    # It writes a time several times as fast as `isoformat`, with a T, an offset, and no fraction where that is zero.
    text = orjson.dumps(moment).decode()
    return f"{text[1:11]} {text[12:27]}" if moment.microsecond else f"{text[1:11]} {text[12:20]}.000000"


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a datetime without a time zone")
    return moment


def _parts(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    at = 0
    for size in _SIZES:
        while len(rows) - at >= size:
            yield rows[at : at + size]
            at += size
