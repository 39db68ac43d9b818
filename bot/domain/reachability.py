"""Whether a station may be counted as reachable, by how long ago it last sent anything (rule of be.ENERGISED)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.operator import Operator, Station


class Reachability(StrEnum):
    """What an operator's list of stations shows. The state of the connection at this very moment is `Link`."""

    ONLINE = "online"
    PENDING = "pending"
    """Nothing came for a while: the connection is probably interrupted, and commands will hardly arrive."""
    OFFLINE = "offline"
    NO_COMMUNICATION = "no_communication"
    """It never sent anything."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a station may be quiet; `pending_after` is the shorter of the two."""

    pending_after: timedelta = timedelta(minutes=30)
    offline_after: timedelta = timedelta(minutes=60)


def patience_with(station: Station, operator: Operator) -> Patience:
    """The station's own times where it has them, its operator's otherwise."""
    pending = station.pending_after_minutes or operator.pending_after_minutes
    offline = station.offline_after_minutes or operator.offline_after_minutes
    return Patience(timedelta(minutes=pending), timedelta(minutes=max(offline, pending)))


def reachability(last_heard: datetime | None, now: datetime, patience: Patience) -> Reachability:
    """`last_heard` is when any message of the station came last, by our clock; None: never."""
    if last_heard is None:
        return Reachability.NO_COMMUNICATION
    quiet = now - last_heard
    if quiet >= patience.offline_after:
        return Reachability.OFFLINE
    return Reachability.PENDING if quiet >= patience.pending_after else Reachability.ONLINE
