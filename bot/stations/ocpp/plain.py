"""The message that stations send most, read and checked in one step: a status that is all that OCPP 1.6 asks for.

It is read by msgspec straight into values. What is not exactly as the specification has it is left to `frames` and
`fields`, which are forgiving and cost several times as much.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal

from msgspec import DecodeError, Meta, Struct, structs
from msgspec.json import Decoder

from bot.domain.status import ConnectorStatus
from bot.stations.ocpp.frames import UNREADABLE
from bot.stations.ocpp.memory import Reported

_ACTION = '"StatusNotification"'
_NUL = "\\u0000"
"""PostgreSQL cannot keep this character in a text."""
_EMPTY = '""'
"""Many stations say so where they have nothing to say."""
_FARTHEST = 80
"""Where the action stands at the latest; a message id has 36 characters at the most (OCPP-J 1.6, section 4.1.4)."""

ErrorCode16 = Literal[
    "ConnectorLockFailure",
    "EVCommunicationError",
    "GroundFailure",
    "HighTemperature",
    "InternalError",
    "LocalListConflict",
    "NoError",
    "OtherError",
    "OverCurrentFailure",
    "OverVoltage",
    "PowerMeterFailure",
    "PowerSwitchFailure",
    "ReaderFailure",
    "ResetFailure",
    "UnderVoltage",
    "WeakSignal",
]
"""ChargePointErrorCode, OCPP 1.6 section 7.6."""
_Text50 = Annotated[str, Meta(max_length=50)]
_Text255 = Annotated[str, Meta(max_length=255)]


class _Payload(
    Reported,
    frozen=True,
    gc=False,
    forbid_unknown_fields=True,
    rename={
        "connector": "connectorId",
        "error_code": "errorCode",
        "claimed_at": "timestamp",
        "vendor_error_code": "vendorErrorCode",
        "vendor_id": "vendorId",
    },
):
    """StatusNotification.req, OCPP 1.6 section 6.47; it is read as what it reports."""

    connector: Annotated[int, Meta(ge=0, le=255)]
    status: ConnectorStatus
    error_code: ErrorCode16
    claimed_at: datetime | None = None
    vendor_error_code: _Text50 | None = None
    vendor_id: _Text255 | None = None
    info: _Text50 | None = None


class PlainStatus(Struct, frozen=True, gc=False, array_like=True):
    """A CALL that tells a status."""

    type: Literal[2]
    id: str
    action: Literal["StatusNotification"]
    told: _Payload


_decode = Decoder(PlainStatus).decode


def plain_status(raw: str | bytes) -> PlainStatus | None:
    """The status that a frame tells; None where it is another message, or needs a closer look. Never raises."""
    if type(raw) is not str or raw.find(_ACTION, 0, _FARTHEST) < 0 or _NUL in raw:
        return None
    try:
        found = _decode(raw)
        claimed_at = found.told.claimed_at
        if _EMPTY in raw or (claimed_at is not None and claimed_at.tzinfo is not UTC):
            found = structs.replace(found, told=_tidied(found.told))
    except (DecodeError, RecursionError, OverflowError):
        return None
    return None if found.id == UNREADABLE or found.told.status is ConnectorStatus.UNKNOWN else found


def _tidied(told: _Payload) -> _Payload:
    """The same as everybody else reads it: no text for an empty one, and the time in UTC."""
    claimed_at = told.claimed_at
    if claimed_at is not None:
        # OCPP 1.6 recommends UTC to stations, so a time without an offset is taken as that.
        naive = claimed_at.tzinfo is None
        claimed_at = claimed_at.replace(tzinfo=UTC) if naive else claimed_at.astimezone(UTC)
    return structs.replace(
        told,
        claimed_at=claimed_at,
        vendor_error_code=told.vendor_error_code or None,
        vendor_id=told.vendor_id or None,
        info=told.info or None,
    )
