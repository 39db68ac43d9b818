"""The outbox: rows of one lane leave in order, each until it is delivered or given up."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, and_, bindparam, exists, func, or_, select, update

from bot.domain.outgoing import Claimed, Outgoing, OutgoingKind, Priority
from storage.repositories.upsert import insert_new
from storage.tables import outbox

_earlier = outbox.alias("earlier")
_CLAIMABLE = (
    select(outbox)
    .where(
        outbox.c.ended_at.is_(None),
        outbox.c.due_at <= bindparam("now"),
        or_(outbox.c.lease_until.is_(None), outbox.c.lease_until < bindparam("now")),
        ~exists().where(
            and_(
                _earlier.c.lane == outbox.c.lane,
                _earlier.c.id < outbox.c.id,
                _earlier.c.ended_at.is_(None),
            )
        ),
    )
    .order_by(outbox.c.priority, outbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=outbox)
)
_LEASE = (
    update(outbox)
    .where(outbox.c.id == bindparam("key"))
    .values(lease_until=bindparam("until"), attempts=outbox.c.attempts + 1)
)
_RENEW = update(outbox).where(outbox.c.id == bindparam("key")).values(lease_until=bindparam("until"))
_RELEASE = update(outbox).where(outbox.c.lease_until.is_not(None)).values(lease_until=None)
_END = (
    update(outbox)
    .where(outbox.c.id == bindparam("key"))
    .values(ended_at=bindparam("now"), error=bindparam("why"), lease_until=None)
)
_LATER = (
    update(outbox)
    .where(outbox.c.id == bindparam("key"))
    .values(due_at=bindparam("due"), error=bindparam("why"), lease_until=None)
)
_POSTPONE = (
    update(outbox)
    .where(
        outbox.c.dedupe_key == bindparam("name"),
        outbox.c.ended_at.is_(None),
        outbox.c.attempts == 0,
    )
    .values(due_at=bindparam("due"))
)
_NEXT_DUE = select(func.min(outbox.c.due_at)).where(outbox.c.ended_at.is_(None))
_WAITING = select(func.count()).select_from(outbox).where(outbox.c.ended_at.is_(None))


class Outbox:
    """What waits to be sent."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, outgoing: Outgoing, now: datetime, due: datetime | None = None) -> bool:
        """Keeps a message, to be sent at once or when it is `due`; one with the same dedupe key is kept only once.

        False where there was one.
        """
        values = {
            "lane": outgoing.lane,
            "kind": outgoing.kind.value,
            "case_id": outgoing.case_id,
            "recipient": outgoing.recipient,
            "params": dict(outgoing.params),
            "dedupe_key": outgoing.dedupe_key,
            "priority": int(outgoing.priority),
            "created_at": now,
            "due_at": due or now,
        }
        return self._connection.execute(insert_new(self._connection, outbox), values).rowcount == 1

    def postpone(self, dedupe_key: str, due: datetime) -> bool:
        """Has a message that nobody has begun to send wait longer; False where there is no such one."""
        values = {"name": dedupe_key, "due": due}
        return self._connection.execute(_POSTPONE, values).rowcount == 1

    def claim(self, now: datetime, lease: timedelta, most: int) -> list[Claimed]:
        """Leases the first row of each free lane, the most urgent first; no other process gets it meanwhile."""
        rows = self._connection.execute(_CLAIMABLE, {"now": now, "most": most}).all()
        if rows:
            until = now + lease
            self._connection.execute(_LEASE, [{"key": row.id, "until": until} for row in rows])
        return [_claimed(row) for row in rows]

    def renew(self, ids: Collection[int], until: datetime) -> None:
        """Rows that are still being sent stay with whoever claimed them."""
        if ids:
            self._connection.execute(_RENEW, [{"key": key, "until": until} for key in ids])

    def release(self) -> None:
        """Frees every lease: for a start after which no other process can be working on this database."""
        self._connection.execute(_RELEASE)

    def end(self, ids: Collection[int], now: datetime, error: str | None = None) -> None:
        """Delivered, or given up where `error` says why."""
        if ids:
            self._connection.execute(_END, [{"key": key, "now": now, "why": error} for key in ids])

    def later(self, key: int, due: datetime, error: str) -> None:
        """To be tried again."""
        self._connection.execute(_LATER, {"key": key, "due": due, "why": error})

    def next_due(self) -> datetime | None:
        """When the earliest waiting row falls due."""
        due: datetime | None = self._connection.execute(_NEXT_DUE).scalar_one()
        return due

    def waiting(self) -> int:
        """How many rows are not ended."""
        return self._connection.execute(_WAITING).scalar_one()


def _claimed(row: Row[tuple[object, ...]]) -> Claimed:
    outgoing = Outgoing(
        OutgoingKind(row.kind),
        row.lane,
        row.recipient,
        row.dedupe_key,
        row.case_id,
        row.params,
        Priority(row.priority),
    )
    return Claimed(row.id, outgoing, row.attempts + 1)
