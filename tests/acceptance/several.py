"""Three operators in one instance: two with bots of their own, one at the shared bot."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from bot.app import App, running
from bot.domain import start_payload
from bot.domain.clock import utc_now
from bot.operations.apply import apply
from bot.operations.operator_file import read_operator_file
from bot.sandbox.telegram.model import Body, Chat, Message
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.posting import queue
from bot.sandbox.telegram.serving import Served, serve
from bot.sandbox.telegram.state import Bot
from bot.sandbox.telegram.world import World
from bot.settings import SendBudgets, Settings
from storage.database import Database, open_database
from storage.migrations import migrate
from storage.uow import UnitOfWork
from tests.acceptance.conftest import OPERATOR, ShiftedClock


@dataclass(frozen=True)
class Firm:
    """An operator: `own` says that it has a bot of its own."""

    id: str
    name: str
    party: str
    town: str
    agent: int
    own: bool

    @property
    def evse(self) -> str:
        return f"AT*{self.party}*E0001*1"

    @property
    def marks(self) -> tuple[str, ...]:
        """Words by which anything of this operator is known."""
        return (self.name, f"*{self.party}*", f"{self.town.upper()}-0", f"{self.town} Hauptbahnhof")

    def file(self, hotline: int) -> str:
        text = OPERATOR.read_text()
        for old, new in (
            ("-1001234567890", str(hotline)),
            ("stadtwerke-graz", self.id),
            ("Stadtwerke Graz", self.name),
            ("SWG", self.party),
            ("GRAZ-", f"{self.town.upper()}-"),
            ("graz-hbf", f"{self.town.lower()}-hbf"),
            ("Graz", self.town),
            ("telegram_id = 3001", f"telegram_id = {self.agent}"),
            ("telegram_id = 1001", f"telegram_id = {self.agent + 5000}"),
        ):
            text = text.replace(old, new)
        return text


GRAZ = Firm("stadtwerke-graz", "Stadtwerke Graz", "SWG", "Graz", 3001, True)
LINZ = Firm("linz-ag", "Linz AG", "LIN", "Linz", 3002, True)
WELS = Firm("wels-strom", "Wels Strom", "WEL", "Wels", 3003, False)
FIRMS = (GRAZ, LINZ, WELS)
SHARED_TOKEN = "4200:shared"
TOKENS = {GRAZ: "4201:of-graz", LINZ: "4202:of-linz", WELS: SHARED_TOKEN}
"""Of each operator the bot that speaks for it."""
OWN = ", ".join(f"{firm.id}={TOKENS[firm]}" for firm in FIRMS if firm.own)


@dataclass
class Region:
    """Everybody in three towns."""

    world: World
    telegram: Served
    database: Database
    settings: Settings
    bots: dict[Firm, Bot]
    groups: dict[Firm, Chat]
    agents: dict[Firm, Person]
    lena: Person
    tom: Person
    clock: ShiftedClock = field(default_factory=ShiftedClock)
    app: App | None = None
    _running: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)

    async def start(self, **changed: object) -> App:
        """Starts the service, with settings that differ from the usual ones where a test says so."""
        self._running = contextlib.AsyncExitStack()
        settings = self.settings.model_copy(update=changed)
        self.app = await self._running.enter_async_context(running(settings, clock=self.clock))
        return self.app

    async def stop(self) -> None:
        app, self.app = self.app, None
        await self._running.aclose()
        if app is not None and app.failed.done():
            app.failed.result()

    def chat(self, firm: Firm, who: Person | None = None) -> Chat:
        """Somebody's private chat with the bot that speaks for an operator; Lena's, where nobody is named."""
        person = who or self.lena
        return self.world.private(self.bots[firm], person.user)

    async def sees(self, firm: Firm, text: str, *, button: str = "", who: Person | None = None) -> Message:
        return await self.world.until_shown(self.chat(firm, who), text, button=button, timeout=15)

    async def press(self, firm: Firm, button: str, until: str) -> None:
        """Lena presses a button at an operator's bot, and reads what comes of it."""
        self.lena.press(button, await self.sees(firm, "", button=button), self.chat(firm))
        await self.sees(firm, until)

    def scan(self, firm: Firm, at: Firm | None = None) -> Message:
        """Lena scans an operator's sticker, and opens it at its bot or at that of another."""
        return self.lena.start(start_payload.encode(firm.evse), self.chat(at or firm))

    def forge(self, firm: Firm, who: Person, shown: Message, data: str) -> None:
        """A tap with data that no button of the bot ever had, as a client of somebody's own making can send it."""
        query: Body = {
            "id": f"forged-{data}",
            "from": who.user.json,
            "message": shown.body,
            "chat_instance": "1",
            "data": data,
        }
        queue(self.world, self.bots[firm], "callback_query", who.id, query)

    def said_by_bot(self, chat: Chat) -> list[str]:
        """All that bots have ever said in a chat, what was edited away as well."""
        return [
            str(body.get("text") or body.get("caption") or "") + str(body.get("reply_markup") or "")
            for message in chat.messages.values()
            if message.sender in self.world.bots_by_id
            for body in (*message.revisions, message.body)
        ]

    def nothing_of(self, others: tuple[Firm, ...], chat: Chat) -> None:
        """AssertionError where a bot has said a word of one of them in the chat."""
        said = "\n".join(self.said_by_bot(chat))
        assert [mark for firm in others for mark in firm.marks if mark in said] == []

    async def eventually(self, check: Callable[[UnitOfWork], bool], seconds: float = 8) -> bool:
        until = utc_now() + timedelta(seconds=seconds)
        while utc_now() < until:
            if await self.database.read(check):
                return True
            await asyncio.sleep(0.02)
        return False


def others_than(firm: Firm) -> tuple[Firm, ...]:
    return tuple(each for each in FIRMS if each is not firm)


@contextlib.asynccontextmanager
async def region(database_url: str) -> AsyncIterator[Region]:
    """The three towns; the service is not started yet."""
    world = World()
    bots = {
        firm: world.bot(token, f"{firm.town.lower() if firm.own else 'shared'}_bot")
        for firm, token in TOKENS.items()
    }
    async with serve(world) as telegram, contextlib.AsyncExitStack() as stack:
        settings = Settings(
            _env_file=None,  # type: ignore[call-arg]  # pydantic-settings takes it and does not declare it.
            bot_token=SHARED_TOKEN,
            bot_tokens=OWN,
            telegram_api_url=telegram.url,
            database_url=database_url,
            http_host="127.0.0.1",
            http_port=0,
            send_budgets=SendBudgets.NONE,
        )
        database = open_database(database_url)
        stack.push_async_callback(database.close)
        await migrate(database)
        agents, groups = {}, {}
        for firm in FIRMS:
            agent = world.person(firm.agent, f"Agent of {firm.town}", "en")
            group = agent.create_group(f"Hotline {firm.town}", topics=True)
            agent.add(bots[firm], group)
            agent.promote(bots[firm], group)
            agents[firm], groups[firm] = agent, group
            await apply(database, read_operator_file(firm.file(group.id)))
        lena = world.person(501, "Lena", "en")
        tom = world.person(2001, "Tom", "en")
        stage = Region(world, telegram, database, settings, bots, groups, agents, lena, tom)
        for firm in FIRMS:
            tom.start(chat=stage.chat(firm, tom))
        stack.push_async_callback(stage.stop)
        yield stage
