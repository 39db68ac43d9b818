"""A picture for a screen: rounded boxes, stars and texts in colours, smooth at their edges.

Lengths are points of a layout that is as wide as its maker says; y points down. Each point becomes `SCALE` pixels, as
phones show pictures in more pixels than points.
"""

import io
from dataclasses import dataclass
from functools import cache
from math import cos, pi, sin
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

from bot.paper.typeface import Face, printable

SCALE = 2
_SMOOTH = 2
"""Everything is drawn this much larger, and made smaller in the end."""
_DRAWN = SCALE * _SMOOTH
ELLIPSIS = "…"

Colour = str
"""As `#rrggbb`."""


@dataclass(frozen=True, slots=True)
class Ink:
    """How a text is set."""

    size: float
    colour: Colour
    face: Face = Face.REGULAR


class Canvas:
    """What is drawn on; it is cut off below what was drawn last when it is made a file."""

    def __init__(self, width: float, most_height: float, background: Colour) -> None:
        self.width = width
        size = (round(width * _DRAWN), round(most_height * _DRAWN))
        self._image = Image.new("RGB", size, background)
        self._draw = ImageDraw.Draw(self._image)

    def box(self, x: float, y: float, size: tuple[float, float], colour: Colour, radius: float = 0) -> None:
        """A filled box by its upper left corner; one without extent is not drawn."""
        width, height = size
        if width <= 0 or height <= 0:
            return
        edges = tuple(round(each * _DRAWN) for each in (x, y, x + width, y + height))
        corner = min(radius, width / 2, height / 2) * _DRAWN
        # Pillow takes the last pixel for a part of the box.
        left, top, right, bottom = edges
        inner = (left, top, max(right - 1, left), max(bottom - 1, top))
        self._draw.rounded_rectangle(inner, corner, fill=colour)

    def text(
        self, said: str, x: float, y: float, ink: Ink, align: Literal["left", "middle", "right"] = "left"
    ) -> float:
        """One line whose baseline is at `y`; returns its width. What the face cannot print stands as `?`."""
        shown = printable(said)
        wide = width(shown, ink)
        start = x - {"left": 0.0, "middle": wide / 2, "right": wide}[align]
        font = _font(ink.face, ink.size)
        self._draw.text((start * _DRAWN, y * _DRAWN), shown, fill=ink.colour, font=font, anchor="ls")
        return wide

    def star(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """A star of five points around a middle."""
        points = [
            (
                (x + radius * (1 if number % 2 == 0 else 0.42) * sin(number * pi / 5)) * _DRAWN,
                (y - radius * (1 if number % 2 == 0 else 0.42) * cos(number * pi / 5)) * _DRAWN,
            )
            for number in range(10)
        ]
        self._draw.polygon(points, fill=colour)

    def tick(self, x: float, y: float, radius: float, colours: tuple[Colour, Colour]) -> None:
        """A disc with a tick in it, around a middle; `colours` are of the disc and of the tick."""
        disc, mark = colours
        self._draw.ellipse(
            [each * _DRAWN for each in (x - radius, y - radius, x + radius, y + radius)], fill=disc
        )
        points = ((-0.42, 0.02), (-0.12, 0.32), (0.44, -0.3))
        line = [((x + dx * radius) * _DRAWN, (y + dy * radius) * _DRAWN) for dx, dy in points]
        self._draw.line(line, fill=mark, width=round(radius * 0.18 * _DRAWN), joint="curve")

    def png(self, height: float) -> bytes:
        """What stands above `height`, as a file."""
        kept = self._image.crop((0, 0, self._image.width, round(height * _DRAWN)))
        small = kept.resize((round(self.width * SCALE), round(height * SCALE)), Image.Resampling.BOX)
        out = io.BytesIO()
        small.save(out, "PNG", optimize=True)
        return out.getvalue()


def width(said: str, ink: Ink) -> float:
    """How wide a line is."""
    return _font(ink.face, ink.size).getlength(printable(said)) / _DRAWN


def fitting(said: str, ink: Ink, most: float) -> str:
    """The line, with an ellipsis where it is wider than that."""
    shown = printable(said)
    if width(shown, ink) <= most:
        return shown
    while shown and width(shown + ELLIPSIS, ink) > most:
        shown = shown[:-1]
    return shown.rstrip() + ELLIPSIS


def smaller(said: str, ink: Ink, most: float, least: float) -> Ink:
    """The same ink as large as the line allows, but no smaller than `least`."""
    wide = width(said, ink)
    size = ink.size if wide <= most else max(ink.size * most / wide, least)
    return Ink(size, ink.colour, ink.face)


@cache
def _font(face: Face, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(face.file), size * _DRAWN)
