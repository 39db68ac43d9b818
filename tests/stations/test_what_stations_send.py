"""What real stations send, right and wrong, and what is kept of it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from ocpp.messages import Call, CallResult, _validate_payload

from bot.domain.observation import (
    Booted,
    Noted,
    Seen,
    StatusObserved,
)
from bot.domain.status import ConnectorStatus
from tests.stations.conftest import START, Site

BOOT = {"chargePointVendor": "ACME", "chargePointModel": "Fast 50", "firmwareVersion": "1.2"}


def fits_the_schema(action: str, answer: object) -> None:
    """Raises where the `ocpp` package would not accept our answer."""
    result = CallResult("1", answer)
    result.action = action
    _validate_payload(result, "1.6")


async def test_a_boot_is_kept_and_told_the_time_and_the_heartbeat(site: Site) -> None:
    station = await site.connect()
    answer = await station.tell("BootNotification", **BOOT)
    assert answer == {"status": "Accepted", "currentTime": "2026-03-01T12:00:00.000Z", "interval": 300}
    assert site.journal.of("S1", Booted) == [Booted("S1", START, "ACME", "Fast 50", "1.2", None)]


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("BootNotification", BOOT),
        ("Heartbeat", {}),
        ("StatusNotification", {"connectorId": 1, "status": "Available", "errorCode": "NoError"}),
        ("Authorize", {"idTag": "A"}),
        (
            "StartTransaction",
            {"connectorId": 1, "idTag": "A", "meterStart": 0, "timestamp": "2026-03-01T12:00:00Z"},
        ),
        ("StopTransaction", {"transactionId": 1, "meterStop": 9, "timestamp": "2026-03-01T12:00:00Z"}),
        ("MeterValues", {"connectorId": 1, "meterValue": []}),
        ("DataTransfer", {"vendorId": "com.acme"}),
        ("FirmwareStatusNotification", {"status": "Installed"}),
        ("DiagnosticsStatusNotification", {"status": "Idle"}),
    ],
)
async def test_every_answer_fits_the_schema_of_the_specification(
    site: Site, action: str, payload: dict[str, object]
) -> None:
    station = await site.connect()
    if action != "MeterValues":
        _validate_payload(Call("1", action, payload), "1.6")
    fits_the_schema(action, await station.tell(action, **payload))


async def test_a_status_is_kept_before_it_is_acknowledged(site: Site) -> None:
    station = await site.connect()
    site.journal.gate.clear()
    await station.send(
        [2, "1", "StatusNotification", {"connectorId": 1, "status": "Faulted", "errorCode": "NoError"}]
    )
    with pytest.raises(TimeoutError):
        await station.socket.receive(timeout=0.1)
    site.journal.gate.set()


async def test_a_status_that_could_not_be_kept_is_refused_and_new_when_it_comes_again(site: Site) -> None:
    station = await site.connect()
    await station.tell("Heartbeat")
    site.journal.failing = True
    fields = {"connectorId": 1, "status": "Faulted", "errorCode": "GroundFailure"}
    assert await station.refused("StatusNotification", fields) == "InternalError"
    site.journal.failing = False
    await station.tell("StatusNotification", **fields)
    assert [observed.changed for observed in site.journal.of("S1", StatusObserved)] == [True]


async def test_a_repeated_status_lengthens_the_interval(site: Site) -> None:
    station = await site.connect()
    await station.tell_status(1, "Available")
    site.clock.pass_time(minutes=5)
    await station.tell_status(1, "Available")
    first, second = site.journal.of("S1", StatusObserved)
    assert (first.changed, second.changed) == (True, False)
    assert second.state.since == START
    assert second.state.received_at == START + timedelta(minutes=5)


async def test_another_error_code_begins_an_interval(site: Site) -> None:
    station = await site.connect()
    await station.tell_status(1, "Faulted", errorCode="GroundFailure")
    site.clock.pass_time(minutes=5)
    await station.tell_status(1, "Faulted", errorCode="OverVoltage")
    last = site.journal.of("S1", StatusObserved)[-1]
    assert last.changed
    assert last.state.since == site.clock.now


async def test_a_fault_that_stands_keeps_its_code_when_the_station_says_no_error(site: Site) -> None:
    station = await site.connect()
    await station.tell_status(1, "Faulted", errorCode="GroundFailure", vendorErrorCode="E7", info="RCD")
    await station.tell_status(1, "Faulted", errorCode="NoError")
    last = site.journal.of("S1", StatusObserved)[-1]
    assert not last.changed
    assert (last.state.error_code, last.state.vendor_error_code, last.state.info) == (
        "GroundFailure",
        "E7",
        "RCD",
    )


async def test_no_error_is_believed_when_the_fault_is_over(site: Site) -> None:
    station = await site.connect()
    await station.tell_status(1, "Faulted", errorCode="GroundFailure")
    await station.tell_status(1, "Available", errorCode="NoError")
    await station.tell_status(1, "Faulted", errorCode="NoError")
    codes = [state.error_code for state in site.journal.states("S1", 1)]
    assert codes == ["GroundFailure", "NoError", "NoError"]


async def test_an_unknown_error_code_is_kept_as_it_was_said(site: Site) -> None:
    station = await site.connect()
    await station.tell_status(1, "Faulted", errorCode="Error")
    assert site.journal.states("S1", 1)[0].error_code == "Error"


async def test_a_missing_error_code_is_none(site: Site) -> None:
    station = await site.connect()
    await station.tell("StatusNotification", connectorId=1, status="Faulted")
    assert site.journal.states("S1", 1)[0].error_code is None


async def test_long_texts_are_kept_beyond_the_fifty_characters_of_the_specification(site: Site) -> None:
    station = await site.connect()
    bits, info = "01" * 50, '{"temperature": 81, "source": "' + "x" * 60 + '"}'
    await station.tell_status(1, "Faulted", errorCode="OtherError", vendorErrorCode=bits, info=info)
    state = site.journal.states("S1", 1)[0]
    assert (state.vendor_error_code, state.info) == (bits, info)


async def test_an_endless_text_is_cut_and_a_nul_is_left_out(site: Site) -> None:
    station = await site.connect()
    await station.tell_status(1, "Faulted", info="a\x00b" + "x" * 30_000)
    info = site.journal.states("S1", 1)[0].info
    assert info is not None
    assert info.startswith("abx")
    assert len(info) <= 500


async def test_extra_fields_do_no_harm(site: Site) -> None:
    station = await site.connect()
    await station.tell_status(1, "Charging", customData={"a": 1}, evseId=1)
    assert site.journal.states("S1", 1)[0].status is ConnectorStatus.CHARGING


async def test_a_connector_number_as_text_is_a_number(site: Site) -> None:
    station = await site.connect()
    await station.tell_status("2", "Available")
    assert site.journal.states("S1", 2)[0].status is ConnectorStatus.AVAILABLE


async def test_a_status_in_other_letters_is_understood(site: Site) -> None:
    station = await site.connect()
    await station.tell_status(1, "suspendedev")
    assert site.journal.states("S1", 1)[0].status is ConnectorStatus.SUSPENDED_EV


@pytest.mark.parametrize(
    "timestamp", [None, "", "yesterday", 17, "9999-99-99T00:00:00Z", "0001-01-01T00:00:00+14:00"]
)
async def test_a_missing_or_unreadable_time_is_replaced_by_the_time_of_receipt(
    site: Site, timestamp: object
) -> None:
    station = await site.connect()
    await station.tell_status(1, "Available", **({} if timestamp is None else {"timestamp": timestamp}))
    state = site.journal.states("S1", 1)[0]
    assert (state.claimed_at, state.since) == (None, START)


async def test_a_clock_at_1970_is_kept_apart_from_our_own(site: Site) -> None:
    station = await site.connect()
    await station.tell_status(1, "Available", timestamp="1970-01-01T00:03:00Z")
    state = site.journal.states("S1", 1)[0]
    assert state.claimed_at == datetime(1970, 1, 1, 0, 3, tzinfo=UTC)
    assert state.since == START


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"status": "Available"}, "ProtocolError"),
        ({"connectorId": 1}, "ProtocolError"),
        ({"connectorId": "first", "status": "Available"}, "TypeConstraintViolation"),
        ({"connectorId": True, "status": "Available"}, "TypeConstraintViolation"),
        ({"connectorId": -1, "status": "Available"}, "PropertyConstraintViolation"),
        ({"connectorId": 10**9, "status": "Available"}, "PropertyConstraintViolation"),
        ({"connectorId": 1, "status": "Broken"}, "PropertyConstraintViolation"),
    ],
)
async def test_only_a_status_that_says_nothing_is_refused(
    site: Site, payload: dict[str, object], code: str
) -> None:
    station = await site.connect()
    assert await station.refused("StatusNotification", payload) == code
    assert site.journal.of("S1", StatusObserved) == []


async def test_an_unknown_action_is_not_implemented(site: Site) -> None:
    station = await site.connect()
    assert await station.refused("MakeCoffee", {}) == "NotImplemented"


async def test_pipelined_messages_are_kept_and_answered_in_order(site: Site) -> None:
    station = await site.connect()
    statuses = ["Preparing", "Charging", "SuspendedEV", "Finishing", "Available"]
    for number, status in enumerate(statuses):
        fields = {"connectorId": 1, "status": status, "errorCode": "NoError"}
        await station.send([2, f"p{number}", "StatusNotification", fields])
    answered = [(await station.receive())[1] for _ in statuses]
    assert answered == ["p0", "p1", "p2", "p3", "p4"]
    assert [state.status.value for state in site.journal.states("S1", 1)] == statuses


async def test_what_was_sent_just_before_the_socket_closed_is_kept(site: Site) -> None:
    station = await site.connect()
    await station.tell("Heartbeat")
    site.journal.gate.clear()
    for status in ("Preparing", "Faulted"):
        fields = {"connectorId": 1, "status": status, "errorCode": "NoError"}
        await station.send([2, status, "StatusNotification", fields])
    await station.leave()
    await asyncio.sleep(0.05)
    site.journal.gate.set()
    await site.journal.until(lambda: site.journal.links("S1") == [True, False])
    assert [state.status.value for state in site.journal.states("S1", 1)] == ["Preparing", "Faulted"]


async def test_signs_of_life_are_kept_once_a_minute(site: Site) -> None:
    station = await site.connect()
    for _ in range(5):
        await station.tell("Heartbeat")
    assert [seen.received_at for seen in site.journal.of("S1", Seen)] == [START]
    site.clock.pass_time(seconds=61)
    await station.tell("Heartbeat")
    assert [seen.received_at for seen in site.journal.of("S1", Seen)] == [
        START,
        START + timedelta(seconds=61),
    ]


async def test_the_last_sign_of_life_is_kept_when_the_station_leaves(site: Site) -> None:
    station = await site.connect()
    await station.tell("Heartbeat")
    site.clock.pass_time(seconds=30)
    await station.tell("Heartbeat")
    await station.leave()
    await site.journal.until(lambda: site.journal.links("S1") == [True, False])
    assert site.journal.of("S1", Seen)[-1].received_at == START + timedelta(seconds=30)


async def test_firmware_diagnostics_and_vendor_messages_are_noted(site: Site) -> None:
    station = await site.connect()
    await station.tell("FirmwareStatusNotification", status="InstallationFailed")
    await station.tell("DiagnosticsStatusNotification", status="Uploaded")
    answer = await station.tell("DataTransfer", vendorId="com.acme", messageId="log", data="fan 3 stalled")
    assert answer == {"status": "UnknownVendorId"}
    assert [(note.what, note.detail) for note in site.journal.of("S1", Noted)] == [
        ("firmware_status", "InstallationFailed"),
        ("diagnostics_status", "Uploaded"),
        ("data_transfer", "com.acme log fan 3 stalled"),
    ]
