"""Databases for all tests: a fresh SQLite file, and a fresh database on a real PostgreSQL server."""

import itertools
import shutil
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


@pytest.fixture(scope="session")
def templates() -> dict[str, str]:
    """A migrated database of each kind, once there is one: to copy it is much faster than to migrate each anew."""
    return {}


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, templates: dict[str, str], tmp_path: Path) -> str:
    """A migrated database without rows."""
    kind: str = request.param
    if kind not in templates:
        templates[kind] = await _template(request, kind)
    if kind == "sqlite":
        shutil.copy(templates[kind], tmp_path / "bot.db")
        return f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    return await new_postgres_database(request.getfixturevalue("postgres_server"), templates[kind])


async def _template(request: pytest.FixtureRequest, kind: str) -> str:
    if kind == "sqlite":
        folder: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
        template = str(folder.mktemp("template") / "bot.db")
        url = f"sqlite:///{template}"
    else:
        url = await new_postgres_database(request.getfixturevalue("postgres_server"))
        template = url.rpartition("/")[2]
    database = open_database(url)
    await migrate(database)
    await database.close()
    return template


async def new_postgres_database(server: str, template: str = "template1") -> str:
    name = f"test_{next(_numbers)}"
    admin = await asyncpg.connect(server.replace("+asyncpg", "") + "postgres")
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    await admin.close()
    return server + name


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url)
    yield opened
    await opened.close()
