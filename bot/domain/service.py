"""The support service of a station: when it was switched on and off, by whom, and at what price."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Cause(StrEnum):
    """What switched the service."""

    ADMIN = "admin"
    FILE = "file"
    """The operator's file, by `apply`."""
    BEFORE = "before"
    """It was on already when its history began to be kept."""


@dataclass(frozen=True, slots=True)
class ServiceChange:
    """The service of a station went on or off. `price` is per month, as it was released with this change.

    `requested_by` wanted it, `released_by` took its cost upon the operator; both are numbers of people, None where
    it was no person of the operator.
    """

    station_id: str
    at: datetime
    active: bool
    price: Decimal
    currency: str
    cause: Cause
    requested_by: int | None = None
    released_by: int | None = None
    number: int = field(default=0, compare=False)
    """Given when it is kept: of two changes at one moment the one with the higher number came later."""


class ReleaseState(StrEnum):
    """What has become of a request to release a cost."""

    ASKED = "asked"
    RELEASED = "released"
    REFUSED = "refused"
    GONE = "gone"
    """It was overtaken: the stations are active by now, or the price is another one."""


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """Somebody without the right to release costs asks those who have it to activate stations."""

    id: int
    operator_id: str
    station_ids: tuple[str, ...]
    price: Decimal
    currency: str
    requested_by: int
    requested_at: datetime
    state: ReleaseState = ReleaseState.ASKED
    decided_by: int | None = None
    decided_at: datetime | None = None
