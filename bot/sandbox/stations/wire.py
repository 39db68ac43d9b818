"""The seam between a simulated station and a version of OCPP: one connection, whatever is spoken on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from websockets.asyncio.client import ClientConnection

from bot.sandbox.stations.commands import Command, Obeyed
from bot.sandbox.stations.connector import Report, Session, SimulatedConnector
from bot.sandbox.stations.modes import BootReason, Telling, UploadState


@dataclass(frozen=True, slots=True)
class Nameplate:
    """What a BootNotification says."""

    vendor: str
    model: str
    firmware: str = "sandbox-1.0"


class Master(Protocol):
    """The station behind the wire."""

    @property
    def deaf(self) -> bool:
        """Whether commands are not heard at all."""
        ...

    def obey(self, command: Command) -> Obeyed:
        """What the station does about a command."""
        ...

    def configuration(self) -> Mapping[str, str | None]:
        """The settings by their names in the station's version of OCPP; None: kept to itself."""
        ...

    def log_frame(self, direction: str, frame: str) -> None:
        """Keeps a frame for the page; `direction` is "in" or "out"."""
        ...


class Wire(Protocol):
    """One connection. All methods but `start` send and return when the central system has answered.

    They raise `client.RefusedByCentralSystem`; `at` is the station's own time as OCPP writes it.
    """

    async def start(self) -> None:
        """Reads until the socket closes, and obeys."""
        ...

    async def boot(self, nameplate: Nameplate, reason: BootReason, /) -> int:
        """Introduces the station; the heartbeat interval in seconds that the central system wants."""
        ...

    async def heartbeat(self) -> None:
        """A sign of life."""
        ...

    async def status(self, report: Report, why: Telling, at: str, /) -> None:
        """What one connector says of itself; connector 0 is the station as a whole."""
        ...

    async def authorise(self, id_tag: str, /) -> bool:
        """Asks whether a card may charge."""
        ...

    async def begin(self, session: Session, /) -> None:
        """A session began; where the central system numbers it, the session knows its number then."""
        ...

    async def end(self, session: Session, at: str, /) -> None:
        """A session that was begun has ended."""
        ...

    async def sample(self, connector: SimulatedConnector, why: Telling, at: str, /) -> None:
        """What the meter of a connector shows."""
        ...

    async def log_status(self, state: UploadState, request_id: int | None, /) -> None:
        """How far the upload of a log came."""
        ...

    async def report(self, request_id: int, at: str, /) -> None:
        """The whole configuration, which was asked for under that number."""
        ...


MakeWire = Callable[[str, ClientConnection, Master], Wire]
"""Takes the station's id, a fresh socket and the station."""
