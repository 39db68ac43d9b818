"""What people said in a case, how they changed it, how it was reacted to, and where its copies are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from bot.domain.people import Address
from storage.repositories.upsert import insert_new
from storage.tables import message_revisions, messages

Spans = tuple[Mapping[str, object], ...]
"""Which parts of the words are bold, a link and so on, as Telegram writes it."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What a message says at one time. `file` is what Telegram sends again, `file_key` what never changes of it."""

    words: str | None
    spans: Spans = ()
    file: str | None = None
    file_key: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One message. `words` is its text or caption as first written; `source` is where the person wrote it.

    `reply_to` is the number, in that chat, of what it answers.
    """

    case_id: int
    person_id: int
    from_driver: bool
    at: datetime
    kind: str
    words: str | None
    source: Address
    source_message: int
    reply_to: int | None = None
    album: str | None = None
    spans: Spans = ()
    file: str | None = None
    file_key: str | None = None

    @property
    def wording(self) -> Wording:
        """What it said at first."""
        return Wording(self.words, self.spans, self.file, self.file_key)


@dataclass(frozen=True, slots=True)
class Passed:
    """A message with its copy on the other side, None until there is one, and the reactions of both sides.

    `reaction` is that of the side which wrote it, `reaction_back` that of the other.
    """

    id: int
    said: Said
    copy: Address | None
    copy_message: int | None
    reaction: str | None
    reaction_back: str | None


_OF_CASE = select(messages).where(messages.c.case_id == bindparam("key")).order_by(messages.c.id)
_CASE_OF = select(messages.c.case_id).where(
    messages.c.source == bindparam("said_in"), messages.c.source_message == bindparam("number")
)
_HERE = (messages.c.source == bindparam("said_in"), messages.c.source_message == bindparam("number"))
_AT = select(messages).where(*_HERE)
_NUMBERED = select(messages).where(
    or_(messages.c.source_message == bindparam("number"), messages.c.copy_message == bindparam("number"))
)
_COPIED = update(messages).where(*_HERE).values(copy=bindparam("to"), copy_message=bindparam("made"))
_ALBUM = (
    select(messages)
    .where(
        messages.c.case_id == bindparam("key"),
        messages.c.album == bindparam("name"),
        messages.c.source == bindparam("said_in"),
    )
    .order_by(messages.c.source_message)
)
_ADD_REVISION = insert(message_revisions)
_REVISIONS = (
    select(message_revisions)
    .where(message_revisions.c.message_id == bindparam("key"))
    .order_by(message_revisions.c.id)
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
            "reply_to": said.reply_to,
            "album": said.album,
            "spans": list(said.spans),
            "file": said.file,
            "file_key": said.file_key,
        }
        self._connection.execute(insert_new(self._connection, messages), values)

    def copied(self, source: Address, source_message: int, to: Address, made: int) -> None:
        """Where the message's copy is."""
        values = {"said_in": str(source), "number": source_message, "to": str(to), "made": made}
        self._connection.execute(_COPIED, values)

    def placed(self, passed: Passed, at: Address, number: int) -> None:
        """Where a message stands that had no number when it was entered."""
        changed = {"source": str(at), "source_message": number}
        self._connection.execute(update(messages).where(messages.c.id == passed.id).values(**changed))

    def case_of(self, source: Address, source_message: int) -> int | None:
        """The case that a message belongs to; None for a message of no case."""
        found: int | None = self._connection.execute(
            _CASE_OF, {"said_in": str(source), "number": source_message}
        ).scalar()
        return found

    def at(self, source: Address, source_message: int) -> Passed | None:
        """The message that somebody wrote there; None for one of no case."""
        row = self._connection.execute(_AT, {"said_in": str(source), "number": source_message}).one_or_none()
        return None if row is None else _passed(row)

    def shown_at(self, chat: Address, number: int) -> Passed | None:
        """The message that has this number in a chat, as it was written or as its copy, in whichever topic."""
        for row in self._connection.execute(_NUMBERED, {"number": number}):
            passed = _passed(row)
            if number_in(passed, chat) == number:
                return passed
        return None

    def album(self, case_id: int, source: Address, name: str) -> list[Passed]:
        """The parts of an album that have come so far, in order."""
        values = {"key": case_id, "said_in": str(source), "name": name}
        return [_passed(row) for row in self._connection.execute(_ALBUM, values)]

    def of_case(self, case_id: int) -> list[Said]:
        """All messages of a case, in order."""
        return [_said(row) for row in self._connection.execute(_OF_CASE, {"key": case_id})]

    def passed_of(self, case_id: int) -> list[Passed]:
        """The same, with their copies."""
        return [_passed(row) for row in self._connection.execute(_OF_CASE, {"key": case_id})]

    def revise(self, passed: Passed, at: datetime, wording: Wording) -> None:
        """Keeps how a message reads now; what it said before stays."""
        values = {
            "message_id": passed.id,
            "at": at,
            "words": wording.words,
            "spans": list(wording.spans),
            "file": wording.file,
            "file_key": wording.file_key,
        }
        self._connection.execute(_ADD_REVISION, values)

    def wordings(self, passed: Passed) -> list[Wording]:
        """All that a message has said, the first wording first."""
        rows = self._connection.execute(_REVISIONS, {"key": passed.id})
        return [passed.said.wording, *(_wording(row) for row in rows)]

    def react(self, passed: Passed, emoji: str | None, *, back: bool) -> None:
        """Keeps the reaction of the side that wrote a message, or of the other with `back`; None takes it away."""
        changed = {"reaction_back" if back else "reaction": emoji}
        self._connection.execute(update(messages).where(messages.c.id == passed.id).values(**changed))


def number_in(passed: Passed, chat: Address) -> int | None:
    """The number that a message, or its copy, has in a chat; None where neither is there."""
    said, copy = passed.said, passed.copy
    if (said.source.channel, said.source.chat) == (chat.channel, chat.chat):
        return said.source_message
    if copy is not None and (copy.channel, copy.chat) == (chat.channel, chat.chat):
        return passed.copy_message
    return None


def _wording(row: Row[tuple[object, ...]]) -> Wording:
    return Wording(row.words, tuple(row.spans or ()), row.file, row.file_key)


def _passed(row: Row[tuple[object, ...]]) -> Passed:
    copy = None if row.copy is None else Address.parse(row.copy)
    return Passed(row.id, _said(row), copy, row.copy_message, row.reaction, row.reaction_back)


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
        row.reply_to,
        row.album,
        tuple(row.spans or ()),
        row.file,
        row.file_key,
    )
