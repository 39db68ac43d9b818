"""What people learn of the service of stations: requests, their outcomes, and confirmations by chat and e-mail."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.operator import Operator
from bot.domain.outgoing import Param
from bot.domain.privacy import name_for
from bot.domain.service import ReleaseRequest, ReleaseState
from bot.operations.acting import Acting
from bot.operations.telling import mail_admin, tell_admin
from storage.repositories.service import Served
from storage.repositories.staff import Colleague
from storage.uow import UnitOfWork

NAMED = 5
"""Stations that a message names; an e-mail names many more."""
MOST_IN_A_MAIL = 300


@dataclass(frozen=True, slots=True)
class Who:
    """Who wanted the service of stations switched, and to what."""

    requested_by: int
    active: bool


def confirm(
    uow: UnitOfWork, acting: Acting, operator: Operator, stations: Sequence[Served], who: Who
) -> None:
    """Confirms it by e-mail to who wanted it and to who did it; the former also by chat where they are two.

    Whoever did it reads it on the screen that answers their tap. Cases that are still open count as handed over.
    """
    doer, asker = acting.person.id, who.requested_by
    change = "service_on" if who.active else "service_off"
    cases = 0 if who.active else len(uow.cases.open_at_stations([each.id for each in stations]))
    for person_id in dict.fromkeys((doer, asker)):
        to = uow.staff.get(operator.id, person_id)
        if to is None or to.deactivated_at is not None:
            continue
        key = f"service:{operator.id}:{acting.update_id}:{acting.now.isoformat()}:{person_id}"
        told: dict[str, Param] = {
            "price": f"{operator.price_per_station_month} {operator.currency}",
            "sum": f"{operator.price_per_station_month * len(stations)} {operator.currency}",
            "many": len(stations),
            "cases": cases,
            "at": acting.now.isoformat(),
            "zone": operator.time_zone,
            "requested_by": _name(uow, operator.id, to, asker),
            "released_by": _name(uow, operator.id, to, doer),
        }
        listed = "\n".join(f"{each.id}\t{each.location}" for each in stations[:MOST_IN_A_MAIL])
        mail_admin(uow, acting, to, change, f"mail:{key}", {**told, "stations": listed})
        if person_id != doer:
            text = {**told, "stations": some(stations)}
            tell_admin(uow, acting, to, f"{change}_for_you", f"chat:{key}", text)


def wanted(
    uow: UnitOfWork,
    acting: Acting,
    request: ReleaseRequest,
    stations: Sequence[Served],
    able: Iterable[Colleague],
) -> None:
    """Asks those who may release the cost; one tap of theirs decides."""
    number = str(request.id)
    for each in able:
        params: dict[str, Param] = {
            "many": len(stations),
            "stations": some(stations),
            "name": _name(uow, request.operator_id, each, request.requested_by),
            "price": f"{request.price} {request.currency}",
            "sum": f"{request.price * len(stations)} {request.currency}",
            "go_approve": f"rl.yes|{number}",
            "go_refuse": f"rl.no|{number}",
            "go_show": f"rl.one|{number}",
        }
        tell_admin(uow, acting, each, "release_wanted", f"release:{number}:{each.person_id}", params)


def decided(uow: UnitOfWork, acting: Acting, request: ReleaseRequest, state: ReleaseState) -> None:
    """Tells the asker what has become of it; that it was released is told by the confirmation."""
    to = uow.staff.get(request.operator_id, request.requested_by)
    if to is None or to.deactivated_at is not None or to.person_id == acting.person.id:
        return
    params: Mapping[str, Param] = {
        "name": _name(uow, request.operator_id, to, acting.person.id),
        "many": len(request.station_ids),
        "stations": ", ".join(request.station_ids[:NAMED]) + _more(len(request.station_ids)),
    }
    tell_admin(uow, acting, to, f"release_{state.value}", f"release:{request.id}:{state.value}", params)


def some(stations: Sequence[Served]) -> str:
    """The first stations by name; dots where there are more."""
    return ", ".join(each.id for each in stations[:NAMED]) + _more(len(stations))


def _more(count: int) -> str:
    return " …" if count > NAMED else ""


def _name(uow: UnitOfWork, operator_id: str, reader: Colleague, person_id: int) -> str:
    """A name as the one who is told may read it."""
    known = uow.staff.get(operator_id, person_id)
    if known is None:
        return "–"
    if known.person_id == reader.person_id:
        return known.name
    return name_for(uow.staff.authority(operator_id, reader.person_id), known.name, known.entity_id)
