"""A scene on SQLite, whose database is migrated once."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import open_database
from storage.migrations import migrate
from tests.stations.conftest import StandingClock
from tests.stations.ocpi.scene import Scene, opened


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ocpi") / "bot.db"
    asyncio.run(_migrated(path))
    return path


async def _migrated(path: Path) -> None:
    database = open_database(f"sqlite:///{path}")
    await migrate(database)
    await database.close()


@pytest.fixture
async def scene(template: Path, tmp_path: Path, clock: StandingClock) -> AsyncIterator[Scene]:
    shutil.copy(template, tmp_path / "bot.db")
    database = open_database(f"sqlite:///{tmp_path}/bot.db")
    async with opened(database, clock) as scene:
        yield scene
    await database.close()
