"""The databases of all tests, migrated once: a file is copied, the tables of PostgreSQL are emptied."""

import shutil
from pathlib import Path

import asyncpg
import pytest

from storage.database import open_database
from storage.migrations import migrate
from storage.tables import metadata
from tests.conftest import new_postgres_database


@pytest.fixture(scope="session")
def templates() -> dict[str, str]:
    """A migrated database of each kind, once there is one."""
    return {}


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
async def empty_database_url(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> str:
    """A database without tables."""
    if kind == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/empty.db"
    return await new_postgres_database(request.getfixturevalue("postgres_server"))


@pytest.fixture
async def database_url(
    request: pytest.FixtureRequest, kind: str, templates: dict[str, str], tmp_path: Path
) -> str:
    """A migrated database without rows."""
    if kind not in templates:
        templates[kind] = await _template(request, kind)
    if kind == "sqlite":
        shutil.copy(templates[kind], tmp_path / "bot.db")
        return f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    server: str = request.getfixturevalue("postgres_server")
    admin = await asyncpg.connect(server.replace("+asyncpg", "") + templates[kind])
    names = ", ".join(table.name for table in metadata.sorted_tables)
    # Some tables may only grow; a trigger that holds that would stop the emptying, too.
    await admin.execute("SET session_replication_role = replica")
    await admin.execute(f"TRUNCATE {names} RESTART IDENTITY")
    await admin.close()
    return server + templates[kind]


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
