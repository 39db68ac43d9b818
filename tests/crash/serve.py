"""The service as a process of its own, with short deadlines; everything else is as `run` has it."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from bot import logs
from bot.app import running
from bot.cases.services import Limits
from bot.settings import load_settings


def main(arguments: Sequence[str]) -> None:
    """Serves until it is killed; an agent is late after so many seconds."""
    asyncio.run(_serve(float(arguments[0])))


async def _serve(unanswered: float) -> None:
    settings = load_settings()
    logs.set_up("INFO")
    limits = Limits(agent_takes_within=timedelta(seconds=unanswered))
    async with running(settings, limits=limits) as app:
        await app.failed
