"""What a button carries: read as it was written, and never too long for Telegram."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.cause import Cause
from bot.domain.evse_id import MAX_LENGTH
from bot.domain.job import Hindrance
from bot.domain.remote_action import RemoteCommand
from bot.domain.report import Symptom
from bot.views.callbacks import (
    MOST_BYTES,
    Callback,
    CaseVerb,
    JobVerb,
    Notify,
    OnCase,
    OnJob,
    Pick,
    Plain,
    Speak,
    Wrong,
    pack,
    unpack,
)

EVSE_IDS = st.text("ABCXYZ0189*+", min_size=1, max_size=MAX_LENGTH)
ARGUMENTS = st.sampled_from(["", *(command.value for command in RemoteCommand), *"12345"])
CALLBACKS: st.SearchStrategy[Callback] = st.one_of(
    st.sampled_from(Plain),
    st.builds(Pick, EVSE_IDS),
    st.builds(Notify, EVSE_IDS, on=st.booleans()),
    st.builds(Wrong, st.sampled_from(Symptom)),
    st.builds(Speak, st.sampled_from(["de", "en", "pt"])),
    st.builds(
        OnCase, st.sampled_from(CaseVerb), st.integers(1, 2**63 - 1), st.integers(1, 2**31 - 1), ARGUMENTS
    ),
    st.builds(
        OnJob,
        st.sampled_from(JobVerb),
        st.integers(1, 2**63 - 1),
        st.integers(1, 2**31 - 1),
        st.sampled_from(["", *Cause, *Hindrance]),
    ),
)


@given(CALLBACKS)
def test_a_button_is_read_as_it_was_written_and_fits(callback: Callback) -> None:
    packed = pack(callback)
    assert unpack(packed) == callback
    assert len(packed.encode()) <= MOST_BYTES


def test_the_longest_of_all_buttons_fit() -> None:
    assert len(pack(Pick("A" * MAX_LENGTH)).encode()) <= MOST_BYTES
    cause = max((*Cause, *Hindrance), key=len)
    assert len(pack(OnJob(JobVerb.HINDRANCE, 2**63 - 1, 2**31 - 1, cause)).encode()) <= MOST_BYTES
    verb = max(CaseVerb, key=len)
    command = max(RemoteCommand, key=len)
    assert len(pack(OnCase(verb, 2**63 - 1, 2**31 - 1, command.value)).encode()) <= MOST_BYTES


def test_no_two_buttons_are_written_alike() -> None:
    every = [*Plain, *(Wrong(each) for each in Symptom), *(OnCase(verb, 1, 1) for verb in CaseVerb)]
    assert len({pack(each) for each in every}) == len(every)


def test_an_argument_that_is_too_long_is_refused_and_not_cut() -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        pack(Pick("ü" * 40))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "x|y",
        "p|unknown",
        "w|nothing",
        "c|take",
        "c|take|1",
        "c|take|one|1|",
        "c|fly|1|1|",
        "c|take|1||",
    ],
)
def test_a_button_of_another_release_is_not_ours(text: str) -> None:
    assert unpack(text) is None


@given(st.text(max_size=64))
def test_whatever_comes_is_read_or_left_out(text: str) -> None:
    found = unpack(text)
    assert found is None or isinstance(found, Callback)
