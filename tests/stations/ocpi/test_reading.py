"""Tokens, times and objects, as peers write them."""

import base64
from datetime import UTC, datetime

import pytest

from bot.domain.ocpi import JsonObject, Party, Peer
from bot.domain.status import ConnectorStatus, EvseStatus
from bot.sandbox.stations.cpo_wire import evse, location
from bot.stations.ocpi.documents import read_evse, read_location, read_session
from bot.stations.ocpi.places import evse_of, location_of
from bot.stations.ocpi.statuses import meaning, read_map
from bot.stations.ocpi.tokens import header_of, is_shown, new_token, shown_in
from bot.stations.ocpi.wire import Unusable, parse, read_envelope, time_or_none, wire_time

PEER = Peer("graz", "graz", "http://cpo/versions", Party("EMSP", "AT", "SUP"))


def encoded(token: str) -> str:
    return base64.b64encode(token.encode()).decode()


@pytest.mark.parametrize(
    "header",
    [
        f"Token {encoded('secret ü')}",
        f"token {encoded('secret ü')}  ",
        f"Token {encoded('secret ü  ')}",
        f"Token {encoded('secret ü').rstrip('=')}",
        "Token secret ü",
        "TOKEN   secret ü \t",
    ],
)
def test_a_token_is_known_again_in_base64_and_raw_with_white_space_after_it(header: str) -> None:
    assert is_shown("secret ü", shown_in(header))


@pytest.mark.parametrize(
    "header", [None, "", "Token", "Token ", "Bearer secret", "Token other", "Token \udcff", "secret"]
)
def test_anything_else_is_no_token(header: str | None) -> None:
    assert not is_shown("secret", shown_in(header))


def test_without_a_token_of_ours_nothing_is_known_again() -> None:
    assert not is_shown(None, shown_in("Token None"))
    assert not is_shown("", shown_in("Token "))


def test_a_token_is_shown_as_the_peer_wants_it_and_without_white_space() -> None:
    assert header_of("secret", raw=False) == f"Token {encoded('secret')}"
    assert header_of("secret", raw=True) == "Token secret"
    made = new_token()
    assert made != new_token()
    assert made == made.strip()
    assert len(made) <= 64, "OCPI has no longer ones"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-03-01T12:00:00Z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01T12:00:00.250Z", datetime(2026, 3, 1, 12, 0, 0, 250_000, UTC)),
        ("2026-03-01T12:00:00", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01T13:00:00+01:00", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("yesterday", None),
        ("0001-01-01T00:00:00+14:00", None),
        (None, None),
        (12, None),
    ],
)
def test_times_are_read_in_utc(text: object, read: datetime | None) -> None:
    assert time_or_none(text) == read


def test_a_time_is_written_with_a_z() -> None:
    assert wire_time(datetime(2026, 3, 1, 12, 0, 0, 250_999, UTC)) == "2026-03-01T12:00:00.250Z"


@pytest.mark.parametrize("body", [b"", b"[]", b"3", b'{"data": 1}', b'{"status_code": null}', b"\xff", b"{"])
def test_an_answer_without_a_status_code_cannot_be_used(body: bytes) -> None:
    with pytest.raises(Unusable):
        read_envelope(body)


def test_an_answer_may_lack_its_data_and_its_time() -> None:
    read = read_envelope(b'{"status_code": 1000, "new": {"field": true}}')
    assert (read.status_code, read.data, read.timestamp) == (1000, None, None)


def test_a_nul_in_a_text_is_no_danger_for_the_database() -> None:
    assert parse(b'{"name": "a\\u0000b"}') == {"name": "a\ufffdb"}


def test_a_location_is_read_with_what_2_3_0_adds_and_with_what_nobody_knows() -> None:
    told = location("L1", evse("U1", "AT*SWG*E1")) | {
        "help_phone": "+43 1",
        "parking_places": [],
        "x": {"y": 1},
    }
    read = read_location(told)
    assert read.data["help_phone"] == "+43 1"
    assert read.data["x"] == {"y": 1}
    assert "evses" not in read.data
    assert [each.uid for each in read.evses] == ["U1"]
    assert read.party == ("AT", "SWG")


def test_an_evse_that_cannot_be_read_does_not_spoil_its_location() -> None:
    told = location("L1", evse("U1", None), {"uid": "U2"}, {"status": "AVAILABLE"}, "nonsense")  # type: ignore[arg-type]  # A peer may send anything.
    read = read_location(told)
    assert [each.uid for each in read.evses] == ["U1"]
    assert read.bad == 3


@pytest.mark.parametrize("name", ["id", "last_updated"])
def test_a_location_without_id_or_time_cannot_be_used(name: str) -> None:
    told = location("L1")
    del told[name]
    with pytest.raises(Unusable, match=name):
        read_location(told)


def test_an_evse_keeps_words_that_nobody_knows() -> None:
    told = evse("U1", "AT*SWG*E1") | {
        "status": "dreaming",
        "capabilities": ["FLY", "unlock_capable", 3, None],
    }
    read = read_evse("L1", told)
    assert read.status == "DREAMING"
    assert read.capabilities == {"FLY", "UNLOCK_CAPABLE"}
    assert meaning(PEER, read.status) is ConnectorStatus.UNKNOWN


def test_an_evse_without_a_status_is_one_that_the_back_end_knows_nothing_of() -> None:
    told = evse("U1", None)
    del told["status"]
    assert meaning(PEER, read_evse("L1", told).status) is None


@pytest.mark.parametrize(
    ("status", "ours"),
    [
        (EvseStatus.AVAILABLE, ConnectorStatus.AVAILABLE),
        (EvseStatus.BLOCKED, ConnectorStatus.PREPARING),
        (EvseStatus.CHARGING, ConnectorStatus.CHARGING),
        (EvseStatus.INOPERATIVE, ConnectorStatus.UNAVAILABLE),
        (EvseStatus.PLANNED, ConnectorStatus.UNAVAILABLE),
        (EvseStatus.REMOVED, ConnectorStatus.UNAVAILABLE),
        (EvseStatus.OUTOFORDER, ConnectorStatus.FAULTED),
        (EvseStatus.RESERVED, ConnectorStatus.RESERVED),
        (EvseStatus.UNKNOWN, None),
    ],
)
def test_every_status_of_ocpi_has_a_meaning(status: EvseStatus, ours: ConnectorStatus | None) -> None:
    assert meaning(PEER, status.value) is ours


def test_a_peer_may_mean_something_else_by_a_status() -> None:
    own = read_map({"blocked": "unavailable", "INOPERATIVE": "lost", "DREAMING": "Charging"})
    peer = Peer("graz", "graz", "", PEER.us, statuses=own)
    assert meaning(peer, "BLOCKED") is ConnectorStatus.UNAVAILABLE
    assert meaning(peer, "INOPERATIVE") is None
    assert meaning(peer, "DREAMING") is ConnectorStatus.CHARGING
    assert meaning(peer, "AVAILABLE") is ConnectorStatus.AVAILABLE
    with pytest.raises(ValueError, match="asleep"):
        read_map({"BLOCKED": "asleep"})


def test_a_place_is_told_in_the_words_of_the_product() -> None:
    told = location("L1", evse("U1", "AT*SWG*E1"), name="Graz Hbf")
    found = location_of("swg", told)
    assert (found.id, found.name, found.postal_code, found.country) == ("swg:L1", "Graz Hbf", "8020", "AT")
    assert (found.latitude, found.longitude) == (47.0725, 15.4165)


def test_a_location_without_coordinates_is_no_place() -> None:
    with pytest.raises(Unusable, match="coordinates"):
        location_of("swg", location("L1") | {"coordinates": {"latitude": "47", "longitude": "east"}})


CONNECTORS: list[tuple[JsonObject, str, float]] = [
    ({"standard": "IEC_62196_T2_COMBO", "max_electric_power": 150_000}, "CCS2", 150.0),
    (
        {"standard": "IEC_62196_T2", "power_type": "AC_3_PHASE", "max_voltage": 230, "max_amperage": 32},
        "Type 2",
        22.1,
    ),
    (
        {"standard": "IEC_62196_T2", "power_type": "AC_1_PHASE", "max_voltage": 230, "max_amperage": 16},
        "Type 2",
        3.7,
    ),
    ({"standard": "CHADEMO", "power_type": "DC", "max_voltage": 500, "max_amperage": 125}, "CHAdeMO", 62.5),
    ({"standard": "MCS_NEW"}, "MCS_NEW", 0.0),
    ({"standard": "CHADEMO", "max_electric_power": "50000"}, "CHAdeMO", 50.0),
]


@pytest.mark.parametrize(("connector", "word", "power"), CONNECTORS)
def test_a_connector_has_a_type_and_a_power(connector: JsonObject, word: str, power: float) -> None:
    told = read_evse("L1", evse("U1", "AT*SWG*E1") | {"connectors": [connector | {"id": "1"}]})
    found = evse_of("AT*SWG*E1", "swg:U1", told)
    assert (found.type, found.power_kw, found.connector) == (word, power, 1)


def test_an_evse_with_two_cables_has_both_types_and_the_greater_power() -> None:
    both: list[JsonObject] = [
        {"id": "1", "standard": "IEC_62196_T2_COMBO", "max_electric_power": 150_000},
        {"id": "2", "standard": "CHADEMO", "max_electric_power": 50_000},
    ]
    found = evse_of("AT*SWG*E1", "swg:U1", read_evse("L1", evse("U1", "x") | {"connectors": both}))
    assert (found.type, found.power_kw) == ("CCS2 / CHAdeMO", 150.0)


def session(**more: object) -> JsonObject:
    return {"id": "S1", "status": "ACTIVE", "last_updated": "2026-03-01T12:00:00Z", "kwh": 1.5} | more


def test_a_session_has_its_energy_in_watt_hours_and_the_power_of_its_last_period() -> None:
    periods = [
        {"dimensions": [{"type": "POWER", "volume": 50}]},
        {
            "dimensions": [
                {"type": "POWER", "volume": 11},
                {"type": "STATE_OF_CHARGE", "volume": 55},
                {"type": 3},
            ]
        },
    ]
    read = read_session(session(charging_periods=periods, cdr_token={"uid": "TAG"}))
    assert (read.energy_wh, read.power_w, read.soc_percent, read.token_uid) == (1500, 11_000, 55, "TAG")


@pytest.mark.parametrize("kwh", ["much", None, -1, 1e300, True, [1]])
def test_an_energy_that_cannot_be_is_left_out(kwh: object) -> None:
    assert read_session(session(kwh=kwh)).energy_wh is None
