"""Whether the service has done all that it can do at this moment; only then the clock is put forward.

A clock that jumps while rows are being sent would end their leases, which no real clock does.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, exists, func, or_, select

from storage.tables import inbox, outbox, timers
from storage.uow import UnitOfWork
from tests.night.scene import Scene

_LOOK_EVERY = 0.05
_CALM = 2
"""How many looks in a row have to be quiet: between two rows nothing may be seen for a moment."""


class Due(NamedTuple):
    """A deadline that nobody has met yet."""

    kind: str
    subject: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Open:
    """What is left to be done now."""

    updates: int
    unanswered: int
    sending: int
    due: Sequence[Due]

    @property
    def nothing(self) -> bool:
        """Whether it is nothing at all."""
        return not (self.updates or self.unanswered or self.sending or self.due)


async def look(scene: Scene) -> Open:
    """What is left to be done at this moment."""
    now = scene.clock()

    def read(uow: UnitOfWork) -> tuple[int, int, list[Due]]:
        connection = uow.connection
        earlier = outbox.alias("earlier")
        behind = exists().where(
            and_(earlier.c.lane == outbox.c.lane, earlier.c.id < outbox.c.id, earlier.c.ended_at.is_(None))
        )
        ready = or_(outbox.c.lease_until > now, and_(outbox.c.due_at <= now, ~behind))
        sending = connection.execute(
            select(func.count()).select_from(outbox).where(outbox.c.ended_at.is_(None), ready)
        ).scalar_one()
        unanswered = connection.execute(
            select(func.count()).select_from(inbox).where(inbox.c.answered_at.is_(None))
        ).scalar_one()
        rows = connection.execute(
            select(timers.c.kind, timers.c.subject, timers.c.due_at).where(timers.c.due_at <= now)
        ).all()
        due = [Due(row.kind, row.subject, row.due_at) for row in rows]
        return unanswered, sending, due

    unanswered, sending, due = await scene.database.read(read)
    return Open(len(scene.bot.queue.pending), unanswered, sending, due)


async def quiet(scene: Scene, patience: float) -> Open:
    """Waits until nothing is left to be done, for so many seconds at most; what is left then."""
    until = time.monotonic() + patience
    calm = 0
    while True:
        left = await look(scene)
        calm = calm + 1 if left.nothing else 0
        if calm >= _CALM or time.monotonic() > until:
            return left
        await asyncio.sleep(_LOOK_EVERY)


async def next_deadline(scene: Scene) -> datetime | None:
    """When the earliest deadline falls due, or the earliest row that was put off."""

    def read(uow: UnitOfWork) -> list[datetime]:
        found = (uow.timers.next_due(), uow.outbox.next_due())
        return [each for each in found if each is not None]

    return min(await scene.database.read(read), default=None)
