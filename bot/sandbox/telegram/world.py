"""The whole emulated Telegram: its state, its people, and waiting for what happens in it."""

from collections.abc import Callable
from typing import TypeVar

from bot.domain.clock import Clock, utc_now

from .model import Chat, Message, User
from .people import Person
from .presence import Impossible
from .state import State

T = TypeVar("T")


class World(State):
    """The state, with people in it who can act."""

    def __init__(
        self, clock: Clock = utc_now, *, keep_messages: int | None = None, keep_journal: int = 50_000
    ) -> None:
        super().__init__(clock, keep_messages=keep_messages, keep_journal=keep_journal)
        self.people: dict[int, Person] = {}

    def person(
        self,
        id: int,
        first_name: str = "",
        language_code: str | None = None,
        *,
        username: str | None = None,
        last_name: str | None = None,
        phone_number: str = "",
    ) -> Person:
        """The person with this id, made when a first name is given; Impossible when there is none."""
        if first_name:
            user = User(id, first_name, language_code, username, last_name, phone_number)
            self.users[id] = user
            self.people[id] = Person(self, user)
            self.journal.note("person", id, None, user.json)
        if id not in self.people:
            raise Impossible(f"there is no person {id}")
        return self.people[id]

    def shown(
        self, chat: Chat, text: str = "", *, button: str = "", thread: int | None = None, after: int = 0
    ) -> Message | None:
        """The newest message numbered above `after` that contains `text` and has `button` (label or data).

        `thread` restricts the search to a topic.
        """
        for message in reversed(chat.messages.values()):
            if message.id <= after:
                return None
            if thread is not None and message.thread != thread:
                continue
            if text in message.text and (not button or message.button(button)):
                return message
        return None

    async def wait_for(
        self,
        probe: Callable[[], T | None],
        timeout: float = 5.0,  # noqa: ASYNC109 - tests read best with it.
    ) -> T:
        """The first true value of `probe`, asked at each change; TimeoutError after `timeout` seconds."""
        return await self.journal.wait_for(probe, timeout)

    async def until_shown(
        self,
        chat: Chat,
        text: str = "",
        *,
        button: str = "",
        thread: int | None = None,
        after: int = 0,
        timeout: float = 5.0,  # noqa: ASYNC109 - tests read best with it.
    ) -> Message:
        """Waits for `shown`; the TimeoutError tells what the chat shows instead."""
        try:
            return await self.wait_for(
                lambda: self.shown(chat, text, button=button, thread=thread, after=after), timeout
            )
        except TimeoutError:
            recent = [message.text for message in list(chat.messages.values())[-5:]]
            raise TimeoutError(
                f"no message with {text!r} {button!r} in {chat.title}; last: {recent}"
            ) from None
