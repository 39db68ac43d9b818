"""A technician who acts in the chat, and whoever holds the link of a job."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bot.cases.services import Services
from bot.cases.turn import Turn
from bot.domain.job import Job
from storage.uow import UnitOfWork

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class InChat:
    """Implements `dispatch.Hand` for a turn; `message` is where the job was tapped."""

    turn: Turn
    message: int | None = None

    @property
    def services(self) -> Services:
        """See `Hand.services`."""
        return self.turn.services

    @property
    def person_id(self) -> int | None:
        """See `Hand.person_id`."""
        return self.turn.person.id

    @property
    def once(self) -> str:
        """See `Hand.once`."""
        return str(self.turn.update_id)

    def owns(self, job: Job) -> bool:
        """The job is that of their account, and of an operator that may be spoken of here."""
        return job.contact.telegram_id == self.turn.person.telegram_id and self.turn.sees(job.operator_id)

    async def commit(self, work: Callable[[UnitOfWork], T]) -> T:
        """See `Hand.commit`; AppliedBefore where it happened before."""
        return await self.turn.commit(work)


@dataclass(frozen=True, slots=True)
class ByLink:
    """Implements `dispatch.Hand` for whoever holds the link of a job; that the link is good was seen before."""

    services: Services
    job_id: int
    once: str

    @property
    def person_id(self) -> int | None:
        """Nobody whom the product knows."""
        return None

    def owns(self, job: Job) -> bool:
        """The one job of the link."""
        return job.id == self.job_id

    async def commit(self, work: Callable[[UnitOfWork], T]) -> T:
        """See `Hand.commit`: the job's version sees to it that each step is taken once."""
        return await self.services.transact(work)
