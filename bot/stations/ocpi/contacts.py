"""When a peer was last spoken with, and what went wrong last."""

from datetime import datetime, timedelta

from bot.domain.clock import Clock
from bot.stations.ocpi.client import Answer, Failure, Trouble
from bot.stations.ocpi.store import OcpiStore

NOTED_EVERY = timedelta(minutes=1)
"""A peer that pushes many times a second costs no write each time."""


class Contacts:
    """Notes good and bad contacts with peers."""

    def __init__(self, store: OcpiStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._noted: dict[str, datetime] = {}

    async def good(self, peer_id: str) -> None:
        """The peer spoke with us, or answered."""
        now = self._clock()
        noted = self._noted.get(peer_id)
        if noted is None or now - noted >= NOTED_EVERY:
            self._noted[peer_id] = now
            await self._store.contacted(peer_id, now, None)

    async def bad(self, peer_id: str, failure: Failure) -> None:
        """A call brought nothing."""
        self._noted.pop(peer_id, None)
        await self._store.contacted(peer_id, self._clock(), failure.detail)

    async def called(self, peer_id: str, outcome: Answer | Failure) -> None:
        """A call has this outcome; that the peer knows no such thing is an answer, too."""
        if isinstance(outcome, Failure) and outcome.trouble is not Trouble.MISSING:
            await self.bad(peer_id, outcome)
        else:
            await self.good(peer_id)
