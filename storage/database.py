"""Transactions.

A transaction is a plain function of a `UnitOfWork`. It cannot await, so no transaction can stay open across the
network: read, leave, ask, return, write. On PostgreSQL the function runs over asyncpg; on SQLite in a thread that is
the only writer and commits what has queued up meanwhile as one group, each function in a savepoint of its own.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy import make_url

from storage.postgres import PostgresDatabase
from storage.sqlite import SqliteDatabase
from storage.uow import UnitOfWork

T = TypeVar("T")


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
