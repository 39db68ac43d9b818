"""EVSE IDs: what is recognised, looked up and suggested."""

import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.evse_id import MAX_LENGTH, EvseIdKind, lookup_keys, nearest, normalise, parse

ANY_TEXT = st.text(st.characters())
SECONDS = 0.5
ID_TEXT = st.text("DEPS*+0123456789BMW", min_size=1, max_size=MAX_LENGTH)


@pytest.mark.parametrize(
    ("text", "kind", "country", "party", "compact"),
    [
        ("DE*DES*E*BMW*0113*2", EvseIdKind.EVSE, "DE", "DES", "DEDESEBMW01132"),
        ("CH*GFT*E*Max*1", EvseIdKind.EVSE, "CH", "GFT", "CHGFTEMAX1"),
        ("DESWME052601", EvseIdKind.EVSE, "DE", "SWM", "DESWME052601"),
        ("AT*ION*E203953", EvseIdKind.EVSE, "AT", "ION", "ATIONE203953"),
        ("DE*8AA*P12", EvseIdKind.POOL, "DE", "8AA", "DE8AAP12"),
        ("DE*8AA*S12", EvseIdKind.STATION, "DE", "8AA", "DE8AAS12"),
        ("+49*810*000*438", EvseIdKind.EVSE, "49", "810", None),
        ("49*810*000*438", EvseIdKind.EVSE, "49", "810", None),
        ("DE*HUB*030*000012", EvseIdKind.UNKNOWN, "DE", "HUB", None),
    ],
)
def test_an_id_from_the_field_is_recognised(
    text: str, kind: EvseIdKind, country: str, party: str, compact: str | None
) -> None:
    found = parse(text)
    assert found is not None
    assert (found.text, found.kind, found.country, found.party, found.compact) == (
        text.upper(), kind, country, party, compact,
    )  # fmt: skip


@pytest.mark.parametrize(
    "text", ["", "hallo", "49810000438", "DE*DES", "DEDES1", "DE-DES-E1", "D1*DES*E1", "DE*DES*"]
)
def test_what_has_no_shape_of_an_id_is_not_one(text: str) -> None:
    assert parse(text) is None


def test_the_local_part_of_an_iso_id_has_thirty_characters_at_most() -> None:
    assert parse("DE*DES*E" + "1" * 30) is not None
    assert parse("DEDESE" + "1" * 31) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("de%2Ades%2Ae1", "DE*DES*E1"),
        (" DE *DES*\tE1\n", "DE*DES*E1"),
        ("DE*\u200bDES*\ufeffE1\u00ad", "DE*DES*E1"),
        ("DE%252A", "DE%2A"),
        ("+49*810*000", "+49*810*000"),
    ],
)
def test_normalising_leaves_the_printed_form_in_upper_case(text: str, expected: str) -> None:
    assert normalise(text) == expected


@given(ANY_TEXT)
def test_normalising_twice_changes_nothing_unless_an_escape_was_escaped(text: str) -> None:
    once = normalise(text)
    if "%" not in once:
        assert normalise(once) == once


@given(st.text())
def test_an_escaped_text_normalises_as_the_text_itself(text: str) -> None:
    if "%" not in text:
        assert normalise(quote(text, safe="")) == normalise(text)


@given(ANY_TEXT | ID_TEXT)
def test_no_text_makes_recognition_fail(text: str) -> None:
    found = parse(text)
    assert found is None or (found.text == normalise(text) and len(found.text) <= MAX_LENGTH)
    assert all(0 < len(key) <= MAX_LENGTH for key in lookup_keys(text))
    assert set(nearest(text, ["DE*DES*E1", text])) <= {"DE*DES*E1", text}


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("de*des*e*bmw*0113*2", ["DE*DES*E*BMW*0113*2", "DEDESEBMW01132"]),
        ("DESWME052601", ["DESWME052601"]),
        ("DE*HUB*030*000012", ["DE*HUB*030*000012"]),
        ("+49*810*000*438", ["+49*810*000*438"]),
        ("Laden-17", ["LADEN-17"]),
        (" ", []),
        ("E" * (MAX_LENGTH + 1), []),
    ],
)
def test_the_printed_form_is_looked_up_before_the_form_without_separators(text: str, keys: list[str]) -> None:
    assert lookup_keys(text) == keys


KNOWN = ["DE*DES*E*BMW*0113*2", "DE*DES*E*BMW*0113*1", "AT*ION*E203953", "AT*ION*E209999", "DE*IO1*E100"]


@pytest.mark.parametrize(
    ("text", "suggested"),
    [
        ("DE*DES*E*BMW*O1I3*2", ["DE*DES*E*BMW*0113*2", "DE*DES*E*BMW*0113*1"]),
        ("ATI0NE203953", ["AT*ION*E203953"]),
        ("AT*ION*E20395", ["AT*ION*E203953"]),
        ("AT*ION*E2039553", ["AT*ION*E203953"]),
        ("AT*ION*E239053", ["AT*ION*E203953"]),
        ("TA*ION*E203953", ["AT*ION*E203953"]),
        ("TA*INO*E203953", ["AT*ION*E203953"]),
        ("AT*ION*E203117", []),
        ("FR*XYZ*E777", []),
        ("DE", []),
        ("", []),
    ],
)
def test_slips_of_the_pen_are_suggested_and_nothing_far_fetched(text: str, suggested: list[str]) -> None:
    assert nearest(text, KNOWN) == suggested


def test_an_id_of_the_same_characters_comes_before_lookalikes_and_these_before_slips() -> None:
    known = ["DE*DES*E1001", "DE*DES*E10O2", "DE*DES*E1002"]
    assert nearest("DEDESE1002", known) == ["DE*DES*E1002", "DE*DES*E10O2", "DE*DES*E1001"]
    assert nearest("DEDESE1002", known, limit=1) == ["DE*DES*E1002"]


def test_a_long_message_is_refused_at_once() -> None:
    text = "DE*DES*E" + "*1%2A" * 40_000
    started = time.perf_counter()
    for _ in range(100):
        assert parse(text) is None
        assert lookup_keys(text) == []
        assert nearest(text, KNOWN) == []
    assert time.perf_counter() - started < SECONDS
