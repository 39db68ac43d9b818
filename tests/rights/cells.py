"""The table of rights: what each command, page and form needs, as `matrix.toml` says it."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from bot.domain.rights import Right
from bot.views.callbacks import short
from storage.repositories.desks import Form
from tests.rights.firms import Things

FILE = Path(__file__).parent / "matrix.toml"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_NUMBERS_AND_SECRETS = frozenset(
    {"person", "inactive", "request", "invitation", "secret", "job", "job_secret", "month"}
    | {"agent", "layer", "override"}
)
"""What a button names as it is; of everything else it has the short form."""


class Kind(StrEnum):
    """Where it is entered from."""

    COMMAND = "command"
    PAGE = "page"
    FORM = "form"
    GROUP = "group"
    GUEST = "guest"
    WELCOME = "welcome"


class Touches(StrEnum):
    """How far the right must reach."""

    NOTHING = "nothing"
    COMPANY = "company"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that somebody does. Placeholders are in braces until `filled`."""

    kind: Kind
    name: str
    argument: str = ""
    arguments: tuple[str, ...] = ()
    form: Form | None = None
    words: str = ""
    selection: tuple[str, ...] = ()

    def __str__(self) -> str:
        asked = () if self.form is None else (self.form.subject, self.form.asks, self.words.split("\n")[0])
        return " ".join(filter(None, (self.kind, self.name, self.argument, *self.arguments, *asked)))

    def filled(self, things: Things) -> "Step":
        """The step about these things."""
        form = self.form
        return replace(
            self,
            argument=_filled(self.argument, things),
            arguments=tuple(_shortened(each, things) for each in self.arguments),
            form=None if form is None else _filled_form(form, things),
            words=_filled(self.words, things),
            selection=tuple(_filled(each, things) for each in self.selection),
        )

    @property
    def placeholders(self) -> frozenset[str]:
        """The names of those that it has."""
        form = self.form or Form("")
        written = (
            self.argument, *self.arguments, self.words, *self.selection, form.subject, *form.values.values()
        )  # fmt: skip
        return frozenset(_PLACEHOLDER.findall(" ".join(written)))


@dataclass(frozen=True, slots=True)
class Cell:
    """A line of the table; see the head of the file."""

    step: Step
    right: Right | None
    also: frozenset[Right] = frozenset()
    touches: Touches = Touches.NOTHING
    changes: bool = False
    alone: bool = False
    before: Step | None = None
    told_apart: str = ""
    """Why something of another operator is answered otherwise than what is nobody's; empty: it is not."""

    def __str__(self) -> str:
        return str(self.step)

    @property
    def rights(self) -> frozenset[Right]:
        """All that it needs."""
        return self.also if self.right is None else self.also | {self.right}

    @property
    def for_staff(self) -> bool:
        """Whether it is for the staff of an operator only."""
        return self.step.kind not in {Kind.GUEST, Kind.WELCOME}


@dataclass(frozen=True, slots=True)
class Table:
    """The whole file. `elsewhere` tells of rights that open something beside the admins' chat."""

    cells: tuple[Cell, ...]
    elsewhere: Mapping[Right, str] = field(default_factory=dict)

    def names(self, kind: Kind) -> frozenset[str]:
        """What the cells of a kind name."""
        return frozenset(each.step.name for each in self.cells if each.step.kind is kind)

    def tabs(self) -> frozenset[str]:
        """The tabs of the data sheet that have a cell."""
        return frozenset(each.step.arguments[1] for each in self.cells if each.step.name == "st.sheet")

    def needing(self, right: Right) -> Iterator[Cell]:
        """The cells of a right."""
        return (each for each in self.cells if each.right is right)


def load() -> Table:
    """Reads the file; KeyError or ValueError where a cell says something that nobody knows."""
    read = tomllib.loads(FILE.read_text(encoding="utf-8"))
    elsewhere = {Right(name): str(says) for name, says in read["elsewhere"].items()}
    return Table(tuple(map(_cell, read["cell"])), elsewhere)


def _cell(entry: dict[str, object]) -> Cell:
    given = dict(entry)
    step = _step(given)
    before = given.pop("before", None)
    right = str(given.pop("right"))
    also = frozenset(map(Right, _words(given.pop("also", []))))
    touches = Touches(str(given.pop("touches")))
    cell = Cell(
        step,
        Right(right) if right else None,
        also,
        touches,
        changes=given.pop("changes", False) is True,
        alone=given.pop("alone", False) is True,
        before=_step(before) if isinstance(before, dict) else None,
        told_apart=str(given.pop("told_apart", "")),
    )
    if given:
        raise ValueError(f"a cell says {sorted(given)}, which nobody knows")
    return cell


def _step(given: dict[str, object]) -> Step:
    form = given.pop("form", None)
    return Step(
        Kind(str(given.pop("kind"))),
        str(given.pop("name")),
        str(given.pop("argument", "")),
        _words(given.pop("arguments", [])),
        Form(**form) if isinstance(form, dict) else None,
        str(given.pop("words", "")),
        _words(given.pop("selection", [])),
    )


def _words(given: object) -> tuple[str, ...]:
    return tuple(map(str, given)) if isinstance(given, list) else ()


def _filled(text: str, things: Things) -> str:
    return _PLACEHOLDER.sub(lambda match: things[match[1]], text)


def _shortened(text: str, things: Things) -> str:
    def value(match: re.Match[str]) -> str:
        told = things[match[1]]
        return told if match[1] in _NUMBERS_AND_SECRETS else short(told)

    return _PLACEHOLDER.sub(value, text)


def _filled_form(form: Form, things: Things) -> Form:
    values = {key: _filled(value, things) for key, value in form.values.items()}
    return replace(form, subject=_filled(form.subject, things), values=values)
