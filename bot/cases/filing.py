"""Filing a case, and reading the one that a button names."""

from bot.cases.turn import Turn
from bot.domain.case import Case, CaseState, Severity
from bot.domain.operator import Operator, Place
from bot.domain.refusal import Refusal
from bot.domain.report import Symptom
from storage.uow import UnitOfWork


def open_case(
    uow: UnitOfWork, turn: Turn, place: Place, symptom: Symptom, follows: int | None = None
) -> Case:
    """Enters a case for a place and drops the draft; it is in state `filed`. `follows` is the case that it names."""
    return _enter(uow, turn, place.operator.id, symptom, place, follows)


def open_without_station(uow: UnitOfWork, turn: Turn, symptom: Symptom) -> Case | None:
    """Somebody needs help before the station is known: the one operator that this bot speaks for takes it.

    None where no operator has a hotline, or several have one and nothing says which.
    """
    operators = [each for each in uow.hotlines.operators() if _speaks_for(turn, each)]
    return _enter(uow, turn, operators[0], symptom, None) if len(operators) == 1 else None


def _speaks_for(turn: Turn, operator_id: str) -> bool:
    """Whether it is this bot that speaks for an operator; the shared one does for all without one of their own."""
    led = turn.services.accounts.leads_to(turn.conversation.channel, operator_id)
    return turn.sees(operator_id) and led is None


def _enter(
    uow: UnitOfWork,
    turn: Turn,
    operator_id: str,
    symptom: Symptom,
    place: Place | None,
    follows: int | None = None,
) -> Case:
    now = turn.now()
    case = uow.cases.add(
        Case(
            id=0,
            operator_id=operator_id,
            driver_id=turn.person.id,
            conversation=turn.conversation,
            state=CaseState.FILED,
            version=1,
            symptom=symptom,
            severity=Severity.P2,
            opened_at=now,
            changed_at=now,
            evse_id=None if place is None else place.evse.evse_id,
            station_id=None if place is None else place.station.id,
            connector=None if place is None else place.evse.connector,
            follows=follows,
        )
    )
    uow.cases.note(case.id, now, "filed", turn.person.id, symptom=symptom.value)
    uow.drafts.drop(turn.conversation)
    return case


def whose(uow: UnitOfWork, case: Case) -> tuple[Operator, Place | None]:
    """The operator of a case, and its place where the station is known; LookupError where the operator is gone."""
    place = None if case.evse_id is None else uow.operators.place(case.evse_id)
    operator = uow.operators.get(case.operator_id) if place is None else place.operator
    if operator is None:
        raise LookupError(f"case {case.id} has no operator")
    return operator, place


def read(uow: UnitOfWork, case_id: int, version: int | None = None) -> Case:
    """The case of a button; Refusal `case.unknown`, or `case.moved_on` where the button is stale."""
    case = uow.cases.get(case_id)
    if case is None:
        raise Refusal("case.unknown")
    if version is not None and case.version != version:
        raise Refusal("case.moved_on")
    return case


def own(uow: UnitOfWork, turn: Turn, case_id: int, version: int | None = None) -> Case:
    """The same, of the person's own; somebody else's case is unknown to them."""
    case = read(uow, case_id)
    # Somebody's chats with two bots are two conversations, and a button can be made up by hand.
    elsewhere = case.conversation.channel != turn.conversation.channel
    if case.driver_id != turn.person.id or elsewhere:
        raise Refusal("case.unknown")
    return read(uow, case_id, version)
