"""What admins did: rows that are only added."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from storage.tables import audit_log

Fields = Mapping[str, object]
"""What was or is, ready for JSON."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that was done. `act` and `subject` name what and to what; no person: a command or a file did it."""

    at: datetime
    person_id: int | None
    act: str
    subject: str
    before: Fields | None = None
    after: Fields | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What is looked for; None leaves a field open. `subject` is a part of it, in any case of letters.

    `named` are subjects that are found beside it. Where `people` and `subjects` are set, only an act counts that one
    of these people did, or that was done to one of these subjects.
    """

    act: str | None = None
    person_id: int | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    named: frozenset[str] = frozenset()
    people: frozenset[int] | None = None
    subjects: frozenset[str] | None = None


_EVERYTHING = AuditFilter()


class Audit:
    """The log of all operators."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, operator_id: str, *acts: Act) -> None:
        """Adds acts, in their order."""
        values = [
            {
                "operator_id": operator_id,
                "at": act.at,
                "person_id": act.person_id,
                "act": act.act,
                "subject": act.subject,
                "before": None if act.before is None else dict(act.before),
                "after": None if act.after is None else dict(act.after),
            }
            for act in acts
        ]
        if values:
            self._connection.execute(audit_log.insert(), values)

    def newest(self) -> int:
        """The number of the last act of anybody, 0 where there is none: as long as it stays, no admin did anything."""
        return self._connection.execute(select(func.max(audit_log.c.id))).scalar() or 0

    def acts(self, operator_id: str) -> tuple[str, ...]:
        """What was ever done at an operator, each kind of act once."""
        statement = select(audit_log.c.act).where(audit_log.c.operator_id == operator_id).distinct()
        return tuple(sorted(self._connection.execute(statement).scalars()))

    def list(
        self, operator_id: str, wanted: AuditFilter = _EVERYTHING, *, most: int, skip: int = 0
    ) -> list[Act]:
        """An operator's acts, the latest first."""
        statement = select(audit_log).where(audit_log.c.operator_id == operator_id)
        if wanted.act is not None:
            statement = statement.where(audit_log.c.act == wanted.act)
        if wanted.person_id is not None:
            statement = statement.where(audit_log.c.person_id == wanted.person_id)
        if wanted.subject is not None:
            part = audit_log.c.subject.icontains(wanted.subject, autoescape=True)
            statement = statement.where(or_(part, audit_log.c.subject.in_(sorted(wanted.named))))
        if wanted.since is not None:
            statement = statement.where(audit_log.c.at >= wanted.since)
        if wanted.until is not None:
            statement = statement.where(audit_log.c.at < wanted.until)
        if wanted.people is not None or wanted.subjects is not None:
            by, to = sorted(wanted.people or ()), sorted(wanted.subjects or ())
            statement = statement.where(or_(audit_log.c.person_id.in_(by), audit_log.c.subject.in_(to)))
        rows = self._connection.execute(statement.order_by(audit_log.c.id.desc()).limit(most).offset(skip))
        return [
            Act(row.at, row.person_id, row.act, row.subject, row.before, row.after, row.id) for row in rows
        ]
