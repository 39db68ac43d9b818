"""The last day of a connector and its surroundings, as a diagnosis reads it."""

from datetime import datetime, timedelta

from bot.domain.capability import Source
from bot.domain.observation import Noted, Seen, StatusObserved, TransactionStarted, TransactionStopped
from bot.domain.status import ConnectorState, ConnectorStatus
from storage.database import Database
from storage.uow import UnitOfWork
from tests.storage import town
from tests.storage.town import NOW

STATION = "GRAZ-01"
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def told(uow: UnitOfWork, at: datetime, source: Source = Source.OCPP, connector: int = 1) -> None:
    state = ConnectorState(connector, ConnectorStatus.FAULTED, "InternalError", at, at)
    uow.station_log.keep([StatusObserved(STATION, at, state, changed=True)], source)


async def test_the_intervals_of_one_connector_and_source_since_a_moment(database: Database) -> None:
    def happened(uow: UnitOfWork) -> None:
        town.build(uow)
        for at in (NOW - 2 * DAY, NOW - 2 * HOUR, NOW - HOUR):
            told(uow, at)
        told(uow, NOW, Source.OCPI)
        told(uow, NOW, connector=2)

    await database.write(happened)
    found = await database.read(lambda uow: uow.lookback.intervals(STATION, 1, Source.OCPP, since=NOW - DAY))
    assert [state.since for state in found] == [NOW - HOUR, NOW - 2 * HOUR]


async def test_the_last_stop_is_the_latest_of_that_connector_and_local_without_a_reason(
    database: Database,
) -> None:
    def session(uow: UnitOfWork, connector: int, ended: datetime, reason: str | None) -> None:
        start = TransactionStarted(STATION, ended - HOUR, connector, "TAG", 0, ended - HOUR)
        number = uow.station_log.start_transaction(start)
        uow.station_log.stop_transaction(TransactionStopped(STATION, ended, number, 1, reason, None))

    def happened(uow: UnitOfWork) -> None:
        town.build(uow)
        session(uow, 1, NOW - 3 * HOUR, "PowerLoss")
        session(uow, 1, NOW - 2 * HOUR, None)
        session(uow, 2, NOW, "EmergencyStop")

    await database.write(happened)
    since = NOW - DAY
    assert await database.read(lambda uow: uow.lookback.last_stop(STATION, 1, since)) == (
        "Local",
        NOW - 2 * HOUR,
    )
    assert await database.read(lambda uow: uow.lookback.last_stop(STATION, 1, NOW)) is None


async def test_the_latest_word_of_a_firmware_update(database: Database) -> None:
    def happened(uow: UnitOfWork) -> None:
        town.build(uow)
        uow.station_log.keep([Noted(STATION, NOW - HOUR, "firmware_status", "Downloading")], Source.OCPP)
        uow.station_log.keep([Noted(STATION, NOW - HOUR / 2, "firmware_status", "Installing")], Source.OCPP)
        uow.station_log.keep([Noted(STATION, NOW, "diagnostics_status", "Uploaded")], Source.OCPP)

    await database.write(happened)
    found = await database.read(lambda uow: uow.lookback.firmware(STATION, NOW - DAY))
    assert found == ("Installing", NOW - HOUR / 2)


async def test_neighbours_are_the_others_of_the_location_that_ever_were_in_contact(
    database: Database,
) -> None:
    await database.write(town.build)
    assert await database.read(lambda uow: uow.lookback.neighbours(STATION)) == ()
    for each in (STATION, "GRAZ-02"):
        await database.write(lambda uow, each=each: uow.station_log.keep([Seen(each, NOW)], Source.OCPP))  # type: ignore[misc]  # The default binds it.
    assert await database.read(lambda uow: uow.lookback.neighbours(STATION)) == (("GRAZ-02", NOW),)
