"""Requests to release a cost, as those who may do it see and decide them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain.privacy import name_for
from bot.domain.refusal import Refusal
from bot.domain.rights import Authority, EntityId, Right
from bot.domain.service import ReleaseRequest, ReleaseState
from bot.operations import service_news as news
from bot.operations.acting import Acting
from bot.operations.service import carry_out, still_off
from storage.repositories.service import Served
from storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Request:
    """A request with its stations and the names of the people in it, as the reader may see them.

    `outdated` says that releasing it would do something else by now than what was asked for, or nothing.
    """

    id: int
    stations: tuple[Served, ...]
    price: Decimal
    currency: str
    requested_by: str
    requested_at: datetime
    state: ReleaseState
    decided_by: str | None
    decided_at: datetime | None
    outdated: bool

    @property
    def total(self) -> Decimal:
        """What it costs per month."""
        return self.price * len(self.stations)


@dataclass(frozen=True, slots=True)
class Decided:
    """What has become of a request; `before` says that it had been decided by then, so that nothing was done."""

    request: Request
    before: bool


async def pending(acting: Acting) -> list[Request]:
    """The open requests that the person can decide, the oldest first."""

    def read(uow: UnitOfWork, who: Authority) -> list[Request]:
        reach = who.need_somewhere(Right.COST_RELEASE)
        found = []
        for request in uow.service.asked(acting.operator_id):
            stations = _stations(uow, request)
            if stations and {each.entity_id for each in stations} <= reach:
                found.append(_shown(uow, acting, who, request, stations))
        return found

    return await acting.read(read)


async def one(acting: Acting, request_id: int) -> Request:
    """A request, open or decided; MissingRight where its stations are out of the person's reach."""

    def read(uow: UnitOfWork, who: Authority) -> Request:
        request, stations = _theirs(uow, acting, who, request_id)
        return _shown(uow, acting, who, request, stations)

    return await acting.read(read)


async def decide(acting: Acting, request_id: int, *, release: bool) -> Decided:
    """Releases the cost, which activates the stations, or refuses it. A request is decided once.

    One that is outdated ends as such, whatever is said to it. MissingRight where its stations are out of reach.
    """

    def work(uow: UnitOfWork, who: Authority) -> Decided:
        request, stations = _theirs(uow, acting, who, request_id)
        uow.service.hold(request.station_ids)
        off = still_off(uow, request)
        state = ReleaseState.RELEASED if release else ReleaseState.REFUSED
        if _outdated(uow, acting, request, off):
            state = ReleaseState.GONE
        before = not uow.service.decide(request.id, state, acting.person.id, acting.now)
        if not before:
            after = {"state": state.value, "stations": list(request.station_ids)}
            acting.note(uow, "release.decided", f"#{request.id}", {"state": request.state.value}, after)
            if state is ReleaseState.RELEASED:
                carry_out(uow, acting, off, active=True, requested_by=request.requested_by)
            else:
                news.decided(uow, acting, request, state)
        current = uow.service.request(request.id) or request
        return Decided(_shown(uow, acting, who, current, stations), before)

    return await acting.commit(work)


def _theirs(
    uow: UnitOfWork, acting: Acting, who: Authority, request_id: int
) -> tuple[ReleaseRequest, tuple[Served, ...]]:
    who.need_somewhere(Right.COST_RELEASE)
    request = uow.service.request(request_id)
    if request is None or request.operator_id != acting.operator_id:
        raise Refusal("release.unknown")
    stations = _stations(uow, request)
    for entity in {each.entity_id for each in stations}:
        who.need(Right.COST_RELEASE, entity)
    return request, stations


def _stations(uow: UnitOfWork, request: ReleaseRequest) -> tuple[Served, ...]:
    wanted = set(request.station_ids)
    return tuple(each for each in uow.service.all(request.operator_id) if each.id in wanted)


def _outdated(uow: UnitOfWork, acting: Acting, request: ReleaseRequest, off: Sequence[Served]) -> bool:
    """Whether the price is another one, all is active already, or who asked may not ask any more."""
    operator = acting.operator(uow)
    terms = (operator.price_per_station_month, operator.currency)
    asker = uow.staff.authority(operator.id, request.requested_by)
    may_ask = all(asker.may(Right.OPERATIONS_TAB, each.entity_id) for each in off)
    return not off or terms != (request.price, request.currency) or not may_ask


def _shown(
    uow: UnitOfWork,
    acting: Acting,
    who: Authority,
    request: ReleaseRequest,
    stations: tuple[Served, ...],
) -> Request:
    asked = request.state is ReleaseState.ASKED
    return Request(
        request.id,
        stations,
        request.price,
        request.currency,
        _name(uow, who, request.requested_by) or "–",
        request.requested_at,
        request.state,
        _name(uow, who, request.decided_by),
        request.decided_at,
        asked and _outdated(uow, acting, request, still_off(uow, request)),
    )


def _name(uow: UnitOfWork, who: Authority, person_id: int | None) -> str | None:
    known = None if person_id is None else uow.staff.get(who.operator_id, person_id)
    if known is None:
        return None
    entity: EntityId = known.entity_id
    return known.name if known.person_id == who.person_id else name_for(who, known.name, entity)
