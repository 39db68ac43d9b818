"""Updates as they came in: a row before they are acknowledged, applied once, then answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, update

from storage.repositories.upsert import insert_returning_new
from storage.tables import inbox


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A raw update; `update_id` is its number among those of all bots.

    `lane` is what its order is kept within; `applied` says that its change is committed.
    """

    update_id: int
    lane: str
    payload: bytes
    person_id: int | None
    received_at: datetime
    applied: bool = False
    attempts: int = 0


_APPLY = (
    update(inbox)
    .where(inbox.c.update_id == bindparam("key"), inbox.c.applied_at.is_(None))
    .values(applied_at=bindparam("now"))
)
_ANSWER = (
    update(inbox)
    .where(inbox.c.update_id == bindparam("key"))
    .values(answered_at=bindparam("now"), payload=b"")
)
_TRIED = update(inbox).where(inbox.c.update_id == bindparam("key")).values(attempts=inbox.c.attempts + 1)
_WAITING = select(inbox).where(inbox.c.answered_at.is_(None)).order_by(inbox.c.update_id)
_PRUNE = delete(inbox).where(inbox.c.answered_at < bindparam("before"))


class Inbox:
    """The rows of all updates, kept for some days after they are answered so that a repetition is known."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def receive(self, rows: Sequence[InboxRow]) -> list[InboxRow]:
        """Keeps the updates; returns those that were not known yet, in the order given."""
        if not rows:
            return []
        first: dict[int, InboxRow] = {}
        for row in rows:
            first.setdefault(row.update_id, row)
        values = [
            {
                "update_id": row.update_id,
                "lane": row.lane,
                "payload": row.payload,
                "person_id": row.person_id,
                "received_at": row.received_at,
            }
            for row in first.values()
        ]
        # What comes back is what this very transaction entered: another process may receive the same at this moment.
        entered = insert_returning_new(self._connection, inbox, "update_id")
        new = set(self._connection.execute(entered, values).scalars())
        return [row for row in first.values() if row.update_id in new]

    def apply(self, update_id: int, now: datetime) -> bool:
        """Marks the update's change as made, in the transaction that makes it; False if it was made already."""
        return self._connection.execute(_APPLY, {"key": update_id, "now": now}).rowcount == 1

    def answer(self, update_ids: Sequence[int], now: datetime) -> None:
        """Marks updates as done; their payload is dropped, what they said is in the case."""
        if update_ids:
            self._connection.execute(_ANSWER, [{"key": key, "now": now} for key in update_ids])

    def tried(self, update_id: int) -> None:
        """Counts an attempt that failed."""
        self._connection.execute(_TRIED, {"key": update_id})

    def waiting(self) -> list[InboxRow]:
        """All updates that are not answered, oldest first."""
        return [
            InboxRow(
                row.update_id,
                row.lane,
                row.payload,
                row.person_id,
                row.received_at,
                row.applied_at is not None,
                row.attempts,
            )
            for row in self._connection.execute(_WAITING)
        ]

    def prune(self, before: datetime) -> int:
        """Forgets updates that were answered before a time; returns how many."""
        return self._connection.execute(_PRUNE, {"before": before}).rowcount
