"""The clock's worker: claims what is due and does it, each deadline in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import structlog

from bot.cases.clock import follow_up, given_up
from bot.cases.drivers import returning, watching
from bot.cases.remote import ladder
from bot.cases.services import Services
from bot.domain.timer import Timer, TimerKind

log = structlog.get_logger()
LOOK_EVERY = 1.0
"""Seconds between looks: a deadline is told at most this late while the process runs."""
LEASE = timedelta(seconds=15)
MOST = 50
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=10)
GIVE_UP_AFTER = 12
"""Tries of a deadline that fails by itself, within about an hour; then people have to look."""
_LOOKING: Mapping[TimerKind, Callable[[Services, Timer], Awaitable[None]]] = {
    TimerKind.LADDER_CLIMBS: ladder.climb,
    TimerKind.STATION_MAY_BE_BACK: returning.look,
    TimerKind.EVSE_MAY_WORK: watching.look,
}
"""They wait for a station, which must not hold up the deadlines of people."""


async def run(services: Services) -> None:
    """Works until it is cancelled."""
    looking: set[asyncio.Task[None]] = set()
    try:
        while True:
            claimed: list[Timer] = []
            try:
                claimed = await _claimed(services)
                for timer in claimed:
                    if timer.kind in _LOOKING:
                        look = asyncio.create_task(_look(services, timer))
                        looking.add(look)
                        look.add_done_callback(looking.discard)
                    else:
                        await _do(services, timer)
            except Exception:  # A database that is away for a moment must not end the worker.
                log.exception("timers_failed")
            # After a night in which nothing ran there is more than one handful.
            await asyncio.sleep(0 if len(claimed) == MOST else LOOK_EVERY)
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
    except Exception:  # The station is looked at again after a pause.
        log.exception("look_failed", kind=timer.kind.value, subject=timer.subject, attempts=timer.attempts)
        await _failed(services, timer)


async def _do(services: Services, timer: Timer) -> None:
    try:
        await services.transact(lambda uow: follow_up.fall_due(uow, services, timer))
    except Exception:  # It is tried again after a pause; the others are not held up.
        log.exception("timer_failed", kind=timer.kind.value, subject=timer.subject, attempts=timer.attempts)
        await _failed(services, timer)
    else:
        log.info("timer_done", kind=timer.kind.value, subject=timer.subject, due=timer.due_at.isoformat())


async def _failed(services: Services, timer: Timer) -> None:
    """Puts a deadline off that has failed, longer each time; at last it is given up, loudly.

    Where not even that can be kept, its lease runs out.
    """
    try:
        if timer.attempts < GIVE_UP_AFTER:
            pause = min(FIRST_PAUSE * 2 ** min(timer.attempts - 1, 10), LONGEST_PAUSE)
            await services.database.write(lambda uow: uow.timers.later(timer, services.now() + pause))
        elif await services.transact(lambda uow: given_up.give_up(uow, services, timer)):
            log.error("timer_given_up", kind=timer.kind.value, subject=timer.subject, attempts=timer.attempts)
    except Exception:  # A database that is away must not hold up the deadlines that were claimed with it.
        log.exception("timer_not_put_off", kind=timer.kind.value, subject=timer.subject)
