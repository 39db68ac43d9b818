"""Taking a table of stations in: what it would change, line by line, and then all of it or nothing."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from bot.domain.privacy import contact_for
from bot.domain.refusal import Refusal
from bot.domain.rights import Authority, Right
from bot.operations.acting import Acting, changed
from bot.operations.station_csv import FOR_READING, STATION, Table, Written, decoded, read, write
from bot.operations.station_data import note_station, put_station
from bot.operations.station_plan import Planner, changeable
from bot.operations.station_plan_lines import Difference, Kind, Mistake, Plan
from storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Preview:
    """What a table would change, or what is wrong with it; where something is, nothing can be applied.

    `fingerprint` stands for the table and for what it meets: it is another one as soon as either differs.
    """

    mistakes: tuple[Mistake, ...]
    differences: tuple[Difference, ...]
    lines: int
    counts: Mapping[Kind, int]
    ignored: tuple[str, ...]
    new_stations: int
    fingerprint: str

    @property
    def changes_something(self) -> bool:
        """Whether there is anything to apply."""
        return not self.mistakes and bool(self.differences)


@dataclass(frozen=True, slots=True)
class Outdated:
    """Something was changed since the preview, so nothing was applied: this is what the table would change now."""

    preview: Preview


@dataclass(frozen=True, slots=True)
class Imported:
    """The table was taken in."""

    counts: Mapping[Kind, int]


async def export(acting: Acting, decimal_sign: str) -> bytes:
    """The stations that the person may see, as a file; MissingRight without the station list.

    Technicians are masked where the person may not see personal data.
    """

    def work(uow: UnitOfWork, who: Authority) -> bytes:
        reach = who.need_somewhere(Right.STATION_LIST)
        locations = {each.id: each for each in uow.operators.locations(acting.operator_id)}
        written = [
            Written(
                each,
                locations[each.location_id],
                each.technician and contact_for(who, each.technician, each.entity_id),
            )
            for each in uow.operators.stations(acting.operator_id)
            if each.entity_id in reach and each.location_id in locations
        ]
        acting.note(uow, "stations.exported", "", None, {"stations": len(written)})
        return write(written, decimal_sign)

    return await acting.commit(work)


async def may_import(acting: Acting) -> None:
    """MissingRight without the right to stations."""
    await acting.read(lambda _uow, who: changeable(who))


async def offer(acting: Acting, content: bytes, sound: Callable[[UnitOfWork], None]) -> Preview:
    """Keeps a file until it is confirmed, and tells what it would change; `sound` is run where nothing is wrong.

    MissingRight without the right to stations; Refusal for what is no such table.
    """
    text = decoded(content)
    table = read(text)

    def work(uow: UnitOfWork, who: Authority) -> Preview:
        preview = _preview(table, Planner(uow, acting, who, table).plan())
        uow.imports.put(acting.operator_id, acting.person.id, text, acting.now)
        if not preview.mistakes:
            sound(uow)
        return preview

    return await acting.commit(work)


async def apply(acting: Acting, fingerprint: str) -> Imported | Outdated:
    """Applies the file that was kept, where it would still do what the preview of that fingerprint said.

    Refusal where no file is kept any more.
    """

    def work(uow: UnitOfWork, who: Authority) -> Imported | Outdated:
        changeable(who)
        changeable(who)
        text = uow.imports.get(acting.operator_id, acting.person.id)
        if text is None:
            raise Refusal("csv.gone")
        table = read(text)
        uow.station_list.hold(sorted({line.get(STATION) for line in table.lines}))
        plan = Planner(uow, acting, who, table).plan()
        preview = _preview(table, plan)
        if preview.fingerprint != fingerprint or not preview.changes_something:
            return Outdated(preview)
        _carry_out(uow, acting, plan)
        counts = {kind.value: many for kind, many in preview.counts.items()}
        acting.note(uow, "stations.imported", "", None, counts)
        uow.imports.drop(acting.operator_id, acting.person.id)
        return Imported(preview.counts)

    return await acting.commit(work)


async def discard(acting: Acting) -> None:
    """Forgets the file that was kept."""

    def work(uow: UnitOfWork, who: Authority) -> None:
        changeable(who)
        uow.imports.drop(acting.operator_id, acting.person.id)

    await acting.commit(work)


def _carry_out(uow: UnitOfWork, acting: Acting, plan: Plan) -> None:
    for old, location in plan.locations.values():
        uow.operators.put_location(acting.operator_id, location)
        before, after = changed({} if old is None else asdict(old), asdict(location))
        act = "location.created" if old is None else "location.changed"
        acting.note(uow, act, location.id, None if old is None else before, after)
    for known, station in plan.stations.values():
        put_station(uow, station)
        note_station(uow, acting, known, station)


def _preview(table: Table, plan: Plan) -> Preview:
    kinds = [plan.kinds.get(line.number, Kind.UNCHANGED) for line in table.lines]
    hashed = hashlib.sha256(repr((table.lines, plan.locations, plan.stations)).encode()).hexdigest()
    return Preview(
        tuple(sorted(plan.mistakes, key=lambda each: each.line)),
        tuple(sorted(plan.differences, key=lambda each: each.line)),
        len(table.lines),
        {kind: kinds.count(kind) for kind in Kind},
        tuple(each for each in FOR_READING if each in table.columns),
        sum(before is None for before, _ in plan.stations.values()),
        hashed[:16],
    )
