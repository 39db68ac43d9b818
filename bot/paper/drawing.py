"""A drawing as values: what every file format draws alike.

Lengths are millimetres, y points down. Ink is grey: 0 is full black, 1 is paper.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.paper.typeface import ASCENT, Face, width
from bot.paper.typeset import Block

BLACK = 0.0
WHITE = 1.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, by its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Where it ends on the right."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Where it ends below."""
        return self.y + self.height

    def grown(self, by: float) -> "Box":
        """The same with a margin around it; a negative one makes it smaller."""
        return Box(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def moved(self, x: float, y: float) -> "Box":
        """The same elsewhere."""
        return replace(self, x=self.x + x, y=self.y + y)


@dataclass(frozen=True, slots=True)
class Area:
    """A filled rectangle."""

    box: Box
    ink: float


@dataclass(frozen=True, slots=True)
class Words:
    """One line of printable text; `y` is its baseline."""

    text: str
    x: float
    y: float
    face: Face
    size: float
    ink: float = BLACK


@dataclass(frozen=True, slots=True)
class Modules:
    """The dark modules of a QR code without its quiet zone; `side` is that of one module."""

    rows: tuple[bytes, ...]
    x: float
    y: float
    side: float

    def bars(self) -> Iterator[Box]:
        """The dark modules, those beside each other as one."""
        for number, row in enumerate(self.rows):
            y, start = self.y + number * self.side, None
            for column, dark in enumerate((*row, 0)):
                if dark and start is None:
                    start = column
                elif not dark and start is not None:
                    yield Box(self.x + start * self.side, y, (column - start) * self.side, self.side)
                    start = None


Mark = Area | Words | Modules


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet of paper. `trim` and `bleed` say where it is cut and how far ink goes beyond, if it is cut at all."""

    width: float
    height: float
    marks: tuple[Mark, ...]
    trim: Box | None = None
    bleed: Box | None = None


def shifted(mark: Mark, x: float, y: float) -> Mark:
    """The same mark elsewhere."""
    if isinstance(mark, Area):
        return replace(mark, box=mark.box.moved(x, y))
    return replace(mark, x=mark.x + x, y=mark.y + y)


def centred(block: Block, box: Box, ink: float = BLACK) -> Iterator[Words]:
    """The lines of a block from the top of a box, each in its middle."""
    for number, line in enumerate(block.lines):
        x = box.x + (box.width - width(line, block.face, block.size)) / 2
        yield Words(line, x, _baseline(block, box.y, number), block.face, block.size, ink)


def flush(block: Block, x: float, y: float, ink: float = BLACK) -> Iterator[Words]:
    """The lines of a block below `y`, each beginning at `x`."""
    for number, line in enumerate(block.lines):
        yield Words(line, x, _baseline(block, y, number), block.face, block.size, ink)


def _baseline(block: Block, top: float, number: int) -> float:
    return top + number * block.height / len(block.lines) + ASCENT * block.size
