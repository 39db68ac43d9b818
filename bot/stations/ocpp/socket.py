"""aiohttp's WebSocket, with a way past its queue.

By its own way each frame wakes the task that waits in `receive`, through every coroutine between the two. That is a
third of what a bare echo costs, so frames are handed over where they are parsed. aiohttp has no public means for it;
what is used of its inside is all in this file, and `tests/stations/test_links.py` notices when it changes.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from aiohttp import WSMessage, WSMsgType, web
from aiohttp._websocket.models import WSMessageTextBytes
from aiohttp._websocket.reader import WebSocketDataQueue
from aiohttp._websocket.writer import WebSocketWriter
from aiohttp.http import WebSocketReader

Hear = Callable[[str | bytes], None]
DATA: Final = frozenset({WSMsgType.TEXT, WSMsgType.BINARY})
_QUEUE_BYTES = 64 * 1024


class StationSocket(web.WebSocketResponse):
    """A WebSocket without compression, whose texts are handed to a function once there is one.

    Control frames, and what came before, are still received; nothing overtakes anything.
    """

    def __init__(self, protocols: tuple[str, ...], max_msg_size: int) -> None:
        super().__init__(protocols=protocols, compress=False, max_msg_size=max_msg_size)
        self._funnel: _Funnel | None = None

    def hand_over(self, hear: Hear) -> None:
        """From now on `hear` is called with each text where it arrives. It must not raise."""
        if self._funnel is None:
            raise RuntimeError("the socket is not prepared")
        self._funnel.hear = hear

    async def receive(self, timeout: float | None = None) -> WSMessage:  # noqa: ASYNC109  # As aiohttp has it.
        """The next frame that was not handed over."""
        message = await super().receive(timeout)
        if message.type in DATA and self._funnel is not None:
            self._funnel.queued -= 1
        return message

    def _post_start(self, request: web.BaseRequest, protocol: str | None, writer: WebSocketWriter) -> None:
        super()._post_start(request, protocol, writer)
        loop = asyncio.get_running_loop()
        self._reader = self._funnel = _Funnel(request.protocol, _QUEUE_BYTES, loop=loop)
        self._parser = WebSocketReader(self._funnel, self._max_msg_size, compress=False, decode_text=True)
        request.protocol._payload_parser = self._parser


class _Funnel(WebSocketDataQueue):
    hear: Hear | None = None
    queued = 0
    """How many texts wait in the queue; while there are any, the next has to wait behind them."""

    def feed_data(self, data: WSMessage | WSMessageTextBytes, size: int) -> None:
        if data[0] not in DATA:
            super().feed_data(data, size)
        elif self.hear is not None and not self.queued:
            self.hear(data[1])
        else:
            self.queued += 1
            super().feed_data(data, size)
