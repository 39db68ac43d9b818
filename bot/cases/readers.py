"""Who reads what is told of a case, and whether they may see the names in it."""

from collections.abc import Callable

from bot.domain.privacy import sees_people
from bot.domain.rights import EntityId, Right
from storage.uow import UnitOfWork

Reader = Callable[[UnitOfWork, str, EntityId], bool]
"""Whether whoever reads may see the personal data of a case of an operator and a company."""


def agents(uow: UnitOfWork, operator_id: str, entity_id: EntityId) -> bool:
    """A topic is read by all agents: names stand in it only where each of them may see personal data.

    Agents are those who may send remote actions there. Where there are none, nobody has been given the right.
    """
    found = [
        each
        for each in uow.staff.authorities(operator_id).values()
        if each.may(Right.REMOTE_ACTIONS, entity_id)
    ]
    return bool(found) and all(sees_people(each, entity_id) for each in found)


def one(telegram_id: int | None, email: str | None = None) -> Reader:
    """A technician or a manager, who may see names where they are of the staff and hold the right."""

    def sees(uow: UnitOfWork, operator_id: str, entity_id: EntityId) -> bool:
        able = uow.staff.authorities(operator_id)
        return any(
            sees_people(able[each.person_id], entity_id)
            for each in uow.staff.all(operator_id)
            if each.person_id in able
            and (
                (telegram_id is not None and each.telegram_id == telegram_id)
                or (email is not None and each.email is not None and each.email.lower() == email.lower())
            )
        )

    return sees
