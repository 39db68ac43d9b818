"""Who is there for the cases of an operator: its agents, and those of them who are on call."""

from datetime import datetime

from bot.domain.rights import Right
from storage.repositories.staff import Colleague
from storage.uow import UnitOfWork


def agents(uow: UnitOfWork, operator_id: str) -> tuple[Colleague, ...]:
    """The active people who may have stations do something, in a steady order."""
    return tuple(uow.staff.who_may(operator_id, Right.REMOTE_ACTIONS))


def on_call(uow: UnitOfWork, operator_id: str, at: datetime) -> tuple[Colleague, ...]:
    """The agents who are due at a moment; where nothing says who is, all of them."""
    del at
    return agents(uow, operator_id)
