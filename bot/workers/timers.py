"""The clock's worker: claims what is due and does it, each deadline in one transaction."""

import asyncio
from datetime import timedelta

import structlog

from bot.cases import follow_up
from bot.cases.services import Services
from bot.domain.timer import Timer

log = structlog.get_logger()
LOOK_EVERY = 1.0
"""Seconds between looks: a deadline is told at most this late while the process runs."""
LEASE = timedelta(seconds=15)
MOST = 50


async def run(services: Services) -> None:
    """Works until it is cancelled."""
    while True:
        try:
            for timer in await _claimed(services):
                await _do(services, timer)
        except Exception:  # A database that is away for a moment must not end the worker.
            log.exception("timers_failed")
        await asyncio.sleep(LOOK_EVERY)


async def _claimed(services: Services) -> list[Timer]:
    now = services.now()
    due = await services.database.read(lambda uow: uow.timers.next_due())
    if due is None or due > now:
        return []
    return await services.database.write(lambda uow: uow.timers.claim(now, LEASE, MOST))


async def _do(services: Services, timer: Timer) -> None:
    try:
        await services.transact(lambda uow: follow_up.fall_due(uow, services, timer))
    except Exception:  # The lease runs out and the deadline is tried again; the others are not held up.
        log.exception("timer_failed", kind=timer.kind.value, subject=timer.subject, attempts=timer.attempts)
    else:
        log.info("timer_done", kind=timer.kind.value, subject=timer.subject)
