"""Back ends that speak OCPI, and what they told. Ids are compared without regard to case."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, RowMapping, Select, bindparam, delete, select, update

from bot.domain.ocpi import (
    Endpoint,
    EvseLink,
    JsonObject,
    KeptDocument,
    OcpiConnector,
    Party,
    Peer,
    PeerState,
    key_of,
)
from storage.repositories.upsert import put
from storage.tables import ocpi_evses, ocpi_locations, ocpi_peers, ocpi_sessions

_PEER = select(ocpi_peers).where(ocpi_peers.c.id == bindparam("peer"))
_LOCATION = select(ocpi_locations).where(
    ocpi_locations.c.peer_id == bindparam("peer"), ocpi_locations.c.key == bindparam("at")
)
_EVSE = select(ocpi_evses).where(
    ocpi_evses.c.peer_id == bindparam("peer"), ocpi_evses.c.key == bindparam("at")
)
_EVSES_AT = (
    select(ocpi_evses.c.data)
    .where(ocpi_evses.c.peer_id == bindparam("peer"), ocpi_evses.c.location_key == bindparam("at"))
    .order_by(ocpi_evses.c.key)
)
# A link is read far more often than what it was made from, which can be large.
_LINKS = select(*(column for column in ocpi_evses.c if column.name != "data")).order_by(
    ocpi_evses.c.peer_id, ocpi_evses.c.location_key, ocpi_evses.c.key
)
_SESSION = select(ocpi_sessions).where(
    ocpi_sessions.c.peer_id == bindparam("peer"), ocpi_sessions.c.key == bindparam("at")
)


class Ocpi:
    """Peers with their tokens; locations, EVSEs and sessions as they told them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def peers(self) -> list[Peer]:
        """All peers, by id."""
        rows = self._connection.execute(select(ocpi_peers).order_by(ocpi_peers.c.id)).mappings()
        return [_peer(row) for row in rows]

    def states(self) -> dict[str, PeerState]:
        """How the work with each peer stands."""
        return {row["id"]: _state(row) for row in self._connection.execute(select(ocpi_peers)).mappings()}

    def peer(self, peer_id: str) -> Peer | None:
        """The peer of an id."""
        row = self._connection.execute(_PEER, {"peer": peer_id}).mappings().one_or_none()
        return None if row is None else _peer(row)

    def put_peer(self, peer: Peer) -> None:
        """Enters a peer or changes it; how the work with it stands is left as it is."""
        values = asdict(peer) | {
            "parties": [asdict(party) for party in peer.parties],
            "endpoints": [asdict(endpoint) for endpoint in peer.endpoints],
        }
        put(self._connection, ocpi_peers, values)

    def drop_peer(self, peer_id: str) -> None:
        """Forgets a peer and everything that it told."""
        for table in (ocpi_sessions, ocpi_evses, ocpi_locations):
            self._connection.execute(delete(table).where(table.c.peer_id == peer_id))
        self._connection.execute(delete(ocpi_peers).where(ocpi_peers.c.id == peer_id))

    def note_state(self, peer_id: str, values: dict[str, object]) -> None:
        """Changes those fields of a `PeerState`."""
        self._connection.execute(update(ocpi_peers).where(ocpi_peers.c.id == peer_id).values(values))

    def location(self, peer_id: str, location_id: str) -> KeptDocument | None:
        """A location, without its EVSEs."""
        row = self._one(_LOCATION, peer_id, location_id)
        return None if row is None else KeptDocument(row["location_id"], row["data"], row["last_updated"])

    def put_location(self, peer_id: str, location: KeptDocument, heard_at: datetime) -> None:
        """Enters a location or changes it."""
        values = {
            "peer_id": peer_id,
            "key": key_of(location.id),
            "location_id": location.id,
            "last_updated": location.last_updated,
            "heard_at": heard_at,
            "data": location.data,
        }
        put(self._connection, ocpi_locations, values)

    def evse(self, peer_id: str, evse_uid: str) -> KeptDocument | None:
        """An EVSE as told."""
        row = self._one(_EVSE, peer_id, evse_uid)
        return None if row is None else KeptDocument(row["evse_uid"], row["data"], row["last_updated"])

    def evses(self, peer_id: str, location_id: str) -> Sequence[JsonObject]:
        """The EVSEs of a location as told, by uid."""
        found = self._connection.execute(_EVSES_AT, {"peer": peer_id, "at": key_of(location_id)})
        return list(found.scalars())

    def link(self, peer_id: str, evse_uid: str) -> EvseLink | None:
        """An EVSE, and which of ours it is."""
        row = self._one(_EVSE, peer_id, evse_uid)
        return None if row is None else _link(row)

    def links(self, peer_id: str | None = None) -> list[EvseLink]:
        """The EVSEs of a peer, or of all."""
        statement = _LINKS if peer_id is None else _LINKS.where(ocpi_evses.c.peer_id == peer_id)
        return [_link(row) for row in self._connection.execute(statement).mappings()]

    def put_link(self, link: EvseLink, data: JsonObject | None = None) -> None:
        """Enters an EVSE or changes it; without `data` what was told of it stays, which must be there then."""
        values: dict[str, object] = asdict(link) | {
            "key": key_of(link.evse_uid),
            "location_key": key_of(link.location_id),
            "connectors": [asdict(each) for each in link.connectors],
            "capabilities": sorted(link.capabilities),
        }
        if data is None:
            where = (ocpi_evses.c.peer_id == link.peer_id, ocpi_evses.c.key == values["key"])
            self._connection.execute(update(ocpi_evses).where(*where).values(values))
        else:
            put(self._connection, ocpi_evses, values | {"data": data})

    def session(self, peer_id: str, session_id: str) -> KeptDocument | None:
        """A session as told."""
        row = self._one(_SESSION, peer_id, session_id)
        return None if row is None else KeptDocument(row["session_id"], row["data"], row["last_updated"])

    def put_session(self, peer_id: str, session: KeptDocument, heard_at: datetime) -> None:
        """Enters a session or changes it."""
        values = {
            "peer_id": peer_id,
            "key": key_of(session.id),
            "session_id": session.id,
            "last_updated": session.last_updated,
            "heard_at": heard_at,
            "data": session.data,
        }
        put(self._connection, ocpi_sessions, values)

    def prune_sessions(self, before: datetime) -> None:
        """Forgets the sessions that were last heard of before then."""
        self._connection.execute(delete(ocpi_sessions).where(ocpi_sessions.c.heard_at < before))

    def _one(self, statement: Select[tuple[object, ...]], peer_id: str, identifier: str) -> RowMapping | None:
        found = self._connection.execute(statement, {"peer": peer_id, "at": key_of(identifier)})
        return found.mappings().one_or_none()


def _peer(row: RowMapping) -> Peer:
    return Peer(
        row["id"],
        row["operator_id"],
        row["versions_url"],
        Party(**row["us"]),
        row["our_token"],
        row["next_token"],
        row["their_token"],
        tuple(Party(**each) for each in row["parties"]),
        tuple(Endpoint(**each) for each in row["endpoints"]),
        row["raw_token"],
        row["statuses"],
        row["registered_at"],
    )


_STATE_FIELDS = (
    "contact_at", "error", "error_at", "synced_until", "crawled_at", "bad_objects",
)  # fmt: skip


def _state(row: RowMapping) -> PeerState:
    return PeerState(**{name: row[name] for name in _STATE_FIELDS})


def _link(row: RowMapping) -> EvseLink:
    return EvseLink(
        row["peer_id"],
        row["location_id"],
        row["evse_uid"],
        row["evse_id"],
        row["station_id"],
        row["connector"],
        row["status"],
        row["last_updated"],
        row["heard_at"],
        tuple(OcpiConnector(**each) for each in row["connectors"]),
        frozenset(row["capabilities"]),
        row["removed_at"],
        row["created"],
    )
