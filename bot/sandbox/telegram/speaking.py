"""What people send."""

import re
from collections.abc import Sequence

from .entities import find_entities
from .model import Body, Chat, Message
from .posting import post, queue
from .presence import Impossible, Presence

_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ALBUM_LEAST, _ALBUM_MOST = 2, 10
_OFFLINE_STICKER = b"RIFF\x00\x00\x00\x00WEBP"


class Speaking(Presence):
    """Every method returns the message as the chat shows it; `thread` is a topic, `reply_to` a message."""

    def send(
        self,
        content: Body,
        chat: Chat | int | None = None,
        *,
        thread: int | None = None,
        reply_to: Message | int | None = None,
    ) -> Message:
        """Posts any content that a person can post."""
        where = self.chat(chat)
        if where.kind == "private":
            if where.blocked:
                raise Impossible("unblock the bot before writing to it")
            where.started = True
        elif where.migrated_to is not None:
            raise Impossible("this group has become a supergroup")
        place = self.place(where, thread, reply_to)
        return post(self.state, where, self.user.json, content, place=place)

    def text(
        self,
        text: str,
        chat: Chat | int | None = None,
        *,
        thread: int | None = None,
        reply_to: Message | int | None = None,
    ) -> Message:
        """A plain text; commands, links and mentions in it become entities."""
        return self.send(
            _with_entities(text.strip(), "text", "entities"), chat, thread=thread, reply_to=reply_to
        )

    def command(self, command: str, chat: Chat | int | None = None, *, thread: int | None = None) -> Message:
        """`command` with or without its slash, with arguments behind it."""
        return self.text("/" + command.removeprefix("/"), chat, thread=thread)

    def start(self, payload: str = "", chat: Chat | int | None = None) -> Message:
        """Presses START, or opens a deep link with a payload; unblocks the bot if need be."""
        if payload and not _PAYLOAD.fullmatch(payload):
            raise Impossible("a start payload has 1 to 64 characters of A-Z, a-z, 0-9, _ and -")
        where = self.chat(chat)
        if where.blocked:
            self.unblock(where)
        return self.text(f"/start {payload}".strip(), where)

    def unblock(self, chat: Chat | int | None = None) -> None:
        """Lifts the block of a bot; the bot learns of it."""
        self._set_blocked(chat, blocked=False)

    def block(self, chat: Chat | int | None = None) -> None:
        """Blocks the bot of a private chat; the bot learns of it."""
        self._set_blocked(chat, blocked=True)

    def _set_blocked(self, chat: Chat | int | None, *, blocked: bool) -> None:
        where = self.chat(chat)
        if where.bot_id is None:
            raise Impossible("only a bot in a private chat can be blocked")
        if where.blocked == blocked:
            return
        where.blocked = blocked
        bot = self.state.bots_by_id[where.bot_id]
        member: Body = {"user": bot.json, "status": "member"}
        banned: Body = {"user": bot.json, "status": "kicked", "until_date": 0}
        payload = {
            "chat": where.json,
            "from": self.user.json,
            "date": self.state.now(),
            "old_chat_member": member if blocked else banned,
            "new_chat_member": banned if blocked else member,
        }
        self.state.note("member", where, payload)
        queue(self.state, bot, "my_chat_member", where.id, payload)

    def photo(
        self,
        content: bytes,
        caption: str = "",
        chat: Chat | int | None = None,
        *,
        thread: int | None = None,
        reply_to: Message | int | None = None,
    ) -> Message:
        """A photo; `content` is a PNG or JPEG, of which Telegram makes several sizes."""
        return self.media("photo", content, caption, chat, thread=thread, reply_to=reply_to)

    def media(  # noqa: PLR0913 - what and where, the latter by keyword.
        self,
        kind: str,
        content: bytes,
        caption: str = "",
        chat: Chat | int | None = None,
        *,
        name: str = "",
        thread: int | None = None,
        reply_to: Message | int | None = None,
    ) -> Message:
        """A photo, voice, video, document, audio or animation, by `kind`."""
        part = self._part(kind, content, name)
        return self.send({**part, **_caption(caption)}, chat, thread=thread, reply_to=reply_to)

    def _part(self, kind: str, content: bytes, name: str = "") -> Body:
        facts: Body = {"duration": 3} if kind in ("voice", "video", "audio", "animation") else {}
        if kind in ("video", "animation"):
            facts |= {"width": 640, "height": 480}
        return self.state.files.media(kind, content, name=name, **facts)

    def voice(self, content: bytes, chat: Chat | int | None = None, *, thread: int | None = None) -> Message:
        return self.media("voice", content, "", chat, thread=thread)

    def video(self, content: bytes, caption: str = "", chat: Chat | int | None = None) -> Message:
        return self.media("video", content, caption, chat, name="video.mp4")

    def document(
        self, content: bytes, name: str, caption: str = "", chat: Chat | int | None = None
    ) -> Message:
        return self.media("document", content, caption, chat, name=name)

    def album(
        self,
        photos: Sequence[bytes],
        captions: Sequence[str] = (),
        chat: Chat | int | None = None,
        *,
        thread: int | None = None,
        reply_to: Message | int | None = None,
    ) -> list[Message]:
        """2 to 10 photos in one group; captions belong to the photos in the same place."""
        if not _ALBUM_LEAST <= len(photos) <= _ALBUM_MOST:
            raise Impossible("an album has 2 to 10 photos")
        group = {"media_group_id": str(13_000_000_000_000_000 + next(self.state.numbers))}
        texts = [*captions, *[""] * len(photos)]
        return [
            self.send(
                {**self._part("photo", photo), **_caption(text), **group},
                chat,
                thread=thread,
                reply_to=reply_to,
            )
            for photo, text in zip(photos, texts, strict=False)
        ]

    def sticker(
        self,
        emoji: str = "👍",
        chat: Chat | int | None = None,
        *,
        thread: int | None = None,
        reply_to: Message | int | None = None,
    ) -> Message:
        facts: Body = {
            "width": 512,
            "height": 512,
            "is_animated": False,
            "is_video": False,
            "type": "regular",
        }
        part = self.state.files.media("sticker", _OFFLINE_STICKER, emoji=emoji, **facts)
        return self.send(part, chat, thread=thread, reply_to=reply_to)

    def location(
        self,
        latitude: float,
        longitude: float,
        chat: Chat | int | None = None,
        *,
        thread: int | None = None,
        reply_to: Message | int | None = None,
    ) -> Message:
        where: Body = {"latitude": latitude, "longitude": longitude}
        return self.send({"location": where}, chat, thread=thread, reply_to=reply_to)

    def contact(
        self,
        chat: Chat | int | None = None,
        *,
        thread: int | None = None,
        reply_to: Message | int | None = None,
    ) -> Message:
        """The person's own contact, as the button that requests it sends it."""
        contact: Body = {
            "phone_number": self.user.phone_number or f"+10{self.id:08d}",
            "first_name": self.user.first_name,
            "user_id": self.id,
        }
        return self.send({"contact": contact}, chat, thread=thread, reply_to=reply_to)


def _with_entities(text: str, field: str, entities: str) -> Body:
    if not text:
        raise Impossible("there is nothing to send")
    found = find_entities(text)
    return {field: text, entities: found} if found else {field: text}


def _caption(caption: str) -> Body:
    return _with_entities(caption, "caption", "caption_entities") if caption else {}
