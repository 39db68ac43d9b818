"""One timer that looks after all links: thousands of timers of their own would cost more than the links."""

import asyncio

from bot.stations.ocpp.link import Link

_MOST_SECONDS = 1.0
_PER_PERIOD = 5
"""How many rounds are made in the shortest of the times that are watched."""


class Rounds:
    """Calls `look_after` on every link that is in its care; times in seconds."""

    def __init__(self, ping_every: float, idle_after: float) -> None:
        self._idle_after = idle_after
        self._every = min(_MOST_SECONDS, ping_every / _PER_PERIOD, idle_after / _PER_PERIOD)
        self._links: set[Link] = set()
        self._next: asyncio.TimerHandle | None = None

    def take(self, link: Link) -> None:
        """Takes a link into care."""
        self._links.add(link)
        if self._next is None:
            self._plan()

    def release(self, link: Link) -> None:
        """Cares for it no more; the timer ends with the last link."""
        self._links.discard(link)
        if not self._links and self._next is not None:
            self._next.cancel()
            self._next = None

    def _plan(self) -> None:
        self._next = asyncio.get_running_loop().call_later(self._every, self._go)

    def _go(self) -> None:
        now = asyncio.get_running_loop().time()
        for link in tuple(self._links):
            link.look_after(now, self._idle_after)
        self._plan()
