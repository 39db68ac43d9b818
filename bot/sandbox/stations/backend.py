"""A location that is seen through the back end of its operator, by OCPI: the same surface as a station of OCPP."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count

import aiohttp
import orjson
from aiohttp import web

from bot.domain.clock import Clock, utc_now
from bot.domain.status import ConnectorStatus, EvseStatus
from bot.sandbox.stations.cpo import SimulatedCpo
from bot.sandbox.stations.cpo_wire import Json, evse, location
from bot.sandbox.stations.line import wire_time

_FRAMES_KEPT = 200
_CALL, _RESULT = 2, 3
_STATUSES = {
    EvseStatus.AVAILABLE: ConnectorStatus.AVAILABLE,
    EvseStatus.CHARGING: ConnectorStatus.CHARGING,
    EvseStatus.RESERVED: ConnectorStatus.RESERVED,
    EvseStatus.OUTOFORDER: ConnectorStatus.FAULTED,
}
"""Every other status of OCPI is shown as Unavailable."""


@dataclass(frozen=True, slots=True)
class BackendEvse:
    """An EVSE of the location; `number` is its connector in the operator's own file."""

    number: int
    evse_id: str
    type: str
    power_kw: float

    @property
    def uid(self) -> str:
        """What the back end calls it."""
        return f"EVSE-{self.number}"


class BackendStation:
    """One location behind a back end of its own, to which the service registers by `versions_url` and `token`.

    All methods but `start` and `stop` act at once; a task tells whoever registered. An EVSE that does not exist raises
    KeyError. `on_change` is called after every change of `state()`.
    """

    def __init__(
        self,
        station_id: str,
        place: Mapping[str, object],
        evses: Sequence[BackendEvse],
        clock: Clock = utc_now,
    ) -> None:
        self.id = station_id
        self.connectors = {each.number: each for each in evses}
        self.on_change: Callable[[BackendStation], None] | None = None
        self.token = "sandbox-ocpi"  # noqa: S105  # It opens nothing but a simulation in this process.
        self._clock = clock
        self.cpo = _LoggedCpo(self._log, self.token, _location(station_id, place, evses, clock), clock)
        self.cpo.on_change = self._changed
        self._frames: deque[dict[str, object]] = deque(maxlen=_FRAMES_KEPT)
        self._numbers = count(1)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def versions_url(self) -> str:
        """Where its OCPI begins; known once it has started."""
        return self.cpo.versions_url

    async def start(self) -> None:
        """Switches the back end on."""
        await self.cpo.start()

    async def stop(self) -> None:
        """Switches it off."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.cpo.answering.set()
        await self.cpo.stop()

    def set_evse(self, connector: int, status: EvseStatus) -> None:
        """The back end says that status of an EVSE from now on; a session on it ends."""
        uid = self.connectors[connector].uid
        self._spawn(self._set(uid, status))

    def start_charging(self, connector: int, id_tag: str) -> None:
        """A car charges, where the EVSE is free."""
        uid = self.connectors[connector].uid
        if self._status(connector) is EvseStatus.AVAILABLE:
            self._spawn(_done(self.cpo.begin_session(uid, id_tag)))

    def stop_charging(self, connector: int) -> None:
        """The session ends, if there is one."""
        session = self._session(connector)
        if session is not None:
            self._spawn(self.cpo.end_session(str(session["id"])))

    def hang(self) -> None:
        """The back end takes requests, and does not answer them."""
        self.cpo.answering.clear()
        self._changed()

    def unhang(self) -> None:
        """It answers again, also what it was asked meanwhile."""
        self.cpo.answering.set()
        self._changed()

    def state(self) -> dict[str, object]:
        """All of it for the page, in the shape of a simulated station's; ready for JSON."""
        return {
            "station_id": self.id,
            "version": "OCPI",
            "vendor": "Back end",
            "model": "OCPI 2.2.1",
            "connected": self.cpo.client is not None,
            "network": True,
            "problem": None,
            "booting": False,
            "dead": False,
            "hung": not self.cpo.answering.is_set(),
            "reset_mode": "ok",
            "connectors": [self._connector(each) for each in self.connectors.values()],
        }

    def frames(self) -> list[dict[str, object]]:
        """The last requests and their answers, the oldest first, in the shape of OCPP frames."""
        return list(self._frames)

    def _connector(self, built: BackendEvse) -> dict[str, object]:
        status, session = self._status(built.number), self._session(built.number)
        return {
            "connector": built.number,
            "type": built.type,
            "power_kw": built.power_kw,
            "status": _STATUSES.get(status, ConnectorStatus.UNAVAILABLE).value,
            "evse_status": status.value,
            "plugged": status is EvseStatus.CHARGING,
            "operative": status is not EvseStatus.INOPERATIVE,
            "claimed": None,
            "error_code": None,
            "vendor_error_code": None,
            "clears_on": None,
            "power_w": round(built.power_kw * 1000) if status is EvseStatus.CHARGING else 0,
            "soc_percent": None,
            "session": None
            if session is None
            else {"id_tag": "", "transaction_id": session["id"], "energy_wh": 0},
        }

    def _status(self, connector: int) -> EvseStatus:
        return EvseStatus(str(self.cpo.evse(self.connectors[connector].uid)["status"]))

    def _session(self, connector: int) -> Json | None:
        uid = self.connectors[connector].uid
        running = (each for each in self.cpo.sessions.values() if each["status"] == "ACTIVE")
        return next((each for each in running if each["evse_uid"] == uid), None)

    async def _set(self, uid: str, status: EvseStatus) -> None:
        running = [key for key, each in self.cpo.sessions.items() if _runs_on(each, uid)]
        for number in running:
            await self.cpo.end_session(number)
        await self.cpo.set_status(uid, status.value)

    def _log(self, direction: str, name: str, body: object, answer: object) -> None:
        number, at = next(self._numbers), wire_time(self._clock())
        back = "out" if direction == "in" else "in"
        asked: dict[str, object] = {
            "at": at,
            "direction": direction,
            "frame": [_CALL, str(number), name, body or {}],
        }
        self._frames.append(asked)
        self._frames.append({"at": at, "direction": back, "frame": [_RESULT, str(number), answer]})
        self._changed()

    def _changed(self) -> None:
        if self.on_change is not None:
            self.on_change(self)

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(_told(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _LoggedCpo(SimulatedCpo):
    """Can fall silent, and lets `log` know of each request: in or out, its name, its body, the answer."""

    def __init__(
        self, log: Callable[[str, str, object, object], None], token: str, location: Json, clock: Clock
    ) -> None:
        super().__init__(token_a=token, locations=[location], clock=clock)
        self._log = log
        self.answering = asyncio.Event()
        """While it is clear, requests are taken and not answered."""
        self.answering.set()

    async def _serve(self, request: web.Request) -> web.Response:
        await self.answering.wait()
        response = await super()._serve(request)
        seen = self.seen.pop()
        self.seen.clear()
        path = seen.path.removeprefix("2.2.1/")
        answer = {"status_code": _field(response.body, "status_code"), "http": response.status}
        self._log("in", f"{seen.method} {path}", _without_token(seen.body), answer)
        return response

    async def _told(self, method: str, url: str, body: Json) -> int | None:
        path = url.partition("/2.2.1/")[2] or url
        try:
            code = await super()._told(method, url, body)
        except (aiohttp.ClientError, TimeoutError) as error:
            self._log("out", f"{method} {path}", body, {"problem": type(error).__name__})
            raise
        self.pushed.clear()
        self._log("out", f"{method} {path}", body, {"status_code": code})
        return code


async def _told(work: Coroutine[object, object, None]) -> None:
    # A service that is away is told nothing; it reads what it missed when it is back.
    with suppress(aiohttp.ClientError, TimeoutError):
        await work


async def _done(work: Coroutine[object, object, object]) -> None:
    await work


def _runs_on(session: Json, uid: str) -> bool:
    return session["status"] == "ACTIVE" and session["evse_uid"] == uid


def _without_token(body: Json | None) -> Json | None:
    return body if body is None or "token" not in body else body | {"token": "…"}


def _field(body: object, name: str) -> object:
    read = orjson.loads(body) if isinstance(body, bytes) and body.startswith(b"{") else {}
    return read.get(name)


def _location(
    station_id: str, place: Mapping[str, object], evses: Sequence[BackendEvse], clock: Clock
) -> Json:
    """The location as OCPI 2.2.1 writes it; `place` has its name, address and coordinates."""
    now = wire_time(clock())
    told = [evse(each.uid, each.evse_id, dc=each.type == "CCS2", updated=now) for each in evses]
    return {**location(station_id.lower(), *told, updated=now), **place}
