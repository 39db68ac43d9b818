"""Simulated stations of OCPP 2.0.1 against the `ocpp` package's own central system, both with strict schemas."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from ocpp.v201 import call

from bot.domain.status import ConnectorStatus
from bot.sandbox.stations.connector import ClearsOn, ConnectorSpec
from bot.sandbox.stations.modes import OcppVersion, ResetMode
from bot.sandbox.stations.station import SimulatedStation
from tests.stations.strict_csms import Json, StrictCsms, strict_csms
from tests.stations.test_simulated_stations import FAST, until_shown

EVSE_1 = {"id": 1, "connector_id": 1}


@pytest.fixture
async def csms() -> AsyncIterator[StrictCsms]:
    """A central system of the `ocpp` package."""
    async with strict_csms() as running:
        yield running


@pytest.fixture
async def station(csms: StrictCsms) -> AsyncIterator[SimulatedStation]:
    """A station with two EVSEs that has told everything, and that refused nothing."""
    simulated = SimulatedStation(
        "S1",
        csms.url,
        version=OcppVersion.V201,
        connectors=[ConnectorSpec(1), ConnectorSpec(2, "Type2", 22)],
        vendor="ACME",
        model="Twin",
        pace=FAST,
    )
    await simulated.start()
    await csms.until(lambda: csms.statuses(2) == ["Available"])
    yield simulated
    refused = [frame for frame in simulated.frames() if frame["direction"] == "refused"]
    await simulated.stop()
    assert refused == []


def part(payload: Json, name: str) -> Json:
    """An object inside a payload."""
    found = payload[name]
    assert isinstance(found, dict)
    return found


def events(csms: StrictCsms) -> list[tuple[object, ...]]:
    """Every fault that was told: component, variable, techCode, techInfo, cleared."""
    rows: list[tuple[object, ...]] = []
    for payload in csms.of("NotifyEvent"):
        data = payload["eventData"]
        assert isinstance(data, list)
        rows += [
            (
                each["component"]["name"],
                each["variable"]["name"],
                each.get("techCode"),
                each.get("techInfo"),
                each["cleared"],
            )
            for each in data
        ]
    return rows


def session_events(csms: StrictCsms) -> list[tuple[object, ...]]:
    """Every TransactionEvent that is no meter reading: event, trigger, charging state, stop reason."""
    return [
        (each["eventType"], each["triggerReason"], info.get("chargingState"), info.get("stoppedReason"))
        for each in csms.of("TransactionEvent")
        for info in [part(each, "transactionInfo")]
        if each["triggerReason"] != "MeterValuePeriodic"
    ]


async def answer(csms: StrictCsms, payload: object) -> object:
    """The status word with which the station answers a command."""
    result = await csms.send(payload)
    assert result is not None
    return getattr(result, "status", None)


async def test_it_boots_and_tells_every_connector_but_not_the_station(
    csms: StrictCsms, station: SimulatedStation
) -> None:
    boot = csms.of("BootNotification")[0]
    assert boot["reason"] == "PowerUp"
    assert part(boot, "chargingStation")["model"] == "Twin"
    assert [(each["evseId"], each["connectorId"]) for each in csms.of("StatusNotification")] == [
        (1, 1),
        (2, 1),
    ]
    assert station.state()["version"] == "2.0.1"


async def test_a_session_is_told_from_plug_to_unplug(csms: StrictCsms, station: SimulatedStation) -> None:
    station.plug(1)
    station.authorise(1, "CARD")
    await csms.until(lambda: len(session_events(csms)) == 2)
    await csms.until(lambda: any("meterValue" in each for each in csms.of("TransactionEvent")[2:]))
    station.stop_charging(1)
    station.unplug(1)
    await csms.until(lambda: csms.statuses()[-1] == "Available")
    assert session_events(csms) == [
        ("Started", "Authorized", "EVConnected", None),
        ("Updated", "ChargingStateChanged", "Charging", None),
        ("Ended", "StopAuthorized", "EVConnected", "Local"),
    ]
    assert csms.statuses() == ["Available", "Occupied", "Available"]
    told = csms.of("TransactionEvent")
    assert [each["seqNo"] for each in told] == list(range(len(told)))
    assert len({part(each, "transactionInfo")["transactionId"] for each in told}) == 1
    assert part(told[0], "idToken")["idToken"] == "CARD"
    assert csms.of("Authorize") != []
    assert station.cards.cached == {"CARD"}


async def test_a_full_car_pauses_the_session_without_a_status(
    csms: StrictCsms, station: SimulatedStation
) -> None:
    station.connectors[1].soc_percent = 99.999
    station.start_charging(1, "CARD")
    await csms.until(lambda: ("Updated", "ChargingStateChanged", "SuspendedEV", None) in session_events(csms))
    assert csms.statuses() == ["Available", "Occupied"]


async def test_a_car_that_leaves_ends_the_session(csms: StrictCsms, station: SimulatedStation) -> None:
    station.start_charging(1, "CARD")
    station.unplug(1)
    await csms.until(lambda: csms.statuses() == ["Available", "Occupied", "Available"])
    assert session_events(csms)[-1] == ("Ended", "EVDeparted", "Idle", "EVDisconnected")


async def test_a_fault_is_an_event_and_then_a_status(csms: StrictCsms, station: SimulatedStation) -> None:
    station.fault(1, "GroundFailure")
    await csms.until(lambda: csms.statuses()[-1] == "Faulted")
    assert [name for name, _ in csms.told[-2:]] == ["NotifyEvent", "StatusNotification"]
    data = csms.of("NotifyEvent")[0]["eventData"]
    assert isinstance(data, list)
    assert data[0]["component"] == {"name": "RCD", "evse": {"id": 1, "connectorId": 1}}
    assert events(csms) == [("RCD", "Tripped", "CX002", None, False)]
    station.clear_fault(1)
    await csms.until(lambda: csms.statuses()[-1] == "Available")
    assert events(csms)[1:] == [("RCD", "Tripped", "CX002", None, True)]


async def test_a_fault_ends_the_session(csms: StrictCsms, station: SimulatedStation) -> None:
    station.start_charging(1, "CARD")
    await csms.until(lambda: len(session_events(csms)) == 2)
    station.fault(1, "OtherError", "E7", "fan stuck")
    await csms.until(lambda: csms.statuses()[-1] == "Faulted")
    assert session_events(csms)[-1] == ("Ended", "AbnormalCondition", "EVConnected", "Other")
    assert events(csms) == [("EVSE", "Problem", "E7", "fan stuck", False)]


async def test_another_fault_clears_the_first(csms: StrictCsms, station: SimulatedStation) -> None:
    station.fault(1, "OverVoltage")
    await csms.until(lambda: len(events(csms)) == 1)
    station.fault(1, "UnderVoltage")
    await csms.until(lambda: len(events(csms)) == 3)
    assert events(csms)[1:] == [
        ("ElectricalFeed", "Problem", "CX005", None, True),
        ("ElectricalFeed", "Problem", "CX006", None, False),
    ]


async def test_a_fault_that_stands_is_told_again_on_a_new_line(
    csms: StrictCsms, station: SimulatedStation
) -> None:
    station.fault(1, "GroundFailure")
    await csms.until(lambda: len(events(csms)) == 1)
    station.lose_network()
    station.regain_network()
    await csms.until(lambda: len(events(csms)) == 2)
    assert events(csms)[1] == events(csms)[0]
    assert len(csms.of("BootNotification")) == 1


async def test_a_fault_that_ended_without_network_is_cleared_afterwards(
    csms: StrictCsms, station: SimulatedStation
) -> None:
    station.fault(1, "GroundFailure")
    await csms.until(lambda: csms.statuses()[-1] == "Faulted")
    station.lose_network()
    station.clear_fault(1)
    station.regain_network()
    await csms.until(lambda: csms.statuses()[-1] == "Available")
    assert events(csms)[-1] == ("RCD", "Tripped", "CX002", None, True)


async def test_an_asked_status_comes_without_events(csms: StrictCsms, station: SimulatedStation) -> None:
    station.fault(1, "GroundFailure")
    await csms.until(lambda: csms.statuses()[-1] == "Faulted")
    assert await answer(csms, call.TriggerMessage("StatusNotification", EVSE_1)) == "Accepted"
    await csms.until(lambda: csms.statuses() == ["Available", "Faulted", "Faulted"])
    assert len(events(csms)) == 1


@pytest.mark.parametrize(
    "evse", [None, {"id": 1}, {"id": 9, "connector_id": 1}, {"id": 1, "connector_id": 2}]
)
async def test_a_status_is_that_of_a_connector_that_is_named(
    csms: StrictCsms, station: SimulatedStation, evse: Json | None
) -> None:
    assert await answer(csms, call.TriggerMessage("StatusNotification", evse)) == "Rejected"


@pytest.mark.parametrize(
    ("message", "evse", "comes"),
    [
        ("BootNotification", None, "BootNotification"),
        ("Heartbeat", None, "Heartbeat"),
        ("MeterValues", {"id": 2}, "MeterValues"),
    ],
)
async def test_a_message_that_is_asked_for_comes(
    csms: StrictCsms, station: SimulatedStation, message: str, evse: Json | None, comes: str
) -> None:
    before = len(csms.of(comes))
    assert await answer(csms, call.TriggerMessage(message, evse)) == "Accepted"
    await csms.until(lambda: len(csms.of(comes)) == before + 1)
    if comes == "BootNotification":
        assert csms.of(comes)[-1]["reason"] == "Triggered"


async def test_a_session_is_asked_for_only_where_one_runs(
    csms: StrictCsms, station: SimulatedStation
) -> None:
    assert await answer(csms, call.TriggerMessage("TransactionEvent", EVSE_1)) == "Rejected"
    station.start_charging(1, "CARD")
    assert await answer(csms, call.TriggerMessage("TransactionEvent", EVSE_1)) == "Accepted"
    await csms.until(lambda: ("Updated", "Trigger", "Charging", None) in session_events(csms))
    assert await answer(csms, call.TriggerMessage("SignV2GCertificate")) == "NotImplemented"


async def test_it_is_restarted_when_idle(csms: StrictCsms, station: SimulatedStation) -> None:
    station.fault(2, "InternalError", clears_on=ClearsOn.SOFT_RESET)
    station.start_charging(1, "CARD")
    assert await answer(csms, call.Reset("OnIdle")) == "Scheduled"
    await asyncio.sleep(FAST.boot * 2)
    assert csms.connections == 1
    station.stop_charging(1)
    await csms.until(lambda: len(csms.of("BootNotification")) == 2)
    await csms.until(lambda: csms.statuses(2)[-1] == "Available")
    assert csms.of("BootNotification")[1]["reason"] == "RemoteReset"
    assert session_events(csms)[-1] == ("Ended", "StopAuthorized", "EVConnected", "Local")
    assert await answer(csms, call.Reset("OnIdle")) == "Accepted"
    await csms.until(lambda: len(csms.of("BootNotification")) == 3)


async def test_it_is_restarted_at_once(csms: StrictCsms, station: SimulatedStation) -> None:
    station.start_charging(1, "CARD")
    await csms.until(lambda: len(session_events(csms)) == 2)
    assert await answer(csms, call.Reset("Immediate")) == "Accepted"
    await csms.until(lambda: len(csms.of("BootNotification")) == 2)
    await csms.until(lambda: session_events(csms)[-1][0] == "Ended")
    assert session_events(csms)[-1] == ("Ended", "ResetCommand", "EVConnected", "ImmediateReset")


@pytest.mark.parametrize(("clears_on", "told"), [(ClearsOn.SOFT_RESET, 1), (ClearsOn.NONE, 2)])
async def test_a_restart_forgets_what_it_cured_and_tells_what_stands(
    csms: StrictCsms, station: SimulatedStation, clears_on: ClearsOn, told: int
) -> None:
    station.fault(1, "GroundFailure", clears_on=clears_on)
    await csms.until(lambda: csms.statuses()[-1] == "Faulted")
    assert await answer(csms, call.Reset("OnIdle")) == "Accepted"
    await csms.until(lambda: len(csms.statuses(2)) == 2)
    assert csms.statuses() == ["Available", "Faulted", "Available" if told == 1 else "Faulted"]
    assert events(csms) == [("RCD", "Tripped", "CX002", None, False)] * told


async def test_it_can_refuse_resets_and_never_resets_one_evse(
    csms: StrictCsms, station: SimulatedStation
) -> None:
    assert await answer(csms, call.Reset("Immediate", evse_id=1)) == "Rejected"
    station.fail_resets(ResetMode.REJECTS)
    assert await answer(csms, call.Reset("OnIdle")) == "Rejected"


async def test_it_unlocks_what_no_session_holds(csms: StrictCsms, station: SimulatedStation) -> None:
    assert await answer(csms, call.UnlockConnector(1, 1)) == "Unlocked"
    assert await answer(csms, call.UnlockConnector(1, 2)) == "UnknownConnector"
    station.start_charging(1, "CARD")
    assert await answer(csms, call.UnlockConnector(1, 1)) == "OngoingAuthorizedTransaction"
    assert station.charging
    station.fault(2, "ConnectorLockFailure")
    assert await answer(csms, call.UnlockConnector(2, 1)) == "UnlockFailed"


async def test_availability_is_ordered_for_one_evse_or_for_all(
    csms: StrictCsms, station: SimulatedStation
) -> None:
    station.start_charging(1, "CARD")
    assert await answer(csms, call.ChangeAvailability("Inoperative", {"id": 2})) == "Accepted"
    await csms.until(lambda: csms.statuses(2)[-1] == "Unavailable")
    assert await answer(csms, call.ChangeAvailability("Inoperative")) == "Scheduled"
    station.stop_charging(1)
    await csms.until(lambda: csms.statuses(1)[-1] == "Unavailable")
    assert await answer(csms, call.ChangeAvailability("Operative")) == "Accepted"
    await csms.until(lambda: csms.statuses(2)[-1] == "Available")
    assert await answer(csms, call.ChangeAvailability("Operative", {"id": 9})) == "Rejected"


async def test_a_session_is_started_and_stopped_from_afar(
    csms: StrictCsms, station: SimulatedStation
) -> None:
    token = {"id_token": "HOTLINE", "type": "Central"}
    station.plug(1)
    assert await answer(csms, call.RequestStartTransaction(token, 77, evse_id=1)) == "Accepted"
    await csms.until(lambda: len(session_events(csms)) == 2)
    started = csms.of("TransactionEvent")[0]
    assert started["triggerReason"] == "RemoteStart"
    assert part(started, "transactionInfo")["remoteStartId"] == 77
    assert await answer(csms, call.RequestStopTransaction("another")) == "Rejected"
    name = part(started, "transactionInfo")["transactionId"]
    assert await answer(csms, call.RequestStopTransaction(name)) == "Accepted"
    await csms.until(lambda: session_events(csms)[-1][0] == "Ended")
    assert session_events(csms)[-1] == ("Ended", "RemoteStop", "EVConnected", "Remote")


async def test_a_start_from_afar_waits_for_the_cable(csms: StrictCsms, station: SimulatedStation) -> None:
    token = {"id_token": "HOTLINE", "type": "Central"}
    assert await answer(csms, call.RequestStartTransaction(token, 5, evse_id=1)) == "Accepted"
    await csms.until(lambda: csms.statuses()[-1] == "Occupied")
    station.plug(1)
    await csms.until(lambda: len(session_events(csms)) == 2)
    assert session_events(csms)[0] == ("Started", "CablePluggedIn", "EVConnected", None)


async def test_a_stuck_status_has_the_word_of_this_version(
    csms: StrictCsms, station: SimulatedStation
) -> None:
    station.set_status(1, ConnectorStatus.FINISHING)
    await csms.until(lambda: csms.statuses()[-1] == "Occupied")
    station.set_status(1, ConnectorStatus.RESERVED)
    await csms.until(lambda: csms.statuses()[-1] == "Reserved")


async def test_variables_are_read_by_name(csms: StrictCsms, station: SimulatedStation) -> None:
    def asked(component: str, variable: str, **more: object) -> Json:
        return {"component": {"name": component}, "variable": {"name": variable}, **more}

    result = await csms.send(
        call.GetVariables(
            [
                asked("OCPPCommCtrlr", "HeartbeatInterval"),
                asked("SecurityCtrlr", "BasicAuthPassword"),
                asked("OCPPCommCtrlr", "Colour"),
                asked("Oven", "Colour"),
                asked("OCPPCommCtrlr", "HeartbeatInterval", attribute_type="MaxSet"),
            ]
        )
    )
    rows = getattr(result, "get_variable_result", None)
    assert isinstance(rows, list)
    assert [(row["attribute_status"], row.get("attribute_value")) for row in rows] == [
        ("Accepted", "300"),
        ("Rejected", None),
        ("UnknownVariable", None),
        ("UnknownComponent", None),
        ("NotSupportedAttributeType", None),
    ]


async def test_a_base_report_comes_in_numbered_parts(csms: StrictCsms, station: SimulatedStation) -> None:
    assert await answer(csms, call.GetBaseReport(31, "FullInventory")) == "Accepted"
    await csms.until(lambda: any(not each["tbc"] for each in csms.of("NotifyReport")))
    parts = csms.of("NotifyReport")
    assert [(each["requestId"], each["seqNo"]) for each in parts] == [(31, n) for n in range(len(parts))]
    assert [each["tbc"] for each in parts] == [True] * (len(parts) - 1) + [False]
    names = [
        f"{row['component']['name']}.{row['variable']['name']}"
        for each in parts
        if isinstance(each["reportData"], list)
        for row in each["reportData"]
    ]
    assert names == list(station.configuration())


async def test_the_list_of_cards_is_replaced_and_added_to(
    csms: StrictCsms, station: SimulatedStation
) -> None:
    def cards(*tags: str) -> list[Json]:
        return [
            {
                "id_token": {"id_token": tag, "type": "ISO14443"},
                "id_token_info": {"status": "Accepted"},
            }
            for tag in tags
        ]

    assert await answer(csms, call.SendLocalList(3, "Full", cards("A", "B"))) == "Accepted"
    assert await answer(csms, call.SendLocalList(3, "Differential", cards("C"))) == "VersionMismatch"
    assert await answer(csms, call.SendLocalList(4, "Differential", cards("C"))) == "Accepted"
    assert (station.cards.version, set(station.cards.listed)) == (4, {"A", "B", "C"})
    assert await answer(csms, call.SendLocalList(1, "Full")) == "Accepted"
    assert (station.cards.version, set(station.cards.listed)) == (1, set())


async def test_the_cache_is_cleared(csms: StrictCsms, station: SimulatedStation) -> None:
    station.start_charging(1, "CARD")
    await csms.until(lambda: station.cards.cached == {"CARD"})
    assert await answer(csms, call.ClearCache()) == "Accepted"
    assert station.cards.cached == set()


@pytest.mark.parametrize(
    ("methods", "path", "ends", "arrives"),
    [
        (["PUT"], "/logs/7", "Uploaded", "/logs/7"),
        (["POST"], "/logs/", "Uploaded", "/logs/S1.log"),
        (["DELETE"], "/logs/7", "UploadFailure", None),
    ],
    ids=["put", "post-to-a-folder", "refused"],
)
async def test_the_log_is_uploaded(
    csms: StrictCsms, station: SimulatedStation, methods: list[str], path: str, ends: str, arrives: str | None
) -> None:
    received: dict[str, bytes] = {}

    async def receive(request: web.Request) -> web.Response:
        received[request.path] = await request.read()
        return web.Response(status=201)

    app = web.Application()
    for method in methods:
        app.router.add_route(method, "/{path:.*}", receive)
    async with TestServer(app) as server:
        log = {"remote_location": str(server.make_url(path))}
        result = await csms.send(call.GetLog(log, "DiagnosticsLog", 12))
        assert getattr(result, "filename", None) == "S1.log"
        await csms.until(lambda: len(csms.of("LogStatusNotification")) == 2)
    told = [(each["status"], each["requestId"]) for each in csms.of("LogStatusNotification")]
    assert told == [("Uploading", 12), (ends, 12)]
    assert list(received) == ([arrives] if arrives else [])
    if arrives:
        assert b"BootNotification" in received[arrives]


async def test_a_central_system_without_this_version_is_left() -> None:
    async with strict_csms(None) as old:
        station = SimulatedStation("S1", old.url, version=OcppVersion.V201, pace=FAST)
        await station.start()
        await until_shown(station, "problem", "no ocpp2.0.1")
        assert old.told == []
        await station.stop()
