"""Where OCPI keeps what it must not forget. When a method returns, what it was given is durable."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.ocpi import EvseLink, JsonObject, KeptDocument, Peer, PeerState
from bot.stations.ocpi.documents import EvseDocument, LocationDocument, SessionDocument

AHEAD = timedelta(minutes=10)
"""How far a peer's clock may be ahead of ours. What is dated later is kept as of then: an object from a far future must
not hold up all that comes after it."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one EVSE; `before` is None where it is new."""

    before: EvseLink | None
    after: EvseLink


class OcpiStore(Protocol):
    """Peers, and what they told. Ids of locations, EVSEs and sessions are compared without regard to case."""

    async def peers(self) -> tuple[Peer, ...]:
        """All peers, registered or not."""
        ...

    async def states(self) -> dict[str, PeerState]:
        """How the work with each peer stands, by its id."""
        ...

    async def keep_peer(self, peer: Peer) -> None:
        """Enters a peer or changes it: all of its tokens and endpoints at once."""
        ...

    async def drop_peer(self, peer_id: str) -> None:
        """Forgets a peer and what it told; the stations that were made from it stay."""
        ...

    async def contacted(self, peer_id: str, at: datetime, error: str | None) -> None:
        """The peer spoke with us or answered (`error` None), or it failed in this way."""
        ...

    async def synced(self, peer_id: str, until: datetime, crawled_at: datetime | None, bad: int) -> None:
        """A pull is done: the next delta begins at `until`; `crawled_at` is set where it was of everything."""
        ...

    async def links(self) -> tuple[EvseLink, ...]:
        """The EVSEs of all peers."""
        ...

    async def link(self, peer_id: str, evse_uid: str) -> EvseLink | None:
        """One EVSE of a peer."""
        ...

    async def location(self, peer_id: str, location_id: str) -> KeptDocument | None:
        """A location as told, without its EVSEs."""
        ...

    async def evse(self, peer_id: str, location_id: str, evse_uid: str) -> KeptDocument | None:
        """An EVSE of a location as told."""
        ...

    async def evses(self, peer_id: str, location_id: str) -> Sequence[JsonObject]:
        """The EVSEs of a location as told."""
        ...

    async def keep_location(self, peer: Peer, location: LocationDocument, at: datetime) -> tuple[Change, ...]:
        """Keeps a location with the EVSEs it names, and links these to ours, making stations where there are none.

        Whatever is older than what is kept already is left out, in the answer too. EVSEs that the location does not
        name stay as they are.
        """
        ...

    async def keep_evse(self, peer: Peer, evse: EvseDocument, at: datetime) -> tuple[Change, ...]:
        """The same for one EVSE of a location that is kept; nothing where it is older than what is kept."""
        ...

    async def vanished(
        self, peer_id: str, present: frozenset[str], spared: frozenset[str], since: datetime, at: datetime
    ) -> tuple[Change, ...]:
        """Marks the EVSEs as removed whose uid is not `present`.

        Those at the locations `spared` are left alone, and those that were heard of `since` a moment: both sets are in
        the form in which ids are compared.
        """
        ...

    async def session(self, peer_id: str, session_id: str) -> KeptDocument | None:
        """A session as told."""
        ...

    async def keep_session(self, peer_id: str, session: SessionDocument, at: datetime) -> None:
        """Keeps a session as told."""
        ...

    async def prune_sessions(self, before: datetime) -> None:
        """Forgets the sessions that were last heard of before then."""
        ...
