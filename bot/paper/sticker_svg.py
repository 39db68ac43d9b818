"""A sticker as SVG: cut to its size, its texts as outlines, so that it looks alike wherever it is opened."""

from html import escape

from bot.paper.drawing import Area, Box, Mark, Words
from bot.paper.readback import CODE_ID, proved_svg
from bot.paper.sticker import Sticker
from bot.paper.sticker_layout import Layout, lay_out
from bot.paper.typeface import outline

MIME = "image/svg+xml"


def single_svg(sticker: Sticker, width_mm: float) -> bytes:
    """The sticker in its true size without bleed. Raises UnprintableSticker; what is returned can be read."""
    layout = lay_out(sticker, width_mm)
    return proved_svg(_svg(layout, sticker).encode(), sticker, width_mm)


def _svg(layout: Layout, sticker: Sticker) -> str:
    wide, high = _number(layout.width), _number(layout.height)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}mm" height="{high}mm" '
        f'viewBox="0 0 {wide} {high}" role="img">'
    )
    title = f"<title>{escape(sticker.evse_id)}</title>"
    cut = Box(0, 0, layout.width, layout.height)
    return "\n".join((head, title, *(_element(mark, cut) for mark in layout.marks()), "</svg>\n"))


def _element(mark: Mark, cut: Box) -> str:
    if isinstance(mark, Area):
        return _area(mark, cut)
    if isinstance(mark, Words):
        path = outline(mark.text, mark.face, (mark.x, mark.y), mark.size)
        return f'<path fill="{_grey(mark.ink)}" d="{path}"><title>{escape(mark.text)}</title></path>'
    # One path for the whole code: between paths, viewers show hairs of paper where modules touch.
    bars = "".join(
        f"M{_number(bar.x)} {_number(bar.y)}h{_number(bar.width)}v{_number(bar.height)}h-{_number(bar.width)}z"
        for bar in mark.bars()
    )
    return f'<path id="{CODE_ID}" fill="#000000" d="{bars}"/>'


def _area(area: Area, cut: Box) -> str:
    left, top = max(area.box.x, cut.x), max(area.box.y, cut.y)
    wide, high = min(area.box.right, cut.right) - left, min(area.box.bottom, cut.bottom) - top
    return (
        f'<rect x="{_number(left)}" y="{_number(top)}" width="{_number(wide)}" height="{_number(high)}" '
        f'fill="{_grey(area.ink)}"/>'
    )


def _number(value: float) -> str:
    """In millimetres to a ten-thousandth, without an exponent."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _grey(ink: float) -> str:
    return "#" + f"{round(ink * 255):02x}" * 3
