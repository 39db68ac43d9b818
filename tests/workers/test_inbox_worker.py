"""The inbox worker: order within a lane, lanes side by side, failures told, nothing lost by a stop."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.cases.services import Services
from bot.diagnosis.rulebook import load_rulebook
from bot.domain.capability import Capability
from bot.domain.clock import utc_now
from bot.domain.errand import Errand, ErrandAnswer
from bot.domain.remote_action import CommandAnswer, RemoteOrder
from bot.domain.status import StationSnapshot, link_unknown
from bot.workers import inbox
from bot.workers.inbox import InboxWorker, Received
from storage.database import Database

Update = dict[str, object]


class NoStations:
    """A gateway that no test here asks."""

    async def snapshot(
        self, station_id: str, connector: int, *, fresh_within: timedelta | None, deadline: timedelta
    ) -> StationSnapshot:
        return link_unknown(station_id, utc_now())

    def capabilities(self, station_id: str) -> frozenset[Capability]:
        return frozenset()

    async def send(self, order: RemoteOrder) -> CommandAnswer:
        return CommandAnswer.OFFLINE

    async def run(self, errand: Errand) -> ErrandAnswer:
        return ErrandAnswer(CommandAnswer.OFFLINE)


def update(number: int, chat: int, text: str = "hello", **more: object) -> Update:
    sender = {"id": abs(chat), "first_name": f"Person {chat}", "is_bot": False}
    message = {"message_id": number, "chat": {"id": chat}, "from": sender, "text": text}
    return {"update_id": number, "message": message | more}


@dataclass
class Hands:
    """A handler that a test leads: it notes what it began and ended, and can be held or made to fail."""

    begun: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    apologies: list[tuple[int, str]] = field(default_factory=list)
    failing: dict[int, int] = field(default_factory=dict)
    """How often each update fails."""
    held: dict[int, asyncio.Event] = field(default_factory=dict)
    mute: bool = False
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def handle(self, received: Received) -> None:
        number = received.row.update_id
        await self._note(self.begun, number)
        if number in self.held:
            await self.held[number].wait()
        if self.failing.get(number, 0) > 0:
            self.failing[number] -= 1
            raise LookupError("on purpose")
        await self._note(self.ended, number)

    async def apologise(self, received: Received, reference: str) -> None:
        if self.mute:
            raise ConnectionError("Telegram is away")
        self.apologies.append((received.row.update_id, reference))
        async with self.changed:
            self.changed.notify_all()

    async def until(self, *ended: int) -> None:
        async with asyncio.timeout(5), self.changed:
            await self.changed.wait_for(lambda: set(ended) <= set(self.ended))

    async def until_apology(self) -> None:
        async with asyncio.timeout(5), self.changed:
            await self.changed.wait_for(lambda: bool(self.apologies))

    async def until_begun(self, *begun: int) -> None:
        async with asyncio.timeout(5), self.changed:
            await self.changed.wait_for(lambda: set(begun) <= set(self.begun))

    async def _note(self, where: list[int], number: int) -> None:
        where.append(number)
        async with self.changed:
            self.changed.notify_all()


@pytest.fixture
def services(database: Database) -> Services:
    return Services(database, NoStations(), load_rulebook(), utc_now)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
async def worker(services: Services, hands: Hands) -> AsyncIterator[InboxWorker]:
    made = InboxWorker(services, hands.handle, hands.apologise)
    yield made
    for gate in hands.held.values():
        gate.set()
    await made.drain(5)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Failing updates are tried again without the pauses of the real world."""
    monkeypatch.setattr(inbox, "FIRST_PAUSE", 0.005)


async def waiting(services: Services) -> list[int]:
    return [row.update_id for row in await services.database.read(lambda uow: uow.inbox.waiting())]


async def received(worker: InboxWorker, updates: Sequence[Update]) -> None:
    await worker.receive(updates)


async def test_a_lane_keeps_its_order_and_handles_one_at_a_time(worker: InboxWorker, hands: Hands) -> None:
    hands.held[1] = asyncio.Event()
    await received(worker, [update(number, 501) for number in (1, 2, 3)])
    await received(worker, [update(4, 501)])
    await hands.until_begun(1)
    await asyncio.sleep(0.02)
    assert hands.begun == [1], "the next waits until the one before is done"
    hands.held[1].set()
    await hands.until(1, 2, 3, 4)
    assert hands.ended == [1, 2, 3, 4]


async def test_lanes_run_side_by_side(worker: InboxWorker, hands: Hands) -> None:
    hands.held[1] = asyncio.Event()
    await received(worker, [update(1, 501), update(2, 502), update(3, 501)])
    await hands.until(2)
    assert hands.ended == [2]
    hands.held[1].set()
    await hands.until(1, 3)


async def test_topics_of_a_group_are_lanes_of_their_own(worker: InboxWorker, hands: Hands) -> None:
    hands.held[1] = asyncio.Event()
    topics = [update(n, -100, message_thread_id=n, is_topic_message=True) for n in (1, 2)]
    await received(worker, topics)
    await hands.until(2)
    assert 1 not in hands.ended


async def test_an_update_told_twice_is_handled_once(worker: InboxWorker, hands: Hands) -> None:
    await received(worker, [update(1, 501), update(1, 501)])
    await received(worker, [update(1, 501), update(2, 501)])
    await hands.until(2)
    assert hands.begun == [1, 2]


async def test_service_messages_and_what_no_person_did_are_left_out(
    worker: InboxWorker, hands: Hands, services: Services
) -> None:
    noise = update(1, 501, new_chat_title="New")
    nobody: Update = {"update_id": 2, "poll": {}}
    await received(worker, [noise, nobody, update(3, 501)])
    await hands.until(3)
    assert hands.begun == [3]


@pytest.mark.usefixtures("quick")
async def test_a_failing_handler_is_tried_again(worker: InboxWorker, hands: Hands) -> None:
    hands.failing[1] = inbox.TRIES - 1
    await received(worker, [update(1, 501), update(2, 501)])
    await hands.until(1, 2)
    assert hands.begun == [1] * inbox.TRIES + [2]
    assert hands.apologies == []


@pytest.mark.usefixtures("quick")
async def test_what_fails_for_good_is_apologised_for_with_a_reference_and_the_others_go_on(
    worker: InboxWorker, hands: Hands, services: Services
) -> None:
    hands.failing[1] = 99
    await received(worker, [update(1, 501), update(2, 501), update(3, 502)])
    await hands.until(2, 3)
    ((number, reference),) = hands.apologies
    assert number == 1
    assert len(reference) == 8 and int(reference, 16) >= 0
    assert hands.begun.count(1) == inbox.TRIES
    await worker.drain(5)
    assert await waiting(services) == []


@pytest.mark.usefixtures("quick")
async def test_what_cannot_even_be_apologised_for_waits_for_the_next_start(
    worker: InboxWorker, hands: Hands, services: Services
) -> None:
    hands.failing[1] = 99
    hands.mute = True
    await received(worker, [update(1, 501), update(2, 501)])
    await hands.until(2)
    await worker.drain(5)
    assert await waiting(services) == [1]
    (row,) = await services.database.read(lambda uow: uow.inbox.waiting())
    assert row.attempts == 1


async def test_what_is_answered_is_marked_so_and_not_replayed(
    worker: InboxWorker, hands: Hands, services: Services
) -> None:
    await received(worker, [update(1, 501)])
    await hands.until(1)
    await worker.drain(5)
    assert await waiting(services) == []
    assert await InboxWorker(services, hands.handle, hands.apologise).replay() == 0


async def test_nothing_begins_after_the_end_of_a_stop(worker: InboxWorker, hands: Hands) -> None:
    await received(worker, [update(1, 501)])
    await hands.until(1)
    await asyncio.sleep(0)
    assert worker._flush is not None
    await worker.drain(5)
    assert worker._flush is None


async def test_what_a_stop_interrupted_is_handled_after_the_next_start_in_its_order(
    services: Services, hands: Hands
) -> None:
    first = InboxWorker(services, hands.handle, hands.apologise)
    hands.held[1] = asyncio.Event()
    await received(first, [update(1, 501), update(2, 501, "two"), update(3, 502)])
    await hands.until(3)
    await first.drain(0.05)
    assert await waiting(services) == [1, 2]
    hands.held.clear()
    again = Hands()
    second = InboxWorker(services, again.handle, again.apologise)
    assert await second.replay() == 2
    # Telegram tells again what was not acknowledged before the stop.
    await received(second, [update(1, 501), update(2, 501), update(4, 501)])
    await again.until(1, 2, 4)
    assert again.begun == [1, 2, 4]
    await second.drain(5)
    assert await waiting(services) == []


async def test_a_replayed_update_is_what_it_was_and_says_whether_it_was_applied(
    services: Services, hands: Hands
) -> None:
    seen: list[Received] = []

    async def look(received: Received) -> None:
        seen.append(received)

    first = InboxWorker(services, hands.handle, hands.apologise)
    hands.held[1] = asyncio.Event()
    await received(first, [update(1, 501, "Grüße <b>")])
    await hands.until_begun(1)
    await services.database.write(lambda uow: uow.inbox.apply(1, utc_now()))
    await first.drain(0.01)
    second = InboxWorker(services, look, hands.apologise)
    await second.replay()
    await second.drain(5)
    (replayed,) = seen
    assert replayed.update == update(1, 501, "Grüße <b>")
    assert replayed.row.applied
    assert (replayed.person.telegram_id, replayed.person.name) == (501, "Person 501")
