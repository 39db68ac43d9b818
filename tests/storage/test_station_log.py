"""What stations told: intervals of status, sessions that are numbered once, operators' places."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from bot.domain.capability import Source
from bot.domain.observation import Booted, Metered, StatusObserved, TransactionStarted, TransactionStopped
from bot.domain.status import ConnectorState, ConnectorStatus
from storage.database import Database
from storage.uow import UnitOfWork
from tests.storage import town
from tests.storage.town import NOW

STATION = "GRAZ-01"


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def started(claimed: datetime | None, after: float = 0, **other: object) -> TransactionStarted:
    values: dict[str, object] = {"connector": 1, "id_tag": "TAG", "meter_start_wh": 100} | other
    return TransactionStarted(
        STATION,
        later(after),
        int(str(values["connector"])),
        str(values["id_tag"]),
        int(str(values["meter_start_wh"])),
        claimed,
    )


async def start(database: Database, told: TransactionStarted) -> int:
    return await database.write(lambda uow: uow.station_log.start_transaction(told))


async def stop(database: Database, number: int) -> None:
    stopped = TransactionStopped(STATION, later(60), number, 900, "Local", None)
    await database.write(lambda uow: uow.station_log.stop_transaction(stopped))


@pytest.mark.parametrize("claimed", [NOW, None], ids=["with the station's time", "without a time"])
async def test_a_start_told_twice_has_one_number(database: Database, claimed: datetime | None) -> None:
    first = await start(database, started(claimed))
    assert await start(database, started(claimed, after=30)) == first
    assert [t.id for t in await database.read(lambda uow: uow.station_log.open_transactions(STATION))] == [
        first
    ]


async def test_a_start_without_a_time_is_another_once_the_first_has_ended(database: Database) -> None:
    first = await start(database, started(None))
    await stop(database, first)
    assert await start(database, started(None, after=90)) != first


async def test_a_start_that_is_told_again_after_its_end_keeps_its_number(database: Database) -> None:
    first = await start(database, started(NOW))
    await stop(database, first)
    assert await start(database, started(NOW, after=90)) == first


@pytest.mark.parametrize("other", [{"connector": 2}, {"id_tag": "OTHER"}, {"meter_start_wh": 101}])
@pytest.mark.parametrize("claimed", [NOW, None])
async def test_another_start_has_another_number(
    database: Database, claimed: datetime | None, other: dict[str, object]
) -> None:
    assert await start(database, started(claimed)) != await start(database, started(claimed, 1, **other))


async def test_a_new_session_ends_the_one_that_the_connector_forgot(database: Database) -> None:
    await start(database, started(NOW))
    second = await start(database, started(later(5), after=5))
    found = await database.read(lambda uow: uow.station_log.open_transactions(STATION))
    assert [transaction.id for transaction in found] == [second]


async def test_a_meter_value_belongs_to_the_running_session(database: Database) -> None:
    number = await start(database, started(NOW))
    sample = Metered(STATION, later(10), 1, number, 4200, 11000.0, 55.0)
    await database.write(lambda uow: uow.station_log.metered(sample))
    (found,) = await database.read(lambda uow: uow.station_log.open_transactions(STATION))
    assert (found.energy_wh, found.power_w, found.soc_percent, found.metered_at) == (
        4200,
        11000.0,
        55.0,
        later(10),
    )
    await stop(database, number)
    assert await database.read(lambda uow: uow.station_log.open_transactions(STATION)) == ()


async def test_another_stations_stop_ends_nothing_here(database: Database) -> None:
    number = await start(database, started(NOW))
    foreign = TransactionStopped("GRAZ-02", later(60), number, 900, None, None)
    await database.write(lambda uow: uow.station_log.stop_transaction(foreign))
    assert len(await database.read(lambda uow: uow.station_log.open_transactions(STATION))) == 1


def observed(status: ConnectorStatus, since: float, heard: float, *, changed: bool) -> StatusObserved:
    state = ConnectorState(1, status, "NoError", later(since), later(heard))
    return StatusObserved(STATION, later(heard), state, changed)


async def test_a_status_that_is_repeated_lengthens_its_interval(database: Database) -> None:
    told = [
        observed(ConnectorStatus.AVAILABLE, 0, 0, changed=True),
        observed(ConnectorStatus.FAULTED, 5, 5, changed=True),
        observed(ConnectorStatus.FAULTED, 5, 9, changed=False),
    ]
    await database.write(lambda uow: uow.station_log.keep(told, Source.OCPP))
    (current,) = await database.read(lambda uow: uow.station_log.connectors(STATION))
    assert (current.status, current.since, current.received_at) == (
        ConnectorStatus.FAULTED,
        later(5),
        later(9),
    )
    history = await database.read(lambda uow: uow.station_log.history(STATION, 1, 6))
    assert [state.status for state in history] == [ConnectorStatus.FAULTED, ConnectorStatus.AVAILABLE]
    newest = await database.read(lambda uow: uow.station_log.history(STATION, 1, 1))
    assert [state.status for state in newest] == [ConnectorStatus.FAULTED]


@pytest.mark.parametrize(
    "word",
    [{"vendor_error_code": "0x21"}, {"vendor_id": "ACME"}, {"info": "door open"}, {"since": later(-9)}],
)
async def test_what_only_one_status_of_many_tells_is_kept_with_it(
    database: Database,
    word: dict[str, Any],  # Any: a word of any field.
) -> None:
    plain = ConnectorState(1, ConnectorStatus.FAULTED, "OtherError", NOW, NOW)
    states = [
        structs.replace(plain, connector=number, **(word if number == 150 else {}))
        for number in range(1, 301)
    ]
    told = [StatusObserved(STATION, NOW, state, changed=True) for state in states]
    await database.write(lambda uow: uow.station_log.keep(told, Source.OCPP))
    kept = await database.read(lambda uow: uow.station_log.connectors(STATION))
    assert sorted(kept, key=lambda state: state.connector) == states


async def test_a_boot_tells_what_the_station_is(database: Database) -> None:
    await database.write(town.build)
    booted = Booted(STATION, NOW, "ACME", "Fast 150", "1.2.3", "SN1")
    await database.write(lambda uow: uow.station_log.keep([booted], Source.OCPP))
    identity = await database.read(lambda uow: uow.station_log.identity(STATION))
    assert identity == (NOW, "ACME", "Fast 150", "1.2.3")
    assert await database.read(lambda uow: uow.station_log.identity("nobody")) is None


async def test_a_place_is_found_by_its_exact_its_compact_and_its_stations_name(database: Database) -> None:
    def read(uow: UnitOfWork) -> list[str]:
        exact = uow.operators.place("AT*SWG*E0001")
        assert exact is not None
        compact = uow.operators.places_by_compact("AT*SWG*E0001")
        station = uow.operators.places_of_station("graz-01")
        assert exact.operator == town.OPERATOR
        assert exact.location == town.LOCATION
        return [each.evse.evse_id for each in (exact, *compact, *station)]

    await database.write(town.build)
    assert await database.read(read) == ["AT*SWG*E0001"] * 3
    assert await database.read(lambda uow: uow.operators.place("AT*SWG*E0009")) is None


async def test_a_station_has_just_the_evses_it_was_last_given(database: Database) -> None:
    await database.write(town.build)
    bare = town.station(1)
    other = list(town.station(2).evses)
    assert await database.read(lambda uow: uow.operators.station(STATION)) == bare
    await database.write(lambda uow: uow.operators.put_station(type(bare)(STATION, "graz", "hbf", False), {}))
    assert await database.read(lambda uow: uow.operators.places_of_station(STATION)) == []
    assert await database.read(lambda uow: uow.operators.evse_ids()) == [other[0].evse_id]


async def test_a_group_that_moved_is_the_hotline_under_its_new_number(database: Database) -> None:
    await database.write(town.build)
    case = await database.write(town.new_case)
    await database.write(lambda uow: uow.cases.set_group(case.id, -100))
    await database.write(lambda uow: uow.hotlines.move(-100, -200))
    assert await database.read(lambda uow: uow.hotlines.holder(-100)) is None
    assert await database.read(lambda uow: uow.hotlines.holder(-200)) == "graz"
    moved = await database.read(lambda uow: uow.cases.get(case.id))
    assert moved is not None and moved.group_chat == -200
