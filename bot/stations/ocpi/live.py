"""Asking a back end for one EVSE at this moment."""

import asyncio
from datetime import timedelta

import structlog

from bot.domain.ocpi import EvseLink, Peer, key_of
from bot.domain.status import Link
from bot.stations.ocpi.client import Answer, Call, Failure, PeerClient, Trouble, under
from bot.stations.ocpi.contacts import Contacts
from bot.stations.ocpi.directory import Directory
from bot.stations.ocpi.documents import read_evse
from bot.stations.ocpi.intake import Intake
from bot.stations.ocpi.statuses import is_lost
from bot.stations.ocpi.wire import StatusCode, Unusable

log = structlog.get_logger()

_REACH = {
    Trouble.AWAY: Link.SILENT,
    Trouble.SILENT: Link.SILENT,
    Trouble.BROKEN: Link.SILENT,
    # The back end knows the EVSE no more: nobody can reach it through this one.
    Trouble.MISSING: Link.OFFLINE,
    Trouble.REFUSED: Link.UNKNOWN,
    Trouble.UNSUPPORTED: Link.UNKNOWN,
    Trouble.REJECTED: Link.UNKNOWN,
}


class Live:
    """Asks once at a time for an EVSE; who asks meanwhile shares the answer."""

    def __init__(
        self,
        client: PeerClient,
        contacts: Contacts,
        directory: Directory,
        intake: Intake,
        patience: timedelta,
    ) -> None:
        self._client = client
        self._contacts = contacts
        self._directory = directory
        self._intake = intake
        self._patience = patience
        self._asking: dict[tuple[str, str], asyncio.Task[Link]] = {}

    async def ask(self, link: EvseLink, within: timedelta | None = None) -> Link:
        """How the station can be reached, as its back end says; SILENT where it does not say so in time.

        `within` is how long to wait here, where that is less than our patience with back ends.

        An answer that comes later is kept all the same.
        """
        key = (link.peer_id, key_of(link.evse_uid))
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.create_task(self._asked(link))
            task.add_done_callback(lambda _: self._asking.pop(key, None))
        seconds = None if within is None else max(within.total_seconds(), 0)
        done, _ = await asyncio.wait({task}, timeout=seconds)
        return task.result() if done else Link.SILENT

    async def close(self) -> None:
        """Gives up what is still being asked."""
        tasks = tuple(self._asking.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _asked(self, link: EvseLink) -> Link:
        peer = self._directory.peers.get(link.peer_id)
        url = peer.url_of("locations", "SENDER") if peer is not None else None
        if peer is None or url is None:
            return Link.UNKNOWN
        try:
            call = Call("GET", under(url, link.location_id, link.evse_uid), within=self._patience)
            answer = await self._client.call(peer, call)
            if isinstance(answer, Failure) and answer.trouble is Trouble.REFUSED:
                answer = await self._with_new_token(peer, call) or answer
            await self._contacts.called(peer.id, answer)
            return await self._kept(peer, link, answer)
        except Exception:  # Whatever failed is on our side: it says nothing of the station.
            log.exception("ocpi_question_failed", peer=peer.id, station=link.station_id)
            return Link.UNKNOWN

    async def _with_new_token(self, peer: Peer, call: Call) -> Answer | Failure | None:
        """Another process may have exchanged the tokens a moment ago; None where it has not."""
        await self._directory.reload_peers()
        now = self._directory.peers.get(peer.id)
        changed = now is not None and now.their_token != peer.their_token
        return await self._client.call(now, call) if now is not None and changed else None

    async def _kept(self, peer: Peer, link: EvseLink, answer: Answer | Failure) -> Link:
        if isinstance(answer, Failure):
            gone = answer.status_code == StatusCode.UNKNOWN_LOCATION
            return Link.OFFLINE if gone else _REACH[answer.trouble]
        try:
            evse = read_evse(link.location_id, answer.data)
        except Unusable as error:
            log.info("ocpi_object_bad", peer=peer.id, evse=link.evse_uid, why=str(error))
            return Link.SILENT
        if key_of(evse.uid) != key_of(link.evse_uid):
            return Link.SILENT
        # An answer that is older than a push says nothing new, and the push stands.
        newest = await self._intake.evse(peer, evse) or link
        return Link.OFFLINE if is_lost(peer, newest) else Link.ONLINE
