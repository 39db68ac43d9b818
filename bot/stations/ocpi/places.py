"""A peer's location and EVSE in the words of the product."""

from babel.core import get_global

from bot.domain.evse_id import MAX_LENGTH, normalise
from bot.domain.ocpi import JsonObject
from bot.domain.operator import Evse, Location
from bot.stations.ocpi.documents import EvseDocument
from bot.stations.ocpi.wire import Unusable, number_or_none, objects_of, text_or_none

_TYPES = {
    "IEC_62196_T2": "Type 2",
    "IEC_62196_T2_COMBO": "CCS2",
    "IEC_62196_T1": "Type 1",
    "IEC_62196_T1_COMBO": "CCS1",
    "CHADEMO": "CHAdeMO",
    "TESLA_R": "Tesla Roadster",
    "TESLA_S": "NACS",
    "NACS": "NACS",
    "GBT_AC": "GB/T AC",
    "GBT_DC": "GB/T DC",
    "DOMESTIC_F": "Schuko",
    "IEC_62196_T3A": "Type 3A",
    "IEC_62196_T3C": "Type 3C",
}
_PHASES = {"AC_3_PHASE": 3, "AC_2_PHASE": 2, "AC_2_PHASE_SPLIT": 2}


def station_id(peer_id: str, evse_uid: str) -> str:
    """The id of the station that is made for a peer's EVSE; it cannot be that of a station which connects itself."""
    return f"{peer_id}:{evse_uid}"


def location_of(peer_id: str, data: JsonObject) -> Location:
    """The location, under an id that no other source can give. Unusable where it has no coordinates."""
    found = data.get("coordinates")
    coordinates = found if isinstance(found, dict) else {}
    latitude = number_or_none(coordinates.get("latitude"))
    longitude = number_or_none(coordinates.get("longitude"))
    if latitude is None or longitude is None:
        raise Unusable("coordinates")
    address = text_or_none(data, "address") or ""
    country = (text_or_none(data, "country") or "").upper()
    return Location(
        f"{peer_id}:{text_or_none(data, 'id')}",
        text_or_none(data, "name") or address or str(data.get("id")),
        address,
        text_or_none(data, "postal_code") or "",
        text_or_none(data, "city") or "",
        _two_letters(country),
        latitude,
        longitude,
    )


def printed_id(evse: EvseDocument) -> str | None:
    """The EVSE ID as it is printed; None where there is none, or one that cannot be any."""
    printed = normalise(evse.evse_id or "")
    return printed if 0 < len(printed) <= MAX_LENGTH else None


def evse_of(printed: str, station: str, evse: EvseDocument) -> Evse:
    """The only EVSE of the station that is made for it."""
    connectors = [each for each in objects_of(evse.data.get("connectors")) if isinstance(each, dict)]
    types = dict.fromkeys(_type(each) for each in connectors)
    power = max((_kilowatts(each) for each in connectors), default=0.0)
    return Evse(printed, station, 1, " / ".join(each for each in types if each), power)


def _two_letters(country: str) -> str:
    """OCPI has three letters for a country (ISO 3166-1), the product two; what is no country stays as it came."""
    aliases = get_global("territory_aliases").get(country, ())
    return aliases[0] if len(aliases) == 1 else country


def _type(connector: JsonObject) -> str:
    standard = (text_or_none(connector, "standard") or "").upper()
    return _TYPES.get(standard, standard)


def _kilowatts(connector: JsonObject) -> float:
    """As told or, where that is missing, from voltage (to neutral for AC) and current."""
    told = number_or_none(connector.get("max_electric_power"))
    if told is None or told <= 0:
        volts = number_or_none(connector.get("max_voltage")) or 0.0
        amperes = number_or_none(connector.get("max_amperage")) or 0.0
        told = volts * amperes * _PHASES.get((text_or_none(connector, "power_type") or "").upper(), 1)
    return round(max(told, 0.0) / 1000, 1)
