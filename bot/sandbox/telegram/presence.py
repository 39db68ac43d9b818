"""What every person can rely on: an account, a place to speak in, a bot to speak to."""

from .model import Body, Chat, Message, Topic, User
from .posting import queue
from .state import Bot, Place, State


class Impossible(Exception):
    """A person tried what no Telegram client would let them do; the text says why."""


class Presence:
    """A person's account in the state.

    Chats are given as objects, as ids, or left out: then the private chat with the first bot is meant.
    """

    def __init__(self, state: State, user: User) -> None:
        self.state = state
        self.user = user

    @property
    def id(self) -> int:
        return self.user.id

    def bot(self, bot: Bot | None = None) -> Bot:
        """The given bot, or the first that exists."""
        if bot is None and not self.state.bots_by_id:
            raise Impossible("there is no bot yet")
        return bot or next(iter(self.state.bots_by_id.values()))

    def chat(self, chat: Chat | int | None = None) -> Chat:
        """The chat that is meant; Impossible when this person is not in it."""
        if isinstance(chat, Chat):
            found = chat
        elif chat is None or chat == self.id:
            found = self.state.private(self.bot(), self.user)
        elif chat in self.state.groups:
            found = self.state.groups[chat]
        elif chat in self.state.bots_by_id:
            found = self.state.private(self.state.bots_by_id[chat], self.user)
        else:
            raise Impossible(f"there is no chat {chat}")
        self._check_presence(found)
        return found

    def _check_presence(self, chat: Chat) -> None:
        if self.user.deactivated:
            raise Impossible("this account is deactivated")
        if chat.kind == "private":
            if chat.person is not self.user:
                raise Impossible("this is somebody else's private chat")
        elif self.id not in chat.members or not chat.members[self.id].inside:
            raise Impossible("this person is not in the group")

    def may(self, chat: Chat, right: str) -> bool:
        return chat.kind == "private" or chat.members[self.id].may(right)

    def place(self, chat: Chat, thread: int | None, reply_to: Message | int | None) -> Place:
        """Where a new message goes; Impossible when the topic is gone or closed to this person."""
        reply = self.message(chat, reply_to) if reply_to is not None else None
        thread = thread or (reply.thread if reply is not None else None)
        topic = self.topic(chat, thread) if thread else None
        if topic is not None and topic.closed and not self.may(chat, "can_manage_topics"):
            raise Impossible("this topic is closed")
        return Place(topic, reply)

    def topic(self, chat: Chat, thread: int) -> Topic:
        found = chat.topics.get(thread)
        if found is None or found.deleted:
            raise Impossible(f"there is no topic {thread}")
        return found

    def message(self, chat: Chat, message: Message | int) -> Message:
        number = message.id if isinstance(message, Message) else message
        found = chat.messages.get(number)
        if found is None:
            raise Impossible(f"there is no message {number}")
        return found

    def note(self, kind: str, data: Body) -> None:
        self.state.journal.note(kind, self.id, None, data)

    def queue(self, bot: Bot, kind: str, lane: int, payload: Body) -> None:
        queue(self.state, bot, kind, lane, payload)
