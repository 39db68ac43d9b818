"""What a table of stations brings, told by its lines: differences, and mistakes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar

from bot.domain.operator import Location, Station
from bot.domain.refusal import Refusal
from bot.operations.station_csv import Line

T = TypeVar("T")


class Kind(StrEnum):
    """What a line brings."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a line: the text `refusal.<key>` or `csv_error.<key>` with its values."""

    line: int
    key: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """What a line would change. `fields` are names with what was and what will be; None where there is nothing."""

    line: int
    kind: Kind
    subject: str
    fields: tuple[tuple[str, object, object], ...]


@dataclass(slots=True)
class Plan:
    """What is to be done, as it is worked out line by line; each pair is what was and what will be."""

    mistakes: list[Mistake] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    locations: dict[str, tuple[Location | None, Location]] = field(default_factory=dict)
    stations: dict[str, tuple[Station | None, Station]] = field(default_factory=dict)
    kinds: dict[int, Kind] = field(default_factory=dict)

    def wrong(self, line: Line, key: str, /, **values: str) -> None:
        """Notes what is wrong with a line."""
        self.mistakes.append(Mistake(line.number, key, values))

    def differs(
        self, line: Line, kind: Kind, subject: str, fields: Mapping[str, tuple[object, object]]
    ) -> None:
        """Notes what a line changes."""
        shown = tuple((name, old, new) for name, (old, new) in fields.items())
        last = self.differences[-1] if self.differences else None
        if last is not None and (last.line, last.subject) == (line.number, subject):
            kept = Kind.NEW if Kind.NEW in {last.kind, kind} else kind
            self.differences[-1] = replace(last, kind=kept, fields=(*last.fields, *shown))
        else:
            self.differences.append(Difference(line.number, kind, subject, shown))
        if self.kinds.get(line.number) is not Kind.NEW:
            self.kinds[line.number] = kind

    def checked(self, line: Line, check: Callable[[], T]) -> T | None:
        """What the check returns; None, with its refusal noted, where it refuses."""
        try:
            return check()
        except Refusal as refusal:
            self.wrong(line, f"refusal.{refusal.key}", **refusal.values)
            return None
