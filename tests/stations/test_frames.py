"""Reading and writing the frames of OCPP-J."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stations.ocpp.frames import (
    Call,
    CallError,
    CallResult,
    ErrorCode,
    Ignored,
    Malformed,
    call_text,
    error_text,
    parse,
    result_text,
)

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def test_a_call_is_read() -> None:
    assert parse('[2,"7","Heartbeat",{}]') == Call("7", "Heartbeat", {})


def test_a_call_without_a_payload_counts_as_one_without_fields() -> None:
    assert parse('[2,"7","Heartbeat"]') == Call("7", "Heartbeat", {})
    assert parse('[2,"7","Heartbeat",null]') == Call("7", "Heartbeat", {})


def test_a_number_as_message_id_is_given_back_as_a_number() -> None:
    assert parse('[2,7,"Heartbeat",{}]') == Call(7, "Heartbeat", {})
    assert orjson.loads(result_text(7, {})) == [3, 7, {}]


def test_bytes_are_read_like_text() -> None:
    assert parse(b'[2,"7","Heartbeat",{}]') == Call("7", "Heartbeat", {})


def test_answers_are_read() -> None:
    assert parse('[3,"7",{"status":"Accepted"}]') == CallResult("7", {"status": "Accepted"})
    assert parse('[4,"7","NotSupported","no",{}]') == CallError("7", "NotSupported", "no")


def test_an_error_without_a_code_is_still_an_answer() -> None:
    assert parse('[4,"7"]') == CallError("7", "GenericError", "")


@pytest.mark.parametrize("raw", ["", "{", "null", "{}", "[]", '["2","7"]', "[true]", "NaN", '[2.0,"7"]'])
def test_what_is_no_frame_is_malformed(raw: str) -> None:
    frame = parse(raw)
    assert isinstance(frame, Malformed)
    assert frame.code is ErrorCode.RPC_FRAMEWORK


@pytest.mark.parametrize(
    "raw", ["[2]", '[2,null,"Heartbeat",{}]', '[2,{},"Heartbeat",{}]', '[2,true,"A",{}]']
)
def test_a_call_whose_id_is_unreadable_gets_the_id_minus_one(raw: str) -> None:
    frame = parse(raw)
    assert isinstance(frame, Malformed)
    assert frame.id == "-1"


@pytest.mark.parametrize("raw", ['[2,"7"]', '[2,"7",5,{}]', '[2,"7","A",[]]', '[2,"7","A","text"]'])
def test_a_broken_call_with_a_readable_id_keeps_its_id(raw: str) -> None:
    frame = parse(raw)
    assert isinstance(frame, Malformed)
    assert frame.id == "7"


@pytest.mark.parametrize("raw", ["[3]", "[4,null]", '[5,"7",{}]', '[9,"7","A",{}]'])
def test_broken_answers_and_unknown_types_are_never_answered(raw: str) -> None:
    assert isinstance(parse(raw), Ignored)


def test_a_written_call_is_read_as_the_same_call() -> None:
    assert parse(call_text("a", "Reset", {"type": "Soft"})) == Call("a", "Reset", {"type": "Soft"})


def test_a_written_error_has_five_elements_and_a_short_description() -> None:
    items = orjson.loads(error_text("a", ErrorCode.INTERNAL, "x" * 1000))
    assert items == [4, "a", "InternalError", "x" * 255, {}]


@given(st.one_of(st.text(), st.binary(), ANY_JSON.map(orjson.dumps)))
def test_nothing_that_can_be_sent_makes_the_reading_fail(raw: str | bytes) -> None:
    assert isinstance(parse(raw), Call | CallResult | CallError | Malformed | Ignored)
