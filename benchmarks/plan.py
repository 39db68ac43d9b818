"""What is played: the same report for every bot, and the names that all of them agree on.

A report is five updates and nine Bot API calls: `/start` (1 call), the symptom (3: the tap answered, progress, verdict,
with one call to the station between), `/agent` (3: the reply, a topic, its card), and two messages that are copied into
the topic (1 each).
"""

from dataclasses import dataclass

TOKEN = "7000:benchmark"
HOTLINE = "BENCH_HOTLINE"
STATIONS = "BENCH_STATIONS"
SYMPTOM = "🐢 Too slow"
SYMPTOM_DATA = "w|slow"
PERSON = "🙋 Talk to a person"
CALLS = 9
UPDATES = 5
STATION_COUNT = 250
CONNECTORS = 40
"""Every report is on an EVSE of its own, so that no bot can answer from what it asked a moment ago."""


def evse_id(number: int) -> str:
    """The ID of the EVSE with that number, from 0 to 9999."""
    return f"AT*BEN*E{number:04d}"


def station_of(number: int) -> tuple[str, int]:
    """The station and connector of an EVSE."""
    return f"BENCH-{number % STATION_COUNT:03d}", number // STATION_COUNT + 1


@dataclass(frozen=True, slots=True)
class Setting:
    """Under which conditions a run is made; delays in seconds."""

    name: str
    call_delay: float
    station_delay: float
    drivers: int
    seconds: float


WORLD = Setting("50 ms per call, 200 ms per station, 50 drivers", 0.05, 0.2, 50, 10.0)
SATURATED = Setting("saturated, no delays, 50 drivers", 0.0, 0.0, 50, 6.0)
