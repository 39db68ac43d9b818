"""The service as a process of its own, with short deadlines; everything else is as `run` has it."""

import asyncio
import sys
from datetime import timedelta

from bot import logs
from bot.app import running
from bot.cases.services import Limits
from bot.settings import load_settings


async def main() -> None:
    settings = load_settings()
    logs.set_up("INFO")
    limits = Limits(agent_takes_within=timedelta(seconds=float(sys.argv[1])))
    async with running(settings, limits=limits) as app:
        await app.failed


if __name__ == "__main__":
    asyncio.run(main())
