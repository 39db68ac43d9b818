"""What the simulated back end knows, and how it tells whoever registered with it of a change."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import aiohttp

from bot.domain.clock import Clock
from bot.sandbox.stations.cpo_wire import Json, Quirk, stamp, token_header


@dataclass
class Client:
    """Who registered: what it shows, what it is shown, and where its modules are."""

    shows: str
    is_shown: str
    modules: dict[tuple[str, str], str] = field(default_factory=dict)


@dataclass
class Seen:
    """A request that came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Json | None


class Books:
    """Locations, sessions and who registered. `on_change` is called after every change of them."""

    def __init__(self, locations: Sequence[Json], clock: Clock) -> None:
        self.locations: list[Json] = list(locations)
        self.sessions: dict[str, Json] = {}
        self.quirks: set[Quirk] = set()
        self.client: Client | None = None
        self.seen: list[Seen] = []
        self.pushed: list[tuple[str, int]] = []
        """The URL of each request that it made, and the status code of OCPI that it got."""
        self.on_change: Callable[[], None] | None = None
        self._clock = clock
        self._latest: datetime | None = None
        self._http: aiohttp.ClientSession | None = None

    def evse(self, uid: str) -> Json:
        """An EVSE; KeyError where there is none."""
        return self._found(uid)[1]

    async def set_status(self, uid: str, status: str, *, push: bool = True) -> int | None:
        """An EVSE has another status; the status code with which the push was taken, None where none was made."""
        where, evse = self._found(uid)
        now = self.tick()
        evse |= {"status": status, "last_updated": now}
        where["last_updated"] = now
        self._changed()
        if not push:
            return None
        body: Json = {"status": status, "last_updated": now}
        return await self.push("PATCH", "locations", (str(where["id"]), uid), body)

    async def begin_session(self, uid: str, token: str = "TAG", *, push: bool = True) -> str:  # noqa: S107
        """A session begins on an EVSE; its id."""
        where, evse = self._found(uid)
        number, now = f"SES-{len(self.sessions) + 1}", self.tick()
        self.sessions[number] = {
            "country_code": "AT",
            "party_id": "SWG",
            "id": number,
            "start_date_time": now,
            "kwh": 0.0,
            "cdr_token": {"uid": token, "type": "RFID", "contract_id": token},
            "auth_method": "COMMAND",
            "location_id": where["id"],
            "evse_uid": evse["uid"],
            "connector_id": "1",
            "currency": "EUR",
            "status": "ACTIVE",
            "last_updated": now,
        }
        if push:
            await self.push("PUT", "sessions", (number,), self.sessions[number])
        await self.set_status(uid, "CHARGING", push=push)
        return number

    async def meter_session(self, number: str, kwh: float, *, push: bool = True) -> None:
        """A session has come to this energy."""
        now = self.tick()
        self.sessions[number] |= {"kwh": kwh, "last_updated": now}
        if push:
            await self.push("PATCH", "sessions", (number,), {"kwh": kwh, "last_updated": now})

    async def end_session(self, number: str, *, push: bool = True) -> None:
        """A session ends."""
        session, now = self.sessions[number], self.tick()
        ended: Json = {"status": "COMPLETED", "end_date_time": now, "last_updated": now}
        session |= ended
        if push:
            await self.push("PATCH", "sessions", (number,), ended)
        await self.set_status(str(session["evse_uid"]), "AVAILABLE", push=push)

    async def push(self, method: str, module: str, names: tuple[str, ...], body: Json) -> int | None:
        """Tells whoever registered; the status code of its answer, None where nobody could be told."""
        if self.client is None or self._http is None:
            return None
        url = self.client.modules.get((module, "RECEIVER"))
        if url is None:
            return None
        owner = ("at", "swg") if Quirk.LOWER_CASE in self.quirks else ("AT", "SWG")
        tail = [name.lower() for name in names] if Quirk.LOWER_CASE in self.quirks else list(names)
        return await self._told(method, "/".join([url.rstrip("/"), *owner, *tail]), body)

    async def call_module(self, method: str, module: str, path: str = "", body: Json | None = None) -> Json:
        """Calls a module of whoever registered, and returns the whole answer."""
        if self.client is None or self._http is None:
            raise RuntimeError("nobody is registered")
        role = "SENDER" if module == "credentials" else "RECEIVER"
        url = self.client.modules[module, role].rstrip("/") + path
        async with self._http.request(method, url, json=body, headers=self._headers()) as response:
            read: Json = await response.json()
            return read | {"http": response.status}

    def tick(self) -> str:
        """The time of a change, later than that of any before it."""
        now = self._clock()
        if self._latest is not None and now <= self._latest:
            now = self._latest + timedelta(milliseconds=1)
        self._latest = now
        return stamp(now)

    async def _told(self, method: str, url: str, body: Json) -> int | None:
        if self._http is None:
            return None
        async with self._http.request(method, url, json=body, headers=self._headers()) as response:
            read = await response.json()
            code = int(read["status_code"])
            self.pushed.append((url, code))
            return code

    def _headers(self) -> dict[str, str]:
        shown = self.client.is_shown if self.client else ""
        space = "  " if Quirk.SPACE_AFTER_TOKEN in self.quirks else ""
        return {
            "Authorization": token_header(shown + space, self.quirks),
            "X-Request-ID": secrets.token_hex(8),
        }

    def _found(self, uid: str) -> tuple[Json, Json]:
        for where in self.locations:
            evses = where["evses"]
            for evse in evses if isinstance(evses, list) else ():
                if str(evse["uid"]).casefold() == uid.casefold():
                    return where, evse
        raise KeyError(uid)

    def _changed(self) -> None:
        if self.on_change is not None:
            self.on_change()
