"""Where admins stand in their menus, so that a restart loses nothing that they had begun."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, select

from bot.domain.people import Address
from storage.repositories.upsert import put
from storage.tables import desks


@dataclass(frozen=True, slots=True)
class Form:
    """A question that is open: what the person writes next answers it.

    `name` says which form, `subject` what it is about, `asks` what is asked for, `values` what was answered so far.
    """

    name: str
    subject: str = ""
    asks: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Desk:
    """An admin's place: the operator that they chose where they have several, the open form, and what lists show.

    `selection` holds the IDs of stations, `filters` the filters of lists by their names.
    """

    conversation: Address
    person_id: int
    operator_id: str | None = None
    form: Form | None = None
    selection: tuple[str, ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)


class Desks:
    """One desk for each conversation."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, conversation: Address) -> Desk | None:
        """The desk of a conversation, if there is one."""
        statement = select(desks).where(desks.c.conversation == str(conversation))
        row = self._connection.execute(statement).one_or_none()
        if row is None:
            return None
        form = None if row.form is None else Form(**row.form)
        kept = row.selection
        return Desk(
            conversation,
            row.person_id,
            row.operator_id,
            form,
            tuple(kept.get("stations", ())),
            kept.get("filters", {}),
        )

    def put(self, desk: Desk, now: datetime) -> None:
        """Keeps a desk in place of the one of its conversation."""
        form = desk.form
        values = {
            "conversation": str(desk.conversation),
            "person_id": desk.person_id,
            "operator_id": desk.operator_id,
            "form": None
            if form is None
            else {
                "name": form.name,
                "subject": form.subject,
                "asks": form.asks,
                "values": dict(form.values),
            },
            "selection": {"stations": list(desk.selection), "filters": dict(desk.filters)},
            "changed_at": now,
        }
        put(self._connection, desks, values)
