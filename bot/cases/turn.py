"""One thing that a person did: who, where, and the update that brought it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from bot.cases.services import Services
from bot.domain.account import only_operator
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

    @property
    def only(self) -> str | None:
        """The one operator that may be spoken of here; None where there is no such limit.

        Whoever writes to an operator's own bot must not learn that another operator is here at all.
        """
        return only_operator(self.conversation.channel)

    def sees(self, operator_id: str) -> bool:
        """Whether anything of an operator may be spoken of here."""
        return self.only in {None, operator_id}

    async def commit(self, work: Callable[[UnitOfWork], T]) -> T:
        """Runs the transaction that changes what this turn changes, and marks the update applied in it.

        Raises AppliedBefore, with nothing changed, where that happened before.
        """

        def applied(uow: UnitOfWork) -> T:
            apply_once(uow, self.update_id, self.now())
            return work(uow)

        return await self.services.transact(applied)
