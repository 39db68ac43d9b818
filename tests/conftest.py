"""Databases for all tests: a fresh SQLite file, and a fresh database on a real PostgreSQL server."""

import gc
import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from hypothesis import HealthCheck, settings

from bot import interpreter
from storage.database import Database, open_database
from storage.migrations import migrate
from tests import postgres

_numbers = itertools.count(1)

# How long an example takes to be made says more of what else the machine does than of the test.
settings.register_profile("shared machine", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")


def pytest_collection_finish() -> None:
    """What is imported and collected by now is not searched for garbage again and again; as the service has it."""
    interpreter.set_up()


def pytest_unconfigure() -> None:
    """Libraries complain of what is still there when the interpreter ends."""
    gc.unfreeze()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", default="10", help="how often the crash test kills the process")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with postgres.server() as url:
        yield url


@pytest.fixture(scope="session")
def migrated() -> dict[str, str]:
    """A migrated database of each kind, once there is one: a file that is copied, or one that is emptied."""
    return {}


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """On which database a test runs."""
    found: str = request.param
    return found


@pytest.fixture
async def database_url(
    request: pytest.FixtureRequest, kind: str, migrated: dict[str, str], tmp_path: Path
) -> str:
    """A migrated database without rows."""
    known = kind in migrated
    if not known:
        migrated[kind] = await _migrated(request, kind)
    if kind == "sqlite":
        shutil.copy(migrated[kind], tmp_path / "bot.db")
        return f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    if known:
        await postgres.empty(migrated[kind])
    return migrated[kind]


async def _migrated(request: pytest.FixtureRequest, kind: str) -> str:
    if kind == "sqlite":
        folder: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
        made = str(folder.mktemp("migrated") / "bot.db")
        url = f"sqlite:///{made}"
    else:
        made = url = await new_postgres_database(request.getfixturevalue("postgres_server"))
    database = open_database(url)
    await migrate(database)
    await database.close()
    return made


async def new_postgres_database(server: str) -> str:
    """Another database, without tables."""
    name = f"test_{next(_numbers)}"
    admin = await asyncpg.connect(server.replace("+asyncpg", "") + "postgres")
    await admin.execute(f"CREATE DATABASE {name}")
    await admin.close()
    return server + name


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url)
    yield opened
    await opened.close()
