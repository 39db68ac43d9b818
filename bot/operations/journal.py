"""The journal of stations: what a gateway saw is kept, and may prove a remote action, in one transaction."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

import structlog

from bot.domain.capability import Source
from bot.domain.knock import Knock
from bot.domain.observation import Metered, Observation, TransactionStarted, TransactionStopped
from bot.operations.knocking import note_knock
from bot.stations.gateway import Credentials, Kept, KnownStation
from storage.database import Database
from storage.repositories import station_batch
from storage.repositories.station_batch import PackedBatch
from storage.uow import UnitOfWork

T = TypeVar("T")
Watcher = Callable[[UnitOfWork, Sequence[Observation]], None]
MOST = 250
"""How many records are written in one transaction at the most: while they are, others can be read and answered."""
_SESSION = (TransactionStarted, TransactionStopped, Metered)
"""What must be kept one by one, as its order counts."""
_Record = tuple[Sequence[Observation], Kept]
"""What was handed in at once, and who hears of it."""
log = structlog.get_logger()


class Journal:
    """Implements `StationJournal` over the database, for one source."""

    def __init__(self, database: Database, source: Source = Source.OCPP) -> None:
        self._database = database
        self._source = source
        self._watcher: Watcher | None = None
        self._woken: Callable[[], None] | None = None
        self._waiting: list[_Record] = []
        # A second batch waits at the only writer's door, so that the writer need not wait for the loop to bring it.
        # Where several write at once, the second might overtake the first; here it does so only where the first
        # failed and its records are tried one by one, which no station notices that waits for its answers.
        self._at_once = 1 if database.shared else 2
        self._writing: set[asyncio.Task[None]] = set()
        self._starting: asyncio.Task[None] | None = None

    def watch(self, watcher: Watcher, woken: Callable[[], None]) -> None:
        """From now on `watcher` sees every observation, in order, in the transaction that keeps it.

        `woken` is called after a transaction in which it put something into the outbox.
        """
        self._watcher = watcher
        self._woken = woken

    async def credentials(self, station_id: str) -> Credentials | None:
        """See `StationJournal.credentials`."""
        station = await self._database.read(lambda uow: uow.operators.station(station_id))
        return None if station is None else Credentials(station.password, station.security_profile)

    async def knocked(self, knock: Knock) -> None:
        """See `StationJournal.knocked`."""
        await self._write(lambda uow: note_knock(uow, knock))

    async def known(self, station_id: str) -> KnownStation:
        """See `StationJournal.known`."""

        def read(uow: UnitOfWork) -> KnownStation:
            identity = uow.station_log.identity(station_id)
            last_seen, vendor, model, firmware = identity or (None, None, None, None)
            if self._source is Source.OCPP and uow.station_log.contact(station_id)[1] == Source.OCPI:
                # Its back end was heard, and not the station itself: nobody need wait for it to come back.
                last_seen = None
            return KnownStation(
                uow.station_log.connectors(station_id, self._source),
                uow.station_log.open_transactions(station_id, self._source),
                last_seen,
                vendor,
                model,
                firmware,
            )

        return await self._database.read(read)

    def record(self, observations: Sequence[Observation]) -> asyncio.Future[None]:
        """See `StationJournal.record`. What waits together is written together."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.keep(observations, partial(_settle, done))
        return done

    def keep(self, observations: Sequence[Observation], kept: Kept) -> None:
        """See `StationJournal.keep`."""
        self._waiting.append((observations, kept))
        if self._starting is None and len(self._writing) < self._at_once:
            # It begins when the loop has read all that there is by now.
            self._starting = asyncio.get_running_loop().create_task(self._write_waiting())
            self._writing.add(self._starting)
            self._starting.add_done_callback(self._interrupted)

    async def start_transaction(self, started: TransactionStarted) -> int:
        """See `StationJournal.start_transaction`."""

        def start(uow: UnitOfWork) -> int:
            number = uow.station_log.start_transaction(started, self._source)
            self._watched(uow, [started])
            return number

        return await self._write(start)

    async def _write(self, work: Callable[[UnitOfWork], T]) -> T:
        def watched(uow: UnitOfWork) -> tuple[T, bool]:
            return work(uow), uow.used("outbox")

        value, outbox = await self._database.write(watched)
        if outbox and self._woken is not None:
            self._woken()
        return value

    async def _write_waiting(self) -> None:
        writing, self._starting = self._starting, None
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                await self._write_batch(batch)
        finally:
            self._ended(writing)

    def _interrupted(self, task: asyncio.Task[None]) -> None:
        """A task that was interrupted before its first step has had no chance to say so itself."""
        if task is self._starting:
            self._starting = None
            self._ended(task)

    def _ended(self, task: asyncio.Task[None] | None) -> None:
        self._writing = {each for each in self._writing if each is not task}
        if not self._writing:
            # Where this is interrupted, nobody else would ever continue what still waits.
            left, self._waiting = self._waiting, []
            _tell(left, asyncio.CancelledError())

    async def _write_batch(self, batch: Sequence[_Record]) -> None:
        observations = [each for told, _ in batch for each in told]
        try:
            told = [each for each in observations if not isinstance(each, _SESSION)]
            # It is made here, where the observations are at hand: the writing thread has the less to do.
            gathered = station_batch.gather(told)
            only_told = len(told) == len(observations)
            await self._write(lambda uow: self._keep_all(uow, observations, gathered, only_told=only_told))
        except Exception as error:  # noqa: BLE001  # Whoever waits must hear of it, whatever it is.
            if len(batch) == 1:
                _tell(batch, error)
            else:
                # One record must not take the others with it. They are of different stations, so that their order
                # among each other is free.
                await asyncio.gather(*(self._write_batch([record]) for record in batch))
        except BaseException as interruption:
            _tell(batch, interruption)
            raise
        else:
            _tell(batch, None)

    def _keep_all(
        self,
        uow: UnitOfWork,
        observations: Sequence[Observation],
        gathered: PackedBatch,
        *,
        only_told: bool,
    ) -> None:
        known = observations if only_told else [self._session(uow, each) for each in observations]
        uow.station_log.keep_batch(gathered, self._source)
        self._watched(uow, known)

    def _session(self, uow: UnitOfWork, observation: Observation) -> Observation:
        """Keeps what was told of a session, and nothing else; a session's end gets our number."""
        match observation:
            case TransactionStarted():
                uow.station_log.start_transaction(observation, self._source)
            case TransactionStopped():
                observation = self._numbered(uow, observation)
                uow.station_log.stop_transaction(observation)
            case Metered():
                uow.station_log.metered(observation, self._source)
        return observation

    def _numbered(self, uow: UnitOfWork, stopped: TransactionStopped) -> TransactionStopped:
        """A session's end with our number in it, where the station named it by its own."""
        if stopped.transaction_id is not None or stopped.reference is None:
            return stopped
        number = uow.station_log.transaction_named(stopped.station_id, stopped.reference, self._source)
        return replace(stopped, transaction_id=number)

    def _watched(self, uow: UnitOfWork, observations: Sequence[Observation]) -> None:
        if self._watcher is not None:
            self._watcher(uow, observations)


def _tell(batch: Sequence[_Record], error: BaseException | None) -> None:
    for _, kept in batch:
        try:
            kept(error)
        except Exception:  # The others must hear of it all the same.
            log.exception("nobody_told_what_was_kept")


def _settle(done: asyncio.Future[None], error: BaseException | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(None)
    elif isinstance(error, asyncio.CancelledError):
        done.cancel()
    else:
        done.set_exception(error)
