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
        timers.c.given_up_at.is_(None),
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
# A deadline that was set anew meanwhile is another one, even where its row has the same number.
_DONE = delete(timers).where(
    timers.c.id == bindparam("key"),
    timers.c.dedupe_key == bindparam("name"),
    timers.c.due_at == bindparam("due"),
)
_LATER = (
    update(timers)
    .where(
        timers.c.id == bindparam("key"),
        timers.c.dedupe_key == bindparam("name"),
        timers.c.due_at == bindparam("due"),
    )
    .values(lease_until=bindparam("until"), given_up_at=bindparam("given_up"))
)
_RELEASE = update(timers).where(timers.c.lease_until.is_not(None)).values(lease_until=None)
_WAITING = timers.c.given_up_at.is_(None)
_NEXT = select(func.min(timers.c.due_at)).where(_WAITING)
_OF = select(timers.c.due_at).where(timers.c.dedupe_key == bindparam("key"), _WAITING)
_COUNT = select(func.count()).select_from(timers).where(_WAITING)
_GIVEN_UP = select(func.count()).select_from(timers).where(timers.c.given_up_at.is_not(None))


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
            "given_up_at": None,
        }
        statement = insert_or_change(
            self._connection, timers, ("dedupe_key",), ("due_at", "attempts", "lease_until", "given_up_at")
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
        """Takes a claimed timer away, in the transaction that does what it says; False if it is gone or was moved."""
        return self._connection.execute(_DONE, _claimed(timer)).rowcount == 1

    def later(self, timer: Timer, until: datetime) -> bool:
        """It failed: nobody claims it before then. False if it is gone or was moved."""
        values = _claimed(timer) | {"until": until, "given_up": None}
        return self._connection.execute(_LATER, values).rowcount == 1

    def give_up(self, timer: Timer, now: datetime) -> bool:
        """It fails again and again: the row stays, and nobody claims it any more. False if it is gone or was moved."""
        values = _claimed(timer) | {"until": None, "given_up": now}
        return self._connection.execute(_LATER, values).rowcount == 1

    def due_of(self, subject: int, kind: TimerKind) -> datetime | None:
        """When a deadline falls due; None where it is not set."""
        key = {"key": _key(subject, kind)}
        due: datetime | None = self._connection.execute(_OF, key).scalar_one_or_none()
        return due

    def waiting(self) -> int:
        """How many deadlines are set, due or not."""
        return self._connection.execute(_COUNT).scalar_one()

    def given_up(self) -> int:
        """How many deadlines failed so often that nobody tries them any more."""
        return self._connection.execute(_GIVEN_UP).scalar_one()

    def next_due(self) -> datetime | None:
        """When the earliest timer falls due."""
        due: datetime | None = self._connection.execute(_NEXT).scalar_one()
        return due


def _claimed(timer: Timer) -> dict[str, object]:
    return {"key": timer.id, "name": _key(timer.subject, timer.kind), "due": timer.due_at}


def _key(subject: int, kind: TimerKind) -> str:
    return f"{kind}:{subject}"
