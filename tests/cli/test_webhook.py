"""Updates by webhook: through the emulator with the whole service, and by hand where Telegram would not do it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import aiohttp
import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.app import App, running
from bot.sandbox.telegram.faults import Fault
from bot.sandbox.telegram.model import Chat
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.server import Settings as TelegramSettings
from bot.sandbox.telegram.serving import Served, serve
from bot.sandbox.telegram.world import World
from bot.settings import SendBudgets, Settings, TelegramMode
from bot.telegram.incoming import Raw
from bot.web.server import add_webhook
from storage.database import Database
from tests.cli.conftest import TOKEN
from tests.ports import free_port

SECRET = "s3cret"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass
class Hooked:
    """The service behind its webhook."""

    world: World
    telegram: Served
    app: App
    lena: Person
    database: Database
    session: aiohttp.ClientSession

    @property
    def chat(self) -> Chat:
        return self.world.private(self.world.bots[TOKEN], self.world.users[self.lena.id])

    async def post(self, body: bytes, secret: str | None = SECRET) -> int:
        """Posts to the webhook by hand; the status of the answer."""
        headers = {} if secret is None else {HEADER: secret}
        url = f"http://127.0.0.1:{self.app.port}/telegram"
        async with self.session.post(url, data=body, headers=headers) as response:
            return response.status

    async def kept(self) -> list[int]:
        """The numbers of all updates in the inbox, handled or not."""
        return await self.database.read(
            lambda uow: list(
                uow.connection.exec_driver_sql("SELECT update_id FROM inbox ORDER BY update_id").scalars()
            )
        )

    def shown(self, text: str) -> int:
        """How many messages of the bot show the text."""
        return sum(text in message.text for message in self.chat.messages.values() if message.sender == 123)


@pytest.fixture
async def hooked(filled: Database, sqlite_url: str) -> AsyncIterator[Hooked]:
    world = World()
    world.bot(TOKEN, "support_bot", "Support")
    quick = TelegramSettings(first_pause=0.05, longest_pause=0.1)
    async with serve(world, settings=quick) as telegram, aiohttp.ClientSession() as session:
        port = free_port()
        settings = Settings(
            _env_file=None,  # type: ignore[call-arg]  # pydantic-settings takes it and does not declare it.
            bot_token=TOKEN,
            telegram_api_url=telegram.url,
            telegram_mode=TelegramMode.WEBHOOK,
            public_url=f"http://127.0.0.1:{port}",
            webhook_secret=SECRET,
            database_url=sqlite_url,
            http_host="127.0.0.1",
            http_port=port,
            send_budgets=SendBudgets.NONE,
        )
        async with running(settings) as app:
            await world.wait_for(lambda: world.bots[TOKEN].webhook.url or None)
            yield Hooked(world, telegram, app, world.person(501, "Lena", "en"), filled, session)


def update(number: int) -> bytes:
    person = {"id": 501, "is_bot": False, "first_name": "Lena", "language_code": "en"}
    chat = {"id": 501, "type": "private", "first_name": "Lena"}
    message = {"message_id": 1, "date": 1_700_000_000, "from": person, "chat": chat, "text": "/help"}
    return orjson.dumps({"update_id": number, "message": message})


async def test_updates_arrive_and_are_answered(hooked: Hooked) -> None:
    hooked.lena.start()
    await hooked.world.until_shown(hooked.chat, "Which charging station is it?")
    hooked.lena.command("help")
    await hooked.world.until_shown(hooked.chat, "/agent calls a person at any time")
    hook = hooked.world.bots[TOKEN].webhook
    assert (hook.url, hook.secret_token) == (f"http://127.0.0.1:{hooked.app.port}/telegram", SECRET)
    assert hook.last_error_message == ""
    assert len(await hooked.kept()) == 2


@pytest.mark.parametrize("secret", ["wrong", "", None, "s3crét"])
async def test_who_does_not_know_the_secret_is_turned_away_and_nothing_is_kept(
    hooked: Hooked, secret: str | None
) -> None:
    assert await hooked.post(update(70_007), secret) == 403
    assert await hooked.kept() == []
    assert await hooked.post(update(70_007)) == 200
    assert await hooked.kept() == [70_007]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"{}", b'{"update_id": "7"}', b'{"update_id": -7}', b"\xff"]
)
async def test_what_is_no_update_is_refused_and_nothing_is_kept(hooked: Hooked, body: bytes) -> None:
    assert await hooked.post(body) == 400
    assert await hooked.kept() == []


async def test_an_update_that_is_delivered_again_is_handled_once(hooked: Hooked) -> None:
    # A bot may only write to those who have written to it, and the emulator knows nothing of posts by hand.
    hooked.lena.start()
    await hooked.world.until_shown(hooked.chat, "Which charging station is it?")
    assert [await hooked.post(update(70_007)) for _ in range(3)] == [200, 200, 200]
    assert await asyncio.gather(*(hooked.post(update(70_008)) for _ in range(5))) == [200] * 5
    hooked.telegram.faults.add(Fault("duplicate", "message", times=1))
    hooked.lena.text("DE*ABC*E999999*9")
    await hooked.world.until_shown(hooked.chat, "DE*ABC*E999999*9")
    # Everything of one chat is answered in order: what comes last shows that all before it is done.
    hooked.lena.command("language")
    await hooked.world.until_shown(hooked.chat, "Which language")
    assert hooked.shown("/agent calls a person at any time") == 2
    assert hooked.shown("I do not know a station") == 1


async def test_an_update_that_cannot_be_kept_is_not_acknowledged_and_comes_again(hooked: Hooked) -> None:
    await hooked.database.write(
        lambda uow: uow.connection.exec_driver_sql("ALTER TABLE inbox RENAME TO gone")
    )
    hooked.lena.command("help")
    hook = hooked.world.bots[TOKEN].webhook
    async with asyncio.timeout(5):
        while "500" not in hook.last_error_message:  # noqa: ASYNC110  # The emulator tells nobody of it.
            await asyncio.sleep(0.02)
    assert hooked.shown("/agent") == 0
    await hooked.database.write(
        lambda uow: uow.connection.exec_driver_sql("ALTER TABLE gone RENAME TO inbox")
    )
    await hooked.world.until_shown(hooked.chat, "/agent calls a person at any time")
    assert hooked.shown("/agent calls a person at any time") == 1


async def served(
    receive: Callable[[list[Raw]], Awaitable[None]],
) -> "TestClient[web.Request, web.Application]":
    app = web.Application()
    add_webhook(app, SECRET, receive)
    client = TestClient(TestServer(app))
    await client.start_server()
    return client


async def test_the_answer_waits_until_the_update_is_kept() -> None:
    began, kept = asyncio.Event(), asyncio.Event()

    async def receive(_updates: list[Raw]) -> None:
        began.set()
        await kept.wait()

    client = await served(receive)
    try:
        answer = asyncio.create_task(client.post("/telegram", data=update(70_007), headers={HEADER: SECRET}))
        await began.wait()
        done, _ = await asyncio.wait({answer}, timeout=0.1)
        assert not done, "it is acknowledged before it is kept"
        kept.set()
        assert (await answer).status == 200
    finally:
        await client.close()
