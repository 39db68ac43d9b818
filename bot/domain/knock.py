"""A station that nobody knows, and what it showed when it asked to be let in."""

from dataclasses import dataclass
from datetime import datetime

LONGEST_ID = 48
"""Characters; a station's identity is no longer in any version of OCPP that is spoken here."""


@dataclass(frozen=True, slots=True)
class Knock:
    """The attempts of one identity since `first_at`, told by the last of those that showed the most.

    A certificate is more than a password, and a password more than nothing: who merely knows the name takes nothing
    away from what the station itself has shown.

    `password` is what opens the door once it is set as the station's: a text, or the hexadecimal digits of bytes that
    are none. `security_profile` is the highest one of OCPP that the attempt would have satisfied.
    """

    station_id: str
    first_at: datetime
    last_at: datetime
    times: int
    address: str
    protocols: tuple[str, ...] = ()
    agent: str = ""
    password: str | None = None
    security_profile: int = 0
    contested: bool = False
    """Different passwords were shown in this name: one of two stations is not what it says."""
