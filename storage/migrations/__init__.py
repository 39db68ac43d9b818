"""Migrations of the database, by Alembic; they run inside the transaction that they are given."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage.database import Database
from storage.uow import UnitOfWork


async def migrate(database: Database) -> tuple[str | None, str]:
    """Brings the database to the newest revision; returns the revision before and after."""
    return await database.write(_upgrade)


async def revision(database: Database) -> tuple[str | None, str]:
    """The revision that the database is at, None for an empty one, and the newest there is."""
    return await database.read(_revision)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


@cache
def _newest() -> str:
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    if newest is None:
        raise RuntimeError("there are no migrations")
    return newest


def _revision(uow: UnitOfWork) -> tuple[str | None, str]:
    return MigrationContext.configure(uow.connection).get_current_revision(), _newest()


def _upgrade(uow: UnitOfWork) -> tuple[str | None, str]:
    before, newest = _revision(uow)
    if before != newest:
        config = _config()
        config.attributes["connection"] = uow.connection
        command.upgrade(config, "head")
    return before, newest
