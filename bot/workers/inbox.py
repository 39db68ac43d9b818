"""The inbox: every update is a row before it is acknowledged, and is handled once, in the order of its lane."""

import asyncio
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import orjson
import structlog

from bot.cases.services import Services
from bot.domain.account import SHARED, Account
from bot.domain.people import Person
from bot.telegram.incoming import Raw, account_of, identity, is_noise, lane
from storage.repositories.inbox import InboxRow
from storage.uow import UnitOfWork

log = structlog.get_logger()
TRIES = 3
FIRST_PAUSE = 0.5
ANSWERED_FLUSH = 0.05
"""Seconds for which answered updates are gathered before they are marked: a crash repeats a screen at worst."""
PRUNE_EVERY = 3600.0
KEPT = timedelta(days=3)
"""Telegram repeats an update for a day at most."""


@dataclass(frozen=True, slots=True)
class Received:
    """An update on its way to its handler."""

    row: InboxRow
    update: dict[str, Any]  # Any: it is JSON of many shapes, parsed by the handler.
    person: Person

    @property
    def account(self) -> Account:
        """The bot that got it."""
        return account_of(self.row.lane)


Handle = Callable[[Received], Awaitable[None]]
Apologise = Callable[[Received, str], Awaitable[None]]


class InboxWorker:
    """Takes updates in and hands each lane's to the handler, one after the other; lanes run side by side."""

    def __init__(self, services: Services, handle: Handle, apologise: Apologise) -> None:
        self._services = services
        self._handle = handle
        self._apologise = apologise
        self._lanes: dict[str, deque[Received]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._flushes: set[asyncio.Task[None]] = set()
        self._answered: list[int] = []
        self._flush: asyncio.TimerHandle | None = None

    async def receive(self, updates: Sequence[Raw], account: Account = SHARED) -> None:
        """When this returns, a bot's updates are kept; they may be acknowledged. Repetitions are dropped."""
        rows, people = [], {}
        now = self._services.now()
        by_id: dict[int, dict[str, Any]] = {}
        for update in updates:
            who = identity(update)
            if who is None or is_noise(update):
                continue
            key = account.key(update["update_id"])
            people[key] = who
            by_id[key] = dict(update)
            rows.append(InboxRow(key, lane(update, account), orjson.dumps(update), None, now))

        def keep(uow: UnitOfWork) -> list[Received]:
            met = uow.people.meet(people.values())
            known = [replace(row, person_id=met[people[row.update_id].telegram_id].id) for row in rows]
            return [
                Received(row, by_id[row.update_id], met[people[row.update_id].telegram_id])
                for row in uow.inbox.receive(known)
            ]

        if rows:
            for received in await self._services.database.write(keep):
                self._enqueue(received)

    async def replay(self) -> int:
        """Hands out again what was taken in and not answered before the last stop; returns how many."""

        def waiting(uow: UnitOfWork) -> list[Received]:
            return [
                Received(row, orjson.loads(row.payload), uow.people.get(row.person_id))
                for row in uow.inbox.waiting()
                if row.person_id is not None
            ]

        found = await self._services.database.read(waiting)
        for received in found:
            self._enqueue(received)
        return len(found)

    async def drain(self, seconds: float) -> None:
        """Waits for what is being handled; what is not done by then is replayed at the next start."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)
        for task in self._tasks:
            task.cancel()
        # What is being marked must not be cut off, or an answered update would be shown once more.
        if self._flushes:
            await asyncio.wait(set(self._flushes))
        if self._flush is not None:
            # What it would begin after this, nobody would wait for.
            self._flush.cancel()
            self._flush = None
        await self._mark_answered()

    async def keep_small(self) -> None:
        """Forgets old updates from time to time, until it is cancelled."""
        while True:
            try:
                await self.prune()
            except Exception:  # A database that is away for a moment must not end the worker.
                log.exception("pruning_failed")
            await asyncio.sleep(PRUNE_EVERY)

    async def prune(self) -> None:
        """Forgets updates that nobody will repeat any more."""
        before = self._services.now() - KEPT
        await self._services.database.write(lambda uow: uow.inbox.prune(before))

    def _enqueue(self, received: Received) -> None:
        queue = self._lanes.get(received.row.lane)
        if queue is not None:
            queue.append(received)
            return
        self._lanes[received.row.lane] = deque([received])
        task = asyncio.create_task(self._run(received.row.lane))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, name: str) -> None:
        queue = self._lanes[name]
        try:
            while queue:
                received = queue.popleft()
                if await self._tried(received):
                    self._note_answered(received.row.update_id)
        finally:
            del self._lanes[name]

    async def _tried(self, received: Received) -> bool:
        """Whether the update is done with. One that cannot even be apologised for stays for the next start."""
        pause = FIRST_PAUSE
        for left in reversed(range(TRIES)):
            try:
                await self._handle(received)
            except (
                Exception
            ):  # The one place where anything unexpected ends: it gets a reference, nothing is lost.
                reference = secrets.token_hex(4)
                log.exception("update_failed", reference=reference, update=received.row.update_id, left=left)
                if left == 0:
                    return await self._gave_up(received, reference)
                await asyncio.sleep(pause)
                pause *= 4
            else:
                return True
        return False

    async def _gave_up(self, received: Received, reference: str) -> bool:
        try:
            await self._services.database.write(lambda uow: uow.inbox.tried(received.row.update_id))
            await self._apologise(received, reference)
        except (
            Exception
        ):  # The database or Telegram is away: the row stays and is handled after the next start.
            log.exception("apology_failed", reference=reference)
            return False
        return True

    def _note_answered(self, update_id: int) -> None:
        self._answered.append(update_id)
        if self._flush is None:
            self._flush = asyncio.get_running_loop().call_later(ANSWERED_FLUSH, self._start_flush)

    def _start_flush(self) -> None:
        self._flush = None
        task = asyncio.create_task(self._mark_answered())
        self._flushes.add(task)
        task.add_done_callback(self._flushes.discard)

    async def _mark_answered(self) -> None:
        done, self._answered = self._answered, []
        if done:
            now = self._services.now()
            try:
                await self._services.database.write(lambda uow: uow.inbox.answer(done, now))
            except Exception:  # They are answered; the mark is tried again with the next ones.
                log.exception("answers_not_marked", updates=len(done))
                self._answered = done + self._answered
