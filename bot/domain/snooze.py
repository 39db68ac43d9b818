"""For how long an agent puts a case aside."""

from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

MORNING = time(8)
LEAST_UNTIL_MORNING = timedelta(hours=4)
"""Who says "tomorrow morning" at night means the morning that comes, but not one that is all but there."""


class Nap(StrEnum):
    """What an agent can choose."""

    QUARTER = "15"
    HOUR = "60"
    MORNING = "day"


_SPANS = {Nap.QUARTER: timedelta(minutes=15), Nap.HOUR: timedelta(hours=1)}


def wakes_at(nap: Nap, now: datetime, zone: str) -> datetime:
    """When a case comes back that is put aside now; mornings are those of the zone. `now` is aware of its own."""
    if nap is not Nap.MORNING:
        return now + _SPANS[nap]
    there = ZoneInfo(zone)
    day = now.astimezone(there).date()
    while True:
        morning = datetime.combine(day, MORNING, there).astimezone(now.tzinfo)
        if morning - now >= LEAST_UNTIL_MORNING:
            return morning
        day += timedelta(days=1)
