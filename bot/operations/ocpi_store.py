"""What OCPI keeps, over the database; and which EVSE of a back end is which of an operator's."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.evse_id import compact, lookup_keys
from bot.domain.ocpi import EvseLink, JsonObject, KeptDocument, Peer, PeerState, key_of
from bot.domain.operator import Evse, Place, Station
from bot.domain.status import EvseStatus
from bot.stations.ocpi.documents import EvseDocument, LocationDocument, SessionDocument
from bot.stations.ocpi.places import evse_of, location_of, printed_id, station_id
from bot.stations.ocpi.store import AHEAD, Change
from bot.stations.ocpi.wire import Unusable
from storage.database import Database
from storage.uow import UnitOfWork

_Ours = tuple[str, int, bool]
"""Our station and connector, and whether the station was made from the peer's EVSE."""


class DatabaseOcpiStore:
    """Implements `OcpiStore` over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def peers(self) -> tuple[Peer, ...]:
        """See `OcpiStore.peers`."""
        return tuple(await self._database.read(lambda uow: uow.ocpi.peers()))

    async def states(self) -> dict[str, PeerState]:
        """See `OcpiStore.states`."""
        return await self._database.read(lambda uow: uow.ocpi.states())

    async def keep_peer(self, peer: Peer) -> None:
        """See `OcpiStore.keep_peer`."""
        await self._database.write(lambda uow: uow.ocpi.put_peer(peer))

    async def drop_peer(self, peer_id: str) -> None:
        """See `OcpiStore.drop_peer`."""
        await self._database.write(lambda uow: uow.ocpi.drop_peer(peer_id))

    async def contacted(self, peer_id: str, at: datetime, error: str | None) -> None:
        """See `OcpiStore.contacted`."""
        values: dict[str, object] = (
            {"contact_at": at, "error": None, "error_at": None}
            if error is None
            else {"error": error, "error_at": at}
        )
        await self._database.write(lambda uow: uow.ocpi.note_state(peer_id, values))

    async def synced(self, peer_id: str, until: datetime, crawled_at: datetime | None, bad: int) -> None:
        """See `OcpiStore.synced`."""
        values: dict[str, object] = {"synced_until": until, "bad_objects": bad}
        if crawled_at is not None:
            values["crawled_at"] = crawled_at
        await self._database.write(lambda uow: uow.ocpi.note_state(peer_id, values))

    async def links(self) -> tuple[EvseLink, ...]:
        """See `OcpiStore.links`."""
        return tuple(await self._database.read(lambda uow: uow.ocpi.links()))

    async def link(self, peer_id: str, evse_uid: str) -> EvseLink | None:
        """See `OcpiStore.link`."""
        return await self._database.read(lambda uow: uow.ocpi.link(peer_id, evse_uid))

    async def location(self, peer_id: str, location_id: str) -> KeptDocument | None:
        """See `OcpiStore.location`."""
        return await self._database.read(lambda uow: uow.ocpi.location(peer_id, location_id))

    async def evse(self, peer_id: str, location_id: str, evse_uid: str) -> KeptDocument | None:
        """See `OcpiStore.evse`."""

        def read(uow: UnitOfWork) -> KeptDocument | None:
            link = uow.ocpi.link(peer_id, evse_uid)
            here = link is not None and key_of(link.location_id) == key_of(location_id)
            return uow.ocpi.evse(peer_id, evse_uid) if here else None

        return await self._database.read(read)

    async def evses(self, peer_id: str, location_id: str) -> Sequence[JsonObject]:
        """See `OcpiStore.evses`."""
        return await self._database.read(lambda uow: uow.ocpi.evses(peer_id, location_id))

    async def keep_location(self, peer: Peer, location: LocationDocument, at: datetime) -> tuple[Change, ...]:
        """See `OcpiStore.keep_location`."""

        def keep(uow: UnitOfWork) -> tuple[Change, ...]:
            known = uow.ocpi.location(peer.id, location.id)
            if known is None or known.last_updated <= location.last_updated:
                uow.ocpi.put_location(peer.id, _dated(location.kept, at), at)
            return _keep_all(uow, peer, location.evses, at)

        return await self._database.write(keep)

    async def keep_evse(self, peer: Peer, evse: EvseDocument, at: datetime) -> tuple[Change, ...]:
        """See `OcpiStore.keep_evse`."""
        return await self._database.write(lambda uow: _keep_all(uow, peer, (evse,), at))

    async def vanished(
        self, peer_id: str, present: frozenset[str], spared: frozenset[str], since: datetime, at: datetime
    ) -> tuple[Change, ...]:
        """See `OcpiStore.vanished`."""

        def mark(uow: UnitOfWork) -> tuple[Change, ...]:
            changes = []
            for link in uow.ocpi.links(peer_id):
                there = key_of(link.evse_uid) in present or key_of(link.location_id) in spared
                if not there and link.removed_at is None and link.heard_at < since:
                    gone = replace(link, status=EvseStatus.REMOVED.value, removed_at=at, heard_at=at)
                    uow.ocpi.put_link(gone)
                    changes.append(Change(link, gone))
            return tuple(changes)

        return await self._database.write(mark)

    async def session(self, peer_id: str, session_id: str) -> KeptDocument | None:
        """See `OcpiStore.session`."""
        return await self._database.read(lambda uow: uow.ocpi.session(peer_id, session_id))

    async def keep_session(self, peer_id: str, session: SessionDocument, at: datetime) -> None:
        """See `OcpiStore.keep_session`."""
        await self._database.write(lambda uow: uow.ocpi.put_session(peer_id, _dated(session.kept, at), at))

    async def prune_sessions(self, before: datetime) -> None:
        """See `OcpiStore.prune_sessions`."""
        await self._database.write(lambda uow: uow.ocpi.prune_sessions(before))


def _keep_all(uow: UnitOfWork, peer: Peer, evses: Sequence[EvseDocument], at: datetime) -> tuple[Change, ...]:
    changes = []
    for evse in evses:
        known = uow.ocpi.link(peer.id, evse.uid)
        if known is not None and evse.last_updated < known.last_updated:
            continue
        link = _link(uow, peer, evse, known, at)
        uow.ocpi.put_link(link, evse.data)
        changes.append(Change(known, link))
    return tuple(changes)


def _link(uow: UnitOfWork, peer: Peer, evse: EvseDocument, known: EvseLink | None, at: datetime) -> EvseLink:
    removed = evse.status == EvseStatus.REMOVED
    station, connector, created = _ours(uow, peer, evse, known) or (None, None, False)
    return EvseLink(
        peer.id,
        evse.location_id,
        evse.uid,
        evse.evse_id,
        station,
        connector,
        evse.status,
        min(evse.last_updated, at + AHEAD),
        at,
        evse.connectors,
        evse.capabilities,
        (known.removed_at if known and known.removed_at else at) if removed else None,
        created,
    )


def _ours(uow: UnitOfWork, peer: Peer, evse: EvseDocument, known: EvseLink | None) -> _Ours | None:
    """Which of our EVSEs it is; one is made where there is none, and nothing of another operator is touched."""
    printed = printed_id(evse)
    if printed is None or evse.status == EvseStatus.REMOVED:
        # What lost its ID, or is taken down, stays what it was.
        return _as_known(known)
    place = _place(uow, printed, peer.operator_id)
    own = known.station_id if known is not None and known.created else None
    if place is None:
        return _made(uow, peer, evse, printed, own)
    if place.operator.id != peer.operator_id:
        return None
    if place.station.id == own:
        return _made(uow, peer, evse, place.evse.evse_id, own)
    return place.station.id, place.evse.connector, False


def _dated(document: KeptDocument, at: datetime) -> KeptDocument:
    return replace(document, last_updated=min(document.last_updated, at + AHEAD))


def _as_known(known: EvseLink | None) -> _Ours | None:
    if known is None or known.station_id is None or known.connector is None:
        return None
    return known.station_id, known.connector, known.created


def _place(uow: UnitOfWork, printed: str, operator_id: str) -> Place | None:
    """The EVSE of that ID: as printed, else by the form without separators; the operator's own before others'."""
    exact, *loose = lookup_keys(printed)
    found = uow.operators.place(exact)
    if found is not None:
        return found
    places = [place for key in (*loose, exact) for place in uow.operators.places_by_compact(key)]
    return next(
        (place for place in places if place.operator.id == operator_id), places[0] if places else None
    )


def _made(
    uow: UnitOfWork, peer: Peer, evse: EvseDocument, printed: str, known_station: str | None
) -> _Ours | None:
    """Makes a station of this one EVSE, or brings the one that was made up to date.

    It is not activated: that costs money, and is for an admin to decide.
    """
    told = uow.ocpi.location(peer.id, evse.location_id)
    if told is None:
        return None
    name = known_station or station_id(peer.id, evse.uid)
    try:
        location = location_of(peer.id, told.data)
    except Unusable:
        return None
    before = uow.operators.station(name)
    if before is not None and before.operator_id != peer.operator_id:
        return None
    wanted = replace(
        before or Station(name, peer.operator_id, location.id, service_active=False),
        location_id=location.id,
        evses=(evse_of(printed, name, evse),),
    )
    uow.operators.put_location(peer.operator_id, location)
    if wanted != before:
        uow.operators.put_station(wanted, {each.evse_id: _compact(each) for each in wanted.evses})
    return name, 1, True


def _compact(evse: Evse) -> str:
    return compact(evse.evse_id)
