"""Everything that a connected station tells: kept in the journal first, remembered next, answered last."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from msgspec import Struct

from bot.domain.clock import Clock
from bot.domain.observation import LinkChanged, Observation, Seen, StatusObserved, TransactionStarted
from bot.domain.status import Transaction
from bot.stations.gateway import StationJournal
from bot.stations.ocpp.dialect import Context, Dialect, Handled
from bot.stations.ocpp.fields import Fields, UnusableError
from bot.stations.ocpp.frames import (
    Call,
    ErrorCode,
    Frame,
    JsonObject,
    Malformed,
    MessageId,
    error_text,
    result_text,
)
from bot.stations.ocpp.link import LinkLimits, Reply, Request
from bot.stations.ocpp.memory import StationMemory
from bot.stations.ocpp.plain import PlainStatus
from bot.stations.ocpp.quirks import Quirks

log = structlog.get_logger()
SEEN_EVERY = timedelta(minutes=1)
"""How often a sign of life is kept; one for each message would be a write of its own."""
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every connected station works with; `heartbeat` is the interval that stations are told."""

    journal: StationJournal
    clock: Clock
    heartbeat: timedelta
    limits: LinkLimits
    quirks: Quirks


class _Pending(Struct, frozen=True):
    """A request whose answer waits for the journal; a link hands in one at a time.

    Its payload is let go: hundreds of them wait at once where there is much to do.
    """

    id: MessageId
    action: str
    text: bytes
    news: tuple[Observation, ...]
    reply: Reply


class Intake:
    """The receiving side of one connection. `on_status` is called with the number of each connector heard."""

    __slots__ = (
        "_clock",
        "_heartbeat",
        "_journal",
        "_oddities",
        "_on_status",
        "_pending",
        "_seen_kept",
        "dialect",
        "memory",
    )

    def __init__(
        self,
        memory: StationMemory,
        dialect: Dialect,
        surroundings: Surroundings,
        on_status: Callable[[int], None],
    ) -> None:
        self.memory = memory
        self.dialect = dialect
        self._journal = surroundings.journal
        self._clock = surroundings.clock
        self._heartbeat = surroundings.heartbeat
        self._on_status = on_status
        self._seen_kept = _NEVER
        self._oddities: set[tuple[str, str]] | None = None
        self._pending: _Pending | None = None

    async def connected(self) -> None:
        """The connection came up."""
        up = LinkChanged(
            self.memory.station_id, self._clock(), connected=True, protocol=self.dialect.subprotocol
        )
        await self._journal.record([up])

    async def disconnected(self) -> None:
        """The connection went away; the last sign of life is kept with it."""
        change = LinkChanged(self.memory.station_id, self._clock(), connected=False)
        seen = self.memory.last_seen
        unkept = seen is not None and seen > self._seen_kept
        last = [Seen(self.memory.station_id, seen)] if seen and unkept else []
        await self._journal.record([*last, change])

    def read(self, raw: str | bytes) -> Frame | PlainStatus:
        """Reads a frame; any at all is a sign of life."""
        self.memory.last_seen = self._clock()
        return self.dialect.read(raw)

    def answer(self, request: Request, reply: Reply) -> bytes | None:
        """The text of the answer, or None where `reply` gets it once what it acknowledges is durable."""
        if isinstance(request, PlainStatus):
            return self._keep_status(request, reply)
        if isinstance(request, Malformed):
            log.info("station_frame_malformed", station=self.memory.station_id, why=request.description)
            return self._refusal(request.id, request.code, request.description)
        now = self.memory.last_seen or self._clock()
        news = self._sign_of_life(now)
        try:
            handled = self._handle(request, now)
        except UnusableError as unusable:
            text = self._refused(request, unusable)
        except Exception as error:  # noqa: BLE001  # Whatever failed is ours; the station learns that this was not kept.
            return self._not_kept(request.id, request.action, error)
        else:
            news += handled.observations
            if handled.stops is not None:
                news += (handled.stops,)
            text = result_text(request.id, handled.answer)
            if handled.starts is not None:
                self._pending = _Pending(request.id, request.action, text, news, reply)
                starting = asyncio.ensure_future(self._start(handled.starts, handled, news))
                starting.add_done_callback(self._started)
                return None
        if not news:
            return text
        self._pending = _Pending(request.id, request.action, text, news, reply)
        self._journal.keep(news, self._settle)
        return None

    def _keep_status(self, request: PlainStatus, reply: Reply) -> bytes | None:
        now = self.memory.last_seen or self._clock()
        news: tuple[Observation, ...] = (self.memory.observe_status(request.told, now),)
        if now - self._seen_kept >= SEEN_EVERY:
            news = self._sign_of_life(now) + news
        self._pending = _Pending(request.id, request.action, result_text(request.id, {}), news, reply)
        self._journal.keep(news, self._settle)
        return None

    def _sign_of_life(self, now: datetime) -> tuple[Observation, ...]:
        """What is kept now and then, together with whatever else a message tells."""
        due = now - self._seen_kept >= SEEN_EVERY
        return (Seen(self.memory.station_id, now),) if due else ()

    def _handle(self, request: Call, now: datetime) -> Handled:
        oddities: set[str] = set()
        fields = Fields(request.payload, oddities)
        handled = self.dialect.handle(request.action, fields, Context(self.memory, now, self._heartbeat))
        if oddities:
            self._note_oddities(request.action, oddities)
        return handled

    def _started(self, starting: asyncio.Future[JsonObject]) -> None:
        if starting.cancelled():
            self._settle(asyncio.CancelledError())
        elif (error := starting.exception()) is not None:
            self._settle(error)
        else:
            self._settle(None, starting.result())

    def _settle(self, error: BaseException | None, answer: JsonObject | None = None) -> None:
        """Answers the request that waits; with `answer` where that was not known before."""
        pending, self._pending = self._pending, None
        if pending is None:
            return
        if error is None:
            try:
                # Memory follows the journal: a status that could not be kept is still a change when it comes again.
                self._remember(pending.news)
            except Exception as failed:  # noqa: BLE001  # As above: the station must be answered.
                error = failed
        if error is not None:
            pending.reply(self._not_kept(pending.id, pending.action, error))
        elif answer is None:
            pending.reply(pending.text)
        else:
            pending.reply(result_text(pending.id, answer))

    def _remember(self, news: tuple[Observation, ...]) -> None:
        for observation in news:
            self.memory.keep(observation)
            if type(observation) is StatusObserved:
                self._on_status(observation.state.connector)
            elif isinstance(observation, Seen):
                self._seen_kept = observation.received_at

    async def _start(
        self, started: TransactionStarted, handled: Handled, news: tuple[Observation, ...]
    ) -> JsonObject:
        """Numbers a session and keeps what was told with it; the answer to the station."""
        number = await self._journal.start_transaction(started)
        self.memory.begin(
            Transaction(
                number,
                started.connector,
                started.received_at,
                started.meter_start_wh,
                reference=started.reference,
            )
        )
        if news:
            await self._journal.record(news)
        return handled.answer | {handled.number_as: number} if handled.number_as else handled.answer

    def _refused(self, request: Call, unusable: UnusableError) -> bytes:
        log.info(
            "station_message_refused",
            station=self.memory.station_id,
            action=request.action[:50],
            why=unusable.description,
        )
        return self._refusal(request.id, unusable.code, unusable.description)

    def _not_kept(self, message_id: MessageId, action: str, error: BaseException) -> bytes:
        log.error(
            "station_message_not_kept",
            station=self.memory.station_id,
            action=action[:50],
            exc_info=error,
        )
        return self._refusal(message_id, ErrorCode.INTERNAL, "The message could not be kept.")

    def _refusal(self, message_id: MessageId, code: ErrorCode, description: str) -> bytes:
        return error_text(message_id, self.dialect.error_code(code), description)

    def _note_oddities(self, action: str, oddities: set[str]) -> None:
        """Logs each kind of oddity once per connection; a station repeats its own with every message."""
        noted = self._oddities = self._oddities or set()
        for name in oddities:
            if (action, name) not in noted:
                noted.add((action, name))
                log.info("station_message_odd", station=self.memory.station_id, action=action, field=name)
