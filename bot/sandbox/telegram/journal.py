"""A numbered record of everything that changes, and of every call, for tests and pages that watch."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import NamedTuple, TypeVar

from .model import Body

T = TypeVar("T")


class Change(NamedTuple):
    """Something that happened.

    `kind` is message, edit, delete, reaction, topic, chat, member, person, press, answer or typing. `bot` names the
    bot in whose private chat it happened, else None.
    """

    number: int
    kind: str
    chat: int | None
    bot: int | None
    data: Body

    def view(self) -> Body:
        return {
            "number": self.number,
            "kind": self.kind,
            "chat": self.chat,
            "bot": self.bot,
            "data": self.data,
        }


@dataclass(slots=True)
class Call:
    """One call of the Bot API. `time` is in seconds since the epoch; `fault` names an injected fault."""

    number: int
    time: float
    bot: int
    method: str
    chat: str
    thread: int | None
    ok: bool
    code: int = 200
    description: str = ""
    message: int | None = None
    text: str = ""
    fault: str = ""

    def view(self) -> Body:
        return asdict(self)


class Journal:
    """Keeps the newest changes and calls and wakes those who wait for the next."""

    def __init__(self, keep: int) -> None:
        self.changes: deque[Change] = deque(maxlen=keep)
        self.calls: deque[Call] = deque(maxlen=keep)
        self.number = 0
        self.call_number = 0
        self._waiting: list[asyncio.Future[None]] = []

    def note(self, kind: str, chat: int | None, bot: int | None, data: Body) -> None:
        self.number += 1
        self.changes.append(Change(self.number, kind, chat, bot, data))
        self._wake()

    def note_call(self, call: Call) -> None:
        self.calls.append(call)
        self._wake()

    def next_call_number(self) -> int:
        self.call_number += 1
        return self.call_number

    def since(self, number: int) -> Iterator[Change]:
        """Changes after `number` that are still kept, oldest first."""
        skipped = max(number - (self.number - len(self.changes)), 0)
        return iter(list(self.changes)[skipped:])

    def _wake(self) -> None:
        if self._waiting:
            for waiter in self._waiting:
                if not waiter.done():
                    waiter.set_result(None)
            self._waiting.clear()

    async def changed(self) -> None:
        """Returns at the next change or call."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            await waiter
        finally:
            if waiter in self._waiting:
                self._waiting.remove(waiter)

    async def wait_for(self, probe: Callable[[], T | None], timeout: float) -> T:  # noqa: ASYNC109 - tests read best with it.
        """The first true value of `probe`, asked at each change; TimeoutError after `timeout` seconds."""
        async with asyncio.timeout(timeout):
            while not (value := probe()):
                await self.changed()
        return value
