"""Changing what an operator keeps of its stations: EVSE IDs, location, company, directions, waiting times."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from bot.domain.evse_id import EvseIdKind, compact, normalise, parse
from bot.domain.operator import Evse, Location, Operator, Station
from bot.domain.refusal import Refusal
from bot.domain.rights import Authority, Entity, EntityId, MissingRight, Right
from bot.operations.acting import Acting, changed
from bot.operations.data_sheet import Point, location_of, points_of, reached
from storage.repositories.audit import Fields
from storage.uow import UnitOfWork

MOST_CONNECTORS = 100
MOST_POWER_KW = 5000
LONGEST_TEXT = 200
LONGEST_DIRECTIONS = 1000
MOST_MINUTES = 7 * 24 * 60
Change = Callable[[UnitOfWork, Authority, Station], Station]
"""Makes of a station what it shall be."""


@dataclass(frozen=True, slots=True)
class Editable:
    """A station as it may be changed. `company` is None for the operator itself."""

    station: Station
    location: Location
    points: tuple[Point, ...]
    company: Entity | None
    operator: Operator

    def point(self, connector: int) -> Point | None:
        """The charging point of a connector."""
        return next((each for each in self.points if each.connector == connector), None)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a station may be put to: locations with the number of stations there, and companies."""

    station: Station
    locations: tuple[Location, ...]
    companies: tuple[Entity | None, ...]


async def show(acting: Acting, station_id: str) -> Editable:
    """The station; MissingRight without the right to change it."""
    return await acting.read(lambda uow, who: _editable(uow, acting, _held(uow, acting, who, station_id)))


async def choices(acting: Acting, station_id: str) -> Choices:
    """What it may be put to by this person."""

    def work(uow: UnitOfWork, who: Authority) -> Choices:
        found = _held(uow, acting, who, station_id)
        reach = who.reach(Right.STATIONS)
        companies = [each for each in who.tree.entities if each.id in reach]
        root: list[Entity | None] = [None] if None in reach else []
        return Choices(
            found, tuple(open_locations(uow, acting, who)), (*root, *sorted(companies, key=lambda e: e.name))
        )

    return await acting.read(work)


async def set_point(acting: Acting, station_id: str, evse: Evse) -> Editable:
    """Gives a connector its EVSE in place of the one that it has.

    Refusal where the ID is none, is taken anywhere on this instance, or where a case is open about the old one.
    """

    def change(uow: UnitOfWork, found: Station) -> Station:
        wanted = replace(evse, evse_id=checked_evse_id(evse.evse_id), station_id=found.id)
        others = tuple(each for each in found.evses if each.connector != wanted.connector)
        gone = {each.evse_id for each in found.evses} - {each.evse_id for each in (*others, wanted)}
        _check_free(uow, found, wanted)
        check_no_case(uow, gone)
        return replace(found, evses=tuple(sorted((*others, wanted), key=lambda each: each.connector)))

    return await _change(acting, station_id, change)


async def check_evse_id(acting: Acting, station_id: str, connector: int, text: str) -> str:
    """The EVSE ID as it is printed, where this connector can have it; Refusal as `set_point` would refuse."""

    def work(uow: UnitOfWork, who: Authority) -> str:
        found = _held(uow, acting, who, station_id)
        wanted = Evse(checked_evse_id(text), station_id, connector, "", 0)
        _check_free(uow, found, wanted)
        return wanted.evse_id

    return await acting.read(work)


async def drop_point(acting: Acting, station_id: str, connector: int) -> Editable:
    """Takes the EVSE ID of a connector away; Refusal while a case about it is open."""

    def change(uow: UnitOfWork, found: Station) -> Station:
        gone = {each.evse_id for each in found.evses if each.connector == connector}
        check_no_case(uow, gone)
        return replace(found, evses=tuple(each for each in found.evses if each.evse_id not in gone))

    return await _change(acting, station_id, change)


async def set_directions(acting: Acting, station_id: str, words: str | None) -> Editable:
    """How to find the station on the site; None takes it away."""
    text = None if words is None else checked_directions(words)
    return await _change(acting, station_id, lambda _uow, found: replace(found, directions=text))


async def set_minutes(acting: Acting, station_id: str, minutes: tuple[int, int] | None) -> Editable:
    """After how long a silence it counts as pending and as offline; None: as its operator's stations do."""
    pending, offline = (None, None) if minutes is None else checked_minutes(*minutes)
    return await _change(
        acting,
        station_id,
        lambda _uow, found: replace(found, pending_after_minutes=pending, offline_after_minutes=offline),
    )


async def set_company(acting: Acting, station_id: str, entity_id: EntityId) -> Editable:
    """Whose it is; MissingRight without the right to stations of that company, too."""

    def change(uow: UnitOfWork, who: Authority, found: Station) -> Station:
        if entity_id is not None and who.tree.get(entity_id) is None:
            raise Refusal("station.no_company")
        who.need(Right.STATIONS, entity_id)
        return replace(found, entity_id=entity_id)

    return await change_station(acting, station_id, change)


async def set_location(acting: Acting, station_id: str, location_id: str) -> Editable:
    """Where it stands; Refusal where that is no location which the person may choose."""

    def change(uow: UnitOfWork, who: Authority, found: Station) -> Station:
        if location_id not in {each.id for each in open_locations(uow, acting, who)}:
            raise Refusal("station.no_location")
        return replace(found, location_id=location_id)

    return await change_station(acting, station_id, change)


def checked_evse_id(text: str) -> str:
    """The EVSE ID as it is printed; Refusal for what is none, and for the ID of a whole station or pool."""
    printed = normalise(text)
    parsed = parse(printed)
    if parsed is None or parsed.kind in {EvseIdKind.POOL, EvseIdKind.STATION}:
        raise Refusal("evse.not_one", given=printed[:60] or "–")
    return parsed.text


def checked_power(text: str) -> float:
    """Power in kW, with a comma or a point; Refusal where it is none that a charging point could have."""
    try:
        power = float(text.casefold().replace("kw", "").strip().replace(",", "."))
    except ValueError:
        raise Refusal("evse.power", given=text[:40]) from None
    if not 0 < power <= MOST_POWER_KW:
        raise Refusal("evse.power", given=text[:40])
    return power


def checked_text(text: str, what: str) -> str:
    """A text on one line, without white space around it; Refusal `<what>` where there is none or it is too long."""
    words = " ".join(text.split())
    if not words or len(words) > LONGEST_TEXT:
        raise Refusal(what)
    return words


def checked_directions(text: str) -> str:
    """What technicians read on their way; Refusal where it is empty or too long."""
    words = text.strip()
    if not words or len(words) > LONGEST_DIRECTIONS:
        raise Refusal("station.directions", most=str(LONGEST_DIRECTIONS))
    return words


def checked_minutes(pending: int, offline: int) -> tuple[int, int]:
    """Refusal where these are no times after which a station could count as pending and as offline."""
    if not 0 < pending <= offline <= MOST_MINUTES:
        raise Refusal("station.minutes", most=str(MOST_MINUTES))
    return pending, offline


def check_no_case(uow: UnitOfWork, evse_ids: Iterable[str]) -> None:
    """Refusal where a case is open about one of these: it would no longer be known where it is."""
    for each in sorted(evse_ids):
        cases = uow.cases.open_on(each)
        if cases:
            raise Refusal("evse.in_case", evse=each, number=str(cases[0].id))


def open_locations(uow: UnitOfWork, acting: Acting, who: Authority) -> list[Location]:
    """The locations that the person may choose: those of stations which they may change, and those without any."""
    reach = who.need_somewhere(Right.STATIONS)
    taken = uow.station_list.companies_by_location(acting.operator_id)
    known = uow.operators.locations(acting.operator_id)
    free = [each for each in known if each.id not in taken or taken[each.id].keys() & reach]
    return sorted(free, key=lambda each: (each.name.casefold(), each.id))


def note_station(uow: UnitOfWork, acting: Acting, before: Station | None, after: Station) -> None:
    """Adds to the audit log what has changed; nothing where it is the same."""
    old, new = changed({} if before is None else fields_of(before), fields_of(after))
    if old or new:
        act = "station.created" if before is None else "station.changed"
        acting.note(uow, act, after.id, None if before is None else old, new)


def put_station(uow: UnitOfWork, station: Station) -> None:
    """Enters the station with the forms of its EVSE IDs by which they are found."""
    uow.operators.put_station(station, {each.evse_id: compact(each.evse_id) for each in station.evses})


def fields_of(station: Station) -> Fields:
    """What an admin can change of a station, by names that the audit log shows."""
    fields: Mapping[str, object] = {
        "location": station.location_id,
        "company": station.entity_id,
        "directions": station.directions,
        "pending_after_minutes": station.pending_after_minutes,
        "offline_after_minutes": station.offline_after_minutes,
    }
    points = {
        f"connector {each.connector}": f"{each.evse_id}, {each.type}, {each.power_kw:g} kW"
        for each in station.evses
    }
    return {**fields, **points}


async def _change(
    acting: Acting, station_id: str, change: Callable[[UnitOfWork, Station], Station]
) -> Editable:
    return await change_station(acting, station_id, lambda uow, _who, found: change(uow, found))


async def change_station(acting: Acting, station_id: str, change: Change) -> Editable:
    """Changes a station that nobody else changes meanwhile, and notes it; MissingRight without the right to it."""

    def work(uow: UnitOfWork, who: Authority) -> Editable:
        uow.station_list.hold([station_id])
        before = _held(uow, acting, who, station_id)
        after = change(uow, who, before)
        if after != before:
            put_station(uow, after)
            note_station(uow, acting, before, after)
        return _editable(uow, acting, after)

    return await acting.commit(work)


def _held(uow: UnitOfWork, acting: Acting, who: Authority, station_id: str) -> Station:
    """The station; MissingRight without the right to stations at all, before anything is told of this one."""
    if not who.reach(Right.STATIONS):
        raise MissingRight(Right.STATIONS)
    return reached(uow, acting, who, station_id, Right.STATIONS)


def _editable(uow: UnitOfWork, acting: Acting, found: Station) -> Editable:
    told = {each.state.connector: each for each in uow.station_sheet.present(found.id)}
    tree = uow.staff.tree(acting.operator_id)
    company = None if found.entity_id is None else tree.get(found.entity_id)
    return Editable(found, location_of(uow, found), points_of(found, told), company, acting.operator(uow))


def _check_free(uow: UnitOfWork, found: Station, wanted: Evse) -> None:
    """Refusal where another charging point of this instance has the ID, without a word of whose it is."""
    form = compact(wanted.evse_id)
    here = {each.evse_id for each in found.evses if each.connector == wanted.connector}
    holders = uow.station_list.holders([wanted.evse_id], [form])
    if any(each.evse_id not in here for each in holders):
        raise Refusal("evse.taken", evse=wanted.evse_id)
    if not 0 < wanted.connector <= MOST_CONNECTORS:
        raise Refusal("evse.connector", most=str(MOST_CONNECTORS))
