"""EVSE IDs in start links."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.start_payload import MAX_LENGTH, decode, encode


@pytest.mark.parametrize(
    ("evse_id", "payload"),
    [
        ("DE*DES*E*BMW*0113*2", "DE_DES_E_BMW_0113_2"),
        ("CH*GFT*E*Max*1", "CH_GFT_E_Max_1"),
        ("DESWME052601", "DESWME052601"),
        ("+49*810*000*438", "-2b49_810_000_438"),
        ("DE*HUB*030*000012", "DE_HUB_030_000012"),
        ("A_B-C", "A-5fB-2dC"),
        ("Ä", "-c3-84"),
    ],
)
def test_an_id_stays_legible_in_its_link(evse_id: str, payload: str) -> None:
    assert encode(evse_id) == payload
    assert decode(payload) == evse_id


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789*", min_size=1, max_size=47), st.sampled_from(["", "+"]))
def test_every_id_of_the_grammars_fits_and_comes_back(rest: str, plus: str) -> None:
    payload = encode(plus + rest)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", payload)
    assert decode(payload) == plus + rest


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=5))
def test_any_short_text_comes_back(text: str) -> None:
    assert decode(encode(text)) == text


@given(st.text(st.characters()) | st.text("Aa0_-2b5f", max_size=70))
def test_one_id_has_one_payload_and_no_text_makes_decoding_fail(payload: str) -> None:
    evse_id = decode(payload)
    assert evse_id is None or encode(evse_id) == payload


def test_eight_escapes_fit_beside_forty_plain_characters_and_nine_do_not() -> None:
    assert len(encode("+" * 8 + "A" * 40)) == MAX_LENGTH
    with pytest.raises(ValueError, match="64"):
        encode("+" * 9 + "A" * 39)


@pytest.mark.parametrize("evse_id", ["", "A" * 65, "\ud800"])
def test_what_no_link_can_carry_is_refused(evse_id: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        encode(evse_id)


@pytest.mark.parametrize(
    "payload", ["", "--invite", "A" * 65, "DE*DES*E1", "-4", "-2B", "-41", "-ff", "A-", "Ä", "A\n"]
)
def test_a_payload_that_encoding_never_makes_is_none(payload: str) -> None:
    assert decode(payload) is None
