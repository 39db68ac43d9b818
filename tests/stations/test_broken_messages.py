"""Whatever stands in the fields of a message, in either version: it is answered, and nobody else notices.

Only frames that are frames come here; `test_broken_frames` has the others.
"""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from ocpp.messages import CallResult, _validate_payload
from structlog.testing import capture_logs

from bot.stations.ocpp import v16, v201
from tests.stations.conftest import Site, StandingClock, close_site, open_site
from tests.stations.memory_journal import MemoryJournal
from tests.stations.raw_station import Json, RawStation
from tests.stations.test_frames import ANY_JSON

FIELDS = {
    "1.6": {action: sorted(names) for action, (_, names) in v16._MESSAGES.items()},
    "2.0.1": {action: sorted(names) for action, (_, names) in v201.MESSAGES.items()},
}
INSIDE = re.findall(
    r"\S+",
    """
    id idTag idToken type connectorId evse name instance component variable eventData trigger
    actualValue cleared techCode techInfo severity vendorId customData transactionId chargingState
    stoppedReason sampledValue value measurand context phase unit unitOfMeasure multiplier
    vendorName model serialNumber firmwareVersion variableAttribute mutability
    """,
)
WORDS = re.findall(
    r"\S+",
    """
    Occupied Available Faulted Started Updated Ended Charging Idle EVDisconnected AvailabilityState
    Connector EVSE Problem Tripped true false 1e999 -1 NaN SoC kWh Power.Active.Import Alerting
    CX002 PowerUp 2026-03-01T12:00:00Z 0001-01-01T00:00:00+14:00 9999-12-31T23:59:59-14:00
    2026-13-99T99:99:99Z
    """,
)
LEAVES = (
    ANY_JSON
    | st.sampled_from(WORDS)
    | st.integers(-1, 3)
    | st.sampled_from([2**31 - 1, 2**31, -(2**63), 2**63, 1e308, 256, "\x00", "x" * 3000, "a.b; c: d"])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(INSIDE), inner, max_size=5),
    max_leaves=12,
)


@st.composite
def calls(draw: st.DrawFn, version: str) -> tuple[str, Json]:
    """A message that the version knows, with anything in the fields that it has."""
    action = draw(st.sampled_from(sorted(FIELDS[version])))
    names = FIELDS[version][action] or ["none"]
    return action, draw(st.dictionaries(st.sampled_from(names), VALUES, max_size=8))


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """One loop for all the examples."""
    with asyncio.Runner() as runner:
        yield runner


class Town:
    """A central system, a station that stays well, and one of each version that does not."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.stations: dict[str, RawStation] = {}

    async def open(self) -> None:
        for name, version in (("S1", "1.6"), ("S2", "2.0.1"), ("well", "1.6")):
            self.stations[name] = await self.site.connect(name, protocols=(f"ocpp{version}",))

    async def ask(self, version: str, messages: list[tuple[str, Json]]) -> list[tuple[str, list[object]]]:
        """The action and the answer to each message; fails where one is not answered or a link is lost."""
        broken = self.stations["S1" if version == "1.6" else "S2"]
        answers = [(action, await broken.request(action, payload)) for action, payload in messages]
        await broken.tell("Heartbeat")
        await self.stations["well"].tell("Heartbeat")
        return answers


@pytest.fixture(scope="module")
def town(runner: asyncio.Runner) -> Iterator[Town]:
    """One process that serves all of it, for all the examples."""

    async def begin() -> Town:
        journal = MemoryJournal({"S1": None, "S2": None, "well": None})
        town = Town(await open_site(journal, StandingClock()))
        await town.open()
        return town

    opened = runner.run(begin())
    yield opened
    runner.run(close_site(opened.site))


SETTINGS = settings(
    max_examples=100,
    deadline=timedelta(seconds=5),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@given(messages=st.lists(calls("1.6"), min_size=1, max_size=5))
@example(
    messages=[("MeterValues", {"connectorId": 1, "meterValue": {"sampledValue": {"value": 1, "unit": []}}})]
)
@SETTINGS
def test_no_message_of_1_6_is_too_broken_to_be_answered(
    runner: asyncio.Runner, town: Town, messages: list[tuple[str, Json]]
) -> None:
    survives(runner, town, "1.6", messages)


@given(messages=st.lists(calls("2.0.1"), min_size=1, max_size=5))
@example(
    messages=[
        (
            "TransactionEvent",
            {"transactionInfo": {"transactionId": "T", "chargingState": {}}, "evse": {"id": 1}},
        ),
        ("NotifyEvent", {"eventData": {"component": [], "variable": 7, "techCode": {}, "cleared": "yes"}}),
        ("BootNotification", {"reason": [], "chargingStation": "x"}),
        ("StatusNotification", {"evseId": 1, "connectorStatus": "Available"}),
    ]
)
@SETTINGS
def test_no_message_of_2_0_1_is_too_broken_to_be_answered(
    runner: asyncio.Runner, town: Town, messages: list[tuple[str, Json]]
) -> None:
    survives(runner, town, "2.0.1", messages)


def survives(runner: asyncio.Runner, town: Town, version: str, messages: list[tuple[str, Json]]) -> None:
    with capture_logs() as logs:
        answers = runner.run(town.ask(version, messages))
    assert [entry for entry in logs if entry["event"] == "station_message_not_kept"] == []
    assert [entry for entry in logs if entry["log_level"] in {"error", "critical"}] == []
    for action, frame in answers:
        if frame[0] == 3:
            result = CallResult("1", frame[2])
            result.action = action
            _validate_payload(result, version)
        else:
            assert (frame[0], frame[2] != "InternalError") == (4, True)
    for observation in town.site.journal.observations:
        assert _fits_a_database(observation), observation
    town.site.journal.observations.clear()


def _fits_a_database(value: object) -> bool:
    """Whether every column could hold it: whole numbers have 32 bits there, texts no NUL."""
    if is_dataclass(value):
        return all(_fits_a_database(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, str):
        return "\x00" not in value and len(value) <= 500
    return not isinstance(value, int) or abs(value) < 2**31
