"""What a snapshot and a report become, at the limits of each bucket."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from bot.diagnosis import facts as limits
from bot.diagnosis.engine import judge
from bot.diagnosis.facts import Facts, Readings, gather
from bot.diagnosis.faults import EVGO_CODES, EVGO_VENDOR_ID, MREC_FAULTS, OCPP_FAULTS, Fault, worst_fault
from bot.diagnosis.rulebook import load_rulebook
from bot.diagnosis.vocabulary import Lasts, OtherReports, Progress, Session, Siblings, StatusAge, YesNo
from bot.domain.capability import Capability, Source
from bot.domain.remote_action import RemoteCommand
from bot.domain.report import Symptom
from bot.domain.status import (
    ConnectorState,
    ConnectorStatus,
    Link,
    StationSnapshot,
    Transaction,
    link_unknown,
)

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def state(
    status: ConnectorStatus = ConnectorStatus.AVAILABLE,
    *,
    connector: int = 1,
    error: str | None = "NoError",
    since: timedelta = timedelta(0),
    heard: timedelta = timedelta(0),
) -> ConnectorState:
    return ConnectorState(connector, status, error, NOW - since, NOW - heard)


def session(connector: int = 1, *, lasted: timedelta = timedelta(hours=1)) -> Transaction:
    return Transaction(7, connector, NOW - lasted, 5000)


def snapshot(connector: ConnectorState | None = None, *sessions: Transaction) -> StationSnapshot:
    return StationSnapshot("CS-1", NOW, Link.ONLINE, NOW, connector or state(), transactions=sessions)


def gathered(
    seen: StationSnapshot,
    *,
    danger: bool = False,
    reports: int = 0,
    tried: frozenset[RemoteCommand] = frozenset(),
    can: frozenset[Capability] = frozenset(Capability),
) -> Facts:
    return gather(
        snapshot=seen,
        connector=1,
        symptom=Symptom.STOPPED,
        danger=danger,
        now=NOW,
        recent_reports=reports,
        remedies_tried=tried,
        capabilities=can,
    )


def test_what_the_driver_says_is_taken_over() -> None:
    facts = gathered(snapshot(), danger=True, tried=frozenset({RemoteCommand.SOFT_RESET}))
    assert (facts.symptom, facts.danger) == (Symptom.STOPPED, YesNo.YES)
    assert (facts.refresh_tried, facts.soft_reset_tried) == (YesNo.NO, YesNo.YES)


def test_a_station_that_could_not_be_asked_is_a_fact() -> None:
    facts = gathered(link_unknown("CS-1", NOW))
    assert (facts.link, facts.status) == (Link.UNKNOWN, ConnectorStatus.UNKNOWN)
    assert (facts.status_age, facts.status_lasts) == (StatusAge.NEVER, Lasts.UNMEASURED)
    assert judge(facts, load_rulebook()).rule.id == "link_unknown"


def test_a_station_that_cannot_be_restarted_is_not_offered_a_restart() -> None:
    facts = gathered(snapshot(), can=frozenset(Capability) - {Capability.SOFT_RESET})
    assert facts.restartable is YesNo.NO
    assert RemoteCommand.SOFT_RESET not in judge(facts, load_rulebook()).rule.then
    assert RemoteCommand.SOFT_RESET in judge(gathered(snapshot()), load_rulebook()).rule.then


def test_out_of_order_without_a_way_to_say_why_is_left_to_a_person() -> None:
    seen = replace(snapshot(), connector=state(ConnectorStatus.FAULTED), source=Source.OCPI)
    facts = gathered(seen)
    rule = judge(facts, load_rulebook()).rule
    assert (facts.fault_codes, facts.readings.source) == (YesNo.NO, "ocpi")
    assert (rule.id, rule.action_class) == ("faulted_untold", "C")


def test_a_status_is_old_after_two_heartbeats() -> None:
    seen = replace(snapshot(), heartbeat_interval=timedelta(minutes=1))
    limit = limits.HEARTBEATS_UNTIL_OLD * timedelta(minutes=1)
    assert gathered(replace(seen, connector=state(heard=limit))).status_age is StatusAge.FRESH
    assert gathered(replace(seen, connector=state(heard=limit + SECOND))).status_age is StatusAge.OLD


@pytest.mark.parametrize("status", ConnectorStatus)
def test_a_status_lasts_long_past_its_own_limit(status: ConnectorStatus) -> None:
    limit = limits.LONG_AFTER.get(status)
    if limit is None:
        assert gathered(snapshot(state(status, since=timedelta(days=9)))).status_lasts is Lasts.UNMEASURED
        return
    assert gathered(snapshot(state(status, since=limit))).status_lasts is Lasts.BRIEF
    assert gathered(snapshot(state(status, since=limit + SECOND))).status_lasts is Lasts.LONG


@pytest.mark.parametrize(
    ("power", "lasted", "expected"),
    [
        (limits.FLOWING_FROM_W, SECOND, Progress.FLOWING),
        (limits.FLOWING_FROM_W - 1, limits.POWER_TELLS_AFTER, Progress.UNKNOWN),
        (limits.FLOWING_FROM_W - 1, limits.POWER_TELLS_AFTER + SECOND, Progress.NOT_FLOWING),
    ],
)
def test_present_power_tells_whether_energy_flows(
    power: float, lasted: timedelta, expected: Progress
) -> None:
    own = replace(session(lasted=lasted), power_w=power, metered_at=NOW)
    assert gathered(snapshot(None, own)).progress is expected


@pytest.mark.parametrize(
    ("energy", "metered_after", "expected"),
    [
        (5000 + limits.ENERGY_EXPECTED_WH - 1, limits.ENERGY_TELLS_AFTER, Progress.UNKNOWN),
        (5000 + limits.ENERGY_EXPECTED_WH - 1, limits.ENERGY_TELLS_AFTER + SECOND, Progress.NOT_FLOWING),
        (5000 + limits.ENERGY_EXPECTED_WH, timedelta(hours=1), Progress.FLOWING),
        (5000 + limits.ENERGY_EXPECTED_WH, timedelta(minutes=39), Progress.UNKNOWN),
        (20, timedelta(hours=1), Progress.NOT_FLOWING),
    ],
)
def test_without_power_the_energy_tells(energy: int, metered_after: timedelta, expected: Progress) -> None:
    own = session()
    own = replace(own, energy_wh=energy, metered_at=own.started_at + metered_after)
    assert gathered(snapshot(None, own)).progress is expected


def test_a_power_sample_of_long_ago_does_not_tell_the_present() -> None:
    stale = NOW - limits.POWER_VALID_FOR - SECOND
    own = replace(session(), power_w=11000.0, metered_at=stale)
    assert gathered(snapshot(None, own)).progress is Progress.UNKNOWN
    assert gathered(snapshot(None, session())).progress is Progress.UNKNOWN
    assert gathered(snapshot()).progress is Progress.NONE


def test_sessions_are_told_apart_by_where_they_run() -> None:
    assert gathered(snapshot()).session is Session.NONE
    assert gathered(snapshot(None, session(1))).session is Session.THIS_CONNECTOR
    assert gathered(snapshot(None, session(2))).session is Session.SIBLING
    assert gathered(snapshot(None, session(1), session(2))).session is Session.BOTH


def test_reports_of_others_are_counted_to_several() -> None:
    words = [gathered(snapshot(), reports=count).other_reports for count in (0, 1, limits.SEVERAL_REPORTS, 9)]
    assert words == [OtherReports.NONE, OtherReports.ONE, OtherReports.SEVERAL, OtherReports.SEVERAL]


def test_siblings_that_are_down_or_locked_out_count_as_faulted() -> None:
    fine = state(connector=2)
    down = state(ConnectorStatus.UNAVAILABLE, connector=3)
    locked = state(connector=4, error="GroundFailure")
    whole = state(ConnectorStatus.FAULTED, connector=0)
    for siblings, expected in [
        ((), Siblings.NONE),
        ((whole,), Siblings.NONE),
        ((fine,), Siblings.ALL_FINE),
        ((fine, down), Siblings.SOME_FAULTED),
        ((down, locked), Siblings.ALL_FAULTED),
    ]:
        assert gathered(replace(snapshot(), siblings=siblings)).siblings is expected


def test_a_station_that_is_down_outranks_its_idle_connector_but_not_a_busy_one() -> None:
    whole = state(ConnectorStatus.FAULTED, connector=0, error="InternalError")
    facts = gathered(replace(snapshot(), station=whole))
    assert (facts.status, facts.fault) == (ConnectorStatus.FAULTED, Fault.INTERNAL)
    assert facts.readings.error_code == "InternalError"
    busy = gathered(replace(snapshot(state(ConnectorStatus.CHARGING)), station=whole))
    assert busy.status is ConnectorStatus.CHARGING


@pytest.mark.parametrize(("code", "fault"), OCPP_FAULTS.items())
def test_every_ocpp_error_code_has_its_fault(code: str, fault: Fault) -> None:
    assert worst_fault(state(ConnectorStatus.FAULTED, error=code)) is fault


@pytest.mark.parametrize(("code", "fault"), MREC_FAULTS.items())
def test_every_mrec_code_has_its_fault_even_beside_no_error(code: str, fault: Fault) -> None:
    for error in ("OtherError", "NoError"):
        assert worst_fault(structs.replace(state(error=error), vendor_error_code=code.lower())) is fault


@pytest.mark.parametrize(("code", "mrec"), EVGO_CODES.items())
def test_a_code_of_evgo_is_read_only_where_evgo_is_the_vendor(code: str, mrec: str) -> None:
    told = structs.replace(state(error="OtherError"), vendor_error_code=code)
    assert worst_fault(told) is Fault.OTHER
    assert worst_fault(structs.replace(told, vendor_id=EVGO_VENDOR_ID)) is MREC_FAULTS[mrec]


@pytest.mark.parametrize("joined", ["CX020,CX019", "CX019; CX020", "CX020;0x00,CX019"])
def test_the_gravest_of_joined_codes_wins(joined: str) -> None:
    assert worst_fault(structs.replace(state(), vendor_error_code=joined)) is Fault.PLUG_OVERHEATED


def test_an_error_code_that_no_specification_knows_is_an_unnamed_error() -> None:
    assert worst_fault(state(error="Error")) is Fault.OTHER
    assert worst_fault(state(error=None), None) is Fault.NONE
    assert worst_fault(structs.replace(state(), vendor_error_code="0")) is Fault.NONE


@pytest.mark.parametrize(
    "info", ["RCD tripped", "Ground fault L1", "relay welded", "short-circuit", "over temperature"]
)
def test_safety_words_of_a_station_count_where_it_reports_an_error(info: str) -> None:
    told = structs.replace(state(ConnectorStatus.FAULTED, error="OtherError"), info=info)
    assert worst_fault(told) is Fault.SAFETY_WORDS
    assert worst_fault(structs.replace(told, error_code="ReaderFailure")) is Fault.SAFETY_WORDS
    assert (
        worst_fault(structs.replace(told, error_code="NoError", status=ConnectorStatus.AVAILABLE))
        is Fault.NONE
    )
    assert worst_fault(structs.replace(told, info="reader 2 timed out")) is Fault.OTHER


def test_readings_keep_the_values_behind_the_words() -> None:
    connector = state(
        ConnectorStatus.CHARGING,
        error="HighTemperature",
        since=timedelta(minutes=4),
        heard=timedelta(seconds=12),
    )
    own = replace(session(), energy_wh=7200, power_w=3600.4, metered_at=NOW)
    readings = gathered(snapshot(connector, own), reports=2).readings
    assert readings == Readings(
        error_code="HighTemperature",
        source="ocpp",
        status_age_seconds=12,
        status_lasts_seconds=240,
        session_energy_wh=2200,
        session_power_w=3600,
        other_report_count=2,
    )


def test_a_code_that_names_the_hazard_says_more_than_the_same_in_words() -> None:
    told = structs.replace(state(ConnectorStatus.FAULTED, error="GroundFailure"), info="RCD tripped")
    assert worst_fault(told) is Fault.GROUND
    # Smoke is another hazard than the one that the code names, and the graver one.
    assert worst_fault(structs.replace(told, info="RCD tripped, smoke detected")) is Fault.SAFETY_WORDS
