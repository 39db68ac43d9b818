"""What the sandbox's operator is made of, in the form in which `apply` takes it."""

from collections.abc import Sequence

import tomli_w

from bot.domain.rights import Right
from bot.sandbox.scene_people import (
    ADMIN,
    AGENTS,
    OPERATOR,
    OPERATOR_ID,
    TECHNICIAN,
    TECHNICIAN_BY_MAIL,
    Role,
)
from bot.sandbox.scene_places import Connector, Site
from bot.sandbox.scene_stations import STATIONS, SceneStation


def operator_file(hotline: int) -> str:
    """The operator's file, as `apply` takes it."""
    return tomli_w.dumps(
        {
            "operator": _operator(),
            "hotline": {"chat_id": hotline},
            "group": _groups(),
            "person": [_person(ADMIN, "Administrators"), *(_person(role, "Hotline") for role in AGENTS)],
            "location": [_location(site) for site in dict.fromkeys(each.site for each in STATIONS)],
            "station": [_station(station) for station in STATIONS],
        }
    )


def _operator() -> dict[str, object]:
    return {
        "id": OPERATOR_ID,
        "name": OPERATOR,
        "country_code": "AT",
        "party_id": "SWG",
        "time_zone": "Europe/Vienna",
        "language": "en",
        "currency": "EUR",
        "price_per_station_month": "9.90",
        "hotline_phone": "+43 316 000000",
    }


def _groups() -> list[dict[str, object]]:
    hotline = [Right.REMOTE_ACTIONS.value, Right.PERSONAL_DATA.value]
    return [
        {"name": "Administrators", "scope": "instance", "rights": [right.value for right in Right]},
        {"name": "Hotline", "scope": "entity", "rights": hotline},
    ]


def _person(role: Role, group: str) -> dict[str, object]:
    return {"telegram_id": role.id, "name": role.name, "email": role.email, "groups": [group]}


def _location(site: Site) -> dict[str, object]:
    return {
        "id": site.id,
        "name": site.name,
        "address": site.address,
        "postal_code": site.postal_code,
        "city": "Graz",
        "country": "AT",
        "latitude": site.latitude,
        "longitude": site.longitude,
    }


def _station(station: SceneStation) -> dict[str, object]:
    password = {"password": station.password} if station.password else {}
    return {
        "id": station.id,
        "location": station.site.id,
        **password,
        "service_active": station.service_active,
        "technician": _technician(station),
        "evse": _evses(station.connectors),
    }


def _technician(station: SceneStation) -> dict[str, object]:
    if station.repaired_by_mail:
        return {
            "name": TECHNICIAN_BY_MAIL.name,
            "phone": "+43 660 111111",
            "email": TECHNICIAN_BY_MAIL.email,
        }
    return {
        "name": TECHNICIAN.name,
        "phone": "+43 660 000000",
        "telegram_id": TECHNICIAN.id,
        "email": TECHNICIAN.email,
    }


def _evses(connectors: Sequence[Connector]) -> list[dict[str, object]]:
    return [
        {"evse_id": c.evse_id, "connector": c.number, "type": c.type, "power_kw": c.power_kw}
        for c in connectors
    ]
