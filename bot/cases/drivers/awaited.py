"""Whether somebody may want to hear when an EVSE works again, and whether they do."""

from bot.cases.services import Services
from bot.domain.case import Case, CaseState
from bot.domain.operator import Place
from bot.domain.status import OPERATIVE
from storage.uow import UnitOfWork

_WAITS = frozenset({CaseState.WAITING_TECHNICIAN, CaseState.WITH_TECHNICIAN})
_OVER = frozenset({CaseState.RESOLVED, CaseState.CLOSED})


def out_of_order(uow: UnitOfWork, services: Services, place: Place) -> bool:
    """Whether the station says so itself, as far as is known, or is away."""
    if not services.stations.capabilities(place.station.id):
        return True
    latest = uow.station_log.history(place.station.id, place.evse.connector, 1)
    return bool(latest) and latest[0].status not in OPERATIVE


def asked_for(uow: UnitOfWork, services: Services, case: Case, place: Place | None) -> bool | None:
    """Whether the driver of a case wants to hear; None where that is not offered to them."""
    if place is None or case.state not in _WAITS | _OVER:
        return None
    if uow.watches.of(place.evse.evse_id, case.conversation) is not None:
        return True
    return False if case.state in _WAITS or out_of_order(uow, services, place) else None


def left_behind(uow: UnitOfWork, services: Services, case: Case) -> Place | None:
    """The place of a case whose driver has ended it, where it is still out of order."""
    place = None if case.evse_id is None else uow.operators.place(case.evse_id)
    return place if place is not None and out_of_order(uow, services, place) else None
