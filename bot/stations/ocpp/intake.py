"""Everything that a connected station tells: kept in the journal first, remembered next, answered last."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.domain.clock import Clock
from bot.domain.observation import LinkChanged, Observation, Seen, StatusObserved, TransactionStarted
from bot.domain.status import Transaction
from bot.stations.gateway import StationJournal
from bot.stations.ocpp.dialect import Context, Dialect, Handled
from bot.stations.ocpp.fields import Fields, UnusableError
from bot.stations.ocpp.frames import (
    Call,
    ErrorCode,
    JsonObject,
    Malformed,
    MessageId,
    error_text,
    result_text,
)
from bot.stations.ocpp.link import LinkLimits, Request
from bot.stations.ocpp.memory import StationMemory

SEEN_EVERY = timedelta(minutes=1)
"""How often a sign of life is kept; one for each message would be a write of its own."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every connected station works with; `heartbeat` is the interval that stations are told."""

    journal: StationJournal
    clock: Clock
    heartbeat: timedelta
    limits: LinkLimits


class Intake:
    """The receiving side of one connection. `on_status` is called with the number of each connector heard."""

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
        self._seen_kept: datetime | None = None
        self._oddities: set[tuple[str, str]] = set()
        self._log = structlog.get_logger().bind(station=memory.station_id)

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
        unkept = seen is not None and (self._seen_kept is None or seen > self._seen_kept)
        last = [Seen(self.memory.station_id, seen)] if seen and unkept else []
        await self._journal.record([*last, change])

    async def answer(self, request: Request) -> str:
        """The text of the answer; what it acknowledges is durable by then."""
        if isinstance(request, Malformed):
            self._log.info("station_frame_malformed", why=request.description)
            return self._refusal(request.id, request.code, request.description)
        try:
            answer = await self._handle(request)
        except UnusableError as unusable:
            self._log.info("station_message_refused", action=request.action[:50], why=unusable.description)
            return self._refusal(request.id, unusable.code, unusable.description)
        except Exception:  # noqa: BLE001  # Whatever failed is ours; the station learns that this was not kept.
            self._log.exception("station_message_not_kept", action=request.action[:50])
            return self._refusal(request.id, ErrorCode.INTERNAL, "The message could not be kept.")
        return result_text(request.id, answer)

    async def _handle(self, request: Call) -> JsonObject:
        now = self._clock()
        await self._keep_sign_of_life(now)
        fields = Fields(request.payload, set())
        handled = self.dialect.handle(request.action, fields, Context(self.memory, now, self._heartbeat))
        self._note_oddities(request.action, fields.oddities)
        return await self._keep(handled)

    async def _keep(self, handled: Handled) -> JsonObject:
        answer = handled.answer
        if handled.starts:
            number = await self._start(handled.starts)
            answer = answer | {handled.number_as: number} if handled.number_as else answer
        observations = handled.observations + ((handled.stops,) if handled.stops else ())
        if observations:
            await self._record(observations)
        return answer

    def _refusal(self, message_id: MessageId, code: ErrorCode, description: str) -> str:
        return error_text(message_id, self.dialect.error_code(code), description)

    async def _record(self, observations: tuple[Observation, ...]) -> None:
        # Memory follows the journal: a status that could not be kept is still a change when it comes again.
        await self._journal.record(observations)
        for observation in observations:
            self.memory.keep(observation)
            if isinstance(observation, StatusObserved):
                self._on_status(observation.state.connector)

    async def _start(self, started: TransactionStarted) -> int:
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
        return number

    async def _keep_sign_of_life(self, now: datetime) -> None:
        if self._seen_kept is None or now - self._seen_kept >= SEEN_EVERY:
            await self._journal.record([Seen(self.memory.station_id, now)])
            self._seen_kept = now

    def _note_oddities(self, action: str, oddities: set[str]) -> None:
        """Logs each kind of oddity once per connection; a station repeats its own with every message."""
        for name in oddities:
            if (action, name) not in self._oddities:
                self._oddities.add((action, name))
                self._log.info("station_message_odd", action=action, field=name)
