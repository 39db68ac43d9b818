"""The locations that a table of stations names: those that are known, those that it changes, and new ones."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial

from bot.domain.operator import Location, Station
from bot.domain.refusal import Refusal
from bot.domain.rights import EntityId
from bot.operations.acting import changed
from bot.operations.location_data import Field, checked_field, checked_pair, free_id
from bot.operations.station_csv import LOCATION_COLUMNS, STATION, Line, Table
from bot.operations.station_plan_lines import Kind, Plan

LONGEST_ID = 48
_FIELDS = {
    "location_name": Field.NAME,
    "address": Field.ADDRESS,
    "postal_code": Field.POSTAL_CODE,
    "city": Field.CITY,
    "country": Field.COUNTRY,
}
_COORDINATES = ("latitude", "longitude")


@dataclass(frozen=True, slots=True)
class Known:
    """What there is. `companies` are those whose stations stand at a location, `reach` those that may be changed."""

    stations: Mapping[str, Station]
    locations: Mapping[str, Location]
    companies: Mapping[str, Mapping[EntityId, int]]
    reach: frozenset[EntityId]


@dataclass(slots=True)
class _Said:
    """What the file says of one location by columns, each with the line that said it first."""

    first: Line
    by_column: dict[str, tuple[str, Line]] = field(default_factory=dict)


class Places:
    """Finds the location of each line, and plans what becomes of it."""

    def __init__(self, plan: Plan, known: Known) -> None:
        self._plan = plan
        self._known = known
        self._made: dict[str, str] = {}

    def find(self, table: Table) -> dict[int, str]:
        """By the number of each line the ID of the location that it names, where it names one."""
        found: dict[int, str] = {}
        said: dict[str, _Said] = {}
        for line in table.lines:
            location_id = self._named(line)
            if location_id is None:
                continue
            found[line.number] = location_id
            told = said.setdefault(location_id, _Said(line)).by_column
            for column in LOCATION_COLUMNS[1:]:
                value = line.get(column)
                if value and told.setdefault(column, (value, line))[0] != value:
                    self._plan.wrong(line, "differs", column=column, line=str(told[column][1].number))
        for location_id, what in said.items():
            self._plan_one(location_id, what)
        return found

    def may_hold(self, location_id: str) -> bool:
        """Whether a station may be put there: companies of which the person knows nothing keep theirs to themselves."""
        there = self._known.companies.get(location_id, {}).keys()
        return not there or bool(there & self._known.reach)

    def _named(self, line: Line) -> str | None:
        """The location of a line by its ID, else by its name; the one at which its station stands comes first."""
        if line.get("location_id"):
            return line.get("location_id")
        name = line.get("location_name")
        if not name:
            return None
        same = [
            each.id for each in self._known.locations.values() if each.name == name and self.may_hold(each.id)
        ]
        station = self._known.stations.get(line.get(STATION))
        if station is not None and station.location_id in same:
            return station.location_id
        if len(same) > 1:
            self._plan.wrong(line, "location_ambiguous", name=name)
            return None
        if not same and name not in self._made:
            self._made[name] = free_id(name, {*self._known.locations, *self._made.values()})
        return same[0] if same else self._made[name]

    def _plan_one(self, location_id: str, said: _Said) -> None:
        before = self._known.locations.get(location_id)
        if before is None and (len(location_id) > LONGEST_ID or not location_id.isprintable()):
            return self._plan.wrong(said.first, "location_id", most=str(LONGEST_ID))
        missing = [each for each in LOCATION_COLUMNS[1:] if before is None and each not in said.by_column]
        if missing:
            columns = ", ".join(missing)
            return self._plan.wrong(said.first, "location_missing", location=location_id, columns=columns)
        mistakes = len(self._plan.mistakes)
        values = self._values(said, before)
        if len(self._plan.mistakes) > mistakes:
            return
        blank = before or Location(location_id, "", "", "", "", "", 0, 0)
        after = replace(blank, **values)  # type: ignore[arg-type]  # Of the types that the fields have.
        if after == before:
            return
        if not self._known.companies.get(location_id, {}).keys() <= self._known.reach:
            return self._plan.wrong(said.first, "location_right", location=location_id)
        self._plan.locations[location_id] = (before, after)
        old, new = changed({} if before is None else asdict(before), asdict(after))
        fields = {name: (old.get(name), value) for name, value in new.items() if name != "id"}
        kind = Kind.NEW if before is None else Kind.CHANGED
        self._plan.differs(said.first, kind, location_id, fields)

    def _values(self, said: _Said, before: Location | None) -> dict[str, object]:
        values: dict[str, object] = {}
        for column, name in _FIELDS.items():
            if column in said.by_column:
                text, line = said.by_column[column]
                values |= self._plan.checked(line, partial(checked_field, name, text)) or {}
        here = [column for column in _COORDINATES if column in said.by_column]
        if here:
            line = said.by_column[here[0]][1]
            pair = self._plan.checked(line, lambda: _pair(said, before))
            values |= {} if pair is None else dict(zip(_COORDINATES, pair, strict=True))
        return values


def _pair(said: _Said, before: Location | None) -> tuple[float, float]:
    known = (0.0, 0.0) if before is None else (before.latitude, before.longitude)
    degrees = [
        _degrees(said.by_column[column][0]) if column in said.by_column else was
        for column, was in zip(_COORDINATES, known, strict=True)
    ]
    return checked_pair(degrees[0], degrees[1])


def _degrees(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise Refusal("location.coordinates") from None
