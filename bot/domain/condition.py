"""What an operator's list says of a station: one word for all its connectors and its reachability."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from bot.domain.reachability import Reachability
from bot.domain.status import ConnectorStatus


class Condition(StrEnum):
    """How a station would be found by a driver who came now."""

    OK = "ok"
    IN_USE = "in_use"
    OUT_OF_USE = "out_of_use"
    """Somebody has taken it out of use."""
    FAULT = "fault"
    OFFLINE = "offline"
    NEVER = "never"
    """It never sent anything."""
    UNKNOWN = "unknown"
    """It can be reached, and has told nothing of its connectors."""


_S = ConnectorStatus
CONDITION_OF: Mapping[ConnectorStatus, Condition] = {
    _S.AVAILABLE: Condition.OK,
    _S.PREPARING: Condition.IN_USE,
    _S.CHARGING: Condition.IN_USE,
    _S.SUSPENDED_EV: Condition.IN_USE,
    _S.SUSPENDED_EVSE: Condition.IN_USE,
    _S.FINISHING: Condition.IN_USE,
    _S.RESERVED: Condition.IN_USE,
    _S.UNAVAILABLE: Condition.OUT_OF_USE,
    _S.FAULTED: Condition.FAULT,
    _S.UNKNOWN: Condition.UNKNOWN,
}
"""What one connector's status makes of its station."""

BY_GRAVITY = (Condition.UNKNOWN, Condition.OK, Condition.IN_USE, Condition.OUT_OF_USE, Condition.FAULT)
"""What connectors can make of a station, the worst last: the worst one decides."""


def condition(reachability: Reachability, statuses: Iterable[ConnectorStatus]) -> Condition:
    """The condition of a station with connectors of these statuses.

    What a station said before it fell silent is not believed once it counts as offline.
    """
    match reachability:
        case Reachability.NO_COMMUNICATION:
            return Condition.NEVER
        case Reachability.OFFLINE:
            return Condition.OFFLINE
    return max((CONDITION_OF[each] for each in statuses), key=BY_GRAVITY.index, default=Condition.UNKNOWN)
