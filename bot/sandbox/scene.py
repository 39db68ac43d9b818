"""The made-up operator of the sandbox: its people, its places, its stations, and what can befall each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import tomli_w

from bot.domain import start_payload
from bot.sandbox.stations.connector import ConnectorSpec
from bot.sandbox.stations.modes import OcppVersion
from bot.sandbox.telegram.groups import ALL_RIGHTS
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.state import Bot
from bot.sandbox.telegram.world import World

BOT_ACCOUNT = "8360:sandbox"
"""The bot's token; it opens nothing but the emulator of this process."""
USERNAME = "stadtwerke_graz_bot"
OPERATOR, OPERATOR_ID = "Stadtwerke Graz", "stadtwerke-graz"
HOTLINE = "Stadtwerke Graz · Hotline"

Deed = Mapping[str, object]
"""The JSON of a POST to a station's control, such as `{"do": "hang"}`."""


@dataclass(frozen=True, slots=True)
class Role:
    """A person in the scene."""

    id: int
    name: str
    language: str
    about: str


DRIVERS = (
    Role(3001, "Lena", "en", "Driver · English"),
    Role(3002, "Marco", "de", "Driver · German"),
)
AGENTS = (Role(4001, "Anna", "en", "Agent"), Role(4002, "Ben", "en", "Agent"))
TECHNICIAN = Role(2001, "Tom", "en", "Technician")
ADMIN = Role(1001, "Ada", "en", "Administrator")


@dataclass(frozen=True, slots=True)
class Site:
    """A location."""

    id: str
    name: str
    address: str
    postal_code: str
    latitude: float
    longitude: float

    @property
    def in_ocpi(self) -> dict[str, object]:
        """The same as a location of OCPI says it."""
        return {
            "name": self.name,
            "address": self.address,
            "city": "Graz",
            "postal_code": self.postal_code,
            "coordinates": {"latitude": f"{self.latitude:.4f}", "longitude": f"{self.longitude:.4f}"},
        }


STATION_SQUARE = Site("graz-hbf", "Graz Hauptbahnhof", "Europaplatz 4", "8020", 47.0725, 15.4165)
GARAGE = Site("graz-ahp", "Garage Andreas-Hofer-Platz", "Andreas-Hofer-Platz 1", "8010", 47.0688, 15.4352)
FAIR = Site("graz-messe", "Messe Graz", "Messeplatz 1", "8010", 47.0589, 15.4583)
MALL = Site("graz-murpark", "Murpark", "Ostbahnstraße 3", "8041", 47.0380, 15.4663)
HOSPITAL = Site("graz-lkh", "LKH Graz", "Stiftingtalstraße 30", "8010", 47.0817, 15.4660)
OPERA = Site("graz-oper", "Opernring", "Opernring 20", "8010", 47.0672, 15.4447)
PARK_AND_RIDE = Site(
    "graz-liebenau", "Park & Ride Liebenau", "Liebenauer Tangente 4", "8041", 47.0400, 15.4580
)


@dataclass(frozen=True, slots=True)
class Connector:
    """A connector with its sticker."""

    number: int
    evse_id: str
    type: str
    power_kw: float

    @property
    def payload(self) -> str:
        """What the start link on the sticker carries."""
        return start_payload.encode(self.evse_id)

    @property
    def link(self) -> str:
        """The text of the sticker's QR code."""
        return f"https://t.me/{USERNAME}?start={self.payload}"


@dataclass(frozen=True, slots=True)
class Mood:
    """What one click does to a station: its label, what a newcomer should know of it, and the deed."""

    label: str
    says: str
    deed: Deed


@dataclass(frozen=True, slots=True)
class SceneStation:
    """A station as the scene sets it up."""

    id: str
    site: Site
    connectors: tuple[Connector, ...]
    mood: Mood
    service_active: bool = True
    version: OcppVersion | None = OcppVersion.V16
    """None where the operator's back end speaks for it."""

    @property
    def protocol(self) -> str:
        """What the page calls the way in which it is connected."""
        return f"OCPP {self.version}" if self.version else "OCPI"

    @property
    def password(self) -> str | None:
        """Of its Basic auth; a back end knows none."""
        return f"sandbox-{self.id.lower()}" if self.version else None

    @property
    def specs(self) -> list[ConnectorSpec]:
        """What the simulation builds."""
        return [ConnectorSpec(each.number, each.type, each.power_kw) for each in self.connectors]


def _fast(number: int, station: str) -> Connector:
    return Connector(number, f"AT*SWG*E{station}*{number}", "CCS2", 150)


def _slow(number: int, station: str) -> Connector:
    return Connector(number, f"AT*SWG*E{station}*{number}", "Type 2", 22)


STATIONS = (
    SceneStation(
        "GRAZ-01",
        STATION_SQUARE,
        (_fast(1, "0001"), _fast(2, "0001")),
        Mood(
            "Charge a car",
            "All is well: a car is plugged in and charges.",
            {"do": "start_charging", "connector": 1, "id_tag": "LENA-CARD"},
        ),
    ),
    SceneStation(
        "GRAZ-02",
        STATION_SQUARE,
        (_fast(1, "0002"),),
        Mood(
            "Let it hang",
            "Its computer hangs: it reports InternalError until it is restarted.",
            {
                "do": "fault",
                "connector": 1,
                "error_code": "InternalError",
                "info": "Charging controller does not respond",
                "clears_on": "soft_reset",
            },
        ),
    ),
    SceneStation(
        "GRAZ-03",
        GARAGE,
        (_slow(1, "0003"), _slow(2, "0003")),
        Mood(
            "Ground fault",
            "Current leaks to ground: the bot locks the station out and calls a person.",
            {"do": "fault", "connector": 1, "error_code": "GroundFailure"},
        ),
        version=OcppVersion.V201,
    ),
    SceneStation(
        "GRAZ-04",
        FAIR,
        (_slow(1, "0004"),),
        Mood(
            "Jam the lock",
            "The lock holds the cable until an agent unlocks it from afar.",
            {
                "do": "fault",
                "connector": 1,
                "error_code": "ConnectorLockFailure",
                "clears_on": "unlock",
            },
        ),
    ),
    SceneStation(
        "GRAZ-05",
        MALL,
        (_fast(1, "0005"),),
        Mood(
            "Cut the network",
            "It loses its network: it can neither be seen nor steered.",
            {"do": "lose_network"},
        ),
    ),
    SceneStation(
        "GRAZ-06",
        HOSPITAL,
        (_fast(1, "0006"), _slow(2, "0006")),
        Mood(
            "Hide a fault",
            "It says that it is free, but nothing charges: no telemetry shows this.",
            {"do": "claim", "connector": 1, "status": "Available"},
        ),
        version=OcppVersion.V201,
    ),
    SceneStation(
        "GRAZ-07",
        PARK_AND_RIDE,
        (_slow(1, "0007"),),
        Mood("Let it hang", "The support service is not active here.", {"do": "hang"}),
        service_active=False,
    ),
    SceneStation(
        "GRAZ-08",
        OPERA,
        (_fast(1, "0008"), _slow(2, "0008")),
        Mood(
            "Put out of order",
            "Its operator's back end speaks for it: it tells that a point is out of order, but never why.",
            {"do": "set_evse", "connector": 1, "status": "OUTOFORDER"},
        ),
        version=None,
    ),
)


def set_scene(world: World) -> int:
    """Brings the bot, the people and the hotline's group into a new world; returns the group's chat id."""
    bot = world.bot(BOT_ACCOUNT, USERNAME, f"{OPERATOR} Support")
    people = {role.id: _arrive(world, role) for role in (*DRIVERS, *AGENTS, TECHNICIAN, ADMIN)}
    for person in people.values():
        world.private(bot, person.user)
    for role in (TECHNICIAN, ADMIN):
        # Staff talked to the bot long ago; a bot cannot write to somebody who never did.
        world.private(bot, people[role.id].user).started = True
    return _found_hotline(bot, people)


def _arrive(world: World, role: Role) -> Person:
    return world.person(role.id, role.name, role.language, username=f"{role.name.lower()}_graz")


def _found_hotline(bot: Bot, people: Mapping[int, Person]) -> int:
    ada = people[ADMIN.id]
    group = ada.create_group(HOTLINE, topics=True)
    ada.add(bot, group)
    ada.promote(bot, group, ALL_RIGHTS)
    for role in AGENTS:
        ada.add(people[role.id], group)
    return group.id


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
    rights = [
        "infrastructure.operations_tab",
        "infrastructure.stations",
        "infrastructure.remote_actions",
        "users.cost_release",
        "users.manage",
        "users.groups",
    ]
    return [
        {"name": "Administrators", "scope": "instance", "rights": rights},
        {"name": "Hotline", "scope": "entity", "rights": ["infrastructure.remote_actions"]},
    ]


def _person(role: Role, group: str) -> dict[str, object]:
    email = f"{role.name.lower()}@example.org"
    return {"telegram_id": role.id, "name": role.name, "email": email, "groups": [group]}


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
        "technician": {"name": TECHNICIAN.name, "phone": "+43 660 000000", "telegram_id": TECHNICIAN.id},
        "evse": _evses(station.connectors),
    }


def _evses(connectors: Sequence[Connector]) -> list[dict[str, object]]:
    return [
        {"evse_id": c.evse_id, "connector": c.number, "type": c.type, "power_kw": c.power_kw}
        for c in connectors
    ]
