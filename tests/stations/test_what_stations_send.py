"""What real stations send, right and wrong, and what is kept of it."""

import asyncio
import socket
from datetime import UTC, datetime, timedelta

import pytest
from ocpp.messages import Call, CallResult, _validate_payload

from bot.domain.errand import FetchLog
from bot.domain.observation import (
    Booted,
    Noted,
    Seen,
    StatusObserved,
    TransactionStarted,
    TransactionStopped,
)
from bot.domain.remote_action import CommandAnswer, RemoteCommand, RemoteOrder
from bot.domain.status import ConnectorStatus, Link
from tests.stations.conftest import START, Site

NOON = "2026-03-01T12:00:00Z"
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


async def test_another_vendors_code_begins_an_interval_and_another_info_does_not(site: Site) -> None:
    station = await site.connect()
    for told in (
        {"vendorErrorCode": "E1"},
        {"vendorErrorCode": "E2"},
        {"vendorErrorCode": "E2", "info": "41 C"},
    ):
        await station.tell_status(1, "Faulted", **told)
    observed = site.journal.of("S1", StatusObserved)
    assert [each.changed for each in observed] == [True, True, False]


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


async def test_a_call_comes_before_the_answer_to_the_command_that_caused_it(site: Site) -> None:
    station = await site.connect()
    await station.tell("StartTransaction", connectorId=1, idTag="T", meterStart=0, timestamp=NOON)
    stopping = asyncio.create_task(site.central.send(RemoteOrder("S1", 1, RemoteCommand.STOP_SESSION)))
    message_id, action, payload = await station.command()
    assert (action, payload) == ("RemoteStopTransaction", {"transactionId": 1})
    await station.tell("StopTransaction", transactionId=1, meterStop=900, timestamp=NOON, reason="Remote")
    assert not stopping.done()
    await station.send([3, message_id, {"status": "Accepted"}])
    assert await stopping is CommandAnswer.ACCEPTED
    assert [stopped.reason for stopped in site.journal.of("S1", TransactionStopped)] == ["Remote"]


async def test_a_reset_may_keep_the_socket(site: Site) -> None:
    station = await site.connect()
    await station.tell("BootNotification", **BOOT)
    resetting = asyncio.create_task(site.central.send(RemoteOrder("S1", 0, RemoteCommand.SOFT_RESET)))
    await station.obey(status="Accepted")
    assert await resetting is CommandAnswer.ACCEPTED
    site.clock.pass_time(seconds=40)
    await station.tell("BootNotification", **BOOT)
    assert [boot.received_at for boot in site.journal.of("S1", Booted)] == [START, site.clock.now]
    assert site.journal.links("S1") == [True]


async def test_a_reset_may_close_the_socket_without_a_word(site: Site) -> None:
    station = await site.connect()
    await station.tell("BootNotification", **BOOT)
    resetting = asyncio.create_task(site.central.send(RemoteOrder("S1", 0, RemoteCommand.HARD_RESET)))
    await station.command()
    await station.leave()
    assert await resetting is CommandAnswer.NO_ANSWER
    site.clock.pass_time(seconds=40)
    station = await site.connect()
    await station.tell("BootNotification", **BOOT)
    assert [boot.received_at for boot in site.journal.of("S1", Booted)] == [START, site.clock.now]
    assert site.journal.links("S1") == [True, False, True]


async def test_a_fault_that_stands_keeps_its_code_over_a_new_connection(site: Site) -> None:
    station = await site.connect()
    await station.tell_status(1, "Faulted", errorCode="GroundFailure")
    await station.leave()
    await site.journal.until(lambda: site.journal.links("S1") == [True, False])
    station = await site.connect()
    await station.tell_status(1, "Faulted", errorCode="NoError")
    last = site.journal.of("S1", StatusObserved)[-1]
    assert (last.state.error_code, last.changed) == ("GroundFailure", False)


async def test_a_session_without_a_time_begins_when_it_was_heard_of(site: Site) -> None:
    station = await site.connect()
    await station.tell("StartTransaction", connectorId=1, idTag="T", meterStart=0)
    (started,) = site.journal.of("S1", TransactionStarted)
    assert (started.claimed_at, started.received_at) == (None, START)


async def test_local_time_marked_as_utc_moves_nothing_in_our_own(site: Site) -> None:
    station = await site.connect()
    await station.tell_status(1, "Available", timestamp="2026-03-01T13:00:00Z")
    await station.tell_status(2, "Available", timestamp="2026-03-01T13:00:00+01:00")
    ahead, right = site.journal.states("S1", 1)[0], site.journal.states("S1", 2)[0]
    assert (ahead.claimed_at, ahead.since) == (START + timedelta(hours=1), START)
    assert (right.claimed_at, right.since) == (START, START)


async def test_a_bit_string_of_32_digits_is_a_vendors_error_code(site: Site) -> None:
    bits = "00000000000000000000010000000001"
    station = await site.connect()
    await station.tell_status(1, "Faulted", errorCode="OtherError", vendorErrorCode=bits)
    await station.tell_status(2, "Faulted", errorCode="OtherError", vendorErrorCode=int(bits))
    assert site.journal.states("S1", 1)[0].vendor_error_code == bits
    assert site.journal.states("S1", 2)[0].status is ConnectorStatus.FAULTED


@pytest.mark.parametrize(
    "info", ['{"code":17,"text":"RCD"}', {"code": 17, "text": "RCD"}], ids=["text", "object"]
)
async def test_an_info_that_holds_json_costs_no_status(site: Site, info: object) -> None:
    station = await site.connect()
    await station.tell_status(1, "Faulted", errorCode="GroundFailure", info=info)
    state = site.journal.states("S1", 1)[0]
    assert (state.status, state.error_code) == (ConnectorStatus.FAULTED, "GroundFailure")
    if isinstance(info, str):
        assert state.info == info


async def test_a_meter_value_that_is_an_object_is_a_list_of_one(site: Site) -> None:
    station = await site.connect()
    reading = {"timestamp": NOON, "sampledValue": {"value": "1234", "unit": "Wh"}}
    await station.tell("MeterValues", connectorId=1, meterValue=reading)
    assert [metered.energy_wh for metered in site.journal.metered("S1")] == [1234]


async def test_asking_for_a_log_may_bring_a_station_down_and_nobody_else(site: Site) -> None:
    station, other = await site.connect("S1"), await site.connect("S2")
    await station.tell("Heartbeat")
    fetching = asyncio.create_task(site.central.run(FetchLog("S1", "ftp://192.0.2.1/log")))
    assert (await station.command())[1] == "GetDiagnostics"
    # It crashes: no answer and no goodbye.
    station.socket.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
    async with asyncio.timeout(0.4):
        assert (await fetching).answer is CommandAnswer.NO_ANSWER
    assert site.central.capabilities("S1") == frozenset()
    await other.tell_status(1, "Available")
    again = await site.connect("S1")
    await again.tell("BootNotification", **BOOT)
    assert site.central.connected == {"S1", "S2"}


async def test_a_diagnosis_and_a_command_at_once_are_one_call_at_a_time(site: Site) -> None:
    station = await site.connect()
    await station.tell("Heartbeat")
    looking = asyncio.create_task(site.snapshot(1))
    message_id, action, _ = await station.command()
    assert action == "TriggerMessage"
    unlocking = asyncio.create_task(site.central.send(RemoteOrder("S1", 1, RemoteCommand.UNLOCK)))
    with pytest.raises(TimeoutError):
        await station.socket.receive(timeout=0.05)
    await station.send([3, message_id, {"status": "Rejected"}])
    assert (await station.obey(status="Unlocked"))[0] == "UnlockConnector"
    assert await unlocking is CommandAnswer.ACCEPTED
    assert (await looking).link is Link.ONLINE


async def test_what_is_fresh_is_never_triggered(site: Site) -> None:
    station = await site.connect()
    await station.tell_status(1, "Available")
    site.clock.pass_time(seconds=30)
    snapshot = await site.snapshot(1, fresh=30)
    assert (snapshot.link, snapshot.asked) == (Link.ONLINE, False)
    with pytest.raises(TimeoutError):
        await station.socket.receive(timeout=0.05)


async def test_a_trigger_names_its_connector_and_the_word_of_connector_0_answers_no_other(site: Site) -> None:
    station = await site.connect()
    await station.tell("Heartbeat")
    for connector in (1, 2):
        looking = asyncio.create_task(site.snapshot(connector))
        _, payload = await station.obey(status="Accepted")
        assert payload == {"requestedMessage": "StatusNotification", "connectorId": connector}
        await station.tell_status(0, "Available")
        assert not looking.done()
        await station.tell_status(connector, "Charging")
        snapshot = await looking
        assert snapshot.connector is not None
        assert (snapshot.connector.connector, snapshot.connector.status) == (
            connector,
            ConnectorStatus.CHARGING,
        )
