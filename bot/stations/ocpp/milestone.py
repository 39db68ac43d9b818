"""Something that happens once to a connection, and that others may wait for."""

import asyncio


class Milestone:
    """Like an event that is never cleared; it costs next to nothing while nobody waits, as is the rule."""

    __slots__ = ("_event", "_reached")

    def __init__(self) -> None:
        self._reached = False
        self._event: asyncio.Event | None = None

    def set(self) -> None:
        """It has happened."""
        self._reached = True
        if self._event is not None:
            self._event.set()

    async def wait(self) -> None:
        """Returns once it has happened."""
        if self._reached:
            return
        if self._event is None:
            self._event = asyncio.Event()
        await self._event.wait()
