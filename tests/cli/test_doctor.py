"""`doctor` says what is wrong and how to mend it, and its exit code says whether anything is."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.diagnosis.rulebook import load_rulebook
from bot.domain.capability import Source
from bot.domain.clock import utc_now
from bot.domain.observation import Seen
from bot.domain.operator import Contact
from bot.operations.apply import apply
from bot.operations.operator_file import read_operator_file
from bot.sandbox.telegram.model import Chat
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.serving import serve
from bot.sandbox.telegram.state import Bot
from bot.sandbox.telegram.world import World
from storage.database import Database
from storage.migrations import revision
from storage.uow import UnitOfWork
from tests.acceptance.conftest import OPERATOR
from tests.cli.conftest import TOKEN
from tests.ports import free_port
from tests.stations.certificates import Authority

FORUM = "hotline group of stadtwerke-graz"


@dataclass
class Practice:
    """The doctor, and a patient whose every part a test can spoil."""

    environment: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    world: World
    account: Bot
    anna: Person
    hotline: Chat
    database: Database

    async def looks(self) -> tuple[int, list[str]]:
        """Runs `python -m bot doctor`; the exit code and the lines."""
        code = await asyncio.to_thread(main, ["doctor"])
        told = self.capsys.readouterr()
        assert told.err == ""
        return code, told.out.splitlines()

    async def complains(self) -> list[str]:
        """What is wrong, where something is."""
        code, lines = await self.looks()
        wrong = [line.removeprefix("✗ ") for line in lines if line.startswith("✗")]
        assert code == (1 if wrong else 0)
        assert all(" → " in line for line in wrong), "it does not say how to mend it"
        return wrong

    async def change(self, work: Callable[[UnitOfWork], object]) -> None:
        await self.database.write(work)

    async def hears(self, *stations: str, ago: timedelta = timedelta()) -> None:
        for each in stations:
            seen = Seen(each, utc_now() - ago)
            await self.change(lambda uow, seen=seen: uow.station_log.keep([seen], Source.OCPP))  # type: ignore[misc]  # mypy cannot infer a lambda with a default.

    async def applies(self, hotline: int) -> None:
        text = OPERATOR.read_text().replace("-1001234567890", str(hotline))
        await apply(self.database, read_operator_file(text))


@pytest.fixture
async def practice(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], filled: Database, mail: str
) -> AsyncIterator[Practice]:
    """Everything is well."""
    world = World()
    account = world.bot(TOKEN, "support_bot", "Support")
    anna = world.person(3001, "Anna", "en")
    hotline = anna.create_group("Hotline", topics=True)
    anna.add(account, hotline)
    anna.promote(account, hotline)
    async with serve(world) as telegram:
        environment.setenv("BOT_TOKEN", TOKEN)
        environment.setenv("TELEGRAM_API_URL", telegram.url)
        environment.setenv("SMTP_URL", mail)
        practice = Practice(environment, capsys, world, account, anna, hotline, filled)
        await practice.applies(hotline.id)
        await practice.hears("GRAZ-01", "GRAZ-03")
        yield practice


@pytest.fixture
async def mail() -> AsyncIterator[str]:
    """A server that says as much SMTP as a greeting and a farewell."""

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            writer.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 fine\r\n")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve_one, "127.0.0.1", 0)
    async with server:
        yield f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_where_all_is_well_it_says_so_and_ends_with_0(practice: Practice) -> None:
    _, newest = await revision(practice.database)
    rules = len(load_rulebook().rules)
    code, lines = await practice.looks()
    assert (code, lines) == (
        0,
        [
            "✓ settings are complete and well formed",
            f"✓ {rules} rules judge every combination of facts",
            f"✓ database answers, at revision {newest}",
            "✓ token belongs to @support_bot",
            "✓ no webhook is in the way of polling",
            f"✓ {FORUM} has topics, and the bot may manage them",
            "✓ SMTP server answers",
            "✓ /metrics answers this machine alone (no METRICS_TOKEN)",
            "✓ station GRAZ-01 was heard 0 min ago",
            "✓ station GRAZ-03 was heard 0 min ago",
        ],
    ), "a station without the service is nobody's concern"


async def test_the_certificate_that_stations_see_is_looked_at(practice: Practice, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "ca")

    async def with_certificate(days: int) -> list[str]:
        pair = authority.server(days=days)
        for name, value in {"PORT": "8443", "CERT": pair.certificate, "KEY": pair.key}.items():
            practice.environment.setenv(f"OCPP_TLS_{name}", str(value))
        _, lines = await practice.looks()
        return [line for line in lines if "certificate for stations" in line]

    assert await with_certificate(90) == ["✓ certificate for stations is good for 89 days"]
    assert await with_certificate(10) == [
        "✗ certificate for stations runs out in 9 days → renew it, and restart"
    ]
    (line,) = await with_certificate(-1)
    assert line.startswith(
        "✗ certificate for stations: OCPP_TLS_CERT cannot be shown to stations: certificate has"
    )


async def test_a_missing_token_is_told_and_the_rest_is_looked_at_all_the_same(practice: Practice) -> None:
    practice.environment.delenv("BOT_TOKEN")
    code, lines = await practice.looks()
    assert code == 1
    assert (
        "✗ bot token → BOT_TOKEN is not set: get one from @BotFather and put BOT_TOKEN=… into .env" in lines
    )
    assert "✓ station GRAZ-01 was heard 0 min ago" in lines


async def test_a_wrong_token_is_told(practice: Practice) -> None:
    practice.environment.setenv("BOT_TOKEN", "123:other")
    assert await practice.complains() == ["Telegram refuses BOT_TOKEN → copy it anew from @BotFather"]


async def test_every_bot_is_looked_at_and_named(practice: Practice) -> None:
    own = practice.world.bot("124:graz", "graz_bot")
    practice.environment.setenv("BOT_TOKENS", "stadtwerke-graz=124:graz")
    assert await practice.complains() == [
        f"{FORUM} ({practice.hotline.id}): Chat not found → add the bot to the group"
    ], "the group is looked at with the bot that speaks for the operator"
    practice.anna.add(own, practice.hotline)
    practice.anna.promote(own, practice.hotline)
    code, lines = await practice.looks()
    assert (code, lines[3:8]) == (
        0,
        [
            "✓ token belongs to @support_bot",
            "✓ no webhook is in the way of polling",
            "✓ token of stadtwerke-graz belongs to @graz_bot",
            "✓ no webhook of stadtwerke-graz is in the way of polling",
            f"✓ {FORUM} has topics, and the bot may manage them",
        ],
    )


async def test_a_wrong_token_of_one_operator_is_told_and_the_other_bots_are_looked_at(
    practice: Practice,
) -> None:
    practice.environment.setenv("BOT_TOKENS", "linz-ag=124:other")
    assert await practice.complains() == [
        "Telegram refuses BOT_TOKENS: the token of linz-ag → copy it anew from @BotFather",
        "BOT_TOKENS names linz-ag, and there is no such operator"
        " → apply the file of that operator, or mend the name in BOT_TOKENS",
    ]
    _, lines = await practice.looks()
    assert f"✓ {FORUM} has topics, and the bot may manage them" in lines


async def test_an_operator_for_whom_no_bot_speaks_is_told(practice: Practice) -> None:
    practice.world.bot("124:linz", "linz_bot")
    practice.environment.delenv("BOT_TOKEN")
    practice.environment.setenv("BOT_TOKENS", "linz-ag=124:linz")
    assert (
        "no bot speaks for stadtwerke-graz → put its token into BOT_TOKENS, or set BOT_TOKEN"
        in await practice.complains()
    )


async def test_the_webhook_of_each_bot_is_looked_at(practice: Practice) -> None:
    own = practice.world.bot("124:graz", "graz_bot")
    practice.anna.add(own, practice.hotline)
    practice.anna.promote(own, practice.hotline)
    practice.environment.setenv("BOT_TOKENS", "stadtwerke-graz=124:graz")
    practice.environment.setenv("TELEGRAM_MODE", "webhook")
    practice.environment.setenv("PUBLIC_URL", "https://bot.example.org")
    practice.environment.setenv("WEBHOOK_SECRET", "s3cret")
    practice.account.webhook.url = "https://bot.example.org/telegram"
    own.webhook.url = "https://bot.example.org/telegram"
    assert await practice.complains() == [
        "webhook of stadtwerke-graz is not set to https://bot.example.org/telegram/stadtwerke-graz"
        " but to https://bot.example.org/telegram → `run` sets it"
    ]


async def test_a_telegram_that_does_not_answer_is_told(practice: Practice) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    practice.environment.setenv("TELEGRAM_API_URL", url)
    (wrong,) = await practice.complains()
    assert wrong.startswith(f"{url} does not answer")
    assert wrong.endswith("→ check the network and TELEGRAM_API_URL")


async def test_an_empty_database_is_told_and_left_empty(
    practice: Practice, tmp_path_factory: pytest.TempPathFactory
) -> None:
    empty = tmp_path_factory.mktemp("empty") / "bot.db"
    practice.environment.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{empty}")
    for _ in range(2):
        assert await practice.complains() == ["database is empty → run: python -m bot migrate"]


async def test_a_database_that_is_behind_is_told(practice: Practice) -> None:
    _, newest = await revision(practice.database)
    await practice.change(
        lambda uow: uow.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    )
    assert await practice.complains() == [
        f"database is at revision 0000, not {newest} → run: python -m bot migrate"
    ]


@pytest.mark.parametrize(
    "url",
    ["postgresql+asyncpg://bot@127.0.0.1:1/bot", "sqlite+aiosqlite:///.", "sqlite+aiosqlite:////dev/null/b"],
)
async def test_a_database_that_does_not_answer_is_told_and_telegram_is_looked_at(
    practice: Practice, url: str
) -> None:
    practice.environment.setenv("DATABASE_URL", url)
    code, lines = await practice.looks()
    assert code == 1
    assert lines[2].startswith("✗ database does not answer: ")
    assert lines[2].endswith(" → check DATABASE_URL and that its server runs")
    assert "✓ token belongs to @support_bot" in lines


async def test_a_database_that_is_not_there_on_a_server_that_is_is_told(
    practice: Practice, postgres_server: str
) -> None:
    practice.environment.setenv("DATABASE_URL", postgres_server + "nowhere")
    (wrong,) = await practice.complains()
    assert wrong.startswith('database does not answer: database "nowhere" does not exist')


async def test_a_group_without_topics_is_told(practice: Practice) -> None:
    plain = practice.anna.create_group("Hotline without topics")
    practice.anna.add(practice.account, plain)
    practice.anna.promote(practice.account, plain)
    await practice.applies(plain.id)
    assert await practice.complains() == [f"{FORUM} has no topics → turn Topics on in the group's settings"]


async def test_a_bot_that_is_no_admin_is_told(practice: Practice) -> None:
    practice.anna.demote(practice.account, practice.hotline)
    assert await practice.complains() == [
        f"{FORUM}: the bot may not manage topics → make it admin with “Manage topics”"
    ]


async def test_an_admin_without_the_right_to_manage_topics_is_told(practice: Practice) -> None:
    practice.anna.promote(practice.account, practice.hotline, ["can_delete_messages", "can_pin_messages"])
    assert await practice.complains() == [
        f"{FORUM}: the bot may not manage topics → make it admin with “Manage topics”"
    ]


async def test_a_bot_that_is_not_in_the_group_is_told(practice: Practice) -> None:
    practice.anna.remove(practice.account, practice.hotline)
    (wrong,) = await practice.complains()
    assert wrong.startswith(f"{FORUM} ({practice.hotline.id}): ")
    assert wrong.endswith("→ add the bot to the group")


async def test_an_operator_without_a_group_is_told(practice: Practice) -> None:
    without = OPERATOR.read_text().replace("[hotline]\nchat_id = -1001234567890\n", "")
    await apply(practice.database, read_operator_file(without))
    assert await practice.complains() == [f"{FORUM} is not set → set hotline.chat_id in the operator's file"]


async def test_no_operator_at_all_is_told(
    practice: Practice, tmp_path_factory: pytest.TempPathFactory
) -> None:
    new = tmp_path_factory.mktemp("new") / "bot.db"
    practice.environment.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{new}")
    assert await asyncio.to_thread(main, ["migrate"]) == 0
    practice.capsys.readouterr()
    assert await practice.complains() == ["there is no operator → run: python -m bot apply operator.toml"]


async def test_stations_that_were_never_or_not_lately_heard_are_told(practice: Practice) -> None:
    await practice.change(lambda uow: uow.connection.exec_driver_sql("UPDATE stations SET last_seen = NULL"))
    await practice.hears("GRAZ-03", ago=timedelta(minutes=45, seconds=30))
    assert await practice.complains() == [
        "station GRAZ-01 was never heard → point it to ws://<this host>/ocpp/GRAZ-01",
        "station GRAZ-03 was last heard 45 min ago → check its connection",
    ]


async def test_a_webhook_in_the_way_of_polling_is_told(practice: Practice) -> None:
    practice.account.webhook.url = "https://old.example.org/telegram"
    assert await practice.complains() == [
        "a webhook is set: https://old.example.org/telegram → `run` removes it when it polls"
    ]


async def test_a_webhook_that_fails_is_told(practice: Practice) -> None:
    practice.environment.setenv("TELEGRAM_MODE", "webhook")
    practice.environment.setenv("PUBLIC_URL", "https://bot.example.org")
    practice.environment.setenv("WEBHOOK_SECRET", "s3cret")
    hook = practice.account.webhook
    hook.url, hook.last_error_date = "https://bot.example.org/telegram", 1_700_000_000
    hook.last_error_message = "Wrong response from the webhook: 502 Bad Gateway"
    assert await practice.complains() == [
        f"webhook: {hook.last_error_message} → check PUBLIC_URL, its certificate and proxy"
    ]


async def test_a_webhook_that_is_not_set_is_told(practice: Practice) -> None:
    practice.environment.setenv("TELEGRAM_MODE", "webhook")
    practice.environment.setenv("PUBLIC_URL", "https://bot.example.org")
    practice.environment.setenv("WEBHOOK_SECRET", "s3cret")
    (wrong,) = await practice.complains()
    assert wrong.startswith("webhook is not set to https://bot.example.org/telegram")


async def test_an_smtp_server_that_is_missing_or_silent_is_told(practice: Practice) -> None:
    practice.environment.setenv("SMTP_URL", f"smtp://127.0.0.1:{free_port()}")
    (wrong,) = await practice.complains()
    assert wrong.startswith("SMTP server does not answer")
    assert wrong.endswith("→ check SMTP_URL")
    practice.environment.delenv("SMTP_URL")
    (wrong,) = await practice.complains()
    assert wrong.startswith("nothing but e-mail reaches mara@example.org when a case waits → set SMTP_URL")


async def test_who_is_reached_by_e_mail_alone_needs_a_link_to_answer_by(practice: Practice) -> None:
    def by_mail(uow: UnitOfWork) -> None:
        station = uow.operators.station("GRAZ-01")
        assert station is not None
        tina = Contact("Tina", "+43 660 111111", "tina@example.org")
        uow.operators.set_technician(replace(station, technician=tina))

    await practice.database.write(by_mail)
    assert any("by phone only: 1" in line and "PUBLIC_URL" in line for line in await practice.complains())
    practice.environment.setenv("PUBLIC_URL", "https://support.example.org")
    assert not any("by e-mail alone" in line for line in await practice.complains())
    practice.environment.setenv("SMTP_URL", "")
    assert any("get no jobs: 1" in line and "SMTP_URL" in line for line in await practice.complains())
