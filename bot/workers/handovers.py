"""Cases of stations whose service has ended otherwise than in the chat are handed over, too."""

import asyncio

import structlog

from bot.cases.drivers import handover
from bot.cases.services import Services

log = structlog.get_logger()
LOOK_EVERY = 30.0
"""Seconds between looks: the operator's file is applied by another process, which cannot do it itself."""


async def run(services: Services) -> None:
    """Looks for such cases for as long as the service runs."""
    while True:
        try:
            if await services.database.read(lambda uow: uow.cases.stations_left_behind()):
                stations = await services.transact(lambda uow: handover.left_behind(uow, services))
                log.info("cases_handed_over", stations=stations)
        except Exception:  # The database may be away for a while; the cases wait.
            log.exception("handovers_failed")
        await asyncio.sleep(LOOK_EVERY)
