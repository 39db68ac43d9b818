"""What the last day of a connector and of its site says: words that rules can name, out of what is kept.

All limits by which the past becomes a word stand in this module.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.status import OPERATIVE, ConnectorState, ConnectorStatus

PAST = timedelta(hours=24)
"""How far back a diagnosis looks."""
FLAPS = 3
FLAPPING_WITHIN = timedelta(hours=1)
"""Faulted and back `FLAPS` times within this time is flapping."""
STOP_MATTERS_FOR = timedelta(minutes=30)
"""The end of a session explains a report for this long."""
UPDATE_TAKES = timedelta(hours=1)
"""A firmware update that was last heard of longer ago is over, or has failed."""
SEVERAL_AWAY = 2
"""That many other stations of a site away at once make it the site's trouble, not the station's."""

RETURN_WITHIN = timedelta(minutes=3)
"""After a start of ours, stations are given this long to come back before they count as away."""
JUST_HEARD = timedelta(minutes=15)
"""Only a station that was heard this shortly before our start is expected back: three heartbeats of a quiet one."""

_UPDATING = frozenset({"downloading", "downloaded", "installing", "installrebooting", "installscheduled"})


class Course(StrEnum):
    """How the status of the connector went during the last day."""

    STEADY = "steady"
    FAULT_AGAIN = "fault_again"
    """The same fault as now stood before, and went by itself or by a remedy."""
    FLAPPING = "flapping"


class LastStop(StrEnum):
    """Why the last session of the connector ended, where that was not long ago."""

    NONE = "none"
    USUAL = "usual"
    EMERGENCY_STOP = "emergency_stop"
    POWER_LOSS = "power_loss"
    CARD_REFUSED = "card_refused"
    VEHICLE = "vehicle"
    RESTART = "restart"


class Site(StrEnum):
    """The other stations of the location, as far as they ever were in contact."""

    ALONE = "alone"
    CONNECTED = "connected"
    SOME_AWAY = "some_away"
    ALL_AWAY = "all_away"


_STOPS = {
    "emergencystop": LastStop.EMERGENCY_STOP,
    "groundfault": LastStop.EMERGENCY_STOP,
    "powerloss": LastStop.POWER_LOSS,
    "powerquality": LastStop.POWER_LOSS,
    "deauthorized": LastStop.CARD_REFUSED,
    "evdisconnected": LastStop.VEHICLE,
    "stoppedbyev": LastStop.VEHICLE,
    "hardreset": LastStop.RESTART,
    "softreset": LastStop.RESTART,
    "immediatereset": LastStop.RESTART,
    "reboot": LastStop.RESTART,
}
"""Stop reasons of OCPP 1.6 and 2.0.1 that say more than "somebody ended it"."""


@dataclass(frozen=True, slots=True)
class Past:
    """What is kept: the connector's intervals of the last day, the newest first, and what else happened.

    `neighbours` says of each other station of the location that ever was in contact whether it is there now.
    """

    intervals: tuple[ConnectorState, ...] = ()
    last_stop: tuple[str, datetime] | None = None
    firmware: tuple[str, datetime] | None = None
    restarted: bool = False
    """Whether a restart that was proved has put this connector right during the last day."""
    warned: bool = False
    """Whether somebody else has told of danger at the station or of damage here, in a case that is still open."""
    start_failed: bool = False
    """Whether a remote start of this case led to no session."""
    session_ended: bool = False
    """Whether the station has said that a session which this case ended from afar is over."""
    neighbours: tuple[bool, ...] = ()


def course(past: Past, now: datetime) -> Course:
    """How the connector's status went; the newest interval is the present one."""
    if _flaps(past.intervals, now - FLAPPING_WITHIN) >= FLAPS:
        return Course.FLAPPING
    present, *earlier = past.intervals or (None,)
    if present is None or present.status is not ConnectorStatus.FAULTED:
        return Course.STEADY
    again = any(_same_fault(present, state) for state in _before_recovery(earlier))
    return Course.FAULT_AGAIN if again else Course.STEADY


def last_stop(past: Past, now: datetime) -> LastStop:
    """Why the last session ended, where that can explain a report of now."""
    if past.last_stop is None:
        return LastStop.NONE
    reason, at = past.last_stop
    if now - at > STOP_MATTERS_FOR:
        return LastStop.NONE
    return _STOPS.get(reason.casefold(), LastStop.USUAL)


def updating(past: Past, now: datetime) -> bool:
    """Whether the station is being given new firmware, as far as it said."""
    if past.firmware is None:
        return False
    status, at = past.firmware
    return status.casefold() in _UPDATING and now - at <= UPDATE_TAKES


def site(past: Past) -> Site:
    """The other stations of the location."""
    if not past.neighbours:
        return Site.ALONE
    away = past.neighbours.count(False)
    if away == len(past.neighbours) and away >= SEVERAL_AWAY:
        return Site.ALL_AWAY
    return Site.SOME_AWAY if away else Site.CONNECTED


def _flaps(intervals: Sequence[ConnectorState], since: datetime) -> int:
    """How often the connector came out of a fault since then."""
    recent = [state for state in intervals if state.since >= since]
    return sum(
        later.status in OPERATIVE and earlier.status is ConnectorStatus.FAULTED
        for later, earlier in zip(recent, [*intervals[1 : len(recent) + 1]], strict=False)
    )


def _before_recovery(earlier: Sequence[ConnectorState]) -> Sequence[ConnectorState]:
    """The intervals before the connector was last operative: what stood since then is still the same trouble."""
    for position, state in enumerate(earlier):
        if state.status in OPERATIVE:
            return earlier[position:]
    return ()


def _same_fault(present: ConnectorState, before: ConnectorState) -> bool:
    told = (present.error_code, present.vendor_error_code)
    return before.status is ConnectorStatus.FAULTED and told == (before.error_code, before.vendor_error_code)
