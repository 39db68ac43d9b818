"""A sender at work on the emulated Telegram."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import telegram

from bot.domain.outgoing import Priority
from bot.sandbox.telegram.faults import Faults
from bot.sandbox.telegram.model import Chat
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.serving import Served, serve
from bot.sandbox.telegram.state import Bot
from bot.sandbox.telegram.world import World
from bot.telegram.api import Api
from bot.telegram.request import AiohttpRequest
from bot.telegram.sender import Sender

TOKEN = "4200:very-secret-token"


@dataclass
class NotedBudgets:
    """Budgets without limits, which note what they are asked."""

    waits: list[tuple[int, Priority]] = field(default_factory=list)
    pauses: list[tuple[int, float]] = field(default_factory=list)

    async def wait(self, chat: int, priority: Priority) -> None:
        self.waits.append((chat, priority))

    def spare(self, chat: int) -> bool:
        return True

    def pause(self, chat: int, seconds: float) -> None:
        self.pauses.append((chat, seconds))


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def account(world: World) -> Bot:
    return world.bot(TOKEN, "support_bot", "Support")


@pytest.fixture
def lena(world: World, account: Bot) -> Person:
    person = world.person(501, "Lena", "en")
    person.start()
    return person


@pytest.fixture
def anna(world: World, account: Bot) -> Person:
    """An agent, who owns the hotline's group."""
    person = world.person(3001, "Anna", "en")
    person.start()
    return person


@pytest.fixture
def hotline(anna: Person, account: Bot) -> Chat:
    group = anna.create_group("Hotline", topics=True)
    anna.add(account, group)
    anna.promote(account, group)
    return group


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
async def served(world: World, account: Bot, faults: Faults) -> AsyncIterator[Served]:
    async with serve(world, faults) as running:
        yield running


@pytest.fixture
def budgets() -> NotedBudgets:
    return NotedBudgets()


@pytest.fixture
async def sender(served: Served, budgets: NotedBudgets) -> AsyncIterator[Sender]:
    request = AiohttpRequest(read_timeout=2)
    bot = telegram.Bot(TOKEN, base_url=served.api, base_file_url=served.files, request=request)
    async with bot:
        yield Sender(bot, Api(request, bot.base_url), budgets)
