"""The HTTP entrance: the webhook of Telegram, the stations' WebSocket, health."""

import hmac
from collections.abc import Awaitable, Callable

import orjson
import structlog
from aiohttp import web

from bot.domain.account import MOST_UPDATES
from bot.telegram.incoming import Raw

log = structlog.get_logger()
Receive = Callable[[list[Raw]], Awaitable[None]]
LARGEST_UPDATE = 1024 * 1024


def add_health(app: web.Application, healthy: Callable[[], Awaitable[bool]]) -> None:
    """`/health`: 200 while the database answers, 503 otherwise."""

    async def health(_request: web.Request) -> web.Response:
        good = await healthy()
        return web.json_response({"ok": good}, status=200 if good else 503)

    app.router.add_get("/health", health)


def add_webhook(app: web.Application, secret: str, receive: Receive, path: str = "/telegram") -> None:
    """Takes one bot's updates: each is acknowledged once it is kept; else Telegram sends it again."""

    async def webhook(request: web.Request) -> web.Response:
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            log.warning("webhook_refused", path=path, remote=request.remote)
            return web.Response(status=403)
        try:
            update = orjson.loads(await request.read())
        except orjson.JSONDecodeError:
            return web.Response(status=400)
        if not _is_update(update):
            return web.Response(status=400)
        await receive([update])
        return web.Response()

    app.router.add_post(path, webhook)


def _is_update(found: object) -> bool:
    number = found.get("update_id") if isinstance(found, dict) else None
    return isinstance(number, int) and 0 <= number < MOST_UPDATES


async def listen(app: web.Application, host: str, port: int) -> web.AppRunner:
    """Opens the port; OSError where it is taken."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    return runner
