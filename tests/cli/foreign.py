"""A small Bot API server by another hand: it shares nothing with the emulator, and lacks what it lacks."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import web

T = TypeVar("T")
Json = dict[str, Any]  # Any: it is JSON of many shapes.
PATIENCE = 10.0


@dataclass
class ForeignServer:
    """Answers the calls of one bot, keeps them, and hands out updates by long polling."""

    token: str = "123:abc"
    calls: list[tuple[str, Json]] = field(default_factory=list)
    answers: dict[str, tuple[int, Json]] = field(default_factory=dict)
    """What a method answers instead of doing its work: the HTTP status and the body."""
    waits: bool = True
    """Whether getUpdates waits for news; some servers do not."""
    url: str = ""
    _updates: list[Json] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    def of(self, method: str) -> list[Json]:
        """The parameters of every call of a method."""
        return [params for name, params in self.calls if name == method]

    async def until(self, probe: Callable[[], T | None]) -> T:
        """The first true value of `probe`, asked at each call; TimeoutError tells what was called."""
        try:
            async with asyncio.timeout(PATIENCE), self._news:
                while not (found := probe()):
                    await self._news.wait()
                return found
        except TimeoutError:
            raise TimeoutError(f"the last calls were {self.calls[-4:]}") from None

    async def until_shown(self, method: str, text: str) -> Json:
        """The parameters of the call that shows the text."""
        return await self.until(lambda: next((c for c in self.of(method) if text in c.get("text", "")), None))

    async def says(self, who: Json, text: str) -> int:
        """A person writes to the bot; the number of the message."""
        number = next(self._numbers)
        chat = {"id": who["id"], "type": "private", "first_name": who["first_name"]}
        message = {"message_id": number, "date": 1_700_000_000, "from": who, "chat": chat, "text": text}
        await self.happens({"message": message})
        return number

    async def taps(self, who: Json, shown: Json, label: str) -> None:
        """A person presses a button of a message, as the bot sent it."""
        keyboard = shown["reply_markup"]["inline_keyboard"]
        data = next(each["callback_data"] for line in keyboard for each in line if label in each["text"])
        chat = {"id": who["id"], "type": "private", "first_name": who["first_name"]}
        message = {"message_id": shown["message_id"], "date": 1_700_000_000, "chat": chat, "text": "…"}
        tap = {"id": f"tap-{next(self._numbers)}", "from": who, "message": message, "data": data}
        await self.happens({"callback_query": tap | {"chat_instance": "1"}})

    async def happens(self, update: Json) -> None:
        """Queues an update."""
        async with self._news:
            self._updates.append({"update_id": next(self._numbers), **update})
            self._news.notify_all()

    async def handle(self, request: web.Request) -> web.Response:
        """One call, with parameters in the address, as JSON or as a form."""
        method = request.match_info["method"]
        if request.match_info["token"] != self.token:
            return _refused(401, "Unauthorized")
        params: Json = dict(request.query)
        if request.content_type == "application/json":
            params |= json.loads(await request.read() or b"{}")
        elif request.can_read_body:
            params |= dict(await request.post())
        if method in self.answers:
            await self._note(method, params)
            status, body = self.answers[method]
            return web.json_response(body, status=status)
        if method == "getUpdates":
            return _done(await self._get_updates(params))
        result = self._result(method, params)
        await self._note(method, params)
        return _refused(404, "Not Found: method not found") if result is None else _done(result)

    async def _note(self, method: str, params: Json) -> None:
        async with self._news:
            self.calls.append((method, params))
            self._news.notify_all()

    def _result(self, method: str, params: Json) -> Any:  # Any: methods answer many shapes.
        match method:
            case "getMe":
                return {"id": 123, "is_bot": True, "first_name": "Support", "username": "support_bot"}
            case "sendMessage":
                params["message_id"] = next(self._numbers)
                return {"message_id": params["message_id"], "date": 1, "chat": {"id": params["chat_id"]}}
            case "editMessageText":
                return {"message_id": params["message_id"], "date": 1, "chat": {"id": params["chat_id"]}}
            case "createForumTopic":
                return {"message_thread_id": next(self._numbers), "name": params["name"], "icon_color": 1}
            case "copyMessage":
                return {"message_id": next(self._numbers)}
            case "setMyCommands" | "deleteWebhook" | "answerCallbackQuery":
                return True
        return None

    async def _get_updates(self, params: Json) -> list[Json]:
        await self._note("getUpdates", params)
        offset = int(params.get("offset", 0))
        # A higher offset acknowledges everything below it; only then is it forgotten.
        self._updates = [each for each in self._updates if each["update_id"] >= offset]

        async def news() -> None:
            async with self._news:
                await self._news.wait_for(lambda: bool(self._updates))

        if self.waits:
            try:
                await asyncio.wait_for(news(), float(params.get("timeout", 0)))
            except TimeoutError:
                return []
        return self._updates[: int(params.get("limit", 100))]


def _done(result: Any) -> web.Response:  # Any: methods answer many shapes.
    return web.json_response({"ok": True, "result": result})


def _refused(code: int, description: str) -> web.Response:
    return web.json_response({"ok": False, "error_code": code, "description": description}, status=code)


@asynccontextmanager
async def serve(server: ForeignServer, port: int = 0) -> AsyncIterator[ForeignServer]:
    """Serves until the block is left."""
    app = web.Application()
    app.router.add_route("*", "/bot{token:[^/]+}/{method}", server.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield server
    finally:
        await runner.cleanup()
