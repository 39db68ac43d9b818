"""A driver and an agent who have a case together: what each sends, and what the other gets."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image

from bot.domain.people import telegram
from bot.sandbox.telegram.model import Chat, Message
from bot.sandbox.telegram.people import Person
from storage.uow import UnitOfWork
from tests.acceptance.conftest import Stage


class From(StrEnum):
    """Who speaks."""

    DRIVER = "driver"
    AGENT = "agent"


def picture(shade: int = 0) -> bytes:
    """A small photo; each shade is another file."""
    content = io.BytesIO()
    Image.new("RGB", (8, 8), (shade % 256, 90, 120)).save(content, "PNG")
    return content.getvalue()


@dataclass(frozen=True)
class Side:
    """Where somebody speaks: the driver in their chat, the agent in the topic."""

    who: Person
    chat: Chat
    thread: int | None


Sends = Callable[[Side, str, Message | None], list[Message]]


def _text(side: Side, mark: str, reply: Message | None) -> list[Message]:
    return [side.who.text(f"{mark} see https://example.org/", side.chat, thread=side.thread, reply_to=reply)]


def _media(kind: str, name: str = "") -> Sends:
    def send(side: Side, mark: str, reply: Message | None) -> list[Message]:
        file = picture() if kind == "photo" else f"{kind}-{mark}".encode()
        return [side.who.media(kind, file, mark, side.chat, name=name, thread=side.thread, reply_to=reply)]

    return send


def _album(side: Side, mark: str, reply: Message | None) -> list[Message]:
    captions = [f"{mark} first", "", f"{mark} third"]
    photos = [picture(shade) for shade in (1, 2, 3)]
    return side.who.album(photos, captions, side.chat, thread=side.thread, reply_to=reply)


def _sticker(side: Side, _: str, reply: Message | None) -> list[Message]:
    return [side.who.sticker("👍", side.chat, thread=side.thread, reply_to=reply)]


def _location(side: Side, _: str, reply: Message | None) -> list[Message]:
    return [side.who.location(47.07, 15.41, side.chat, thread=side.thread, reply_to=reply)]


def _contact(side: Side, _: str, reply: Message | None) -> list[Message]:
    return [side.who.contact(side.chat, thread=side.thread, reply_to=reply)]


KINDS: dict[str, Sends] = {
    "text": _text,
    "photo": _media("photo"),
    "album": _album,
    "video": _media("video", "clip.mp4"),
    "voice": _media("voice"),
    "document": _media("document", "bill.pdf"),
    "sticker": _sticker,
    "location": _location,
    "contact": _contact,
}
"""Every kind of message, and how somebody sends it."""
WORDLESS = frozenset({"sticker", "location", "contact"})
"""Nobody can edit them in Telegram."""
_CONTENT = (
    "text",
    "entities",
    "caption",
    "caption_entities",
    "photo",
    "video",
    "voice",
    "document",
    "sticker",
    "location",
    "contact",
)


def content(message: Message) -> dict[str, object]:
    """What a message says and shows."""
    return {key: message.body[key] for key in _CONTENT if key in message.body}


def reply_of(message: Message) -> int | None:
    """The number of the message that this one answers."""
    replied = message.body.get("reply_to_message") or {}
    return None if "forum_topic_created" in replied else replied.get("message_id")


@dataclass
class Talk:
    """A case of Lena's that Anna has."""

    stage: Stage

    def side(self, who: From) -> Side:
        stage = self.stage
        if who is From.DRIVER:
            return Side(stage.lena, stage.chat(stage.lena), None)
        thread = next(t.id for t in reversed(stage.hotline.topics.values()) if not t.deleted)
        return Side(stage.anna, stage.hotline, thread)

    def other(self, who: From) -> Side:
        return self.side(From.AGENT if who is From.DRIVER else From.DRIVER)

    async def copies(self, who: From, sent: Sequence[Message], seconds: float = 10) -> list[Message]:
        """The copies of what somebody sent, as the other side has them by what is kept of it."""

        here = telegram(self.side(who).chat.id)

        def numbers(uow: UnitOfWork) -> list[int]:
            found = [uow.messages.shown_at(here, each.id) for each in sent]
            return [each.copy_message for each in found if each is not None and each.copy_message is not None]

        arrived = await self.stage.eventually(lambda uow: len(numbers(uow)) == len(sent), seconds)
        assert arrived, f"not all were copied: {[content(each) for each in sent]}"
        chat = self.other(who).chat
        return [chat.messages[number] for number in await self.stage.database.read(numbers)]


async def talking(stage: Stage, *, taken: bool = True) -> Talk:
    """Lena has asked for a person; Anna has taken the case."""
    stage.lena.start()
    stage.lena.command("agent")
    card = await stage.topic_shows("waiting for an agent", button="✋ Take over")
    if taken:
        stage.tap(stage.anna, "✋ Take over", card)
        await stage.sees(stage.lena, "Anna Agent has joined")
    return Talk(stage)
