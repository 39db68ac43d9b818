"""The schema that the migrations make is the one that the code speaks of."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

from bot.domain.operator import Group, StickerLink
from bot.domain.rights import Right
from bot.domain.service import Cause, ServiceChange
from bot.domain.timer import TimerKind
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
    await database.write(partial(upgrade_to, "0005"))
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


async def test_a_case_that_waited_under_the_release_before_still_has_its_deadline(
    empty_database_url: str,
) -> None:
    database = open_database(empty_database_url)
    await database.write(partial(upgrade_to, "0011"))

    def as_of_then(uow: UnitOfWork) -> None:
        uow.connection.exec_driver_sql(
            "INSERT INTO timers (kind, subject, due_at, dedupe_key) VALUES "
            "('agent_did_not_answer', 7, '2026-11-22 12:00:00', 'agent_did_not_answer:7')"
        )

    await database.write(as_of_then)
    await migrate(database)
    assert await database.read(lambda uow: uow.timers.due_of(7, TimerKind.LEVEL_DUE)) is not None
    await database.write(partial(downgrade_to, "0011"))
    kinds = await database.read(
        lambda uow: list(uow.connection.exec_driver_sql("SELECT kind, dedupe_key FROM timers"))
    )
    assert [tuple(each) for each in kinds] == [("agent_did_not_answer", "agent_did_not_answer:7")]
    await database.close()


async def test_the_release_before_finds_no_deadline_that_it_does_not_know(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    await migrate(database)

    def every_kind(uow: UnitOfWork) -> None:
        for kind in TimerKind:
            uow.timers.set(7, kind, datetime(2026, 11, 22, 12, tzinfo=UTC))

    await database.write(every_kind)
    await database.write(partial(downgrade_to, "0008"))
    kinds = await database.read(
        lambda uow: set(uow.connection.exec_driver_sql("SELECT kind FROM timers").scalars())
    )
    assert kinds == {
        "agent_did_not_answer",
        "driver_did_not_answer",
        "driver_did_not_rate",
        "remote_action_unproved",
        "ladder_climbs",
        "station_may_be_back",
    }
    await database.close()


def downgrade_to(wanted: str, uow: UnitOfWork) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = uow.connection
    command.downgrade(config, wanted)


def upgrade_to(wanted: str, uow: UnitOfWork) -> None:
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


async def test_the_one_group_of_an_operator_has_the_cases_that_people_had(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    await database.write(partial(upgrade_to, "0008"))
    await database.write(_enter_cases_as_of_then)
    await migrate(database)

    def read(uow: UnitOfWork) -> tuple[list[int], list[tuple[int | None, bool]]]:
        found = [uow.cases.get(number) for number in (1, 2, 3)]
        told = [(each.group_chat, each.ended_at is not None) for each in found if each is not None]
        return [each.chat for each in uow.hotlines.of("graz")], told

    assert await database.read(read) == ([-55], [(-55, False), (None, False), (-55, True)])
    await database.close()


def _enter_cases_as_of_then(uow: UnitOfWork) -> None:
    """One that an agent has, one that the bot has, and one that ended with a topic."""
    execute = uow.connection.exec_driver_sql
    execute(
        "INSERT INTO operators (id, name, country_code, party_id, time_zone, language, currency, "
        "price_per_station_month, hotline_phone, hotline_chat) VALUES ('graz', 'Graz', 'AT', 'SWG', "
        "'Europe/Vienna', 'de', 'EUR', '9.90', '+43 316 0', -55)"
    )
    execute("INSERT INTO people (id, telegram_id, name) VALUES (1, 501, 'Lena')")
    for number, state, topic in (
        (1, "with_agent", "'telegram:-55:7'"),
        (2, "diagnosing", "NULL"),
        (3, "closed", "'telegram:-55:8'"),
    ):
        execute(
            "INSERT INTO cases (id, operator_id, driver_id, conversation, state, version, symptom, severity, "
            f"opened_at, changed_at, topic) VALUES ({number}, 'graz', 1, 'telegram:501', '{state}', 1, 'other', "
            f"'P2', '2026-11-22 10:00:00', '2026-11-22 11:00:00', {topic})"
        )
