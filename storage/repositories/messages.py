"""What people said in a case, and where its copies are."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, select, update

from bot.domain.people import Address
from storage.repositories.upsert import insert_new
from storage.tables import messages


@dataclass(frozen=True, slots=True)
class Said:
    """One message. `words` is its text or caption; `source` is where the person wrote it."""

    case_id: int
    person_id: int
    from_driver: bool
    at: datetime
    kind: str
    words: str | None
    source: Address
    source_message: int


_OF_CASE = select(messages).where(messages.c.case_id == bindparam("key")).order_by(messages.c.id)
_CASE_OF = select(messages.c.case_id).where(
    messages.c.source == bindparam("said_in"), messages.c.source_message == bindparam("number")
)
_COPIED = (
    update(messages)
    .where(messages.c.source == bindparam("said_in"), messages.c.source_message == bindparam("number"))
    .values(copy=bindparam("to"), copy_message=bindparam("made"))
)


class Messages:
    """The words of a case; entered before the update that brought them is acknowledged as applied."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, said: Said) -> None:
        """Enters a message; the same message told twice is entered once."""
        values = {
            "case_id": said.case_id,
            "person_id": said.person_id,
            "from_driver": said.from_driver,
            "at": said.at,
            "kind": said.kind,
            "words": said.words,
            "source": str(said.source),
            "source_message": said.source_message,
        }
        self._connection.execute(insert_new(self._connection, messages), values)

    def copied(self, source: Address, source_message: int, to: Address, made: int) -> None:
        """Where the message's copy is."""
        values = {"said_in": str(source), "number": source_message, "to": str(to), "made": made}
        self._connection.execute(_COPIED, values)

    def case_of(self, source: Address, source_message: int) -> int | None:
        """The case that a message belongs to; None for a message of no case."""
        found: int | None = self._connection.execute(
            _CASE_OF, {"said_in": str(source), "number": source_message}
        ).scalar()
        return found

    def of_case(self, case_id: int) -> list[Said]:
        """All messages of a case, in order."""
        return [_said(row) for row in self._connection.execute(_OF_CASE, {"key": case_id})]


def _said(row: Row[tuple[object, ...]]) -> Said:
    return Said(
        row.case_id,
        row.person_id,
        row.from_driver,
        row.at,
        row.kind,
        row.words,
        Address.parse(row.source),
        row.source_message,
    )
