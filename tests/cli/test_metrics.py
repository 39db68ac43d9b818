"""`/metrics`: what waits and for how long, for whoever may read it."""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from bot.domain.case import CaseState
from bot.domain.outgoing import Outgoing, OutgoingKind
from bot.domain.timer import TimerKind
from bot.settings import SettingsError, load_settings
from bot.web.metrics import add_metrics
from bot.web.server import listen
from storage.database import Database
from storage.uow import UnitOfWork
from tests.storage import town

TOKEN = "a-token-of-some-length"


@contextlib.asynccontextmanager
async def served(database: Database, token: str) -> AsyncIterator[str]:
    app = web.Application()
    add_metrics(app, database, lambda: town.NOW, token)
    runner = await listen(app, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/metrics"
    finally:
        await runner.cleanup()


def busy(uow: UnitOfWork) -> None:
    """A night in which something hangs."""
    town.build(uow)
    for number, ago in ((1, 90), (2, 30), (3, -60)):
        uow.timers.set(number, TimerKind.LEVEL_DUE, town.NOW - timedelta(seconds=ago))
    stuck = uow.timers.claim(town.NOW, timedelta(seconds=15), 1)[0]
    uow.timers.give_up(stuck, town.NOW)
    for number, ago in enumerate((120, 5)):
        put = town.NOW - timedelta(seconds=ago)
        outgoing = Outgoing(OutgoingKind.ADMIN_NOTICE, f"l{number}", "telegram:1", f"k{number}")
        uow.outbox.put(outgoing, put)
    uow.outbox.end([1], town.NOW, "refused")
    town.new_case(uow, state=CaseState.WAITING_AGENT)
    town.new_case(uow, state=CaseState.WAITING_AGENT)
    town.new_case(uow, state=CaseState.CLOSED)


async def test_what_waits_is_told_in_the_format_of_prometheus(database: Database) -> None:
    await database.write(busy)
    async with served(database, TOKEN) as url, aiohttp.ClientSession() as session:
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        async with session.get(url, headers=bearer) as answer:
            assert answer.status == 200
            assert answer.content_type == "text/plain"
            families = list(text_string_to_metric_families(await answer.text()))
    told = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }
    assert told == {
        ("support_rows_waiting", "timers"): 2,
        ("support_rows_waiting", "outbox"): 1,
        ("support_rows_waiting", "inbox"): 0,
        ("support_oldest_overdue_seconds", "timers"): 30,
        ("support_oldest_overdue_seconds", "outbox"): 5,
        ("support_oldest_overdue_seconds", "inbox"): 0,
        ("support_rows_given_up", "timers"): 1,
        ("support_rows_given_up", "outbox"): 1,
        ("support_open_cases", "P2", "waiting_agent"): 2,
    }


@pytest.mark.parametrize(
    ("token", "headers", "status"),
    [
        (TOKEN, {}, 403),
        (TOKEN, {"Authorization": "Bearer another-token-of-it"}, 403),
        (TOKEN, {"Authorization": f"Bearer {TOKEN}"}, 200),
        ("", {}, 200),
        ("", {"X-Forwarded-For": "203.0.113.7"}, 403),
    ],
)
async def test_only_who_may_reads_it(
    filled: Database, token: str, headers: dict[str, str], status: int
) -> None:
    async with (
        served(filled, token) as url,
        aiohttp.ClientSession() as session,
        session.get(url, headers=headers) as answer,
    ):
        assert answer.status == status


@pytest.mark.parametrize("token", ["short", "with a space in the middle", "ümlaute-sind-kein-ascii"])
def test_a_token_that_is_none_ends_the_start(environment: pytest.MonkeyPatch, token: str) -> None:
    environment.setenv("METRICS_TOKEN", token)
    with pytest.raises(SettingsError, match="METRICS_TOKEN"):
        load_settings()
