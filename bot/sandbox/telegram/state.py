"""Everything that is, in one place, without any I/O."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple

from bot.domain.clock import Clock

from .files import FileStore
from .journal import Journal
from .model import Body, Chat, Message, Topic, User
from .updates import UpdateQueue


@dataclass(slots=True, eq=False)
class Webhook:
    """Where a bot wants its updates. `url` is empty when none is set; times are seconds since the epoch."""

    url: str = ""
    secret_token: str = ""
    max_connections: int = 40
    last_error_date: int = 0
    last_error_message: str = ""
    changed: Callable[[], None] = field(default=lambda: None)
    """Called when the address changes; the deliverer listens."""


@dataclass(slots=True, eq=False)
class Bot:
    """A bot account. `privacy` hides ordinary group messages from it until it is an administrator."""

    id: int
    token: str
    username: str
    first_name: str
    privacy: bool = True
    queue: UpdateQueue = field(default_factory=UpdateQueue)
    webhook: Webhook = field(default_factory=Webhook)
    commands: dict[tuple[str, str], list[Body]] = field(default_factory=dict)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    menu_buttons: dict[int, Body] = field(default_factory=dict)
    json: Body = field(init=False)

    def __post_init__(self) -> None:
        self.json = {
            "id": self.id,
            "is_bot": True,
            "first_name": self.first_name,
            "username": self.username,
        }

    def me(self) -> Body:
        """What getMe answers."""
        return self.json | {
            "can_join_groups": True,
            "can_read_all_group_messages": not self.privacy,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }


@dataclass(slots=True, eq=False)
class Press:
    """A pressed inline button and what the bot answered to it."""

    id: str
    user: int
    bot: int
    asked_at: int
    answered: bool = False
    text: str = ""
    show_alert: bool = False
    url: str = ""

    def view(self) -> Body:
        return {
            "query": self.id,
            "as": self.user,
            "answered": self.answered,
            "text": self.text,
            "show_alert": self.show_alert,
            "url": self.url,
        }


class Place(NamedTuple):
    """Where in a chat a message goes: its topic, and the message it answers."""

    topic: Topic | None = None
    reply: Message | None = None


NOWHERE_SPECIAL = Place()
_PRESSES_KEPT = 10_000
UpdateGate = Callable[[Bot, str, int, Body], None]


def push_at_once(bot: Bot, kind: str, lane: int, payload: Body) -> None:
    bot.queue.push(kind, lane, payload)


class State:
    """All bots, people, chats, files and pending button presses.

    `keep_messages` bounds each private chat; `query_lifetime` is how many seconds a press can be answered.
    `gate` stands between an event and the bot's queue, so that faults can delay or repeat updates.
    """

    def __init__(self, clock: Clock, *, keep_messages: int | None = None, keep_journal: int = 50_000) -> None:
        self.clock = clock
        self.keep_messages = keep_messages
        self.query_lifetime = 60
        self.bots: dict[str, Bot] = {}
        self.bots_by_id: dict[int, Bot] = {}
        self.users: dict[int, User] = {}
        self.groups: dict[int, Chat] = {}
        self.privates: dict[tuple[int, int], Chat] = {}
        self.presses: OrderedDict[str, Press] = OrderedDict()
        self.files = FileStore()
        self.journal = Journal(keep_journal)
        self.gate: UpdateGate = push_at_once
        self.numbers = count(1)

    def now(self) -> int:
        """Seconds since the epoch, as Telegram dates things."""
        return int(self.clock().timestamp())

    def bot(self, token: str, username: str = "sandbox_bot", first_name: str = "Sandbox") -> Bot:
        """Registers a bot; the number before the colon of `token` is its id. ValueError where that is taken."""
        made = Bot(int(token.partition(":")[0]), token, username, first_name)
        if made.id in self.bots_by_id:
            raise ValueError(f"there is a bot {made.id} already")
        self.bots[token] = made
        self.bots_by_id[made.id] = made
        return made

    def private(self, bot: Bot, user: User) -> Chat:
        """The private chat of a person with a bot; it exists unstarted before the first word."""
        chat = self.privates.get((bot.id, user.id))
        if chat is None:
            chat = Chat(user.id, "private", user.chat_json(), bot_id=bot.id, person=user)
            self.privates[bot.id, user.id] = chat
        return chat

    def note(self, kind: str, chat: Chat, data: Body) -> None:
        self.journal.note(kind, chat.id, chat.bot_id, data)

    def remember(self, press: Press) -> None:
        self.presses[press.id] = press
        if len(self.presses) > _PRESSES_KEPT:
            self.presses.popitem(last=False)
