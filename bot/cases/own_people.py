"""An operator's own people, to whom a case goes that the hotline does not have any more."""

from bot.domain.operator import Contact
from bot.domain.rights import Right
from storage.uow import UnitOfWork


def of_operator(uow: UnitOfWork, operator_id: str) -> list[Contact]:
    """The operator's manager, where there is one that can be written to; else its admins."""
    operator = uow.operators.get(operator_id)
    if operator is not None and operator.manager is not None and _reachable(operator.manager):
        return [operator.manager]
    admins = (each.contact for each in uow.staff.who_may(operator_id, Right.USERS_MANAGE))
    return [each for each in admins if _reachable(each)]


def _reachable(contact: Contact) -> bool:
    return contact.telegram_id is not None or contact.email is not None
