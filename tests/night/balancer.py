"""What stands in front of several processes: Telegram knows one address, and one process takes its updates."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from aiohttp import web

_TIMEOUT = aiohttp.ClientTimeout(total=20)


@dataclass
class Balancer:
    """Passes webhooks on to the first process; while it is dead Telegram keeps them, and tries again.

    Another one must not take them meanwhile: the order of a conversation is kept within a process, and what that one
    has received and not handled when it dies, it handles when it is back.
    """

    ports: Sequence[int]
    url: str = ""

    @classmethod
    @asynccontextmanager
    async def serving(cls, ports: Sequence[int]) -> AsyncIterator["Balancer"]:
        """A balancer that listens, as long as the block runs."""
        made = cls(ports)
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            app = web.Application()

            async def handle(request: web.Request) -> web.Response:
                return await made._pass_on(session, request)

            app.router.add_post("/telegram", handle)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            try:
                yield made
            finally:
                await runner.cleanup()

    async def _pass_on(self, session: aiohttp.ClientSession, request: web.Request) -> web.Response:
        body = await request.read()
        url = f"http://127.0.0.1:{self.ports[0]}{request.path}"
        try:
            async with session.post(url, data=body, headers=_kept(request)) as answer:
                return web.Response(status=answer.status, body=await answer.read())
        except (aiohttp.ClientError, TimeoutError):
            return web.Response(status=502)


def _kept(request: web.Request) -> dict[str, str]:
    secret = "X-Telegram-Bot-Api-Secret-Token"
    return {"Content-Type": "application/json", secret: request.headers.get(secret, "")}
