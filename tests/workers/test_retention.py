"""Retention: what is old goes, what uptime needs and what has not ended stays."""

from datetime import datetime, timedelta

import pytest

from bot.domain.capability import Source
from bot.domain.observation import LinkChanged, Noted, StatusObserved, TransactionStarted, TransactionStopped
from bot.domain.status import ConnectorState, ConnectorStatus
from bot.workers import retention
from bot.workers.retention import INTERVALS_KEPT, forget_old
from storage.database import Database
from storage.uow import UnitOfWork
from tests.storage import town
from tests.storage.town import NOW

STATION = "GRAZ-01"
DAY = timedelta(days=1)
KEPT = 180 * DAY
LONG_AGO = NOW - INTERVALS_KEPT - 10 * DAY
OLD = NOW - KEPT - 10 * DAY


def told(at: datetime, status: ConnectorStatus = ConnectorStatus.AVAILABLE) -> StatusObserved:
    return StatusObserved(STATION, at, ConnectorState(1, status, None, at, at), changed=True)


async def statuses(database: Database, *moments: datetime) -> None:
    observed = [told(at) for at in moments]
    await database.write(lambda uow: uow.station_log.keep(observed, Source.OCPP))


async def beginnings(database: Database) -> list[datetime]:
    states = await database.read(lambda uow: uow.station_log.history(STATION, 1, 10_000))
    return [state.since for state in states]


@pytest.fixture
async def built(database: Database) -> Database:
    await database.write(town.build)
    return database


async def forget(database: Database) -> int:
    return await forget_old(database, lambda: NOW, KEPT)


async def test_intervals_stay_for_as_long_as_uptime_needs_them(built: Database) -> None:
    # Each ends where the next begins, so the second of them ended later than uptime needs.
    await statuses(built, LONG_AGO, LONG_AGO + DAY, OLD, NOW - DAY)
    assert await forget(built) == 1
    assert await beginnings(built) == [NOW - DAY, OLD, LONG_AGO + DAY]


async def test_a_longer_retention_keeps_intervals_longer_too(built: Database) -> None:
    await statuses(built, LONG_AGO, LONG_AGO + DAY)
    assert await forget_old(built, lambda: NOW, INTERVALS_KEPT + 100 * DAY) == 0


async def test_a_status_that_has_stood_for_years_is_never_forgotten(built: Database) -> None:
    await statuses(built, LONG_AGO)
    assert await forget(built) == 0
    assert await beginnings(built) == [LONG_AGO]


async def test_old_sessions_and_notes_go_and_the_comings_and_goings_of_links_stay(built: Database) -> None:
    def happened(uow: UnitOfWork) -> None:
        for at in (OLD, NOW - DAY):
            number = uow.station_log.start_transaction(TransactionStarted(STATION, at, 1, "TAG", 0, at))
            uow.station_log.stop_transaction(
                TransactionStopped(STATION, at + timedelta(hours=1), number, 900, "Local", None)
            )
            uow.station_log.keep([Noted(STATION, at, "firmware_status", "Installed")], Source.OCPP)
        uow.station_log.keep([LinkChanged(STATION, OLD, connected=False)], Source.OCPP)
        uow.station_log.keep([LinkChanged(STATION, LONG_AGO, connected=True)], Source.OCPP)
        running = TransactionStarted(STATION, OLD, 2, "TAG", 0, OLD)
        uow.station_log.start_transaction(running)

    await built.write(happened)
    # A session and a note of long ago, and one link's coming that is older than uptime needs.
    assert await forget(built) == 3
    assert await forget(built) == 0
    left = await built.read(lambda uow: uow.station_log.open_transactions(STATION))
    assert [session.connector for session in left] == [2]


async def test_much_is_forgotten_in_several_short_transactions(
    built: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 7)
    await statuses(built, *(LONG_AGO - n * timedelta(minutes=1) for n in range(50, 0, -1)), NOW - DAY)
    assert await forget(built) == 49
    assert len(await beginnings(built)) == 2
