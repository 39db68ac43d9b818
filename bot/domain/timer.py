"""Deadlines: rows that say what happens when they fall due."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TimerKind(StrEnum):
    """What happens; `subject` is the number of a case, or of a remote action or ladder where the name says so."""

    LEVEL_DUE = "level_due"
    """Nobody has taken a case: the next level of its policy is told."""
    FIRST_ANSWER_DUE = "first_answer_due"
    """The driver should have read a word of an agent, or should soon."""
    RESOLUTION_DUE = "resolution_due"
    DRIVER_DID_NOT_ANSWER = "driver_did_not_answer"
    DRIVER_DID_NOT_RATE = "driver_did_not_rate"
    REMOTE_ACTION_UNPROVED = "remote_action_unproved"
    LADDER_CLIMBS = "ladder_climbs"
    DRIVER_DID_NOT_CHOOSE = "driver_did_not_choose"
    """Which case is meant; `subject` is the number of the first message that waits."""
    STATION_MAY_BE_BACK = "station_may_be_back"
    TECHNICIAN_DID_NOT_ANSWER = "technician_did_not_answer"
    """Its subject is a job."""
    EVSE_MAY_WORK = "evse_may_work"
    """Its subject is a watch."""
    SNOOZE_ENDS = "snooze_ends"
    ON_CALL_TURN = "on_call_turn"
    """Somebody else may be on call; `subject` is the number of an operator's plan."""
    SHIFT_ENDS_SOON = "shift_ends_soon"
    SHIFT_ENDS = "shift_ends"
    """The time of an agent's shift is over; `subject` is its number."""


@dataclass(frozen=True, slots=True)
class Timer:
    """A deadline that a worker has claimed. `attempts` counts this one, too."""

    id: int
    kind: TimerKind
    subject: int
    due_at: datetime
    attempts: int
