"""A station that is known through its back end alone: a simulated one that writes down what it is told."""

from bot.domain.ocpi import Party, Peer, PeerState
from bot.domain.remote_action import RemoteCommand
from bot.sandbox.stations.cpo import SimulatedCpo
from bot.sandbox.stations.cpo_wire import Quirk, evse, location, stamp
from bot.stations.ocpi.client import Failure
from tests.scenarios.data import FALLS_SILENT, Message, Station
from tests.scenarios.stage import Stage, evse_id

_COMMANDS = {
    "START_SESSION": RemoteCommand.START_SESSION,
    "STOP_SESSION": RemoteCommand.STOP_SESSION,
    "UNLOCK_CONNECTOR": RemoteCommand.UNLOCK,
}


class BackEndStation:
    """The station of a report, as its back end tells of it."""

    def __init__(self, stage: Stage, number: int, station: Station) -> None:
        self._stage = stage
        self._peer = f"operator-{number}"
        self._uids = [f"U{number}-{each}" for each in range(1, station.connectors + 1)]
        updated = stamp(stage.clock())
        evses = [
            evse(uid, evse_id(number, 1, each), updated=updated)
            for each, uid in enumerate(self._uids, start=1)
        ]
        where = location(f"LOC{number}", *evses, updated=updated)
        self._cpo = SimulatedCpo(locations=[where], clock=stage.clock)

    @property
    def reached(self) -> list[RemoteCommand]:
        """The commands that came."""
        names = [seen.path.rpartition("/")[2] for seen in self._cpo.seen if "/commands/" in f"/{seen.path}"]
        return [_COMMANDS[name] for name in names]

    async def start_up(self) -> None:
        """Registers with the product and is read."""
        await self._cpo.start()
        wanted = Peer(self._peer, self._peer, self._cpo.versions_url, Party("EMSP", "AT", "SUP", "Support"))
        gateway = self._stage.back_ends
        peer = await gateway.registration.register(wanted, "token-a")
        if isinstance(peer, Failure):
            raise TypeError(peer)
        await gateway.open()
        pulled = await gateway.sync.pull(peer, PeerState(), whole=True)
        if pulled.failure is not None:
            raise TypeError(pulled.failure)

    async def play(self, message: Message) -> None:
        """What the back end tells by itself."""
        uid = self._uids[int(str(message.payload.get("connector", 1))) - 1]
        match message.what:
            case "EVSE":
                await self._cpo.set_status(uid, str(message.payload["status"]))
            case "SESSION":
                await self._cpo.begin_session(uid)
            case other if other == FALLS_SILENT:
                self._cpo.quirks.add(Quirk.SILENT)
            case other:
                raise ValueError(other)

    async def stop(self) -> None:
        """Ends it; requests that a silent back end has let wait are not obeyed at the last moment."""
        self._cpo.response = "REJECTED"
        await self._cpo.stop()
