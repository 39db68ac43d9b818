"""The writing side of a WebSocket without a coroutine for each frame: a server's frames need no mask and no state."""

import asyncio
import struct

from bot.stations.ocpp.socket import StationSocket

_TEXT = 0x81
_PING = b"\x89\x00"
_SHORT, _MEDIUM = 126, 1 << 16
"""Payloads from these lengths on have their length in two or eight bytes of its own (RFC 6455, section 5.2)."""
_HEADS = tuple(bytes((_TEXT, length)) for length in range(_SHORT))


class Wire:
    """`socket` reads, answers pings and closes; what is written goes past it, each frame whole."""

    __slots__ = ("_transport", "socket")

    def __init__(self, socket: StationSocket, transport: asyncio.Transport) -> None:
        self.socket = socket
        self._transport = transport

    def send(self, text: bytes) -> bool:
        """Writes a text, in UTF-8; False where the connection is closing already."""
        if self._transport.is_closing():
            return False
        length = len(text)
        if length < _SHORT:
            head = _HEADS[length]
        elif length < _MEDIUM:
            head = struct.pack(">BBH", _TEXT, _SHORT, length)
        else:
            head = struct.pack(">BBQ", _TEXT, _SHORT + 1, length)
        self._transport.write(head + text)
        return True

    def ping(self) -> None:
        """Writes a ping, unless the connection is closing already."""
        if not self._transport.is_closing():
            self._transport.write(_PING)

    def hold(self) -> bool:
        """Reads no more for now; False where the connection is closing already."""
        if self._transport.is_closing():
            return False
        self._transport.pause_reading()
        return True

    def go_on(self) -> None:
        """Reads again."""
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def cut(self) -> None:
        """Ends the connection at once; for the socket it is one that was lost."""
        self._transport.abort()

    @property
    def unread(self) -> int:
        """How many bytes TCP has not taken yet."""
        return self._transport.get_write_buffer_size()
