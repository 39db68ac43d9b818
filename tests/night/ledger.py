"""What everybody said in the night. Each message carries a mark that nobody else's has, so that it can be searched."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.sandbox.telegram.model import Chat, Message

MARK = re.compile(r"\[([dan]\d\d)-(\d+)\]")
_LATITUDE, _STEP = 40.0, 0.001


class Side(StrEnum):
    """Who says something, and to whom."""

    DRIVER = "d"
    AGENT = "a"
    NOTE = "n"
    """An agent, to the other agents."""


@dataclass
class Sent:
    """One message. `driver` is the number of the driver whose case it belongs to; `texts` all that it ever said."""

    mark: str
    side: Side
    speaker: int
    driver: int
    at: datetime
    kind: str
    chat: int
    number: int
    thread: int | None
    texts: list[str]
    answers: str | None = None
    """The mark of the message that it answers."""
    reaction: str | None = None
    """How the other side reacted to it at last."""


@dataclass
class Ledger:
    """All that was said, by mark, in the order in which it was said."""

    said: dict[str, Sent] = field(default_factory=dict)
    _places: dict[str, str] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def next_mark(self, side: Side, speaker: int) -> str:
        """A mark that was never given before."""
        who = f"{side.value}{speaker:02d}"
        self._counts[who] = self._counts.get(who, 0) + 1
        return f"[{who}-{self._counts[who]}]"

    def keep(self, sent: Sent) -> Sent:
        """Remembers it."""
        self.said[sent.mark] = sent
        return sent

    def place(self, mark: str) -> tuple[float, float]:
        """A place on earth that stands for a mark, as a location has no words."""
        latitude = _LATITUDE + len(self._places) * _STEP
        self._places[f"{latitude:.3f}"] = mark
        return latitude, 15.0

    def marks(self, message: Message) -> list[str]:
        """The marks that a message shows or has shown, each once."""
        found = [f"[{who}-{number}]" for text in texts_of(message) for who, number in MARK.findall(text)]
        if "location" in message.body:
            found.append(self._places.get(f"{message.body['location']['latitude']:.3f}", ""))
        return [mark for mark in dict.fromkeys(found) if mark]

    def copied(self, message: Message) -> Sent | None:
        """What was said that this message says again, word for word; None for what only quotes it."""
        marks = self.marks(message)
        sent = self.said.get(marks[0]) if len(marks) == 1 else None
        if sent is None:
            return None
        said = "location" in message.body or any(text in sent.texts for text in texts_of(message))
        return sent if said else None

    def at(self, chat: Chat, number: int) -> Sent | None:
        """What somebody said in a chat under that number."""
        for sent in reversed(self.said.values()):
            if (sent.chat, sent.number) == (chat.id, number):
                return sent
        return None


def texts_of(message: Message) -> list[str]:
    """All that a message has ever said, the newest last."""
    bodies = [*message.revisions, message.body]
    return [str(body.get("text") or body.get("caption") or "") for body in bodies]
