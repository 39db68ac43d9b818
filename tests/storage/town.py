"""The least of an operator that cases and stations need."""

from datetime import UTC, datetime
from decimal import Decimal

from bot.domain.case import Case, CaseState, Severity
from bot.domain.operator import Evse, HotlineGroup, Location, Operator, Station
from bot.domain.people import Person, telegram
from bot.domain.report import Symptom
from storage.repositories.people import Identity
from storage.uow import UnitOfWork

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
OPERATOR = Operator(
    "graz", "Stadtwerke Graz", "AT", "SWG", "Europe/Vienna", "en", "EUR", Decimal("9.90"), "+43 316 0"
)
LOCATION = Location("hbf", "Graz Hbf", "Europaplatz 4", "8020", "Graz", "AT", 47.07, 15.41)


def station(number: int = 1) -> Station:
    name = f"GRAZ-{number:02}"
    evse = Evse(f"AT*SWG*E{number:04}", name, 1, "CCS2", 150.0)
    return Station(name, OPERATOR.id, LOCATION.id, True, (evse,))


def build(uow: UnitOfWork) -> None:
    """An operator with two stations of one EVSE each."""
    uow.operators.put_operator(OPERATOR)
    uow.hotlines.put(HotlineGroup(OPERATOR.id, -100))
    uow.operators.put_location(OPERATOR.id, LOCATION)
    for each in (station(1), station(2)):
        uow.operators.put_station(each, {evse.evse_id: evse.evse_id for evse in each.evses})


def lena(uow: UnitOfWork) -> Person:
    return uow.people.meet([Identity(501, "Lena", "lena", "en")])[501]


def new_case(uow: UnitOfWork, number: int = 1, state: CaseState = CaseState.FILED) -> Case:
    """A case of Lena's at the station of that number."""
    at = station(number)
    return uow.cases.add(
        Case(
            id=0,
            operator_id=OPERATOR.id,
            driver_id=lena(uow).id,
            conversation=telegram(501),
            state=state,
            version=1,
            symptom=Symptom.OTHER,
            severity=Severity.P2,
            opened_at=NOW,
            changed_at=NOW,
            evse_id=at.evses[0].evse_id,
            station_id=at.id,
            connector=1,
        )
    )
