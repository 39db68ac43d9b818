"""What a charging station says of itself, and what we know of it at a moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from bot.domain.capability import Source


class EvseStatus(StrEnum):
    """The nine statuses of OCPI 2.2.1, mod_locations."""

    AVAILABLE = "AVAILABLE"
    BLOCKED = "BLOCKED"
    CHARGING = "CHARGING"
    INOPERATIVE = "INOPERATIVE"
    OUTOFORDER = "OUTOFORDER"
    PLANNED = "PLANNED"
    REMOVED = "REMOVED"
    RESERVED = "RESERVED"
    UNKNOWN = "UNKNOWN"


class ConnectorStatus(StrEnum):
    """ChargePointStatus of OCPP 1.6, and UNKNOWN for what a station never told."""

    AVAILABLE = "Available"
    PREPARING = "Preparing"
    CHARGING = "Charging"
    SUSPENDED_EV = "SuspendedEV"
    SUSPENDED_EVSE = "SuspendedEVSE"
    FINISHING = "Finishing"
    RESERVED = "Reserved"
    UNAVAILABLE = "Unavailable"
    FAULTED = "Faulted"
    UNKNOWN = "Unknown"


OPERATIVE = frozenset(
    {
        ConnectorStatus.AVAILABLE,
        ConnectorStatus.PREPARING,
        ConnectorStatus.CHARGING,
        ConnectorStatus.SUSPENDED_EV,
        ConnectorStatus.SUSPENDED_EVSE,
        ConnectorStatus.FINISHING,
        ConnectorStatus.RESERVED,
    }
)
"""OCPP 1.6 edition 2, section 3.1: all but Unavailable and Faulted."""

AS_EVSE_STATUS = {
    ConnectorStatus.AVAILABLE: EvseStatus.AVAILABLE,
    ConnectorStatus.PREPARING: EvseStatus.BLOCKED,
    ConnectorStatus.CHARGING: EvseStatus.CHARGING,
    ConnectorStatus.SUSPENDED_EV: EvseStatus.CHARGING,
    ConnectorStatus.SUSPENDED_EVSE: EvseStatus.CHARGING,
    ConnectorStatus.FINISHING: EvseStatus.BLOCKED,
    ConnectorStatus.RESERVED: EvseStatus.RESERVED,
    ConnectorStatus.UNAVAILABLE: EvseStatus.INOPERATIVE,
    ConnectorStatus.FAULTED: EvseStatus.OUTOFORDER,
    ConnectorStatus.UNKNOWN: EvseStatus.UNKNOWN,
}


class Link(StrEnum):
    """How far a station can be reached at the moment of a snapshot."""

    ONLINE = "online"
    SILENT = "silent"
    """The connection stands, but the station did not answer when asked."""
    OFFLINE = "offline"
    NEVER = "never"
    """It never sent anything."""
    UNKNOWN = "unknown"
    """We could not find out: our own side failed."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """One charging session as the station told it; energy in Wh."""

    id: int
    connector: int
    started_at: datetime
    meter_start_wh: int | None
    energy_wh: int | None = None
    power_w: float | None = None
    soc_percent: float | None = None
    metered_at: datetime | None = None
    reference: str | None = None
    """The name that the station or the back end gave the session; None where ours is the only one."""


class ConnectorState(Struct, frozen=True, gc=False):
    """The last that a station said of one connector. Connector 0 is the station as a whole.

    `error_code` is None where none was ever given; "NoError" where the station says so.
    `since` is when this status began, `received_at` when we last heard it, both by our own clock;
    `claimed_at` is the station's clock, which may be wrong. It is made for every status that arrives, so it is of the
    cheapest kind: a frozen dataclass costs twenty times as much.
    """

    connector: int
    status: ConnectorStatus
    error_code: str | None
    since: datetime
    received_at: datetime
    claimed_at: datetime | None = None
    vendor_error_code: str | None = None
    vendor_id: str | None = None
    info: str | None = None

    @property
    def evse_status(self) -> EvseStatus:
        """The same in OCPI's words."""
        return AS_EVSE_STATUS[self.status]

    def age(self, now: datetime) -> timedelta:
        """How long ago we last heard this."""
        return now - self.received_at


@dataclass(frozen=True, slots=True)
class StationSnapshot:
    """All that is known of a station at `taken_at`, seen from one of its connectors.

    `connector` is None where that connector never reported. `asked` says that the station was asked for
    its status for this very snapshot; whether it answered is in `link` and in the state's `received_at`.
    """

    station_id: str
    taken_at: datetime
    link: Link
    last_seen: datetime | None
    connector: ConnectorState | None
    station: ConnectorState | None = None
    siblings: tuple[ConnectorState, ...] = ()
    transactions: tuple[Transaction, ...] = ()
    asked: bool = False
    vendor: str | None = None
    model: str | None = None
    firmware: str | None = None
    heartbeat_interval: timedelta = timedelta(minutes=5)
    source: Source = Source.OCPP

    def transaction_on(self, connector: int) -> Transaction | None:
        """The running session of one connector, if there is one."""
        return next((t for t in self.transactions if t.connector == connector), None)

    def charging_beside(self, connector: int) -> bool:
        """Whether any other connector of this station has a running session."""
        return any(t.connector != connector for t in self.transactions)


def link_unknown(station_id: str, now: datetime) -> StationSnapshot:
    """The snapshot of a station that we could not ask: the failure is a fact, not an exception."""
    return StationSnapshot(station_id, now, Link.UNKNOWN, None, None)
