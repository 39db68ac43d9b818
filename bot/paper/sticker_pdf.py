"""Stickers as print-ready PDF: true sizes, bleed, cut marks, and the boxes that print shops cut by."""

import html
from collections.abc import Iterator, Sequence

from bot.paper.drawing import BLACK, WHITE, Area, Box, Mark, Page, flush, shifted
from bot.paper.pdf import pdf
from bot.paper.readback import Printed, proved_pdf
from bot.paper.sticker import BLEED_MM, SIZES_MM, Sticker, height_mm
from bot.paper.sticker_layout import Layout, lay_out
from bot.paper.typeface import Face, printable
from bot.paper.typeset import Style, fit, groups, points, words
from bot.views.i18n import FALLBACK, Translate

A4 = (210.0, 297.0)
MARK_MM = 4.0
"""The length of a cut mark; it begins where the bleed ends."""

# Between the cuts of neighbours lie one's bleed, a mark, and the other's bleed.
_LANE = 2 * BLEED_MM + MARK_MM + 2
_EDGE = 9.0
_MARK_WIDTH = 0.1
_SCALE_BAR = 50.0
_NOTE = Style(Face.REGULAR, points(8.5), points(6), 6)
_NOTE_HEAD = Style(Face.MONO, points(12), points(6), 2)


def places_on_sheet() -> dict[int, Box]:
    """Where the sticker of each width stands on the A4 sheet."""
    small, medium, large, largest = SIZES_MM
    right = _EDGE + largest + _LANE
    below = _EDGE + height_mm(largest) + _LANE
    corners = {
        largest: (_EDGE, _EDGE),
        medium: (right, _EDGE),
        small: (right, _EDGE + height_mm(medium) + _LANE),
        large: (_EDGE, below),
    }
    return {wide: Box(*corners[wide], wide, height_mm(wide)) for wide in SIZES_MM}


def notes_box() -> Box:
    """Where the sheet says how it is printed and cut."""
    beside = places_on_sheet()[SIZES_MM[2]]
    left = beside.right + _LANE
    return Box(left, beside.y, A4[0] - _EDGE - left, beside.height)


def sheet(stickers: Sequence[Sticker], t: Translate) -> bytes:
    """A page for each sticker with all its sizes. Raises UnprintableSticker; what is returned can be read.

    Takes a sixth of a second of CPU for each page: run it in an executor.
    """
    places = places_on_sheet()
    pages, printed = [], []
    for number, sticker in enumerate(stickers):
        marks = [mark for wide, box in places.items() for mark in _at(lay_out(sticker, wide), box)]
        notes = _notes(sticker, notes_box(), t)
        pages.append(Page(*A4, (*marks, *notes), trim=Box(0, 0, *A4)))
        printed += [Printed(sticker, number, box) for box in places.values()]
    title = html.unescape(t("paper.sheet", evse_id=", ".join(each.evse_id for each in stickers)))
    return proved_pdf(pdf(pages, title, t.language), printed)


def single_pdf(sticker: Sticker, width_mm: float) -> bytes:
    """One sticker on a page of its own with bleed and marks. Raises UnprintableSticker."""
    made, box = drawn_single(sticker, width_mm)
    return proved_pdf(made, [Printed(sticker, 0, box)])


def drawn_single(sticker: Sticker, width_mm: float) -> tuple[bytes, Box]:
    """What `single_pdf` gives before it was read back, and where it is cut."""
    layout = lay_out(sticker, width_mm)
    margin = BLEED_MM + MARK_MM + 1
    box = Box(margin, margin, layout.width, layout.height)
    page = Page(
        box.right + margin, box.bottom + margin, tuple(_at(layout, box)), trim=box, bleed=box.grown(BLEED_MM)
    )
    return pdf([page], sticker.evse_id, FALLBACK), box


def cut_marks(box: Box) -> Iterator[Box]:
    """Two hairs at each corner of a cut, from the edge of the bleed outwards."""
    half = _MARK_WIDTH / 2
    for x in (box.x, box.right):
        for y in (box.y - BLEED_MM - MARK_MM, box.bottom + BLEED_MM):
            yield Box(x - half, y, _MARK_WIDTH, MARK_MM)
    for y in (box.y, box.bottom):
        for x in (box.x - BLEED_MM - MARK_MM, box.right + BLEED_MM):
            yield Box(x, y - half, MARK_MM, _MARK_WIDTH)


def _at(layout: Layout, box: Box) -> Iterator[Mark]:
    for mark in layout.marks():
        yield shifted(mark, box.x, box.y)
    for hair in cut_marks(box):
        yield Area(hair, BLACK)


def _notes(sticker: Sticker, box: Box, t: Translate) -> Iterator[Mark]:
    """The charging point, how to print and to cut, and a bar to measure."""
    y = box.y
    head = fit(groups(printable(sticker.evse_id)), _NOTE_HEAD, box.width)
    if head is not None:
        yield from flush(head, box.x, y)
        y += head.height + 1
    for text in (sticker.station, t("paper.sheet_place"), t("paper.sheet_cut"), t("paper.sheet_scale")):
        block = fit(words(printable(text)), _NOTE, box.width)
        if block is not None:
            yield from flush(block, box.x, y)
            y += block.height + 2.5
    yield from _scale_bar(box.x, y)


def _scale_bar(x: float, y: float) -> Iterator[Mark]:
    """Five fields of a centimetre, black and white in turn."""
    bar = Box(x, y, _SCALE_BAR, 2.5)
    yield Area(bar, BLACK)
    field = _SCALE_BAR / 5
    for number in (1, 3):
        yield Area(Box(x + number * field, y + 0.25, field, 2), WHITE)
