"""The outbox worker: sends what waits, in order within a lane, lanes side by side, each row at least once."""

import asyncio
from datetime import timedelta

import structlog

from bot.cases.services import Services
from bot.delivery.deliver import Deliver
from bot.domain.outgoing import Claimed
from bot.telegram.errors import Refused, SendError, Undelivered
from storage.uow import UnitOfWork

log = structlog.get_logger()
LOOK_EVERY = 1.0
"""Seconds between looks for rows that another process put in or that are due again."""
LEASE = timedelta(seconds=8)
"""How long the rows of a process that died wait for another; a living one renews its leases long before."""
RENEW_EVERY = timedelta(seconds=2)
AT_ONCE = 100
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=5)
GIVE_UP_AFTER = 300
"""Tries where Telegram or a mail server is away; with the longest pause between them that is about a day."""
GIVE_UP_FAULTY_AFTER = 5
"""Tries where our own side fails: what was sent before the failure must not be sent a hundred times."""


class OutboxWorker:
    """Claims rows, sends them, and marks them ended in the same transaction that claims the next."""

    def __init__(self, services: Services, deliver: Deliver) -> None:
        self._services = services
        self._deliver = deliver
        self._running: dict[asyncio.Task[str | None], Claimed] = {}
        self._done: list[tuple[int, str | None]] = []
        self._failed: list[tuple[Claimed, str]] = []
        self._renewed = services.now()

    async def run(self) -> None:
        """Works until it is cancelled."""
        while True:
            try:
                await self._round()
            except Exception:  # A database that is away for a moment must not end the worker.
                log.exception("outbox_failed")
                await asyncio.sleep(LOOK_EVERY)
            await self._something()

    async def drain(self, seconds: float) -> None:
        """Waits for what is being sent, and keeps what came of it."""
        if self._running:
            await asyncio.wait(set(self._running), timeout=seconds)
        self._collect()
        await self._services.database.write(self._settle)

    async def _round(self) -> None:
        self._collect()
        room = AT_ONCE - len(self._running)
        done, failed = list(self._done), list(self._failed)

        def work(uow: UnitOfWork) -> list[Claimed]:
            self._settle(uow)
            self._renew(uow)
            return uow.outbox.claim(self._services.now(), LEASE, room) if room > 0 else []

        claimed = await self._services.database.write(work)
        del self._done[: len(done)], self._failed[: len(failed)]
        for row in claimed:
            self._running[asyncio.create_task(self._send(row))] = row

    def _renew(self, uow: UnitOfWork) -> None:
        now = self._services.now()
        if now - self._renewed >= RENEW_EVERY:
            self._renewed = now
            uow.outbox.renew([row.id for row in self._running.values()], now + LEASE)

    def _settle(self, uow: UnitOfWork) -> None:
        now = self._services.now()
        for key, error in self._done:
            uow.outbox.end([key], now, error)
        for row, error in self._failed:
            most = GIVE_UP_AFTER if error == Undelivered.__name__ else GIVE_UP_FAULTY_AFTER
            if row.attempts >= most:
                uow.outbox.end([row.id], now, error)
                continue
            pause = min(FIRST_PAUSE * 2 ** min(row.attempts, 10), LONGEST_PAUSE)
            uow.outbox.later(row.id, now + pause, error)

    async def _send(self, row: Claimed) -> str | None:
        """What ended the row: None for delivered, else why it is given up. Raises Undelivered to be tried again."""
        try:
            return await self._deliver(row.outgoing)
        except Refused as error:
            log.error("refused", kind=row.outgoing.kind.value, case=row.outgoing.case_id, reason=str(error))
            return str(error)

    def _collect(self) -> None:
        for task in [each for each in self._running if each.done()]:
            row = self._running.pop(task)
            error = task.exception()
            if error is None:
                self._done.append((row.id, task.result()))
                continue
            if isinstance(error, SendError):
                log.info("delivery_put_off", row=row.id, reason=str(error), attempts=row.attempts)
            else:
                log.error("delivery_failed", kind=row.outgoing.kind.value, row=row.id, exc_info=error)
            self._failed.append((row, type(error).__name__))

    async def _something(self) -> None:
        """Returns when a row was put in, a sending ended, or it is time to look again."""
        wake = asyncio.create_task(self._services.wake.outbox.wait())
        try:
            await asyncio.wait(
                {wake, *self._running}, timeout=LOOK_EVERY, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            wake.cancel()
            self._services.wake.outbox.clear()
