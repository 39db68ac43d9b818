"""Updates by webhook for several bots: each has a path and a secret of its own."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest

from bot.app import running
from bot.domain.account import SHARED, Account
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.serving import serve
from bot.sandbox.telegram.state import Webhook
from bot.sandbox.telegram.world import World
from bot.settings import SendBudgets, Settings, TelegramMode
from storage.database import Database
from tests.cli.conftest import TOKEN
from tests.cli.test_webhook import HEADER, SECRET, update
from tests.ports import free_port

GRAZ_TOKEN, LINZ_TOKEN = "124:graz", "125:linz"
GRAZ, LINZ = Account("stadtwerke-graz"), Account("linz-ag")
TOKENS = {SHARED: TOKEN, GRAZ: GRAZ_TOKEN, LINZ: LINZ_TOKEN}
PATHS = {SHARED: "/telegram", GRAZ: "/telegram/stadtwerke-graz", LINZ: "/telegram/linz-ag"}


@dataclass
class Hooked:
    """The service behind the webhooks of three bots."""

    world: World
    url: str
    lena: Person
    database: Database
    session: aiohttp.ClientSession

    def hook(self, account: Account) -> Webhook:
        return self.world.bots[TOKENS[account]].webhook

    async def post(self, path: str, body: bytes, secret: str) -> int:
        """Posts to a webhook by hand; the status of the answer."""
        async with self.session.post(f"{self.url}{path}", data=body, headers={HEADER: secret}) as response:
            return response.status

    async def kept(self) -> list[int]:
        """The keys of all updates in the inbox."""
        return await self.database.read(
            lambda uow: list(
                uow.connection.exec_driver_sql("SELECT update_id FROM inbox ORDER BY update_id").scalars()
            )
        )


@pytest.fixture
async def hooked(filled: Database, sqlite_url: str) -> AsyncIterator[Hooked]:
    world = World()
    for token, name in ((TOKEN, "shared_bot"), (GRAZ_TOKEN, "graz_bot"), (LINZ_TOKEN, "linz_bot")):
        world.bot(token, name)
    async with serve(world) as telegram, aiohttp.ClientSession() as session:
        port = free_port()
        settings = Settings(
            _env_file=None,  # type: ignore[call-arg]  # pydantic-settings takes it and does not declare it.
            bot_token=TOKEN,
            bot_tokens=f"stadtwerke-graz={GRAZ_TOKEN}, linz-ag={LINZ_TOKEN}",
            telegram_api_url=telegram.url,
            telegram_mode=TelegramMode.WEBHOOK,
            public_url=f"http://127.0.0.1:{port}",
            webhook_secret=SECRET,
            database_url=sqlite_url,
            http_host="127.0.0.1",
            http_port=port,
            send_budgets=SendBudgets.NONE,
        )
        async with running(settings):
            for token in TOKENS.values():
                await world.wait_for(lambda token=token: world.bots[token].webhook.url or None)  # type: ignore[misc]  # mypy cannot infer a lambda with a default.
            yield Hooked(world, settings.public_url, world.person(501, "Lena", "en"), filled, session)


async def test_each_bot_gets_its_updates_by_its_own_path(hooked: Hooked) -> None:
    for account, path in PATHS.items():
        assert hooked.hook(account).url == f"{hooked.url}{path}"
    for token in TOKENS.values():
        chat = hooked.world.private(hooked.world.bots[token], hooked.lena.user)
        hooked.lena.command("help", chat)
        shown = await hooked.world.until_shown(chat, "/agent calls a person at any time")
        assert shown.sender == int(token.partition(":")[0])
    assert len(await hooked.kept()) == 3
    assert [hooked.hook(account).last_error_message for account in TOKENS] == ["", "", ""]


async def test_the_secret_of_one_bot_opens_no_others_door(hooked: Hooked) -> None:
    secrets = {account: hooked.hook(account).secret_token for account in TOKENS}
    assert secrets[SHARED] == SECRET
    assert len(set(secrets.values())) == 3
    for account, path in PATHS.items():
        for other, secret in secrets.items():
            if other != account:
                assert await hooked.post(path, update(70_007), secret) == 403
    assert await hooked.kept() == []


async def test_the_same_number_at_two_bots_is_two_updates_and_twice_at_one_is_one(hooked: Hooked) -> None:
    for account, path in PATHS.items():
        for _ in range(2):
            assert await hooked.post(path, update(70_007), hooked.hook(account).secret_token) == 200
    assert await hooked.kept() == sorted(account.key(70_007) for account in TOKENS)


@pytest.mark.parametrize("path", ["/telegram/nobody", "/telegram/", "/telegram/linz-ag/more"])
async def test_a_path_of_no_bot_is_not_there(hooked: Hooked, path: str) -> None:
    assert await hooked.post(path, update(70_007), SECRET) == 404
    assert await hooked.kept() == []
