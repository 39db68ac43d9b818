"""The clock's worker: claims what is due and does it, each deadline in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import structlog

from bot.cases import follow_up, ladder, returning
from bot.cases.services import Services
from bot.domain.timer import Timer, TimerKind

log = structlog.get_logger()
LOOK_EVERY = 1.0
"""Seconds between looks: a deadline is told at most this late while the process runs."""
LEASE = timedelta(seconds=15)
MOST = 50
_LOOKING: Mapping[TimerKind, Callable[[Services, Timer], Awaitable[None]]] = {
    TimerKind.LADDER_CLIMBS: ladder.climb,
    TimerKind.STATION_MAY_BE_BACK: returning.look,
}
"""They wait for a station, which must not hold up the deadlines of people."""


async def run(services: Services) -> None:
    """Works until it is cancelled."""
    looking: set[asyncio.Task[None]] = set()
    try:
        while True:
            try:
                for timer in await _claimed(services):
                    if timer.kind in _LOOKING:
                        look = asyncio.create_task(_look(services, timer))
                        looking.add(look)
                        look.add_done_callback(looking.discard)
                    else:
                        await _do(services, timer)
            except Exception:  # A database that is away for a moment must not end the worker.
                log.exception("timers_failed")
            await asyncio.sleep(LOOK_EVERY)
    finally:
        # What is cut off goes on in the next process: ladders, their commands and timers are rows.
        for look in looking:
            look.cancel()
        await asyncio.gather(*looking, return_exceptions=True)


async def _claimed(services: Services) -> list[Timer]:
    now = services.now()
    due = await services.database.read(lambda uow: uow.timers.next_due())
    if due is None or due > now:
        return []
    return await services.database.write(lambda uow: uow.timers.claim(now, LEASE, MOST))


async def _look(services: Services, timer: Timer) -> None:
    try:
        await _LOOKING[timer.kind](services, timer)
    except Exception:  # The lease runs out and the station is looked at again.
        log.exception("look_failed", kind=timer.kind.value, subject=timer.subject, attempts=timer.attempts)


async def _do(services: Services, timer: Timer) -> None:
    try:
        await services.transact(lambda uow: follow_up.fall_due(uow, services, timer))
    except Exception:  # The lease runs out and the deadline is tried again; the others are not held up.
        log.exception("timer_failed", kind=timer.kind.value, subject=timer.subject, attempts=timer.attempts)
    else:
        log.info("timer_done", kind=timer.kind.value, subject=timer.subject)
