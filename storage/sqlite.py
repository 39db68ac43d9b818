"""SQLite: one thread writes, one reads, and writes that wait together are committed together."""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from storage.uow import UnitOfWork

T = TypeVar("T")
GROUP = 64
"""How many waiting transactions are committed as one at the most."""


@dataclass(frozen=True, slots=True)
class _Job(Generic[T]):
    work: Callable[[UnitOfWork], T]
    future: asyncio.Future[T]
    loop: asyncio.AbstractEventLoop


@dataclass(frozen=True, slots=True)
class _Done(Generic[T]):
    job: _Job[T]
    value: T | None
    error: BaseException | None

    def tell(self) -> None:
        if self.job.future.cancelled():
            return
        if isinstance(self.error, StopIteration):
            # A future takes no StopIteration, which would also keep the rest of the group from being told.
            self.job.future.set_exception(RuntimeError("the transaction raised StopIteration"))
        elif self.error is not None:
            self.job.future.set_exception(self.error)
        else:
            self.job.future.set_result(self.value)  # type: ignore[arg-type]  # It is T where no error is set.


class SqliteDatabase:
    """A file of SQLite in WAL mode, durable at every commit. One process serves on it."""

    shared = False

    def __init__(self, path: str) -> None:
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._engine = _engine(path)
        self._writer = _Worker(self._engine, "BEGIN IMMEDIATE", "sqlite-writer")
        self._reader = _Worker(self._engine, "BEGIN", "sqlite-reader")

    async def write(self, work: Callable[[UnitOfWork], T]) -> T:
        """See `Database.write`."""
        return await self._writer.run(work)

    async def read(self, work: Callable[[UnitOfWork], T]) -> T:
        """See `Database.read`."""
        return await self._reader.run(work)

    async def close(self) -> None:
        """See `Database.close`."""
        await asyncio.to_thread(self._writer.stop)
        await asyncio.to_thread(self._reader.stop)
        self._engine.dispose()


class _Worker:
    """A thread with a connection of its own and a queue of transactions."""

    def __init__(self, engine: Engine, begin: str, name: str) -> None:
        self._engine = engine
        self._begin = begin
        self._queue: queue.SimpleQueue[_Job[Any] | None] = (
            queue.SimpleQueue()
        )  # Any: jobs differ in their result.
        self._closed = False
        self._entrance = threading.Lock()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    async def run(self, work: Callable[[UnitOfWork], T]) -> T:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        # What came behind the last entry of the queue would never be done, and whoever asked would wait for ever.
        with self._entrance:
            if self._closed:
                raise RuntimeError("the database is closed")
            self._queue.put(_Job(work, future, loop))
        return await future

    def stop(self) -> None:
        with self._entrance:
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        try:
            connection = self._engine.connect()
        except Exception as error:  # noqa: BLE001  # Whoever waits must hear of it.
            self._fail(error)
            return
        with connection:
            running = True
            while running:
                jobs, running = self._take()
                if jobs:
                    _tell(self._group(connection, jobs))

    def _fail(self, error: Exception) -> None:
        running = True
        while running:
            jobs, running = self._take()
            _tell([_Done(job, None, error) for job in jobs])

    def _take(self) -> tuple[list[_Job[Any]], bool]:
        job = self._queue.get()
        jobs: list[_Job[Any]] = []
        while job is not None:
            jobs.append(job)
            if len(jobs) == GROUP:
                return jobs, True
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                return jobs, True
        return jobs, False

    def _group(self, connection: Connection, jobs: Sequence[_Job[Any]]) -> list[_Done[Any]]:
        try:
            connection.exec_driver_sql(self._begin)
            done = [_in_savepoint(connection, job) for job in jobs]
            connection.commit()
        except BaseException as error:  # noqa: BLE001  # The thread must live on, and whoever waits must hear of it.
            connection.rollback()
            return [_Done(job, None, error) for job in jobs]
        return done


def _in_savepoint(connection: Connection, job: _Job[T]) -> _Done[T]:
    connection.exec_driver_sql("SAVEPOINT work")
    try:
        value = job.work(UnitOfWork(connection))
    except BaseException as error:  # noqa: BLE001  # It belongs to whoever asked for this transaction, not to the group.
        connection.exec_driver_sql("ROLLBACK TO work")
        connection.exec_driver_sql("RELEASE work")
        return _Done(job, None, error)
    connection.exec_driver_sql("RELEASE work")
    return _Done(job, value, None)


def _tell(done: Sequence[_Done[Any]]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[_Done[Any]]] = {}
    for each in done:
        by_loop.setdefault(each.job.loop, []).append(each)
    for loop, group in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_tell_all, group)


def _tell_all(group: Sequence[_Done[Any]]) -> None:
    for done in group:
        done.tell()


def _none(value: None) -> None:
    return value


def _engine(path: str) -> Engine:
    # For each None the driver searches for a way to adapt it, which takes four times as long as binding a text does.
    sqlite3.register_adapter(type(None), _none)
    engine = create_engine(
        f"sqlite+pysqlite:///{path}", poolclass=NullPool, connect_args={"check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        # The driver would begin transactions by itself and too late for BEGIN IMMEDIATE.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=10000",
            # What a savepoint would take back is copied page by page; in a file that costs as much as the write itself.
            "temp_store=MEMORY",
            "cache_size=-65536",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine
