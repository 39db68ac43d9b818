"""What stations tell is written many at a time, and the outcome is as if it had been one by one."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

import pytest
from structlog.testing import capture_logs

from bot.domain.capability import Source
from bot.domain.observation import (
    Booted,
    LinkChanged,
    Noted,
    Observation,
    Seen,
    StatusObserved,
    TransactionStarted,
    TransactionStopped,
)
from bot.domain.status import ConnectorState, ConnectorStatus
from bot.operations.journal import MOST, Journal
from storage.database import Database
from storage.uow import UnitOfWork
from tests.storage import town
from tests.storage.town import NOW

T = TypeVar("T")
TOLD = "station_id, connector, status, error_code, source, started_at, claimed_at, heard_at"
ROWS = (
    f"SELECT {TOLD}, ended_at FROM status_intervals UNION ALL SELECT {TOLD}, NULL FROM connector_states "
    "ORDER BY station_id, connector, source, started_at"
)


class Counted:
    """A database that counts its writes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.writes = 0

    @property
    def shared(self) -> bool:
        return self._database.shared

    async def write(self, work: Callable[[UnitOfWork], T]) -> T:
        self.writes += 1
        return await self._database.write(work)

    async def read(self, work: Callable[[UnitOfWork], T]) -> T:
        return await self._database.read(work)

    async def close(self) -> None:
        await self._database.close()


def status(
    station: str, word: ConnectorStatus, after: float, *, connector: int = 1, changed: bool = True
) -> StatusObserved:
    now = NOW + timedelta(seconds=after)
    return StatusObserved(station, now, ConnectorState(connector, word, "NoError", now, now), changed)


def unkeepable(station: str) -> Seen:
    """A naive time is refused by every table."""
    return Seen(station, datetime(2026, 11, 22))  # noqa: DTZ001  # That is the point.


async def rows(database: Database, statement: str = ROWS) -> list[tuple[object, ...]]:
    found = await database.read(lambda uow: uow.connection.exec_driver_sql(statement).all())
    return [tuple(row) for row in found]


async def test_what_waits_together_is_written_together(database: Database) -> None:
    counted = Counted(database)
    journal = Journal(counted)
    stations = [f"S{number}" for number in range(MOST)]
    await asyncio.gather(*(journal.record([status(each, ConnectorStatus.AVAILABLE, 0)]) for each in stations))
    assert counted.writes == 1
    assert sorted(str(row[0]) for row in await rows(database)) == sorted(stations)


async def test_what_comes_while_something_is_written_is_written_next(database: Database) -> None:
    counted = Counted(database)
    journal = Journal(counted)
    first = journal.record([status("S1", ConnectorStatus.AVAILABLE, 0)])
    await asyncio.sleep(0)
    assert counted.writes == 1
    rest = [journal.record([status(f"T{number}", ConnectorStatus.AVAILABLE, 1)]) for number in range(20)]
    await asyncio.gather(first, *rest)
    assert counted.writes == 2
    assert len(await rows(database)) == 21


async def test_more_than_one_transaction_holds_is_written_in_parts_and_in_order(database: Database) -> None:
    counted = Counted(database)
    journal = Journal(counted)
    words = [ConnectorStatus.AVAILABLE, ConnectorStatus.PREPARING, ConnectorStatus.CHARGING]
    told: list[str] = []
    for turn, word in enumerate(words):
        for number in range(MOST):
            station = f"S{number}"
            journal.keep([status(station, word, turn)], lambda _, key=f"{station} {word}": told.append(key))  # type: ignore[misc]  # The default binds it.
    while journal._writing:
        await asyncio.wait(journal._writing)
    assert counted.writes == len(words)
    assert told == [f"S{number} {word}" for word in words for number in range(MOST)]
    found = [row[2:3] + row[8:] for row in await rows(database) if row[0] == "S7"]
    assert [word for word, _ in found] == [word.value for word in words]
    assert [ended is None for _, ended in found] == [False, False, True]


async def test_nothing_is_reported_as_kept_before_it_is(database: Database) -> None:
    journal = Journal(database)
    kept = journal.record([status("S1", ConnectorStatus.AVAILABLE, 0)])
    assert not kept.done()
    await kept
    assert len(await rows(database)) == 1


async def test_a_record_that_cannot_be_kept_takes_no_other_with_it(database: Database) -> None:
    journal = Journal(database)
    good = [journal.record([status(f"S{number}", ConnectorStatus.AVAILABLE, 0)]) for number in range(5)]
    bad = journal.record([status("BAD", ConnectorStatus.AVAILABLE, 0), unkeepable("BAD")])
    done = await asyncio.gather(*good, bad, return_exceptions=True)
    assert done[:5] == [None] * 5
    assert isinstance(done[5], Exception)
    assert [row[0] for row in await rows(database)] == [f"S{number}" for number in range(5)]


async def test_who_does_not_wait_is_called_once_it_is_durable_or_with_what_went_wrong(
    database: Database,
) -> None:
    journal = Journal(database)
    heard: dict[str, list[BaseException | None]] = {"S1": [], "BAD": [], "S2": []}
    journal.keep([status("S1", ConnectorStatus.AVAILABLE, 0)], heard["S1"].append)
    journal.keep([unkeepable("BAD")], heard["BAD"].append)
    assert heard == {"S1": [], "BAD": [], "S2": []}
    await journal.record([status("S2", ConnectorStatus.AVAILABLE, 0)])
    # What is written one by one after a failure may end in any order.
    while journal._writing:
        await asyncio.wait(journal._writing)
    assert heard["S1"] == [None]
    (error,) = heard["BAD"]
    assert isinstance(error, Exception)
    assert sorted(str(row[0]) for row in await rows(database)) == ["S1", "S2"]


async def test_who_fails_at_what_is_told_keeps_nobody_else_from_hearing_of_it(database: Database) -> None:
    journal = Journal(database)
    heard: list[BaseException | None] = []

    def fail(_: BaseException | None) -> None:
        raise LookupError("mine")

    journal.keep([status("S1", ConnectorStatus.AVAILABLE, 0)], fail)
    journal.keep([status("S2", ConnectorStatus.AVAILABLE, 0)], heard.append)
    with capture_logs() as logs:
        await journal.record([status("S3", ConnectorStatus.AVAILABLE, 0)])
    assert heard == [None]
    assert [entry["event"] for entry in logs] == ["nobody_told_what_was_kept"]


async def test_who_waits_for_a_writer_that_is_interrupted_is_told_so(database: Database) -> None:
    journal = Journal(database)
    heard: list[BaseException | None] = []
    first = journal.record([status("S1", ConnectorStatus.AVAILABLE, 0)])
    await asyncio.sleep(0)
    journal.keep([status("S2", ConnectorStatus.AVAILABLE, 0)], heard.append)
    assert journal._writing
    for writing in journal._writing:
        writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert [type(each) for each in heard] == [asyncio.CancelledError]


@pytest.mark.parametrize("count", [1, 3, 255, 256, 257, 700])
async def test_as_many_as_come_are_kept_and_no_more(database: Database, count: int) -> None:
    journal = Journal(database)
    told = [status(f"S{number:03d}", ConnectorStatus.AVAILABLE, 0) for number in range(count)]
    await journal.record(told)
    await journal.record([status(each.station_id, ConnectorStatus.FAULTED, 1) for each in told])
    found = await rows(database)
    assert [row[0] for row in found] == [each.station_id for each in told for _ in range(2)]


async def test_a_watcher_that_fails_undoes_only_what_it_failed_at(database: Database) -> None:
    journal = Journal(database)

    def watch(_: UnitOfWork, observations: Sequence[Observation]) -> None:
        if any(each.station_id == "S2" for each in observations):
            raise LookupError("S2")

    journal.watch(watch, lambda: None)
    told = [journal.record([status(each, ConnectorStatus.FAULTED, 0)]) for each in ("S1", "S2", "S3")]
    first, second, third = await asyncio.gather(*told, return_exceptions=True)
    assert (first, third) == (None, None)
    assert isinstance(second, LookupError)
    assert [row[0] for row in await rows(database)] == ["S1", "S3"]


async def test_the_watcher_sees_everything_in_order_in_the_transaction_that_keeps_it(
    database: Database,
) -> None:
    await database.write(town.build)
    journal = Journal(database)
    seen: list[Observation] = []
    open_then: list[int] = []

    def watch(uow: UnitOfWork, observations: Sequence[Observation]) -> None:
        seen.extend(observations)
        open_then.append(len(uow.station_log.connectors("GRAZ-01")))

    journal.watch(watch, lambda: None)
    started = TransactionStarted("GRAZ-01", NOW, 1, "TAG", 0, None, reference="own-1")
    number = await journal.start_transaction(started)
    told: list[Observation] = [
        Seen("GRAZ-01", NOW),
        status("GRAZ-01", ConnectorStatus.CHARGING, 1),
        TransactionStopped("GRAZ-01", NOW, None, 10, "Local", None, reference="own-1"),
        Booted("GRAZ-01", NOW, "ACME", "M", None, None),
    ]
    await journal.record(told)
    assert [type(each) for each in seen] == [TransactionStarted, *(type(each) for each in told)]
    stopped = seen[3]
    assert isinstance(stopped, TransactionStopped)
    assert stopped.transaction_id == number
    assert open_then == [0, 1]


@pytest.mark.parametrize("seed", range(6))
async def test_a_batch_leaves_what_the_same_observations_leave_one_by_one(
    database: Database, seed: int
) -> None:
    chance = Random(seed)  # It only makes up a story.
    told = [
        status(
            chance.choice(("A", "B")),
            chance.choice((ConnectorStatus.AVAILABLE, ConnectorStatus.FAULTED)),
            second,
            connector=chance.choice((1, 2)),
            changed=chance.random() < 0.6,
        )
        for second in range(40)
    ]
    cut = chance.randrange(40)
    single = {source: Journal(database, source) for source in (Source.OCPP, Source.OCPI)}
    for each in told:
        await single[Source.OCPI].record([each])
    await single[Source.OCPP].record(told[:cut])
    await single[Source.OCPP].record(told[cut:])
    found = await rows(database)
    one_by_one = [row[:4] + row[5:] for row in found if row[4] == "ocpi"]
    batch = [row[:4] + row[5:] for row in found if row[4] == "ocpp"]
    assert len(one_by_one) > 10
    assert batch == one_by_one


async def test_links_boots_and_notes_of_a_batch_are_kept_in_their_order(database: Database) -> None:
    await database.write(town.build)
    at = [NOW + timedelta(seconds=number) for number in range(4)]
    await Journal(database).record(
        [
            LinkChanged("GRAZ-01", at[0], connected=True, protocol="ocpp1.6"),
            Booted("GRAZ-01", at[1], "ACME", "Fast", "1.2", "SN"),
            Noted("GRAZ-01", at[2], "firmware_status", "Installed"),
            LinkChanged("GRAZ-01", at[3], connected=False),
        ]
    )
    notes = await rows(database, "SELECT what, detail FROM station_notes ORDER BY id")
    assert notes == [
        ("connected", "ocpp1.6"),
        ("boot", "1.2"),
        ("firmware_status", "Installed"),
        ("disconnected", ""),
    ]
    # The end of the link is no sign of life: what was last heard is the boot.
    assert await database.read(lambda uow: uow.station_log.identity("GRAZ-01")) == (
        at[1],
        "ACME",
        "Fast",
        "1.2",
    )
    assert await rows(database, "SELECT protocol, serial_number FROM stations WHERE id = 'GRAZ-01'") == [
        ("ocpp1.6", "SN")
    ]
