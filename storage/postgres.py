"""PostgreSQL over asyncpg, with as many transactions side by side as the pool has connections."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from storage.uow import UnitOfWork

T = TypeVar("T")
POOL = 16
TRIES = 4
_CONFLICTS = frozenset({"40001", "40P01"})
"""SQLSTATE of a serialization failure and of a deadlock: the same transaction may succeed when it runs again."""


class PostgresDatabase:
    """A PostgreSQL database, read committed; conflicts are tried again."""

    shared = True

    def __init__(self, url: URL) -> None:
        self._engine = create_async_engine(url, pool_size=POOL, max_overflow=0, pool_pre_ping=False)

    async def write(self, work: Callable[[UnitOfWork], T]) -> T:
        """See `Database.write`; `work` may run more than once, each time on a clean transaction."""
        for _ in range(TRIES - 1):
            try:
                return await self._once(work)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in _CONFLICTS:
                    raise
        return await self._once(work)

    async def read(self, work: Callable[[UnitOfWork], T]) -> T:
        """See `Database.read`."""
        return await self._once(work)

    async def close(self) -> None:
        """See `Database.close`."""
        await self._engine.dispose()

    async def _once(self, work: Callable[[UnitOfWork], T]) -> T:
        async with self._engine.begin() as connection:
            return await _run(connection, work)


async def _run(connection: AsyncConnection, work: Callable[[UnitOfWork], T]) -> T:
    return await connection.run_sync(lambda plain: work(UnitOfWork(plain)))
