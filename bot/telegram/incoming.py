"""Reading an update: who it is from, which lane keeps its order, what kind of message it holds."""

from collections.abc import Mapping
from typing import Any

from telegram import Message as TelegramMessage

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
    topic = message.get("message_thread_id") if message.get("is_topic_message") else None
    return str(telegram(message["chat"]["id"], topic))


def identity(update: Raw) -> Identity | None:
    """Who did it; None for what no person did."""
    for kind in ("callback_query", "message", "edited_message", "my_chat_member"):
        sender = (update.get(kind) or {}).get("from")
        if sender is not None and not sender.get("is_bot"):
            name = " ".join(filter(None, (sender.get("first_name"), sender.get("last_name"))))
            language = sender.get("language_code")
            return Identity(sender["id"], name or "?", sender.get("username"), language)
    return None


def address(message: TelegramMessage) -> Address:
    """The conversation of a message."""
    return telegram(message.chat.id, message.message_thread_id if message.is_topic_message else None)


def said(message: TelegramMessage) -> Message:
    """What somebody sent."""
    return Message(message.message_id, _kind(message), message.text or message.caption)


def _message(update: Raw) -> Raw | None:
    for kind in ("message", "edited_message"):
        if kind in update:
            found: Raw = update[kind]
            return found
    pressed: Raw | None = (update.get("callback_query") or {}).get("message")
    return pressed


_KINDS = ("text", "photo", "video", "voice", "audio", "document", "sticker", "location", "contact")


def _kind(message: TelegramMessage) -> str:
    return next((kind for kind in _KINDS if getattr(message, kind)), "other")
