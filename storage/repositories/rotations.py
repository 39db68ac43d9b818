"""An operator's plan of who is on call: layers, overrides, calendars that wait to be taken over."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from sqlalchemy import Connection, Row, delete, insert, select, update

from bot.domain.rotation import Every, Handover, Hours, Layer, Override, Source
from storage.repositories.upsert import insert_new, put
from storage.tables import calendar_imports, on_call_plans, rotation_layers, rotation_overrides


@dataclass(frozen=True, slots=True)
class Plan:
    """That an operator plans who is on call. `told` holds who is known to be on call by now, by level.

    `region` is a code of the country's regions whose holidays hold; None: those of the whole country.
    """

    id: int
    operator_id: str
    region: str | None = None
    told: Mapping[int, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WaitingCalendar:
    """What of a calendar was understood, until somebody takes it over."""

    calendar: str
    overrides: tuple[Override, ...]


class Rotations:
    """Plans of all operators."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def plan(self, operator_id: str) -> Plan | None:
        """The plan of an operator; None where nothing was ever planned."""
        statement = select(on_call_plans).where(on_call_plans.c.operator_id == operator_id)
        return _plan(self._connection.execute(statement).one_or_none())

    def begun(self, operator_id: str) -> Plan:
        """The plan of an operator, which is made where there is none."""
        self._connection.execute(
            insert_new(self._connection, on_call_plans), {"operator_id": operator_id, "told": {}}
        )
        found = self.plan(operator_id)
        if found is None:
            raise LookupError(f"no plan of {operator_id}")
        return found

    def by_id(self, plan_id: int) -> Plan | None:
        """A plan by its number."""
        statement = select(on_call_plans).where(on_call_plans.c.id == plan_id)
        return _plan(self._connection.execute(statement).one_or_none())

    def set_told(self, plan_id: int, told: Mapping[int, Sequence[int]]) -> None:
        """Keeps who is known to be on call."""
        values = {str(level): sorted(people) for level, people in told.items()}
        self._connection.execute(
            update(on_call_plans).where(on_call_plans.c.id == plan_id).values(told=values)
        )

    def set_region(self, plan_id: int, region: str | None) -> None:
        """Keeps whose holidays hold."""
        self._connection.execute(
            update(on_call_plans).where(on_call_plans.c.id == plan_id).values(region=region)
        )

    def layers(self, operator_id: str) -> list[Layer]:
        """An operator's layers, by level, in the order in which they were entered."""
        statement = (
            select(rotation_layers)
            .where(rotation_layers.c.operator_id == operator_id)
            .order_by(rotation_layers.c.level, rotation_layers.c.id)
        )
        return [_layer(row) for row in self._connection.execute(statement)]

    def put_layer(self, operator_id: str, layer: Layer) -> Layer:
        """Enters a layer without a number, or changes the one of its number."""
        values = _values(layer)
        if layer.id:
            theirs = (rotation_layers.c.operator_id == operator_id) & (rotation_layers.c.id == layer.id)
            self._connection.execute(update(rotation_layers).where(theirs).values(values))
            return layer
        made = insert(rotation_layers).values(operator_id=operator_id, **values)
        number: int = self._connection.execute(made.returning(rotation_layers.c.id)).scalar_one()
        return replace(layer, id=number)

    def drop_layer(self, operator_id: str, layer_id: int) -> None:
        """Takes a layer away."""
        theirs = (rotation_layers.c.operator_id == operator_id) & (rotation_layers.c.id == layer_id)
        self._connection.execute(delete(rotation_layers).where(theirs))

    def overrides(self, operator_id: str, after: datetime) -> list[Override]:
        """An operator's overrides that end after a moment, by their beginning."""
        there = rotation_overrides.c
        statement = (
            select(rotation_overrides)
            .where(there.operator_id == operator_id, there.ends_at > after)
            .order_by(there.begins_at, there.id)
        )
        return [_override(row) for row in self._connection.execute(statement)]

    def add_overrides(self, operator_id: str, overrides: Iterable[Override]) -> None:
        """Enters overrides, in their order."""
        rows = [
            {
                "operator_id": operator_id,
                "level": each.level,
                "person_id": each.person,
                "begins_at": each.begins,
                "ends_at": each.ends,
                "source": each.source.value,
                "calendar": each.calendar,
                "uid": each.uid,
            }
            for each in overrides
        ]
        if rows:
            self._connection.execute(insert(rotation_overrides), rows)

    def drop_override(self, operator_id: str, override_id: int) -> None:
        """Takes an override away."""
        there = rotation_overrides.c
        self._connection.execute(
            delete(rotation_overrides).where(there.operator_id == operator_id, there.id == override_id)
        )

    def drop_calendar(self, operator_id: str, calendar: str) -> int:
        """Takes away what came from a calendar; how many entries these were."""
        there = rotation_overrides.c
        gone = delete(rotation_overrides).where(there.operator_id == operator_id, there.calendar == calendar)
        return self._connection.execute(gone).rowcount

    def wait(self, operator_id: str, person_id: int, waiting: WaitingCalendar, now: datetime) -> None:
        """Keeps what somebody may take over, in place of what they brought before."""
        entries = [
            [each.person, each.begins.isoformat(), each.ends.isoformat(), each.uid]
            for each in waiting.overrides
        ]
        values = {
            "operator_id": operator_id,
            "person_id": person_id,
            "calendar": waiting.calendar,
            "entries": entries,
            "kept_at": now,
        }
        put(self._connection, calendar_imports, values)

    def waiting(self, operator_id: str, person_id: int) -> WaitingCalendar | None:
        """What somebody may take over."""
        there = calendar_imports.c
        statement = select(there.calendar, there.entries).where(
            there.operator_id == operator_id, there.person_id == person_id
        )
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else WaitingCalendar(row.calendar, _entries(row.calendar, row.entries))

    def stop_waiting(self, operator_id: str, person_id: int) -> None:
        """Forgets it."""
        there = calendar_imports.c
        self._connection.execute(
            delete(calendar_imports).where(there.operator_id == operator_id, there.person_id == person_id)
        )


def _plan(row: Row[tuple[object, ...]] | None) -> Plan | None:
    if row is None:
        return None
    told = {int(level): tuple(people) for level, people in row.told.items()}
    return Plan(row.id, row.operator_id, row.region, told)


def _values(layer: Layer) -> dict[str, object]:
    hours = layer.hours
    return {
        "level": layer.level,
        "name": layer.name,
        "every": layer.every.value,
        "handover_at": layer.handover.at.isoformat("minutes"),
        "handover_weekday": layer.handover.weekday,
        "starts_on": layer.starts_on.isoformat(),
        "people": list(layer.people),
        "hours": None
        if hours is None
        else {
            "weekdays": sorted(hours.weekdays),
            "begins": hours.begins.isoformat("minutes"),
            "ends": hours.ends.isoformat("minutes"),
        },
        "on_holidays": layer.on_holidays,
    }


def _layer(row: Row[tuple[object, ...]]) -> Layer:
    hours = row.hours
    return Layer(
        row.name,
        Every(row.every),
        Handover(time.fromisoformat(row.handover_at), row.handover_weekday),
        date.fromisoformat(row.starts_on),
        tuple(row.people),
        None
        if hours is None
        else Hours(
            frozenset(hours["weekdays"]),
            time.fromisoformat(hours["begins"]),
            time.fromisoformat(hours["ends"]),
        ),
        row.level,
        row.on_holidays,
        row.id,
    )


def _override(row: Row[tuple[object, ...]]) -> Override:
    return Override(
        row.person_id,
        row.begins_at,
        row.ends_at,
        row.level,
        Source(row.source),
        row.calendar,
        row.uid,
        row.id,
    )


def _entries(calendar: str, entries: Iterable[tuple[int, str, str, str | None]]) -> tuple[Override, ...]:
    return tuple(
        Override(
            person,
            datetime.fromisoformat(begins),
            datetime.fromisoformat(ends),
            source=Source.CALENDAR,
            calendar=calendar,
            uid=uid,
        )
        for person, begins, ends, uid in entries
    )
