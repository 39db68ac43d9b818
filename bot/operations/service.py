"""The service of stations: what it would cost, switching it on and off, and asking for the release of its cost."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.domain.billing import Month
from bot.domain.operator import Operator, Station
from bot.domain.privacy import name_for
from bot.domain.rights import Authority, EntityId, MissingRight, Right
from bot.domain.service import Cause, ReleaseRequest, ReleaseState, ServiceChange
from bot.operations import service_news as news
from bot.operations.acting import Acting
from bot.operations.service_known import reached, waiting
from storage.repositories.audit import Act
from storage.repositories.service import Served
from storage.repositories.staff import Colleague
from storage.uow import UnitOfWork

Ended = Callable[[UnitOfWork, Sequence[Station]], None]
"""What follows, in the same transaction, when the service of stations has ended."""


@dataclass(frozen=True, slots=True)
class Quote:
    """What switching stations on or off means, before anything is done.

    `now` are switched by the person's own word, `to_ask` wait for somebody who may release their cost. `approvers`
    names who can; `cases` counts the open cases that an end would hand over.
    """

    active: bool
    now: tuple[Served, ...]
    to_ask: tuple[Served, ...]
    waiting: tuple[str, ...]
    """Stations whose release somebody has asked for already."""
    already: tuple[str, ...]
    gone: int
    """How many of those that were chosen are out of reach by now."""
    price: Decimal
    currency: str
    month: Month
    approvers: tuple[str, ...] = ()
    cases: int = 0
    changed: bool = False
    """It is not the one that the person has confirmed."""

    @property
    def stations(self) -> tuple[Served, ...]:
        """All that would be switched, sooner or later."""
        return tuple(sorted((*self.now, *self.to_ask), key=lambda station: station.id))

    @property
    def unmarked(self) -> tuple[str, ...]:
        """Those of them on which no EVSE ID stands, so that drivers cannot name them."""
        return tuple(station.id for station in self.stations if not station.evse_ids)

    @property
    def seal(self) -> str:
        """A few characters that change with what is confirmed: stations, price, currency, month, who decides."""
        asked = {station.id for station in self.to_ask}
        parts = [f"{self.active}", f"{self.price}", self.currency, str(self.month)]
        parts += [f"{station.id}\t{station.id in asked}" for station in self.stations]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Switched:
    """The service went on or off at `now`; for `asked` the release of its cost was asked of `approvers`."""

    active: bool
    now: tuple[Served, ...]
    asked: tuple[Served, ...]
    approvers: tuple[str, ...]
    price: Decimal
    currency: str
    month: Month
    cases: int
    mail: str | None
    """The address of the person that acted, to which the confirmation goes; None where none is known."""


async def quote(acting: Acting, station_ids: Collection[str], *, active: bool) -> Quote:
    """What it would mean; MissingRight where nobody at all could release the cost."""
    return await acting.read(lambda uow, who: _quote(uow, acting, who, station_ids, active=active))


async def switch(
    acting: Acting, station_ids: Collection[str], seal: str, ended: Ended, *, active: bool
) -> Switched | Quote:
    """Does what was confirmed; where it would mean anything else by now, nothing, and the new quote is returned."""

    def work(uow: UnitOfWork, who: Authority) -> Switched | Quote:
        uow.service.hold(station_ids)
        found = _quote(uow, acting, who, station_ids, active=active)
        if found.seal != seal or not found.stations:
            return replace(found, changed=True)
        me = uow.staff.get(acting.operator_id, acting.person.id)
        if found.now:
            by = acting.person.id
            carry_out(uow, acting, found.now, active=active, requested_by=by)
            if not active:
                ended(uow, _stations(uow, found.now))
        _ask(uow, acting, found)
        return Switched(
            active,
            found.now,
            found.to_ask,
            found.approvers,
            found.price,
            found.currency,
            found.month,
            found.cases,
            None if me is None else me.email,
        )

    return await acting.commit(work)


def carry_out(
    uow: UnitOfWork, acting: Acting, stations: Sequence[Served], *, active: bool, requested_by: int
) -> None:
    """Switches stations within a transaction, notes it, and confirms it to who wanted it and who released it.

    Rights, and whether they are not so already, are the caller's to check.
    """
    operator = acting.operator(uow)
    price, currency = operator.price_per_station_month, operator.currency
    released_by = acting.person.id if active else None
    kept = {
        "service": active,
        "price": str(price),
        "currency": currency,
        "requested_by": requested_by,
        "released_by": released_by,
    }
    act, was = ("service.activated" if active else "service.ended"), {"service": not active}
    changes = [
        ServiceChange(each.id, acting.now, active, price, currency, Cause.ADMIN, requested_by, released_by)
        for each in stations
    ]
    # All in a few statements: while it lasts, nothing that stations tell can be kept on SQLite.
    uow.service.switch(operator.id, *changes)
    uow.audit.note(
        operator.id, *(Act(acting.now, acting.person.id, act, each.id, was, kept) for each in stations)
    )
    news.confirm(uow, acting, operator, stations, news.Who(requested_by, active=active))
    if active:
        _overtaken(uow, acting)


def approvers(uow: UnitOfWork, operator_id: str, entities: Iterable[EntityId]) -> list[Colleague]:
    """Those who may release costs for all of these companies."""
    wanted = set(entities)
    able = {entity: uow.staff.who_may(operator_id, Right.COST_RELEASE, entity) for entity in wanted}
    first = next(iter(able.values()), [])
    return [each for each in first if all(each in others for others in able.values())]


def still_off(uow: UnitOfWork, request: ReleaseRequest) -> tuple[Served, ...]:
    """The stations of a request whose service is not on."""
    wanted = set(request.station_ids)
    return tuple(
        each for each in uow.service.all(request.operator_id) if each.id in wanted and not each.active
    )


def _quote(
    uow: UnitOfWork, acting: Acting, who: Authority, station_ids: Collection[str], *, active: bool
) -> Quote:
    operator, wanted = acting.operator(uow), set(station_ids)
    chosen = [each for each in reached(uow, who) if each.id in wanted]
    free = [each for each in chosen if each.active is not active]
    asked = waiting(uow, acting.operator_id) if active else set()
    own = who.reach(Right.COST_RELEASE)
    now = [each for each in free if not active or each.entity_id in own]
    others = [each for each in free if active and each.entity_id not in own]
    to_ask = [each for each in others if each.id not in asked]
    return Quote(
        active,
        tuple(now),
        tuple(to_ask),
        tuple(each.id for each in others if each.id in asked),
        tuple(each.id for each in chosen if each.active is active),
        len(wanted) - len(chosen),
        operator.price_per_station_month,
        operator.currency,
        Month.of(acting.now, operator.time_zone),
        _asked_of(uow, who, operator, to_ask),
        0 if active else len(uow.cases.open_at_stations([each.id for each in free])),
    )


def _asked_of(
    uow: UnitOfWork, who: Authority, operator: Operator, stations: Sequence[Served]
) -> tuple[str, ...]:
    """The names of those who are asked; MissingRight where there is a company for which nobody can be."""
    names: dict[str, None] = {}
    for entity in {each.entity_id for each in stations}:
        able = approvers(uow, operator.id, [entity])
        if not able:
            raise MissingRight(Right.COST_RELEASE)
        names |= dict.fromkeys(name_for(who, each.name, each.entity_id) for each in able)
    return tuple(names)


def _ask(uow: UnitOfWork, acting: Acting, found: Quote) -> None:
    """Asks for the release, one request for each company, as different people may have to decide."""
    by_company: dict[EntityId, list[Served]] = {}
    for station in found.to_ask:
        by_company.setdefault(station.entity_id, []).append(station)
    for entity, stations in by_company.items():
        request = ReleaseRequest(
            0,
            acting.operator_id,
            tuple(each.id for each in stations),
            found.price,
            found.currency,
            acting.person.id,
            acting.now,
        )
        number = uow.service.ask(request)
        after = {
            "stations": list(request.station_ids),
            "price": str(found.price),
            "currency": found.currency,
        }
        acting.note(uow, "release.asked", f"#{number}", None, after)
        able = approvers(uow, acting.operator_id, [entity])
        news.wanted(uow, acting, replace(request, id=number), stations, able)


def _overtaken(uow: UnitOfWork, acting: Acting) -> None:
    """Requests of which nothing is left to release end by themselves; those who asked are told."""
    for request in uow.service.asked(acting.operator_id):
        if not still_off(uow, request):
            uow.service.decide(request.id, ReleaseState.GONE, acting.person.id, acting.now)
            news.decided(uow, acting, request, ReleaseState.GONE)


def _stations(uow: UnitOfWork, served: Iterable[Served]) -> list[Station]:
    return [station for each in served if (station := uow.operators.station(each.id)) is not None]
