"""What drivers wrote while it was not known which of their cases they mean."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, delete, select, update

from bot.domain.people import Address
from storage.repositories.messages import Wording
from storage.repositories.upsert import insert_new
from storage.tables import held_messages


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """A message that waits for its case. `revisions` are its later wordings, each with its time."""

    id: int
    conversation: Address
    person_id: int
    at: datetime
    kind: str
    number: int
    reply_to: int | None
    album: str | None
    wording: Wording
    revisions: tuple[tuple[datetime, Wording], ...] = ()


_IN = (
    select(held_messages).where(held_messages.c.conversation == bindparam("key")).order_by(held_messages.c.id)
)
_CONVERSATION = select(held_messages.c.conversation).where(held_messages.c.id == bindparam("key"))
_DROP = delete(held_messages).where(held_messages.c.conversation == bindparam("key"))


class Held:
    """Messages that wait for their case; `id` is given when one is entered."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, message: HeldMessage) -> None:
        """Enters a message; the same one told twice is entered once."""
        values = {
            "conversation": str(message.conversation),
            "person_id": message.person_id,
            "at": message.at,
            "kind": message.kind,
            "number": message.number,
            "reply_to": message.reply_to,
            "album": message.album,
            "words": message.wording.words,
            "spans": list(message.wording.spans),
            "file": message.wording.file,
            "file_key": message.wording.file_key,
            "revisions": [],
        }
        self._connection.execute(insert_new(self._connection, held_messages), values)

    def all_in(self, conversation: Address) -> list[HeldMessage]:
        """All that wait in a conversation, in order."""
        return [_held(row) for row in self._connection.execute(_IN, {"key": str(conversation)})]

    def conversation_of(self, held_id: int) -> Address | None:
        """Where a message waits; None where it does not wait any more."""
        found = self._connection.execute(_CONVERSATION, {"key": held_id}).scalar()
        return None if found is None else Address.parse(found)

    def revise(self, message: HeldMessage, at: datetime, wording: Wording) -> None:
        """Keeps how a message reads now; what it said before stays."""
        revisions = [*map(_written, message.revisions), _written((at, wording))]
        self._connection.execute(
            update(held_messages).where(held_messages.c.id == message.id).values(revisions=revisions)
        )

    def drop(self, conversation: Address) -> None:
        """They wait no longer: the transaction has put them where they belong."""
        self._connection.execute(_DROP, {"key": str(conversation)})


def _written(revision: tuple[datetime, Wording]) -> dict[str, object]:
    at, wording = revision
    spans = [dict(span) for span in wording.spans]
    return {
        "at": at.isoformat(),
        "words": wording.words,
        "spans": spans,
        "file": wording.file,
        "file_key": wording.file_key,
    }


def _held(row: Row[tuple[object, ...]]) -> HeldMessage:
    return HeldMessage(
        row.id,
        Address.parse(row.conversation),
        row.person_id,
        row.at,
        row.kind,
        row.number,
        row.reply_to,
        row.album,
        Wording(row.words, tuple(row.spans or ()), row.file, row.file_key),
        tuple(
            (
                datetime.fromisoformat(each["at"]),
                Wording(each["words"], tuple(each["spans"]), each["file"], each["file_key"]),
            )
            for each in row.revisions
        ),
    )
