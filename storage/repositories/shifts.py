"""Shifts: who of the agents is on duty by their own word."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from storage.tables import shifts

_RUNNING = (
    select(shifts)
    .where(
        shifts.c.operator_id == bindparam("operator"),
        shifts.c.ended_at.is_(None),
        shifts.c.ends_at > bindparam("now"),
    )
    .order_by(shifts.c.started_at, shifts.c.id)
)


@dataclass(frozen=True, slots=True)
class AgentShift:
    """Somebody is on duty from `started_at` on, at most until `ends_at`; `ended_at` is None while they are."""

    operator_id: str
    person_id: int
    started_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None
    id: int = 0


class Shifts:
    """One that runs for each person at an operator."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def running(self, operator_id: str, now: datetime) -> list[AgentShift]:
        """The shifts of an operator that run, by their beginning. One whose time is over runs no more."""
        key = {"operator": operator_id, "now": now}
        return [_shift(row) for row in self._connection.execute(_RUNNING, key)]

    def open_of(self, operator_id: str, person_id: int) -> AgentShift | None:
        """Somebody's shift that has not been ended, even where its time is over."""
        statement = select(shifts).where(
            shifts.c.operator_id == operator_id, shifts.c.person_id == person_id, shifts.c.ended_at.is_(None)
        )
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else _shift(row)

    def get(self, shift_id: int) -> AgentShift | None:
        """A shift by its number."""
        row = self._connection.execute(select(shifts).where(shifts.c.id == shift_id)).one_or_none()
        return None if row is None else _shift(row)

    def start(self, shift: AgentShift) -> AgentShift:
        """Begins a shift; the caller makes sure that the person has none that is open."""
        values = {
            "operator_id": shift.operator_id,
            "person_id": shift.person_id,
            "started_at": shift.started_at,
            "ends_at": shift.ends_at,
        }
        made = insert(shifts).values(values).returning(shifts.c.id)
        return replace(shift, id=self._connection.execute(made).scalar_one())

    def save(self, shift: AgentShift) -> None:
        """Keeps until when it goes on, or when it was ended."""
        self._connection.execute(
            update(shifts)
            .where(shifts.c.id == shift.id)
            .values(ends_at=shift.ends_at, ended_at=shift.ended_at)
        )


def _shift(row: Row[tuple[object, ...]]) -> AgentShift:
    return AgentShift(row.operator_id, row.person_id, row.started_at, row.ends_at, row.ended_at, row.id)
