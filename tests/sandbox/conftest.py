"""A served world with one bot in it, and a client of that bot that we did not write."""

import gc
import io
import warnings
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import telegram
from PIL import Image
from telegram.request import HTTPXRequest

from bot.sandbox.telegram.faults import Faults
from bot.sandbox.telegram.model import Chat
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.server import Settings
from bot.sandbox.telegram.serving import Served, serve
from bot.sandbox.telegram.state import Bot
from bot.sandbox.telegram.world import World

TOKEN = "1000001:sandbox"


class HandClock:
    """Time that moves only by hand."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def forward(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


def image(width: int = 1000, height: int = 500) -> bytes:
    """A PNG of that size in pixels."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(autouse=True)
def sockets_of_the_foreign_client() -> Iterator[None]:
    """The foreign client leaves connections that the server dropped to the garbage collector, which complains of them.

    They are collected here, in the test that they belong to; other resource warnings stay errors.
    """
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def world(clock: HandClock) -> World:
    return World(clock)


@pytest.fixture
def me(world: World) -> Bot:
    return world.bot(TOKEN, "support_bot", "Support")


@pytest.fixture
def anna(world: World, me: Bot) -> Person:
    return world.person(501, "Anna", "de", username="anna", phone_number="+49301234567")


@pytest.fixture
def olga(world: World, me: Bot) -> Person:
    """The owner of the hotline group."""
    return world.person(502, "Olga", "en")


@pytest.fixture
def hotline(olga: Person, me: Bot) -> Chat:
    """A supergroup with topics in which the bot holds all rights; the updates of its making are gone."""
    group = olga.create_group("Hotline", topics=True)
    olga.add(me, group)
    olga.promote(me, group)
    me.queue.pending.clear()
    return group


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def settings() -> Settings:
    return Settings(first_pause=0.02, longest_pause=0.05)


@pytest.fixture
async def served(world: World, me: Bot, faults: Faults, settings: Settings) -> AsyncIterator[Served]:
    async with serve(world, faults, settings) as running:
        yield running


@pytest.fixture
async def bot(served: Served) -> AsyncIterator[telegram.Bot]:
    client = telegram.Bot(
        TOKEN,
        base_url=served.api,
        base_file_url=served.files,
        request=HTTPXRequest(connection_pool_size=16, read_timeout=2),
        get_updates_request=HTTPXRequest(connection_pool_size=4),
    )
    async with client:
        yield client
