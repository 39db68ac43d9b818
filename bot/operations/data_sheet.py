"""A station's data sheet: what is known of a station, in parts, each for those who hold its right."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.domain.case import Case
from bot.domain.condition import Condition, condition
from bot.domain.evse_id import lookup_keys
from bot.domain.operator import Evse, Location, Operator, Station
from bot.domain.privacy import name_for
from bot.domain.reachability import Patience, Reachability, patience_with
from bot.domain.refusal import Refusal
from bot.domain.rights import Authority, Right
from bot.domain.service import ServiceChange
from bot.domain.status import ConnectorStatus
from bot.operations.acting import Acting
from bot.operations.station_list import Reaches, reachable
from storage.repositories.station_list import Seen, Wanted
from storage.repositories.station_sheet import Make, Sessions, Told
from storage.uow import UnitOfWork

ERRORS_REACH_BACK = timedelta(days=30)
HISTORY_REACHES_BACK = timedelta(days=30)
MOST_CASES = 5
MOST_CHANGES = 4
NO_ERROR = frozenset({None, "", "NoError"})
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above every tab. `rights` are those that the person holds for this station."""

    station: Station
    location: Location
    condition: Condition
    reachability: Reachability
    last_heard: datetime | None
    rights: frozenset[Right]
    at: datetime


@dataclass(frozen=True, slots=True)
class General:
    """The tab of that name. `company` is None for the operator itself."""

    head: Head
    make: Make
    company: str | None
    operator: Operator
    patience: Patience


@dataclass(frozen=True, slots=True)
class Point:
    """A charging point: its EVSE, None where the connector has no EVSE ID; and its status, None where none was told."""

    connector: int
    evse: Evse | None
    told: Told | None


@dataclass(frozen=True, slots=True)
class Points:
    """The charging points of a station, by connector; `whole` is what it told of itself as a whole."""

    points: tuple[Point, ...]
    whole: Told | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Errors:
    """Faults that hold, and those of the past days, the newest first."""

    present: tuple[Told, ...]
    past: tuple[Told, ...]
    zone: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case of the station; `agent` is the name as the reader may see it."""

    case: Case
    agent: str


@dataclass(frozen=True, slots=True)
class SwitchLine:
    """The service went on or off; `who` is the name as the reader may see it, None where no person did it."""

    change: ServiceChange
    who: str | None


@dataclass(frozen=True, slots=True)
class LinkLine:
    """A coming or going of the station's connection, or a start of the station: `connected`, `disconnected`, `boot`."""

    at: datetime
    what: str


@dataclass(frozen=True, slots=True)
class History:
    """A day of a station, and the latest of what is not told by days. `day` is one of the operator's time zone."""

    day: date
    intervals: tuple[Told, ...]
    links: tuple[LinkLine, ...]
    sessions: Sessions
    lately: Sessions
    cases: tuple[CaseLine, ...]
    switches: tuple[SwitchLine, ...]
    earlier: bool
    """Whether an earlier day can be shown."""
    later: bool
    zone: str


@dataclass(frozen=True, slots=True)
class Several:
    """More than one station may be meant."""

    words: str


async def station_ids(acting: Acting) -> list[str]:
    """The IDs of all stations that the person may see; MissingRight without the station list."""

    def work(uow: UnitOfWork, who: Authority) -> list[str]:
        reach = who.need_somewhere(Right.STATION_LIST)
        return uow.station_list.ids(Seen(acting.operator(uow), reach, acting.now), Wanted())

    return await acting.read(work)


async def station(acting: Acting, station_id: str, right: Right = Right.STATION_LIST) -> Station:
    """The station of that ID; see `reached`."""
    return await acting.read(lambda uow, who: reached(uow, acting, who, station_id, right))


def reached(uow: UnitOfWork, acting: Acting, who: Authority, station_id: str, right: Right) -> Station:
    """The station, for which the person holds the right; MissingRight where they do not.

    Refusal `station.gone` where they may not even see it: it is then as if there were no such station.
    """
    seen = who.need_somewhere(Right.STATION_LIST)
    found = uow.operators.station(station_id)
    if found is None or found.operator_id != acting.operator_id or found.entity_id not in seen:
        raise Refusal("station.gone")
    who.need(right, found.entity_id)
    return found


async def find(acting: Acting, words: str) -> Station | Several:
    """The station that somebody names by its ID or by one of its EVSE IDs.

    Where the words are a part of the name of one station only, it is that one. Refusal where there is none.
    """

    def work(uow: UnitOfWork, who: Authority) -> Station | Several:
        reach = who.need_somewhere(Right.STATION_LIST)
        seen = Seen(acting.operator(uow), reach, acting.now)
        ids = uow.station_list.ids(seen, Wanted(words))
        exact = [each for each in ids if each.casefold() == words.casefold()]
        if not exact:
            exact = sorted(_of_evse(uow, words) & set(ids))
        meant = exact or ids
        if not meant:
            raise Refusal("station.unknown", words=words)
        if len(meant) > 1:
            return Several(words)
        return reached(uow, acting, who, meant[0], Right.STATION_LIST)

    return await acting.read(work)


async def head(acting: Acting, station_id: str, reaches: Reaches) -> Head:
    """What stands above every tab; Refusal where the person may not see the station."""
    return await acting.read(lambda uow, who: _head(uow, acting, who, station_id, reaches))


async def general(acting: Acting, station_id: str, reaches: Reaches) -> General:
    """The tab "General"."""

    def work(uow: UnitOfWork, who: Authority) -> General:
        above = _head(uow, acting, who, station_id, reaches)
        entity = above.station.entity_id
        company = None if entity is None else who.tree.get(entity)
        operator = acting.operator(uow)
        return General(
            above,
            _make(uow, station_id),
            entity if company is None else company.name,
            operator,
            patience_with(above.station, operator),
        )

    return await acting.read(work)


async def points(acting: Acting, station_id: str) -> Points:
    """The tab "Charging points"."""

    def work(uow: UnitOfWork, found: Station) -> Points:
        told = {each.state.connector: each for each in uow.station_sheet.present(station_id)}
        return Points(points_of(found, told), told.get(0), acting.now)

    return await _read(acting, station_id, Right.STATION_LIST, work)


async def errors(acting: Acting, station_id: str) -> Errors:
    """The tab "Errors"; MissingRight without its right."""

    def work(uow: UnitOfWork, _found: Station) -> Errors:
        past = uow.station_sheet.past(station_id, acting.now - ERRORS_REACH_BACK)
        return Errors(
            tuple(each for each in uow.station_sheet.present(station_id) if in_error(each)),
            tuple(each for each in past if each.until is not None and in_error(each)),
            acting.operator(uow).time_zone,
            acting.now,
        )

    return await _read(acting, station_id, Right.ERRORS, work)


async def history(acting: Acting, station_id: str, day: date | None = None) -> History:
    """The tab "History" at a day, today where none is given; MissingRight without its right."""

    def work(uow: UnitOfWork, who: Authority) -> History:
        found = reached(uow, acting, who, station_id, Right.HISTORY)
        zone = acting.operator(uow).time_zone
        today = acting.now.astimezone(ZoneInfo(zone)).date()
        first = today - HISTORY_REACHES_BACK
        shown = min(max(day or today, first), today)
        start, end = _midnight(shown, zone), _midnight(shown + timedelta(days=1), zone)
        begun = _midnight(first, zone)
        told = uow.station_sheet.past(station_id, begun)
        told += [each for each in uow.station_sheet.present(station_id) if each.state.since < begun]
        return History(
            shown,
            tuple(each for each in told if each.state.since < end and (each.until or acting.now) > start),
            tuple(LinkLine(at, what) for at, what in uow.station_sheet.links(station_id, start, end)),
            uow.station_sheet.sessions(station_id, start, end),
            uow.station_sheet.sessions(station_id, begun, acting.now),
            tuple(_cases(uow, who, found)),
            tuple(_switches(uow, acting, who, found)),
            shown > first,
            shown < today,
            zone,
        )

    return await acting.read(work)


def points_of(found: Station, told: dict[int, Told]) -> tuple[Point, ...]:
    """The charging points of a station: those that have an EVSE ID, and those that it told of."""
    by_connector = {evse.connector: evse for evse in found.evses}
    numbers = sorted((by_connector.keys() | told.keys()) - {0})
    return tuple(Point(number, by_connector.get(number), told.get(number)) for number in numbers)


def in_error(told: Told) -> bool:
    """Whether it is a fault, or a warning that a station gave beside another status."""
    return told.state.status is ConnectorStatus.FAULTED or told.state.error_code not in NO_ERROR


async def _read(acting: Acting, station_id: str, right: Right, work: Callable[[UnitOfWork, Station], T]) -> T:
    return await acting.read(lambda uow, who: work(uow, reached(uow, acting, who, station_id, right)))


def _head(uow: UnitOfWork, acting: Acting, who: Authority, station_id: str, reaches: Reaches) -> Head:
    found = reached(uow, acting, who, station_id, Right.STATION_LIST)
    make = _make(uow, station_id)
    reach = reachable(found, acting.operator(uow), make.last_heard, make.protocol, acting.now, reaches)
    statuses = [each.state.status for each in uow.station_sheet.present(station_id)]
    return Head(
        found,
        location_of(uow, found),
        condition(reach, statuses),
        reach,
        make.last_heard,
        frozenset(right for right in Right if who.may(right, found.entity_id)),
        acting.now,
    )


def location_of(uow: UnitOfWork, found: Station) -> Location:
    """Where a station stands; Refusal where its location is gone meanwhile."""
    known = uow.operators.locations(found.operator_id)
    location = next((each for each in known if each.id == found.location_id), None)
    if location is None:
        raise Refusal("station.gone")
    return location


def _make(uow: UnitOfWork, station_id: str) -> Make:
    make = uow.station_sheet.make(station_id)
    if make is None:
        raise Refusal("station.gone")
    return make


def _of_evse(uow: UnitOfWork, words: str) -> set[str]:
    keys = lookup_keys(words)
    return {each.station_id for each in uow.station_list.holders(keys, keys)}


def _cases(uow: UnitOfWork, who: Authority, found: Station) -> Sequence[CaseLine]:
    lines = []
    for case in uow.station_sheet.cases(found.id, most=MOST_CASES):
        agent = "" if case.agent_id is None else uow.people.get(case.agent_id).name
        lines.append(CaseLine(case, name_for(who, agent, found.entity_id) if agent else ""))
    return lines


def _switches(uow: UnitOfWork, acting: Acting, who: Authority, found: Station) -> Sequence[SwitchLine]:
    names = {each.person_id: each.name for each in uow.staff.all(acting.operator_id)}
    lines = []
    for change in uow.service.changes_of(found.id, most=MOST_CHANGES):
        person = change.released_by or change.requested_by
        name = None if person is None else names.get(person)
        lines.append(SwitchLine(change, None if name is None else name_for(who, name, found.entity_id)))
    return lines


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))
