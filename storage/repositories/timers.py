"""Deadlines, claimed by whichever process finds them due."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, func, or_, select, update

from bot.domain.timer import Timer, TimerKind
from storage.repositories.upsert import insert_or_change
from storage.tables import timers

_DUE = (
    select(timers)
    .where(
        timers.c.due_at <= bindparam("now"),
        or_(timers.c.lease_until.is_(None), timers.c.lease_until < bindparam("now")),
    )
    .order_by(timers.c.due_at, timers.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_LEASE = (
    update(timers)
    .where(timers.c.id == bindparam("key"))
    .values(lease_until=bindparam("until"), attempts=timers.c.attempts + 1)
)
_DROP = delete(timers).where(timers.c.dedupe_key == bindparam("key"))
_DONE = delete(timers).where(timers.c.id == bindparam("key"))
_RELEASE = update(timers).where(timers.c.lease_until.is_not(None)).values(lease_until=None)
_NEXT = select(func.min(timers.c.due_at))


class Timers:
    """One timer per kind and subject: setting it again moves it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def set(self, subject: int, kind: TimerKind, due_at: datetime) -> None:
        """Sets the deadline, or moves it where it is set already."""
        values = {
            "kind": kind.value,
            "subject": subject,
            "due_at": due_at,
            "dedupe_key": _key(subject, kind),
            "attempts": 0,
            "lease_until": None,
        }
        statement = insert_or_change(
            self._connection, timers, ("dedupe_key",), ("due_at", "attempts", "lease_until")
        )
        self._connection.execute(statement, values)

    def drop(self, subject: int, *kinds: TimerKind) -> None:
        """Forgets the deadlines, where they are set."""
        for kind in kinds:
            self._connection.execute(_DROP, {"key": _key(subject, kind)})

    def claim(self, now: datetime, lease: timedelta, most: int) -> list[Timer]:
        """Leases what is due, the oldest first."""
        rows = self._connection.execute(_DUE, {"now": now, "most": most}).all()
        if rows:
            until = now + lease
            self._connection.execute(_LEASE, [{"key": row.id, "until": until} for row in rows])
        return [Timer(row.id, TimerKind(row.kind), row.subject, row.due_at, row.attempts + 1) for row in rows]

    def release(self) -> None:
        """Frees every lease: for a start after which no other process can be working on this database."""
        self._connection.execute(_RELEASE)

    def done(self, timer: Timer) -> bool:
        """Takes a claimed timer away, in the transaction that does what it says; False if it is gone."""
        return self._connection.execute(_DONE, {"key": timer.id}).rowcount == 1

    def next_due(self) -> datetime | None:
        """When the earliest timer falls due."""
        due: datetime | None = self._connection.execute(_NEXT).scalar_one()
        return due


def _key(subject: int, kind: TimerKind) -> str:
    return f"{kind}:{subject}"
