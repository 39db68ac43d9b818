"""Transactions.

A transaction is a plain function of a `UnitOfWork`. It cannot await, so no transaction can stay open across the
network: read, leave, ask, return, write. On PostgreSQL the function runs over asyncpg; on SQLite in a thread that is
the only writer and commits what has queued up meanwhile as one group, each function in a savepoint of its own.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

import asyncpg
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from storage.postgres import PostgresDatabase
from storage.sqlite import SqliteDatabase
from storage.uow import UnitOfWork

T = TypeVar("T")


class DatabaseAway(Exception):
    """The database does not answer, or does not let us in; the text says why in one line."""


class Database(Protocol):
    """Runs transactions."""

    @property
    def shared(self) -> bool:
        """Whether several processes may work on it at once."""
        ...

    async def write(self, work: Callable[[UnitOfWork], T]) -> T:
        """Runs `work` in a transaction and returns once it is durable. What `work` raises rolls back and rises."""
        ...

    async def read(self, work: Callable[[UnitOfWork], T]) -> T:
        """Runs `work` on what is committed; it must not write."""
        ...

    async def close(self) -> None:
        """Finishes what is queued and closes all connections."""
        ...


def open_database(url: str) -> Database:
    """The database of a URL `sqlite+aiosqlite:///path` or `postgresql+asyncpg://…`.

    The driver's name is accepted and not needed. ValueError where the URL names any other kind of database.
    """
    parsed = make_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            return SqliteDatabase(parsed.database or "data/bot.db")
        case "postgresql":
            return PostgresDatabase(parsed.set(drivername="postgresql+asyncpg"))
        case other:
            raise ValueError(f"{other!r} is not a database that this service runs on")


async def reach_database(url: str) -> Database:
    """The database of a URL, and it answers; DatabaseAway where it does not, ValueError as above."""
    try:
        database = open_database(url)
    except OSError as error:
        raise DatabaseAway(str(error)) from error
    try:
        await database.read(lambda uow: uow.connection.exec_driver_sql("SELECT 1").scalar_one())
    except (SQLAlchemyError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        await database.close()
        raise DatabaseAway(_reason(error)) from error
    return database


def _reason(error: Exception) -> str:
    """What the server or the file system said, without what the layers above it have wrapped around it."""
    inner = error.orig if isinstance(error, DBAPIError) else None
    root = (inner.__cause__ or inner) if inner is not None else error
    return (str(root) or type(root).__name__).splitlines()[0]
