"""The emulator as an application of its own, for tests and for a separate process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from . import control, server
from .faults import Faults
from .server import Settings
from .world import World


def create_app(
    world: World, faults: Faults | None = None, settings: Settings | None = None
) -> web.Application:
    """The Bot API and the control API in one application."""
    app = web.Application()
    shared = faults or Faults()
    server.add_routes(app, world, shared, settings)
    control.add_routes(app, world, shared)
    return app


@dataclass(frozen=True, slots=True)
class Served:
    """A running emulator. `url` has no slash at its end; the Bot API stands under `api` and `files`."""

    url: str
    world: World
    faults: Faults

    @property
    def api(self) -> str:
        """The base address in front of a token."""
        return f"{self.url}/bot"

    @property
    def files(self) -> str:
        """The base address of downloads, in front of a token."""
        return f"{self.url}/file/bot"


@asynccontextmanager
async def serve(
    world: World,
    faults: Faults | None = None,
    settings: Settings | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
) -> AsyncIterator[Served]:
    """Serves `world` until the block is left; port 0 takes a free one."""
    shared = faults or Faults()
    runner = web.AppRunner(create_app(world, shared, settings), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        bound = runner.addresses[0][1]
        yield Served(f"http://{host}:{bound}", world, shared)
    finally:
        await runner.cleanup()
