"""Reading what a peer has: what changed since the last time, and now and then everything."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.domain.clock import Clock
from bot.domain.ocpi import Peer, PeerState, key_of
from bot.stations.ocpi.client import Answer, Call, Failure, PeerClient, Trouble
from bot.stations.ocpi.contacts import Contacts
from bot.stations.ocpi.directory import Directory
from bot.stations.ocpi.documents import read_location, read_session
from bot.stations.ocpi.intake import Intake
from bot.stations.ocpi.pages import Window, pages
from bot.stations.ocpi.receivers import is_spoken_for
from bot.stations.ocpi.registration import as_written
from bot.stations.ocpi.store import OcpiStore
from bot.stations.ocpi.wire import Unusable, objects_of, text_or_none

log = structlog.get_logger()

OVERLAP = timedelta(minutes=10)
"""How far each delta reaches back behind the one before: clocks differ, and so do moments of writing and of telling."""
_SESSIONS_BACK = timedelta(days=1)
_SESSIONS_KEPT = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a peer is read. `jitter` is the share by which each pause varies, so that no two go in step."""

    delta: timedelta = timedelta(hours=1)
    crawl: timedelta = timedelta(days=1)
    jitter: float = 0.1
    look: timedelta = timedelta(seconds=5)
    """How soon a registration, or an end of one, by another process is seen."""
    retry: timedelta = timedelta(minutes=1)
    """After a failure, doubled with each further one up to `delta`."""


@dataclass(slots=True)
class Pulled:
    """What a pull brought. `failure` is set where it did not come to its end."""

    peer_id: str
    whole: bool
    locations: int = 0
    evses: int = 0
    new: int = 0
    removed: int = 0
    bad: int = 0
    """Objects that could not be read; the others are taken all the same."""
    others: int = 0
    """Locations of parties that this peer's credentials do not name."""
    failure: Failure | None = None
    present: set[str] = field(default_factory=set)
    spared: set[str] = field(default_factory=set)
    """Locations of which an object could not be read: nothing of theirs counts as gone."""
    nameless: bool = False
    """Whether an object could not be read so far as to say what it is."""


class Sync:
    """Pulls from peers. No failure of a peer is raised; it is in the answer, and noted."""

    def __init__(
        self, store: OcpiStore, intake: Intake, client: PeerClient, contacts: Contacts, clock: Clock
    ) -> None:
        self._store = store
        self._intake = intake
        self._client = client
        self._contacts = contacts
        self._clock = clock

    async def pull(self, peer: Peer, state: PeerState, *, whole: bool) -> Pulled:
        """Reads what changed since the last pull, or everything: what a peer no longer names then is removed."""
        now = self._clock()
        whole = whole or state.synced_until is None
        since = None if whole or state.synced_until is None else state.synced_until - OVERLAP
        pulled = Pulled(peer.id, whole)
        pulled.failure = await self._locations(peer, pulled, Window(since, None if whole else now))
        if pulled.failure is None:
            if whole and not pulled.nameless:
                # What was pushed while the list was being read need not have been in it.
                known = frozenset(pulled.present), frozenset(pulled.spared)
                pulled.removed = await self._intake.vanished(peer, *known, now)
            await self._sessions(peer, pulled, Window(since or now - _SESSIONS_BACK, now))
            await self._store.synced(peer.id, now, now if whole else None, pulled.bad)
        log.info(
            "ocpi_pulled",
            peer=peer.id,
            whole=whole,
            locations=pulled.locations,
            evses=pulled.evses,
            bad=pulled.bad,
            failure=pulled.failure and pulled.failure.detail,
        )
        return pulled

    async def _locations(self, peer: Peer, pulled: Pulled, window: Window) -> Failure | None:
        url = peer.url_of("locations", "SENDER")
        if url is None:
            failure = Failure(Trouble.UNSUPPORTED, "the peer has no locations to read")
            await self._contacts.bad(peer.id, failure)
            return failure
        async for page in pages(self._getter(peer), as_written(peer, url), window):
            if isinstance(page, Failure):
                return page
            for each in page:
                await self._location(peer, each, pulled)
        return None

    async def _location(self, peer: Peer, value: object, pulled: Pulled) -> None:
        try:
            location = read_location(value)
        except Unusable as error:
            pulled.bad += 1
            name = text_or_none(value, "id") if isinstance(value, dict) else None
            log.info("ocpi_object_bad", peer=peer.id, location=name, why=str(error))
            if name is None:
                pulled.nameless = True
            else:
                pulled.spared.add(key_of(name))
            return
        if not is_spoken_for(peer, location.party):
            pulled.others += 1
            return
        if location.bad:
            pulled.bad += location.bad
            pulled.spared.add(key_of(location.id))
        pulled.locations += 1
        pulled.evses += len(location.evses)
        pulled.present.update(key_of(evse.uid) for evse in location.evses)
        pulled.new += await self._intake.location(peer, location)

    async def _sessions(self, peer: Peer, pulled: Pulled, window: Window) -> None:
        """Sessions that were not pushed to us; a peer need not have them, and without them all else is good."""
        url = peer.url_of("sessions", "SENDER")
        if url is None:
            return
        async for page in pages(self._getter(peer), as_written(peer, url), window):
            for each in objects_of(page):
                try:
                    await self._intake.session(peer, read_session(each))
                except Unusable:
                    pulled.bad += 1
        await self._store.prune_sessions(self._clock() - _SESSIONS_KEPT)

    def _getter(self, peer: Peer) -> Callable[[str], Awaitable[Answer | Failure]]:
        async def get(url: str) -> Answer | Failure:
            answer = await self._client.call(peer, Call("GET", url, within=timedelta(seconds=60)))
            await self._contacts.called(peer.id, answer)
            return answer

        return get


_Marks = frozenset[tuple[str, datetime | None]] | None


def _marks(states: dict[str, PeerState]) -> _Marks:
    """What changes where another process has pulled, or has registered with a peer or ended that."""
    return frozenset((peer_id, state.synced_until) for peer_id, state in states.items())


class SyncWorker:
    """Pulls from every registered peer in its time, and at once from one that is new."""

    def __init__(
        self, store: OcpiStore, sync: Sync, directory: Directory, clock: Clock, pace: Pace | None = None
    ) -> None:
        self._store = store
        self._sync = sync
        self._directory = directory
        self._clock = clock
        self._pace = pace or Pace()
        self._failures: dict[str, int] = {}
        self._seen: _Marks = None
        self._due: dict[str, datetime] = {}

    async def run(self) -> None:
        """Works until it is cancelled."""
        while True:
            try:
                await self.look()
            except Exception:  # A database that is away for a moment must not end the worker.
                log.exception("ocpi_sync_failed")
            await asyncio.sleep(self._pace.look.total_seconds())

    async def look(self) -> None:
        """Notices what other processes have changed, and pulls whatever is due; one peer does not wait for another."""
        states = await self._look_around()
        due = [peer for peer in self._directory.peers.values() if self._is_due(peer, states)]
        if due:
            await asyncio.gather(*(self._pull(peer, states[peer.id]) for peer in due))
            # What was pulled here is in the directory already.
            self._seen = _marks(await self._store.states())

    async def _look_around(self) -> dict[str, PeerState]:
        await self._directory.reload_peers()
        states = await self._store.states()
        if _marks(states) != self._seen:
            await self._directory.reload()
            self._seen = _marks(states)
        return states

    def _is_due(self, peer: Peer, states: dict[str, PeerState]) -> bool:
        state = states.get(peer.id)
        if not peer.registered or state is None:
            self._due.pop(peer.id, None)
            self._failures.pop(peer.id, None)
            return False
        due = self._due.get(peer.id)
        if due is None:
            due = self._clock() if state.synced_until is None else self._after(state.synced_until)
            self._due[peer.id] = due
        return due <= self._clock()

    async def _pull(self, peer: Peer, state: PeerState) -> None:
        crawled = state.crawled_at
        whole = crawled is None or self._clock() - crawled >= self._pace.crawl
        pulled = await self._sync.pull(peer, state, whole=whole)
        now = self._clock()
        if pulled.failure is None:
            self._failures.pop(peer.id, None)
            self._due[peer.id] = self._after(now)
            return
        times = self._failures[peer.id] = self._failures.get(peer.id, 0) + 1
        self._due[peer.id] = now + min(self._pace.retry * 2 ** min(times - 1, 16), self._pace.delta)

    def _after(self, last: datetime) -> datetime:
        # Chance spreads load here; nobody gains by guessing it.
        vary = 1 + random.uniform(-self._pace.jitter, self._pace.jitter)  # noqa: S311
        return last + self._pace.delta * vary
