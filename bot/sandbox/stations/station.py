"""A simulated charging station: what people and faults do to it, and what it tells its central system."""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Coroutine, Sequence

from bot.domain.clock import Clock, utc_now
from bot.domain.status import ConnectorStatus
from bot.sandbox.stations import configuration, obedience
from bot.sandbox.stations.cards import Cards
from bot.sandbox.stations.commands import Command, Obeyed, UploadLog
from bot.sandbox.stations.computer import Computer
from bot.sandbox.stations.connector import (
    Authorisation,
    ClearsOn,
    ConnectorSpec,
    Report,
    SimulatedConnector,
    SimulatedFault,
)
from bot.sandbox.stations.line import Line, Pace, wire_time
from bot.sandbox.stations.modes import OcppVersion, ResetMode, Telling, UploadState
from bot.sandbox.stations.posts import Begin, Boot, End, Sample, Show, Tell, Upload
from bot.sandbox.stations.upload import log_text, upload
from bot.sandbox.stations.wire import Nameplate

_FRAMES_KEPT = 200


class SimulatedStation:
    """A station with its connectors, each a machine of its own.

    All methods but `start` and `stop` act at once; a task sends what follows from them. A connector that does
    not exist raises KeyError; what cannot be done now is without effect, as on a real station.
    `on_change` is called after every change of `state()`.
    """

    def __init__(  # noqa: PLR0913  # Each is a plain property of a station, named by the caller.
        self,
        station_id: str,
        url: str,
        *,
        password: str | None = None,
        version: OcppVersion = OcppVersion.V16,
        connectors: Sequence[ConnectorSpec] = (ConnectorSpec(1),),
        vendor: str = "Sandbox",
        model: str = "Simulated",
        pace: Pace | None = None,
        clock: Clock = utc_now,
        on_change: Callable[["SimulatedStation"], None] | None = None,
    ) -> None:
        self.id = station_id
        self.version = version
        self.connectors = {spec.number: SimulatedConnector(spec) for spec in connectors}
        self.cards = Cards()
        self.on_change = on_change
        self._nameplate = Nameplate(vendor, model)
        self._pace = pace or Pace()
        self._clock = clock
        self.line = Line(url, password, version, self._nameplate, self._pace, clock)
        self.computer = Computer(self.line, self._pace, self)
        self._frames: deque[dict[str, object]] = deque(maxlen=_FRAMES_KEPT)
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Switches the station on; it connects, and keeps trying."""
        self.spawn(self.line.run(self.id, self))
        self.spawn(self._meter())

    async def stop(self) -> None:
        """Switches it off, with a goodbye to the central system."""
        await self.line.hang_up()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def plug(self, connector: int) -> None:
        """A driver puts the cable in; an authorisation that waited for it takes effect."""
        machine = self.connectors[connector]
        machine.plug()
        self.tell_changes()
        if machine.authorised is not None:
            self.begin(machine, machine.authorised)

    def unplug(self, connector: int) -> None:
        """A driver pulls the cable."""
        machine = self.connectors[connector]
        self.end(machine, "EVDisconnected")
        machine.unplug()
        self.tell_changes()

    def authorise(self, connector: int, id_tag: str) -> None:
        """A driver shows a card; with the cable in, a session begins."""
        self.line.post(Show(id_tag))
        self.begin(self.connectors[connector], Authorisation(id_tag))

    def start_charging(self, connector: int, id_tag: str) -> None:
        """Cable and card in one."""
        self.plug(connector)
        self.authorise(connector, id_tag)

    def stop_charging(self, connector: int) -> None:
        """A driver ends the session at the station."""
        self.end(self.connectors[connector], "Local")
        self.tell_changes()

    def fault(
        self,
        connector: int,
        error_code: str,
        vendor_error_code: str | None = None,
        info: str | None = None,
        clears_on: ClearsOn = ClearsOn.NONE,
    ) -> None:
        """The connector fails; a session on it ends."""
        machine = self.connectors[connector]
        self.end(machine, "Other")
        machine.fault = SimulatedFault(error_code, vendor_error_code, info, clears_on)
        self.tell_changes()

    def flap(self, connector: int, error_code: str, times: int) -> None:
        """The connector falls into a fault and out of it that many times, one after the other, and then stays in it."""
        fault = SimulatedFault(error_code)
        self.end(self.connectors[connector], "Other")
        self.spawn(self._flap(self.connectors[connector], fault, times))

    def clear_fault(self, connector: int) -> None:
        """The fault is gone, and the connector is where it was before."""
        self.connectors[connector].fault = None
        self.tell_changes()

    def set_status(self, connector: int, status: ConnectorStatus | None) -> None:
        """The connector is stuck in a status until a reset; None frees it."""
        self.connectors[connector].forced = status
        self.tell_changes()

    def claim(self, connector: int, status: ConnectorStatus | None) -> None:
        """The connector says that status although nothing charges; None ends the lie."""
        self.connectors[connector].claimed = status
        self.tell_changes()

    def hang(self, *, heartbeats: bool = False) -> None:
        """The socket stays open, but nothing is answered or sent; heartbeats go on if so chosen."""
        self.computer.hang(heartbeats=heartbeats)
        self.changed()

    def unhang(self) -> None:
        """The station comes to itself and tells all it has to tell."""
        self.computer.hung = False
        self.tell_changes()
        self.line.resume()

    def lose_network(self) -> None:
        """The connection breaks without a goodbye, and none can be made."""
        self.line.cut()
        self.changed()

    def regain_network(self) -> None:
        """The network is back; a station that did not survive its reset is revived, too."""
        self.computer.revive()

    def lose_power(self) -> None:
        """The station is dark at once; sessions are lost, and their ends told once it is back."""
        self.computer.lose_power()

    def regain_power(self) -> None:
        """The power is back: the station starts from the ground up."""
        self.computer.regain_power()

    def fail_resets(self, mode: ResetMode) -> None:
        """Chooses what the next resets lead to."""
        self.computer.reset_mode = mode
        self.changed()

    def state(self) -> dict[str, object]:
        """All of it for the page; ready for JSON."""
        return {
            "station_id": self.id,
            "version": self.version.value,
            "vendor": self._nameplate.vendor,
            "model": self._nameplate.model,
            "connected": self.line.up,
            "network": self.line.network,
            "problem": self.line.problem,
            "powered": self.computer.powered,
            "booting": self.computer.booting,
            "dead": self.computer.dead,
            "hung": self.computer.hung,
            "reset_mode": self.computer.reset_mode.value,
            "connectors": [machine.as_dict() for machine in self.connectors.values()],
        }

    def frames(self) -> list[dict[str, object]]:
        """The last OCPP frames, the oldest first: `at`, `direction` (in, out, refused) and `frame`."""
        return list(self._frames)

    # What follows is for the station's own wire, line and commands.

    @property
    def deaf(self) -> bool:
        """A hung station hears no command."""
        return self.computer.hung

    @property
    def mute(self) -> bool:
        """A hung station sends nothing."""
        return self.computer.hung

    @property
    def heartbeats(self) -> bool:
        """Some hung stations still send heartbeats."""
        return not self.computer.hung or self.computer.heartbeats_while_hung

    @property
    def charging(self) -> bool:
        """Whether any session runs."""
        return any(machine.session for machine in self.connectors.values())

    @property
    def log_name(self) -> str:
        """The name of the file that its log is uploaded as."""
        return f"{self.id}.log"

    def obey(self, command: Command) -> Obeyed:
        """What the station does about a command."""
        return obedience.obey(self, command)

    def configuration(self) -> configuration.Settings:
        """What it says of its configuration, by the names of its version of OCPP."""
        facts = configuration.Facts(
            nameplate=self._nameplate,
            heartbeat=self.line.heartbeat,
            meter=self._pace.meter,
            connectors=len(self.connectors),
            cards_listed=len(self.cards.listed),
            operative=any(machine.operative for machine in self.connectors.values()),
        )
        return configuration.settings(self.version, facts)

    def let_charge(self, id_tag: str) -> None:
        """Remembers a card that the central system accepted."""
        self.cards.cached.add(id_tag)

    def log_frame(self, direction: str, frame: str) -> None:
        """Keeps a frame for the page."""
        readable: object = json.loads(frame) if frame.startswith("[") else frame
        self._frames.append({"at": wire_time(self._clock()), "direction": direction, "frame": readable})
        self.changed()

    def connected(self) -> None:
        """A fresh line: the station introduces itself if it started anew, and tells every status."""
        if self.computer.must_boot is not None:
            self.line.post(Boot(self.computer.must_boot))
            self.computer.must_boot = None
        for number in (0, *self.connectors):
            self.tell(number, Telling.CONNECTED)

    def changed(self) -> None:
        """Lets the page know."""
        if self.on_change is not None:
            self.on_change(self)

    def tell(self, connector: int, why: Telling) -> None:
        """Sends one connector's status; connector 0 is the station as a whole."""
        if connector == 0:
            self.line.post(Tell(Report(0, ConnectorStatus.AVAILABLE), why))
            return
        machine = self.connectors[connector]
        machine.reported = machine.report
        self.line.post(Tell(machine.report, why))

    def tell_changes(self) -> None:
        """Sends the status of every connector that says something else than it said last."""
        for number, machine in self.connectors.items():
            if machine.report != machine.reported:
                self.tell(number, Telling.CHANGED)
        self.changed()

    def begin(self, machine: SimulatedConnector, authorisation: Authorisation) -> None:
        """Begins a session where one can begin: not without power."""
        if not self.computer.powered:
            return
        session = machine.begin_session(authorisation, wire_time(self._clock()))
        if session is not None:
            self.line.post(Begin(session))
        self.tell_changes()

    def end(self, machine: SimulatedConnector, reason: str) -> None:
        """Ends the session, if there is one; the caller tells the status that follows."""
        session = machine.end_session(reason)
        if session is None:
            return
        self.line.post(End(session))
        if self.computer.reset_when_idle and not self.charging:
            self.spawn(self.computer.reset_now_idle())

    def upload_log(self, wanted: UploadLog) -> None:
        """Uploads the frames that it kept, and tells how that goes."""
        self.spawn(self._upload(wanted))

    def end_all(self, reason: str, heals: ClearsOn) -> None:
        """Ends every session, and clears what a restart of that kind clears."""
        for machine in self.connectors.values():
            self.end(machine, reason)
            machine.heal(by=heals)

    def break_all(self) -> None:
        """Every connector has a fault from now on."""
        for machine in self.connectors.values():
            machine.fault = SimulatedFault("InternalError")

    def spawn(self, work: Coroutine[object, object, None]) -> None:
        """Runs work until it is done or the station is switched off."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _flap(self, machine: SimulatedConnector, fault: SimulatedFault, times: int) -> None:
        for _ in range(times):
            machine.fault = fault
            self.tell_changes()
            await asyncio.sleep(self._pace.flap)
            if machine.fault is not fault:
                # Somebody has put it right, or worse, meanwhile.
                return
            machine.fault = None
            self.tell_changes()
            await asyncio.sleep(self._pace.flap)
        machine.fault = fault
        self.tell_changes()

    async def _upload(self, wanted: UploadLog) -> None:
        number = wanted.request_id
        self.line.post(Upload(UploadState.UPLOADING, number))
        arrived = await upload(wanted.location, self.log_name, log_text(self.frames(), wanted.since))
        self.line.post(Upload(UploadState.UPLOADED if arrived else UploadState.FAILED, number))

    async def _meter(self) -> None:
        while True:
            await asyncio.sleep(self._pace.meter)
            for machine in self.connectors.values():
                machine.charge(self._pace.meter)
                if machine.session is not None and not self.computer.hung:
                    self.line.post(Sample(machine))
            self.tell_changes()
