"""A sticker as pixels: the PDF's own page, cut to its size."""

import io

from bot.cases.drivers.qr_photo import MAX_PIXELS
from bot.paper.raster import MM_PER_INCH, cut_out, rasterised
from bot.paper.readback import proved_png
from bot.paper.sticker import Sticker, UnprintableSticker
from bot.paper.sticker_pdf import drawn_single

MIME = "image/png"
DPI = 300


def single_png(sticker: Sticker, width_mm: float, dpi: int = DPI) -> bytes:
    """The sticker in its true size without bleed. Raises UnprintableSticker; what is returned can be read."""
    pdf, box = drawn_single(sticker, width_mm)
    if box.width * box.height * (dpi / MM_PER_INCH) ** 2 > MAX_PIXELS:
        raise UnprintableSticker(f"{dpi} dpi at {width_mm:g} mm are more than {MAX_PIXELS} pixels")
    image = cut_out(rasterised(pdf, 0, dpi), box, dpi)
    out = io.BytesIO()
    image.save(out, "PNG", dpi=(dpi, dpi), optimize=True)
    return proved_png(out.getvalue(), sticker, width_mm)
