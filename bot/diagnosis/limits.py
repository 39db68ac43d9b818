"""The limits by which values become words, each with its name and the sentence that explains it.

The numbers stand once: the sentences are made of them.
"""

from dataclasses import dataclass
from datetime import timedelta

from bot.diagnosis import facts, past
from bot.domain.status import ConnectorStatus


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit."""

    name: str
    sentence: str


def _span(time: timedelta) -> str:
    minutes = round(time.total_seconds() / 60)
    if minutes % 60 == 0:
        return "1 hour" if minutes == 60 else f"{minutes // 60} hours"  # noqa: PLR2004  # Minutes of an hour.
    return f"{minutes} minutes"


def _long(status: ConnectorStatus) -> Limit:
    return Limit(f"long_{status}", f"{status} counts as long after {_span(facts.LONG_AFTER[status])}.")


LIMITS = (
    Limit(
        "status_age",
        f"A status is old when it was heard more than {facts.HEARTBEATS_UNTIL_OLD} heartbeat intervals ago.",
    ),
    *(_long(status) for status in facts.LONG_AFTER),
    Limit(
        "power",
        f"Energy flows from {facts.FLOWING_FROM_W:g} W on; a power sample counts for "
        f"{_span(facts.POWER_VALID_FOR)}, and tells that nothing flows once the session is "
        f"{_span(facts.POWER_TELLS_AFTER)} old.",
    ),
    Limit(
        "energy",
        f"Without a power sample, less than {facts.ENERGY_EXPECTED_WH} Wh after "
        f"{_span(facts.ENERGY_TELLS_AFTER)} is no charging; a meter sample counts for "
        f"{_span(facts.ENERGY_VALID_FOR)}.",
    ),
    Limit(
        "other_reports", f"Reports are several when {facts.SEVERAL_REPORTS} or more other drivers made one."
    ),
    Limit("past", f"The past is the last {_span(past.PAST)}."),
    Limit(
        "flapping",
        f"A connector flaps when it came out of a fault {past.FLAPS} times within "
        f"{_span(past.FLAPPING_WITHIN)}.",
    ),
    Limit("last_stop", f"The end of a session explains a report for {_span(past.STOP_MATTERS_FOR)}."),
    Limit(
        "updating", f"A firmware update counts as running for {_span(past.UPDATE_TAKES)} after its last word."
    ),
    Limit(
        "site",
        f"A site is away when {past.SEVERAL_AWAY} or more other stations are there and none is connected. For "
        f"{_span(past.RETURN_WITHIN)} after a start of ours, one that was heard within {_span(past.JUST_HEARD)} before "
        "it, and not since, is not away.",
    ),
)
