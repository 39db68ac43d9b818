"""A real database of which every test takes back all that it did."""

import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from storage.uow import UnitOfWork

T = TypeVar("T")


class Undone:
    """A `Database` over one connection: each of its transactions is a savepoint within one that never ends.

    To copy the file and to open it anew for each of thousands of cells would take most of their time.
    """

    shared = False

    def __init__(self, path: Path) -> None:
        self._engine = create_engine(f"sqlite+pysqlite:///{path}", poolclass=StaticPool)

        @event.listens_for(self._engine, "connect")
        def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
            assert isinstance(connection, sqlite3.Connection)
            # The driver would begin transactions by itself.
            connection.isolation_level = None
            connection.execute("PRAGMA foreign_keys=ON")

        self._connection: Connection = self._engine.connect()

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator["Undone"]:
        """The database for one test."""
        self._connection.exec_driver_sql("BEGIN")
        try:
            yield self
        finally:
            self._connection.exec_driver_sql("ROLLBACK")

    @contextlib.asynccontextmanager
    async def branch(self) -> AsyncIterator[None]:
        """What is done within it is taken back at its end."""
        self._connection.exec_driver_sql("SAVEPOINT branch")
        try:
            yield
        finally:
            self._connection.exec_driver_sql("ROLLBACK TO branch")
            self._connection.exec_driver_sql("RELEASE branch")

    async def write(self, work: Callable[[UnitOfWork], T]) -> T:
        """See `Database.write`."""
        return self._run(work, keep=True)

    async def read(self, work: Callable[[UnitOfWork], T]) -> T:
        """See `Database.read`; what is written all the same is lost."""
        return self._run(work, keep=False)

    async def close(self) -> None:
        """Nothing: the next test goes on with it."""

    def let_go(self) -> None:
        """Lets go of the file."""
        self._connection.close()
        self._engine.dispose()

    def _run(self, work: Callable[[UnitOfWork], T], *, keep: bool) -> T:
        self._connection.exec_driver_sql("SAVEPOINT work")
        kept = False
        try:
            value = work(UnitOfWork(self._connection))
            kept = keep
        finally:
            if not kept:
                self._connection.exec_driver_sql("ROLLBACK TO work")
            self._connection.exec_driver_sql("RELEASE work")
        return value
