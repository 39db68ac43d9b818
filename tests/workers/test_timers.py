"""The clock's worker: what fails is tried again and at last given up; two processes never do one thing twice."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from bot.cases.clock import follow_up
from bot.cases.services import Services
from bot.delivery import outbox
from bot.delivery.outbox import OutboxWorker
from bot.diagnosis.rulebook import load_rulebook
from bot.domain.case import CaseState
from bot.domain.operator import Group
from bot.domain.outgoing import Outgoing, OutgoingKind
from bot.domain.rights import Right, Scope
from bot.domain.timer import Timer, TimerKind
from bot.workers import timers
from storage.database import Database, open_database
from storage.repositories.people import Identity
from storage.repositories.staff import Colleague
from storage.uow import UnitOfWork
from tests.storage import town
from tests.workers.test_inbox_worker import NoStations


class Clock:
    """A time that stands until it is put forward."""

    def __init__(self) -> None:
        self.now = town.NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(outbox, "LOOK_EVERY", 0.01)
    # So that one process does not have all lanes in its hands.
    monkeypatch.setattr(outbox, "AT_ONCE", 20)


@pytest.fixture
async def services(database: Database, clock: Clock) -> Services:
    await database.write(town.build)
    return Services(database, NoStations(), load_rulebook(), clock)


@contextlib.asynccontextmanager
async def working(*services: Services) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(timers.run(each)) for each in services]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The deadline of one case fails whenever it is done; the list counts how often it was tried."""
    tried: list[int] = []
    real = follow_up.fall_due

    def fall_due(uow: UnitOfWork, services: Services, timer: Timer) -> None:
        if timer.subject == 1:
            tried.append(timer.attempts)
            raise LookupError("on purpose")
        real(uow, services, timer)

    monkeypatch.setattr(follow_up, "fall_due", fall_due)
    return tried


async def silent_cases(database: Database, count: int) -> None:
    """So many reports whose drivers have fallen silent, and whose deadlines are due."""

    def enter(uow: UnitOfWork) -> None:
        for _ in range(count):
            case = town.new_case(uow, state=CaseState.DIAGNOSING)
            uow.timers.set(case.id, TimerKind.DRIVER_DID_NOT_ANSWER, town.NOW)

    await database.write(enter)


async def closings(database: Database) -> Counter[int]:
    """How often each case was closed."""

    def count(uow: UnitOfWork) -> Counter[int]:
        rows = uow.connection.exec_driver_sql("SELECT case_id FROM case_events WHERE kind = 'closed_by_time'")
        return Counter(row[0] for row in rows)

    return await database.read(count)


async def until(database: Database, check: Callable[[UnitOfWork], bool]) -> None:
    """The database comes to satisfy the check in time."""
    for _ in range(1000):
        if await database.read(check):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came to that")


def left(count: int) -> Callable[[UnitOfWork], bool]:
    """So many deadlines are left."""
    return lambda uow: uow.timers.waiting() == count


async def test_a_deadline_that_fails_is_given_up_loudly_and_holds_up_no_other(
    services: Services, clock: Clock, poison: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    database = services.database

    def admins(uow: UnitOfWork) -> None:
        ada = uow.people.meet([Identity(1001, "Ada")])[1001]
        uow.staff.put_group("graz", Group("Admins", Scope.INSTANCE, frozenset({Right.HOTLINE})))
        uow.staff.put("graz", Colleague(ada.id, 1001, "Ada", groups=("Admins",)))

    await database.write(admins)
    await silent_cases(database, 3)
    monkeypatch.setattr(timers, "GIVE_UP_AFTER", 4)
    tries: list[datetime] = []
    async with working(services):
        while len(tries) < 4:
            if len(poison) > len(tries):
                tries.append(clock.now)
            await asyncio.sleep(0.01)
            clock.now += timedelta(seconds=1)
        await until(database, lambda uow: uow.timers.given_up() == 1)
        clock.now += timedelta(days=1)
        await asyncio.sleep(0.1)
    assert poison == [1, 2, 3, 4]
    assert await closings(database) == Counter([2, 3])
    pauses = [after - before for before, after in pairwise(tries)]
    assert pauses == sorted(pauses)
    assert pauses[0] >= timers.FIRST_PAUSE
    assert pauses[2] >= 4 * timers.FIRST_PAUSE
    numbers = await database.read(lambda uow: uow.health.numbers(clock.now))
    assert (numbers.timers.given_up, numbers.timers.waiting, numbers.timers.oldest) == (1, 0, 0)

    def told(uow: UnitOfWork) -> list[Outgoing]:
        return [each.outgoing for each in uow.outbox.claim(clock.now, timedelta(seconds=9), 9)]

    (notice,) = await database.write(told)
    assert (notice.kind, notice.recipient) == (OutgoingKind.ADMIN_NOTICE, "telegram:1001")
    assert notice.params["deadline"] == "driver_did_not_answer"


async def test_what_was_given_up_is_tried_again_once_it_is_set_anew(services: Services, clock: Clock) -> None:
    database = services.database
    await silent_cases(database, 1)
    (timer,) = await database.write(lambda uow: uow.timers.claim(clock.now, timers.LEASE, 9))
    assert await database.write(lambda uow: uow.timers.give_up(timer, clock.now))
    assert await database.read(lambda uow: uow.timers.next_due()) is None
    await database.write(lambda uow: uow.timers.set(1, TimerKind.DRIVER_DID_NOT_ANSWER, clock.now))
    async with working(services):
        await until(database, left(0))
    assert await closings(database) == Counter([1])


async def test_a_deadline_that_was_moved_while_it_was_claimed_is_another_one(
    services: Services, clock: Clock
) -> None:
    database = services.database
    await silent_cases(database, 1)
    (timer,) = await database.write(lambda uow: uow.timers.claim(clock.now, timers.LEASE, 9))
    later = clock.now + timedelta(hours=1)
    await database.write(lambda uow: uow.timers.set(1, TimerKind.DRIVER_DID_NOT_ANSWER, later))
    for late in (uow_done, uow_later, uow_given_up):
        assert not await database.write(lambda uow, late=late: late(uow, timer, clock.now))  # type: ignore[misc]  # mypy infers no type for a default.
    assert await database.read(lambda uow: uow.timers.due_of(1, TimerKind.DRIVER_DID_NOT_ANSWER)) == later


def uow_done(uow: UnitOfWork, timer: Timer, _now: datetime) -> bool:
    return uow.timers.done(timer)


def uow_later(uow: UnitOfWork, timer: Timer, now: datetime) -> bool:
    return uow.timers.later(timer, now)


def uow_given_up(uow: UnitOfWork, timer: Timer, now: datetime) -> bool:
    return uow.timers.give_up(timer, now)


@pytest.fixture
async def two(database_url: str, clock: Clock) -> AsyncIterator[tuple[Services, Services]]:
    """Two processes' worth of services: each with connections of its own to one PostgreSQL."""
    first, second = (
        Services(open_database(database_url), NoStations(), load_rulebook(), clock) for _ in range(2)
    )
    await first.database.write(town.build)
    yield first, second
    for each in (first, second):
        await each.database.close()


@pytest.mark.parametrize("kind", ["postgresql"])
async def test_of_two_processes_each_does_a_share_of_the_deadlines_and_none_twice(
    two: tuple[Services, Services],
) -> None:
    database = two[0].database
    await silent_cases(database, 300)
    # As if a third process had died with some of them in its hands.
    dead = await database.write(lambda uow: uow.timers.claim(town.NOW, timers.LEASE, 40))
    assert len(dead) == 40
    async with working(*two):
        await until(database, left(40))
        clock = two[0].clock
        assert isinstance(clock, Clock)
        clock.now += timers.LEASE + timedelta(seconds=1)
        await until(database, left(0))
    assert await closings(database) == Counter(range(1, 301))


class Hands:
    """Delivers for one process, and notes what it began and ended."""

    def __init__(self, pause: float) -> None:
        self.begun: list[str] = []
        self.ended: list[str] = []
        self._pause = pause

    async def __call__(self, outgoing: Outgoing) -> str | None:
        self.begun.append(outgoing.dedupe_key)
        await asyncio.sleep(self._pause)
        self.ended.append(outgoing.dedupe_key)
        return None


def letters(uow: UnitOfWork) -> None:
    """Four hundred rows in a hundred lanes."""
    for number in range(400):
        lane = f"telegram:{number % 100}"
        uow.outbox.put(Outgoing(OutgoingKind.ADMIN_NOTICE, lane, lane, f"{number:03}"), town.NOW)


@pytest.mark.parametrize("kind", ["postgresql"])
async def test_of_two_processes_none_sends_what_the_other_has_and_what_a_dead_one_had_is_sent_again(
    two: tuple[Services, Services], clock: Clock
) -> None:
    database = two[0].database
    await database.write(letters)
    hands = (Hands(0.05), Hands(0.01))
    first, second = (
        asyncio.create_task(OutboxWorker(each, deliver).run())  # type: ignore[arg-type]  # It is called, nothing else.
        for each, deliver in zip(two, hands, strict=True)
    )
    await until(database, lambda _uow: len(hands[0].ended) > 40 and len(hands[1].ended) > 40)
    first.cancel()
    # What it had in its hands it has perhaps sent and not kept.
    in_hand = set(hands[0].begun)
    await asyncio.gather(first, return_exceptions=True)
    await asyncio.sleep(0.1)
    clock.now += outbox.LEASE + timedelta(seconds=1)
    await until(database, lambda uow: uow.outbox.waiting() == 0)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    counted = Counter(hands[0].ended + hands[1].ended)
    assert set(counted) == {f"{number:03}" for number in range(400)}
    twice = {key for key, times in counted.items() if times > 1}
    assert twice <= in_hand
    assert len(twice) <= outbox.AT_ONCE, "at most what one process sends at once"
    for lane in range(100):
        wanted = [f"{number:03}" for number in range(lane, 400, 100)]
        seen = [key for key in hands[1].ended if key in wanted]
        assert seen == sorted(seen), "a lane keeps its order"


@pytest.mark.parametrize("kind", ["postgresql"])
async def test_two_processes_that_both_live_send_nothing_twice(two: tuple[Services, Services]) -> None:
    database = two[0].database
    await database.write(letters)
    hands = (Hands(0.01), Hands(0.01))
    workers = [
        asyncio.create_task(OutboxWorker(each, deliver).run())  # type: ignore[arg-type]  # It is called, nothing else.
        for each, deliver in zip(two, hands, strict=True)
    ]
    await until(database, lambda uow: uow.outbox.waiting() == 0)
    for worker in workers:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    assert Counter(hands[0].ended + hands[1].ended) == Counter(f"{number:03}" for number in range(400))
    assert hands[0].ended and hands[1].ended
