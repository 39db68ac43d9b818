"""A station that knocks becomes a station: with what it showed, and with no promise to drivers."""

from collections.abc import Callable

import pytest

from bot.domain.knock import Knock
from bot.domain.operator import Station
from bot.domain.refusal import Refusal
from bot.operations.adopting import adopt, knocking
from bot.operations.journal import Journal
from bot.stations.gateway import Credentials
from storage.database import Database
from storage.uow import UnitOfWork
from tests.storage import town
from tests.storage.town import LOCATION, NOW, OPERATOR

KNOCK = Knock("NEW-1", NOW, NOW, 3, "198.51.100.1", ("ocpp1.6",), "ACME/1", "s3cret", 2)


async def knock(database: Database, *knocks: Knock) -> None:
    await database.write(town.build)
    journal = Journal(database)
    for each in knocks:
        await journal.knocked(each)


async def test_an_adopted_station_must_show_what_it_showed(database: Database) -> None:
    await knock(database, KNOCK)
    station = await adopt(database, OPERATOR.id, "NEW-1", LOCATION.id)
    assert station == Station(
        "NEW-1", OPERATOR.id, LOCATION.id, service_active=False, password="s3cret", security_profile=2
    )
    assert await database.read(lambda uow: uow.operators.station("NEW-1")) == station
    assert await Journal(database).credentials("NEW-1") == Credentials("s3cret", 2)
    assert await database.read(lambda uow: uow.knocks.list()) == []


async def test_the_latest_knock_is_listed_first_and_known_stations_are_left_out(database: Database) -> None:
    known = Knock("GRAZ-01", NOW, NOW, 1, "198.51.100.3")
    await knock(database, KNOCK, known)
    assert await knocking(database) == [KNOCK]


def forgotten(uow: UnitOfWork) -> None:
    uow.knocks.drop("NEW-1")


def taken(uow: UnitOfWork) -> None:
    uow.operators.put_station(Station("NEW-1", OPERATOR.id, LOCATION.id, service_active=True), {})


def nothing(_: UnitOfWork) -> None:
    return


@pytest.mark.parametrize(
    ("meanwhile", "location", "key"),
    [
        (forgotten, LOCATION.id, "knock.gone"),
        (taken, LOCATION.id, "knock.taken"),
        (nothing, "elsewhere", "knock.no_location"),
    ],
)
async def test_what_happened_meanwhile_is_told_and_changes_nothing(
    database: Database, meanwhile: Callable[[UnitOfWork], None], location: str, key: str
) -> None:
    await knock(database, KNOCK)
    await database.write(meanwhile)
    before = await database.read(lambda uow: (uow.operators.station("NEW-1"), uow.knocks.list()))
    with pytest.raises(Refusal) as refusal:
        await adopt(database, OPERATOR.id, "NEW-1", location)
    assert refusal.value.key == key
    assert await database.read(lambda uow: (uow.operators.station("NEW-1"), uow.knocks.list())) == before
