"""The gateway to stations that are seen and steered through their back end."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from aiohttp import web

from bot.domain.capability import NEEDED, TOLD_BY, Capability, Source
from bot.domain.clock import Clock
from bot.domain.errand import Errand, ErrandAnswer
from bot.domain.ocpi import EvseLink, Peer
from bot.domain.remote_action import CommandAnswer, RemoteCommand, RemoteOrder
from bot.domain.status import ConnectorState, Link, StationSnapshot, link_unknown
from bot.stations.gateway import KnownStation, StationJournal
from bot.stations.ocpi.client import PeerClient
from bot.stations.ocpi.commands import NAMES, Asked, Commands, Patience
from bot.stations.ocpi.contacts import Contacts
from bot.stations.ocpi.directory import Directory
from bot.stations.ocpi.intake import Intake
from bot.stations.ocpi.live import Live
from bot.stations.ocpi.receivers import CommandsModule, CredentialsModule, LocationsModule, SessionsModule
from bot.stations.ocpi.registration import Registration
from bot.stations.ocpi.server import OcpiServer
from bot.stations.ocpi.statuses import is_lost
from bot.stations.ocpi.store import OcpiStore
from bot.stations.ocpi.sync import Pace, Sync, SyncWorker
from bot.stations.ocpi.wire import text_or_none

_REFRESHED = {
    Link.ONLINE: CommandAnswer.ACCEPTED,
    Link.SILENT: CommandAnswer.NO_ANSWER,
    Link.OFFLINE: CommandAnswer.OFFLINE,
    Link.NEVER: CommandAnswer.OFFLINE,
    Link.UNKNOWN: CommandAnswer.REJECTED,
}
_REMOTE = frozenset({Capability.START_SESSION, Capability.STOP_SESSION})


@dataclass(frozen=True, slots=True)
class Timing:
    """How patient we are with peers, and how often they are read."""

    patience: Patience = field(default_factory=Patience)
    pace: Pace = field(default_factory=Pace)


class OcpiGateway:
    """A `StationGateway` for the stations that registered back ends speak for.

    `public_url` is where peers reach us, without a slash at its end. `open` before anything else; `close` at the end.
    """

    def __init__(
        self,
        store: OcpiStore,
        journal: StationJournal,
        clock: Clock,
        public_url: str,
        timing: Timing | None = None,
    ) -> None:
        timing = timing or Timing()
        base_url = f"{public_url}/ocpi"
        self._store = store
        self._journal = journal
        self._clock = clock
        self._client = PeerClient()
        contacts = Contacts(store, clock)
        self._directory = Directory(store)
        intake = Intake(store, journal, self._directory, clock)
        self._live = Live(self._client, contacts, self._directory, intake, timing.patience.answer)
        self._commands = Commands(self._client, base_url, timing.patience)
        self.registration = Registration(store, self._client, clock, base_url)
        self.sync = Sync(store, intake, self._client, contacts, clock)
        self._worker = SyncWorker(store, self.sync, self._directory, clock, timing.pace)
        modules = {
            "credentials": CredentialsModule(self.registration, self._directory.reload_peers).module,
            "locations": LocationsModule(store, intake).module,
            "sessions": SessionsModule(store, intake).module,
            "commands": CommandsModule(self._commands).module,
        }
        self._server = OcpiServer(store, contacts, clock, base_url, modules)

    async def open(self) -> None:
        """Reads what is kept of peers and their EVSEs."""
        await self._directory.reload()

    async def close(self) -> None:
        """Closes all connections to peers; an answer that is still awaited is given up."""
        await self._live.close()
        await self._client.close()

    def add_routes(self, app: web.Application) -> None:
        """Serves `/ocpi`."""
        self._server.add_routes(app)

    async def work(self) -> None:
        """Reads what peers have, each in its time, until it is cancelled."""
        await self._worker.run()

    async def look(self) -> None:
        """Notices what other processes have changed, and reads at once what is due."""
        await self._worker.look()

    def knows(self, station_id: str) -> bool:
        """Whether a registered peer speaks for this station."""
        return bool(self._directory.of_station(station_id))

    async def snapshot(
        self, station_id: str, connector: int, *, fresh_within: timedelta | None, deadline: timedelta
    ) -> StationSnapshot:
        """What is known now; the back end is asked for the EVSE where it was not heard within `fresh_within`."""
        if not self._directory.ever_had(station_id):
            return StationSnapshot(station_id, self._clock(), Link.NEVER, None, None)
        loop = asyncio.get_running_loop()
        until = loop.time() + deadline.total_seconds()
        try:
            async with asyncio.timeout_at(until):
                known = await self._journal.known(station_id)
        except TimeoutError:
            return link_unknown(station_id, self._clock())
        link = self._directory.at(station_id, connector)
        if link is None or fresh_within is None or self._is_fresh(known, connector, fresh_within):
            return self._seen(station_id, connector, known)
        reach = await self._live.ask(link, timedelta(seconds=until - loop.time()))
        try:
            async with asyncio.timeout_at(until):
                known = await self._journal.known(station_id)
        except TimeoutError:
            # What was known before the question is still good.
            reach = Link.SILENT
        return self._seen(station_id, connector, known, reach)

    def capabilities(self, station_id: str) -> frozenset[Capability]:
        """What can be told and done at present; empty while the back end cannot reach the station."""
        found: set[Capability] = set()
        for link in self._directory.of_station(station_id):
            peer = self._directory.peers[link.peer_id]
            if not is_lost(peer, link):
                found |= able(peer, link)
        return frozenset(found)

    async def send(self, order: RemoteOrder) -> CommandAnswer:
        """Sends one command and waits for the station's answer by the back end.

        ValueError for a START_SESSION without an id tag: a mistake of the caller.
        """
        link = self._directory.at(order.station_id, order.connector)
        if link is None:
            return CommandAnswer.OFFLINE
        if order.command is RemoteCommand.REFRESH_STATUS:
            return _REFRESHED[await self._live.ask(link)]
        if order.command not in NAMES:
            return CommandAnswer.NOT_SUPPORTED
        peer = self._directory.peers[link.peer_id]
        if is_lost(peer, link):
            return CommandAnswer.OFFLINE
        if NEEDED[order.command] not in able(peer, link):
            return CommandAnswer.NOT_SUPPORTED
        answer = await self._commands.send(await self._asked(peer, link, order), self._clock())
        if answer is CommandAnswer.NO_ANSWER:
            # What became of it shows in the status, which the back end need not have pushed.
            await self._live.ask(link)
        return answer

    async def run(self, errand: Errand) -> ErrandAnswer:
        """NOT_SUPPORTED: OCPI has no configuration, no logs and no lists of cards."""
        return ErrandAnswer(CommandAnswer.NOT_SUPPORTED)

    async def _asked(self, peer: Peer, link: EvseLink, order: RemoteOrder) -> Asked:
        """The command with the peer's own name of the running session."""
        known = await self._journal.known(order.station_id)
        here = [each for each in known.transactions if each.connector == order.connector and each.reference]
        wanted = [each for each in here if each.id == order.transaction_id]
        running = (wanted or here)[:1]
        kept = [await self._store.session(peer.id, each.reference or "") for each in running]
        plugged = next((text_or_none(each.data, "connector_id") for each in kept if each), None)
        session = wanted[0].reference if wanted else None
        return Asked(peer, link, order, session, plugged)

    def _is_fresh(self, known: KnownStation, connector: int, fresh_within: timedelta) -> bool:
        state = _state(known, connector)
        return state is not None and state.age(self._clock()) <= fresh_within

    def _seen(
        self, station_id: str, connector: int, known: KnownStation, reach: Link | None = None
    ) -> StationSnapshot:
        """All that is known; `reach` is what a question for this very snapshot has shown, None where none was asked."""
        link = self._as_told(station_id, connector) if reach is None else reach
        if link is Link.OFFLINE and not known.connectors:
            link = Link.NEVER
        beside = sorted(known.connectors, key=lambda each: each.connector)
        return StationSnapshot(
            station_id=station_id,
            taken_at=self._clock(),
            link=link,
            last_seen=known.last_seen,
            connector=_state(known, connector),
            station=_state(known, 0),
            siblings=tuple(each for each in beside if each.connector not in {0, connector}),
            transactions=known.transactions,
            asked=reach is not None,
            vendor=known.vendor,
            model=known.model,
            firmware=known.firmware,
        )

    def _as_told(self, station_id: str, connector: int) -> Link:
        one = self._directory.at(station_id, connector)
        links = self._directory.of_station(station_id) if one is None else (one,)
        there = any(not is_lost(self._directory.peers[each.peer_id], each) for each in links)
        return Link.ONLINE if there else Link.OFFLINE


def able(peer: Peer, link: EvseLink) -> frozenset[Capability]:
    """What the back end lets us know of this EVSE, and have it do."""
    found = set(TOLD_BY[Source.OCPI])
    if peer.url_of("locations", "SENDER") is not None:
        found.add(Capability.TRIGGER)
    if peer.url_of("commands", "RECEIVER") is not None:
        if "REMOTE_START_STOP_CAPABLE" in link.capabilities:
            found |= _REMOTE
        if "UNLOCK_CAPABLE" in link.capabilities:
            found.add(Capability.UNLOCK)
    return frozenset(found)


def _state(known: KnownStation, connector: int) -> ConnectorState | None:
    return next((each for each in known.connectors if each.connector == connector), None)
