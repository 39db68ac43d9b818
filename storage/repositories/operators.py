"""Operators and what they own."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from decimal import Decimal

from sqlalchemy import (
    LABEL_STYLE_TABLENAME_PLUS_COL,
    Connection,
    Row,
    RowMapping,
    bindparam,
    func,
    select,
)

from bot.domain.operator import Contact, Evse, Location, Operator, Place, Station, StickerLink
from storage.repositories.upsert import put
from storage.tables import evses, locations, operators, stations

_OPERATOR = select(operators).where(operators.c.id == bindparam("key"))
_STATION = select(stations).where(stations.c.id == bindparam("key"))
_EVSES_OF = (
    select(evses).where(evses.c.station_id == bindparam("key")).order_by(evses.c.connector, evses.c.evse_id)
)
_STATIONS = select(stations).where(stations.c.operator_id == bindparam("key")).order_by(stations.c.id)
_EVSES_OF_ALL = (
    select(evses)
    .join(stations, stations.c.id == evses.c.station_id)
    .where(stations.c.operator_id == bindparam("key"))
    .order_by(evses.c.station_id, evses.c.connector, evses.c.evse_id)
)
_PLACES = (
    select(evses, stations, locations, operators)
    .select_from(
        evses.join(stations, stations.c.id == evses.c.station_id)
        .join(
            locations,
            (locations.c.operator_id == stations.c.operator_id) & (locations.c.id == stations.c.location_id),
        )
        .join(operators, operators.c.id == stations.c.operator_id)
    )
    .order_by(evses.c.station_id, evses.c.connector)
    .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
)
_BY_EXACT = _PLACES.where(evses.c.evse_id == bindparam("key"))
_BY_COMPACT = _PLACES.where(evses.c.compact == bindparam("key"))
_BY_STATION = _PLACES.where(func.upper(stations.c.id) == bindparam("key"))


class Operators:
    """Operators with their locations, stations and EVSEs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, operator_id: str) -> Operator | None:
        """The operator of an ID."""
        row = self._connection.execute(_OPERATOR, {"key": operator_id}).mappings().one_or_none()
        return None if row is None else _operator(row)

    def all(self) -> list[Operator]:
        """All operators of this instance."""
        rows = self._connection.execute(select(operators).order_by(operators.c.id)).mappings()
        return [_operator(row) for row in rows]

    def place(self, evse_id: str) -> Place | None:
        """The EVSE of exactly that ID."""
        row = self._connection.execute(_BY_EXACT, {"key": evse_id}).mappings().one_or_none()
        return None if row is None else _place(row)

    def places_by_compact(self, compact: str) -> list[Place]:
        """The EVSEs whose separator-free form this is; there can be several."""
        return [_place(row) for row in self._connection.execute(_BY_COMPACT, {"key": compact}).mappings()]

    def places_of_station(self, station_id: str) -> list[Place]:
        """The EVSEs of a station, by connector; the ID in any case of letters."""
        rows = self._connection.execute(_BY_STATION, {"key": station_id.upper()})
        return [_place(row) for row in rows.mappings()]

    def evse_ids(self, operator_id: str | None = None) -> list[str]:
        """All EVSE IDs of this instance, or those of one operator."""
        statement = select(evses.c.evse_id)
        if operator_id is not None:
            statement = statement.join(stations, stations.c.id == evses.c.station_id).where(
                stations.c.operator_id == operator_id
            )
        return list(self._connection.execute(statement).scalars())

    def evse_ids_starting(self, start: str) -> list[str]:
        """The EVSE IDs whose separator-free form begins with a text."""
        statement = select(evses.c.evse_id).where(evses.c.compact.startswith(start, autoescape=True))
        return list(self._connection.execute(statement.order_by(evses.c.evse_id)).scalars())

    def station(self, station_id: str) -> Station | None:
        """The station of an OCPP identity, with its EVSEs."""
        row = self._connection.execute(_STATION, {"key": station_id}).mappings().one_or_none()
        if row is None:
            return None
        found = self._connection.execute(_EVSES_OF, {"key": station_id}).all()
        return station_of(row, [_evse(each) for each in found])

    def stations(self, operator_id: str) -> list[Station]:
        """An operator's stations with their EVSEs, by ID."""
        rows = self._connection.execute(_STATIONS, {"key": operator_id}).mappings().all()
        found: dict[str, list[Evse]] = {}
        for each in self._connection.execute(_EVSES_OF_ALL, {"key": operator_id}):
            found.setdefault(each.station_id, []).append(_evse(each))
        return [station_of(row, found.get(row["id"], ())) for row in rows]

    def locations(self, operator_id: str) -> list[Location]:
        """An operator's locations, by ID."""
        statement = select(locations).where(locations.c.operator_id == operator_id).order_by(locations.c.id)
        rows = self._connection.execute(statement).mappings()
        return [location_of(row) for row in rows]

    def put_operator(self, operator: Operator) -> None:
        """Enters an operator, or changes the one of that ID."""
        values = asdict(operator) | {
            "price_per_station_month": str(operator.price_per_station_month),
            "languages": list(operator.languages) or None,
        }
        put(self._connection, operators, values)

    def put_location(self, operator_id: str, location: Location) -> None:
        """Enters a location, or changes the one of that ID."""
        put(self._connection, locations, {"operator_id": operator_id} | asdict(location))

    def put_station(self, station: Station, compact: dict[str, str]) -> None:
        """Enters a station, or changes the one of that ID; it then has just the EVSEs given.

        `compact` gives the separator-free form of each EVSE ID.
        """
        put(
            self._connection,
            stations,
            {
                "id": station.id,
                "operator_id": station.operator_id,
                "location_id": station.location_id,
                "password": station.password,
                "service_active": station.service_active,
                "security_profile": station.security_profile,
                "pending_after_minutes": station.pending_after_minutes,
                "offline_after_minutes": station.offline_after_minutes,
                "entity_id": station.entity_id,
                "directions": station.directions,
                "technician": None if station.technician is None else asdict(station.technician),
            },
        )
        self._drop_other_evses(station.id, [evse.evse_id for evse in station.evses])
        for evse in station.evses:
            put(self._connection, evses, asdict(evse) | {"compact": compact[evse.evse_id]})

    def set_technician(self, station: Station) -> None:
        """Keeps who repairs a station, and changes nothing else of it."""
        technician = None if station.technician is None else asdict(station.technician)
        self._connection.execute(
            stations.update().where(stations.c.id == station.id).values(technician=technician)
        )

    def _drop_other_evses(self, station_id: str, kept: Sequence[str]) -> None:
        self._connection.execute(
            evses.delete().where(evses.c.station_id == station_id, evses.c.evse_id.not_in(kept))
        )


def _contact(data: dict[str, str | int | None] | None) -> Contact | None:
    # The JSON column holds just what `asdict` of a Contact wrote.
    return None if data is None else Contact(**data)  # type: ignore[arg-type]


def _operator(row: RowMapping, label: str = "") -> Operator:
    return Operator(
        **{name: row[label + name] for name in _OPERATOR_FIELDS},
        price_per_station_month=Decimal(row[label + "price_per_station_month"]),
        manager=_contact(row[label + "manager"]),
        languages=tuple(row[label + "languages"] or ()),
        sticker_link=StickerLink(row[label + "sticker_link"]),
    )


_OPERATOR_FIELDS = (
    "id", "name", "country_code", "party_id", "time_zone", "language", "currency", "hotline_phone",
    "pending_after_minutes", "offline_after_minutes", "agent_takes_minutes", "agent_takes_danger_minutes",
)  # fmt: skip
LOCATION_FIELDS = ("id", "name", "address", "postal_code", "city", "country", "latitude", "longitude")


def location_of(row: RowMapping, label: str = "") -> Location:
    """The location in a row whose columns are named with a label."""
    return Location(**{name: row[label + name] for name in LOCATION_FIELDS})


def _evse(row: Row[tuple[object, ...]]) -> Evse:
    return Evse(row.evse_id, row.station_id, row.connector, row.type, row.power_kw)


def station_of(row: RowMapping, found: Iterable[Evse], label: str = "") -> Station:
    """The station in a row whose columns are named with a label."""
    return Station(
        row[label + "id"],
        row[label + "operator_id"],
        row[label + "location_id"],
        row[label + "service_active"],
        tuple(found),
        _contact(row[label + "technician"]),
        row[label + "password"],
        row[label + "security_profile"],
        row[label + "pending_after_minutes"],
        row[label + "offline_after_minutes"],
        row[label + "entity_id"],
        row[label + "directions"],
    )


def _place(row: RowMapping) -> Place:
    evse = Evse(
        row["evses_evse_id"],
        row["evses_station_id"],
        row["evses_connector"],
        row["evses_type"],
        row["evses_power_kw"],
    )
    return Place(
        evse,
        station_of(row, (evse,), "stations_"),
        location_of(row, "locations_"),
        _operator(row, "operators_"),
    )
