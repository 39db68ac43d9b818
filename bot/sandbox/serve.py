"""`python -m bot run` as the sandbox runs it: the same service, whose clock can be put forward."""

import asyncio
import os
import signal
from pathlib import Path

import uvloop

from bot import interpreter, logs
from bot.app import running
from bot.sandbox.clock import MovableClock
from bot.settings import load_settings

CLOCK = "SANDBOX_CLOCK"
"""The variable of the environment that names the clock's file."""


async def main() -> None:
    """Serves until it is told to end."""
    settings = load_settings()
    logs.set_up(settings.log_level)
    loop = asyncio.get_running_loop()
    stop: asyncio.Future[None] = loop.create_future()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, lambda: None if stop.done() else stop.set_result(None))
    interpreter.set_up()
    async with running(settings, clock=MovableClock(Path(os.environ[CLOCK]))) as app:
        await asyncio.wait({stop, app.failed}, return_when=asyncio.FIRST_COMPLETED)
        if app.failed.done():
            app.failed.result()


if __name__ == "__main__":
    uvloop.run(main())
