"""A simulated back end of an operator: OCPI 2.2.1 as a CPO, with stations that do as they are told.

It has locations and nothing else of the world; whoever registers with `token_a` reads them, hears of changes, and sends
commands. What it gets wrong is in `quirks`.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Sequence

import aiohttp
from aiohttp import web

from bot.domain.clock import Clock, utc_now
from bot.sandbox.stations.cpo_books import Books, Client, Seen
from bot.sandbox.stations.cpo_pages import page
from bot.sandbox.stations.cpo_wire import Json, Quirk, answer, shown_token, token_header

_ROOT = "/cpo"
_OLD = "2.1.1"
_VERSION = "2.2.1"


class SimulatedCpo(Books):
    """From `start` to `stop`; the locations may be changed at any time, and are told when `push` is asked for.

    `on_change` is called after every change of `state()`.
    """

    def __init__(
        self,
        port: int = 0,
        token_a: str = "token-a",  # noqa: S107  # It is no secret: it opens a simulation.
        locations: Sequence[Json] = (),
        clock: Clock = utc_now,
    ) -> None:
        super().__init__(locations, clock)
        self.token_a: str | None = token_a
        self.response = "ACCEPTED"
        """What it answers to a command at once."""
        self.result = "ACCEPTED"
        """What it says a moment later; other than ACCEPTED, the command has no effect."""
        self.result_after = 0.0
        """Seconds from a command to its result."""
        self.largest_page = 100
        self._port = port
        self._runner: web.AppRunner | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    @property
    def port(self) -> int:
        """Where it listens."""
        if self._runner is None:
            return self._port
        port: int = self._runner.addresses[0][1]
        return port

    @property
    def url(self) -> str:
        """Where its OCPI is."""
        return f"http://127.0.0.1:{self.port}{_ROOT}"

    @property
    def versions_url(self) -> str:
        """What its people give to somebody who wants to register, with `token_a`."""
        return f"{self.url}/versions"

    async def start(self) -> None:
        """Begins to serve."""
        app = web.Application()
        app.router.add_route("*", _ROOT + "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self.port
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))

    async def stop(self) -> None:
        """Ends all of it."""
        self._stopping.set()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._http is not None:
            await self._http.close()
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = None

    async def rotate(self) -> int:
        """Gives whoever registered a new token by PUT, and takes the one that comes back; the status code."""
        if self.client is None:
            raise RuntimeError("nobody is registered")
        before, fresh = self.client, secrets.token_hex(16)
        self.client = Client(fresh, before.is_shown, before.modules)
        read = await self.call_module("PUT", "credentials", body=self._credentials(fresh))
        data = read.get("data")
        if isinstance(data, dict):
            self.client.is_shown = str(data["token"])
        return int(str(read["status_code"]))

    def state(self) -> Json:
        """What a page can show: locations with their EVSEs, sessions and who registered."""
        return {
            "registered": self.client is not None,
            "locations": self.locations,
            "sessions": list(self.sessions.values()),
            "quirks": sorted(self.quirks),
        }

    async def _serve(self, request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else None
        path = [part for part in request.match_info["path"].split("/") if part]
        self.seen.append(
            Seen(request.method, "/".join(path), dict(request.query), dict(request.headers), body)
        )
        shown = shown_token(request, raw=Quirk.RAW_TOKEN in self.quirks)
        open_path = path[-1:] == ["versions"] or path in ([_VERSION], [_VERSION, "credentials"])
        good = {self.client.shows} if self.client else set()
        if shown not in good and not (open_path and shown and shown == self.token_a):
            return answer(code=2001, status=401, message="no such token")
        match path:
            case ["versions"]:
                version = _OLD if Quirk.ONLY_OLD_VERSIONS in self.quirks else _VERSION
                return answer([{"version": version, "url": f"{self.url}/{version}"}])
            case [version] if version == _VERSION:
                return answer({"version": _VERSION, "endpoints": self._endpoints()})
            case [_, "credentials"]:
                return await self._credentials_called(request.method, body, shown)
            case [_, *rest]:
                return await self._functional(request, rest, body)
            case _:
                return answer(code=2000, status=404)

    def _endpoints(self) -> list[Json]:
        modules = (
            ("credentials", "RECEIVER"),
            ("locations", "SENDER"),
            ("sessions", "SENDER"),
            ("commands", "RECEIVER"),
        )
        return [
            {"identifier": name, "role": role, "url": f"{self.url}/{_VERSION}/{name}"}
            for name, role in modules
        ]

    async def _functional(self, request: web.Request, path: list[str], body: Json | None) -> web.Response:
        if Quirk.SILENT in self.quirks:
            await self._stopping.wait()
        if Quirk.BROKEN in self.quirks:
            return web.Response(status=502, text="<html>Bad Gateway</html>")
        if Quirk.SERVER_ERROR in self.quirks:
            return answer([], code=3000, message="the database is away")
        match path:
            case ["locations"]:
                url = f"{self.url}/{_VERSION}/locations"
                return page(request, self.locations, url, self.quirks, self.largest_page)
            case ["sessions"]:
                url = f"{self.url}/{_VERSION}/sessions"
                return page(request, list(self.sessions.values()), url, self.quirks, self.largest_page)
            case ["locations", where, uid]:
                return self._one_evse(where, uid)
            case ["commands", command] if body is not None:
                return self._commanded(command, body)
            case _:
                return answer(code=2000, status=404)

    def _one_evse(self, where: str, uid: str) -> web.Response:
        try:
            found, evse = self._found(uid)
        except KeyError:
            return answer(code=2003, status=404, message="unknown location")
        if str(found["id"]).casefold() != where.casefold():
            return answer(code=2003, status=404, message="unknown location")
        return answer([evse] if Quirk.LISTS in self.quirks else evse)

    def _credentials(self, token: str) -> Json:
        role = {
            "role": "CPO",
            "country_code": "AT",
            "party_id": "SWG",
            "business_details": {"name": "Simulated back end"},
        }
        return {"token": token, "url": self.versions_url, "roles": [role]}

    async def _credentials_called(self, method: str, body: Json | None, shown: str) -> web.Response:
        registered = self.client is not None and shown == self.client.shows
        match method:
            case "POST" if not registered or Quirk.POSTS_AGAIN in self.quirks:
                return await self._register(body or {})
            case "PUT" if registered:
                return await self._register(body or {})
            case "DELETE" if registered:
                if Quirk.DELETED_TOKEN_LIVES not in self.quirks:
                    self.client = None
                self._changed()
                return answer(None if Quirk.NO_DATA in self.quirks else {})
            case "GET" if registered:
                return answer(self._credentials(shown))
            case _:
                return answer(code=2000, status=405, message="not in this state")

    async def _register(self, body: Json) -> web.Response:
        """Calls the other side with the token that it gave, and only then gives one of its own."""
        client = Client(shows=secrets.token_hex(16), is_shown=str(body["token"]))
        headers = {"Authorization": token_header(client.is_shown, self.quirks)}
        versions = await self._fetched(str(body["url"]), headers)
        url = next((str(each["url"]) for each in _dicts(versions) if each["version"] == _VERSION), None)
        if url is None:
            return answer(code=3002 if versions is not None else 3001)
        details = await self._fetched(url, headers)
        endpoints = details.get("endpoints") if isinstance(details, dict) else None
        client.modules = {
            (str(each["identifier"]), str(each["role"])): str(each["url"]) for each in _dicts(endpoints)
        }
        self.client, self.token_a = client, None
        self._changed()
        data = self._credentials(client.shows)
        return answer([data] if Quirk.LISTS in self.quirks else data)

    async def _fetched(self, url: str, headers: dict[str, str]) -> object:
        if self._http is None:
            return None
        try:
            async with self._http.get(url, headers=headers) as response:
                read = await response.json()
        except (aiohttp.ClientError, TimeoutError):
            return None
        data: object = read.get("data")
        return data

    def _commanded(self, command: str, body: Json) -> web.Response:
        effect = self._effects().get(command)
        response = self.response if effect is not None else "NOT_SUPPORTED"
        if response == "ACCEPTED" and effect is not None and Quirk.NO_RESULT not in self.quirks:
            self._spawn(self._obey(effect, body))
        data: Json = {"result": response}
        if Quirk.NO_TIMEOUT not in self.quirks:
            data["timeout"] = 30
        if Quirk.NO_DATA in self.quirks:
            return answer()
        return answer([data] if Quirk.LISTS in self.quirks else data)

    def _effects(self) -> dict[str, Callable[[Json], Awaitable[object]]]:
        return {
            "START_SESSION": lambda body: self.begin_session(str(body["evse_uid"]), _uid(body)),
            "STOP_SESSION": lambda body: self.end_session(str(body["session_id"])),
            "UNLOCK_CONNECTOR": lambda body: self.set_status(str(body["evse_uid"]), "AVAILABLE"),
        }

    async def _obey(self, effect: Callable[[Json], Awaitable[object]], body: Json) -> None:
        await asyncio.sleep(self.result_after)
        result: Json = {"result": self.result}
        data: object = [result] if Quirk.LISTS in self.quirks else result
        if self._http is None:
            return
        async with self._http.post(str(body["response_url"]), json=data, headers=self._headers()) as response:
            read = await response.json()
            self.pushed.append((str(body["response_url"]), int(read["status_code"])))
        if self.result == "ACCEPTED":
            await effect(body)

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _dicts(value: object) -> list[Json]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _uid(body: Json) -> str:
    token = body["token"]
    return str(token["uid"]) if isinstance(token, dict) else ""
