"""An admin at work: who, when, and the update that brought it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from bot.domain.people import Person
from storage.database import Database
from storage.once import apply_once
from storage.uow import UnitOfWork

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Acting:
    """What the use cases of operators are handed."""

    database: Database
    person: Person
    update_id: int
    now: datetime

    async def commit(self, work: Callable[[UnitOfWork], T]) -> T:
        """Runs the transaction that makes this update's change; AppliedBefore where it was made already."""

        def applied(uow: UnitOfWork) -> T:
            apply_once(uow, self.update_id, self.now)
            return work(uow)

        return await self.database.write(applied)
