"""Pages of a PDF as pixels."""

import threading

import pypdfium2
from PIL import Image

from bot.paper.drawing import Box

MM_PER_INCH = 25.4
# PDFium may be called by one thread at a time, whatever the document.
_ONE_AT_A_TIME = threading.Lock()


def rasterised(pdf: bytes, page: int, dpi: float) -> Image.Image:
    """One page in shades of grey."""
    with _ONE_AT_A_TIME:
        document = pypdfium2.PdfDocument(pdf)
        try:
            bitmap = document[page].render(scale=dpi / 72, grayscale=True)
            # The image would otherwise share its pixels with the document, which ends here.
            image: Image.Image = bitmap.to_pil().convert("L").copy()
        finally:
            document.close()
    return image


def cut_out(image: Image.Image, box: Box, dpi: float) -> Image.Image:
    """The part of a page within a box in millimetres, to the nearest pixel."""
    scale = dpi / MM_PER_INCH
    left, top = round(box.x * scale), round(box.y * scale)
    return image.crop((left, top, left + round(box.width * scale), top + round(box.height * scale)))
