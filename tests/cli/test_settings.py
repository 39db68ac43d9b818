"""A setting that is missing or wrong ends the start with exit code 2 and one line that names it."""

import socket
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.settings import AssumedVersion, load_settings
from tests.cli.conftest import ROOT, TOKEN, Run
from tests.stations.certificates import Authority

WEBHOOK = {"TELEGRAM_MODE": "webhook", "PUBLIC_URL": "https://bot.example.org", "WEBHOOK_SECRET": "s3cret"}
TLS = {"OCPP_TLS_PORT": "0", "OCPP_TLS_CERT": "/nowhere/crt.pem", "OCPP_TLS_KEY": "/nowhere/key.pem"}
CLASH = ("operator-2349", "operator-2554")
"""Two names on which the numbers of bots fall together."""
CLASHING = ", ".join(f"{name}={number}:abc" for number, name in enumerate(CLASH, start=900))
WRONG: list[tuple[str, dict[str, str], str]] = [
    ("BOT_TOKEN", {"BOT_TOKEN": ""}, "is not set"),
    ("BOT_TOKEN", {"BOT_TOKEN": "abc"}, "has not the form"),
    ("BOT_TOKEN", {"BOT_TOKEN": "abc:def"}, "has not the form"),
    ("BOT_TOKEN", {"BOT_TOKEN": "123:"}, "has not the form"),
    ("BOT_TOKENS", {"BOT_TOKENS": "123:abc"}, "entry 1 is not"),
    ("BOT_TOKENS", {"BOT_TOKENS": "linz-ag=124:abc, Graz=125:abc"}, "entry 2 is not"),
    ("BOT_TOKENS", {"BOT_TOKENS": "linz-ag=abc"}, "linz-ag that has not the form"),
    ("BOT_TOKENS", {"BOT_TOKENS": "linz-ag="}, "linz-ag that has not the form"),
    ("BOT_TOKENS", {"BOT_TOKENS": "linz-ag=124:abc, linz-ag=125:abc"}, "names linz-ag twice"),
    ("BOT_TOKENS", {"BOT_TOKENS": "linz-ag=124:abc, graz=124:abc"}, "linz-ag and graz have the same bot"),
    ("BOT_TOKENS", {"BOT_TOKENS": "linz-ag=123:new"}, "BOT_TOKEN and linz-ag have the same bot"),
    ("BOT_TOKENS", {"BOT_TOKENS": CLASHING}, "cannot run in one instance"),
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
    ("OCPP_TLS_PORT", {"OCPP_TLS_PORT": "many"}, "integer"),
    ("OCPP_TLS_PORT", {"OCPP_TLS_PORT": "65536"}, "65535"),
    ("OCPP_TLS_PORT", TLS | {"OCPP_TLS_PORT": ""}, "must be set where OCPP_TLS_CERT is"),
    (
        "OCPP_TLS_PORT",
        {"OCPP_TLS_PORT": "", "OCPP_TLS_CLIENT_CA": "ca.pem"},
        "must be set where OCPP_TLS_CLIENT_CA",
    ),
    ("OCPP_TLS_CERT", TLS | {"OCPP_TLS_CERT": ""}, "must be set where OCPP_TLS_PORT is"),
    ("OCPP_TLS_KEY", TLS | {"OCPP_TLS_KEY": ""}, "must be set where OCPP_TLS_PORT is"),
    ("OCPP_TLS_CERT", TLS, "cannot be read: No such file"),
    ("OCPP_TRUSTED_PROXY", {"OCPP_TRUSTED_PROXY": "proxy.local"}, "10.0.0.0/24"),
    ("OCPP_TRUSTED_PROXY", {"OCPP_TRUSTED_PROXY": "10.0.0.7, 10.0.0.7/24"}, "host bits"),
    ("OCPP_ASSUMED_VERSION", {"OCPP_ASSUMED_VERSION": "1.5"}, "'1.6', '2.0.1' or 'none'"),
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
    environment.setenv("HTTP_PORT", "0")
    for each, value in settings.items():
        environment.setenv(each, value)
    assert main(["run"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    (line,) = told.err.splitlines()
    assert line.startswith(name)
    assert reason in line
    assert "abc" not in line, "a token is never told"


def test_without_any_setting_the_token_is_asked_for(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.delenv("DATABASE_URL")
    assert main(["run"]) == 2
    assert capsys.readouterr().err.startswith("BOT_TOKEN is not set: get one from @BotFather")


def test_tokens_are_taken_over_by_operator(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("BOT_TOKENS", " stadtwerke-graz = 123:abc ,linz-ag=456:def, ")
    assert load_settings().tokens == {"stadtwerke-graz": "123:abc", "linz-ag": "456:def"}
    environment.setenv("BOT_TOKEN", "7:ghi")
    assert load_settings().tokens == {"": "7:ghi", "stadtwerke-graz": "123:abc", "linz-ag": "456:def"}


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


def test_a_wrong_setting_ends_the_real_process(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("BOT_TOKEN", TOKEN)
    environment.setenv("HTTP_PORT", "many")
    environment.setenv("PYTHONPATH", str(ROOT))
    command = [sys.executable, "-m", "bot", "run"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert [line.partition(" ")[0] for line in ended.stderr.splitlines()] == ["HTTP_PORT"]


def test_every_setting_of_the_tls_port_is_taken_over(environment: pytest.MonkeyPatch) -> None:
    for name, value in (TLS | {"OCPP_TLS_CLIENT_CA": "/nowhere/ca.pem"}).items():
        environment.setenv(name, value)
    environment.setenv("OCPP_TRUSTED_PROXY", "10.0.0.7, 2001:db8::/32")
    environment.setenv("OCPP_ASSUMED_VERSION", "none")
    settings = load_settings()
    assert (settings.ocpp_tls_port, settings.ocpp_tls_client_ca) == (0, "/nowhere/ca.pem")
    assert settings.trusted_proxies == (ip_network("10.0.0.7/32"), ip_network("2001:db8::/32"))
    assert settings.ocpp_assumed_version is AssumedVersion.NONE


async def test_a_tls_port_that_is_taken_ends_the_real_process(run: Run, tmp_path: Path) -> None:
    shown = Authority(tmp_path / "ca").server()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        files = {"OCPP_TLS_CERT": str(shown.certificate), "OCPP_TLS_KEY": str(shown.key)}
        process = await run({"OCPP_TLS_PORT": port, "TELEGRAM_API_URL": "http://127.0.0.1:1", **files})
        code, errors = await process.end(seconds=20)
    assert code == 2
    assert errors.splitlines()[-1].startswith(f"OCPP_TLS_PORT: cannot listen on 127.0.0.1:{port}")
