"""Who and what exists in the emulated Telegram: users, chats, topics, messages."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Literal

Body = dict[str, Any]  # Any: the Bot API's own JSON objects; tests prove their shape with a real client.

ChatKind = Literal["private", "group", "supergroup"]

ADMIN_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
)
"""The rights that a ChatMemberAdministrator of a supergroup carries."""


@dataclass(slots=True, eq=False)
class User:
    """A human account. `json` is the User object that updates carry."""

    id: int
    first_name: str
    language_code: str | None = None
    username: str | None = None
    last_name: str | None = None
    phone_number: str = ""
    deactivated: bool = False
    json: Body = field(init=False)

    def __post_init__(self) -> None:
        named = {"last_name": self.last_name, "username": self.username, "language_code": self.language_code}
        self.json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        self.json |= {key: value for key, value in named.items() if value}

    def chat_json(self) -> Body:
        """The Chat object of a private chat with this user."""
        names = ("first_name", "last_name", "username")
        shown: Body = {key: self.json[key] for key in names if key in self.json}
        return {"id": self.id, "type": "private", **shown}


@dataclass(slots=True)
class Member:
    """One account's standing in a group; `rights` count only for administrators."""

    json: Body
    status: Literal["creator", "administrator", "member", "left", "kicked"] = "member"
    rights: frozenset[str] = frozenset()

    @property
    def inside(self) -> bool:
        return self.status in ("creator", "administrator", "member")

    def may(self, right: str) -> bool:
        """Whether an administrator's right is held; the creator holds all."""
        return self.status == "creator" or (self.status == "administrator" and right in self.rights)

    def view(self) -> Body:
        """The ChatMember object."""
        body: Body = {"user": self.json, "status": self.status}
        if self.status == "creator":
            body["is_anonymous"] = False
        elif self.status == "administrator":
            body |= {right: right in self.rights for right in ADMIN_RIGHTS}
            body |= {"can_be_edited": False, "is_anonymous": False}
        elif self.status == "kicked":
            body["until_date"] = 0
        return body


@dataclass(slots=True)
class Topic:
    """A forum topic. Its id is that of the service message that opened it."""

    id: int
    name: str
    creator: int
    icon_color: int
    icon_custom_emoji_id: str | None = None
    closed: bool = False
    deleted: bool = False
    refusal: str = "message thread not found"
    """What Telegram answers to a message once the topic is deleted; it knows two wordings."""


@dataclass(slots=True, eq=False)
class Message:
    """A message as it stands now.

    `body` is Telegram's Message object and is replaced, never changed, so that updates already queued keep
    the content of their moment. `keyboard` is the reply keyboard sent along, which Telegram never echoes.
    """

    id: int
    sender: int
    body: Body
    keyboard: Body | None = None
    revisions: list[Body] = field(default_factory=list)
    reactions: dict[int, list[Body]] = field(default_factory=dict)

    @property
    def thread(self) -> int | None:
        """The forum topic, or None for the General topic and for chats without topics."""
        topic: int | None = self.body.get("message_thread_id")
        return topic

    @property
    def text(self) -> str:
        """The text or the caption, without markup; empty if there is neither."""
        return str(self.body.get("text") or self.body.get("caption") or "")

    @property
    def buttons(self) -> list[Body]:
        """Inline buttons, row by row."""
        markup: Body = self.body.get("reply_markup") or {}
        return [button for row in markup.get("inline_keyboard", []) for button in row]

    def button(self, wanted: str) -> Body | None:
        """The inline button whose callback data or label is `wanted`, if it stands."""
        return next((b for b in self.buttons if wanted in (b.get("callback_data"), b["text"])), None)

    def view(self) -> Body:
        """The message for a page: Telegram's object plus what only the people in the chat see."""
        return self.body | {
            "keyboard": self.keyboard,
            "revisions": [
                {"text": old.get("text") or old.get("caption"), **_when(old)} for old in self.revisions
            ],
            "reactions": [
                {"user": user, "emoji": [r.get("emoji", "") for r in shown]}
                for user, shown in self.reactions.items()
            ],
        }


def _when(body: Body) -> Body:
    return {"date": body.get("edit_date", body["date"])}


@dataclass(slots=True, eq=False)
class Chat:
    """A private chat of one person with one bot, or a group.

    `started` and `blocked` count in private chats only, `members` and `topics` in groups only.
    """

    id: int
    kind: ChatKind
    json: Body
    bot_id: int | None = None
    person: User | None = None
    started: bool = False
    blocked: bool = False
    forum: bool = False
    migrated_to: int | None = None
    members: dict[int, Member] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    messages: OrderedDict[int, Message] = field(default_factory=OrderedDict)
    pinned: list[int] = field(default_factory=list)
    keyboard: Body | None = None
    last_id: int = 0

    @property
    def title(self) -> str:
        return str(self.json.get("title") or self.json.get("first_name") or "")

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def messages_in(self, thread: int | None) -> list[Message]:
        """Messages of one topic, oldest first; None stands for the General topic or a chat without topics."""
        return [message for message in self.messages.values() if message.thread == thread]

    @property
    def last(self) -> Message | None:
        """The newest message."""
        return next(reversed(self.messages.values()), None)
