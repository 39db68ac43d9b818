"""An operator and what it owns, as the operator's file and the product name it."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from bot.domain.rights import EntityId, Right, Scope


class StickerLink(StrEnum):
    """Where a sticker's QR code leads."""

    BOT = "bot"
    PAGE = "page"
    """A landing page of this service, which offers the bot."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to be told: a technician of a station, or the operator's manager."""

    name: str
    phone: str | None = None
    email: str | None = None
    telegram_id: int | None = None


@dataclass(frozen=True, slots=True)
class Operator:
    """A charging operator. `time_zone` is an IANA name, `currency` ISO 4217."""

    id: str
    name: str
    country_code: str
    party_id: str
    time_zone: str
    language: str
    currency: str
    price_per_station_month: Decimal
    hotline_phone: str
    manager: Contact | None = None
    pending_after_minutes: int = 30
    offline_after_minutes: int = 60
    languages: tuple[str, ...] = ()
    """What its stickers speak; empty: its own language."""
    sticker_link: StickerLink = StickerLink.BOT
    agent_takes_minutes: int | None = None
    agent_takes_danger_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class HotlineGroup:
    """A group of an operator's agents; `chat` is its number on Telegram, `title` its name there where it is known.

    `languages` are those that its agents speak; none: nobody has set a limit.
    """

    operator_id: str
    chat: int
    languages: tuple[str, ...] = ()
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Location:
    """A site with charging stations; coordinates in degrees, WGS 84."""

    id: str
    name: str
    address: str
    postal_code: str
    city: str
    country: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Evse:
    """One EVSE. `evse_id` is as printed; `connector` is its OCPP connector number; power in kW."""

    evse_id: str
    station_id: str
    connector: int
    type: str
    power_kw: float


@dataclass(frozen=True, slots=True)
class Station:
    """A charging station. `id` is its OCPP identity, unique over all operators of an instance."""

    id: str
    operator_id: str
    location_id: str
    service_active: bool
    evses: tuple[Evse, ...] = ()
    technician: Contact | None = None
    password: str | None = None
    security_profile: int = 0
    """OCPP's: 0 none, 1 Basic auth, 2 TLS with Basic auth, 3 TLS with a certificate of the station."""
    pending_after_minutes: int | None = None
    offline_after_minutes: int | None = None
    entity_id: EntityId = None
    directions: str | None = None
    """How to find it on the site, for technicians."""


@dataclass(frozen=True, slots=True)
class Group:
    """People who hold the same rights."""

    name: str
    scope: Scope
    rights: frozenset[Right]


@dataclass(frozen=True, slots=True)
class Member:
    """A person of an operator's staff as its file names them, with the names of their groups and their company."""

    telegram_id: int
    name: str
    email: str | None
    groups: tuple[str, ...]
    entity: EntityId = None


@dataclass(frozen=True, slots=True)
class Place:
    """An EVSE with everything that a driver or an agent must read about where it is."""

    evse: Evse
    station: Station
    location: Location
    operator: Operator
