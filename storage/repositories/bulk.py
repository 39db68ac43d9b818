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
    """A statement over rows that it knows as the table `told`.

    `columns` are the names of its columns with PostgreSQL's types; the first is never NULL. Those of `shared` have one
    value for all rows, which is handed over once.
    """

    def __init__(self, statement: str, columns: dict[str, str], shared: dict[str, str] | None = None) -> None:
        shared = shared or {}
        self._statement = _joined(statement)
        self._names = ", ".join(shared | columns)
        self._width = len(columns)
        self._shared = "".join(f"?{number}, " for number in range(1, len(shared) + 1))
        once = "".join(f"${number}::{kind}, " for number, kind in enumerate(shared.values(), 1))
        arrays = ", ".join(
            f"${number}::{kind}[]" for number, kind in enumerate(columns.values(), len(shared) + 1)
        )
        self._postgres = (
            f"WITH told({self._names}) AS (SELECT {once}* FROM unnest({arrays})){self._statement}"  # noqa: S608  # Of constants.
        )
        self._sqlite = cache(self._for_rows)

    def write(self, connection: Connection, rows: Sequence[Row], *shared: object) -> None:
        """Runs it over all rows, in their order; times must have been made by `time_of`."""
        if not rows:
            return
        if connection.dialect.name == "sqlite":
            for first in range(0, len(rows), _MOST):
                part = rows[first : first + _MOST]
                size = next(size for size in _SIZES if size >= len(part))
                missing = repeat(None, (size - len(part)) * self._width)
                connection.exec_driver_sql(
                    self._sqlite(size), (*shared, *chain.from_iterable(part), *missing)
                )
        else:
            connection.exec_driver_sql(self._postgres, (*shared, *map(list, zip(*rows, strict=True))))

    def _for_rows(self, count: int) -> str:
        row = f"({', '.join('?' * self._width)})"
        rows = ", ".join([row] * count)
        found = f"SELECT {self._shared}* FROM (VALUES {rows}) WHERE column1 IS NOT NULL"  # noqa: S608  # Of constants.
        return f"WITH told({self._names}) AS ({found}){self._statement}"


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
