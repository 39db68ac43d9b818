"""Transactions: each alone in what it does, durable once it is told, on both databases."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.domain.people import Person
from storage.database import Database, open_database
from storage.migrations import migrate
from storage.repositories.people import Identity
from storage.sqlite import GROUP
from storage.uow import UnitOfWork


class Torn(Exception):
    """What a work raises on purpose."""


def meet(number: int) -> Identity:
    return Identity(number, f"Person {number}")


def entering(number: int) -> Callable[[UnitOfWork], dict[int, Person]]:
    return lambda uow: uow.people.meet([meet(number)])


async def known(database: Database, number: int) -> Person | None:
    return await database.read(lambda uow: uow.people.by_telegram(number))


async def test_a_work_that_raises_leaves_nothing_behind(database: Database) -> None:
    def torn(uow: UnitOfWork) -> None:
        uow.people.meet([meet(1)])
        assert uow.people.by_telegram(1) is not None
        raise Torn

    with pytest.raises(Torn):
        await database.write(torn)
    assert await known(database, 1) is None


async def test_of_many_concurrent_writes_only_the_one_that_raises_is_rolled_back(database: Database) -> None:
    async def write(number: int) -> int:
        def enter(uow: UnitOfWork) -> int:
            uow.people.meet([meet(number)])
            if number == 17:
                raise Torn
            return number

        return await database.write(enter)

    results = await asyncio.gather(*(write(number) for number in range(1, 101)), return_exceptions=True)
    failed = [number for number, result in enumerate(results, 1) if isinstance(result, Torn)]
    assert failed == [17]
    all_but_one = [number for number in range(1, 101) if number != 17]
    assert [result for result in results if not isinstance(result, Torn)] == all_but_one
    entered = [number for number in range(1, 101) if await known(database, number) is not None]
    assert entered == all_but_one


async def test_sqlite_commits_what_waits_as_one_group_and_takes_only_the_torn_work_out(
    tmp_path: Path,
) -> None:
    database = open_database(f"sqlite:///{tmp_path}/bot.db")
    await migrate(database)
    begun, gate = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def hold(uow: UnitOfWork) -> None:
        loop.call_soon_threadsafe(begun.set)
        gate.wait(5)

    def level(uow: UnitOfWork) -> int:
        """Counts how many works saw the uncommitted rows of those before them."""
        found = sum(uow.people.by_telegram(n) is not None for n in range(1, 10))
        uow.people.meet([meet(found + 1)])
        if found == 3:
            raise Torn
        return found

    first = asyncio.create_task(database.write(hold))
    await begun.wait()
    others = [asyncio.create_task(database.write(level)) for _ in range(6)]
    await asyncio.sleep(0)
    seen_before = await known(database, 1)
    gate.set()
    results = await asyncio.gather(first, *others, return_exceptions=True)
    assert seen_before is None
    # Each sees the rows of its group; the torn one's row is gone, so its successor finds three again and is torn, too.
    assert [type(result) if isinstance(result, Torn) else result for result in results[1:]] == [
        0, 1, 2, Torn, Torn, Torn,
    ]  # fmt: skip
    assert [n for n in range(1, 10) if await known(database, n) is not None] == [1, 2, 3]
    await database.close()


async def test_more_writes_than_one_group_holds_are_all_done(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/bot.db")
    await migrate(database)
    many = GROUP * 2 + 3
    await asyncio.gather(*(database.write(entering(n)) for n in range(1, many + 1)))
    assert await known(database, many) is not None
    assert [n for n in range(1, many + 1) if await known(database, n) is None] == []
    await database.close()


async def test_even_a_stop_iteration_reaches_whoever_asked_and_nobody_else(database: Database) -> None:
    def empty(uow: UnitOfWork) -> int:
        return next(iter([]))

    async with asyncio.timeout(5):
        results = await asyncio.gather(
            database.write(empty),
            database.write(lambda uow: len(uow.people.meet([meet(1)]))),
            return_exceptions=True,
        )
    assert isinstance(results[0], RuntimeError)
    assert results[1] == 1


async def test_a_write_that_nobody_waits_for_any_more_harms_no_other(database: Database) -> None:
    abandoned = asyncio.create_task(database.write(lambda uow: uow.people.meet([meet(1)])))
    await asyncio.sleep(0)
    abandoned.cancel()
    assert len(await database.write(lambda uow: uow.people.meet([meet(2)]))) == 1
    with pytest.raises(asyncio.CancelledError):
        await abandoned


async def test_what_was_written_is_there_after_the_database_is_opened_again(
    database: Database, database_url: str
) -> None:
    person = (await database.write(lambda uow: uow.people.meet([meet(1)])))[1]
    # Opened beside the first, which has not been closed: durable means now, and not at the end.
    again = open_database(database_url)
    assert await known(again, 1) == person
    await again.close()


async def test_a_read_sees_what_a_write_has_just_returned(database: Database) -> None:
    for number in range(1, 21):
        await database.write(entering(number))
        assert await known(database, number) is not None


async def test_a_read_does_not_see_what_is_not_committed(tmp_path: Path) -> None:
    # On PostgreSQL a work runs in the loop itself, so nothing can look on in the middle of it.
    database = open_database(f"sqlite:///{tmp_path}/bot.db")
    await migrate(database)
    begun, gate = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slow(uow: UnitOfWork) -> None:
        uow.people.meet([meet(1)])
        loop.call_soon_threadsafe(begun.set)
        gate.wait(5)

    writing = asyncio.create_task(database.write(slow))
    await begun.wait()
    assert await known(database, 1) is None
    gate.set()
    await writing
    assert await known(database, 1) is not None
    await database.close()


async def test_closing_finishes_the_writes_that_are_queued(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bot.db"
    database = open_database(url)
    await migrate(database)
    queued = [asyncio.create_task(database.write(entering(n))) for n in range(1, 151)]
    await asyncio.sleep(0)
    await database.close()
    assert len(await asyncio.gather(*queued)) == 150
    again = open_database(url)
    assert await known(again, 150) is not None
    await again.close()


async def test_a_write_that_comes_while_it_closes_is_refused_and_not_forgotten(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/bot.db")
    await migrate(database)
    begun, gate = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def hold(uow: UnitOfWork) -> None:
        loop.call_soon_threadsafe(begun.set)
        gate.wait(5)

    held = asyncio.create_task(database.write(hold))
    await begun.wait()
    closing = asyncio.create_task(database.close())
    await asyncio.sleep(0.05)
    late = asyncio.create_task(database.write(lambda uow: uow.people.meet([meet(1)])))
    await asyncio.sleep(0)
    gate.set()
    await held
    await closing
    with pytest.raises(RuntimeError, match="closed"):
        async with asyncio.timeout(2):
            await late


async def test_a_closed_database_takes_nothing_more(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/bot.db")
    await database.close()
    with pytest.raises(RuntimeError, match="closed"):
        await database.write(lambda uow: None)


def test_a_url_of_another_database_is_refused() -> None:
    with pytest.raises(ValueError, match="mysql"):
        open_database("mysql://localhost/bot")
