"""Databases for all tests: a fresh SQLite file, and a fresh database on a real PostgreSQL server."""

import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from hypothesis import HealthCheck, settings

from storage.database import Database, open_database
from storage.migrations import migrate
from tests import postgres

_numbers = itertools.count(1)

# How long an example takes to be made says more of what else the machine does than of the test.
settings.register_profile("shared machine", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", default="10", help="how often the crash test kills the process")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with postgres.server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    server: str = request.getfixturevalue("postgres_server")
    return await new_postgres_database(server)


async def new_postgres_database(server: str) -> str:
    name = f"test_{next(_numbers)}"
    admin = await asyncpg.connect(server.replace("+asyncpg", "") + "postgres")
    await admin.execute(f"CREATE DATABASE {name}")
    await admin.close()
    return server + name


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url)
    await migrate(opened)
    yield opened
    await opened.close()
