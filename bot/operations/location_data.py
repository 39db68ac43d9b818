"""The sites of an operator: new ones, and changes of their names, addresses and coordinates."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from bot.domain.operator import Location, Station
from bot.domain.refusal import Refusal
from bot.domain.rights import Authority, MissingRight, Right
from bot.operations.acting import Acting, changed
from bot.operations.station_data import Editable, change_station, checked_text, open_locations
from storage.uow import UnitOfWork

_NUMBER = r"([+-]?\d{1,3}(?:[.,]\d+)?)\s*°?\s*([NSEWO]?)"
_PAIR = re.compile(rf"{_NUMBER}\s*(?:[;/|]|,\s|\s)\s*{_NUMBER}", re.IGNORECASE)
_POINTS = re.compile(r"([+-]?\d{1,3}\.\d+)\s*,\s*([+-]?\d{1,3}\.\d+)")
_SOUTH_OR_WEST = frozenset("SW")
_MOST_LATITUDE, _MOST_LONGITUDE = 90, 180
_COUNTRY = 2
_LONGEST_ID = 48


class Field(StrEnum):
    """What is asked for, in this order where a location is new."""

    NAME = "name"
    ADDRESS = "address"
    POSTAL_CODE = "postal_code"
    CITY = "city"
    COUNTRY = "country"
    COORDINATES = "coordinates"


@dataclass(frozen=True, slots=True)
class Site:
    """A location as it may be changed, with the number of the stations that stand there."""

    location: Location
    stations: int


@dataclass(frozen=True, slots=True)
class Sites:
    """Locations to choose from."""

    locations: tuple[Location, ...]


async def sites(acting: Acting, words: str = "") -> Sites:
    """The locations that the person may see as one who changes them, or those whose name or city has the words."""

    def work(uow: UnitOfWork, who: Authority) -> Sites:
        known = open_locations(uow, acting, who)
        exact = [each for each in known if words.casefold() in {each.id.casefold(), each.name.casefold()}]
        if not exact:
            wanted = words.casefold()
            exact = [each for each in known if wanted in f"{each.id} {each.name} {each.city}".casefold()]
        return Sites(tuple(exact))

    return await acting.read(work)


async def site(acting: Acting, location_id: str) -> Site:
    """The location; Refusal where the person may not see it."""
    return await acting.read(lambda uow, who: _site(uow, acting, who, location_id))


async def change(acting: Acting, location_id: str, values: dict[Field, str]) -> Site:
    """Changes fields of a location.

    MissingRight without the right to all stations that stand there; Refusal for values that cannot be.
    """

    def work(uow: UnitOfWork, who: Authority) -> Site:
        found = _site(uow, acting, who, location_id)
        check_may_change(uow, acting, who, location_id)
        before = found.location
        after = replace(before, **_checked(values))  # type: ignore[arg-type]  # Of the types that the fields have.
        if after != before:
            uow.operators.put_location(acting.operator_id, after)
            old, new = changed(asdict(before), asdict(after))
            acting.note(uow, "location.changed", location_id, old, new)
        return replace(found, location=after)

    return await acting.commit(work)


async def create(acting: Acting, values: dict[Field, str]) -> Site:
    """A new location; its ID is made of its name. MissingRight without the right to stations."""

    def work(uow: UnitOfWork, who: Authority) -> Site:
        return Site(new_location(uow, acting, who, values), 0)

    return await acting.commit(work)


async def create_for(acting: Acting, station_id: str, values: dict[Field, str]) -> Editable:
    """A new location, at which a station is put."""

    def put(uow: UnitOfWork, who: Authority, found: Station) -> Station:
        return replace(found, location_id=new_location(uow, acting, who, values).id)

    return await change_station(acting, station_id, put)


async def check(acting: Acting, location_id: str) -> None:
    """MissingRight or Refusal as `change` would refuse."""

    def work(uow: UnitOfWork, who: Authority) -> None:
        _site(uow, acting, who, location_id)
        check_may_change(uow, acting, who, location_id)

    await acting.read(work)


def new_location(uow: UnitOfWork, acting: Acting, who: Authority, values: dict[Field, str]) -> Location:
    """The same inside a transaction that does more."""
    who.need_somewhere(Right.STATIONS)
    missing = [each for each in Field if each not in values]
    if missing:
        raise Refusal(f"location.{missing[0].value}")
    known = {each.id for each in uow.operators.locations(acting.operator_id)}
    checked = _checked(values)
    made = Location(id=free_id(values[Field.NAME], known), **checked)  # type: ignore[arg-type]  # As above.
    uow.operators.put_location(acting.operator_id, made)
    acting.note(uow, "location.created", made.id, None, asdict(made))
    return made


def check_may_change(uow: UnitOfWork, acting: Acting, who: Authority, location_id: str) -> None:
    """MissingRight where stations of a company stand there which the person may not change."""
    companies = uow.station_list.companies_by_location(acting.operator_id).get(location_id, {})
    if not companies.keys() <= who.need_somewhere(Right.STATIONS):
        raise MissingRight(Right.STATIONS)


def checked_field(field: Field, text: str) -> dict[str, object]:
    """What the words mean for a field; Refusal `location.<field>` where they cannot be it."""
    match field:
        case Field.COUNTRY:
            country = text.strip().upper()
            if len(country) != _COUNTRY or not country.isascii() or not country.isalpha():
                raise Refusal("location.country")
            return {field.value: country}
        case Field.COORDINATES:
            latitude, longitude = coordinates(text)
            return {"latitude": latitude, "longitude": longitude}
        case _:
            return {field.value: checked_text(text, f"location.{field.value}")}


def coordinates(text: str) -> tuple[float, float]:
    """Latitude and longitude in degrees, as maps copy them: `47.0725, 15.4165`, `47,0725 15,4165`, `47.07 N 15.41 E`.

    A link to a map that holds such a pair will do. Refusal where there is none, or none that is on earth.
    """
    found = _POINTS.search(text)
    if found is not None:
        pair = float(found[1]), float(found[2])
    else:
        written = _PAIR.fullmatch(text.strip())
        if written is None:
            raise Refusal("location.coordinates")
        pair = _degrees(written[1], written[2]), _degrees(written[3], written[4])
    return checked_pair(*pair)


def checked_pair(latitude: float, longitude: float) -> tuple[float, float]:
    """Refusal where that is no place on earth, or the one that forms are left at."""
    on_earth = abs(latitude) <= _MOST_LATITUDE and abs(longitude) <= _MOST_LONGITUDE
    if not on_earth or (latitude, longitude) == (0, 0):
        raise Refusal("location.coordinates")
    return latitude, longitude


def free_id(name: str, taken: Collection[str]) -> str:
    """An ID made of a name that no other location has."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss"))
    letters = "".join(each for each in plain if not unicodedata.combining(each))
    made = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:_LONGEST_ID].strip("-") or "location"
    number, free = 1, made
    while free in taken:
        number += 1
        free = f"{made}-{number}"
    return free


def _checked(values: dict[Field, str]) -> dict[str, object]:
    return {
        name: value for field, text in values.items() for name, value in checked_field(field, text).items()
    }


def _degrees(number: str, direction: str) -> float:
    value = float(number.replace(",", "."))
    return -value if direction.upper() in _SOUTH_OR_WEST else value


def _site(uow: UnitOfWork, acting: Acting, who: Authority, location_id: str) -> Site:
    found = next((each for each in open_locations(uow, acting, who) if each.id == location_id), None)
    if found is None:
        raise Refusal("station.no_location")
    companies = uow.station_list.companies_by_location(acting.operator_id).get(location_id, {})
    return Site(found, sum(companies.values()))
