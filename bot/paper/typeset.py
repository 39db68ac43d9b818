"""Setting text into a width: larger or smaller, over several lines, and at last abridged; always by measured widths."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.paper.typeface import LINE, Face, width

MM_PER_POINT = 25.4 / 72
ELLIPSIS = "…"

# Sizes are tried in steps of 4 %, which nobody sees.
_STEP = 0.96
_SLACK = 1e-9
# More than this fits into no place that there is; measuring it would only take time.
_MOST_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class Style:
    """How a text may be set: sizes in millimetres, and over how many lines at most."""

    face: Face
    largest: float
    smallest: float
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one size, in millimetres."""

    lines: tuple[str, ...]
    face: Face
    size: float

    @property
    def height(self) -> float:
        """From the top of the first line to the bottom of the last."""
        return len(self.lines) * self.size * LINE


def points(size: float) -> float:
    """A size in points, in millimetres."""
    return size * MM_PER_POINT


def words(text: str) -> list[str]:
    """What may be parted between words."""
    return re.findall(r"\S+\s*", text)


def groups(text: str) -> list[str]:
    """What may be parted after the stars of an EVSE ID, or between the blocks of a telephone number."""
    return re.findall(r"[^* ]*[* ]+|[^* ]+", text)


def fit(pieces: Sequence[str], style: Style, most_width: float) -> Block | None:
    """The whole text as large as may be, its lines about equally long; None if it does not fit whole.

    Lines are parted between pieces only; pass the characters of a text to part it anywhere.
    """
    if not "".join(pieces).strip() or sum(map(len, pieces)) > _MOST_CHARACTERS:
        return None
    size = max(style.largest, style.smallest)
    while True:
        lines = _wrapped(pieces, style.face, most_width / size)
        if lines is not None and len(lines) <= style.lines:
            return Block(_balanced(pieces, style.face, most_width / size, lines), style.face, size)
        if size <= style.smallest:
            return None
        size = max(size * _STEP, style.smallest)


def abridge(text: str, style: Style, most_width: float) -> Block:
    """The text at its largest size in one line, with an ellipsis where it is too long for the smallest."""
    if not text:
        return Block(("",), style.face, style.largest)
    whole = fit([text], Style(style.face, style.largest, style.smallest), most_width)
    return whole or Block((_cut_off(text, style, most_width),), style.face, style.smallest)


def _cut_off(text: str, style: Style, most_width: float) -> str:
    room = most_width / style.smallest - width(ELLIPSIS, style.face, 1)
    for end, char in enumerate(text[:_MOST_CHARACTERS]):
        room -= width(char, style.face, 1)
        if room < 0:
            return text[:end].rstrip() + ELLIPSIS
    return text[:_MOST_CHARACTERS].rstrip() + ELLIPSIS


def _wrapped(pieces: Sequence[str], face: Face, most_width: float) -> list[str] | None:
    """Lines filled one after the other, in widths of size 1; None where one piece alone is too wide."""
    lines = [""]
    for piece in pieces:
        longer = lines[-1] + piece
        if width(longer.rstrip(), face, 1) <= most_width + _SLACK:
            lines[-1] = longer
        elif width(piece.rstrip(), face, 1) <= most_width + _SLACK:
            lines.append(piece)
        else:
            return None
    return [line.strip() for line in lines if line.strip()]


def _balanced(pieces: Sequence[str], face: Face, most_width: float, lines: list[str]) -> tuple[str, ...]:
    """The same number of lines with the longest of them as short as can be."""
    low, high = most_width / len(lines) / 2, most_width
    while not math.isclose(low, high, rel_tol=0.01):
        middle = (low + high) / 2
        shorter = _wrapped(pieces, face, middle)
        if shorter is not None and len(shorter) <= len(lines):
            high, lines = middle, shorter
        else:
            low = middle
    return tuple(lines)
