"""What a station lets us know, as values; a gateway makes them, the journal keeps them.

Every observation carries the station's identity and `received_at` by our own clock (UTC). `claimed_at` is the
station's own clock, kept apart because it may stand at 1970 or in local time.
"""

from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from bot.domain.status import ConnectorState


class StatusObserved(Struct, frozen=True, gc=False):
    """A connector told its status; `state.since` is the start of the interval it belongs to."""

    station_id: str
    received_at: datetime
    state: ConnectorState
    changed: bool
    """False where the station repeats what was known: the interval goes on."""


@dataclass(frozen=True, slots=True)
class Booted:
    """The station started: it is the proof that a reset happened."""

    station_id: str
    received_at: datetime
    vendor: str
    model: str
    firmware: str | None
    serial_number: str | None


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """A connection came up or went away; `protocol` is what is spoken on it, such as `ocpp1.6`."""

    station_id: str
    received_at: datetime
    connected: bool
    protocol: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """Any message at all: the station lives."""

    station_id: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class TransactionStarted:
    """A session began; the journal gives it its number."""

    station_id: str
    received_at: datetime
    connector: int
    id_tag: str
    meter_start_wh: int | None
    claimed_at: datetime | None
    reference: str | None = None
    """The station's own name of the session, where it gives one: the same name is the same session."""


@dataclass(frozen=True, slots=True)
class TransactionStopped:
    """A session ended; `reason` is the station's word, None where it gave none (OCPP: Local).

    It is named by our number or, where that is None, by the station's own `reference`.
    """

    station_id: str
    received_at: datetime
    transaction_id: int | None
    meter_stop_wh: int | None
    reason: str | None
    claimed_at: datetime | None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Metered:
    """A meter sample of a connector."""

    station_id: str
    received_at: datetime
    connector: int
    transaction_id: int | None
    energy_wh: int | None
    power_w: float | None
    soc_percent: float | None


@dataclass(frozen=True, slots=True)
class Noted:
    """Something worth keeping in the history that changes no status: a firmware or diagnostics report."""

    station_id: str
    received_at: datetime
    what: str
    detail: str


Observation = (
    StatusObserved | Booted | LinkChanged | Seen | TransactionStarted | TransactionStopped | Metered | Noted
)
