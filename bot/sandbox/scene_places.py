"""The places of the sandbox, and the connectors with their stickers."""

from dataclasses import dataclass

from bot.domain import start_payload
from bot.sandbox.scene_people import USERNAME


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


def fast(number: int, station: str) -> Connector:
    """A connector for direct current of the station with that number on its sticker."""
    return Connector(number, f"AT*SWG*E{station}*{number}", "CCS2", 150)


def slow(number: int, station: str) -> Connector:
    """The same for alternating current."""
    return Connector(number, f"AT*SWG*E{station}*{number}", "Type 2", 22)
