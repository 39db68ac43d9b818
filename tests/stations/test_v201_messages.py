"""What stations of OCPP 2.0.1 send, and the answers they get."""

import pytest

from bot.domain.observation import Booted, LinkChanged, Metered, Noted
from bot.stations.ocpp.v201 import MESSAGES
from tests.stations.conftest import START, Site
from tests.stations.raw_station import Json
from tests.stations.station201 import AT, connect, event

HASHES = {
    "hashAlgorithm": "SHA256",
    "issuerNameHash": "a",
    "issuerKeyHash": "b",
    "serialNumber": "c",
    "responderURL": "d",
}
SCHEDULE = {
    "id": 1,
    "chargingRateUnit": "A",
    "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16}],
}
PROFILE = {
    "id": 1,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxProfile",
    "chargingProfileKind": "Absolute",
    "chargingSchedule": [SCHEDULE],
}
TOKEN = {"idToken": "TAG", "type": "ISO14443"}
REPORT = {"requestId": 1, "generatedAt": AT, "seqNo": 0}

SAID: dict[str, Json] = {
    "BootNotification": {"reason": "PowerUp", "chargingStation": {"vendorName": "ACME", "model": "F"}},
    "Heartbeat": {},
    "StatusNotification": {
        "timestamp": AT,
        "connectorStatus": "Available",
        "evseId": 1,
        "connectorId": 1,
    },
    "NotifyEvent": {"generatedAt": AT, "seqNo": 0, "eventData": [event("RCD", "Tripped")]},
    "TransactionEvent": {
        "eventType": "Started",
        "timestamp": AT,
        "triggerReason": "Authorized",
        "seqNo": 0,
        "transactionInfo": {"transactionId": "T-1"},
        "evse": {"id": 1},
        "idToken": TOKEN,
    },
    "MeterValues": {"evseId": 1, "meterValue": [{"timestamp": AT, "sampledValue": [{"value": 5}]}]},
    "Authorize": {"idToken": TOKEN},
    "DataTransfer": {"vendorId": "com.acme"},
    "SecurityEventNotification": {"type": "TamperDetectionActivated", "timestamp": AT},
    "FirmwareStatusNotification": {"status": "Installed"},
    "PublishFirmwareStatusNotification": {"status": "Idle"},
    "LogStatusNotification": {"status": "Uploaded", "requestId": 1},
    "NotifyReport": REPORT,
    "NotifyMonitoringReport": REPORT,
    "NotifyCustomerInformation": REPORT | {"data": "x"},
    "NotifyDisplayMessages": {"requestId": 1},
    "NotifyChargingLimit": {"chargingLimit": {"chargingLimitSource": "EMS"}},
    "ClearedChargingLimit": {"chargingLimitSource": "EMS"},
    "ReportChargingProfiles": {
        "requestId": 1,
        "chargingLimitSource": "EMS",
        "evseId": 1,
        "chargingProfile": [PROFILE],
    },
    "ReservationStatusUpdate": {"reservationId": 1, "reservationUpdateStatus": "Expired"},
    "NotifyEVChargingNeeds": {"evseId": 1, "chargingNeeds": {"requestedEnergyTransfer": "DC"}},
    "NotifyEVChargingSchedule": {"timeBase": AT, "evseId": 1, "chargingSchedule": SCHEDULE},
    "SignCertificate": {"csr": "x"},
    "Get15118EVCertificate": {"iso15118SchemaVersion": "x", "action": "Install", "exiRequest": "x"},
    "GetCertificateStatus": {"ocspRequestData": HASHES},
}


@pytest.mark.parametrize("action", sorted(MESSAGES))
async def test_every_answer_fits_the_schema_of_the_specification(site: Site, action: str) -> None:
    station = await connect(site)
    await station.tell(action, **SAID[action])


@pytest.mark.parametrize("protocol", ["ocpp2.0.1", "ocpp2.1"])
async def test_a_boot_is_kept_and_told_the_time_and_the_heartbeat(site: Site, protocol: str) -> None:
    station = await connect(site, protocol)
    answer = await station.tell(
        "BootNotification",
        reason="PowerUp",
        chargingStation={
            "vendorName": "ACME",
            "model": "Fast 50",
            "serialNumber": "7",
            "firmwareVersion": "1.2",
        },
    )
    assert answer == {"status": "Accepted", "currentTime": "2026-03-01T12:00:00.000Z", "interval": 300}
    assert site.journal.of("S1", Booted) == [Booted("S1", START, "ACME", "Fast 50", "1.2", "7")]
    assert [change.protocol for change in site.journal.of("S1", LinkChanged)] == [protocol]


async def test_every_card_may_charge(site: Site) -> None:
    station = await connect(site)
    answer = await station.tell("Authorize", idToken=TOKEN)
    assert answer == {"idTokenInfo": {"status": "Accepted"}}


@pytest.mark.parametrize(
    ("action", "answer"),
    [
        ("SignCertificate", {"status": "Rejected"}),
        ("Get15118EVCertificate", {"status": "Failed", "exiResponse": ""}),
        ("GetCertificateStatus", {"status": "Failed"}),
        ("DataTransfer", {"status": "UnknownVendorId"}),
        ("NotifyEVChargingNeeds", {"status": "Rejected"}),
    ],
)
async def test_what_is_not_done_here_is_not_promised(site: Site, action: str, answer: Json) -> None:
    station = await connect(site)
    assert await station.tell(action, **SAID[action]) == answer


@pytest.mark.parametrize(
    ("action", "payload", "what", "detail"),
    [
        (
            "SecurityEventNotification",
            {"type": "InvalidTLSVersion", "timestamp": AT, "techInfo": "1.0"},
            "security_event",
            "InvalidTLSVersion 1.0",
        ),
        ("FirmwareStatusNotification", {"status": "Installed"}, "firmware_status", "Installed"),
        ("LogStatusNotification", {"status": "UploadFailure"}, "log_status", "UploadFailure"),
        ("DataTransfer", {"vendorId": "com.acme", "messageId": "a"}, "data_transfer", "com.acme a"),
    ],
)
async def test_what_changes_no_status_is_noted(
    site: Site, action: str, payload: Json, what: str, detail: str
) -> None:
    station = await connect(site)
    await station.tell(action, **payload)
    assert site.journal.of("S1", Noted) == [Noted("S1", START, what, detail)]


async def test_meter_values_are_read_with_their_power_of_ten(site: Site) -> None:
    station = await connect(site)
    samples = [
        {"value": 12.5, "unitOfMeasure": {"unit": "kWh"}},
        {"value": 11, "measurand": "Power.Active.Import", "unitOfMeasure": {"unit": "W", "multiplier": 3}},
        {"value": 40, "measurand": "SoC", "unitOfMeasure": {"unit": "Percent"}, "location": "EV"},
    ]
    await station.tell("MeterValues", evseId=2, meterValue=[{"timestamp": AT, "sampledValue": samples}])
    assert site.journal.metered("S1") == [Metered("S1", START, 2, None, 12500, 11000.0, 40.0)]


async def test_a_register_that_nothing_could_hold_is_no_reading(site: Site) -> None:
    station = await connect(site)
    samples = [
        {"value": 5e6, "unitOfMeasure": {"unit": "kWh"}},
        {"value": 1, "measurand": "SoC"},
    ]
    await station.tell("MeterValues", evseId=1, meterValue=[{"timestamp": AT, "sampledValue": samples}])
    assert [(each.energy_wh, each.soc_percent) for each in site.journal.metered("S1")] == [(None, 1)]


@pytest.mark.parametrize(
    ("frame", "answer"),
    [
        ("{", ["-1", "RpcFrameworkError"]),
        ('[2,null,"Heartbeat",{}]', ["-1", "RpcFrameworkError"]),
        ('[2,"7","Heartbeat",[]]', ["7", "FormatViolation"]),
        ('[2,"7","StartTransaction",{}]', ["7", "NotImplemented"]),
        ('[2,"7","StatusNotification",{"evseId":1}]', ["7", "ProtocolError"]),
        (
            '[2,"7","StatusNotification",{"evseId":1,"connectorStatus":"Charging"}]',
            ["7", "PropertyConstraintViolation"],
        ),
        (
            '[2,"7","StatusNotification",{"evseId":[],"connectorStatus":"x"}]',
            ["7", "TypeConstraintViolation"],
        ),
        ('[2,"7","TransactionEvent",{"eventType":"Updated"}]', ["7", "ProtocolError"]),
    ],
)
async def test_errors_are_spelled_as_this_version_spells_them(
    site: Site, frame: str, answer: list[str]
) -> None:
    station = await connect(site)
    await station.raw.send(frame)
    refusal = await station.raw.receive()
    assert [refusal[0], *refusal[1:3]] == [4, *answer]
