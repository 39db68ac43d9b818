"""Every scenario, through the real endpoint of OCPP or OCPI: the judgement is right, and nothing forbidden is sent."""

from collections import Counter

import pytest
from ocpp.exceptions import OCPPError
from ocpp.messages import Call, _validate_payload

from tests.scenarios.data import CONNECTS, FALLS_SILENT, LEAVES, OCPI, OCPP201, Message, Scenario, load
from tests.scenarios.play import play
from tests.scenarios.stage import Stage

SCENARIOS = load()
DEVIATE = {
    "code-in-the-error-code",
    "connector-as-text",
    "connector-zero-faulted-while-charging",
    "error-code-in-small-letters",
    "error-code-of-its-own",
    "extra-fields-and-a-long-info",
    "meter-value-as-an-object",
}
"""Scenarios that are about stations which break the specification."""


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.id)
async def test_the_judgement_is_right_and_nothing_forbidden_is_sent(stage: Stage, scenario: Scenario) -> None:
    played = await play(stage, scenario)
    assert played.got == scenario.expected, f"by the rule {played.rule}"
    assert not played.forbidden
    assert played.promised is None
    assert not played.missing, played.refused


def test_there_are_enough_scenarios_of_each_kind() -> None:
    protocols = Counter(scenario.actor.station.protocol for scenario in SCENARIOS)
    real = {scenario.source for scenario in SCENARIOS if scenario.real}
    assert len(SCENARIOS) >= 120
    assert protocols[OCPP201] >= 20
    assert protocols[OCPI] >= 5
    assert len(real) >= 25


def test_stations_say_what_the_specification_allows_unless_that_is_the_point() -> None:
    assert {scenario.id for scenario in SCENARIOS if not all(map(_allowed, _said(scenario)))} == DEVIATE


def _said(scenario: Scenario) -> list[tuple[str, Message]]:
    actors = (scenario.actor, *scenario.neighbours)
    return [
        (actor.station.protocol, message)
        for actor in actors
        if actor.station.protocol != OCPI
        for message in actor.messages
        if message.what not in {LEAVES, CONNECTS, FALLS_SILENT}
    ]


def _allowed(said: tuple[str, Message]) -> bool:
    protocol, message = said
    try:
        call = Call("1", message.what, _filled(message.payload))
        _validate_payload(call, "2.0.1" if protocol == OCPP201 else "1.6")
    except OCPPError:
        return False
    return True


def _filled(value: object) -> object:
    match value:
        case "$now":
            return "2026-03-01T12:00:00Z"
        case "$session":
            return 7
        case dict():
            return {key: _filled(each) for key, each in value.items()}
        case list():
            return [_filled(each) for each in value]
        case _:
            return value
