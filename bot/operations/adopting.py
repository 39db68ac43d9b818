"""Stations that knock become stations of an operator."""

from bot.domain.knock import Knock
from bot.domain.operator import Station
from bot.domain.refusal import Refusal
from storage.database import Database
from storage.uow import UnitOfWork


async def knocking(database: Database) -> list[Knock]:
    """The identities that were refused as unknown and still are, the latest first."""
    return await database.read(still_knocking)


def still_knocking(uow: UnitOfWork) -> list[Knock]:
    """The same inside a transaction that does more."""
    return [knock for knock in uow.knocks.list() if uow.operators.station(knock.station_id) is None]


async def adopt(database: Database, operator_id: str, station_id: str, location_id: str) -> Station:
    """Makes the identity a station of the operator, with what it showed as what it must show from now on.

    It has no EVSE yet and its service is not active, so that no driver is promised anything. Refusal where the
    knock is forgotten, the identity was taken meanwhile, or the operator has no such location.
    """
    return await database.write(lambda uow: adopt_within(uow, operator_id, station_id, location_id))


def adopt_within(uow: UnitOfWork, operator_id: str, station_id: str, location_id: str) -> Station:
    """The same inside a transaction that does more."""
    if uow.operators.station(station_id) is not None:
        raise Refusal("knock.taken", station=station_id)
    knock = uow.knocks.get(station_id)
    if knock is None:
        raise Refusal("knock.gone", station=station_id)
    if location_id not in {location.id for location in uow.operators.locations(operator_id)}:
        raise Refusal("knock.no_location")
    station = Station(
        station_id,
        operator_id,
        location_id,
        service_active=False,
        password=knock.password,
        security_profile=knock.security_profile,
    )
    uow.operators.put_station(station, {})
    uow.knocks.drop(station_id)
    return station
