"""The office with stations in its companies, and with another operator beside it."""

from collections.abc import Awaitable
from dataclasses import replace

import pytest

from bot.domain.evse_id import compact
from bot.domain.operator import Contact, Evse, Group, Location, Station
from bot.domain.refusal import Refusal
from bot.domain.rights import EntityId, Right, Scope
from storage.database import Database
from storage.uow import UnitOfWork
from tests.operations.office import Office
from tests.storage import town
from tests.storage.town import LOCATION, OPERATOR

TECHNICIAN = Contact("Tom Berger", "+43 660 123456", "tom@example.org")
LINZ = Location("linz", "Linz Süd", "Hauptstraße 1", "4020", "Linz", "AT", 48.3, 14.28)
WELS = Location("wels", "Wels Mitte", "Ring 2", "4600", "Wels", "AT", 48.16, 14.03)
EMPTY = Location("empty", "Noch leer", "Weg 3", "4600", "Wels", "AT", 48.17, 14.04)
OF_LINZ = frozenset({Right.STATION_LIST, Right.STATIONS})


def station(
    name: str, evse_id: str, entity_id: EntityId, at: Location, *, operator_id: str = OPERATOR.id
) -> Station:
    evse = Evse(evse_id, name, 1, "CCS2", 150.0)
    return Station(name, operator_id, at.id, True, (evse,), TECHNICIAN, entity_id=entity_id)


STATIONS = (
    station("LINZ-01", "AT*LIN*E0001*1", "linz", LINZ),
    station("NORD-01", "AT*LIN*E0002*1", "nord", LINZ),
    station("WELS-01", "AT*WEL*E0001*1", "wels", WELS),
)
FOREIGN = station("OTHER-01", "AT*OTH*E0001*1", None, LOCATION, operator_id="other")


async def yard(database: Database) -> Office:
    """Bea may change the stations of Linz and of what is below it, Nora sees those of Nord, Ada does everything."""
    office = await Office(database).found()

    def build(uow: UnitOfWork) -> None:
        for location in (LINZ, WELS, EMPTY):
            uow.operators.put_location(OPERATOR.id, location)
        uow.operators.put_location("other", LOCATION)
        for each in (*STATIONS, FOREIGN, town.station(1), town.station(2)):
            put(uow, each)
        uow.staff.put_group(OPERATOR.id, Group("Branch", Scope.ENTITY_AND_BELOW, OF_LINZ))

    await database.write(build)
    return office


def put(uow: UnitOfWork, each: Station) -> None:
    uow.operators.put_station(each, {evse.evse_id: compact(evse.evse_id) for evse in each.evses})


async def kept(database: Database, station_id: str) -> Station:
    found = await database.read(lambda uow: uow.operators.station(station_id))
    assert found is not None
    return found


async def grant(database: Database, name: str, *rights: Right, scope: Scope = Scope.ENTITY) -> None:
    """Gives a group just these rights."""
    group = Group(name, scope, frozenset(rights))
    await database.write(lambda uow: uow.staff.put_group(OPERATOR.id, group))


async def move(database: Database, station_id: str, entity_id: EntityId) -> None:
    found = await kept(database, station_id)
    await database.write(lambda uow: put(uow, replace(found, entity_id=entity_id)))


async def refused(key: str, doing: Awaitable[object]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await doing
    assert caught.value.key == key
    return caught.value
