"""The page of the sandbox, and what it asks for beside Telegram, the stations and the post office."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import orjson
from aiohttp import web

from bot.diagnosis.faults import MREC_FAULTS, OCPP_FAULTS
from bot.domain.status import ConnectorStatus
from bot.sandbox import scene_people, scene_stations, stickers
from bot.sandbox.scene_places import Connector
from bot.sandbox.scene_stations import SceneStation
from bot.sandbox.service import ServiceError
from bot.sandbox.stage import Stage
from bot.sandbox.stations.connector import ClearsOn
from bot.sandbox.stations.modes import ResetMode

_PAGE = Path(__file__).parent / "page"
_FRESH = {"Cache-Control": "no-cache"}
_MOST_MINUTES = 60 * 24 * 31
_POWER = {"cut": False, "return": True}


class Page:
    """The routes over one stage. `again` is called when somebody wants to start over."""

    def __init__(self, stage: Stage, again: Callable[[], None]) -> None:
        self._stage = stage
        self._again = again

    def add_routes(self, app: web.Application) -> None:
        """Serves `/`, the files of the page, and `/sandbox/` for scene, stickers and the bot."""
        app.router.add_get("/", self._index)
        app.router.add_get("/page/{name}", self._file)
        app.router.add_get("/sandbox/scene", self._scene)
        app.router.add_get("/sandbox/stickers/{payload}.svg", self._qr)
        app.router.add_get("/sandbox/stickers/{payload}.jpg", self._photo)
        app.router.add_post("/sandbox/bot/{deed:kill|start}", self._bot)
        app.router.add_post("/sandbox/sites/{site}/power/{deed:cut|return}", self._power)
        app.router.add_post("/sandbox/time", self._time)
        app.router.add_post("/sandbox/again", self._start_over)

    async def _index(self, _: web.Request) -> web.StreamResponse:
        return web.FileResponse(_PAGE / "index.html", headers=_FRESH)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        wanted = _PAGE / request.match_info["name"]
        if wanted.parent != _PAGE or not wanted.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(wanted, headers=_FRESH)

    async def _scene(self, _: web.Request) -> web.Response:
        return _json(scene_view(self._stage))

    async def _qr(self, request: web.Request) -> web.Response:
        return web.Response(body=stickers.qr_svg(_connector(request)), content_type="image/svg+xml")

    async def _photo(self, request: web.Request) -> web.Response:
        return web.Response(body=stickers.photo(_connector(request)), content_type="image/jpeg")

    async def _bot(self, request: web.Request) -> web.Response:
        service = self._stage.service
        try:
            await (service.kill() if request.match_info["deed"] == "kill" else service.start())
        except ServiceError as failure:
            return _json({"error": str(failure)}, 500)
        return _json(service.state())

    async def _power(self, request: web.Request) -> web.Response:
        struck = self._stage.power(request.match_info["site"], on=_POWER[request.match_info["deed"]])
        if not struck:
            return _json({"error": "There is no such site, or its stations have no power of their own."}, 404)
        return _json({"stations": struck})

    async def _time(self, request: web.Request) -> web.Response:
        asked = await _object(request)
        minutes = asked.get("minutes")
        if type(minutes) is not int or not 0 < minutes <= _MOST_MINUTES:
            return _json({"error": f'"minutes" must be a number from 1 to {_MOST_MINUTES}.'}, 400)
        self._stage.pass_time(timedelta(minutes=minutes))
        return _json(self._stage.time())

    async def _start_over(self, _: web.Request) -> web.Response:
        self._again()
        return _json({"ok": True})


def scene_view(stage: Stage) -> dict[str, object]:
    """All that the page shows beside the chats; `run` changes when everything starts over."""
    return {
        "run": stage.run,
        "operator": scene_people.OPERATOR,
        "bot": {"username": scene_people.USERNAME, **stage.service.state()},
        "hotline": stage.hotline,
        "drivers": [asdict(role) for role in scene_people.DRIVERS],
        "agents": [asdict(role) for role in scene_people.AGENTS],
        "technician": asdict(scene_people.TECHNICIAN),
        "admin": asdict(scene_people.ADMIN),
        "stations": [_station(station, stage) for station in scene_stations.STATIONS],
        "dark": scene_stations.DARK,
        "post_office": stage.post_office.url,
        "mails": [mail.view() for mail in stage.post_office.kept],
        "time": stage.time(),
        "states": stage.fleet.states(),
        "error_codes": [code for code in OCPP_FAULTS if code != "NoError"],
        "vendor_codes": {code: fault.value for code, fault in MREC_FAULTS.items()},
        "clears_on": list(ClearsOn),
        "reset_modes": list(ResetMode),
        "statuses": [status for status in ConnectorStatus if status is not ConnectorStatus.UNKNOWN],
    }


def _station(station: SceneStation, stage: Stage) -> dict[str, object]:
    return {
        "id": station.id,
        "protocol": station.protocol,
        "site": asdict(station.site),
        "service_active": station.service_active,
        "moods": [asdict(mood) for mood in station.moods],
        "connectors": [
            {**asdict(connector), "payload": connector.payload, "link": connector.link}
            for connector in station.connectors
        ],
        "frames": stage.frames(station.id),
    }


def _connector(request: web.Request) -> Connector:
    wanted = request.match_info["payload"]
    for station in scene_stations.STATIONS:
        for connector in station.connectors:
            if connector.payload == wanted:
                return connector
    raise web.HTTPNotFound


async def _object(request: web.Request) -> dict[str, object]:
    try:
        body = orjson.loads(await request.read())
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _json(body: object, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")
