"""The schema that the migrations make is the one that the code speaks of."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from storage.database import Database, open_database
from storage.migrations import migrate, revision
from storage.tables import metadata
from storage.uow import UnitOfWork
from tests.storage import town


async def test_the_migrated_schema_is_that_of_the_tables(database: Database) -> None:
    def differences(uow: UnitOfWork) -> list[object]:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(uow.connection, opts=options)
        return list(compare_metadata(context, metadata))

    assert await database.read(differences) == []


async def test_migrating_again_changes_nothing_and_tells_the_revisions(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    empty, newest = await revision(database)
    assert (empty, bool(newest)) == (None, True)
    assert await migrate(database) == (None, newest)
    assert await migrate(database) == (newest, newest)
    assert await revision(database) == (newest, newest)
    await database.close()


async def test_the_service_keeps_what_it_held_when_it_is_migrated_again(database: Database) -> None:
    await database.write(town.build)
    await migrate(database)
    assert await database.read(lambda uow: uow.operators.get("graz")) == town.OPERATOR
