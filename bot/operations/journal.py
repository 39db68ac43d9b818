"""The journal of stations: what a gateway saw is kept, and may prove a remote action, in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from bot.domain.capability import Source
from bot.domain.observation import (
    Booted,
    LinkChanged,
    Metered,
    Noted,
    Observation,
    Seen,
    StatusObserved,
    TransactionStarted,
    TransactionStopped,
)
from bot.stations.gateway import Credentials, KnownStation
from storage.database import Database
from storage.uow import UnitOfWork

T = TypeVar("T")
Watcher = Callable[[UnitOfWork, Observation], None]


class Journal:
    """Implements `StationJournal` over the database, for one source."""

    def __init__(self, database: Database, source: Source = Source.OCPP) -> None:
        self._database = database
        self._source = source
        self._watcher: Watcher | None = None
        self._woken: Callable[[], None] | None = None

    def watch(self, watcher: Watcher, woken: Callable[[], None]) -> None:
        """From now on `watcher` sees every observation, in the transaction that keeps it.

        `woken` is called after a transaction in which it put something into the outbox.
        """
        self._watcher = watcher
        self._woken = woken

    async def credentials(self, station_id: str) -> Credentials | None:
        """See `StationJournal.credentials`."""
        station = await self._database.read(lambda uow: uow.operators.station(station_id))
        return None if station is None else Credentials(station.password, station.security_profile)

    async def known(self, station_id: str) -> KnownStation:
        """See `StationJournal.known`."""

        def read(uow: UnitOfWork) -> KnownStation:
            identity = uow.station_log.identity(station_id)
            last_seen, vendor, model, firmware = identity or (None, None, None, None)
            return KnownStation(
                uow.station_log.connectors(station_id, self._source),
                uow.station_log.open_transactions(station_id, self._source),
                last_seen,
                vendor,
                model,
                firmware,
            )

        return await self._database.read(read)

    async def record(self, observations: Sequence[Observation]) -> None:
        """See `StationJournal.record`."""
        await self._write(lambda uow: self._keep_all(uow, observations))

    async def start_transaction(self, started: TransactionStarted) -> int:
        """See `StationJournal.start_transaction`."""

        def start(uow: UnitOfWork) -> int:
            number = uow.station_log.start_transaction(started, self._source)
            self._watched(uow, started)
            return number

        return await self._write(start)

    async def _write(self, work: Callable[[UnitOfWork], T]) -> T:
        def watched(uow: UnitOfWork) -> tuple[T, bool]:
            return work(uow), uow.used("outbox")

        value, outbox = await self._database.write(watched)
        if outbox and self._woken is not None:
            self._woken()
        return value

    def _keep_all(self, uow: UnitOfWork, observations: Sequence[Observation]) -> None:
        for observation in observations:
            known = self._numbered(uow, observation)
            _keep(uow, known, self._source)
            self._watched(uow, known)

    def _numbered(self, uow: UnitOfWork, observation: Observation) -> Observation:
        """A session's end with our number in it, where the station named it by its own."""
        if not isinstance(observation, TransactionStopped) or observation.transaction_id is not None:
            return observation
        if observation.reference is None:
            return observation
        number = uow.station_log.transaction_named(
            observation.station_id, observation.reference, self._source
        )
        return replace(observation, transaction_id=number)

    def _watched(self, uow: UnitOfWork, observation: Observation) -> None:
        if self._watcher is not None:
            self._watcher(uow, observation)


def _keep(uow: UnitOfWork, observation: Observation, source: Source) -> None:
    match observation:
        case StatusObserved():
            uow.station_log.statuses([observation], source)
        case Booted():
            uow.station_log.booted(observation)
        case LinkChanged():
            uow.station_log.link_changed(observation)
            uow.station_log.seen(observation.station_id, observation.received_at)
        case Seen():
            uow.station_log.seen(observation.station_id, observation.received_at)
        case TransactionStarted():
            uow.station_log.start_transaction(observation, source)
        case TransactionStopped():
            uow.station_log.stop_transaction(observation)
        case Metered():
            uow.station_log.metered(observation, source)
        case Noted():
            uow.station_log.noted(observation)
