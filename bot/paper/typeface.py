"""The typefaces that are embedded: what they can print, how wide it is, and its outlines.

DejaVu 2.37 lies in `fonts/` beside its licence. It covers Latin, Cyrillic and Greek, tells 0 from O and 1 from I in
its fixed pitch, and its condensed cut says more on a small sticker.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

from fontTools.misc.transform import Transform
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

FOLDER = Path(__file__).parent / "fonts"

# Of the font's size: how far its letters with accents rise above the baseline, and how far they hang below it.
ASCENT = 0.93
DESCENT = 0.24
LINE = ASCENT + DESCENT

# What stands for a character that cannot be printed.
UNKNOWN = "?"
# These run from right to left or take other shapes beside each other, which is not done here.
_UNSHAPED = frozenset({"R", "AL", "AN"})


class Face(Enum):
    """A cut, named as its file."""

    REGULAR = "DejaVuSansCondensed"
    BOLD = "DejaVuSansCondensed-Bold"
    MONO = "DejaVuSansMono-Bold"

    @property
    def file(self) -> Path:
        """Where its TrueType file lies."""
        return FOLDER / f"{self.value}.ttf"


@dataclass(frozen=True, slots=True)
class _Cut:
    glyphs: Mapping[str, str]
    advances: Mapping[str, float]


def printable(text: str) -> str:
    """The text in one line as all faces can print it; `?` stands for what they cannot."""
    return "".join(map(_printable_char, _one_line(text)))


def is_printable(text: str) -> bool:
    """Whether no character of the text is lost on paper."""
    return printable(text) == _one_line(text)


def width(text: str, face: Face, size: float) -> float:
    """How wide a printable text is, in the unit of `size`."""
    advances = _cut(face).advances
    return sum(advances[char] for char in text) * size


def outline(text: str, face: Face, origin: tuple[float, float], size: float) -> str:
    """A printable text as the data of an SVG path; `origin` is where its baseline begins, y pointing down."""
    font, cut = _font(face), _cut(face)
    glyphs = font.getGlyphSet()
    pen = SVGPathPen(glyphs, ntos=_number)
    scale = size / font["head"].unitsPerEm
    x, baseline = origin
    for char in text:
        glyphs[cut.glyphs[char]].draw(TransformPen(pen, Transform(scale, 0, 0, -scale, x, baseline)))
        x += cut.advances[char] * size
    return str(pen.getCommands())


def _one_line(text: str) -> str:
    # Marks of direction and places for a hyphen have no ink.
    seen = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return " ".join(unicodedata.normalize("NFC", seen).split())


def _printable_char(char: str) -> str:
    shaped = unicodedata.bidirectional(char) not in _UNSHAPED
    return char if shaped and all(char in _cut(face).glyphs for face in Face) else UNKNOWN


def _number(value: float) -> str:
    """In millimetres to a thousandth, without an exponent."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


@cache
def _font(face: Face) -> TTFont:
    return TTFont(face.file, lazy=False)


@cache
def _cut(face: Face) -> _Cut:
    font = _font(face)
    # Control characters have glyphs of no width, but no business on paper.
    glyphs = {
        chr(code): name
        for code, name in font.getBestCmap().items()
        if unicodedata.category(chr(code))[0] != "C"
    }
    em = font["head"].unitsPerEm
    return _Cut(glyphs, {char: font["hmtx"][name][0] / em for char, name in glyphs.items()})
