"""Insert-or-something statements, which SQLite and PostgreSQL spell alike but SQLAlchemy keeps apart.

They are built once for each table and kept: building one takes several times as long as running it.
"""

from collections.abc import Mapping
from functools import cache

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

Insert = sqlite.Insert | postgresql.Insert


def insert_new(connection: Connection, table: Table) -> Insert:
    """An INSERT that leaves a row which is there already as it is."""
    return _insert_new(connection.dialect.name, table)


def insert_returning_new(connection: Connection, table: Table, key: str) -> ReturningInsert[int]:
    """The same, which returns the `key` of each row that was not there."""
    return _insert_returning_new(connection.dialect.name, table, key)


def insert_or_change(
    connection: Connection, table: Table, keys: tuple[str, ...], changed: tuple[str, ...]
) -> Insert:
    """An INSERT that changes the columns `changed` of the row which has the same `keys` already."""
    return _insert_or_change(connection.dialect.name, table, keys, changed)


def put(connection: Connection, table: Table, values: Mapping[str, object]) -> None:
    """Inserts a row, or changes the one with its primary key."""
    keys = tuple(column.name for column in table.primary_key.columns)
    rest = tuple(name for name in values if name not in keys)
    if rest:
        connection.execute(insert_or_change(connection, table, keys, rest), values)
    else:
        connection.execute(insert_new(connection, table), values)


def _plain(dialect: str, table: Table) -> Insert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


@cache
def _insert_new(dialect: str, table: Table) -> Insert:
    return _plain(dialect, table).on_conflict_do_nothing()


@cache
def _insert_returning_new(dialect: str, table: Table, key: str) -> ReturningInsert[int]:
    return _insert_new(dialect, table).returning(table.c[key])


@cache
def _insert_or_change(dialect: str, table: Table, keys: tuple[str, ...], changed: tuple[str, ...]) -> Insert:
    statement = _plain(dialect, table)
    wanted = {name: statement.excluded[name] for name in changed}
    return statement.on_conflict_do_update(index_elements=list(keys), set_=wanted)
