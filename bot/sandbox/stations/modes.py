"""In which ways a simulated station can fail as a whole."""

from enum import StrEnum


class ResetMode(StrEnum):
    """What a Reset leads to."""

    OK = "ok"
    REJECTS = "rejects"
    NEVER_COMES_BACK = "never_comes_back"
    COMES_BACK_FAULTED = "comes_back_faulted"
