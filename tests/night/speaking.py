"""How people of the night speak: everything that they send is entered into the ledger, with its mark."""

from dataclasses import dataclass
from random import Random

from bot.sandbox.telegram.model import Chat, Message
from bot.sandbox.telegram.people import Person
from bot.views.callbacks import Callback, unpack
from tests.acceptance.talk import picture
from tests.night.ledger import Ledger, Sent, Side
from tests.night.scene import Scene

_WORDS = (
    "it still does nothing",
    "the display is dark",
    "I have tried it three times",
    "es tut sich noch immer nichts",
    "ich stehe seit zehn Minuten hier",
    "is anybody there?",
    "bitte um Hilfe",
    "the app says that it is free",
)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where somebody speaks, as whom, and about whose case."""

    who: Person
    side: Side
    speaker: int
    driver: int
    chat: Chat
    thread: int | None = None


class Speaker:
    """Sends every kind of message."""

    def __init__(self, scene: Scene, ledger: Ledger, chance: Random) -> None:
        self._scene = scene
        self._ledger = ledger
        self._chance = chance

    def text(self, spot: Spot, reply: Message | None = None) -> None:
        """A text, as an answer where there is something to answer."""
        mark = self._ledger.next_mark(spot.side, spot.speaker)
        words = f"{self._chance.choice(_WORDS)} {mark}"
        if spot.side is Side.NOTE:
            words = f"// {words}"
        sent = spot.who.text(words, spot.chat, thread=spot.thread, reply_to=reply)
        self._keep(spot, "text", mark, sent, words, reply)

    def media(self, spot: Spot) -> None:
        """A photo, a voice message, a video, a document or a place."""
        mark = self._ledger.next_mark(spot.side, spot.speaker)
        kind = self._chance.choice(("photo", "photo", "voice", "video", "document", "location"))
        prefix = "// " if spot.side is Side.NOTE else ""
        caption = f"{prefix}look {mark}"
        if kind == "location" and spot.side is not Side.NOTE:
            place = self._ledger.place(mark)
            sent = spot.who.location(*place, spot.chat, thread=spot.thread)
            self._keep(spot, "location", mark, sent, "", None)
            return
        kind = "photo" if kind == "location" else kind
        name = {"document": "bill.pdf", "video": "clip.mp4"}.get(kind, "")
        content = self._photo() if kind == "photo" else f"{kind} {mark}".encode()
        sent = spot.who.media(kind, content, caption, spot.chat, name=name, thread=spot.thread)
        self._keep(spot, kind, mark, sent, caption, None)

    def album(self, spot: Spot) -> None:
        """Two or three photos in one, each with words of its own."""
        count = self._chance.choice((2, 3))
        marks = [self._ledger.next_mark(spot.side, spot.speaker) for _ in range(count)]
        prefix = "// " if spot.side is Side.NOTE else ""
        captions = [f"{prefix}part {mark}" for mark in marks]
        photos = [self._photo() for _ in marks]
        parts = spot.who.album(photos, captions, spot.chat, thread=spot.thread)
        for mark, part, caption in zip(marks, parts, captions, strict=True):
            self._keep(spot, "album", mark, part, caption, None)

    def edit(self, spot: Spot, sent: Sent) -> None:
        """Other words in the place of those that were sent."""
        words = f"{self._chance.choice(_WORDS)}, I mean {sent.mark}"
        if spot.side is Side.NOTE:
            words = f"// {words}"
        spot.who.edit(sent.number, words, spot.chat)
        sent.texts.append(words)

    def react(self, spot: Spot, message: Message) -> None:
        """An emoji on what the other side said."""
        said = self._ledger.copied(message)
        if said is None:
            return
        said.reaction = self._chance.choice(("❤", "🔥", "🙏"))
        spot.who.react(message, said.reaction, spot.chat)

    def _photo(self) -> bytes:
        return picture(self._chance.randrange(256))

    def _keep(
        self, spot: Spot, kind: str, mark: str, message: Message, words: str, reply: Message | None
    ) -> None:
        answered = None if reply is None else self._ledger.copied(reply)
        self._ledger.keep(
            Sent(
                mark,
                spot.side,
                spot.speaker,
                spot.driver,
                self._scene.clock(),
                kind,
                spot.chat.id,
                message.id,
                spot.thread,
                [words] if words else [],
                None if answered is None else answered.mark,
            )
        )


def buttons(message: Message) -> list[tuple[str, Callback]]:
    """The buttons under a message that a bot understands: their data, and what they do."""
    found = []
    for each in message.buttons:
        data = str(each.get("callback_data") or "")
        meant = unpack(data) if data else None
        if meant is not None:
            found.append((data, meant))
    return found
