"""A station's own words, samples from before a pause, and what forbids a restart although it could be sent."""

from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import structs

from bot.diagnosis.facts import gather
from bot.diagnosis.faults import Fault, worst_fault
from bot.diagnosis.past import Past
from bot.diagnosis.vocabulary import Progress, StatusAge, YesNo
from bot.domain.capability import Capability
from bot.domain.report import Symptom
from bot.domain.status import ConnectorStatus
from tests.diagnosis.test_gathering_facts import NOW, gathered, session, snapshot, state

FAULTED = state(ConnectorStatus.FAULTED, error="OtherError")


@pytest.mark.parametrize(
    ("code", "info", "fault"),
    [
        ("ContactorFault", None, Fault.SAFETY_WORDS),
        ("RCD_TRIPPED", None, Fault.SAFETY_WORDS),
        ("evse_board_support/MREC2GroundFailure", None, Fault.SAFETY_WORDS),
        (None, '{"reason":"gfci_trip"}', Fault.SAFETY_WORDS),
        (None, "Emergency stop button pressed", Fault.EMERGENCY_STOP),
        (None, "Not-Aus betätigt", Fault.EMERGENCY_STOP),
        (None, "notaus_gedrueckt", Fault.EMERGENCY_STOP),
        ("NoPPDetected", None, Fault.OTHER),
        ("0x0000", "null", Fault.OTHER),
        (None, '{"reason":"plugInGun","cpv":0}', Fault.OTHER),
    ],
)
def test_the_stations_own_words_count_wherever_they_stand(
    code: str | None, info: str | None, fault: Fault
) -> None:
    assert worst_fault(structs.replace(FAULTED, vendor_error_code=code, info=info)) is fault


def test_a_word_of_danger_without_an_error_is_no_fault() -> None:
    fine = state(ConnectorStatus.AVAILABLE)
    assert worst_fault(structs.replace(fine, info="emergency stop tested, contactor fine")) is Fault.NONE


@pytest.mark.parametrize("status", [ConnectorStatus.SUSPENDED_EV, ConnectorStatus.SUSPENDED_EVSE])
def test_power_from_before_the_pause_does_not_flow_now(status: ConnectorStatus) -> None:
    sampled = replace(session(), power_w=11000.0, energy_wh=9000, metered_at=NOW - timedelta(seconds=90))
    paused = state(status, since=timedelta(seconds=60))
    assert gathered(snapshot(paused, sampled)).progress is Progress.UNKNOWN
    since_long = state(status, since=timedelta(seconds=100))
    assert gathered(snapshot(since_long, sampled)).progress is Progress.FLOWING


def test_energy_proves_no_flow_where_the_last_power_was_nothing() -> None:
    sampled = replace(session(), power_w=0.0, energy_wh=9000, metered_at=NOW - timedelta(minutes=6))
    charging = state(ConnectorStatus.CHARGING, since=timedelta(hours=1))
    assert gathered(snapshot(charging, sampled)).progress is Progress.UNKNOWN
    assert gathered(snapshot(charging, replace(sampled, power_w=None))).progress is Progress.FLOWING


def test_a_station_that_is_out_of_use_as_a_whole_is_not_old_news_while_its_connector_speaks() -> None:
    whole = state(ConnectorStatus.UNAVAILABLE, connector=0, heard=timedelta(hours=1))
    facts = gathered(replace(snapshot(state()), station=whole))
    assert (facts.status, facts.status_age) == (ConnectorStatus.UNAVAILABLE, StatusAge.FRESH)
    silent = replace(snapshot(state(heard=timedelta(hours=1))), station=whole)
    assert gathered(silent).status_age is StatusAge.OLD


def test_a_lock_out_beside_forbids_a_restart() -> None:
    beside = state(ConnectorStatus.AVAILABLE, connector=2, error="GroundFailure")
    assert gathered(replace(snapshot(), siblings=(beside,))).restartable is YesNo.NO
    assert (
        gathered(replace(snapshot(), siblings=(structs.replace(beside, error_code="NoError"),))).restartable
        is YesNo.YES
    )


@pytest.mark.parametrize(("word", "restartable"), [("Installing", YesNo.NO), ("Installed", YesNo.YES)])
def test_an_update_forbids_a_restart(word: str, restartable: YesNo) -> None:
    facts = gather(
        snapshot=snapshot(),
        connector=1,
        symptom=Symptom.STOPPED,
        danger=False,
        now=NOW,
        recent_reports=0,
        remedies_tried=frozenset(),
        capabilities=frozenset(Capability),
        past=Past(firmware=(word, NOW - timedelta(minutes=3))),
    )
    assert facts.restartable is restartable
