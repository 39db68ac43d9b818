"""Forgetting what stations told long ago; what uptime is reckoned from stays."""

import asyncio
from datetime import timedelta
from functools import partial

import structlog

from bot.domain.clock import Clock
from storage.database import Database
from storage.repositories.history import Old
from storage.uow import UnitOfWork

log = structlog.get_logger()

INTERVALS_KEPT = timedelta(days=400)
"""Uptime is reckoned over the last twelve months (23 CFR 680.116), in whole months, so it needs thirteen."""
AT_ONCE = 500
"""Rows of one transaction, so that no station waits long for its own."""
EVERY = timedelta(hours=6)


async def forget_old(database: Database, clock: Clock, kept: timedelta) -> int:
    """Removes what is older than `kept`, and intervals older than that and than uptime needs; how many rows."""
    now = clock()
    told_before, intervals_before = now - kept, now - max(kept, INTERVALS_KEPT)
    gone = 0
    while True:
        old = await database.read(lambda uow: uow.history.old(told_before, intervals_before, AT_ONCE))
        if not old.count:
            return gone
        await database.write(partial(_forget, old))
        gone += old.count


def _forget(old: Old, uow: UnitOfWork) -> None:
    uow.history.forget(old)


async def run(database: Database, clock: Clock, kept: timedelta) -> None:
    """Forgets now and then, for as long as the service runs."""
    while True:
        try:
            gone = await forget_old(database, clock, kept)
        except Exception:  # The database may be away for a while; old rows can wait.
            log.exception("nothing_forgotten")
        else:
            log.info("old_history_forgotten", rows=gone)
        await asyncio.sleep(EVERY.total_seconds())
