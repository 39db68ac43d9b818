"""One WebSocket to one station: answers its requests in order, and makes one call at a time itself."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol
from uuid import uuid4

import aiohttp
import structlog
from aiohttp import web

from bot.stations.ocpp.frames import (
    Call,
    CallError,
    CallResult,
    Ignored,
    JsonObject,
    Malformed,
    MessageId,
    call_text,
    parse,
)

Request = Call | Malformed


@dataclass(frozen=True, slots=True)
class LinkLimits:
    """Times in seconds. `inbox` counts requests that wait; a station that sends more has to wait itself."""

    calling: float = 20.0
    sending: float = 10.0
    draining: float = 5.0
    closing: float = 2.0
    ping_every: float = 60.0
    inbox: int = 64


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

    @property
    def station_id(self) -> str:
        """Whose link it is, for the log."""
        ...

    def heard(self) -> None:
        """A frame arrived, whatever is in it."""
        ...

    async def answer(self, request: Request) -> str:
        """The text of the answer to a request; raises for nothing that a station can send."""
        ...


class Link:
    """A connection while it lasts: `run` once, `call` meanwhile, `stop` from outside."""

    def __init__(self, socket: web.WebSocketResponse, listener: Listener, limits: LinkLimits) -> None:
        self._socket = socket
        self._listener = listener
        self._limits = limits
        self._log = structlog.get_logger().bind(station=listener.station_id)
        self._inbox: asyncio.Queue[Request | None] = asyncio.Queue(limits.inbox)
        self._pending: dict[MessageId, asyncio.Future[JsonObject]] = {}
        self._calling = asyncio.Lock()
        self._calls: set[asyncio.Task[JsonObject]] = set()
        self._open = True
        self._stopping = asyncio.Event()
        self._close_code = aiohttp.WSCloseCode.OK

    @property
    def open(self) -> bool:
        """Whether calls can be sent."""
        return self._open

    def stop(self) -> None:
        """Asks `run` to end; what was received already is still handled."""
        self._close_code = aiohttp.WSCloseCode.GOING_AWAY
        self._stopping.set()

    async def run(self) -> None:
        """Reads and answers until the station leaves, falls silent, or `stop` is called.

        When it returns, all that was received has been handled or given up; the socket is still to be closed.
        """
        answering = asyncio.create_task(self._answer_requests())
        tasks = [
            asyncio.create_task(self._read()),
            asyncio.create_task(self._ping()),
            asyncio.create_task(self._stopped()),
        ]
        try:
            await asyncio.wait({answering, *tasks}, return_when=asyncio.FIRST_COMPLETED)
            self._hang_up()
            await _end(tasks)
            await self._drain(answering)
        finally:
            self._hang_up()
            await _end([answering, *tasks])

    async def close(self) -> None:
        """Says goodbye to the station, and does not wait long for its answer."""
        # aiohttp closes the transport itself when it is interrupted here.
        try:
            async with asyncio.timeout(self._limits.closing):
                await self._socket.close(code=self._close_code, drain=False)
        except TimeoutError:
            self._log.info("station_did_not_say_goodbye")

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
        answer: asyncio.Future[JsonObject] = asyncio.get_running_loop().create_future()
        self._pending[message_id] = answer
        try:
            async with asyncio.timeout(self._limits.calling):
                await self._send(call_text(message_id, action, payload))
                return await answer
        except TimeoutError:
            raise NotAnsweredError(action) from None
        finally:
            del self._pending[message_id]

    async def _read(self) -> None:
        while True:
            try:
                message = await self._socket.receive()
            except TimeoutError:
                self._log.info("station_idle")
                return
            if message.type not in {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}:
                return
            self._listener.heard()
            await self._take(message.data)

    async def _take(self, raw: str | bytes) -> None:
        """Sorts one frame: an answer reaches its caller at once, a request queues up to be answered."""
        frame = parse(raw)
        match frame:
            case Call() | Malformed():
                # A full inbox stops the reading, and TCP then slows the station down.
                await self._inbox.put(frame)
            case CallResult(id=message_id, payload=payload):
                if answer := self._awaited(message_id):
                    answer.set_result(payload)
            case CallError(id=message_id, code=code):
                if answer := self._awaited(message_id):
                    answer.set_exception(RefusedError(code))
            case Ignored(why=why):
                self._log.info("station_frame_ignored", why=why)

    def _awaited(self, message_id: MessageId) -> asyncio.Future[JsonObject] | None:
        answer = self._pending.get(message_id)
        if answer is None or answer.done():
            self._log.info("station_answer_too_late")
            return None
        return answer

    async def _answer_requests(self) -> None:
        while (request := await self._inbox.get()) is not None:
            answer = await self._listener.answer(request)
            try:
                await self._send(answer)
            except NotAnsweredError:
                # The answer cannot be given any more, but what the station told after it still counts.
                self._log.info("station_left_before_answer")

    async def _send(self, text: str) -> None:
        try:
            if not self._open:
                raise ConnectionResetError
            async with asyncio.timeout(self._limits.sending):
                await self._socket.send_str(text)
        except (ConnectionError, TimeoutError):
            self._stopping.set()
            raise NotAnsweredError from None

    async def _ping(self) -> None:
        """Keeps routers on the way awake. No pong is waited for: some stations never send one."""
        while True:
            await asyncio.sleep(self._limits.ping_every)
            try:
                async with asyncio.timeout(self._limits.sending):
                    await self._socket.ping()
            except (ConnectionError, TimeoutError):
                return

    async def _stopped(self) -> None:
        await self._stopping.wait()

    def _hang_up(self) -> None:
        self._open = False
        for answer in self._pending.values():
            if not answer.done():
                answer.set_exception(NotAnsweredError("the connection was closed"))

    async def _drain(self, answering: asyncio.Task[None]) -> None:
        try:
            async with asyncio.timeout(self._limits.draining):
                await self._inbox.put(None)
                await answering
        except TimeoutError:
            self._log.warning("station_messages_dropped", count=self._inbox.qsize())


async def _end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancels tasks, awaits them, and raises what one of them died of."""
    for task in tasks:
        task.cancel()
    for ended in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(ended, Exception):
            raise ended
