"""The closed vocabularies in which facts and rules are written; `Fault` stands with the error codes."""

from enum import StrEnum

from bot.domain.ladder import StepName
from bot.domain.remote_action import RemoteCommand


class YesNo(StrEnum):
    """A truth that a rule can name."""

    YES = "yes"
    NO = "no"


class StatusAge(StrEnum):
    """How long ago the station last spoke of this connector."""

    FRESH = "fresh"
    OLD = "old"
    NEVER = "never"


class Lasts(StrEnum):
    """How long the present status has stood, against the limit of that very status."""

    BRIEF = "brief"
    LONG = "long"
    UNMEASURED = "unmeasured"
    """The status has no limit of its own, or was never told."""


class Progress(StrEnum):
    """Whether energy flows in the session of this connector."""

    NONE = "none"
    """There is no session here."""
    FLOWING = "flowing"
    NOT_FLOWING = "not_flowing"
    UNKNOWN = "unknown"
    """Too early to tell, or the station sends no meter values."""


class Session(StrEnum):
    """Where on the station a session runs, seen from the connector of the report."""

    NONE = "none"
    THIS_CONNECTOR = "this_connector"
    SIBLING = "sibling"
    BOTH = "both"


class OtherReports(StrEnum):
    """Recent reports by other drivers on the same connector."""

    NONE = "none"
    ONE = "one"
    SEVERAL = "several"


class Siblings(StrEnum):
    """How the other connectors of the station are; faulted means Faulted, Unavailable or locked out."""

    NONE = "none"
    """The station has no other connector that ever reported."""
    ALL_FINE = "all_fine"
    SOME_FAULTED = "some_faulted"
    ALL_FAULTED = "all_faulted"


class ActionClass(StrEnum):
    """What may be done about a verdict."""

    A = "A"
    """The driver can put it right."""
    B = "B"
    """A remote remedy is allowed."""
    C = "C"
    """Wait and watch; no reset."""
    D = "D"
    """Locked out: nothing that energises, a technician comes."""


class Responsible(StrEnum):
    """Where the cause most likely lies."""

    DRIVER = "driver"
    VEHICLE = "vehicle"
    OPERATOR = "operator"
    STATION = "station"
    GRID = "grid"
    UNKNOWN = "unknown"


class Advice(StrEnum):
    """A next step that is no remote action."""

    AGENT = "agent"
    TECHNICIAN = "technician"
    WAIT = "wait"
    OTHER_CONNECTOR = "other_connector"


Step = RemoteCommand | StepName | Advice
"""One entry of a rule's `then`: a remote action, the cycle of the ladder, or advice."""

NAMED_AS: dict[StepName, str] = {
    StepName.ASK: RemoteCommand.REFRESH_STATUS,
    StepName.END_SESSION: RemoteCommand.STOP_SESSION,
    StepName.CYCLE: StepName.CYCLE,
    StepName.SOFT_RESET: RemoteCommand.SOFT_RESET,
}
"""The steps of the ladder that a rule may name, by the words that it has for them."""

OFFERED_TO_DRIVERS = frozenset(
    {
        RemoteCommand.REFRESH_STATUS,
        RemoteCommand.STOP_SESSION,
        RemoteCommand.START_SESSION,
        RemoteCommand.SOFT_RESET,
    }
)
"""The remote actions that a rule may name; the others are an agent's own decision."""
