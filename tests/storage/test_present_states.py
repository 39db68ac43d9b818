"""The present state of a connector and the chain of the intervals before it."""

from datetime import timedelta

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import IntegrityError

from bot.domain.capability import Source
from bot.domain.observation import StatusObserved
from bot.domain.status import ConnectorState, ConnectorStatus
from storage import migrations
from storage.database import Database, open_database
from storage.repositories.bulk import packed
from storage.repositories.status_changes import PackedChanges
from storage.uow import UnitOfWork
from tests.storage.town import NOW

BEFORE = "0004"
MINUTE = timedelta(minutes=1)
_OLD = (
    "INSERT INTO status_intervals (station_id, connector, status, error_code, source, started_at, heard_at, ended_at) "
    "VALUES ('{station}', {connector}, '{status}', 'NoError', '{source}', '{start}', '{heard}', {end})"
)


def told(minute: int, status: ConnectorStatus, connector: int = 1, station: str = "S1") -> StatusObserved:
    at = NOW + minute * MINUTE
    return StatusObserved(station, at, ConnectorState(connector, status, None, at, at), changed=True)


async def keep(database: Database, *observed: StatusObserved, source: Source = Source.OCPP) -> None:
    await database.write(lambda uow: uow.station_log.keep(observed, source))


async def beginnings(
    database: Database, station: str = "S1", connector: int = 1, most: int = 99
) -> list[int]:
    """The minutes in which the intervals of a connector began, the newest first."""
    found = await database.read(lambda uow: uow.station_log.history(station, connector, most))
    return [int((state.since - NOW) / MINUTE) for state in found]


def migrate_to(uow: UnitOfWork, revision: str) -> None:
    config: Config = migrations._config()
    config.attributes["connection"] = uow.connection
    step = command.upgrade if revision == "head" else command.downgrade
    step(config, revision)


def insert_old(
    uow: UnitOfWork, station: str, connector: int, start: int, end: int | None, **other: str
) -> None:
    def moment(minute: int) -> str:
        return f"{NOW + minute * MINUTE:%Y-%m-%d %H:%M:%S.%f}"

    values = {"status": "Available", "source": "ocpp"} | other
    uow.connection.exec_driver_sql(
        _OLD.format(
            station=station,
            connector=connector,
            start=moment(start),
            heard=moment(start),
            end="NULL" if end is None else f"'{moment(end)}'",
            **values,
        )
    )


async def test_history_goes_back_along_the_changes_of_all_sources(database: Database) -> None:
    words = (ConnectorStatus.AVAILABLE, ConnectorStatus.PREPARING, ConnectorStatus.CHARGING)
    for minute in range(0, 12, 2):
        await keep(database, told(minute, words[minute % 3]), told(minute, words[minute % 3], connector=2))
        await keep(database, told(minute + 1, words[minute % 3]), source=Source.OCPI)
    assert await beginnings(database) == list(range(11, -1, -1))
    assert await beginnings(database, most=3) == [11, 10, 9]
    assert await beginnings(database, connector=2) == [10, 8, 6, 4, 2, 0]


async def test_several_changes_of_one_connector_kept_at_once_are_all_in_its_history(
    database: Database,
) -> None:
    await keep(database, *(told(minute, ConnectorStatus.AVAILABLE) for minute in range(5)))
    await keep(database, *(told(minute, ConnectorStatus.FAULTED) for minute in range(5, 9)))
    assert await beginnings(database) == [8, 7, 6, 5, 4, 3, 2, 1, 0]
    (present,) = await database.read(lambda uow: uow.station_log.connectors("S1"))
    assert (present.status, present.since) == (ConnectorStatus.FAULTED, NOW + 8 * MINUTE)


async def test_the_first_status_of_a_connector_has_no_interval_before_it(database: Database) -> None:
    await keep(database, told(0, ConnectorStatus.AVAILABLE))
    await keep(database, told(1, ConnectorStatus.FAULTED), told(1, ConnectorStatus.AVAILABLE, station="S2"))
    query = "SELECT station_id, previous_id FROM connector_states ORDER BY station_id"
    chained = await database.read(lambda uow: uow.connection.exec_driver_sql(query).all())
    assert [tuple(row) for row in chained] == [("S1", 1), ("S2", None)]
    await keep(database, told(2, ConnectorStatus.AVAILABLE))
    assert await beginnings(database, "S2") == [1]
    assert await beginnings(database) == [2, 1, 0]


async def test_history_ends_where_the_rest_was_forgotten_though_its_numbers_are_given_again(
    database: Database,
) -> None:
    for minute in range(4):
        await keep(
            database, told(minute, ConnectorStatus.AVAILABLE), told(minute, ConnectorStatus.FAULTED, 2)
        )

    def forget_all(uow: UnitOfWork) -> None:
        uow.connection.exec_driver_sql("DELETE FROM status_intervals")

    await database.write(forget_all)
    for minute in range(4, 12):
        await keep(database, told(minute, ConnectorStatus.FAULTED, 2))
    await keep(database, told(12, ConnectorStatus.AVAILABLE))
    assert await beginnings(database) == [12, 3]
    assert await beginnings(database, connector=2) == [11, 10, 9, 8, 7, 6, 5, 4, 3]


async def test_intervals_that_were_kept_before_there_was_a_chain_are_carried_over(database_url: str) -> None:
    database = open_database(database_url)
    await migrations.migrate(database)
    await database.write(lambda uow: migrate_to(uow, BEFORE))

    def happened(uow: UnitOfWork) -> None:
        insert_old(uow, "S1", 1, 0, 5)
        insert_old(uow, "S2", 1, 1, 3)
        insert_old(uow, "S1", 1, 6, None, source="ocpi")
        insert_old(uow, "S1", 1, 5, 7)
        # One that was never ended, though another one followed.
        insert_old(uow, "S2", 1, 3, None)
        insert_old(uow, "S1", 1, 7, None, status="Charging")
        insert_old(uow, "S2", 1, 9, None)

    await database.write(happened)
    await migrations.migrate(database)
    assert await beginnings(database) == [7, 6, 5, 0]
    assert await beginnings(database, "S2") == [9, 3, 1]
    (present,) = await database.read(lambda uow: uow.station_log.connectors("S1"))
    assert (present.status, present.since) == (ConnectorStatus.CHARGING, NOW + 7 * MINUTE)
    await keep(database, told(10, ConnectorStatus.AVAILABLE))
    assert await beginnings(database) == [10, 7, 6, 5, 0]
    await database.write(lambda uow: migrate_to(uow, BEFORE))
    await migrations.migrate(database)
    assert await beginnings(database) == [10, 7, 6, 5, 0]
    assert await beginnings(database, "S2") == [9, 3, 1]
    await database.close()


async def test_a_batch_that_fails_halfway_leaves_nothing_for_the_next(database: Database) -> None:
    await keep(database, told(0, ConnectorStatus.AVAILABLE))
    # A status is never missing, so that the table refuses this only when the interval before has been ended.
    broken = PackedChanges(packed([["S1", 1, None, None, None, NOW + MINUTE]]), 1, "")
    with pytest.raises(IntegrityError):
        await database.write(lambda uow: broken.write(uow.connection, Source.OCPP.value))
    assert await beginnings(database) == [0]
    await keep(database, told(2, ConnectorStatus.CHARGING))
    assert await beginnings(database) == [2, 0]
