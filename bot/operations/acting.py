"""An admin at work: who, for which operator, when, and the update that brought it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from bot.domain.operator import Operator
from bot.domain.people import Person
from bot.domain.refusal import Refusal
from bot.domain.rights import Authority
from storage.database import Database
from storage.once import apply_once
from storage.repositories.audit import Act, Fields
from storage.uow import UnitOfWork

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Acting:
    """What the use cases of operators are handed.

    Rights are read inside each transaction, so that somebody who has just lost one can do nothing more with the
    buttons that are still open.
    """

    database: Database
    person: Person
    operator_id: str
    update_id: int
    now: datetime
    wake: Callable[[], None] = lambda: None
    """Tells the outbox that something waits."""
    along: Callable[[UnitOfWork], None] | None = None
    """What belongs to the same step, such as closing the form that asked for it."""

    async def read(self, work: Callable[[UnitOfWork, Authority], T]) -> T:
        """Runs a transaction that changes nothing, with what the person may do at present."""
        return await self.database.read(lambda uow: work(uow, self.authority(uow)))

    async def commit(self, work: Callable[[UnitOfWork, Authority], T]) -> T:
        """Runs the transaction that makes this update's change, with what the person may do at present.

        AppliedBefore, with nothing changed, where that happened before.
        """
        return await self.commit_as_guest(lambda uow: work(uow, self.authority(uow)))

    async def commit_as_guest(self, work: Callable[[UnitOfWork], T]) -> T:
        """The same for somebody who need not be of the staff, such as whoever follows an invitation."""

        def applied(uow: UnitOfWork) -> tuple[T, bool]:
            apply_once(uow, self.update_id, self.now)
            if self.along is not None:
                self.along(uow)
            return work(uow), uow.used("outbox")

        value, outbox = await self.database.write(applied)
        if outbox:
            self.wake()
        return value

    def authority(self, uow: UnitOfWork) -> Authority:
        """What the person may do at the operator; Refusal for whoever is none of its active staff."""
        if self.operator_id not in uow.staff.operators_of(self.person.id):
            raise Refusal("staff.none")
        return uow.staff.authority(self.operator_id, self.person.id)

    def operator(self, uow: UnitOfWork) -> Operator:
        """The operator for which the person acts."""
        operator = uow.operators.get(self.operator_id)
        if operator is None:
            raise Refusal("staff.none")
        return operator

    def note(
        self, uow: UnitOfWork, act: str, subject: str, before: Fields | None, after: Fields | None
    ) -> None:
        """Adds to the audit log what the person has just done; `before` and `after` hold what has changed."""
        uow.audit.note(self.operator_id, Act(self.now, self.person.id, act, subject, before, after))


def changed(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[Fields, Fields]:
    """Of two states just the fields that differ, for the audit log."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: before.get(name) for name in names}, {name: after.get(name) for name in names}
