"""The product as it runs, but for one limit: every diagnosis asks the station, however fresh its status is."""

import asyncio
from datetime import timedelta

import uvloop

from bot import logs
from bot.app import running
from bot.cases.services import Limits
from bot.settings import load_settings


async def main() -> None:
    settings = load_settings()
    logs.set_up("WARNING")
    async with running(settings, limits=Limits(status_is_fresh=timedelta(0))) as app:
        await asyncio.shield(app.failed)


if __name__ == "__main__":
    uvloop.run(main())
