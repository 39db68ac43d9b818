"""Telegram's limits, kept by ourselves: a short wait here is better than a refusal there.

Limits: about 30 messages a second in all, one a second in a chat, 20 a minute in a group over all its topics.
"""

import asyncio
import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

from bot.domain.outgoing import Priority

OVERALL_PER_SECOND = 30.0
CHAT_PER_SECOND = 1.0
CHAT_BURST = 5.0
"""Telegram tolerates short bursts; a dialogue's reply of two or three messages need not wait."""
GROUP_PER_SECOND = 20.0 / 60.0
GROUP_BURST = 20.0
MOST_CHATS = 10_000


class Budgets(Protocol):
    """Gives out permissions to send."""

    async def wait(self, chat: int, priority: Priority) -> None:
        """Returns when a message may be sent to the chat; the more urgent one first."""
        ...

    def spare(self, chat: int) -> bool:
        """Whether so much of a chat's budget is left that what is mere decoration keeps no words waiting."""
        ...

    def pause(self, chat: int, seconds: float) -> None:
        """Telegram asked for silence in this chat; the others go on."""
        ...


class NoBudgets:
    """No limits: for a Bot API server of one's own that has none."""

    async def wait(self, chat: int, priority: Priority) -> None:
        """Returns at once."""

    def spare(self, chat: int) -> bool:
        """Always."""
        return True

    def pause(self, chat: int, seconds: float) -> None:
        """Does nothing."""


@dataclass(slots=True)
class _Bucket:
    """Tokens that come back with time; a bucket can be in debt, which is a place in its queue."""

    rate: float
    burst: float
    tokens: float
    at: float

    def take(self, now: float) -> float:
        """Takes a token; returns the seconds until it is really there."""
        self._refill(now)
        self.tokens -= 1.0
        return max(0.0, -self.tokens / self.rate)

    def left(self, now: float) -> float:
        """The tokens that are there."""
        self._refill(now)
        return self.tokens

    def pause(self, now: float, seconds: float) -> None:
        """Leaves so much debt that the next token is there after the pause, and no burst with it."""
        self._refill(now)
        self.tokens = min(self.tokens, 1.0 - seconds * self.rate)

    def _refill(self, now: float) -> None:
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now


@dataclass(order=True, slots=True)
class _Waiting:
    priority: int
    number: int
    free: asyncio.Future[None] = field(compare=False)


class TelegramBudgets:
    """The limits of Telegram's own servers."""

    def __init__(self, clock: Callable[[], float], overall: float = OVERALL_PER_SECOND) -> None:
        self._clock = clock
        self._overall = overall
        self._chats: dict[int, _Bucket] = {}
        self._queue: list[_Waiting] = []
        self._numbers = count()
        self._next_free = 0.0
        self._pump: asyncio.TimerHandle | None = None

    async def wait(self, chat: int, priority: Priority) -> None:
        """See `Budgets.wait`."""
        now = self._clock()
        pause = self._bucket(chat, now).take(now)
        if pause > 0:
            await asyncio.sleep(pause)
        await self._turn(priority)

    def spare(self, chat: int) -> bool:
        """See `Budgets.spare`; half of a burst is kept for words."""
        now = self._clock()
        return (
            not self._queue and self._bucket(chat, now).left(now) >= 1.0 + self._bucket(chat, now).burst / 2
        )

    def pause(self, chat: int, seconds: float) -> None:
        """See `Budgets.pause`."""
        now = self._clock()
        self._bucket(chat, now).pause(now, seconds)

    def _bucket(self, chat: int, now: float) -> _Bucket:
        bucket = self._chats.pop(chat, None)
        if bucket is None:
            # Telegram numbers groups below zero.
            rate, burst = (GROUP_PER_SECOND, GROUP_BURST) if chat < 0 else (CHAT_PER_SECOND, CHAT_BURST)
            bucket = _Bucket(rate, burst, burst, now)
            if len(self._chats) >= MOST_CHATS:
                del self._chats[next(iter(self._chats))]
        self._chats[chat] = bucket
        return bucket

    async def _turn(self, priority: Priority) -> None:
        now = self._clock()
        if not self._queue and self._next_free <= now:
            self._next_free = max(self._next_free, now - 1.0) + 1.0 / self._overall
            return
        waiting = _Waiting(int(priority), next(self._numbers), asyncio.get_running_loop().create_future())
        heapq.heappush(self._queue, waiting)
        self._schedule()
        await waiting.free

    def _schedule(self) -> None:
        if self._pump is None and self._queue:
            delay = max(0.0, self._next_free - self._clock())
            self._pump = asyncio.get_running_loop().call_later(delay, self._release)

    def _release(self) -> None:
        self._pump = None
        while self._queue and self._next_free <= self._clock():
            waiting = heapq.heappop(self._queue)
            if not waiting.free.cancelled():
                waiting.free.set_result(None)
                self._next_free = max(self._next_free, self._clock() - 1.0) + 1.0 / self._overall
        self._schedule()
