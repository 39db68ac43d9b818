"""A watch: that somebody wants to hear when an EVSE works again."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.people import Address


@dataclass(frozen=True, slots=True)
class Watch:
    """Who waits for which EVSE. `seen_broken` says that the station was out of order by its own word at some time.

    Only then its own word is enough for the opposite: else it may have called itself well all along.
    """

    id: int
    evse_id: str
    station_id: str
    conversation: Address
    person_id: int
    since: datetime
    seen_broken: bool
