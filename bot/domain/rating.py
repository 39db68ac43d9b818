"""How a driver rates the help, and what was missing where it was not good."""

from enum import StrEnum

BEST = 5
LOW = 3
"""Up to this many stars the driver is asked what was missing."""
MOST_WORDS = 1000
"""Characters of a driver's words that are kept beside a rating."""


class RatingReason(StrEnum):
    """What was missing."""

    TOO_SLOW = "too_slow"
    DID_NOT_HELP = "did_not_help"
    NOT_UNDERSTOOD = "not_understood"
    HAD_TO_WAIT = "had_to_wait"
    OTHER = "other"


def is_low(rating: int) -> bool:
    """Whether something was missing."""
    return rating <= LOW


def kept_words(words: str) -> str:
    """What a driver says of a rating, no longer than is kept."""
    return words.strip()[:MOST_WORDS]
