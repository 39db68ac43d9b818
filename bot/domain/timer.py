"""Deadlines: rows that say what happens when they fall due."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TimerKind(StrEnum):
    """What happens; `subject` is the number of a case, or of a remote action or ladder where the name says so."""

    AGENT_DID_NOT_ANSWER = "agent_did_not_answer"
    DRIVER_DID_NOT_ANSWER = "driver_did_not_answer"
    DRIVER_DID_NOT_RATE = "driver_did_not_rate"
    REMOTE_ACTION_UNPROVED = "remote_action_unproved"
    LADDER_CLIMBS = "ladder_climbs"
    STATION_MAY_BE_BACK = "station_may_be_back"


@dataclass(frozen=True, slots=True)
class Timer:
    """A deadline that a worker has claimed. `attempts` counts this one, too."""

    id: int
    kind: TimerKind
    subject: int
    due_at: datetime
    attempts: int
