"""Statements that write many rows at once.

The rows are handed over as one text, which the database takes apart by itself. Values that are bound one by one cost
more than the writing does, and they cost it in the driver, while it holds the interpreter's lock that the loop wants,
too. The text is made where the rows are made, so that no other thread need look at them.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec.json import Encoder
from sqlalchemy import Connection

Row = Sequence[object]
_encode = Encoder().encode


class Bulk:
    """A statement over rows that it knows as the table `told`.

    `columns` are the names of its columns with PostgreSQL's types, in the order of the values of a row. Those of
    `shared` have one value for all rows. On SQLite there is the column `place`, too: the number of the row, from 0.
    """

    def __init__(self, statement: str, columns: dict[str, str], shared: dict[str, str] | None = None) -> None:
        shared = shared or {}
        names = ", ".join([*shared, *columns])
        # Another table of that kind may be brought by the statement itself.
        rest = statement if statement.startswith(",") else f" {statement}"
        handed = [f"?{number}" for number in range(2, len(shared) + 2)]
        found = [_sqlite_value(place, kind) for place, kind in enumerate(columns.values())]
        values = ", ".join([*handed, *found, "key"])
        self._sqlite = f"WITH told({names}, place) AS (SELECT {values} FROM json_each(?1)){rest}"  # noqa: S608  # Of constants.
        handed = [f"${number}::{kind}" for number, kind in enumerate(shared.values(), 2)]
        found = [f"(value->>{place})::{kind}" for place, kind in enumerate(columns.values())]
        values, rows = ", ".join([*handed, *found]), "json_array_elements($1::text::json)"
        self._postgres = f"WITH told({names}) AS (SELECT {values} FROM {rows}){rest}"  # noqa: S608  # As above.

    def write(self, connection: Connection, rows: str, *shared: object) -> None:
        """Runs it over the rows of a text that `packed` made, in their order."""
        if not rows:
            return
        statement = self._sqlite if connection.dialect.name == "sqlite" else self._postgres
        connection.exec_driver_sql(statement, (rows, *shared))


def packed(rows: Sequence[Row]) -> str:
    """Rows as the text that `Bulk` writes, empty where there are none; times must have been made by `utc`.

    UnicodeEncodeError for a text that is none.
    """
    return _encode(rows).decode() if rows else ""


def utc(moment: datetime) -> datetime:
    """The same moment in UTC; ValueError for a naive one, which could be of any zone."""
    if moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is None:
        raise ValueError("a datetime without a time zone")
    return moment.astimezone(UTC)


def _sqlite_value(place: int, kind: str) -> str:
    """A value of a row; a time as the type `Utc` keeps it: with a blank, without its zone, to the microsecond."""
    value = f"value->>{place}"
    return (
        f"substr(replace(replace({value}, 'T', ' '), 'Z', '.000000'), 1, 26)"
        if kind == "timestamptz"
        else value
    )
