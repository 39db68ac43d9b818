"""What a use case may ask of charging stations, whatever protocol they speak."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.capability import Capability
from bot.domain.errand import Errand, ErrandAnswer
from bot.domain.knock import Knock
from bot.domain.observation import Observation, TransactionStarted
from bot.domain.remote_action import CommandAnswer, RemoteOrder
from bot.domain.status import ConnectorState, StationSnapshot, Transaction


class StationGateway(Protocol):
    """Sees and steers stations. No method raises for a station's failure: the failure is in the answer."""

    async def snapshot(
        self, station_id: str, connector: int, *, fresh_within: timedelta | None, deadline: timedelta
    ) -> StationSnapshot:
        """What is known now. A connector heard longer ago than `fresh_within` is asked again; with None it is not.

        Returns after `deadline` at the latest; a station that did not answer by then has `link` SILENT.
        """
        ...

    def capabilities(self, station_id: str) -> frozenset[Capability]:
        """What the station can tell and do at present; empty while it cannot be reached."""
        ...

    async def send(self, order: RemoteOrder) -> CommandAnswer:
        """Sends one command and returns the station's answer, which never proves that it worked."""
        ...

    async def run(self, errand: Errand) -> ErrandAnswer:
        """Runs one errand; NOT_SUPPORTED where the source or the station cannot."""
        ...


@dataclass(frozen=True, slots=True)
class KnownStation:
    """What the journal holds of a station: its last states by connector and its open sessions."""

    connectors: tuple[ConnectorState, ...] = ()
    transactions: tuple[Transaction, ...] = ()
    last_seen: datetime | None = None
    vendor: str | None = None
    model: str | None = None
    firmware: str | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a station must show to be let in; None: no password is set for it.

    `security_profile` is that of OCPP (0 to 3) which the station must use at least.
    """

    password: str | None
    security_profile: int = 0


Kept = Callable[[BaseException | None], None]
"""Hears what came of something that was to be kept: None once it is durable, otherwise why it could not be kept."""


class StationJournal(Protocol):
    """Where a gateway keeps what it saw. When a coroutine returns, what it was given is durable."""

    async def credentials(self, station_id: str) -> Credentials | None:
        """None: no such station, refuse it."""
        ...

    async def knocked(self, knock: Knock) -> None:
        """Remembers an identity that was refused as unknown, together with its earlier attempts."""
        ...

    async def known(self, station_id: str) -> KnownStation:
        """The last that was kept; empty for a station that never spoke."""
        ...

    def record(self, observations: Sequence[Observation]) -> Awaitable[None]:
        """Keeps what was observed, in order; it is durable once what is returned has been awaited."""
        ...

    def keep(self, observations: Sequence[Observation], kept: Kept) -> None:
        """The same for whoever does not wait: `kept` is called exactly once, never before this returns."""
        ...

    async def start_transaction(self, started: TransactionStarted) -> int:
        """Keeps the start of a session and numbers it; the same start told twice has one number."""
        ...
