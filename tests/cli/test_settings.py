"""A setting that is missing or wrong ends the start with exit code 2 and one line that names it."""

from pathlib import Path

import pytest

from bot.__main__ import main
from tests.cli.conftest import Run

WEBHOOK = {"TELEGRAM_MODE": "webhook", "PUBLIC_URL": "https://bot.example.org", "WEBHOOK_SECRET": "s3cret"}
WRONG: list[tuple[str, dict[str, str], str]] = [
    ("BOT_TOKEN", {"BOT_TOKEN": ""}, "is not set"),
    ("BOT_TOKEN", {"BOT_TOKEN": "abc"}, "has not the form"),
    ("BOT_TOKEN", {"BOT_TOKEN": "abc:def"}, "has not the form"),
    ("BOT_TOKEN", {"BOT_TOKEN": "123:"}, "has not the form"),
    ("TELEGRAM_API_URL", {"TELEGRAM_API_URL": "api.telegram.org"}, "http"),
    ("TELEGRAM_API_URL", {"TELEGRAM_API_URL": "https://"}, "host"),
    ("TELEGRAM_API_URL", {"TELEGRAM_API_URL": ""}, "empty"),
    ("TELEGRAM_MODE", {"TELEGRAM_MODE": "pigeons"}, "'polling' or 'webhook'"),
    ("SEND_BUDGETS", {"SEND_BUDGETS": "many"}, "'telegram' or 'none'"),
    ("PUBLIC_URL", WEBHOOK | {"PUBLIC_URL": ""}, "must be set"),
    ("PUBLIC_URL", WEBHOOK | {"PUBLIC_URL": "bot.example.org"}, "http"),
    ("WEBHOOK_SECRET", WEBHOOK | {"WEBHOOK_SECRET": ""}, "must be set"),
    ("WEBHOOK_SECRET", WEBHOOK | {"WEBHOOK_SECRET": "not so secret!"}, "A-Z"),
    ("DATABASE_URL", {"DATABASE_URL": "mysql://localhost/bot"}, "postgresql+asyncpg://"),
    ("DATABASE_URL", {"DATABASE_URL": "bot.db"}, "sqlite+aiosqlite:///"),
    ("DATABASE_URL", {"DATABASE_URL": ""}, "sqlite+aiosqlite:///"),
    ("DATABASE_URL", {"DATABASE_URL": "postgresql+asyncpg://bot@127.0.0.1:1/bot"}, "does not answer"),
    ("DATABASE_URL", {"DATABASE_URL": "sqlite+aiosqlite:////dev/null/bot.db"}, "does not answer"),
    ("DATABASE_URL", {"DATABASE_URL": "sqlite+aiosqlite:///."}, "does not answer"),
    ("HTTP_PORT", {"HTTP_PORT": "many"}, "integer"),
    ("HTTP_PORT", {"HTTP_PORT": "65536"}, "65535"),
    ("SMTP_URL", {"SMTP_URL": "mail.example.org"}, "smtp://"),
    ("SMTP_URL", {"SMTP_URL": "smtp://"}, "host"),
    ("LOG_LEVEL", {"LOG_LEVEL": "loud"}, "DEBUG"),
]


@pytest.mark.parametrize(
    ("name", "settings", "reason"), WRONG, ids=[f"{n}-{s[n] or 'nothing'}" for n, s, _ in WRONG]
)
def test_a_wrong_setting_is_told_in_one_line_that_names_it(
    environment: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    settings: dict[str, str],
    reason: str,
) -> None:
    environment.setenv("BOT_TOKEN", "123:abc")
    # Nothing listens there: a start that goes on is seen at once, and Telegram is left alone.
    environment.setenv("TELEGRAM_API_URL", "http://127.0.0.1:1")
    for each, value in settings.items():
        environment.setenv(each, value)
    assert main(["run"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    (line,) = told.err.splitlines()
    assert line.startswith(name)
    assert reason in line


def test_without_any_setting_the_token_is_asked_for(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.delenv("DATABASE_URL")
    assert main(["run"]) == 2
    assert capsys.readouterr().err.startswith("BOT_TOKEN is not set: get one from @BotFather")


def test_a_file_in_the_folder_gives_settings_and_the_environment_comes_before_it(
    environment: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    (tmp_path / ".env").write_text("HTTP_PORT=many\nBOT_TOKEN=abc\n")
    assert main(["run"]) == 2
    assert capsys.readouterr().err.startswith("HTTP_PORT")
    environment.setenv("HTTP_PORT", "8080")
    assert main(["run"]) == 2
    assert capsys.readouterr().err.startswith("BOT_TOKEN has not the form")


async def test_a_wrong_setting_ends_the_real_process(run: Run) -> None:
    code, errors = await (await run({"HTTP_PORT": "many"})).end()
    assert code == 2
    assert [line.partition(" ")[0] for line in errors.splitlines()] == ["HTTP_PORT"]
