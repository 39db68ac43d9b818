"""The control API under `/sandbox/telegram/`: for a page and for tests in other processes."""

import asyncio
import contextlib

import orjson
from aiohttp import web

from . import acts
from .errors import ApiError
from .faults import Fault, Faults
from .model import Body
from .presence import Impossible
from .snapshot import world_view
from .world import World

_KEEP_ALIVE = 15.0
"""Seconds of silence after which the event stream shows that it lives."""


class Control:
    """Shows and moves one world."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults

    async def show_world(self, request: web.Request) -> web.Response:
        """`?messages=N` bounds the messages of each chat (newest kept; default 200)."""
        return _json(world_view(self._world, int(request.query.get("messages", "200"))))

    async def stream_events(self, request: web.Request) -> web.StreamResponse:
        """Changes after `Last-Event-ID` (or `?after=`); without either, those from now on."""
        asked = request.headers.get("Last-Event-ID") or request.query.get("after")
        seen = int(asked) if asked else self._world.journal.number
        headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        # A page that is closed is no error; that it is gone shows at the next change.
        with contextlib.suppress(ConnectionResetError):
            await self._stream(response, seen)
        return response

    async def _stream(self, response: web.StreamResponse, seen: int) -> None:
        journal = self._world.journal
        await response.write(b": connected\n\n")
        while True:
            for change in journal.since(seen):
                seen = change.number
                await response.write(b"id: %d\ndata: %b\n\n" % (seen, orjson.dumps(change.view())))
            try:
                async with asyncio.timeout(_KEEP_ALIVE):
                    while journal.number == seen:
                        await journal.changed()
            except TimeoutError:
                await response.write(b": still here\n\n")

    async def act(self, request: web.Request) -> web.Response:
        """Lets a person do something; 400 with `{"error": ...}` when that is impossible or unknown."""
        try:
            return _json(acts.perform(self._world, await _object(request)))
        except (Impossible, ApiError) as refusal:
            return _json({"error": str(refusal)}, 400)

    async def list_faults(self, request: web.Request) -> web.Response:
        return _json([fault.view() for fault in self._faults.rules])

    async def add_fault(self, request: web.Request) -> web.Response:
        """The JSON is the fields of a Fault; answers the rule with its number."""
        try:
            return _json(self._faults.add(Fault(**await _object(request))).view())
        except (TypeError, ValueError) as refusal:
            return _json({"error": str(refusal)}, 400)

    async def lift_faults(self, request: web.Request) -> web.Response:
        """Lifts the rule `?number=N`, or all."""
        number = request.query.get("number")
        self._faults.clear(int(number) if number else None)
        return _json([])

    async def list_calls(self, request: web.Request) -> web.Response:
        """Calls after number `?after=N`, of `?method=` and `?chat=` if given."""
        after = int(request.query.get("after", "0"))
        method, chat = request.query.get("method", "").lower(), request.query.get("chat", "")
        return _json(
            [
                call.view()
                for call in self._world.journal.calls
                if call.number > after and method in ("", call.method) and chat in ("", call.chat)
            ]
        )

    async def serve_file(self, request: web.Request) -> web.Response:
        stored = self._world.files.by_id.get(request.match_info["file_id"])
        if stored is None:
            return _json({"error": "there is no such file"}, 404)
        return web.Response(body=stored.content, content_type=stored.mime.partition(";")[0])


async def _object(request: web.Request) -> Body:
    # The body is read from the stream because a photo may exceed the application's own limit.
    try:
        read = orjson.loads(await request.content.read())
    except orjson.JSONDecodeError:
        raise Impossible("the body is not JSON") from None
    if not isinstance(read, dict):
        raise Impossible("the body is not a JSON object")
    return read


def _json(body: object, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")


def add_routes(app: web.Application, world: World, faults: Faults) -> None:
    """Mounts the control API into an application that may have other routes."""
    control = Control(world, faults)
    root = "/sandbox/telegram"
    app.router.add_get(f"{root}/world", control.show_world)
    app.router.add_get(f"{root}/events", control.stream_events)
    app.router.add_post(f"{root}/act", control.act)
    app.router.add_get(f"{root}/faults", control.list_faults)
    app.router.add_post(f"{root}/faults", control.add_fault)
    app.router.add_delete(f"{root}/faults", control.lift_faults)
    app.router.add_get(f"{root}/calls", control.list_calls)
    app.router.add_get(f"{root}/file/{{file_id}}", control.serve_file)
