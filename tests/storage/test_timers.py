"""Timers: one per kind and subject, told once."""

import asyncio
from datetime import timedelta

from bot.domain.timer import Timer, TimerKind
from storage.database import Database
from tests.storage.town import NOW

LEASE = timedelta(seconds=15)
AGENT, RATE = TimerKind.LEVEL_DUE, TimerKind.DRIVER_DID_NOT_RATE


async def set_timer(database: Database, subject: int, kind: TimerKind = AGENT, after: float = 0) -> None:
    due = NOW + timedelta(seconds=after)
    await database.write(lambda uow: uow.timers.set(subject, kind, due))


async def claim(database: Database, after: float = 0, most: int = 50) -> list[Timer]:
    return await database.write(lambda uow: uow.timers.claim(NOW + timedelta(seconds=after), LEASE, most))


async def test_a_timer_is_claimed_once_it_is_due_and_not_before(database: Database) -> None:
    await set_timer(database, 1, after=60)
    assert await claim(database, after=59.9) == []
    (timer,) = await claim(database, after=60)
    expected = (AGENT, 1, NOW + timedelta(seconds=60), 1)
    assert (timer.kind, timer.subject, timer.due_at, timer.attempts) == expected


async def test_setting_a_timer_again_moves_it(database: Database) -> None:
    await set_timer(database, 1, after=10)
    await set_timer(database, 1, after=100)
    assert await claim(database, after=50) == []
    assert len(await claim(database, after=100)) == 1


async def test_setting_a_claimed_timer_again_frees_it_and_counts_anew(database: Database) -> None:
    await set_timer(database, 1)
    await claim(database)
    await set_timer(database, 1, after=1)
    assert [timer.attempts for timer in await claim(database, after=1)] == [1]


async def test_kinds_and_subjects_have_timers_of_their_own(database: Database) -> None:
    await set_timer(database, 1, AGENT, 2)
    await set_timer(database, 1, RATE, 1)
    await set_timer(database, 2, AGENT, 0)
    due = [(timer.subject, timer.kind) for timer in await claim(database, after=5)]
    assert due == [(2, AGENT), (1, RATE), (1, AGENT)]


async def test_only_the_timers_that_are_named_are_dropped(database: Database) -> None:
    for subject, kind in ((1, AGENT), (1, RATE), (2, AGENT)):
        await set_timer(database, subject, kind)
    await database.write(lambda uow: uow.timers.drop(1, AGENT))
    assert {(t.subject, t.kind) for t in await claim(database)} == {(1, RATE), (2, AGENT)}
    await database.write(lambda uow: uow.timers.drop(7, AGENT, RATE))


async def test_a_claimed_timer_comes_back_when_its_lease_ran_out(database: Database) -> None:
    await set_timer(database, 1)
    await claim(database)
    assert await claim(database, after=15) == []
    assert [timer.attempts for timer in await claim(database, after=15.1)] == [2]


async def test_released_leases_free_all_timers(database: Database) -> None:
    await set_timer(database, 1)
    await claim(database)
    await database.write(lambda uow: uow.timers.release())
    assert len(await claim(database)) == 1


async def test_no_more_timers_are_claimed_than_asked_for_the_oldest_first(database: Database) -> None:
    for subject in range(5):
        await set_timer(database, subject, after=-subject)
    assert [timer.subject for timer in await claim(database, most=2)] == [4, 3]
    assert [timer.subject for timer in await claim(database, most=2)] == [2, 1]


async def test_a_timer_is_done_once(database: Database) -> None:
    await set_timer(database, 1)
    (timer,) = await claim(database)
    told = await asyncio.gather(*(database.write(lambda uow: uow.timers.done(timer)) for _ in range(5)))
    assert sorted(told) == [False] * 4 + [True]
    assert await claim(database, after=3600) == []
    assert await database.read(lambda uow: uow.timers.next_due()) is None


async def test_the_earliest_deadline_is_known(database: Database) -> None:
    assert await database.read(lambda uow: uow.timers.next_due()) is None
    await set_timer(database, 1, after=60)
    await set_timer(database, 2, after=30)
    assert await database.read(lambda uow: uow.timers.next_due()) == NOW + timedelta(seconds=30)


async def test_two_claimers_at_once_never_get_the_same_timer(database: Database) -> None:
    for subject in range(40):
        await set_timer(database, subject)
    had: list[int] = []

    async def work() -> None:
        while claimed := await claim(database, most=3):
            had.extend(timer.subject for timer in claimed)

    await asyncio.gather(*(work() for _ in range(6)))
    assert sorted(had) == list(range(40))
