"""`python -m bot sandbox`: a local Telegram, simulated stations and the unchanged bot behind one page."""

import asyncio
import errno
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from bot.sandbox.letters import Letters
from bot.sandbox.service import ServiceError
from bot.sandbox.stage import Stage
from bot.sandbox.stations.control import StationControl
from bot.sandbox.telegram import control, server
from bot.sandbox.telegram.faults import Faults
from bot.sandbox.web import Page

FOLDER = Path("data/sandbox")
_HOST = "127.0.0.1"
_FAILED = 1
_WRONG = 2
_LAST_PORT = 65_534


class PortTakenError(Exception):
    """Somebody else listens there; the text is a line for the person who started the sandbox."""


class _Ending:
    """Why a performance ends: `over` for good, or because somebody wants to start `again`."""

    def __init__(self) -> None:
        self.over = False
        self._ended = asyncio.Event()

    def end(self) -> None:
        """Ctrl-C, SIGTERM."""
        self.over = True
        self._ended.set()

    def again(self) -> None:
        """Everything is to start from the beginning."""
        self._ended.set()

    async def wait(self) -> None:
        """Returns when it ends, whatever the reason; the next performance waits anew."""
        await self._ended.wait()
        if not self.over:
            self._ended.clear()


async def run_sandbox(port: int) -> int:
    """Serves the page on this port and the bot on the next until it is told to end; returns the exit code."""
    ending = _Ending()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ending.end)
    try:
        check_ports(port)
        _say("Setting the scene …")
        while not ending.over:
            await _perform(port, ending)
    except PortTakenError as taken:
        return _fail(str(taken), _WRONG)
    except ServiceError as failure:
        return _fail(str(failure), _FAILED)
    return 0


def check_ports(port: int) -> None:
    """PortTakenError where the port of the page, or the next one for the bot, is not free."""
    if not 0 < port <= _LAST_PORT:
        raise PortTakenError(f"--port must lie between 1 and {_LAST_PORT}.")
    for number, whose in ((port, "the page"), (port + 1, "the bot")):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((_HOST, number))
            except OSError as error:
                why = "is taken" if error.errno == errno.EADDRINUSE else "cannot be opened"
                raise PortTakenError(
                    f"Port {number} (for {whose}) {why}. Choose another: python -m bot sandbox --port PORT"
                ) from error


async def _perform(port: int, ending: _Ending) -> None:
    stage = Stage(port, FOLDER)
    async with _served(stage, port, ending):
        beginning = asyncio.create_task(stage.begin())
        waiting = asyncio.create_task(ending.wait())
        try:
            await asyncio.wait({beginning, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if beginning.done():
                beginning.result()
                _say(f"The sandbox is open: http://{_HOST}:{port}  (Ctrl-C ends it)")
            await waiting
        finally:
            for task in (beginning, waiting):
                task.cancel()
            await asyncio.gather(beginning, waiting, return_exceptions=True)
            await stage.end()


@asynccontextmanager
async def _served(stage: Stage, port: int, ending: _Ending) -> AsyncIterator[None]:
    app, faults = web.Application(), Faults()
    server.add_routes(app, stage.world, faults)
    control.add_routes(app, stage.world, faults)
    StationControl(stage.fleet).add_routes(app)
    Letters(stage.post_office).add_routes(app)
    Page(stage, ending.again).add_routes(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, _HOST, port).start()
        yield
    finally:
        await runner.cleanup()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _fail(line: str, code: int) -> int:
    sys.stderr.write(line + "\n")
    return code
