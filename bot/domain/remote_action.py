"""Remote actions: what may be sent to a station, by whom, how often, and what proves that it worked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class RemoteCommand(StrEnum):
    """What a gateway can be asked to do, in no protocol's words."""

    REFRESH_STATUS = "refresh_status"
    START_SESSION = "start_session"
    STOP_SESSION = "stop_session"
    UNLOCK = "unlock"
    MAKE_OPERATIVE = "make_operative"
    MAKE_INOPERATIVE = "make_inoperative"
    SOFT_RESET = "soft_reset"
    HARD_RESET = "hard_reset"


RESETS = frozenset({RemoteCommand.SOFT_RESET, RemoteCommand.HARD_RESET})


class Initiator(StrEnum):
    """Who asks for a remote action."""

    DRIVER = "driver"
    AGENT = "agent"
    LADDER = "ladder"
    """A step under the consent that the driver gave to the whole ladder."""


class ActionState(StrEnum):
    """The life of a remote action; only a fresh observation of the station makes it verified."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    VERIFIED = "verified"
    REJECTED = "rejected"
    FAILED = "failed"
    TIMED_OUT = "timed_out"


PENDING = frozenset({ActionState.REQUESTED, ActionState.ACCEPTED})


class CommandAnswer(StrEnum):
    """How a station answered a command. ACCEPTED and SCHEDULED prove nothing yet."""

    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    REJECTED = "rejected"
    NOT_SUPPORTED = "not_supported"
    NO_ANSWER = "no_answer"
    """It was sent, and whether the station heard it is not known."""
    OFFLINE = "offline"
    """It was never sent."""


@dataclass(frozen=True, slots=True)
class RemoteOrder:
    """One command for a gateway. `transaction_id` for STOP_SESSION, `id_tag` for START_SESSION."""

    station_id: str
    connector: int
    command: RemoteCommand
    transaction_id: int | None = None
    id_tag: str | None = None


@dataclass(frozen=True, slots=True)
class ActionRule:
    """A row of the table below."""

    initiators: frozenset[Initiator]
    energising: bool
    """Whether it can put voltage on a connector or defeat a lock-out: never for class D."""
    whole_station: bool
    """Whether it ends the sessions of the other connectors, too."""
    needs_session: bool
    proof_within: timedelta
    tries: int
    per: timedelta


_EITHER = frozenset({Initiator.DRIVER, Initiator.AGENT})
_AGENT = frozenset({Initiator.AGENT})
_LADDER = frozenset({Initiator.LADDER})
_HOURS = timedelta(hours=6)

ALLOWED_WHEN_LOCKED_OUT = frozenset({RemoteCommand.MAKE_INOPERATIVE})
"""All that may be sent while a safety fault stands: only the station itself may re-arm."""

ACTION_RULES: dict[RemoteCommand, ActionRule] = {
    RemoteCommand.REFRESH_STATUS: ActionRule(
        _EITHER | _LADDER, False, False, False, timedelta(seconds=30), 20, timedelta(hours=1)
    ),
    RemoteCommand.STOP_SESSION: ActionRule(
        _EITHER | _LADDER, False, False, True, timedelta(seconds=90), 4, _HOURS
    ),
    RemoteCommand.START_SESSION: ActionRule(_EITHER, True, False, False, timedelta(minutes=5), 4, _HOURS),
    RemoteCommand.UNLOCK: ActionRule(_AGENT, True, False, False, timedelta(seconds=60), 2, _HOURS),
    RemoteCommand.MAKE_OPERATIVE: ActionRule(
        _AGENT | _LADDER, True, False, False, timedelta(seconds=90), 4, _HOURS
    ),
    RemoteCommand.MAKE_INOPERATIVE: ActionRule(
        _AGENT | _LADDER, False, False, False, timedelta(seconds=90), 4, _HOURS
    ),
    RemoteCommand.SOFT_RESET: ActionRule(
        _EITHER | _LADDER, True, True, False, timedelta(minutes=4), 1, _HOURS
    ),
    RemoteCommand.HARD_RESET: ActionRule(_AGENT, True, True, False, timedelta(minutes=6), 1, _HOURS),
}
"""Limits are the defaults of the recovery ladder: one soft and one hard reset per station in six hours."""


@dataclass(frozen=True, slots=True)
class RemoteAction:
    """A remote action as kept."""

    id: int
    case_id: int
    order: RemoteOrder
    initiator: Initiator
    state: ActionState
    requested_at: datetime
    accepted_at: datetime | None
    booted_at: datetime | None
    ended_at: datetime | None
    proof: str | None
    screen: int | None = None
    """The message that tells its driver that it runs."""
    ladder_id: int | None = None
    """The ladder of which it is a step."""

    @property
    def may_have_happened(self) -> bool:
        """Stations often reset without an answer: only a refusal is sure to have changed nothing."""
        return self.state is not ActionState.REJECTED
