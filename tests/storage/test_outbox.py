"""The outbox: in order within a lane, lanes side by side, each row with one worker at a time."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from bot.domain.outgoing import Claimed, Outgoing, OutgoingKind, Param, Priority
from storage.database import Database
from storage.uow import UnitOfWork
from tests.storage.town import NOW

LEASE = timedelta(seconds=8)


def message(lane: str, key: str, priority: Priority = Priority.DRIVER) -> Outgoing:
    return Outgoing(OutgoingKind.DRIVER_NOTICE, lane, lane, key, 1, {"notice": "repaired"}, priority)


async def put(database: Database, *messages: Outgoing) -> None:
    def enter(uow: UnitOfWork) -> None:
        for each in messages:
            uow.outbox.put(each, NOW)

    await database.write(enter)


async def claim(database: Database, after: float = 0, most: int = 100) -> list[Claimed]:
    return await database.write(lambda uow: uow.outbox.claim(NOW + timedelta(seconds=after), LEASE, most))


def keys(claimed: list[Claimed]) -> list[str]:
    return [each.outgoing.dedupe_key for each in claimed]


async def end(database: Database, claimed: list[Claimed]) -> None:
    await database.write(lambda uow: uow.outbox.end([each.id for each in claimed], NOW))


async def test_a_lane_gives_its_rows_one_by_one_in_order(database: Database) -> None:
    await put(database, *(message("a", f"a{number}") for number in range(3)))
    for number in range(3):
        claimed = await claim(database)
        assert keys(claimed) == [f"a{number}"]
        assert await claim(database) == []
        await end(database, claimed)
    assert await claim(database) == []


async def test_a_row_comes_out_as_it_was_put_in(database: Database) -> None:
    params: dict[str, Param] = {
        "notice": "x",
        "rating": 5,
        "late": True,
        "telegram": None,
        "words": 'Lena "ü" 🔌',
    }
    sent = Outgoing(OutgoingKind.EMAIL, "l", "mailto:a@b.c", "k", 7, params, Priority.ESCALATION)
    await put(database, sent)
    assert await claim(database) == [Claimed(1, sent, 1)]


async def test_lanes_do_not_wait_for_each_other(database: Database) -> None:
    await put(database, message("a", "a1"), message("a", "a2"), message("b", "b1"), message("c", "c1"))
    assert keys(await claim(database)) == ["a1", "b1", "c1"]


async def test_the_more_urgent_lane_goes_first_but_never_out_of_its_own_order(database: Database) -> None:
    await put(
        database,
        message("a", "card", Priority.COSMETIC),
        message("b", "driver", Priority.DRIVER),
        message("b", "late alarm", Priority.ESCALATION),
        message("c", "alarm", Priority.ESCALATION),
    )
    assert keys(await claim(database, most=2)) == ["alarm", "driver"]
    assert keys(await claim(database, most=2)) == ["card"]


async def test_a_dedupe_key_is_kept_once_for_good(database: Database) -> None:
    await put(database, message("a", "once"), message("b", "once"))
    claimed = await claim(database)
    assert [each.outgoing.lane for each in claimed] == ["a"]
    await end(database, claimed)
    await put(database, message("a", "once"))
    assert await claim(database) == []
    assert await database.read(lambda uow: uow.outbox.waiting()) == 0


async def test_a_row_waits_until_it_is_due_and_can_be_postponed_until_somebody_has_it(
    database: Database,
) -> None:
    def later(seconds: float) -> Callable[[UnitOfWork], bool]:
        return lambda uow: uow.outbox.postpone("album", NOW + timedelta(seconds=seconds))

    assert not await database.write(later(1)), "there is none yet"
    due = NOW + timedelta(seconds=1)
    for new in (True, False):
        assert await database.write(lambda uow: uow.outbox.put(message("a", "album"), NOW, due)) is new
    assert await database.write(later(2))
    assert await claim(database, after=1.5) == []
    assert keys(await claim(database, after=2)) == ["album"]
    assert not await database.write(later(9)), "it is on its way"


async def test_a_claimed_row_is_not_given_out_again_before_its_lease_ran_out(database: Database) -> None:
    await put(database, message("a", "a1"), message("a", "a2"))
    assert [each.attempts for each in await claim(database)] == [1]
    assert await claim(database, after=8) == []
    again = await claim(database, after=8.1)
    assert (keys(again), [each.attempts for each in again]) == (["a1"], [2])


async def test_a_renewed_lease_keeps_the_row(database: Database) -> None:
    await put(database, message("a", "a1"))
    (row,) = await claim(database)
    await database.write(lambda uow: uow.outbox.renew([row.id], NOW + timedelta(seconds=20)))
    assert await claim(database, after=15) == []
    assert keys(await claim(database, after=21)) == ["a1"]


async def test_released_leases_free_all_rows(database: Database) -> None:
    await put(database, message("a", "a1"), message("b", "b1"))
    await claim(database)
    await database.write(lambda uow: uow.outbox.release())
    assert keys(await claim(database)) == ["a1", "b1"]


async def test_a_row_that_is_put_off_holds_its_lane_and_no_other(database: Database) -> None:
    await put(database, message("a", "a1"), message("a", "a2"), message("b", "b1"))
    first, _ = await claim(database)
    await database.write(lambda uow: uow.outbox.later(first.id, NOW + timedelta(seconds=60), "Undelivered"))
    await database.write(lambda uow: uow.outbox.release())
    assert keys(await claim(database, after=30)) == ["b1"]
    assert keys(await claim(database, after=60)) == ["a1", "b1"]


async def test_a_row_that_is_given_up_lets_the_next_one_pass(database: Database) -> None:
    await put(database, message("a", "a1"), message("a", "a2"))
    (row,) = await claim(database)
    await database.write(lambda uow: uow.outbox.end([row.id], NOW, "blocked"))
    assert keys(await claim(database)) == ["a2"]


async def test_what_falls_due_next_and_how_much_waits_is_known(database: Database) -> None:
    assert await database.read(lambda uow: (uow.outbox.next_due(), uow.outbox.waiting())) == (None, 0)
    await put(database, message("a", "a1"), message("a", "a2"))
    assert await database.read(lambda uow: (uow.outbox.next_due(), uow.outbox.waiting())) == (NOW, 2)
    await end(database, await claim(database))
    assert await database.read(lambda uow: uow.outbox.waiting()) == 1


async def test_two_claimers_at_once_never_get_the_same_row(database: Database) -> None:
    lanes, deep, claimers = 20, 3, 6
    await put(database, *(message(f"lane {n % lanes}", f"{n}") for n in range(lanes * deep)))
    sent: list[str] = []

    async def work() -> None:
        while claimed := await claim(database, most=4):
            sent.extend(keys(claimed))
            await end(database, claimed)

    async with asyncio.timeout(20):
        while await database.read(lambda uow: uow.outbox.waiting()):
            await asyncio.gather(*(work() for _ in range(claimers)))
    assert sorted(sent, key=int) == [f"{n}" for n in range(lanes * deep)]
    for lane in range(lanes):
        of_lane = [key for key in sent if int(key) % lanes == lane]
        assert of_lane == sorted(of_lane, key=int)
