"""A journal that keeps everything in lists, for tests of gateways."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from bot.domain.knock import Knock
from bot.domain.observation import (
    Booted,
    LinkChanged,
    Metered,
    Observation,
    Seen,
    StatusObserved,
    TransactionStarted,
    TransactionStopped,
)
from bot.domain.status import ConnectorState, Transaction
from bot.stations.gateway import Credentials, Kept, KnownStation

_Kind = TypeVar("_Kind")


class MemoryJournal:
    """A `StationJournal`. `passwords` names the stations that are let in."""

    def __init__(self, passwords: dict[str, str | None]) -> None:
        self.passwords = passwords
        self.profiles: dict[str, int] = {}
        """The security profile that a station must use at least; none is named for most."""
        self.knocks: list[Knock] = []
        self.observations: list[Observation] = []
        self.failing = False
        """Whether nothing can be kept at present."""
        self.gate = asyncio.Event()
        """Nothing is kept while it is clear; it begins set."""
        self.gate.set()
        self._starts: dict[tuple[object, ...], int] = {}
        self._open: dict[int, tuple[str, Transaction]] = {}
        self._news = asyncio.Condition()

    async def credentials(self, station_id: str) -> Credentials | None:
        if station_id not in self.passwords:
            return None
        return Credentials(self.passwords[station_id], self.profiles.get(station_id, 0))

    async def knocked(self, knock: Knock) -> None:
        self.knocks.append(knock)

    async def known(self, station_id: str) -> KnownStation:
        states: dict[int, ConnectorState] = {}
        for observed in self.of(station_id, StatusObserved):
            states[observed.state.connector] = observed.state
        boots = self.of(station_id, Booted)
        boot = boots[-1] if boots else None
        seen = self.of(station_id, Seen)
        return KnownStation(
            connectors=tuple(states.values()),
            transactions=tuple(t for owner, t in self._open.values() if owner == station_id),
            last_seen=seen[-1].received_at if seen else None,
            vendor=boot.vendor if boot else None,
            model=boot.model if boot else None,
            firmware=boot.firmware if boot else None,
        )

    async def record(self, observations: Sequence[Observation]) -> None:
        await self._keep(list(observations))

    def keep(self, observations: Sequence[Observation], kept: Kept) -> None:
        def tell(keeping: asyncio.Task[None]) -> None:
            kept(asyncio.CancelledError() if keeping.cancelled() else keeping.exception())

        asyncio.ensure_future(self.record(observations)).add_done_callback(tell)

    async def start_transaction(self, started: TransactionStarted) -> int:
        told = started.reference or (started.connector, started.id_tag, started.claimed_at)
        same = (started.station_id, told)
        if same in self._starts:
            return self._starts[same]
        await self._keep([started])
        number = self._starts[same] = len(self._starts) + 1
        self._open[number] = (
            started.station_id,
            Transaction(
                number,
                started.connector,
                started.received_at,
                started.meter_start_wh,
                reference=started.reference,
            ),
        )
        return number

    async def _keep(self, observations: list[Observation]) -> None:
        await self.gate.wait()
        if self.failing:
            raise OSError("the disk is full")
        async with self._news:
            self.observations += observations
            for observation in observations:
                if isinstance(observation, TransactionStopped):
                    self._close(observation)
            self._news.notify_all()

    def _close(self, stopped: TransactionStopped) -> None:
        named = {
            number
            for number, (owner, session) in self._open.items()
            if owner == stopped.station_id and stopped.reference and session.reference == stopped.reference
        }
        for number in named | {stopped.transaction_id}:
            if number is not None:
                self._open.pop(number, None)

    def of(self, station_id: str, kind: type[_Kind]) -> list[_Kind]:
        """What was kept of one kind, the oldest first."""
        return [
            each
            for each in self.observations
            if isinstance(each, kind) and getattr(each, "station_id", None) == station_id
        ]

    def states(self, station_id: str, connector: int) -> list[ConnectorState]:
        """The states that a connector told, the oldest first."""
        told = self.of(station_id, StatusObserved)
        return [observed.state for observed in told if observed.state.connector == connector]

    def metered(self, station_id: str) -> list[Metered]:
        """The meter samples of a station."""
        return self.of(station_id, Metered)

    def links(self, station_id: str) -> list[bool]:
        """The comings (True) and goings (False) of a station."""
        return [change.connected for change in self.of(station_id, LinkChanged)]

    async def until(self, happened: Callable[[], bool], seconds: float = 5.0) -> None:
        """Waits for something to be kept; TimeoutError where it does not come."""
        async with asyncio.timeout(seconds), self._news:
            await self._news.wait_for(happened)
        # What is kept is remembered in the loop's next turn; whoever waits here wants both.
        await asyncio.sleep(0)
