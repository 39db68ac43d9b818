"""Time is an argument: whoever needs it is handed a clock."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present as an aware datetime in UTC."""


def utc_now() -> datetime:
    """The clock of the real world."""
    return datetime.now(UTC)
