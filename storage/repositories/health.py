"""How much waits, for how long, and what was given up: numbers for whoever runs the service."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from bot.domain.case import OPEN_STATES
from storage.tables import cases, inbox, outbox, timers

_OPEN = sorted(state.value for state in OPEN_STATES)
_TIMERS = select(func.count(), func.min(timers.c.due_at)).where(timers.c.given_up_at.is_(None))
_TIMERS_DUE = _TIMERS.where(timers.c.due_at <= bindparam("now"))
_TIMERS_GIVEN_UP = select(func.count()).select_from(timers).where(timers.c.given_up_at.is_not(None))
_OUTBOX = select(func.count(), func.min(outbox.c.due_at)).where(outbox.c.ended_at.is_(None))
_OUTBOX_GIVEN_UP = (
    select(func.count())
    .select_from(outbox)
    .where(outbox.c.error.is_not(None), outbox.c.ended_at.is_not(None))
)
_INBOX = select(func.count(), func.min(inbox.c.received_at)).where(inbox.c.answered_at.is_(None))
_CASES = (
    select(cases.c.state, cases.c.severity, func.count())
    .where(cases.c.state.in_(_OPEN))
    .group_by(cases.c.state, cases.c.severity)
)


@dataclass(frozen=True, slots=True)
class Queue:
    """Rows that wait, how many seconds the oldest is overdue, and how many were given up."""

    waiting: int
    oldest: float
    given_up: int = 0


@dataclass(frozen=True, slots=True)
class Numbers:
    """All of it at one moment; `cases` are the open ones by state and severity."""

    timers: Queue
    outbox: Queue
    inbox: Queue
    cases: dict[tuple[str, str], int]


class Health:
    """What a look at the tables tells."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def numbers(self, now: datetime) -> Numbers:
        """How it stands now."""
        waiting = self._connection.execute(_TIMERS).one()[0]
        overdue = self._connection.execute(_TIMERS_DUE, {"now": now}).one()[1]
        sending, oldest = self._connection.execute(_OUTBOX).one()
        unanswered, received = self._connection.execute(_INBOX).one()
        return Numbers(
            Queue(waiting, _since(overdue, now), self._connection.execute(_TIMERS_GIVEN_UP).scalar_one()),
            Queue(sending, _since(oldest, now), self._connection.execute(_OUTBOX_GIVEN_UP).scalar_one()),
            Queue(unanswered, _since(received, now)),
            {(state, severity): count for state, severity, count in self._connection.execute(_CASES)},
        )


def _since(moment: datetime | None, now: datetime) -> float:
    return 0.0 if moment is None else max((now - moment).total_seconds(), 0.0)
