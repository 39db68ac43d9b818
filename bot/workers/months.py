"""Closing months: what was charged is entered once and never changes."""

import asyncio

import structlog

from bot.domain.clock import Clock
from bot.operations import billing
from storage.database import Database

log = structlog.get_logger()
LOOK_EVERY = 60.0
"""Seconds between looks for a month that is over."""


async def run(database: Database, clock: Clock) -> None:
    """Closes months for as long as the service runs."""
    while True:
        try:
            for statement in await billing.close_due(database, clock()):
                log.info(
                    "month_closed",
                    operator=statement.operator_id,
                    month=str(statement.month),
                    lines=len(statement.lines),
                )
        except Exception:  # The database may be away for a while; the month waits.
            log.exception("months_failed")
        await asyncio.sleep(LOOK_EVERY)
