"""The Bot API over HTTP: `/bot<token>/<method>` and `/file/bot<token>/<path>`."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import orjson
from aiohttp import web

from .errors import NOT_FOUND, UNAUTHORIZED, ApiError
from .faults import Dropped, Fault, Faults, suffer
from .journal import Call
from .limits import Limits
from .methods import call
from .params import Params
from .polling import Polling
from .requests import read_params
from .state import Bot, State
from .webhooks import Deliverer


@dataclass(frozen=True, slots=True)
class Settings:
    """`limits` None leaves Telegram's rate limits out; the pauses, in seconds, lie between redeliveries."""

    limits: Limits | None = None
    first_pause: float = 0.2
    longest_pause: float = 5.0


class BotApi:
    """Answers the calls of all bots of one state."""

    def __init__(self, state: State, faults: Faults, settings: Settings) -> None:
        self._state = state
        self._faults = faults
        self._settings = settings
        self._polling = Polling()
        self._deliverers: dict[int, Deliverer] = {}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One HTTP call of a method."""
        bot = self._state.bots.get(request.match_info["token"])
        if bot is None:
            return _refused(UNAUTHORIZED)
        self._watch(bot)
        try:
            params = await read_params(request)
            result = await self.run(bot, request.match_info["method"].lower(), params)
        except ApiError as refusal:
            return _refused(refusal)
        except Dropped:
            return _dropped(request)
        return web.Response(
            body=orjson.dumps({"ok": True, "result": result}), content_type="application/json"
        )

    async def run(self, bot: Bot, method: str, params: Params) -> object:
        """Carries out one call with its faults and enters it in the journal; raises ApiError or Dropped."""
        journal = self._state.journal
        if method == "getupdates":
            return await self._get_updates(bot, params)
        entry = Call(
            number=journal.next_call_number(),
            time=self._state.clock().timestamp(),
            bot=bot.id,
            method=method,
            chat=params.text("chat_id"),
            thread=params.integer("message_thread_id"),
            ok=False,
            text=params.text("text") or params.text("caption"),
        )
        chat = params.integer("chat_id")
        striking = self._faults.striking(method, chat, bot.id) if self._faults.rules else []
        entry.fault = ",".join(f"{fault.kind}/{fault.when}" for fault in striking)
        try:
            result = await self._carry_out(bot, method, params, entry, striking)
        except ApiError as refusal:
            if not entry.ok:
                entry.code, entry.description = refusal.code, refusal.description
            raise
        finally:
            journal.note_call(entry)
        return result

    async def _carry_out(
        self, bot: Bot, method: str, params: Params, entry: Call, striking: list[Fault]
    ) -> object:
        if striking:
            await suffer(striking, "before")
        if self._settings.limits is not None:
            self._settings.limits.check(self._state, bot, method, params)
        result = call(self._state, bot, method, params)
        entry.ok = True
        if isinstance(result, dict):
            entry.message = result.get("message_id")
        if method == "setwebhook" and bot.webhook.url:
            self._polling.end(bot)
        if striking:
            await suffer(striking, "after")
        return result

    async def _get_updates(self, bot: Bot, params: Params) -> object:
        striking = self._faults.striking("getupdates", None, bot.id) if self._faults.rules else []
        await suffer(striking, "before")
        result = await self._polling.get_updates(bot, params)
        await suffer(striking, "after")
        return result

    async def serve_file(self, request: web.Request) -> web.Response:
        """The bytes behind a file_path."""
        stored = self._state.files.by_path.get(request.match_info["path"])
        if request.match_info["token"] not in self._state.bots:
            return _refused(UNAUTHORIZED)
        if stored is None:
            return _refused(NOT_FOUND)
        return web.Response(body=stored.content, content_type="application/octet-stream")

    async def lifetime(self, app: web.Application) -> AsyncIterator[None]:
        """Runs the webhook deliverers as long as the application runs."""
        self._faults.stand_between(self._state)
        for bot in self._state.bots_by_id.values():
            self._watch(bot)
        yield
        for deliverer in self._deliverers.values():
            await deliverer.stop()

    async def end_waiting(self, _app: web.Application) -> None:
        """Answers who waits for updates, so that the application can stop."""
        self._polling.close()

    def _watch(self, bot: Bot) -> None:
        if bot.id not in self._deliverers:
            pauses = {
                "first_pause": self._settings.first_pause,
                "longest_pause": self._settings.longest_pause,
            }
            self._deliverers[bot.id] = Deliverer(self._state, bot, self._run_quietly, **pauses)
            self._deliverers[bot.id].start()

    async def _run_quietly(self, bot: Bot, method: str, params: Params) -> object:
        try:
            return await self.run(bot, method, params)
        except (ApiError, Dropped):
            # Telegram discards the outcome of a call made in a webhook's reply.
            return None


def _refused(refusal: ApiError) -> web.Response:
    body = orjson.dumps(refusal.envelope())
    return web.Response(status=refusal.code, body=body, content_type="application/json")


def _dropped(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=502)


def add_routes(
    app: web.Application, state: State, faults: Faults | None = None, settings: Settings | None = None
) -> None:
    """Mounts the Bot API into an application that may have other routes."""
    api = BotApi(state, faults or Faults(), settings or Settings())
    app.router.add_route("*", "/bot{token:[^/]+}/{method}", api.handle)
    app.router.add_get("/file/bot{token:[^/]+}/{path:.+}", api.serve_file)
    app.cleanup_ctx.append(api.lifetime)
    app.on_shutdown.append(api.end_waiting)
