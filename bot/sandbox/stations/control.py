"""The simulated stations by HTTP, for the sandbox's page and for tests.

`GET /sandbox/stations/` lists the states, `GET /sandbox/stations/{id}` gives one with its frames, and
`POST /sandbox/stations/{id}` with `{"do": ..., ...}` does something to one and gives its new state.
"""

from collections.abc import Callable
from enum import StrEnum
from json import JSONDecodeError
from typing import TypeVar

from aiohttp import web

from bot.domain.status import ConnectorStatus, EvseStatus
from bot.sandbox.stations.backend import BackendStation
from bot.sandbox.stations.connector import ClearsOn
from bot.sandbox.stations.fleet import Fleet, Simulated
from bot.sandbox.stations.modes import ResetMode
from bot.sandbox.stations.station import SimulatedStation

_Word = TypeVar("_Word", bound=StrEnum)
_Deed = TypeVar("_Deed")
_PATH = "/sandbox/stations/"
_MOST_FLAPS = 20


class BadRequestError(Exception):
    """A request that cannot be followed; its text is a sentence for the person who sent it."""


class _Body:
    """The fields of a POST, read with a sentence for each mistake."""

    def __init__(self, fields: dict[str, object], station: Simulated) -> None:
        self._fields = fields
        self._station = station

    def connector(self) -> int:
        """The number of one of the station's connectors."""
        number = self._fields.get("connector")
        if type(number) is not int or number not in self._station.connectors:
            known = ", ".join(str(each) for each in self._station.connectors)
            raise BadRequestError(f'"connector" must be one of: {known}.')
        return number

    def text(self, name: str) -> str:
        """A text that must be there."""
        value = self.optional_text(name)
        if value is None:
            raise BadRequestError(f'"{name}" is missing.')
        return value

    def optional_text(self, name: str) -> str | None:
        """A text; None where it is missing or empty."""
        value = self._fields.get(name)
        if value is not None and not isinstance(value, str):
            raise BadRequestError(f'"{name}" must be a text.')
        return value or None

    def number(self, name: str, default: int, most: int) -> int:
        """A whole number from 1 to `most`."""
        value = self._fields.get(name, default)
        if type(value) is not int or not 1 <= value <= most:
            raise BadRequestError(f'"{name}" must be a number from 1 to {most}.')
        return value

    def flag(self, name: str) -> bool:
        """True or false; false where it is missing."""
        value = self._fields.get(name, False)
        if not isinstance(value, bool):
            raise BadRequestError(f'"{name}" must be true or false.')
        return value

    def word(self, name: str, words: type[_Word], default: _Word) -> _Word:
        """One word of a vocabulary."""
        value = self.optional_text(name)
        try:
            return default if value is None else words(value)
        except ValueError:
            raise BadRequestError(f'"{name}" must be one of: {", ".join(words)}.') from None

    def status(self) -> ConnectorStatus | None:
        """A status of OCPP 1.6; None where it is missing, which takes it back."""
        status = self.word("status", ConnectorStatus, ConnectorStatus.UNKNOWN)
        return None if status is ConnectorStatus.UNKNOWN else status


def _fault(station: SimulatedStation, body: _Body) -> None:
    station.fault(
        body.connector(),
        body.text("error_code"),
        body.optional_text("vendor_error_code"),
        body.optional_text("info"),
        body.word("clears_on", ClearsOn, ClearsOn.NONE),
    )


_DEEDS: dict[str, Callable[[SimulatedStation, _Body], None]] = {
    "plug": lambda station, body: station.plug(body.connector()),
    "unplug": lambda station, body: station.unplug(body.connector()),
    "authorise": lambda station, body: station.authorise(body.connector(), body.text("id_tag")),
    "start_charging": lambda station, body: station.start_charging(body.connector(), body.text("id_tag")),
    "stop_charging": lambda station, body: station.stop_charging(body.connector()),
    "fault": _fault,
    "flap": lambda station, body: station.flap(
        body.connector(), body.text("error_code"), body.number("times", 3, _MOST_FLAPS)
    ),
    "clear_fault": lambda station, body: station.clear_fault(body.connector()),
    "set_status": lambda station, body: station.set_status(body.connector(), body.status()),
    "claim": lambda station, body: station.claim(body.connector(), body.status()),
    "hang": lambda station, body: station.hang(heartbeats=body.flag("heartbeats")),
    "unhang": lambda station, _: station.unhang(),
    "lose_network": lambda station, _: station.lose_network(),
    "regain_network": lambda station, _: station.regain_network(),
    "lose_power": lambda station, _: station.lose_power(),
    "regain_power": lambda station, _: station.regain_power(),
    "fail_resets": lambda station, body: station.fail_resets(body.word("mode", ResetMode, ResetMode.OK)),
}
_BACKEND_DEEDS: dict[str, Callable[[BackendStation, _Body], None]] = {
    "set_evse": lambda station, body: station.set_evse(
        body.connector(), body.word("status", EvseStatus, EvseStatus.AVAILABLE)
    ),
    "start_charging": lambda station, body: station.start_charging(body.connector(), body.text("id_tag")),
    "stop_charging": lambda station, body: station.stop_charging(body.connector()),
    "hang": lambda station, _: station.hang(),
    "unhang": lambda station, _: station.unhang(),
}


class StationControl:
    """The routes over a fleet."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    def add_routes(self, app: web.Application) -> None:
        """Serves `/sandbox/stations/`."""
        app.router.add_get(_PATH, self._list)
        app.router.add_get(_PATH + "{station_id}", self._show)
        app.router.add_post(_PATH + "{station_id}", self._do)

    async def _list(self, _: web.Request) -> web.Response:
        return web.json_response(self._fleet.states())

    async def _show(self, request: web.Request) -> web.Response:
        station = self._fleet.find(request.match_info["station_id"])
        if station is None:
            return _unknown()
        return web.json_response({**station.state(), "frames": station.frames()})

    async def _do(self, request: web.Request) -> web.Response:
        station = self._fleet.find(request.match_info["station_id"])
        if station is None:
            return _unknown()
        try:
            _follow(station, await _fields(request))
        except BadRequestError as mistake:
            return web.json_response({"error": str(mistake)}, status=400)
        return web.json_response(station.state())


def _unknown() -> web.Response:
    return web.json_response({"error": "There is no such station."}, status=404)


async def _fields(request: web.Request) -> dict[str, object]:
    try:
        body = await request.json()
    except (JSONDecodeError, UnicodeDecodeError):
        raise BadRequestError("The body must be JSON.") from None
    if not isinstance(body, dict):
        raise BadRequestError("The body must be a JSON object.")
    return body


def _follow(station: Simulated, fields: dict[str, object]) -> None:
    body = _Body(fields, station)
    if isinstance(station, BackendStation):
        _deed(_BACKEND_DEEDS, body)(station, body)
    else:
        _deed(_DEEDS, body)(station, body)


def _deed(deeds: dict[str, _Deed], body: _Body) -> _Deed:
    deed = deeds.get(body.text("do"))
    if deed is None:
        raise BadRequestError(f'"do" must be one of: {", ".join(deeds)}.')
    return deed
