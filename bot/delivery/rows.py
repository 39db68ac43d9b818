"""What a row of the outbox names."""

from bot.cases.readers import Reader, one
from bot.domain.case import Case
from bot.domain.outgoing import Outgoing
from bot.domain.people import Person
from storage.uow import UnitOfWork


def case_id(outgoing: Outgoing) -> int:
    """The number of the row's case; LookupError where it names none."""
    if outgoing.case_id is None:
        raise LookupError(f"the row {outgoing.dedupe_key} names no case")
    return outgoing.case_id


def case_of(uow: UnitOfWork, outgoing: Outgoing) -> Case:
    """The row's case; LookupError where there is none."""
    case = uow.cases.get(case_id(outgoing))
    if case is None:
        raise LookupError(f"no case {outgoing.case_id}")
    return case


def case_and_driver(uow: UnitOfWork, outgoing: Outgoing) -> tuple[Case, Person]:
    """The row's case, and whose it is."""
    case = case_of(uow, outgoing)
    return case, uow.people.get(case.driver_id)


def reader_of(outgoing: Outgoing) -> Reader:
    """Who gets a message to a technician, an agent or a manager."""
    telegram_id = outgoing.params.get("telegram")
    way, _, address = outgoing.recipient.partition(":")
    return one(telegram_id if isinstance(telegram_id, int) else None, address if way == "mailto" else None)
