"""The inbox: every update once, in order."""

import asyncio
from datetime import timedelta

from storage.database import Database
from storage.repositories.inbox import InboxRow
from storage.repositories.people import Identity
from tests.storage.town import NOW


def row(number: int, payload: bytes = b"{}") -> InboxRow:
    return InboxRow(number, f"telegram:{number % 3}", payload, None, NOW)


async def receive(database: Database, *numbers: int) -> list[int]:
    rows = [row(number) for number in numbers]
    return [new.update_id for new in await database.write(lambda uow: uow.inbox.receive(rows))]


async def test_repetitions_are_dropped_within_a_batch_and_the_order_is_kept(database: Database) -> None:
    assert await receive(database, 7, 3, 7, 9, 3) == [7, 3, 9]


async def test_of_a_repetition_within_a_batch_the_first_counts(database: Database) -> None:
    rows = [row(1, b"first"), row(1, b"second")]
    assert [each.payload for each in await database.write(lambda uow: uow.inbox.receive(rows))] == [b"first"]
    assert [each.payload for each in await database.read(lambda uow: uow.inbox.waiting())] == [b"first"]


async def test_repetitions_are_dropped_across_batches(database: Database) -> None:
    assert await receive(database, 1, 2) == [1, 2]
    assert await receive(database, 2, 3, 1, 4) == [3, 4]
    assert await receive(database, 1, 2, 3, 4) == []
    assert await receive(database) == []


async def test_of_many_who_receive_an_update_at_once_one_has_it(database: Database) -> None:
    await asyncio.gather(
        *(database.read(lambda uow: uow.inbox.waiting()) for _ in range(12))
    )  # Connections stand.
    had = await asyncio.gather(*(receive(database, 5, 6) for _ in range(12)))
    assert sorted(number for numbers in had for number in numbers) == [5, 6]


async def test_a_large_batch_comes_back_whole_and_in_order(database: Database) -> None:
    numbers = list(range(3000, 0, -1))
    assert await receive(database, *numbers) == numbers


async def test_what_is_not_answered_waits_in_the_order_of_arrival(database: Database) -> None:
    await receive(database, 3, 1, 2)
    assert [each.update_id for each in await database.read(lambda uow: uow.inbox.waiting())] == [1, 2, 3]
    await database.write(lambda uow: uow.inbox.answer([1, 3], NOW))
    assert [each.update_id for each in await database.read(lambda uow: uow.inbox.waiting())] == [2]


async def test_a_row_that_waits_is_as_it_was_received(database: Database) -> None:
    person = (await database.write(lambda uow: uow.people.meet([Identity(5, "Lena")])))[5]
    received = InboxRow(1, "telegram:5", b'{"update_id": 1}', person.id, NOW)
    assert await database.write(lambda uow: uow.inbox.receive([received])) == [received]
    assert await database.read(lambda uow: uow.inbox.waiting()) == [received]


async def test_an_update_is_applied_once(database: Database) -> None:
    await receive(database, 1)
    assert await database.write(lambda uow: uow.inbox.apply(1, NOW)) is True
    assert await database.write(lambda uow: uow.inbox.apply(1, NOW)) is False
    assert (await database.read(lambda uow: uow.inbox.waiting()))[0].applied


async def test_of_many_who_apply_an_update_at_once_one_succeeds(database: Database) -> None:
    await receive(database, 1)
    told = await asyncio.gather(*(database.write(lambda uow: uow.inbox.apply(1, NOW)) for _ in range(12)))
    assert sorted(told) == [False] * 11 + [True]


async def test_failed_attempts_are_counted(database: Database) -> None:
    await receive(database, 1)
    for _ in range(2):
        await database.write(lambda uow: uow.inbox.tried(1))
    assert (await database.read(lambda uow: uow.inbox.waiting()))[0].attempts == 2


async def test_only_what_was_answered_long_ago_is_forgotten(database: Database) -> None:
    await receive(database, 1, 2, 3)
    await database.write(lambda uow: uow.inbox.answer([1], NOW - timedelta(days=4)))
    await database.write(lambda uow: uow.inbox.answer([2], NOW))
    assert await database.write(lambda uow: uow.inbox.prune(NOW - timedelta(days=3))) == 1
    assert await receive(database, 1, 2, 3) == [1]
