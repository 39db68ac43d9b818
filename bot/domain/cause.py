"""What the trouble was, as agents and technicians say it in the end; a closed vocabulary, so that it can be counted."""

from enum import StrEnum


class Cause(StrEnum):
    """What was found."""

    STATION_FAULT = "station_fault"
    CONNECTOR = "connector"
    """The connector, its cable or its latch."""
    PAYMENT = "payment"
    """The payment terminal, or the back end that takes the money."""
    COMMUNICATION = "communication"
    DAMAGE = "damage"
    """Vandalism, or an accident."""
    POWER_SUPPLY = "power_supply"
    """The building's supply, or the grid."""
    VEHICLE = "vehicle"
    USE = "use"
    """It was used otherwise than it is meant to be; the driver knows by now."""
    NO_FAULT_FOUND = "no_fault_found"
    OTHER = "other"
