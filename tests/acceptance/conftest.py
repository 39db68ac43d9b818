"""The stage of the acceptance tests: an emulated Telegram, real stations over WebSocket, the whole service between."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.app import App, running
from bot.domain import start_payload
from bot.domain.clock import utc_now
from bot.operations.apply import apply
from bot.operations.operator_file import read_operator_file
from bot.sandbox.stations.connector import ConnectorSpec
from bot.sandbox.stations.line import Pace
from bot.sandbox.stations.station import SimulatedStation
from bot.sandbox.telegram.model import Chat, Message
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.serving import Served, serve
from bot.sandbox.telegram.state import Press
from bot.sandbox.telegram.world import World
from bot.settings import SendBudgets, Settings
from bot.workers import timers
from storage.database import Database, open_database
from storage.migrations import migrate
from storage.uow import UnitOfWork

TOKEN = "4200:acceptance"
OPERATOR = Path(__file__).parent / "operator.toml"
EVSE_1 = "AT*SWG*E0001*1"
EVSE_2 = "AT*SWG*E0001*2"
EVSE_INACTIVE = "AT*SWG*E0002*1"
EVSE_3 = "AT*SWG*E0003*1"


@dataclass
class ShiftedClock:
    """The real time, and what a test has let pass."""

    shift: timedelta = timedelta()
    pace: int = 1
    since: datetime = field(default_factory=utc_now)

    def __call__(self) -> datetime:
        now = utc_now()
        return now + self.shift + (now - self.since) * (self.pace - 1)

    def forward(self, **span: float) -> None:
        self.shift += timedelta(**span)

    def hurry(self, pace: int) -> None:
        """From now on a second is so many of them."""
        self.shift = self() - utc_now()
        self.pace, self.since = pace, utc_now()


@dataclass
class Stage:
    """Everybody and everything of one operator."""

    world: World
    telegram: Served
    settings: Settings
    database: Database
    clock: ShiftedClock
    lena: Person
    marco: Person
    anna: Person
    tom: Person
    ada: Person
    hotline: Chat
    app: App | None = None
    stations: list[SimulatedStation] = field(default_factory=list)
    _running: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)

    async def start(self) -> App:
        """Starts the service, on the port that it had before."""
        self._running = contextlib.AsyncExitStack()
        self.app = await self._running.enter_async_context(running(self.settings, clock=self.clock))
        self.settings.http_port = self.app.port
        return self.app

    async def stop(self) -> None:
        """Ends the service in order."""
        app, self.app = self.app, None
        await self._running.aclose()
        if app is not None and app.failed.done():
            app.failed.result()

    async def station(self, station_id: str = "GRAZ-01", connectors: int = 2) -> SimulatedStation:
        """A station that has connected and told its status."""
        station = SimulatedStation(
            station_id,
            f"ws://127.0.0.1:{self.settings.http_port}/ocpp",
            password="long-enough-1" if station_id == "GRAZ-01" else None,
            connectors=[ConnectorSpec(number) for number in range(1, connectors + 1)],
            pace=Pace(boot=0.2),
        )
        await station.start()
        self.stations.append(station)
        assert await self.eventually(lambda uow: len(uow.station_log.connectors(station_id)) >= connectors)
        return station

    async def eventually(self, check: Callable[[UnitOfWork], bool], seconds: float = 8) -> bool:
        """Whether the database comes to satisfy the check in time."""
        until = utc_now() + timedelta(seconds=seconds)
        while utc_now() < until:
            if await self.database.read(check):
                return True
            await asyncio.sleep(0.02)
        return False

    def scan(self, who: Person, evse_id: str) -> Message:
        """Somebody scans the sticker of an EVSE."""
        return who.start(start_payload.encode(evse_id))

    async def sees(self, who: Person, text: str, *, button: str = "", seconds: float = 8) -> Message:
        """The message in a private chat that shows the text, and the button where one is named."""
        return await self.world.until_shown(self.chat(who), text, button=button, timeout=seconds)

    async def topic_shows(self, text: str, *, button: str = "", seconds: float = 8) -> Message:
        """The message in the hotline's group that shows the text."""
        return await self.world.until_shown(self.hotline, text, button=button, timeout=seconds)

    def tap(self, who: Person, button: str, message: Message, *, stale: bool = False) -> Press:
        """Somebody presses a button in the hotline's group."""
        return who.press(button, message, self.hotline, stale=stale)

    def chat(self, who: Person) -> Chat:
        """Somebody's private chat with the bot."""
        return self.world.private(self.world.bots[TOKEN], self.world.users[who.id])


@pytest.fixture(autouse=True)
def _deadlines_are_seen_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits a second for a deadline that a test has let pass."""
    monkeypatch.setattr(timers, "LOOK_EVERY", 0.1)


@pytest.fixture
async def stage(database_url: str) -> AsyncIterator[Stage]:
    world = World()
    account = world.bot(TOKEN, "support_bot", "Support")
    async with serve(world) as telegram:
        settings = Settings(
            _env_file=None,  # type: ignore[call-arg]  # pydantic-settings takes it and does not declare it.
            bot_token=TOKEN,
            telegram_api_url=telegram.url,
            database_url=database_url,
            http_host="127.0.0.1",
            http_port=0,
            send_budgets=SendBudgets.NONE,
        )
        lena = world.person(501, "Lena", "en", username="lena")
        marco = world.person(502, "Marco", "de")
        anna = world.person(3001, "Anna Agent", "en")
        tom = world.person(2001, "Tom", "en")
        ada = world.person(1001, "Ada Admin", "en")
        hotline = anna.create_group("Hotline Graz", topics=True)
        anna.add(account, hotline)
        anna.promote(account, hotline)
        tom.start()
        database = open_database(database_url)
        await migrate(database)
        text = OPERATOR.read_text().replace("-1001234567890", str(hotline.id))
        await apply(database, read_operator_file(text))
        people = (lena, marco, anna, tom, ada)
        stage = Stage(world, telegram, settings, database, ShiftedClock(), *people, hotline)
        await stage.start()
        try:
            yield stage
        finally:
            for station in stage.stations:
                await station.stop()
            await stage.stop()
            await database.close()
