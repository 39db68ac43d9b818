"""Faults of OCPP 2.0.1, which come as events: kept until they are cleared, in codes that the diagnosis knows."""

import pytest
from msgspec import structs

from bot.diagnosis.faults import Fault, locked_out, worst_fault
from bot.domain.observation import Noted, StatusObserved
from bot.domain.status import ConnectorState, ConnectorStatus
from tests.stations.conftest import START, Site
from tests.stations.raw_station import Json
from tests.stations.station201 import AT, connect, event


def last(site: Site, evse: int = 1) -> ConnectorState:
    return site.journal.states("S1", evse)[-1]


@pytest.mark.parametrize(
    ("component", "variable", "trigger", "error_code", "fault"),
    [
        # That name is one of the words of danger, which outrank every code of the same class.
        ("RCD", "Tripped", "Alerting", "GroundFailure", Fault.GROUND),
        ("RCD", "Operated", "Delta", "GroundFailure", Fault.GROUND),
        ("RCDRecloser", "Problem", "Delta", "GroundFailure", Fault.GROUND),
        ("GroundFaultProtection", "Tripped", "Delta", "GroundFailure", Fault.GROUND),
        ("GroundIsolationProtection", "Problem", "Delta", "CX011", Fault.INSULATION),
        ("OverCurrentProtection", "Operated", "Delta", "OverCurrentFailure", Fault.OVER_CURRENT),
        ("EVSE", "Overload", "Alerting", "OverCurrentFailure", Fault.OVER_CURRENT),
        ("ElectricalFeed", "Problem", "Alerting", "CX015", Fault.POWER_LOSS),
        ("ElectricalFeed", "ACVoltage", "Alerting", "OverVoltage", Fault.OVER_VOLTAGE),
        ("UnderVoltageProtection", "Tripped", "Delta", "UnderVoltage", Fault.UNDER_VOLTAGE),
        ("PowerContactor", "Problem", "Alerting", "PowerSwitchFailure", Fault.CONTACTOR),
        ("CableBreakawaySensor", "Tripped", "Alerting", "CX026", Fault.CUT_CABLE),
        ("EmergencyStopSensor", "Tripped", "Alerting", "CX008", Fault.EMERGENCY_STOP),
        ("EmergencyStopSensor", "Active", "Alerting", "CX008", Fault.EMERGENCY_STOP),
        ("TemperatureSensor", "Problem", "Alerting", "HighTemperature", Fault.HEAT),
        ("Connector", "Temperature", "Alerting", "HighTemperature", Fault.HEAT),
        ("LiquidCoolingSystem", "Problem", "Alerting", "HighTemperature", Fault.HEAT),
        ("CPPWMController", "Problem", "Alerting", "CX014", Fault.PILOT),
        ("ConnectorPlugRetentionLock", "Problem", "Alerting", "ConnectorLockFailure", Fault.CONNECTOR_LOCK),
        ("TokenReader", "Problem", "Delta", "ReaderFailure", Fault.READER),
        ("FiscalMetering", "Problem", "Alerting", "PowerMeterFailure", Fault.METER),
        ("EnergyMeter", "Problem", "Alerting", "PowerMeterFailure", Fault.METER),
        ("Modem", "Problem", "Alerting", "WeakSignal", Fault.WEAK_SIGNAL),
        ("DataLink", "SignalStrength", "Alerting", "WeakSignal", Fault.WEAK_SIGNAL),
        ("Controller", "Problem", "Alerting", "InternalError", Fault.INTERNAL),
        ("ISO15118Ctrlr", "Problem", "Alerting", "EVCommunicationError", Fault.EV_COMMUNICATION),
        ("Connector", "Problem", "Alerting", "OtherError", Fault.OTHER),
        ("SmokeDetector", "Tripped", "Alerting", "OtherError", Fault.SAFETY_WORDS),
        ("FloodSensor", "Tripped", "Alerting", "OtherError", Fault.SAFETY_WORDS),
        ("ShockSensor", "Force", "Alerting", "OtherError", Fault.SAFETY_WORDS),
    ],
)
async def test_what_a_component_tells_is_a_code_that_the_diagnosis_knows(
    site: Site, component: str, variable: str, trigger: str, error_code: str, fault: Fault
) -> None:
    station = await connect(site)
    await station.status(1, "Faulted")
    await station.event(event(component, variable, trigger=trigger))
    assert last(site).error_code == error_code
    assert worst_fault(last(site)) is fault


@pytest.mark.parametrize(
    ("component", "variable", "code", "error_code", "fault"),
    [
        ("ElectricalFeed", "Problem", "CX006", "UnderVoltage", Fault.UNDER_VOLTAGE),
        ("Connector", "Problem", "CX020", "OtherError", Fault.PARTIAL_INSERTION),
        ("Connector", "Problem", "cx002", "GroundFailure", Fault.GROUND),
        ("Connector", "Problem", "GroundFailure", "GroundFailure", Fault.GROUND),
        # A code says more than a controller that passes it on.
        ("Controller", "Problem", "CX010", "OtherError", Fault.VEHICLE_MODE),
        # A name that speaks of danger outweighs a code that does not.
        ("GroundFaultProtection", "Tripped", "CX020", "GroundFailure", Fault.GROUND),
        ("TokenReader", "Problem", "E-77", "ReaderFailure", Fault.READER),
    ],
)
async def test_a_technical_code_says_what_the_component_does_not(
    site: Site, component: str, variable: str, code: str, error_code: str, fault: Fault
) -> None:
    station = await connect(site)
    await station.event(event(component, variable, code=code, info="as seen"))
    state = last(site)
    assert (state.error_code, state.vendor_error_code) == (error_code, code)
    assert state.info == f"{component}.{variable}: as seen"
    assert worst_fault(state) is fault


async def test_the_codes_of_a_vendor_are_understood_by_its_name(site: Site) -> None:
    station = await connect(site)
    vendor = {"vendorId": "com.evgo.mrec"}
    await station.event(event("Connector", "Problem", code="F010", customData=vendor))
    assert last(site).vendor_id == "com.evgo.mrec"
    assert worst_fault(last(site)) is Fault.CUT_CABLE


async def test_of_several_faults_the_gravest_is_the_code_and_all_are_told(site: Site) -> None:
    station = await connect(site)
    await station.event(
        event("TokenReader", "Problem", code="R1", info="no answer"),
        event("RCD", "Tripped", code="CX002", info="30 mA; L1"),
        event("Controller", "Problem"),
    )
    state = last(site)
    assert state.error_code == "GroundFailure"
    assert state.vendor_error_code == "CX002,R1"
    assert state.info == "RCD.Tripped: 30 mA, L1; TokenReader.Problem: no answer; Controller.Problem"
    await station.event(event("RCD", "Tripped", "false"))
    assert last(site).error_code == "ReaderFailure"
    assert last(site).vendor_error_code == "R1"


@pytest.mark.parametrize("status", ["Faulted", "Available", "Occupied", "Unavailable"])
async def test_a_status_does_not_wipe_out_a_fault(site: Site, status: str) -> None:
    station = await connect(site)
    await station.event(event("RCD", "Tripped"))
    await station.status(1, status)
    assert last(site).error_code == "GroundFailure"
    assert locked_out(last(site))


@pytest.mark.parametrize(
    "clearing",
    [
        event("RCD", "Tripped", "true", code="CX002", cleared=True),
        event("RCD", "Tripped", "true", cleared=True),
        event("RCD", "Tripped", "false", trigger="Delta"),
        event("RCD", "Tripped", "0", code="CX002", trigger="Delta"),
        event("RCD", "Tripped", "false", code="0"),
    ],
    ids=["cleared", "cleared without its code", "false", "zero", "with a code that says nothing"],
)
@pytest.mark.parametrize("reconnected", [False, True])
async def test_a_fault_is_over_when_it_is_cleared(site: Site, clearing: Json, reconnected: bool) -> None:
    station = await connect(site)
    await station.status(1, "Faulted")
    await station.event(event("RCD", "Tripped", code="CX002", info="30 mA"))
    if reconnected:
        station = await connect(site)
    await station.event(clearing)
    state = last(site)
    assert (state.status, state.error_code, state.vendor_error_code, state.info) == (
        ConnectorStatus.FAULTED,
        None,
        None,
        None,
    )


async def test_one_of_two_codes_of_a_component_is_cleared_alone(site: Site) -> None:
    station = await connect(site)
    await station.event(
        event("Connector", "Problem", code="CX001"), event("Connector", "Problem", code="CX002")
    )
    await station.event(event("Connector", "Problem", "false", code="CX001"))
    assert (last(site).error_code, last(site).vendor_error_code) == ("GroundFailure", "CX002")


async def test_a_fault_outlasts_a_new_connection_and_the_status_after_it(site: Site) -> None:
    station = await connect(site)
    await station.status(1, "Available")
    await station.event(
        event("ConnectorPlugRetentionLock", "Problem"),
        event("RCD", "Tripped", code="CX002", info="30 mA", customData={"vendorId": "v"}),
    )
    told = last(site)
    again = await connect(site)
    await again.status(1, "Available")
    assert structs.replace(last(site), claimed_at=None) == structs.replace(told, claimed_at=None)
    await again.event(event("RCD", "Tripped", "false"))
    assert (last(site).error_code, last(site).vendor_error_code) == ("ConnectorLockFailure", None)
    await again.event(event("ConnectorPlugRetentionLock", "Problem", cleared=True))
    assert last(site).error_code is None


@pytest.mark.parametrize("reconnected", [False, True])
async def test_a_station_that_booted_and_works_need_not_clear_what_it_told_before(
    site: Site, reconnected: bool
) -> None:
    station = await connect(site)
    await station.status(1, "Faulted")
    await station.event(event("RCD", "Tripped", code="CX002"), event("FloodSensor", "Tripped", evse=None))
    if reconnected:
        station = await connect(site)
    await station.boot("PowerUp")
    await station.status(1, "Faulted")
    assert last(site).error_code == "GroundFailure"
    await station.status(1, "Available")
    assert last(site).error_code is None
    assert last(site, 0).error_code is None


async def test_a_fault_that_is_cleared_right_after_a_boot_tells_no_status_of_before_it(site: Site) -> None:
    station = await connect(site)
    await station.event(event("RCD", "Tripped", code="CX002"))
    await station.status(1, "Faulted")
    await station.boot("RemoteReset")
    told = len(site.journal.states("S1", 1))
    await station.event(event("RCD", "Tripped", code="CX002", cleared=True))
    # A Faulted that nobody told after the boot would count as a restart that did not help.
    assert len(site.journal.states("S1", 1)) == told
    await station.status(1, "Available")
    assert [(s.status, s.error_code) for s in site.journal.states("S1", 1)[told:]] == [
        (ConnectorStatus.AVAILABLE, None)
    ]


async def test_a_fault_told_after_the_boot_stands(site: Site) -> None:
    station = await connect(site)
    await station.event(event("RCD", "Tripped", code="CX002"))
    await station.boot("PowerUp")
    await station.event(event("RCD", "Tripped", code="CX002"))
    await station.status(1, "Available")
    assert last(site).error_code == "GroundFailure"


async def test_a_boot_message_that_was_only_asked_for_wipes_out_nothing(site: Site) -> None:
    station = await connect(site)
    await station.event(event("RCD", "Tripped"))
    await station.boot("Triggered")
    await station.status(1, "Available")
    assert last(site).error_code == "GroundFailure"


async def test_what_an_earlier_version_of_ocpp_told_stands_until_a_boot(site: Site) -> None:
    old = await site.connect()
    await old.tell_status(
        1, "Faulted", errorCode="GroundFailure", vendorErrorCode="E7", info="RCD 30 mA. See it"
    )
    station = await connect(site)
    await station.status(1, "Faulted")
    assert (last(site).error_code, last(site).vendor_error_code) == ("GroundFailure", "E7")
    await station.boot("FirmwareUpdate")
    await station.status(1, "Available")
    assert last(site).error_code is None


async def test_an_event_of_no_evse_is_of_the_station_as_a_whole(site: Site) -> None:
    station = await connect(site)
    await station.status(1, "Available")
    await station.event(event("FloodSensor", "Tripped", evse=None))
    snapshot = await site.snapshot(1)
    assert snapshot.station is not None
    assert snapshot.connector is not None
    assert snapshot.connector.status is ConnectorStatus.AVAILABLE
    assert worst_fault(snapshot.connector, snapshot.station) is Fault.SAFETY_WORDS


async def test_an_event_before_any_status_leaves_the_status_unknown_and_to_be_asked(site: Site) -> None:
    station = await connect(site)
    await station.event(event("RCD", "Tripped"))
    assert last(site).status is ConnectorStatus.UNKNOWN
    assert (await site.snapshot(1, deadline=0.2)).asked


@pytest.mark.parametrize(
    "noise",
    [
        event("TokenReader", "Operated", "true", trigger="Delta"),
        event("PowerContactor", "Active", "true", trigger="Delta"),
        event("TemperatureSensor", "Temperature", "41.5", trigger="Periodic"),
        event("Connector", "Available", "false", trigger="Alerting"),
        event("RCD", "Tripped", "false", trigger="Delta"),
        event("Controller", "Temperature", "90", cleared=True),
    ],
)
async def test_what_is_no_fault_leaves_no_trace(site: Site, noise: Json) -> None:
    station = await connect(site)
    await station.status(1, "Available")
    await station.event(noise)
    assert len(site.journal.of("S1", StatusObserved)) == 1
    assert site.journal.of("S1", Noted) == []


async def test_a_grave_event_that_is_no_fault_is_noted_once(site: Site) -> None:
    station = await connect(site, "ocpp2.1")
    said = {"generatedAt": AT, "seqNo": 0}
    for value in ("1", "2"):
        warning = event("Controller", "OperatingTimes", value, trigger="Delta", severity=5)
        debug = event("Controller", "Interval", value, trigger="Delta", severity=9)
        await station.raw.tell("NotifyEvent", **said, eventData=[warning, debug])
    assert site.journal.of("S1", Noted) == [Noted("S1", START, "event", "Controller.OperatingTimes (1)")]
    assert site.journal.of("S1", StatusObserved) == []


async def test_a_fault_that_could_not_be_kept_is_kept_when_it_comes_again(site: Site) -> None:
    station = await connect(site)
    site.journal.failing = True
    said = {"generatedAt": AT, "seqNo": 0, "eventData": [event("RCD", "Tripped")]}
    assert await station.raw.refused("NotifyEvent", said) == "InternalError"
    site.journal.failing = False
    await station.raw.tell("NotifyEvent", **said)
    assert last(site).error_code == "GroundFailure"


async def test_a_station_with_more_faults_than_can_be_told_tells_the_gravest(site: Site) -> None:
    station = await connect(site)
    await station.event(*(event(f"Thing{number}", "Problem", code=f"code-{number}") for number in range(200)))
    await station.event(event("RCD", "Tripped", code="CX002", info="x" * 500))
    state = last(site)
    assert state.error_code == "GroundFailure"
    assert (state.vendor_error_code or "").startswith("CX002,")
    assert (state.info or "").startswith("RCD.Tripped")
    assert len(state.vendor_error_code or "") <= 255
    assert len(state.info or "") <= 500
    # What does not fit is cleared all the same.
    again = await connect(site)
    await again.event(event("RCD", "Tripped", "false"))
    assert last(site).error_code == "OtherError"
