"""One-time links. Only a hash of the secret is kept, so that nobody can take a link from the database."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Row, insert, select, update

from storage.tables import invitations


class Purpose(StrEnum):
    """What a link is for."""

    STAFF = "staff"
    """Joins a group; `data`: group, entity, name."""
    TECHNICIAN = "technician"
    """Ties a Telegram account to a technician; `data`: stations, separated by newlines, and name."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that was given out."""

    id: int
    operator_id: str
    purpose: Purpose
    created_at: datetime
    expires_at: datetime
    invited_by: int | None = None
    data: Mapping[str, str] = field(default_factory=dict)
    used_by: int | None = None
    used_at: datetime | None = None
    withdrawn_at: datetime | None = None

    def open(self, now: datetime) -> bool:
        """Whether it can still be used."""
        return self.used_at is None and self.withdrawn_at is None and now < self.expires_at


class Invitations:
    """The links of all operators."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, secret: str, invitation: Invitation) -> int:
        """Keeps a new one; its number is given by the database."""
        values = {
            "operator_id": invitation.operator_id,
            "secret_hash": _hash(secret),
            "purpose": invitation.purpose.value,
            "data": dict(invitation.data),
            "invited_by": invitation.invited_by,
            "created_at": invitation.created_at,
            "expires_at": invitation.expires_at,
        }
        statement = insert(invitations).values(values).returning(invitations.c.id)
        return int(self._connection.execute(statement).scalar_one())

    def by_secret(self, secret: str) -> Invitation | None:
        """The one whose link holds the secret."""
        statement = select(invitations).where(invitations.c.secret_hash == _hash(secret))
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else _invitation(row)

    def open_of(self, operator_id: str, now: datetime) -> list[Invitation]:
        """Those of an operator that can still be used, the latest first."""
        statement = (
            select(invitations)
            .where(
                invitations.c.operator_id == operator_id,
                invitations.c.used_at.is_(None),
                invitations.c.withdrawn_at.is_(None),
                invitations.c.expires_at > now,
            )
            .order_by(invitations.c.id.desc())
        )
        return [_invitation(row) for row in self._connection.execute(statement)]

    def regroup(self, operator_id: str, old: str, new: str, now: datetime) -> None:
        """A group has another name: the links that lead into it go on doing so."""
        for each in self.open_of(operator_id, now):
            if each.data.get("group") == old:
                data = {**each.data, "group": new}
                self._connection.execute(
                    update(invitations).where(invitations.c.id == each.id).values(data=data)
                )

    def use(self, invitation_id: int, person_id: int, now: datetime) -> bool:
        """Uses it up; False where somebody else was faster, or it was withdrawn."""
        return self._end(invitation_id, {"used_by": person_id, "used_at": now})

    def withdraw(self, invitation_id: int, now: datetime) -> bool:
        """Takes it back; False where it was used."""
        return self._end(invitation_id, {"withdrawn_at": now})

    def _end(self, invitation_id: int, values: Mapping[str, object]) -> bool:
        statement = (
            update(invitations)
            .where(
                invitations.c.id == invitation_id,
                invitations.c.used_at.is_(None),
                invitations.c.withdrawn_at.is_(None),
            )
            .values(dict(values))
            .returning(invitations.c.id)
        )
        return self._connection.execute(statement).one_or_none() is not None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _invitation(row: Row[tuple[object, ...]]) -> Invitation:
    return Invitation(
        row.id,
        row.operator_id,
        Purpose(row.purpose),
        row.created_at,
        row.expires_at,
        row.invited_by,
        row.data,
        row.used_by,
        row.used_at,
        row.withdrawn_at,
    )
