"""What is known of the service of stations: what can be chosen, what a list names, and the history of one."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.evse_id import compact
from bot.domain.privacy import name_for
from bot.domain.refusal import Refusal
from bot.domain.rights import Authority, Right
from bot.domain.service import ServiceChange
from bot.operations.acting import Acting
from storage.repositories.service import Served
from storage.uow import UnitOfWork

_BETWEEN = re.compile(r"[\s,;|]+")
_HISTORY = 50


@dataclass(frozen=True, slots=True)
class Choice:
    """What the person can switch: the stations that are off, or those that are on, and how many are chosen."""

    active: bool
    stations: tuple[Served, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """The stations that a text names, and the words in it that name none."""

    station_ids: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """A change of a station's service, with the names of who wanted it and who released its cost."""

    change: ServiceChange
    requested_by: str | None
    released_by: str | None


@dataclass(frozen=True, slots=True)
class Tab:
    """What the data sheet tells of a station's service; `past` has the latest change first."""

    station: Served
    past: tuple[Past, ...]
    price: Decimal
    currency: str
    waiting: bool
    """The release of its cost has been asked for."""


async def choice(acting: Acting, *, active: bool) -> Choice:
    """The stations of the person's companies that can be switched on (`active`) or off."""

    def read(uow: UnitOfWork, who: Authority) -> Choice:
        return Choice(active, tuple(each for each in reached(uow, who) if each.active is not active))

    return await acting.read(read)


async def find(acting: Acting, words: str) -> Named:
    """Stations by their IDs or by those of their EVSEs, one below the other or separated by anything else."""
    return await acting.read(lambda uow, who: _named(reached(uow, who), words))


async def tab(acting: Acting, station_id: str) -> Tab:
    """The service of a station, its price and its history; `station.gone` for one that is out of reach."""

    def read(uow: UnitOfWork, who: Authority) -> Tab:
        operator = acting.operator(uow)
        station = next((each for each in reached(uow, who) if each.id == station_id), None)
        if station is None:
            raise Refusal("station.gone")
        changes = uow.service.changes_of(station_id, most=_HISTORY)
        current = changes[0] if changes and station.active else None
        return Tab(
            station,
            _past(uow, who, changes),
            operator.price_per_station_month if current is None else _running_price(changes),
            operator.currency if current is None else current.currency,
            station_id in waiting(uow, acting.operator_id),
        )

    return await acting.read(read)


def reached(uow: UnitOfWork, who: Authority) -> list[Served]:
    """The stations of the companies whose service the person may see; MissingRight where there are none."""
    reach = who.need_somewhere(Right.OPERATIONS_TAB)
    return [each for each in uow.service.all(who.operator_id) if each.entity_id in reach]


def waiting(uow: UnitOfWork, operator_id: str) -> set[str]:
    """The stations for which the release of the cost has been asked for."""
    return {each for request in uow.service.asked(operator_id) for each in request.station_ids}


def _named(reached: Iterable[Served], words: str) -> Named:
    by_name: dict[str, str] = {}
    for station in reached:
        for evse_id in station.evse_ids:
            by_name.setdefault(_key(evse_id), station.id)
            by_name.setdefault(evse_id.casefold(), station.id)
        by_name[station.id.casefold()] = station.id
    found: dict[str, None] = {}
    unknown: dict[str, None] = {}
    for line in words.splitlines():
        # A station's ID may hold spaces, so that a whole line is looked up first.
        whole = line.strip()
        parts = [whole] if whole.casefold() in by_name else filter(None, _BETWEEN.split(whole))
        for part in parts:
            station_id = by_name.get(part.casefold()) or by_name.get(_key(part))
            if station_id is None:
                unknown[part] = None
            else:
                found[station_id] = None
    return Named(tuple(found), tuple(unknown))


def _key(evse_id: str) -> str:
    return compact(evse_id).casefold()


def _past(uow: UnitOfWork, who: Authority, changes: Iterable[ServiceChange]) -> tuple[Past, ...]:
    people = {each.person_id: each for each in uow.staff.all(who.operator_id)}

    def name(person_id: int | None) -> str | None:
        known = None if person_id is None else people.get(person_id)
        return None if known is None else name_for(who, known.name, known.entity_id)

    return tuple(Past(each, name(each.requested_by), name(each.released_by)) for each in changes)


def _running_price(changes: Sequence[ServiceChange]) -> Decimal:
    """The price of the activation that still holds: to switch on what is on already does not change it."""
    running = changes[0]
    for each in changes:
        if not each.active:
            break
        running = each
    return running.price
