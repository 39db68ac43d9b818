"""The schema that the migrations make is the one that the code speaks of."""

from functools import partial
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

from bot.domain.operator import Group, StickerLink
from bot.domain.rights import Right
from bot.domain.service import Cause, ServiceChange
from storage import migrations
from storage.database import Database, open_database
from storage.migrations import migrate, revision
from storage.repositories.staff import Colleague
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


async def test_what_was_there_before_administration_is_taken_along(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    await database.write(partial(_upgrade_to, "0005"))
    await database.write(_enter_as_of_then)
    await migrate(database)

    def read(uow: UnitOfWork) -> tuple[list[Colleague], list[Group], dict[str, list[ServiceChange]]]:
        return uow.staff.all("graz"), uow.staff.groups("graz"), uow.service.changes("graz")

    people, groups, history = await database.read(read)
    assert [(each.name, each.email, each.groups, each.entity_id) for each in people] == [
        ("Ada", "ada@example.org", ("Admins",), None),
        ("Anna", None, ("Hotline",), None),
    ]
    admins, hotline = groups
    # Whoever managed stations had all that has a right of its own now; and everybody saw names.
    assert set(Right) - admins.rights == {Right.COST_RELEASE, Right.USERS_MANAGE, Right.REMOTE_ACTIONS}
    assert hotline.rights == {Right.REMOTE_ACTIONS, Right.PERSONAL_DATA}
    ((station, (change,)),) = history.items()
    assert (station, change.active, str(change.price), change.cause) == (
        "GRAZ-01",
        True,
        "9.90",
        Cause.BEFORE,
    )
    operator = await database.read(lambda uow: uow.operators.get("graz"))
    assert operator is not None
    assert (operator.languages, operator.sticker_link) == ((), StickerLink.BOT)
    await database.close()


def _upgrade_to(wanted: str, uow: UnitOfWork) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = uow.connection
    command.upgrade(config, wanted)


def _enter_as_of_then(uow: UnitOfWork) -> None:
    """Rows as the release before wrote them."""
    array = "'{}'" if uow.connection.dialect.name == "sqlite" else "'{}'::jsonb"
    admin = '["infrastructure.stations", "infrastructure.operations_tab", "users.groups"]'
    hotline = '["infrastructure.remote_actions"]'
    for statement in (
        "INSERT INTO operators (id, name, country_code, party_id, time_zone, language, currency, "
        "price_per_station_month, hotline_phone) VALUES ('graz', 'Graz', 'AT', 'SWG', 'Europe/Vienna', 'de', "
        "'EUR', '9.90', '+43 316 0')",
        f"INSERT INTO groups VALUES ('graz', 'Admins', 'instance', {array.format(admin)})",
        f"INSERT INTO groups VALUES ('graz', 'Hotline', 'instance', {array.format(hotline)})",
        "INSERT INTO people (id, telegram_id, name, email) VALUES (1, 1001, 'Ada', 'ada@example.org')",
        "INSERT INTO people (id, telegram_id, name) VALUES (2, 3001, 'Anna')",
        "INSERT INTO people (id, telegram_id, name) VALUES (3, 501, 'Lena, a driver')",
        "INSERT INTO memberships VALUES ('graz', 1, 'Admins'), ('graz', 2, 'Hotline')",
        "INSERT INTO stations (id, operator_id, location_id, service_active) VALUES "
        "('GRAZ-01', 'graz', 'hbf', true), ('GRAZ-02', 'graz', 'hbf', false)",
    ):
        uow.connection.exec_driver_sql(statement)
