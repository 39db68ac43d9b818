"""The measures and colours of the picture of statistics."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.statistics import Solver
from bot.paper.canvas import Canvas, Colour, Ink, fitting, smaller
from bot.paper.typeface import Face

WIDTH = 600.0
LEFT, RIGHT = 24.0, 576.0
GAP = 12.0
INSIDE = 16.0
"""Between the edge of a card and what is on it."""

BACKGROUND: Colour = "#f4f5f2"
CARD: Colour = "#ffffff"
TEXT: Colour = "#22303a"
MUTED: Colour = "#6a7780"
FAINT: Colour = "#eef0ee"
TINT: Colour = "#e3efec"
STAR: Colour = "#e7b04b"
STAR_OFF: Colour = "#e9ebe8"

TITLE = Ink(30, TEXT, Face.BOLD)
LABEL = Ink(16, MUTED)
SMALL = Ink(14.5, MUTED)
HEAD = Ink(17, TEXT, Face.BOLD)
NAME = Ink(15.5, TEXT)
COUNT = Ink(15.5, TEXT, Face.BOLD)

COLOURS: Mapping[Solver, Colour] = {
    Solver.BOT: "#2f8f83",
    Solver.REMOTE: "#5b9fd0",
    Solver.AGENT: "#8a7cc4",
    Solver.TECHNICIAN: "#e0a050",
    Solver.ITSELF: "#a8c48f",
    Solver.NOBODY: "#c7726b",
    Solver.OPEN: "#c3cad0",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a card stands: its upper left corner and how wide it is."""

    x: float
    y: float
    width: float

    @property
    def left(self) -> float:
        """Where what is on it begins."""
        return self.x + INSIDE

    @property
    def right(self) -> float:
        """Where what is on it ends."""
        return self.x + self.width - INSIDE

    @property
    def room(self) -> float:
        """How wide what is on it may be."""
        return self.width - 2 * INSIDE


def whole(y: float) -> Place:
    """As wide as the picture."""
    return Place(LEFT, y, RIGHT - LEFT)


def halves(y: float) -> tuple[Place, Place]:
    """Two beside each other."""
    half = (RIGHT - LEFT - GAP) / 2
    return Place(LEFT, y, half), Place(LEFT + half + GAP, y, half)


def card(canvas: Canvas, place: Place, height: float, head: str = "") -> None:
    """A white card, with what it is about."""
    canvas.box(place.x, place.y, (place.width, height), CARD, 12)
    ink = smaller(head, HEAD, place.room, 12)
    canvas.text(fitting(head, ink, place.room), place.left, place.y + 29, ink)
