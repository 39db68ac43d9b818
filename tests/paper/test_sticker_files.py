"""The files of stickers: what can be read on them, by people, print shops and our own decoder."""

import io
import random
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pypdfium2
import pytest
from PIL import Image, ImageDraw

from bot.cases.drivers.qr_photo import read_qr
from bot.domain import qr_payload
from bot.domain.operator import Evse, Location, Operator, Place, Station
from bot.paper import pdf as pdf_module
from bot.paper import sticker_pdf
from bot.paper.drawing import Box
from bot.paper.raster import cut_out, rasterised
from bot.paper.readback import Printed, proved_pdf, proved_png, proved_svg
from bot.paper.sticker import (
    BLEED_MM,
    SIZES_MM,
    Sticker,
    UnprintableSticker,
    height_mm,
    start_link,
    stickers_of,
)
from bot.paper.sticker_layout import Layout, lay_out
from bot.paper.sticker_pdf import places_on_sheet, sheet, single_pdf
from bot.paper.sticker_png import single_png
from bot.paper.sticker_svg import single_svg
from tests.paper.photos import photo
from tests.paper.scene import FOREIGN, LONGEST, ORDINARY, TEXTS

DE = TEXTS.to("de")
ALL = (ORDINARY, LONGEST, FOREIGN)
IDS = ("ordinary", "longest", "foreign")
MM = 25.4


def png_of(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def text_of(pdf: bytes, page: int = 0, box: Box | None = None) -> str:
    """The words on a page, or in a part of it, with single spaces between them."""
    document = pypdfium2.PdfDocument(pdf)
    opened = document[page]
    if box is None:
        found = opened.get_textpage().get_text_bounded()
    else:
        scale = 72 / MM
        high = opened.get_height()
        found = opened.get_textpage().get_text_bounded(
            box.x * scale, high - box.bottom * scale, box.right * scale, high - box.y * scale
        )
    document.close()
    return " ".join(str(found).split())


@pytest.fixture(scope="module")
def sheets() -> bytes:
    return sheet(ALL, DE)


@pytest.mark.parametrize("page", range(len(ALL)), ids=IDS)
@pytest.mark.parametrize("wide", SIZES_MM)
def test_every_size_is_read_from_the_page_at_300_dpi_and_as_coarse_as_three_pixels_a_module(
    sheets: bytes, page: int, wide: int
) -> None:
    box = places_on_sheet()[wide]
    coarse = 3 * MM / lay_out(ALL[page], wide).code.side
    for dpi in (300, coarse):
        printed = cut_out(rasterised(sheets, page, dpi), box, dpi)
        assert read_qr(png_of(printed)) == [ALL[page].url]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("wide", SIZES_MM)
@pytest.mark.parametrize("page", range(len(ALL)), ids=IDS)
def test_every_size_is_read_from_a_phone_photo_of_the_page(
    sheets: bytes, page: int, wide: int, seed: int
) -> None:
    printed = cut_out(rasterised(sheets, page, 300), places_on_sheet()[wide], 300)
    chance = random.Random(f"{page} {wide} {seed}")
    assert read_qr(photo(printed, chance)) == [ALL[page].url]


def test_a_sheet_has_a_page_for_each_charging_point_with_its_words_at_every_size(sheets: bytes) -> None:
    assert len(pypdfium2.PdfDocument(sheets)) == len(ALL)
    for wide, box in places_on_sheet().items():
        words = text_of(sheets, 0, box)
        assert ORDINARY.evse_id in words, wide
        assert ORDINARY.station in words, wide
        assert ORDINARY.hotline_phone in words, wide
        assert all(sentence in words for sentence in ORDINARY.sentences), wide
    assert FOREIGN.station in text_of(sheets, 2)
    assert DE("paper.sheet_scale") in text_of(sheets, 0)


def test_the_longest_id_stands_whole_on_every_size(sheets: bytes) -> None:
    for wide, box in places_on_sheet().items():
        assert LONGEST.evse_id in text_of(sheets, 1, box).replace(" ", ""), wide


def test_a_sheet_has_its_true_size_and_tells_where_it_is_cut(sheets: bytes) -> None:
    page = pypdfium2.PdfDocument(sheets)[0]
    assert page.get_size() == pytest.approx((210 / MM * 72, 297 / MM * 72), abs=0.01)
    made = single_pdf(ORDINARY, 60)
    single = pypdfium2.PdfDocument(made)[0]
    left, bottom, right, top = single.get_trimbox()
    assert (right - left, top - bottom) == pytest.approx((60 / MM * 72, 75 / MM * 72), abs=0.01)
    bleed = BLEED_MM / MM * 72
    grown = (left - bleed, bottom - bleed, right + bleed, top + bleed)
    assert single.get_bleedbox() == pytest.approx(grown, abs=0.01)
    assert single.get_mediabox()[0] == 0


def test_black_runs_over_the_cut_and_marks_stand_beyond_it() -> None:
    dpi = 600
    image = rasterised(single_pdf(ORDINARY, 60), 0, dpi)
    margin = 8.0

    def ink(x: float, y: float) -> int:
        return image.tobytes()[round(y * dpi / MM) * image.width + round(x * dpi / MM)]

    bottom = margin + height_mm(60)
    # Within the bleed above and below, beyond it between the marks, and on the marks.
    assert [ink(margin + 30, y) for y in (margin - 2.8, bottom + 2.8)] == [0, 0]
    assert [ink(margin + 30, y) for y in (margin - 3.3, bottom + 3.3)] == [255, 255]
    assert ink(margin, margin - 5) < 128
    assert ink(margin - 5, bottom) < 128
    assert ink(margin - 5, bottom - 10) == 255


@pytest.mark.parametrize("wide", SIZES_MM)
@pytest.mark.parametrize("said", ALL, ids=IDS)
def test_the_quiet_zone_is_bare_paper_on_all_sides(said: Sticker, wide: int) -> None:
    image = Image.open(io.BytesIO(single_png(said, wide)))
    layout = lay_out(said, wide)
    code = layout.code
    span = Box(code.x, code.y, len(code.rows) * code.side, len(code.rows) * code.side)
    # A pixel on either side is left to the smoothing of edges.
    zone = cut_out(image, span.grown(4 * code.side - MM / 300), 300)
    inner = round((4 * code.side - 2 * MM / 300) * 300 / MM) - 1
    ImageDraw.Draw(zone).rectangle((inner, inner, zone.width - inner, zone.height - inner), fill=255)
    assert zone.getextrema() == (255, 255)


def test_all_is_black_on_white_and_every_font_is_embedded(sheets: bytes) -> None:
    document = pypdfium2.PdfDocument(sheets)
    for number in range(len(document)):
        extremes = document[number].render(scale=0.5).to_pil().convert("HSV").getchannel("S").getextrema()
        assert extremes == (0, 0)
    fonts = re.findall(rb"/BaseFont /(\S+)", sheets)
    assert fonts
    assert all(re.fullmatch(rb"[A-Z]{6}\+DejaVu\S+", font) for font in fonts)
    assert sheets.count(b"/FontFile2") == sheets.count(b"/Type /FontDescriptor")


def test_a_png_has_the_stickers_true_size_and_its_resolution() -> None:
    image = Image.open(io.BytesIO(single_png(ORDINARY, 40, 600)))
    assert image.size == (round(40 / MM * 600), round(50 / MM * 600))
    assert image.info["dpi"] == pytest.approx((600, 600), abs=0.1)
    assert read_qr(png_of(image)) == [ORDINARY.url]


def test_an_svg_has_its_true_size_and_its_words_as_outlines() -> None:
    svg = single_svg(LONGEST, 90)
    assert b'width="90mm" height="112.5mm" viewBox="0 0 90 112.5"' in svg
    assert b"<text" not in svg
    assert LONGEST.evse_id[:8].encode() in svg
    assert svg.count(b"<path") == 1 + sum(1 for _ in lay_out(LONGEST, 90).lines())


@pytest.mark.parametrize(
    "make",
    [
        lambda: sheet(ALL, DE),
        lambda: single_pdf(LONGEST, 40),
        lambda: single_svg(ORDINARY, 60),
        lambda: single_png(ORDINARY, 60),
    ],
    ids=["sheet", "pdf", "svg", "png"],
)
def test_the_same_sticker_gives_the_same_bytes(make: Callable[[], bytes]) -> None:
    assert make() == make()


@pytest.mark.parametrize(
    ("module", "name"), [(pypdfium2, "PdfDocument"), (pdf_module, "Canvas")], ids=["pdfium", "reportlab"]
)
def test_several_threads_print_at_once_and_only_one_is_in_a_library(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str
) -> None:
    whole, inside, most = getattr(module, name), 0, 0

    def watched(*arguments: object, **options: object) -> object:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.1)
        inside -= 1
        return whole(*arguments, **options)

    monkeypatch.setattr(module, name, watched)
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda said: single_png(said, 40), ALL * 2))
    assert most == 1
    assert made == [single_png(said, 40) for said in ALL] * 2


def test_what_is_printed_leads_to_the_charging_point() -> None:
    for said in ALL:
        image = rasterised(single_pdf(said, 40), 0, 300)
        (payload,) = read_qr(png_of(image))
        assert qr_payload.evse_candidates(payload) == [said.evse_id]


def test_stickers_are_made_of_what_is_known_of_the_charging_points() -> None:
    operator = Operator(
        "graz", "Graz", "AT", "SWG", "Europe/Vienna", "de", "EUR", Decimal("9.90"), "+43 316 0", None
    )
    evse = Evse("AT*SWG*E1", "GRAZ-01", 1, "CCS2", 150.0)
    location = Location("hbf", "Graz Hbf", "Platz 1", "8020", "Graz", "AT", 47.07, 15.41)
    place = Place(evse, Station("GRAZ-01", "graz", "hbf", True, (evse,)), location, operator)
    (made,) = stickers_of([place], lambda evse_id: start_link("a_bot", evse_id), [DE, TEXTS.to("en")])
    assert made == Sticker(
        "AT*SWG*E1",
        "GRAZ-01 · Graz Hbf",
        "+43 316 0",
        "https://t.me/a_bot?start=AT_SWG_E1",
        ("Ladeproblem? Scannen oder anrufen.", "Trouble charging? Scan or call."),
    )


OTHER = replace(ORDINARY, url="https://t.me/evse_support_bot?start=DE_DES_E_BMW_0113_3")


def test_a_page_with_another_code_than_promised_is_not_handed_out(sheets: bytes) -> None:
    box = places_on_sheet()[40]
    assert proved_pdf(sheets, [Printed(ORDINARY, 0, box)]) is sheets
    with pytest.raises(UnprintableSticker, match=r"DE\*DES\*E\*BMW\*0113\*2 cannot be read at 40 mm"):
        proved_pdf(sheets, [Printed(OTHER, 0, box)])


def test_each_size_on_a_page_is_proved_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def spoilt(said: Sticker, wide: float) -> Layout:
        layout = lay_out(said, wide)
        rows = tuple(bytes(len(row)) for row in layout.code.rows)
        return replace(layout, code=replace(layout.code, rows=rows)) if wide == 90 else layout

    monkeypatch.setattr(sticker_pdf, "lay_out", spoilt)
    with pytest.raises(UnprintableSticker, match="at 90 mm"):
        sheet([ORDINARY], DE)


def test_a_png_too_coarse_or_too_fine_to_be_read_is_not_handed_out() -> None:
    with pytest.raises(UnprintableSticker, match="cannot be read at 40 mm"):
        single_png(ORDINARY, 40, 25)
    with pytest.raises(UnprintableSticker, match="more than 40000000 pixels"):
        single_png(ORDINARY, 120, 10_000)
    with pytest.raises(UnprintableSticker):
        proved_png(single_png(ORDINARY, 60), OTHER, 60)


def test_an_svg_whose_code_is_not_as_it_should_be_is_not_handed_out() -> None:
    svg = single_svg(ORDINARY, 60)
    assert proved_svg(svg, ORDINARY, 60) == svg
    spoilt = svg.replace(b'id="code" fill="#000000"', b'id="code" fill="#ffffff"')
    assert spoilt != svg
    with pytest.raises(UnprintableSticker):
        proved_svg(spoilt, ORDINARY, 60)
    path = re.search(rb'id="code" fill="#000000" d="([^"]*)"', svg)
    assert path is not None
    with pytest.raises(UnprintableSticker):
        proved_svg(svg.replace(path[1], path[1][: len(path[1]) // 2]), ORDINARY, 60)


def test_the_licence_of_the_fonts_lies_beside_them() -> None:
    folder = Path(pdf_module.__file__).parent / "fonts"
    assert "Bitstream Vera Fonts Copyright" in (folder / "LICENSE.txt").read_text()
