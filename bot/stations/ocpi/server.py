"""Our side of OCPI: every request is let in by its token, answered in an envelope, and never with a 500 for bad input.

One route takes all paths below `/ocpi`, so that what OCPI says of wrong tokens, methods and paths holds everywhere, and
doubled or trailing slashes lead where they are meant to.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

import orjson
import structlog
from aiohttp import web

from bot.domain.clock import Clock
from bot.domain.ocpi import JsonObject, Peer
from bot.stations.ocpi.contacts import Contacts
from bot.stations.ocpi.store import OcpiStore
from bot.stations.ocpi.tokens import is_shown, shown_in
from bot.stations.ocpi.wire import VERSION, StatusCode, Unusable, envelope, parse

log = structlog.get_logger()

LARGEST_REQUEST = 1024 * 1024
"""Bytes; one location with all its EVSEs."""
_ROOT = "/ocpi"
_BODY_WITHIN = 20.0
_ECHOED = ("X-Request-ID", "X-Correlation-ID")
_LONGEST_ID = 128
_WITH_BODY = frozenset({"PUT", "POST", "PATCH"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was let in. `path` is what follows the name of the module; `body` None where there is none."""

    peer: Peer
    path: tuple[str, ...]
    body: object


@dataclass(frozen=True, slots=True)
class Told:
    """What is answered. `http` is the status of HTTP, which is 200 also for most of what OCPI calls an error."""

    data: object = None
    code: StatusCode = StatusCode.OK
    message: str | None = None
    http: int = 200


Handler = Callable[[Asked], Awaitable[Told]]


@dataclass(frozen=True, slots=True)
class Module:
    """A module that we serve: a handler for each method. `open` lets in a peer whose registration is under way.

    `role` is None for what is not listed among the endpoints.
    """

    handlers: Mapping[str, Handler]
    role: str | None = None
    open: bool = False


NOT_FOUND = Told(code=StatusCode.CLIENT_ERROR, message="there is nothing here", http=404)


class OcpiServer:
    """Serves the modules that it is given, and the versions, under a base URL without a slash at its end."""

    def __init__(
        self, store: OcpiStore, contacts: Contacts, clock: Clock, base_url: str, modules: Mapping[str, Module]
    ) -> None:
        self._store = store
        self._contacts = contacts
        self._clock = clock
        self._base_url = base_url
        self._modules = modules

    def add_routes(self, app: web.Application) -> None:
        """Serves everything below `/ocpi`."""
        app.router.add_route("*", _ROOT + "{path:(/.*)?}", self._serve)

    async def _serve(self, request: web.Request) -> web.Response:
        peer = await self._peer(request)
        if peer is None:
            log.info("ocpi_refused", remote=request.remote, path=request.path[:80])
            told = Told(code=StatusCode.CLIENT_ERROR, message="no such token", http=401)
            return self._response(request, told)
        await self._contacts.good(peer.id)
        try:
            told = await self._told(request, peer)
        except Unusable as error:
            told = Told(code=StatusCode.WRONG_PARAMETERS, message=f"missing or wrong: {error}")
        except Exception:  # The peer is told in the form that it understands, and may try again.
            log.exception("ocpi_request_failed", peer=peer.id, method=request.method, path=request.path[:80])
            told = Told(code=StatusCode.SERVER_ERROR, message="this failed here", http=500)
        log.info(
            "ocpi_request", peer=peer.id, method=request.method, path=request.path[:80], code=int(told.code)
        )
        return self._response(request, told)

    async def _told(self, request: web.Request, peer: Peer) -> Told:
        # An escaped slash is part of an id.
        raw = request.rel_url.raw_path.removeprefix(_ROOT)
        path = [unquote(part) for part in raw.split("/") if part]
        module, rest = self._module(path)
        if module is None:
            return NOT_FOUND
        if not module.open and not peer.registered:
            return Told(code=StatusCode.CLIENT_ERROR, message="not registered", http=401)
        handler = module.handlers.get(request.method)
        if handler is None:
            return Told(code=StatusCode.CLIENT_ERROR, message="no such method here", http=405)
        body: object = None
        if request.method in _WITH_BODY:
            text = await _read(request)
            if text is None:
                return Told(
                    code=StatusCode.WRONG_PARAMETERS, message="the body is too large or slow", http=413
                )
            try:
                body = parse(text)
            except Unusable as error:
                return Told(code=StatusCode.WRONG_PARAMETERS, message=str(error), http=400)
        return await handler(Asked(peer, tuple(rest), body))

    def _module(self, path: list[str]) -> tuple[Module | None, list[str]]:
        if path == ["versions"]:
            return Module({"GET": self._versions}, open=True), []
        if path[:1] != [VERSION]:
            return None, []
        if len(path) == 1:
            return Module({"GET": self._details}, open=True), []
        return self._modules.get(path[1]), path[2:]

    async def _versions(self, _asked: Asked) -> Told:
        return Told([{"version": VERSION, "url": f"{self._base_url}/{VERSION}"}])

    async def _details(self, _asked: Asked) -> Told:
        # Some peers join what follows to the URL with a slash, and some without one.
        endpoints: list[JsonObject] = [
            {"identifier": name, "role": module.role, "url": f"{self._base_url}/{VERSION}/{name}/"}
            for name, module in self._modules.items()
            if module.role is not None
        ]
        return Told({"version": VERSION, "endpoints": endpoints})

    async def _peer(self, request: web.Request) -> Peer | None:
        """Whose token is shown. Every peer is looked at, so that the time tells nothing."""
        shown = shown_in(request.headers.get("Authorization"))
        found: Peer | None = None
        for peer in await self._store.peers():
            if is_shown(peer.our_token, shown) | is_shown(peer.next_token, shown):
                found = peer
        return found

    def _response(self, request: web.Request, told: Told) -> web.Response:
        answer = envelope(told.data, told.code, told.message, self._clock())
        headers = {name: _echo(request.headers.get(name)) for name in _ECHOED}
        return web.Response(
            body=orjson.dumps(answer), status=told.http, headers=headers, content_type="application/json"
        )


async def _read(request: web.Request) -> bytes | None:
    """The body; None where it is larger than we read, or does not come."""
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_WITHIN):
            async for chunk in request.content.iter_chunked(64 * 1024):
                body += chunk
                if len(body) > LARGEST_REQUEST:
                    return None
    except TimeoutError:
        return None
    return bytes(body)


def _echo(given: str | None) -> str:
    """An id of the peer's as it gave it, if it can stand in a header; one of ours otherwise."""
    if given and len(given) <= _LONGEST_ID and given.isprintable() and given.isascii():
        return given
    return str(uuid.uuid4())
