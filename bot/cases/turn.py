"""One thing that a person did: who, where, and the update that brought it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from bot.cases.services import Services
from bot.domain.people import Address, Person
from storage.once import apply_once
from storage.uow import UnitOfWork

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Turn:
    """A person's turn in a conversation. `update_id` is the inbox row that it came from."""

    services: Services
    person: Person
    conversation: Address
    update_id: int

    def now(self) -> datetime:
        """The present, in UTC."""
        return self.services.now()

    async def commit(self, work: Callable[[UnitOfWork], T]) -> T:
        """Runs the transaction that changes what this turn changes, and marks the update applied in it.

        Raises AppliedBefore, with nothing changed, where that happened before.
        """

        def applied(uow: UnitOfWork) -> T:
            apply_once(uow, self.update_id, self.now())
            return work(uow)

        return await self.services.transact(applied)
