"""No sticker leaves before what is printed on it was read: by the decoder that reads drivers' photos."""

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass

from PIL import Image, ImageDraw

from bot.cases.drivers.qr_photo import UnreadableImage, read_qr
from bot.paper.drawing import Box
from bot.paper.raster import MM_PER_INCH, cut_out, rasterised
from bot.paper.sticker import Sticker, UnprintableSticker

# Far coarser than any printer: a module of half a millimetre has four pixels on its side.
DPI = 200
SVG = "{http://www.w3.org/2000/svg}"
CODE_ID = "code"

_BAR = re.compile(r"M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)h-\3z")


@dataclass(frozen=True, slots=True)
class Printed:
    """Where a sticker stands in a PDF: the number of its page from 0, and where it is cut, in millimetres."""

    sticker: Sticker
    page: int
    box: Box


def proved_pdf(pdf: bytes, printed: Iterable[Printed]) -> bytes:
    """The same bytes, if every one of these stickers can be read from its own place on them."""
    pages: dict[int, Image.Image] = {}
    for each in printed:
        if each.page not in pages:
            # Pages come in order, so no more than one is kept.
            pages = {each.page: rasterised(pdf, each.page, DPI)}
        _prove(cut_out(pages[each.page], each.box, DPI), each.sticker, each.box.width)
    return pdf


def proved_png(png: bytes, sticker: Sticker, width_mm: float) -> bytes:
    """The same bytes, if the sticker can be read from them."""
    with Image.open(io.BytesIO(png)) as image:
        _prove(image, sticker, width_mm)
    return png


def proved_svg(svg: bytes, sticker: Sticker, width_mm: float) -> bytes:
    """The same bytes, if the sticker's code can be read from them as drawn from what stands in the file."""
    _prove(_svg_code(svg), sticker, width_mm)
    return svg


def _prove(image: Image.Image, sticker: Sticker, width_mm: float) -> None:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    unread = f"the sticker of {sticker.evse_id} cannot be read at {width_mm:g} mm"
    try:
        texts = read_qr(out.getvalue())
    except UnreadableImage as error:
        raise UnprintableSticker(f"{unread}: {error}") from error
    if texts != [sticker.url]:
        raise UnprintableSticker(unread)


def _svg_code(svg: bytes) -> Image.Image:
    """The paths that draw the code, over white areas, as a viewer would fill them."""
    # Only what this program has just written is read here.
    root = ET.fromstring(svg)  # noqa: S314
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    scale = DPI / MM_PER_INCH
    image = Image.new("L", (round(width * scale), round(height * scale)), "black")
    draw = ImageDraw.Draw(image)
    for part in root.iter():
        if part.tag == f"{SVG}rect":
            x, y, wide, high = (float(part.attrib[name]) for name in ("x", "y", "width", "height"))
            _fill(draw, Box(x, y, wide, high), scale, part.attrib["fill"])
        elif part.attrib.get("id") == CODE_ID:
            for bar in _BAR.finditer(part.attrib["d"]):
                x, y, wide, high = map(float, bar.groups())
                _fill(draw, Box(x, y, wide, high), scale, part.attrib["fill"])
    return image


def _fill(draw: ImageDraw.ImageDraw, box: Box, scale: float, colour: str) -> None:
    left, top = round(box.x * scale), round(box.y * scale)
    # Pillow's rectangles include their last pixel.
    draw.rectangle((left, top, round(box.right * scale) - 1, round(box.bottom * scale) - 1), fill=colour)
