"""Peers and their EVSEs in memory, so that a question for a station costs no query."""

from collections.abc import Iterable

from bot.domain.ocpi import EvseLink, Peer, key_of
from bot.stations.ocpi.store import OcpiStore


class Directory:
    """What the store holds, as of the last `reload` or `put`; another process may have changed it since."""

    def __init__(self, store: OcpiStore) -> None:
        self._store = store
        self.peers: dict[str, Peer] = {}
        self._links: dict[tuple[str, str], EvseLink] = {}
        self._stations: dict[str, dict[tuple[str, str], EvseLink]] = {}

    async def reload(self) -> None:
        """Reads everything anew."""
        await self.reload_peers()
        links = await self._store.links()
        before, self._links, self._stations = self._links, {}, {}
        # What came while the store was being read is newer than what was read.
        self.put(_newer(link, before.get((link.peer_id, key_of(link.evse_uid)))) for link in links)

    async def reload_peers(self) -> None:
        """Reads the peers alone, which is cheap."""
        self.peers = {peer.id: peer for peer in await self._store.peers()}

    def put(self, links: Iterable[EvseLink]) -> None:
        """Remembers what has become of some EVSEs."""
        for link in links:
            key = (link.peer_id, key_of(link.evse_uid))
            before = self._links.get(key)
            if before is not None and before.station_id is not None:
                self._stations[before.station_id].pop(key, None)
            self._links[key] = link
            if link.station_id is not None:
                self._stations.setdefault(link.station_id, {})[key] = link

    def of_station(self, station_id: str) -> tuple[EvseLink, ...]:
        """The EVSEs that are at a station of ours and whose peer is registered."""
        found = self._stations.get(station_id, {}).values()
        return tuple(link for link in found if self._is_served(link))

    def at(self, station_id: str, connector: int) -> EvseLink | None:
        """The EVSE that is a connector of ours; where a peer gave one several times, the one that is still there."""
        here = [link for link in self.of_station(station_id) if link.connector == connector]
        return max(here, key=lambda link: (link.removed_at is None, link.last_updated), default=None)

    def ever_had(self, station_id: str) -> bool:
        """Whether a peer that is kept has an EVSE of this station, or had one."""
        return bool(self._stations.get(station_id))

    def _is_served(self, link: EvseLink) -> bool:
        peer = self.peers.get(link.peer_id)
        return peer is not None and peer.registered


def _newer(read: EvseLink, known: EvseLink | None) -> EvseLink:
    return known if known is not None and known.heard_at > read.heard_at else read
