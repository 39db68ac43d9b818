"""Statements that write many rows at once.

A statement for each row costs more in the driver than in the database, and on SQLite the interpreter's lock is given
up and awaited again at every row, while the loop wants it, too.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import chain, repeat

import orjson
from sqlalchemy import Connection

_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
"""SQLite prepares a text once for each number of rows, so only these numbers occur: what is missing is filled up."""
_MOST = _SIZES[-1]
Row = Sequence[object]


class Bulk:
    """A statement over rows that it knows as the table `told`; `columns` are their names with PostgreSQL's types.

    The first column is never NULL. PostgreSQL can write to two tables in one statement. SQLite cannot: it is given
    several in its place, which are run over the same rows one after the other.
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
            for first in range(0, len(rows), _MOST):
                part = rows[first : first + _MOST]
                size = next(size for size in _SIZES if size >= len(part))
                values = (*chain.from_iterable(part), *repeat(None, (size - len(part)) * self._width))
                for statement in self._sqlite(size):
                    connection.exec_driver_sql(statement, values)
        else:
            connection.exec_driver_sql(self._postgres, tuple(map(list, zip(*rows, strict=True))))

    def _for_rows(self, count: int) -> tuple[str, ...]:
        row = f"({', '.join('?' * self._width)})"
        rows = ", ".join([row] * count)
        head = f"WITH told({self._names}) AS (SELECT * FROM (VALUES {rows}) WHERE column1 IS NOT NULL)"  # noqa: S608  # Of constants.
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
