"""A version of OCPP, as the rest of this room knows it: what it makes of messages, and how it says commands."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from bot.domain.errand import Errand, ErrandAnswer
from bot.domain.observation import Observation, TransactionStarted, TransactionStopped
from bot.domain.remote_action import CommandAnswer, RemoteOrder
from bot.domain.status import Transaction
from bot.stations.ocpp.fields import Fields
from bot.stations.ocpp.frames import ErrorCode, Frame, JsonObject
from bot.stations.ocpp.memory import StationMemory
from bot.stations.ocpp.plain import PlainStatus

CallStation = Callable[[str, JsonObject], Awaitable[JsonObject]]
"""Sends one call; the payload of the answer, or one of the errors of `link`."""


class Context(NamedTuple):
    """What a message is read against: the station's memory, the time of receipt, our heartbeat interval."""

    memory: StationMemory
    now: datetime
    heartbeat: timedelta

    @property
    def station_id(self) -> str:
        """The station that sent the message."""
        return self.memory.station_id


_NOTHING: JsonObject = {}
"""Most answers are empty; nobody changes one that was made."""


class Handled(NamedTuple):
    """The answer to a message and what it let us know, in this order: `starts`, `observations`, `stops`.

    Where `starts` is set, the journal numbers the session. `number_as` names the field of the answer in which the
    station is told that number; None where the station names its sessions itself.
    """

    answer: JsonObject = _NOTHING
    observations: tuple[Observation, ...] = ()
    starts: TransactionStarted | None = None
    stops: TransactionStopped | None = None
    number_as: str | None = None


@dataclass(frozen=True, slots=True)
class Wording:
    """A call as it goes over the wire."""

    action: str
    payload: JsonObject


class Dialect(Protocol):
    """One version of OCPP on one connection; it may hold what only lives as long as that connection."""

    @property
    def subprotocol(self) -> str:
        """The WebSocket subprotocol, such as `ocpp1.6`."""
        ...

    def read(self, raw: str | bytes) -> Frame | PlainStatus:
        """Reads one frame; never raises."""
        ...

    def handle(self, action: str, fields: Fields, context: Context) -> Handled:
        """Reads one message; UnusableError where it is unknown or says nothing usable."""
        ...

    def error_code(self, code: ErrorCode) -> str:
        """How this version spells the code of a CALLERROR."""
        ...

    def wordings(self, order: RemoteOrder, session: Transaction | None) -> Sequence[Wording]:
        """The calls that make up a command; `session` is the one that STOP_SESSION means.

        ValueError for a START_SESSION without an id tag: a mistake of the caller.
        """
        ...

    def answer_of(self, order: RemoteOrder, payload: JsonObject) -> CommandAnswer:
        """What the station's answer to one of these calls amounts to."""
        ...

    async def run(self, errand: Errand, call: CallStation) -> ErrandAnswer:
        """Runs an errand; the errors of `call` pass through."""
        ...


MakeDialect = Callable[[StationMemory], Dialect]
