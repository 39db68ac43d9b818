"""Stations as cheap as they can be: frames made by hand on bare sockets, so that the server is the limit.

One thread, one epoll, no event loop: a client on asyncio costs more for each message than the servers that it measures.
"""

import select
import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

CONNECTORS = (1, 2)
STATUSES = ("Preparing", "Charging", "Finishing", "Available")
"""Each is another than the one before it, so that every message is a change that must be kept."""
HOST = "127.0.0.1"
_PATIENCE = 60.0
_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA
_SMALL = 126
_NO_MASK = b"\x00\x00\x00\x00"
"""A mask that masks nothing is allowed; the server has the same work with it."""
_HANDSHAKE = (
    b"GET /ocpp/%b HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ocpp1.6\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
_BOOT = b'"BootNotification",{"chargePointVendor":"Bench","chargePointModel":"B1","firmwareVersion":"1.0"}]'
_STATUS = b'"StatusNotification",{"connectorId":%d,"errorCode":"NoError","status":"%b","timestamp":"%b"}]'
_ODD_STATUS = (
    b'"StatusNotification",{"connectorId":"%d","errorCode":"noError","status":"%b","timestamp":"%b","fw":1}]'
)
"""A number as a text, a word in other letters, an unknown field: what stations do, and a reader has to bear."""
_TIME = b"2026-11-22T10:00:00Z"
_FIRST_ID = 1_000_000
"""Message ids of one length make frames of one length, which are quicker to make."""


class WrongAnswerError(Exception):
    """The server answered something else than it was asked, fell silent, or went away."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a station sends: the payload after its message id, and the status that it tells of a connector."""

    rest: bytes
    connector: int = 0
    status: str = ""


BOOT = Message(_BOOT)
_STATUS_MESSAGES = {
    (connector, status, odd): Message(
        (_ODD_STATUS if odd else _STATUS) % (connector, status.encode(), _TIME), connector, status
    )
    for connector in CONNECTORS
    for status in STATUSES
    for odd in (False, True)
}


def station_id(number: int) -> str:
    """The OCPP identity of the station with that number."""
    return f"BENCH-{number:05d}"


def _frame(payload: bytes, opcode: int = _TEXT) -> bytes:
    length = len(payload)
    if length < _SMALL:
        return bytes((0x80 | opcode, 0x80 | length)) + _NO_MASK + payload
    return struct.pack(">BBH", 0x80 | opcode, 0x80 | _SMALL, length) + _NO_MASK + payload


class BenchStation:
    """One station. `told` has, by connector, how many changes the server acknowledged and the last of them."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.told: dict[int, tuple[int, str]] = {}
        self.socket = socket.socket()
        self.open = False
        self._next_id = _FIRST_ID
        self._script: Iterator[Message] = iter(())
        self._window = 0
        self._awaited: deque[tuple[bytes, float, Message]] = deque()
        self._buffer = b""

    def connect(self, port: int) -> None:
        """Opens the connection and begins the handshake."""
        self.socket = socket.create_connection((HOST, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.open = False
        self._buffer = b""
        self._awaited.clear()
        self._script, self._window = iter(()), 0
        self.socket.send(_HANDSHAKE % station_id(self.number).encode())
        self.socket.setblocking(False)

    def drop(self) -> None:
        """Cuts the connection without a goodbye."""
        self.open = False
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def play(self, script: Iterable[Message], window: int = 1) -> None:
        """Sends the first messages, once the handshake is done; each answer brings the next."""
        self._script, self._window = iter(script), window
        if self.open:
            self._begin()

    def _begin(self) -> None:
        for _ in range(self._window):
            self._send_next()

    def receive(self, latencies: list[float]) -> bool:
        """Reads what there is; whether the handshake is done and every message of the script answered."""
        data = self.socket.recv(65536)
        if not data:
            raise WrongAnswerError(f"{station_id(self.number)}: the server went away")
        if self._buffer:
            data = self._buffer + data
            self._buffer = b""
        if not self.open:
            return self._shaken(data)
        at, end = 0, len(data)
        while end - at >= 2:
            # Answers to these messages are short; only a length below 64 kB is understood.
            length, start = data[at + 1], at + 2
            if length == _SMALL and end - at >= 4:
                length, start = (data[at + 2] << 8) + data[at + 3], at + 4
            if end - start < length:
                break
            self._take(data[at] & 0x0F, data[start : start + length], latencies)
            at = start + length
        self._buffer = data[at:]
        return not self._awaited

    def _shaken(self, data: bytes) -> bool:
        head, end, rest = data.partition(b"\r\n\r\n")
        if not end:
            self._buffer = data
            return False
        if not head.startswith(b"HTTP/1.1 101 "):
            raise WrongAnswerError(head.splitlines()[0].decode())
        self.open, self._buffer = True, rest
        self._begin()
        return not self._awaited

    def _take(self, opcode: int, payload: bytes, latencies: list[float]) -> None:
        if opcode == _PING:
            self.socket.send(_frame(payload, _PONG))
        elif opcode == _TEXT and self._awaited:
            start, sent, message = self._awaited.popleft()
            if not payload.startswith(start):
                raise WrongAnswerError(f"{station_id(self.number)}: {start!r} expected: {payload[:200]!r}")
            latencies.append(time.perf_counter() - sent)
            if message.status:
                self.told[message.connector] = (
                    self.told.get(message.connector, (0, ""))[0] + 1,
                    message.status,
                )
            self._send_next()
        else:
            raise WrongAnswerError(f"{station_id(self.number)}: {opcode}: {payload[:200]!r}")

    def _send_next(self) -> None:
        message = next(self._script, None)
        if message is None:
            return
        number = b"%d" % self._next_id
        self._next_id += 1
        self._awaited.append((b'[3,"' + number + b'",', time.perf_counter(), message))
        self.socket.send(_frame(b'[2,"' + number + b'",' + message.rest))

    def changes(self, count: int, connector: int = 1, *, odd: bool = False) -> list[Message]:
        """Messages that change the status of a connector `count` times; `odd` ones break the specification."""
        begin = self.told.get(connector, (0, ""))[0]
        return [
            _STATUS_MESSAGES[connector, STATUSES[(begin + turn) % len(STATUSES)], odd]
            for turn in range(count)
        ]

    def arrival(self) -> list[Message]:
        """What a station says when it comes: a boot, and a new status of each connector."""
        return [BOOT, *(message for connector in CONNECTORS for message in self.changes(1, connector))]


class Fleet:
    """Stations of one server; `latencies` are those of the answers to the last script, in seconds."""

    def __init__(self, port: int, count: int) -> None:
        self.port = port
        self.stations = [BenchStation(number) for number in range(count)]
        self.latencies: list[float] = []

    def arrive(self, at_once: int = 64) -> float:
        """Connects every station, and each says at once what it has to; how many seconds it took.

        So many are under way at a time, as a port's queue of connections is not endless.
        """

        def begin(station: BenchStation) -> None:
            station.connect(self.port)
            station.play(station.arrival())

        return self._run(begin, at_once)

    def change(self, count: int, window: int = 1, *, odd: bool = False) -> float:
        """Every station changes its status so often, `window` messages at once; how many seconds it took."""
        scripts = {station.number: station.changes(count, odd=odd) for station in self.stations}
        return self._run(lambda station: station.play(scripts[station.number], window), len(self.stations))

    def drop(self) -> None:
        """Cuts every connection at once."""
        for station in self.stations:
            station.drop()

    def told(self) -> dict[tuple[str, int], tuple[int, str]]:
        """By station and connector, how many changes were acknowledged, and the last of them."""
        return {
            (station_id(station.number), connector): told
            for station in self.stations
            for connector, told in station.told.items()
        }

    def _run(self, begin: Callable[[BenchStation], None], at_once: int) -> float:
        self.latencies.clear()
        active: dict[int, BenchStation] = {}
        waiting = iter(self.stations)
        started = time.perf_counter()
        with select.epoll() as poll:
            while True:
                while len(active) < at_once and (station := next(waiting, None)) is not None:
                    begin(station)
                    active[station.socket.fileno()] = station
                    poll.register(station.socket.fileno(), select.EPOLLIN)
                if not active:
                    return time.perf_counter() - started
                for number, _ in _ready(poll, len(active)):
                    if active[number].receive(self.latencies):
                        poll.unregister(number)
                        del active[number]


def _ready(poll: select.epoll, waiting: int) -> list[tuple[int, int]]:
    found = poll.poll(_PATIENCE, 1024)
    if not found:
        raise WrongAnswerError(f"{waiting} stations wait in vain")
    return found
