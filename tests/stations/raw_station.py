"""A station of plain frames, which can break every rule."""

import asyncio
from collections import deque
from itertools import count

import aiohttp
import orjson

Json = dict[str, object]
_PATIENCE = 5.0


class RawStation:
    """A WebSocket with the vocabulary of OCPP-J; it answers nothing unless told to."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self._ids = count(1)
        self._commands: deque[list[object]] = deque()

    async def send(self, frame: object) -> None:
        """Sends a frame: text as it is, anything else as JSON."""
        await self.socket.send_str(frame if isinstance(frame, str) else orjson.dumps(frame).decode())

    async def receive(self) -> list[object]:
        """The next frame; EOFError where the socket was closed, TimeoutError where none comes."""
        async with asyncio.timeout(_PATIENCE):
            message = await self.socket.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise EOFError(message.type.name)
        frame = orjson.loads(message.data)
        assert isinstance(frame, list)
        return frame

    async def request(self, action: str, payload: object) -> list[object]:
        """Sends a CALL; the CALLRESULT or CALLERROR that answers it."""
        message_id = f"m{next(self._ids)}"
        await self.send([2, message_id, action, payload])
        while True:
            frame = await self.receive()
            if frame[0] == 2:
                self._commands.append(frame)
            elif frame[1] == message_id:
                return frame

    async def tell(self, action: str, **payload: object) -> Json:
        """Sends a CALL that must be accepted; the payload of its CALLRESULT."""
        frame = await self.request(action, payload)
        assert frame[0] == 3, frame
        answer = frame[2]
        assert isinstance(answer, dict)
        return answer

    async def tell_status(self, connector: object, status: str, **more: object) -> None:
        """A StatusNotification that must be accepted; without an errorCode it is a fine one."""
        fields = {"errorCode": "NoError", **more}
        await self.tell("StatusNotification", connectorId=connector, status=status, **fields)

    async def refused(self, action: str, payload: object) -> str:
        """Sends a CALL that must be refused; the error code."""
        frame = await self.request(action, payload)
        assert frame[0] == 4, frame
        return str(frame[2])

    async def command(self) -> tuple[str, str, Json]:
        """The next CALL of the central system: its id, action and payload."""
        frame = self._commands.popleft() if self._commands else await self.receive()
        assert frame[0] == 2, frame
        payload = frame[3]
        assert isinstance(payload, dict)
        return str(frame[1]), str(frame[2]), payload

    async def obey(self, **answer: object) -> tuple[str, Json]:
        """Answers the next CALL; its action and payload."""
        message_id, action, payload = await self.command()
        await self.send([3, message_id, answer])
        return action, payload

    async def closed(self) -> int | None:
        """Waits until the central system closes the socket; the close code."""
        async with asyncio.timeout(_PATIENCE):
            while not self.socket.closed:
                await self.socket.receive()
        return self.socket.close_code

    async def leave(self) -> None:
        """Closes the socket."""
        await self.socket.close()
