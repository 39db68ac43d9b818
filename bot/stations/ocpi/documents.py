"""What is read of the objects of OCPI. Whatever else an object holds is kept as it came."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.ocpi import JsonObject, KeptDocument, OcpiConnector, key_of
from bot.stations.ocpi.wire import (
    Unusable,
    number_or_none,
    object_of,
    objects_of,
    text_of,
    text_or_none,
    time_of,
    time_or_none,
)

LONGEST_ID = 255
"""Characters; OCPI's own limit is 36, and peers pass it."""
NO_STATUS = "UNKNOWN"
MOST_KWH = 100_000
"""A session with more than this has a broken meter."""


@dataclass(frozen=True, slots=True)
class EvseDocument:
    """An EVSE as told."""

    location_id: str
    uid: str
    evse_id: str | None
    status: str
    last_updated: datetime
    connectors: tuple[OcpiConnector, ...]
    capabilities: frozenset[str]
    data: JsonObject

    @property
    def kept(self) -> KeptDocument:
        """The form that is kept."""
        return KeptDocument(self.uid, self.data, self.last_updated)


@dataclass(frozen=True, slots=True)
class LocationDocument:
    """A location as told. `data` is without its EVSEs; `bad` counts the EVSEs that could not be read.

    `party` is country code and party id where the location names them.
    """

    id: str
    last_updated: datetime
    party: tuple[str, str] | None
    evses: tuple[EvseDocument, ...]
    bad: int
    data: JsonObject

    @property
    def kept(self) -> KeptDocument:
        """The form that is kept."""
        return KeptDocument(self.id, self.data, self.last_updated)


@dataclass(frozen=True, slots=True)
class SessionDocument:
    """A session as told; energy since its start in Wh."""

    id: str
    status: str
    evse_uid: str | None
    location_id: str | None
    token_uid: str
    started_at: datetime | None
    energy_wh: int | None
    power_w: float | None
    soc_percent: float | None
    last_updated: datetime
    data: JsonObject

    @property
    def kept(self) -> KeptDocument:
        """The form that is kept."""
        return KeptDocument(self.id, self.data, self.last_updated)


def read_location(value: object) -> LocationDocument:
    """A location; Unusable where it has no id or no time. An EVSE that cannot be read is left out and counted."""
    read = object_of(value, "location")
    number, updated = identifier(read, "id"), time_of(read, "last_updated")
    evses, bad = [], 0
    for each in objects_of(read.get("evses")):
        try:
            evses.append(read_evse(number, each))
        except Unusable:
            bad += 1
    country, party = text_or_none(read, "country_code"), text_or_none(read, "party_id")
    return LocationDocument(
        number,
        updated,
        (country, party) if country and party else None,
        tuple(evses),
        bad,
        {name: value for name, value in read.items() if name != "evses"},
    )


def read_evse(location_id: str, value: object) -> EvseDocument:
    """An EVSE; Unusable where it has no uid or no time. A status that OCPI does not know is kept as told."""
    read = object_of(value, "evse")
    words = {each.upper() for each in objects_of(read.get("capabilities")) if isinstance(each, str)}
    connectors = [each for each in objects_of(read.get("connectors")) if isinstance(each, dict)]
    return EvseDocument(
        location_id,
        identifier(read, "uid"),
        text_or_none(read, "evse_id"),
        (text_or_none(read, "status") or NO_STATUS).upper(),
        time_of(read, "last_updated"),
        tuple(_connector(each) for each in connectors if text_or_none(each, "id")),
        frozenset(words),
        read,
    )


def read_session(value: object) -> SessionDocument:
    """A session; Unusable where it has no id, status or time."""
    read = object_of(value, "session")
    token = read.get("cdr_token")
    uid = text_or_none(token, "uid") if isinstance(token, dict) else text_or_none(read, "auth_id")
    kwh = number_or_none(read.get("kwh"))
    if kwh is not None and not 0 <= kwh <= MOST_KWH:
        kwh = None
    power, soc = _last_period(read)
    return SessionDocument(
        identifier(read, "id"),
        text_of(read, "status").upper(),
        text_or_none(read, "evse_uid"),
        text_or_none(read, "location_id"),
        uid or "",
        time_or_none(read.get("start_date_time")),
        None if kwh is None else round(kwh * 1000),
        power,
        soc,
        time_of(read, "last_updated"),
        read,
    )


def merged(kept: JsonObject, patch: JsonObject) -> JsonObject:
    """The object after a PATCH. Unusable where the patch has no time, without which it cannot be put in order."""
    time_of(patch, "last_updated")
    return kept | patch


def with_connector(evse: EvseDocument, connector: JsonObject) -> EvseDocument:
    """The EVSE with one connector put in or exchanged; that is an update of the EVSE, too."""
    number = key_of(identifier(connector, "id"))
    others = [
        each
        for each in objects_of(evse.data.get("connectors"))
        if not isinstance(each, dict) or key_of(text_or_none(each, "id") or "") != number
    ]
    changed = evse.data | {"connectors": [*others, connector]}
    if time_of(connector, "last_updated") > evse.last_updated:
        changed["last_updated"] = connector["last_updated"]
    return read_evse(evse.location_id, changed)


def connector_of(evse: JsonObject, connector_id: str) -> JsonObject | None:
    """The connector of an EVSE as told; None where it has none of that id."""
    for each in objects_of(evse.get("connectors")):
        if isinstance(each, dict) and key_of(text_or_none(each, "id") or "") == key_of(connector_id):
            return each
    return None


def identifier(read: JsonObject, name: str) -> str:
    """An id that can be kept; Unusable where it is missing or of a length that none has."""
    found = text_of(read, name)
    if len(found) > LONGEST_ID:
        raise Unusable(name)
    return found


def _connector(read: JsonObject) -> OcpiConnector:
    return OcpiConnector(
        text_of(read, "id"), text_or_none(read, "standard") or "", text_or_none(read, "format") or ""
    )


def _last_period(read: JsonObject) -> tuple[float | None, float | None]:
    """Power in W and state of charge in percent, as the last charging period has them."""
    periods = [each for each in objects_of(read.get("charging_periods")) if isinstance(each, dict)]
    told: dict[str, float] = {}
    for each in objects_of(periods[-1].get("dimensions")) if periods else ():
        volume = number_or_none(each.get("volume")) if isinstance(each, dict) else None
        if isinstance(each, dict) and volume is not None:
            told[str(each.get("type")).upper()] = volume
    kilowatts = told.get("POWER")
    return None if kilowatts is None else kilowatts * 1000, told.get("STATE_OF_CHARGE")
