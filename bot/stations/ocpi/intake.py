"""What peers tell is kept as told, and its meaning for our stations goes to the journal."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

import structlog
from msgspec import structs

from bot.domain.clock import Clock
from bot.domain.observation import (
    LinkChanged,
    Metered,
    Observation,
    Seen,
    StatusObserved,
    TransactionStarted,
    TransactionStopped,
)
from bot.domain.ocpi import EvseLink, Peer, key_of
from bot.domain.status import ConnectorState, ConnectorStatus, Transaction
from bot.stations.gateway import KnownStation, StationJournal
from bot.stations.ocpi.directory import Directory
from bot.stations.ocpi.documents import EvseDocument, LocationDocument, SessionDocument, read_session
from bot.stations.ocpi.statuses import is_known, is_lost, meaning
from bot.stations.ocpi.store import Change, OcpiStore

log = structlog.get_logger()

_RUNNING = "ACTIVE"
_ENDED = frozenset({"COMPLETED", "INVALID"})
_INVALID = "INVALID"

PROTOCOL = "ocpi"
"""What is spoken with a station that is seen through its back end."""


class Intake:
    """Keeps what came, in the order in which it came from one peer. When a method returns, it is durable."""

    def __init__(self, store: OcpiStore, journal: StationJournal, directory: Directory, clock: Clock) -> None:
        self._store = store
        self._journal = journal
        self._directory = directory
        self._clock = clock
        # A status is compared with the one before it: of one peer, one at a time.
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def location(self, peer: Peer, location: LocationDocument) -> int:
        """A location with its EVSEs; what is older than what is kept is dropped. How many EVSEs are new."""
        async with self._turns[peer.id]:
            now = self._clock()
            changes = await self._store.keep_location(peer, location, now)
            await self._observed(peer, changes, now)
            return sum(change.before is None for change in changes)

    async def evse(self, peer: Peer, evse: EvseDocument) -> EvseLink | None:
        """One EVSE; None where it was dropped as older than what is kept."""
        async with self._turns[peer.id]:
            now = self._clock()
            changes = await self._store.keep_evse(peer, evse, now)
            await self._observed(peer, changes, now)
            return changes[0].after if changes else None

    async def vanished(
        self, peer: Peer, present: frozenset[str], spared: frozenset[str], since: datetime
    ) -> int:
        """All but these EVSEs, those at the locations `spared` and those heard of `since` are no more. How many."""
        async with self._turns[peer.id]:
            now = self._clock()
            changes = await self._store.vanished(peer.id, present, spared, since, now)
            await self._observed(peer, changes, now)
            return len(changes)

    async def session(self, peer: Peer, session: SessionDocument) -> None:
        """A session; dropped where it is older than what is kept, or where it runs again after its end."""
        async with self._turns[peer.id]:
            kept = await self._store.session(peer.id, session.id)
            if kept is not None and session.last_updated < kept.last_updated:
                return
            now = self._clock()
            ended = kept is not None and read_session(kept.data).status in _ENDED
            await self._store.keep_session(peer.id, session, now)
            link = await self._store.link(peer.id, session.evse_uid) if session.evse_uid else None
            if link is not None and link.station_id is not None and link.connector is not None:
                await self._session_at((link.station_id, link.connector), session, now, ended=ended)

    async def _session_at(
        self, at: tuple[str, int], session: SessionDocument, now: datetime, *, ended: bool
    ) -> None:
        station, connector = at
        known = await self._journal.known(station)
        running = _named(known, session.id)
        number = running.id if running else None
        if session.status == _RUNNING and not ended:
            if running is None:
                number = await self._journal.start_transaction(_start(station, connector, session, now))
            await self._journal.record(_signs(station, connector, session, (number, now)))
        elif session.status in _ENDED and running is not None:
            reason = session.status if session.status == _INVALID else None
            stopped = TransactionStopped(
                station, now, running.id, session.energy_wh, reason, session.last_updated, running.reference
            )
            await self._journal.record([Seen(station, now), stopped])

    async def _observed(self, peer: Peer, changes: Iterable[Change], now: datetime) -> None:
        """Journals what the changes mean, station by station."""
        changes = tuple(changes)
        self._directory.put(change.after for change in changes)
        stations: defaultdict[str, list[Change]] = defaultdict(list)
        for change in changes:
            if not is_known(change.after.status):
                log.info("ocpi_status_unknown", peer=peer.id, status=change.after.status[:40])
            if change.after.station_id is not None:
                stations[change.after.station_id].append(change)
        for station, here in stations.items():
            known = await self._journal.known(station)
            observations = [each for change in here for each in _told(peer, station, change, (known, now))]
            if observations:
                await self._journal.record(observations)


def _told(
    peer: Peer, station: str, change: Change, context: tuple[KnownStation, datetime]
) -> list[Observation]:
    """What one EVSE says of our station."""
    known, now = context
    link, before = change.after, change.before
    was_lost = before is not None and meaning(peer, before.status) is None
    status = meaning(peer, link.status)
    if status is None:
        return [] if was_lost else [LinkChanged(station, now, connected=False)]
    observed = _status(station, link, status, (known, now))
    new = was_lost or before is None
    back: list[Observation] = [LinkChanged(station, now, connected=True, protocol=PROTOCOL)] if new else []
    # What the back end has no more is told by the back end, and is no sign of life of the station.
    return [*back, observed] if is_lost(peer, link) else [*back, Seen(station, now), observed]


def _status(
    station: str, link: EvseLink, status: ConnectorStatus, context: tuple[KnownStation, datetime]
) -> StatusObserved:
    known, now = context
    info = link.status if status is ConnectorStatus.UNKNOWN else None
    state = ConnectorState(
        link.connector or 0, status, None, now, now, claimed_at=link.last_updated, info=info
    )
    before = next((each for each in known.connectors if each.connector == state.connector), None)
    same = before is not None and (before.status, before.info) == (status, info)
    return StatusObserved(
        station,
        now,
        structs.replace(state, since=before.since) if before and same else state,
        changed=not same,
    )


def _named(known: KnownStation, session_id: str) -> Transaction | None:
    wanted = key_of(session_id)
    return next(
        (each for each in known.transactions if each.reference and key_of(each.reference) == wanted), None
    )


def _start(station: str, connector: int, session: SessionDocument, now: datetime) -> TransactionStarted:
    # OCPI counts the energy of a session from its own start.
    return TransactionStarted(
        station, now, connector, session.token_uid, 0, session.started_at, reference=session.id
    )


def _signs(
    station: str, connector: int, session: SessionDocument, context: tuple[int | None, datetime]
) -> list[Observation]:
    number, now = context
    signs: list[Observation] = [Seen(station, now)]
    if session.energy_wh is not None or session.power_w is not None:
        signs.append(
            Metered(station, now, connector, number, session.energy_wh, session.power_w, session.soc_percent)
        )
    return signs
