"""Drafts of reports."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from bot.domain.draft import Draft, Step
from bot.domain.people import Address
from storage.repositories.upsert import put
from storage.tables import drafts

_GET = select(drafts).where(drafts.c.conversation == bindparam("key"))
_DROP = delete(drafts).where(drafts.c.conversation == bindparam("key"))


class Drafts:
    """One draft per conversation at most."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, conversation: Address) -> Draft | None:
        """The draft of a conversation."""
        row = self._connection.execute(_GET, {"key": str(conversation)}).one_or_none()
        if row is None:
            return None
        return Draft(conversation, row.person_id, Step(row.step), row.evse_id, tuple(row.choices))

    def put(self, draft: Draft, now: datetime) -> None:
        """Keeps the draft in place of an earlier one."""
        put(
            self._connection,
            drafts,
            {
                "conversation": str(draft.conversation),
                "person_id": draft.person_id,
                "step": draft.step.value,
                "evse_id": draft.evse_id,
                "choices": list(draft.choices),
                "changed_at": now,
            },
        )

    def drop(self, conversation: Address) -> None:
        """Forgets the draft, if there is one."""
        self._connection.execute(_DROP, {"key": str(conversation)})
