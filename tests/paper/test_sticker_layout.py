"""Where everything stands on a sticker, whatever it says."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.paper.drawing import Box, Words
from bot.paper.qr import QUIET, SMALLEST_MODULE_MM, code_for
from bot.paper.sticker import BLEED_MM, SIZES_MM, Sticker, UnprintableSticker, start_link
from bot.paper.sticker_layout import Layout, lay_out
from bot.paper.sticker_pdf import A4, cut_marks, notes_box, places_on_sheet
from bot.paper.typeface import ASCENT, DESCENT, UNKNOWN, width
from bot.paper.typeset import ELLIPSIS, points
from tests.paper.scene import FOREIGN, LONGEST, ORDINARY

SAFE_MM = 2.0
TINY = 1e-6

ids = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789*", min_size=1, max_size=48)
names = st.one_of(st.just(""), st.text(max_size=120), st.text("WMЖЩΩ", min_size=80, max_size=120))
phones = st.from_regex(r"\+[0-9]{2}[0-9 ()/-]{3,27}[0-9]", fullmatch=True)
sentence = st.lists(st.text("abcdeilmnorstuäöüßЖΩ?.", min_size=1, max_size=18), min_size=1, max_size=14)
sentences = st.lists(sentence.map(" ".join), min_size=1, max_size=3).map(tuple)


@st.composite
def stickers(draw: st.DrawFn) -> Sticker:
    evse_id = draw(ids)
    url = f"https://laden.example/hilfe?evseid={evse_id}"
    return Sticker(evse_id, draw(names), draw(phones), url, draw(sentences))


def box_of(line: Words) -> Box:
    wide = width(line.text, line.face, line.size)
    return Box(line.x, line.y - ASCENT * line.size, wide, (ASCENT + DESCENT) * line.size)


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.right - TINY
        and other.x < one.right - TINY
        and one.y < other.bottom - TINY
        and other.y < one.bottom - TINY
    )


def inside(inner: Box, outer: Box) -> bool:
    return (
        inner.x >= outer.x - TINY
        and inner.y >= outer.y - TINY
        and inner.right <= outer.right + TINY
        and inner.bottom <= outer.bottom + TINY
    )


def joined(lines: Sequence[Words]) -> str:
    return "".join(line.text for line in lines)


def check(layout: Layout, said: Sticker) -> None:
    """What holds for every sticker of every size."""
    cut = Box(0, 0, layout.width, layout.height)
    written = {line: box_of(line) for line in layout.lines()}
    middle = Box(0, layout.head.bottom, layout.width, layout.foot.y - layout.head.bottom)
    assert [line for line, box in written.items() if not inside(box, cut)] == []
    assert all(
        box.x >= SAFE_MM and box.right <= layout.width - SAFE_MM
        for box in (layout.code_box, *written.values())
    )
    assert [pair for pair in combinations(written.values(), 2) if overlap(*pair)] == []
    assert [line for line, box in written.items() if overlap(box, layout.code_box)] == []
    assert inside(layout.code_box, middle)
    assert all(inside(written[line], middle) for line in (*layout.evse_id, *layout.name))
    assert all(inside(written[line], layout.head) for lines in layout.sentences for line in lines)
    assert all(inside(written[line], layout.foot) for line in layout.phone)
    assert all(line.size >= points(5) - TINY for line in written)
    assert all(line.size >= points(6) - TINY for line in layout.evse_id)
    assert layout.code.side >= SMALLEST_MODULE_MM
    assert joined(layout.evse_id) == said.evse_id
    dialled = [char for char in joined(layout.phone) if char.isdecimal() or char in "+()/-"]
    assert dialled == [char for char in said.hotline_phone if char != " "]


@settings(max_examples=60, deadline=None)
@given(stickers(), st.sampled_from(SIZES_MM))
def test_nothing_overlaps_or_leaves_the_sticker_and_no_number_is_cut(said: Sticker, wide: int) -> None:
    layout = lay_out(said, wide)
    check(layout, said)
    # The name goes first, then further languages, never the first.
    assert layout.left_out == () or layout.name == ()
    assert 1 <= len(layout.sentences) <= len(said.sentences)
    assert layout.left_out.count("sentence") == len(said.sentences) - len(layout.sentences)


@pytest.mark.parametrize("wide", SIZES_MM)
@pytest.mark.parametrize("said", [ORDINARY, FOREIGN], ids=["ordinary", "foreign"])
def test_an_ordinary_sticker_says_everything_at_every_size(said: Sticker, wide: int) -> None:
    layout = lay_out(said, wide)
    assert layout.left_out == ()
    assert joined(layout.name) == said.station
    shown = tuple(" ".join(line.text for line in lines) for lines in layout.sentences)
    assert shown == said.sentences


def test_a_larger_sticker_is_the_same_one_larger() -> None:
    small, large = lay_out(ORDINARY, 60), lay_out(ORDINARY, 120)
    assert large.code_box.width == pytest.approx(2 * small.code_box.width, rel=0.03)
    assert large.evse_id[0].size == pytest.approx(2 * small.evse_id[0].size, rel=0.08)


def test_the_longest_id_leaves_no_room_for_name_and_second_language_on_the_smallest() -> None:
    assert lay_out(replace(LONGEST, hotline_phone="+49 89 1234 5678 90 12345"), 40).left_out[0] == "name"
    assert lay_out(LONGEST, 60).left_out == ()


def test_a_long_name_is_abridged_and_not_set_over_the_edge() -> None:
    assert joined(lay_out(LONGEST, 60).name).endswith(ELLIPSIS)


@pytest.mark.parametrize(
    ("wide", "least"), [(40, 0.6), (60, 0.9), (90, 1.35), (120, 1.8)], ids=[f"{wide} mm" for wide in SIZES_MM]
)
def test_the_modules_of_an_ordinary_start_link_are_this_large_in_millimetres(wide: int, least: float) -> None:
    layout = lay_out(ORDINARY, wide)
    assert layout.code.side >= least
    assert layout.level == "Q"


def test_the_longest_start_link_there_can_be_still_has_modules_of_half_a_millimetre() -> None:
    evse_id = "*" * 48
    url = start_link("a" * 32, "0" * 64)
    layout = lay_out(replace(LONGEST, evse_id=evse_id, url=url), 40)
    assert layout.code.side >= 0.5
    assert layout.level in {"M", "Q"}


def test_a_code_has_four_modules_of_quiet_around_it() -> None:
    layout = lay_out(ORDINARY, 40)
    code = layout.code
    assert QUIET == 4
    assert code.x - layout.code_box.x == pytest.approx(4 * code.side)
    span = len(code.rows) * code.side
    assert layout.code_box.bottom - (code.y + span) == pytest.approx(4 * code.side)


def test_a_link_that_would_give_too_small_modules_is_refused() -> None:
    with pytest.raises(UnprintableSticker, match="too long for a code"):
        lay_out(replace(ORDINARY, url="https://laden.example/" + "x" * 400), 40)
    assert lay_out(replace(ORDINARY, url="https://laden.example/" + "x" * 400), 120).level == "Q"


def test_a_link_that_no_code_can_hold_is_refused() -> None:
    with pytest.raises(UnprintableSticker):
        code_for("x" * 5000, 1000)


@pytest.mark.parametrize(
    "bad",
    [
        replace(ORDINARY, evse_id=""),
        replace(ORDINARY, hotline_phone=" "),
        replace(ORDINARY, sentences=()),
        replace(ORDINARY, evse_id="DE*充*E1"),
        replace(ORDINARY, hotline_phone="+43 📞"),
        replace(ORDINARY, evse_id="W" * 200),
    ],
    ids=[
        "no ID",
        "no number",
        "no sentence",
        "an ID without glyphs",
        "a number without glyphs",
        "an endless ID",
    ],
)
def test_a_sticker_that_would_lack_what_it_is_for_is_refused(bad: Sticker) -> None:
    with pytest.raises(UnprintableSticker):
        lay_out(bad, 40)


def test_a_name_that_cannot_be_printed_shows_where_characters_are_missing() -> None:
    layout = lay_out(replace(ORDINARY, station="BMW 充电 \N{ARABIC LETTER BEH}\u200b"), 60)
    assert joined(layout.name) == f"BMW {UNKNOWN}{UNKNOWN} {UNKNOWN}"


def test_ink_and_cut_marks_of_one_sticker_stay_clear_of_the_others() -> None:
    places = list(places_on_sheet().values())
    paper = Box(0, 0, *A4)
    assert sorted(box.width for box in places) == sorted(SIZES_MM)
    for box in places:
        assert inside(box.grown(BLEED_MM), paper)
        assert all(inside(mark, paper) for mark in cut_marks(box))
        assert not overlap(box.grown(BLEED_MM), notes_box())
        for other in places:
            # Its own marks, too, begin where its bleed ends.
            assert not any(overlap(mark, other.grown(BLEED_MM)) for mark in cut_marks(box))
            assert other is box or not overlap(box.grown(BLEED_MM), other.grown(BLEED_MM))
    assert not any(overlap(mark, notes_box()) for box in places for mark in cut_marks(box))
    assert inside(notes_box(), paper)
