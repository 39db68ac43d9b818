"""Pages as a PDF: vectors and embedded fonts in shades of black, which printers print without a second colour.

The same pages give the same bytes.
"""

import io
import threading
from collections.abc import Iterable
from functools import cache

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from bot.paper.drawing import Area, Box, Page, Words
from bot.paper.typeface import Face

MIME = "application/pdf"

_POINTS_PER_MM = 72 / 25.4
_AUTHOR = "EVSE support"
# The library keeps its fonts, with the subsets that documents use, in one place for all threads.
_ONE_AT_A_TIME = threading.Lock()


def pdf(pages: Iterable[Page], title: str, language: str) -> bytes:
    """The file. `title` is what a reader shows in its window, `language` a code such as "de"."""
    out = io.BytesIO()
    with _ONE_AT_A_TIME:
        _register_fonts()
        # Without a first font of ours, the file names one that is not embedded, which print shops refuse.
        canvas = Canvas(
            out,
            invariant=1,
            pageCompression=1,
            lang=language,
            initialFontName=Face.REGULAR.value,  # type: ignore[arg-type]  # The stubs want a number for a name.
        )
        canvas.setTitle(title)
        canvas.setAuthor(_AUTHOR)
        for page in pages:
            _draw(canvas, page)
            canvas.showPage()
        canvas.save()
    return out.getvalue()


@cache
def _register_fonts() -> None:
    for face in Face:
        pdfmetrics.registerFont(TTFont(face.value, face.file))


def _draw(canvas: Canvas, page: Page) -> None:
    canvas.setPageSize((page.width * _POINTS_PER_MM, page.height * _POINTS_PER_MM))
    if page.trim is not None:
        canvas.setTrimBox(_corners(page, page.trim))
    if page.bleed is not None:
        canvas.setBleedBox(_corners(page, page.bleed))
    for mark in page.marks:
        if isinstance(mark, Words):
            canvas.setFillGray(mark.ink)
            canvas.setFont(mark.face.value, mark.size * _POINTS_PER_MM)
            canvas.drawString(mark.x * _POINTS_PER_MM, (page.height - mark.y) * _POINTS_PER_MM, mark.text)
        elif isinstance(mark, Area):
            canvas.setFillGray(mark.ink)
            _fill(canvas, page, [mark.box])
        else:
            canvas.setFillGray(0)
            _fill(canvas, page, mark.bars())


def _fill(canvas: Canvas, page: Page, boxes: Iterable[Box]) -> None:
    # All in one path: between paths, viewers show hairs of paper where modules touch.
    path = canvas.beginPath()
    for box in boxes:
        left, bottom, right, top = _corners(page, box)
        path.rect(left, bottom, right - left, top - bottom)
    canvas.drawPath(path, stroke=0, fill=1)


def _corners(page: Page, box: Box) -> tuple[float, float, float, float]:
    """Left, bottom, right and top in points, y pointing up."""
    left, right = box.x * _POINTS_PER_MM, box.right * _POINTS_PER_MM
    return left, (page.height - box.bottom) * _POINTS_PER_MM, right, (page.height - box.y) * _POINTS_PER_MM
