"""Reading an update: who it is from, which lane keeps its order, what kind of message it holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.cases.talk.relay import Message
from bot.domain.account import SHARED, Account
from bot.domain.people import Address
from storage.repositories.people import Identity

Raw = Mapping[str, Any]  # Any: an update is JSON of many shapes, and only what is used of it is looked at.

ALLOWED_UPDATES = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "message_reaction",
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


NOWHERE = "none"


def lane(update: Raw, account: Account = SHARED) -> str:
    """The key within which updates keep their order: the conversation, as an address of the bot that got it."""
    message = _message(update)
    if message is None:
        member = update.get("my_chat_member") or update.get("message_reaction")
        return NOWHERE if member is None else str(account.address(member["chat"]["id"]))
    return str(_address(account, message))


def account_of(lane: str) -> Account:
    """The bot that got the updates of a lane."""
    return SHARED if lane == NOWHERE else Account.on(Address.parse(lane).channel)


def identity(update: Raw) -> Identity | None:
    """Who did it; None for what no person did."""
    for kind in ("callback_query", "message", "edited_message", "my_chat_member"):
        sender = (update.get(kind) or {}).get("from")
        if sender is not None and not sender.get("is_bot"):
            return _named(sender)
    person = (update.get("message_reaction") or {}).get("user")
    return _anonymous(update) if person is None else _named(person)


def _named(person: Raw) -> Identity:
    name = " ".join(filter(None, (person.get("first_name"), person.get("last_name"))))
    return Identity(person["id"], name or "?", person.get("username"), person.get("language_code"))


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
class Document:
    """A file that somebody sent, to be fetched by `file_id`; `size` in bytes, None where Telegram does not say."""

    file_id: str
    name: str
    size: int | None


@dataclass(frozen=True, slots=True)
class Contact:
    """A phone number that somebody shared; `own` says that Telegram vouches for it as their own."""

    phone: str
    own: bool


@dataclass(frozen=True, slots=True)
class Words:
    """Somebody wrote or sent something; `image` is the file of a picture, the largest size of a photo."""

    message: Message
    edited: bool = False
    image: str | None = None
    document: Document | None = None
    contact: Contact | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """The group became a supergroup."""

    new_chat: int


@dataclass(frozen=True, slots=True)
class Membership:
    """The bot was blocked, unblocked, added or put out."""

    gone: bool


@dataclass(frozen=True, slots=True)
class Reacted:
    """Somebody set a reaction on a message, or took it back: then `emoji` is None."""

    message: int
    emoji: str | None


@dataclass(frozen=True, slots=True)
class Incoming:
    """An update, reduced to what is used of it. `update_id` is its number among those of all bots."""

    update_id: int
    conversation: Address
    what: Tap | Words | Moved | Membership | Reacted


def read(update: Raw, account: Account = SHARED) -> Incoming | None:
    """An update of a bot as a value; None for kinds that are not handled."""
    number = account.key(int(update["update_id"]))
    if "callback_query" in update:
        return _tap(number, account, update["callback_query"])
    if "my_chat_member" in update:
        member = update["my_chat_member"]
        gone = member["new_chat_member"]["status"] in {"kicked", "left"}
        return Incoming(number, account.address(member["chat"]["id"]), Membership(gone))
    if "message_reaction" in update:
        return _reacted(number, account, update["message_reaction"])
    message = _message(update)
    if message is None:
        return None
    conversation = _address(account, message)
    if "migrate_to_chat_id" in message:
        return Incoming(number, conversation, Moved(int(message["migrate_to_chat_id"])))
    return Incoming(number, conversation, _words(message, edited="edited_message" in update))


def _reacted(number: int, account: Account, reaction: Raw) -> Incoming:
    # Bots may set the ordinary emoji only; a custom one counts as none.
    emoji = next((each.get("emoji") for each in reaction["new_reaction"] if each["type"] == "emoji"), None)
    what = Reacted(int(reaction["message_id"]), emoji)
    return Incoming(number, account.address(reaction["chat"]["id"]), what)


def _tap(number: int, account: Account, query: Raw) -> Incoming | None:
    message = query.get("message")
    if message is None:
        return None
    # Telegram dates a message that it no longer gives out with 0.
    shown = int(message["message_id"]) if message.get("date") else None
    return Incoming(number, _address(account, message), Tap(query["id"], query.get("data", ""), shown))


def _address(account: Account, message: Raw) -> Address:
    topic = message.get("message_thread_id") if message.get("is_topic_message") else None
    return account.address(message["chat"]["id"], topic)


def _words(message: Raw, *, edited: bool) -> Words:
    words = message.get("text") or message.get("caption")
    kind = _kind(message)
    file = message.get(kind) or {}
    if kind == "photo":
        file = file[-1]
    said = Message(
        int(message["message_id"]),
        kind,
        words,
        _reply_to(message),
        message.get("media_group_id"),
        tuple(message.get("entities") or message.get("caption_entities") or ()),
        file.get("file_id") if isinstance(file, Mapping) else None,
        file.get("file_unique_id") if isinstance(file, Mapping) else None,
    )
    return Words(said, edited, _image(message), _document(message), _contact(message))


def _reply_to(message: Raw) -> int | None:
    replied = message.get("reply_to_message")
    # Telegram makes every message of a topic an answer to the note that opened the topic.
    if not replied or "forum_topic_created" in replied:
        return None
    return int(replied["message_id"])


def _image(message: Raw) -> str | None:
    if message.get("photo"):
        return str(message["photo"][-1]["file_id"])
    document = message.get("document") or {}
    return str(document["file_id"]) if str(document.get("mime_type", "")).startswith("image/") else None


def _document(message: Raw) -> Document | None:
    file = message.get("document")
    return (
        None
        if not file
        else Document(str(file["file_id"]), file.get("file_name") or "", file.get("file_size"))
    )


def _contact(message: Raw) -> Contact | None:
    shared = message.get("contact")
    if not shared or not shared.get("phone_number"):
        return None
    phone = str(shared["phone_number"])
    own = "user_id" in shared and shared["user_id"] == (message.get("from") or {}).get("id")
    # Telegram's own numbers are international; some clients leave the plus out.
    return Contact(f"+{phone}" if own and phone.isdigit() else phone, own)


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
