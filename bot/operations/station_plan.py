"""What a table of stations would change, compared with what there is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from bot.domain.evse_id import compact, normalise
from bot.domain.operator import Evse, Station
from bot.domain.refusal import Refusal
from bot.domain.rights import Authority, EntityId, Right
from bot.operations.acting import Acting, changed
from bot.operations.station_csv import EVSE_COLUMNS, STATION, STATION_COLUMNS, Line, Table
from bot.operations.station_data import (
    MOST_CONNECTORS,
    check_no_case,
    checked_directions,
    checked_evse_id,
    checked_minutes,
    checked_power,
    checked_text,
    fields_of,
)
from bot.operations.station_plan_lines import Kind, Plan
from bot.operations.station_plan_places import Known, Places
from storage.uow import UnitOfWork

LONGEST_STATION_ID = 48
_MINUTES = ("pending_after_minutes", "offline_after_minutes")


def changeable(who: Authority) -> frozenset[EntityId]:
    """The companies whose stations the person may both see and change; MissingRight where there are none."""
    seen = who.need_somewhere(Right.STATION_LIST)
    return who.need_somewhere(Right.STATIONS) & seen


@dataclass(frozen=True, slots=True)
class _Rows:
    """The lines of one station."""

    station_id: str
    lines: tuple[Line, ...]

    @property
    def first(self) -> Line:
        """The one to which belongs what is said of the station as a whole."""
        return self.lines[0]

    def of_evse(self, evse_id: str) -> Line:
        """The line that names an EVSE ID, in whatever way it is written."""
        named = (each for each in self.lines if compact(normalise(each.get("evse_id"))) == compact(evse_id))
        return next(named, self.first)


class Planner:
    """Compares one table with what there is."""

    def __init__(self, uow: UnitOfWork, acting: Acting, who: Authority, table: Table) -> None:
        self._uow = uow
        self._who = who
        self._operator_id = acting.operator_id
        self._table = table
        self._plan = Plan()
        self._known = Known(
            {each.id: each for each in uow.operators.stations(acting.operator_id)},
            {each.id: each for each in uow.operators.locations(acting.operator_id)},
            uow.station_list.companies_by_location(acting.operator_id),
            changeable(who),
        )
        self._places = Places(self._plan, self._known)

    def plan(self) -> Plan:
        """What is to be done, and what is wrong."""
        by_station: dict[str, list[Line]] = {}
        for line in self._table.lines:
            by_station.setdefault(line.get(STATION), []).append(line)
        named = self._places.find(self._table)
        foreign = self._uow.station_list.known(by_station.keys() - self._known.stations.keys())
        rows = {key: _Rows(key, tuple(lines)) for key, lines in by_station.items()}
        for each in rows.values():
            if self._may_be_named(each, foreign):
                self._station(each, named)
        self._check_evse_ids(rows)
        return self._plan

    def _may_be_named(self, rows: _Rows, foreign: Mapping[str, str]) -> bool:
        station_id = rows.station_id
        if not station_id:
            for line in rows.lines:
                self._plan.wrong(line, "no_station")
            return False
        before = self._known.stations.get(station_id)
        if station_id in foreign or (before is not None and before.entity_id not in self._known.reach):
            self._plan.wrong(rows.first, "station_taken", station=station_id)
            return False
        if before is None and (len(station_id) > LONGEST_STATION_ID or not station_id.isprintable()):
            self._plan.wrong(rows.first, "station_id", most=str(LONGEST_STATION_ID))
            return False
        return True

    def _station(self, rows: _Rows, named: Mapping[int, str]) -> None:
        before = self._known.stations.get(rows.station_id)
        location_id = self._location_of(rows, named, before)
        if location_id is None:
            return
        blank = Station(rows.station_id, self._operator_id, location_id, service_active=False)
        after = self._with_own_fields(replace(before or blank, location_id=location_id), rows, before)
        after = replace(after, evses=self._evses(after, rows))
        if after != before:
            self._plan.stations[rows.station_id] = (before, after)
            self._tell(before, after, rows)

    def _location_of(self, rows: _Rows, named: Mapping[int, str], before: Station | None) -> str | None:
        places: dict[str, Line] = {}
        for line in rows.lines:
            if line.number in named:
                places.setdefault(named[line.number], line)
        for line in list(places.values())[1:]:
            self._plan.wrong(line, "differs", column="location_id", line=str(rows.first.number))
        if not places:
            if before is None:
                self._plan.wrong(rows.first, "no_location")
            return None if before is None else before.location_id
        location_id, line = next(iter(places.items()))
        stays = before is not None and before.location_id == location_id
        if not stays and not self._places.may_hold(location_id):
            self._plan.wrong(line, "location_right", location=location_id)
            return None
        return location_id

    def _with_own_fields(self, station: Station, rows: _Rows, before: Station | None) -> Station:
        told: dict[str, str] = {}
        for line in rows.lines:
            for column in STATION_COLUMNS:
                if column not in self._table.columns:
                    continue
                if told.setdefault(column, line.get(column)) != line.get(column):
                    self._plan.wrong(line, "differs", column=column, line=str(rows.first.number))
        line, after = rows.first, station
        if "company" in told or before is None:
            said = told.get("company", "")
            entity = self._plan.checked(line, lambda: self._company(said, before))
            after = replace(after, entity_id=entity)
        if "directions" in told:
            said = told["directions"]
            words = self._plan.checked(line, lambda: checked_directions(said) if said else None)
            after = replace(after, directions=words)
        if told.keys() & set(_MINUTES):
            pair = self._plan.checked(line, lambda: _minutes_of(told, station))
            if pair is not None:
                after = replace(after, pending_after_minutes=pair[0], offline_after_minutes=pair[1])
        return after

    def _company(self, said: str, before: Station | None) -> EntityId:
        """The company of an ID or a name; an empty cell is the operator itself."""
        same = [each.id for each in self._who.tree.entities if said in {each.id, each.name}]
        if said and len(same) != 1:
            raise Refusal("station.no_company")
        wanted = same[0] if said else None
        stays = before is not None and before.entity_id == wanted
        if not stays and wanted not in self._known.reach:
            raise Refusal("station.no_company")
        return wanted

    def _evses(self, station: Station, rows: _Rows) -> tuple[Evse, ...]:
        wanted = {each.connector: each for each in station.evses}
        said_by: dict[int, Line] = {}
        for line in rows.lines:
            if not any(line.get(column) for column in EVSE_COLUMNS):
                continue
            found = self._plan.checked(line, partial(self._evse, station, line))
            if found is None:
                continue
            connector, evse = found
            if connector in said_by:
                twice = {"connector": str(connector), "line": str(said_by[connector].number)}
                self._plan.wrong(line, "connector_twice", **twice)
                continue
            said_by[connector] = line
            wanted.pop(connector, None)
            if evse is not None:
                wanted[connector] = evse
        return tuple(wanted[number] for number in sorted(wanted))

    def _evse(self, station: Station, line: Line) -> tuple[int, Evse | None]:
        """The connector of a line with the EVSE that it shall have; None takes its ID away."""
        said = line.get("evse_id")
        evse_id = checked_evse_id(said) if said else ""
        connector = _connector(station, line, evse_id)
        before = next((each for each in station.evses if each.connector == connector), None)
        kind, power = line.get("type"), line.get("power_kw")
        if before is None:
            if not evse_id:
                raise Refusal("evse.missing")
            if not (kind and power):
                raise Refusal("evse.incomplete")
            before = Evse(evse_id, station.id, connector, "", 0)
        elif not evse_id and "evse_id" in self._table.columns:
            return connector, None
        return connector, Evse(
            evse_id or before.evse_id,
            station.id,
            connector,
            checked_text(kind, "evse.type") if kind else before.type,
            checked_power(power) if power else before.power_kw,
        )

    def _check_evse_ids(self, rows: Mapping[str, _Rows]) -> None:
        """No EVSE ID may stand twice on this instance, however it is written; none of an open case may go."""
        brought: list[Evse] = []
        for key, (old, new) in self._plan.stations.items():
            had = {(each.evse_id, each.connector) for each in (old.evses if old else ())}
            kept = {each.evse_id for each in new.evses}
            brought += [each for each in new.evses if (each.evse_id, each.connector) not in had]
            gone = {evse_id for evse_id, _ in had} - kept
            self._plan.checked(rows[key].first, partial(check_no_case, self._uow, gone))
        after = {**self._known.stations, **{key: new for key, (_, new) in self._plan.stations.items()}}
        forms = {compact(each.evse_id) for each in brought}
        held: dict[str, set[tuple[str, int]]] = {}
        for station in after.values():
            for evse in station.evses:
                held.setdefault(compact(evse.evse_id), set()).add((station.id, evse.connector))
        elsewhere = {
            holder.compact
            for holder in self._uow.station_list.holders({each.evse_id for each in brought}, forms)
            if holder.station_id not in after
        }
        for each in brought:
            form = compact(each.evse_id)
            if form in elsewhere or len(held[form]) > 1:
                self._plan.wrong(
                    rows[each.station_id].of_evse(each.evse_id), "refusal.evse.taken", evse=each.evse_id
                )

    def _tell(self, before: Station | None, after: Station, rows: _Rows) -> None:
        """Puts what differs to the lines that say so."""
        old, new = changed({} if before is None else fields_of(before), fields_of(after))
        by_connector = {_number(line.get("connector")): line for line in rows.lines}
        points: dict[int, tuple[Line, dict[str, tuple[object, object]]]] = {}
        own: dict[str, tuple[object, object]] = {}
        for name in {**old, **new}:
            pair = (old.get(name), new.get(name))
            connector = name.removeprefix("connector ")
            if connector == name:
                own |= {} if pair == (None, None) else {name: pair}
                continue
            named = by_connector.get(int(connector))
            line = named or rows.of_evse(str(pair[1] or pair[0]).partition(",")[0])
            points.setdefault(line.number, (line, {}))[1][name] = pair
        if own or before is None:
            self._plan.differs(rows.first, Kind.NEW if before is None else Kind.CHANGED, after.id, own)
        for line, fields in points.values():
            is_new = all(was is None for was, _ in fields.values())
            self._plan.differs(line, Kind.NEW if is_new else Kind.CHANGED, after.id, fields)


def _connector(station: Station, line: Line, evse_id: str) -> int:
    """The connector of a line; where it names none, that of the EVSE ID which the station has already."""
    said = line.get("connector")
    number = _number(said) if said else next((e.connector for e in station.evses if e.evse_id == evse_id), 0)
    if not 0 < number <= MOST_CONNECTORS:
        raise Refusal("evse.connector", most=str(MOST_CONNECTORS))
    return number


def _number(text: str) -> int:
    """A whole number as spreadsheets write it; 0 for anything else."""
    whole = text.replace(",", ".").removesuffix(".0")
    return int(whole) if whole.isascii() and whole.isdigit() and len(whole) <= len("10080") else 0


def _minutes_of(told: Mapping[str, str], station: Station) -> tuple[int | None, int | None]:
    """Both times; an empty cell is the operator's."""
    was: Sequence[int | None] = (station.pending_after_minutes, station.offline_after_minutes)
    wanted: list[int | None] = []
    for column, kept in zip(_MINUTES, was, strict=True):
        said = told.get(column)
        wanted.append(kept if said is None else (_number(said) if said else None))
    pending, offline = wanted
    if pending is not None or offline is not None:
        checked_minutes(
            pending if pending is not None else offline or 0,
            offline if offline is not None else pending or 0,
        )
    return pending, offline
