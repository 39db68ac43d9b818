"""Everything that plays: Telegram, the stations and the bot; with one record of all that changes."""

import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot.domain.clock import Clock, utc_now
from bot.sandbox import scene, scene_people, scene_stations
from bot.sandbox.clock import MovableClock
from bot.sandbox.mail import PostOffice, ReceivedMail
from bot.sandbox.scene_stations import SceneStation
from bot.sandbox.serve import CLOCK
from bot.sandbox.service import Service
from bot.sandbox.stations.backend import BackendEvse, BackendStation
from bot.sandbox.stations.fleet import Fleet, Simulated
from bot.sandbox.stations.line import Pace
from bot.sandbox.stations.station import SimulatedStation
from bot.sandbox.telegram.world import World

_CHANGES_KEPT = 5_000
_FRAMES_KEPT = 60
_PACE = Pace(reconnect_most=2.0)

Frame = dict[str, object]


@dataclass(slots=True)
class _Frames:
    """The newest frames of a station, numbered from 1; `last` is the newest as the station gave it."""

    number: int = 0
    last: Frame | None = None
    kept: deque[Frame] = field(default_factory=lambda: deque(maxlen=_FRAMES_KEPT))


class Stage:
    """One performance.

    The journal of its world tells of the stations and of the bot too: the kinds of change are `station`
    with a state, `frame` with one OCPP frame, `service`, `mail` and `time`. All read the same clock.
    """

    def __init__(self, port: int, folder: Path) -> None:
        folder = folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        self.run = secrets.token_hex(4)
        self.clock = MovableClock.new(folder / "clock")
        self.world = World(self.clock, keep_journal=_CHANGES_KEPT)
        self.hotline = scene_people.set_scene(self.world)
        self.post_office = PostOffice(self.clock, self._mail_came)
        url = f"ws://127.0.0.1:{port + 1}/ocpp"
        self.fleet = Fleet(simulated(station, url, self.clock) for station in scene_stations.STATIONS)
        self.fleet.watch(self._station_changed)
        environment = _environment(port, folder) | {"SMTP_URL": self.post_office.url}
        self.service = Service(environment, folder / "bot.log", self._service_changed)
        self._folder = folder
        self._frames = {station.id: _Frames() for station in scene_stations.STATIONS}

    async def begin(self) -> None:
        """Sets the bot up with an empty database, starts it, switches the stations on, and registers by OCPI."""
        for old in self._folder.glob("bot.*"):
            old.unlink()
        await self.post_office.open()
        file = self._folder / "operator.toml"
        file.write_text(scene.operator_file(self.hotline), encoding="utf-8")
        await self.service.apply(file)
        await self.service.start()
        await self.fleet.start()
        for station in self.fleet.behind_back_ends():
            await self.service.register(station.versions_url, station.token, scene_people.OPERATOR_ID)

    async def end(self) -> None:
        """Stops the stations, the bot and the post office."""
        await self.fleet.stop()
        await self.service.stop()
        await self.post_office.close()

    def frames(self, station_id: str) -> list[Frame]:
        """The newest frames of a station, the oldest first, each with its number."""
        return list(self._frames[station_id].kept)

    def pass_time(self, span: timedelta) -> None:
        """Lets time pass for everybody; deadlines that lie in it fall due."""
        self.clock.forward(span)
        self.world.journal.note("time", None, None, self.time())

    def time(self) -> dict[str, object]:
        """For the page: how many minutes somebody has let pass."""
        return {"minutes": round(self.clock.passed.total_seconds() / 60)}

    def power(self, site_id: str, *, on: bool) -> list[str]:
        """Cuts the power of a site, or lets it return: all its stations at the same moment. The ids of those."""
        here = [self.fleet.find(station.id) for station in scene_stations.at(site_id)]
        struck = [station for station in here if isinstance(station, SimulatedStation)]
        for station in struck:
            (station.regain_power if on else station.lose_power)()
        return [station.id for station in struck]

    def _mail_came(self, mail: ReceivedMail) -> None:
        self.world.journal.note("mail", None, None, mail.view())

    def _station_changed(self, station: Simulated) -> None:
        note = self.world.journal.note
        for frame in self._new_frames(station):
            note("frame", None, None, {"station_id": station.id, **frame})
        note("station", None, None, station.state())

    def _new_frames(self, station: Simulated) -> list[Frame]:
        book = self._frames[station.id]
        fresh: list[Frame] = []
        for frame in reversed(station.frames()):
            if frame is book.last:
                break
            fresh.append(frame)
        fresh.reverse()
        if fresh:
            book.last = fresh[-1]
        numbered = [{"number": book.number + place, **frame} for place, frame in enumerate(fresh, 1)]
        book.number += len(fresh)
        book.kept.extend(numbered)
        return numbered

    def _service_changed(self) -> None:
        self.world.journal.note("service", None, None, self.service.state())


def simulated(station: SceneStation, url: str, clock: Clock = utc_now) -> Simulated:
    """A station of the scene, still switched off; `url` is where those of OCPP connect to."""
    if station.version is None:
        evses = [BackendEvse(c.number, c.evse_id, c.type, c.power_kw) for c in station.connectors]
        return BackendStation(station.id, station.site.in_ocpi, evses, clock)
    model = "DC 150" if station.connectors[0].type == "CCS2" else "AC 22"
    return SimulatedStation(
        station.id,
        url,
        password=station.password,
        version=station.version,
        connectors=station.specs,
        vendor="Sandbox",
        model=model,
        pace=_PACE,
        clock=clock,
    )


def _environment(port: int, folder: Path) -> dict[str, str]:
    """Every setting of the bot, so that none comes from the environment or `.env` of whoever looks at it."""
    return {
        "BOT_TOKEN": scene_people.BOT_ACCOUNT,
        "BOT_TOKENS": "",
        "TELEGRAM_API_URL": f"http://127.0.0.1:{port}",
        "TELEGRAM_MODE": "polling",
        "SEND_BUDGETS": "telegram",
        # Where the back end of a location reaches the bot; Telegram does not, as it is polled.
        "PUBLIC_URL": f"http://127.0.0.1:{port + 1}",
        "WEBHOOK_SECRET": "",
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'bot.db'}",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_PORT": str(port + 1),
        CLOCK: str(folder / "clock"),
        "LOG_LEVEL": "INFO",
    }
