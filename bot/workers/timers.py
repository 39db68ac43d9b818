"""The clock's worker: claims what is due and does it, each deadline in one transaction."""

import asyncio
from datetime import timedelta

import structlog

from bot.cases import follow_up, ladder
from bot.cases.services import Services
from bot.domain.timer import Timer, TimerKind

log = structlog.get_logger()
LOOK_EVERY = 1.0
"""Seconds between looks: a deadline is told at most this late while the process runs."""
LEASE = timedelta(seconds=15)
MOST = 50


async def run(services: Services) -> None:
    """Works until it is cancelled."""
    ladders: set[asyncio.Task[None]] = set()
    try:
        while True:
            try:
                for timer in await _claimed(services):
                    if timer.kind is TimerKind.LADDER_CLIMBS:
                        # It waits for a station, which must not hold up the deadlines of people.
                        climbing = asyncio.create_task(_climb(services, timer))
                        ladders.add(climbing)
                        climbing.add_done_callback(ladders.discard)
                    else:
                        await _do(services, timer)
            except Exception:  # A database that is away for a moment must not end the worker.
                log.exception("timers_failed")
            await asyncio.sleep(LOOK_EVERY)
    finally:
        # What is cut off goes on in the next process: the ladder and its command are rows.
        for climbing in ladders:
            climbing.cancel()
        await asyncio.gather(*ladders, return_exceptions=True)


async def _claimed(services: Services) -> list[Timer]:
    now = services.now()
    due = await services.database.read(lambda uow: uow.timers.next_due())
    if due is None or due > now:
        return []
    return await services.database.write(lambda uow: uow.timers.claim(now, LEASE, MOST))


async def _climb(services: Services, timer: Timer) -> None:
    try:
        await ladder.climb(services, timer)
    except Exception:  # The lease runs out and the ladder is looked at again.
        log.exception("ladder_failed", ladder=timer.subject, attempts=timer.attempts)


async def _do(services: Services, timer: Timer) -> None:
    try:
        await services.transact(lambda uow: follow_up.fall_due(uow, services, timer))
    except Exception:  # The lease runs out and the deadline is tried again; the others are not held up.
        log.exception("timer_failed", kind=timer.kind.value, subject=timer.subject, attempts=timer.attempts)
    else:
        log.info("timer_done", kind=timer.kind.value, subject=timer.subject)
