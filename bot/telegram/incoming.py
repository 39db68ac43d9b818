"""Reading an update: who it is from, which lane keeps its order, what kind of message it holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.cases.relay import Message
from bot.domain.people import Address, telegram
from storage.repositories.people import Identity

Raw = Mapping[str, Any]  # Any: an update is JSON of many shapes, and only what is used of it is looked at.

ALLOWED_UPDATES = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
)
"""Set explicitly: what Telegram sends by default differs from this."""

_SERVICE = frozenset(
    {
        "forum_topic_created",
        "forum_topic_edited",
        "forum_topic_closed",
        "forum_topic_reopened",
        "general_forum_topic_hidden",
        "general_forum_topic_unhidden",
        "pinned_message",
        "new_chat_title",
        "new_chat_photo",
        "delete_chat_photo",
        "new_chat_members",
        "left_chat_member",
        "group_chat_created",
        "supergroup_chat_created",
        "message_auto_delete_timer_changed",
    }
)


def is_noise(update: Raw) -> bool:
    """Service messages that say nothing to anybody."""
    return not _SERVICE.isdisjoint(update.get("message") or ())


def lane(update: Raw) -> str:
    """The key within which updates keep their order: the conversation, as an address."""
    message = _message(update)
    if message is None:
        member = update.get("my_chat_member")
        return "none" if member is None else str(telegram(member["chat"]["id"]))
    return str(_address(message))


def identity(update: Raw) -> Identity | None:
    """Who did it; None for what no person did."""
    for kind in ("callback_query", "message", "edited_message", "my_chat_member"):
        sender = (update.get(kind) or {}).get("from")
        if sender is not None and not sender.get("is_bot"):
            name = " ".join(filter(None, (sender.get("first_name"), sender.get("last_name"))))
            language = sender.get("language_code")
            return Identity(sender["id"], name or "?", sender.get("username"), language)
    return _anonymous(update)


def _anonymous(update: Raw) -> Identity | None:
    """An admin of a group who writes in its name: the words count, only the name is the group's."""
    message = update.get("message") or update.get("edited_message") or {}
    group = message.get("sender_chat") or {}
    if not group or group["id"] != message["chat"]["id"]:
        return None
    return Identity(message["from"]["id"], message.get("author_signature") or group.get("title") or "?")


@dataclass(frozen=True, slots=True)
class Tap:
    """A button was pressed. `message` is None where the message is too old to be changed."""

    callback_id: str
    data: str
    message: int | None


@dataclass(frozen=True, slots=True)
class Words:
    """Somebody wrote or sent something; `image` is the file of a picture, the largest size of a photo."""

    message: Message
    edited: bool = False
    image: str | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """The group became a supergroup."""

    new_chat: int


@dataclass(frozen=True, slots=True)
class Membership:
    """The bot was blocked, unblocked, added or put out."""

    gone: bool


@dataclass(frozen=True, slots=True)
class Incoming:
    """An update, reduced to what is used of it."""

    update_id: int
    conversation: Address
    what: Tap | Words | Moved | Membership


def read(update: Raw) -> Incoming | None:
    """The update as a value; None for kinds that are not handled."""
    number = int(update["update_id"])
    if "callback_query" in update:
        return _tap(number, update["callback_query"])
    if "my_chat_member" in update:
        member = update["my_chat_member"]
        gone = member["new_chat_member"]["status"] in {"kicked", "left"}
        return Incoming(number, telegram(member["chat"]["id"]), Membership(gone))
    message = _message(update)
    if message is None:
        return None
    if "migrate_to_chat_id" in message:
        return Incoming(number, _address(message), Moved(int(message["migrate_to_chat_id"])))
    edited = "edited_message" in update
    return Incoming(number, _address(message), Words(_said(message), edited, _image(message)))


def _tap(number: int, query: Raw) -> Incoming | None:
    message = query.get("message")
    if message is None:
        return None
    # Telegram dates a message that it no longer gives out with 0.
    shown = int(message["message_id"]) if message.get("date") else None
    return Incoming(number, _address(message), Tap(query["id"], query.get("data", ""), shown))


def _address(message: Raw) -> Address:
    topic = message.get("message_thread_id") if message.get("is_topic_message") else None
    return telegram(message["chat"]["id"], topic)


def _said(message: Raw) -> Message:
    return Message(int(message["message_id"]), _kind(message), message.get("text") or message.get("caption"))


def _image(message: Raw) -> str | None:
    if message.get("photo"):
        return str(message["photo"][-1]["file_id"])
    document = message.get("document") or {}
    return str(document["file_id"]) if str(document.get("mime_type", "")).startswith("image/") else None


def _message(update: Raw) -> Raw | None:
    for kind in ("message", "edited_message"):
        if kind in update:
            found: Raw = update[kind]
            return found
    pressed: Raw | None = (update.get("callback_query") or {}).get("message")
    return pressed


_KINDS = ("text", "photo", "video", "voice", "audio", "document", "sticker", "location", "contact")


def _kind(message: Raw) -> str:
    return next((kind for kind in _KINDS if kind in message), "other")
