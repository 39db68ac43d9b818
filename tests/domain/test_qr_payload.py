"""Scanned codes and typed sentences."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.evse_id import MAX_LENGTH
from bot.domain.qr_payload import StationRef, evse_candidates, redacted, station_ref

ID = "DE*DES*E*BMW*0113*2"
SECONDS = 0.25
MAX_LOGGED = 200
SAP = '{"tenantSubDomain":"slf","chargingStationID":"CS-ABC-00001","connectorID":2}'


@pytest.mark.parametrize(
    "payload",
    [
        ID,
        "de*des*e*bmw*0113*2\n",
        "DE%2ADES%2AE%2ABMW%2A0113%2A2",
        f"https://m.intercharge.eu/evse/show?evseid={ID}",
        f"http://m.intercharge.eu/qr?x=1&evseid={ID}",
        f"https://charge.elli.eco/?evseid={ID}",
        f"https://e-mobility.lidl.de/qr?evseid={ID}&lang=de",
        f"https://www.aral-pulse.de/webshop/details?evseid={ID}",
        f"https://smatrics.com/start-charging?evseId={ID}",
        "https://smatrics.com/start-charging?EVSEID=de%2Ades%2Ae%2Abmw%2A0113%2A2#top",
        f"https://app.example/#/start?evseid={ID}",
        f"https://enercity.example/laden/{ID}",
        f"https://chargedrive.example/qr/{ID}?lang=de",
        "HTTPS://ON-CHARGE.EXAMPLE/DE%2ADES%2AE%2ABMW%2A0113%2A2/",
        f"chargepoint-services.example/direct/{ID}",
        f"https://pay.example/afir?evseid={ID}&totp=123456",
        f"https://pay.example/go?cp={ID}&sig=DEABCE1234567",
        "https://pay.example/go?to=https%3A%2F%2Fx.example%2F%3Fid%3DDE%252ADES%252AE%252ABMW%252A0113%252A2",
        "https://t.me/evse_bot?start=DE_DES_E_BMW_0113_2",
        "t.me/evse_bot/app?startapp=DE_DES_E_BMW_0113_2",
        "tg://resolve?domain=evse_bot&start=DE_DES_E_BMW_0113_2",
        "hallo, die Säule DE*DES*E*BMW*0113*2 geht nicht",
        "hallo, die Säule **DE*DES*E*BMW*0113*2**.",
        "DE*DES*E*BMW*0113*2 geht nicht, Station 4 neben der E-Säule, um die E5",
        "EVSE-ID:\nDE*DES*\u200bE*BMW*0113*2, danke",
        f'{{"evse":"{ID}"}}',
    ],
)
def test_the_id_is_found_in_every_payload_seen_in_the_field(payload: str) -> None:
    assert evse_candidates(payload) == [ID]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("DESWME052601", ["DESWME052601"]),
        ("Säule DE SWM E052601 ist tot", ["DESWME052601"]),
        ("bei AT*ION*E203953 oder CH*GFT*E*Max*1?", ["AT*ION*E203953", "CH*GFT*E*MAX*1"]),
        ("AT*ION*E203953 ... AT*ION*E203953", ["AT*ION*E203953"]),
        ("meine ist +49*810*000*438!", ["+49*810*000*438"]),
        ("https://m.intercharge.eu/evse/show?evseid=+49*810*000*438", ["+49*810*000*438"]),
        ("https://m.intercharge.eu/evse/show?evseid=DE*HUB*030*000012", ["DE*HUB*030*000012"]),
        ("https://x.example/AT*ION*E1?near=AT*ION*E2", ["AT*ION*E1"]),
        ("AT*ION*E1*", ["AT*ION*E1*"]),
        ("https://x.example/AT*ION*E1?evseid=AT*ION*E2", ["AT*ION*E2"]),
        ("https://x.example/?evseid=LADEN-17", ["LADEN-17"]),
        ("https://t.me/evse_bot?start=LADEN-2d17", ["LADEN-17"]),
    ],
)
def test_other_ids_are_found_as_printed(payload: str, expected: list[str]) -> None:
    assert evse_candidates(payload) == expected


@pytest.mark.parametrize(
    "payload",
    [
        "", "hallo es", "HALLOES", "Diese S-Klasse lädt nicht", "Meine Station 4 ist kaputt", "um die E5",
        "https://chrg.me/a1b2c3", "https://t.me/evse_bot?start=--invite", "https://t.me/evse_bot",
        "https://pay.example/afir?sig=DEABCE1234567&totp=DE*DES*E1", "https://x.example/?evseid=", SAP,
        f"https://x.example/?evseid={'E' * 49}", "{", "[" * 4000, "+49 171 1234567", "2*3*4",
    ],
)  # fmt: skip
def test_where_no_id_stands_none_is_found(payload: str) -> None:
    assert evse_candidates(payload) == []


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (SAP, StationRef("CS-ABC-00001", 2, "slf")),
        ('{"chargingStationID": "CS-1", "connectorID": "A"}', StationRef("CS-1", None, None)),
        ('{"chargingStationID": "CS-1", "connectorID": 0}', StationRef("CS-1", None, None)),
        ("https://pay.example/afir?serial=SN%2F77&connector=1&totp=123456", StationRef("SN/77", 1, None)),
        ('{"connectorID": 2}', None),
        ('{"chargingStationID": ["CS-1"]}', None),
        ('{"chargingStationID": "' + "X" * 49 + '"}', None),
        ("{" * 4000, None),
        ('{"a":' + "[" * 4000, None),
        (ID, None),
        ("{}" + " " * 5000, None),
    ],
)
def test_a_station_without_an_evse_id_is_named_by_its_own_id(
    payload: str, expected: StationRef | None
) -> None:
    assert station_ref(payload) == expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (
            f"https://pay.example/afir?evseid={ID}&totp=123456&sig=s3cr3t",
            f"https://pay.example/afir?evseid={ID}",
        ),
        ("https://anna:pw@pay.example/x?t=123456#totp=99", "https://pay.example/x"),
        ("https://t.me/evse_bot?start=DE_DES_E1", "https://t.me/evse_bot?start=DE_DES_E1"),
        (f"pay.example/afir/{ID}?totp=123456", ID),
        ('{"chargingStationID":"CS-1","password":"s3cr3t"}', '{"chargingstationid": "CS-1"}'),
        ('{"password":"s3cr3t"}', "(21 characters)"),
        (f"Anna, 0171 1234567: {ID} geht nicht", ID),
        ("ruf mich an: 0171 1234567", "(25 characters)"),
    ],
)
def test_a_log_line_keeps_what_names_the_station_and_nothing_else(payload: str, expected: str) -> None:
    assert redacted(payload) == expected


KEYS = st.sampled_from(["totp", "TOTP", "otp", "sig", "signature", "x-token", "hmac", "%74otp", "auth"])
SECRETS = st.from_regex(r"DE\*DES\*E7[0-9]{6}", fullmatch=True)


@given(KEYS, SECRETS, st.sampled_from(["?", "#"]), st.booleans(), st.sampled_from(["https://", ""]))
def test_a_one_time_code_is_neither_returned_nor_logged(
    key: str, secret: str, mark: str, first: bool, scheme: str
) -> None:
    parameters = [f"{key}={secret}", "evseid=AT*ION*E203953"]
    payload = f"{scheme}pay.example/afir{mark}" + "&".join(parameters if first else parameters[::-1])
    assert evse_candidates(payload) == ["AT*ION*E203953"]
    assert evse_candidates(f"pay.example/afir?{key}={secret}") == []
    assert secret not in redacted(payload)
    assert "AT*ION*E203953" in redacted(payload)


FRAGMENTS = st.sampled_from(
    ["https://", "t.me/b?start=", "evseid=", "?", "&", "#", "/", "*", "DE*DES*E1", "{", '"', "%2A", " "]
)


@given(st.text(st.characters()) | st.lists(FRAGMENTS | st.text(max_size=3), max_size=20).map("".join))
def test_no_text_makes_reading_fail(payload: str) -> None:
    assert all(0 < len(found) <= MAX_LENGTH and found == found.upper() for found in evse_candidates(payload))
    ref = station_ref(payload)
    assert ref is None or 0 < len(ref.station_id) <= MAX_LENGTH
    assert redacted(payload).isprintable()
    assert len(redacted(payload)) <= MAX_LOGGED


@pytest.mark.parametrize("pattern", ["DE*", "*", "%2A", "?a", "a=&", "//", "DE SWM E", "{", "A", "+1*"])
def test_the_longest_payload_costs_little_and_a_longer_one_nothing(pattern: str) -> None:
    payload = (pattern * 4296)[:4296]
    started = time.perf_counter()
    for read in (evse_candidates, station_ref, redacted):
        read(payload)
    assert time.perf_counter() - started < SECONDS
    assert evse_candidates(f"{ID} " + payload) == []
