"""One WebSocket to one station: answers its requests in order, and makes one call at a time itself.

One task serves a connection and sleeps nearly all the time: frames are handled where they are parsed, and what waits
for the journal is continued when the journal is done. So an answer of the station and the end of the connection are
seen at once, however long the journal takes.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import uuid4

import aiohttp
import structlog

from bot.stations.ocpp.frames import (
    Call,
    CallError,
    CallResult,
    Frame,
    Ignored,
    JsonObject,
    Malformed,
    MessageId,
    call_text,
)
from bot.stations.ocpp.plain import PlainStatus
from bot.stations.ocpp.socket import DATA
from bot.stations.ocpp.wire import Wire

Request = Call | PlainStatus | Malformed
Reply = Callable[[bytes], None]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class LinkLimits:
    """Times in seconds. `inbox` counts requests that wait; a station that sends more has to wait itself.

    `unread` is in bytes: a station that leaves so much unread is given up.
    """

    calling: float = 20.0
    draining: float = 5.0
    closing: float = 2.0
    ping_every: float = 60.0
    inbox: int = 64
    unread: int = 256 * 1024


class CallFailedError(Exception):
    """A call to the station brought no result."""


class NotSentError(CallFailedError):
    """The link was closed, or busy all the while: the station never heard the call."""


class NotAnsweredError(CallFailedError):
    """The call was sent; the station fell silent, or closed the connection instead of answering."""


class RefusedError(CallFailedError):
    """The station answered with a CALLERROR of this code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Listener(Protocol):
    """Who hears what arrives on a link."""

    def read(self, raw: str | bytes) -> Frame | PlainStatus:
        """A frame arrived: a sign of life, whatever is in it; raises for nothing that a station can send."""
        ...

    def answer(self, request: Request, reply: Reply) -> bytes | None:
        """The text of the answer, where nothing must be waited for; raises for nothing that a station can send.

        Where it returns None, `reply` is called with the text later. No other request is handed in until then.
        """
        ...


class Link:
    """A connection while it lasts: `run` once, `call` meanwhile, `stop` from outside."""

    # Of hundreds of links each is touched so seldom that it is in no cache by then: one block of memory, not three.
    __slots__ = (
        "_answering",
        "_asked",
        "_calling",
        "_calls",
        "_close_code",
        "_drained",
        "_heard_at",
        "_held",
        "_inbox",
        "_limits",
        "_listener",
        "_loop",
        "_open",
        "_pinged_at",
        "_reading",
        "_station_id",
        "_stopping",
        "_wire",
    )

    def __init__(self, wire: Wire, station_id: str, limits: LinkLimits) -> None:
        self._wire = wire
        self._station_id = station_id
        self._limits = limits
        self._listener: Listener | None = None
        self._loop = asyncio.get_running_loop()
        self._inbox: list[Request] = []
        self._answering = False
        self._held = False
        self._drained: asyncio.Future[None] | None = None
        self._asked: tuple[MessageId, asyncio.Future[JsonObject]] | None = None
        self._calling = asyncio.Lock()
        self._calls: set[asyncio.Task[JsonObject]] = set()
        self._open = True
        self._stopping = False
        self._reading: asyncio.Task[object] | None = None
        self._close_code = aiohttp.WSCloseCode.OK
        self._heard_at = self._loop.time()
        self._pinged_at = self._heard_at

    @property
    def open(self) -> bool:
        """Whether calls can be sent."""
        return self._open

    def stop(self) -> None:
        """Asks `run` to end; what was received already is still handled."""
        self._close_code = aiohttp.WSCloseCode.GOING_AWAY
        self._end()

    def look_after(self, now: float, idle_after: float) -> None:
        """Ends a link on which nothing came for so long, and keeps the routers on the way of any other awake.

        Both in seconds, `now` by the loop's clock. No pong is waited for: some stations never send one.
        """
        if now - self._heard_at > idle_after:
            log.info("station_idle", station=self._station_id)
            self._end()
        elif self._open and now - self._pinged_at >= self._limits.ping_every:
            self._pinged_at = now
            self._wire.ping()

    async def run(self, listener: Listener) -> None:
        """Reads and answers until the station leaves, falls silent, or `stop` is called.

        When it returns, all that was received has been handled or given up; the socket is still to be closed.
        """
        self._listener = listener
        try:
            await self._read()
        finally:
            self._hang_up()
        await self._drain()

    async def close(self) -> None:
        """Says goodbye to the station, and does not wait long for its answer."""
        # aiohttp closes the transport itself when it is interrupted here.
        try:
            async with asyncio.timeout(self._limits.closing):
                await self._wire.socket.close(code=self._close_code, drain=False)
        except TimeoutError:
            log.info("station_did_not_say_goodbye", station=self._station_id)

    async def call(self, action: str, payload: JsonObject) -> JsonObject:
        """The payload of the station's CALLRESULT.

        Raises NotSentError, NotAnsweredError or RefusedError. A call waits for the one before it, as OCPP-J
        demands (section 4.1.1), but no longer than it would wait for its own answer.
        """
        # A caller who gives up must not let the next call out before this one is answered.
        call = asyncio.create_task(self._call_in_turn(action, payload))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
        return await asyncio.shield(call)

    async def _call_in_turn(self, action: str, payload: JsonObject) -> JsonObject:
        try:
            async with asyncio.timeout(self._limits.calling):
                await self._calling.acquire()
        except TimeoutError:
            raise NotSentError(action) from None
        try:
            return await self._exchange(action, payload)
        finally:
            self._calling.release()

    async def _exchange(self, action: str, payload: JsonObject) -> JsonObject:
        if not self._open:
            raise NotSentError(action)
        message_id = uuid4().hex
        answer: asyncio.Future[JsonObject] = self._loop.create_future()
        self._asked = message_id, answer
        try:
            self._send(call_text(message_id, action, payload))
            async with asyncio.timeout(self._limits.calling):
                return await answer
        except TimeoutError:
            raise NotAnsweredError(action) from None
        finally:
            self._asked = None

    async def _read(self) -> None:
        reading = self._reading = asyncio.current_task()
        self._wire.socket.hand_over(self._hear)
        try:
            while not self._stopping:
                # Only control frames come this way, the end of the connection, and what came before its beginning.
                message = await self._wire.socket.receive()
                if message.type not in DATA:
                    return
                self._hear(message.data)
        except asyncio.CancelledError:
            # `_end` interrupts the reading by this; whoever else does ends the whole task.
            interrupted = self._stopping and self._reading is None
            if not interrupted or reading is None or reading.uncancel():
                raise
        finally:
            self._reading = None

    def _end(self) -> None:
        """Ends the reading; where that waits for a frame, all that came before is taken already."""
        self._stopping = True
        reading, self._reading = self._reading, None
        if reading is not None and reading is not asyncio.current_task():
            reading.cancel()

    def _hear(self, raw: str | bytes) -> None:
        listener = self._listener
        if self._stopping or listener is None:
            return
        self._heard_at = self._loop.time()
        try:
            frame = listener.read(raw)
            if type(frame) is PlainStatus and not self._answering:
                # Most frames are such ones, and nothing waits before them.
                self._answer(listener, frame)
            else:
                self._take(frame)
        except (
            Exception
        ):  # It must not reach aiohttp's parser, which would end the connection without a word.
            log.exception("station_frame_not_handled", station=self._station_id)
            self._end()
        if len(self._inbox) >= self._limits.inbox and not self._held:
            # A full inbox stops the reading, and TCP then slows the station down.
            self._held = self._wire.hold()

    def _take(self, frame: Frame | PlainStatus) -> None:
        """Sorts one frame: an answer reaches its caller at once, a request is answered in its turn."""
        match frame:
            case Call() | PlainStatus() | Malformed():
                self._inbox.append(frame)
                if not self._answering:
                    self._go_on()
            case CallResult(id=message_id, payload=payload):
                if answer := self._awaited(message_id):
                    answer.set_result(payload)
            case CallError(id=message_id, code=code):
                if answer := self._awaited(message_id):
                    answer.set_exception(RefusedError(code))
            case Ignored(why=why):
                log.info("station_frame_ignored", station=self._station_id, why=why)

    def _awaited(self, message_id: MessageId) -> asyncio.Future[JsonObject] | None:
        asked, answer = self._asked or (None, None)
        if answer is None or asked != message_id or answer.done():
            log.info("station_answer_too_late", station=self._station_id)
            return None
        return answer

    def _go_on(self) -> None:
        while self._inbox and self._listener and not self._answering:
            self._answer(self._listener, self._inbox.pop(0))

    def _answer(self, listener: Listener, request: Request) -> None:
        answer = listener.answer(request, self._reply)
        if answer is None:
            self._answering = True
        else:
            self._send(answer)

    def _reply(self, answer: bytes) -> None:
        self._answering = False
        self._send(answer)
        if self._inbox:
            self._go_on()
            if self._held and len(self._inbox) < self._limits.inbox:
                self._held = False
                self._wire.go_on()
        if self._drained is not None and not self._answering and not self._drained.done():
            self._drained.set_result(None)

    def _send(self, text: bytes) -> None:
        if not self._open or not self._wire.send(text):
            # The answer cannot be given any more, but what the station told after it still counts.
            log.info("station_left_before_answer", station=self._station_id)
        elif self._wire.unread > self._limits.unread:
            # It would not read a goodbye either, and closing in order waits until all is read.
            log.info("station_does_not_read", station=self._station_id)
            self._wire.cut()

    def _hang_up(self) -> None:
        self._open = False
        if self._asked is not None and not self._asked[1].done():
            self._asked[1].set_exception(NotAnsweredError("the connection was closed"))

    async def _drain(self) -> None:
        if not self._answering:
            return
        self._drained = self._loop.create_future()
        try:
            async with asyncio.timeout(self._limits.draining):
                await self._drained
        except TimeoutError:
            log.warning("station_messages_dropped", station=self._station_id, count=len(self._inbox))
            self._inbox.clear()
