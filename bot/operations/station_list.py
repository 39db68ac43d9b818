"""The station list: which stations an admin may see, searched, filtered and cut into pages."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.capability import Source
from bot.domain.condition import Condition, condition
from bot.domain.operator import Location, Operator, Station
from bot.domain.reachability import Reachability, patience_with, reachability
from bot.domain.rights import Authority, Right
from bot.operations.acting import Acting
from storage.repositories.station_list import Seen, StationRow, Wanted
from storage.uow import UnitOfWork

PAGE = 8
Reaches = Callable[[str], bool]
"""Whether a back end can reach a station of that ID at present."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A station in the list."""

    station_id: str
    location: Location
    condition: Condition
    reachability: Reachability
    service_active: bool


@dataclass(frozen=True, slots=True)
class StationPage:
    """A page of the list; `number` counts from 0. `location` is that of the filter, where one is set."""

    stations: tuple[Listed, ...]
    total: int
    number: int
    pages: int
    wanted: Wanted
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """Locations to choose from, each with the number of its stations that the person may see."""

    locations: tuple[tuple[Location, int], ...]
    wanted: Wanted


async def page(acting: Acting, wanted: Wanted, number: int, reaches: Reaches) -> StationPage:
    """The page of that number; the last one where there are fewer. MissingRight without the station list."""

    def work(uow: UnitOfWork, who: Authority) -> StationPage:
        seen = seen_by(uow, acting, who, wanted, reaches)
        total = uow.station_list.count(seen, wanted)
        pages = max(-(-total // PAGE), 1)
        here = min(max(number, 0), pages - 1)
        rows = uow.station_list.rows(seen, wanted, most=PAGE, skip=here * PAGE)
        return StationPage(
            tuple(_listed(row, seen.operator, acting.now, reaches) for row in rows),
            total,
            here,
            pages,
            wanted,
            _location(uow, acting, wanted),
        )

    return await acting.read(work)


async def places(acting: Acting, wanted: Wanted) -> Places:
    """The locations by which the list may be filtered."""

    def work(uow: UnitOfWork, who: Authority) -> Places:
        reach = who.need_somewhere(Right.STATION_LIST)
        return Places(tuple(uow.station_list.locations(acting.operator_id, reach)), wanted)

    return await acting.read(work)


def seen_by(uow: UnitOfWork, acting: Acting, who: Authority, wanted: Wanted, reaches: Reaches) -> Seen:
    """What the person sees of the list; MissingRight without it."""
    reach = who.need_somewhere(Right.STATION_LIST)
    seen = Seen(acting.operator(uow), reach, acting.now)
    if wanted.condition is None:
        return seen
    told = uow.station_list.told_by_back_end(acting.operator_id)
    return replace(seen, lost=frozenset(each for each in told if not reaches(each)))


def reachable(  # A station and its contact, seen at a moment.
    station: Station,
    operator: Operator,
    last_heard: datetime | None,
    protocol: str | None,
    now: datetime,
    reaches: Reaches,
) -> Reachability:
    """How a station is in contact with us.

    A back end has no heartbeat of its stations: it tells what has changed, and which of them it has lost.
    """
    if protocol == Source.OCPI:
        return Reachability.ONLINE if reaches(station.id) else Reachability.OFFLINE
    return reachability(last_heard, now, patience_with(station, operator))


def _listed(row: StationRow, operator: Operator, now: datetime, reaches: Reaches) -> Listed:
    reach = reachable(row.station, operator, row.last_heard, row.protocol, now, reaches)
    state = condition(reach, row.statuses)
    return Listed(row.station.id, row.location, state, reach, row.station.service_active)


def _location(uow: UnitOfWork, acting: Acting, wanted: Wanted) -> Location | None:
    """The location of the filter."""
    if wanted.location_id is None:
        return None
    known = uow.operators.locations(acting.operator_id)
    return next((each for each in known if each.id == wanted.location_id), None)
