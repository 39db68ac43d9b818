"""What the security whitepaper adds to OCPP 1.6: answered, and noted for the history."""

import pytest
from ocpp.messages import Call, CallResult, _validate_payload

from bot.domain.observation import Noted
from tests.stations.conftest import START, Site
from tests.stations.raw_station import Json

AT = "2026-03-01T12:00:00Z"


@pytest.mark.parametrize(
    ("action", "payload", "note"),
    [
        (
            "SecurityEventNotification",
            {"type": "TamperDetectionActivated", "timestamp": AT, "techInfo": "door"},
            ("security_event", "TamperDetectionActivated door"),
        ),
        ("LogStatusNotification", {"status": "Uploaded", "requestId": 1}, ("log_status", "Uploaded")),
        (
            "SignedFirmwareStatusNotification",
            {"status": "InvalidSignature", "requestId": 1},
            ("firmware_status", "InvalidSignature"),
        ),
    ],
)
async def test_a_report_of_security_is_noted(
    site: Site, action: str, payload: Json, note: tuple[str, str]
) -> None:
    station = await site.connect()
    _validate_payload(Call("1", action, payload), "1.6")
    frame = await station.request(action, payload)
    assert frame[2] == {}
    assert site.journal.of("S1", Noted) == [Noted("S1", START, *note)]


async def test_no_certificate_is_signed_here(site: Site) -> None:
    station = await site.connect()
    answer = await station.tell("SignCertificate", csr="x")
    result = CallResult("1", answer)
    result.action = "SignCertificate"
    _validate_payload(result, "1.6")
    assert answer == {"status": "Rejected"}
