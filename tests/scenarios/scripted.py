"""A station that says what a scenario has it say, accepts every command, obeys none, and writes them all down."""

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import datetime
from itertools import count

import aiohttp
import orjson

from bot.domain.clock import Clock
from bot.domain.remote_action import RemoteCommand
from tests.scenarios.data import OCPP201, Payload, Station

_PATIENCE = 20.0
_ENDED = frozenset({"ended", "stoptransaction"})
_ACCEPTED: dict[str, Payload] = {"UnlockConnector": {"status": "Unlocked"}}
_COMMANDS: dict[tuple[str, str], RemoteCommand] = {
    ("TriggerMessage", "StatusNotification"): RemoteCommand.REFRESH_STATUS,
    ("RemoteStartTransaction", ""): RemoteCommand.START_SESSION,
    ("RequestStartTransaction", ""): RemoteCommand.START_SESSION,
    ("RemoteStopTransaction", ""): RemoteCommand.STOP_SESSION,
    ("RequestStopTransaction", ""): RemoteCommand.STOP_SESSION,
    ("UnlockConnector", ""): RemoteCommand.UNLOCK,
    ("ChangeAvailability", "Operative"): RemoteCommand.MAKE_OPERATIVE,
    ("ChangeAvailability", "Inoperative"): RemoteCommand.MAKE_INOPERATIVE,
    ("Reset", "Soft"): RemoteCommand.SOFT_RESET,
    ("Reset", "OnIdle"): RemoteCommand.SOFT_RESET,
    ("Reset", "Hard"): RemoteCommand.HARD_RESET,
    ("Reset", "Immediate"): RemoteCommand.HARD_RESET,
}
_TELLS_KIND = ("requestedMessage", "operationalStatus", "type")


class Strange(Exception):
    """The central system sent a call that is no command that we know."""


class ScriptedStation:
    """One station, connected or not. `reached` are the commands that came, `asked` counts questions for its status."""

    def __init__(self, name: str, station: Station, url: str, clock: Clock) -> None:
        self.name = name
        self.station = station
        self.reached: list[RemoteCommand] = []
        self.resets_in_sessions: list[frozenset[int]] = []
        """For each reset that came, the connectors that had a session at that moment."""
        self.asked = 0
        self.strange: list[str] = []
        self.silent = False
        self._url = url
        self._clock = clock
        self._http: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reading: asyncio.Task[None] | None = None
        self._replies: set[asyncio.Task[None]] = set()
        self._waiting: dict[str, asyncio.Future[list[object]]] = {}
        self._ids = count(1)
        self._statuses: dict[tuple[int, int], Payload] = {}
        self._sessions: dict[int, int | str] = {}
        self._last_session: int | str = 0

    async def connect(self) -> None:
        """Connects; does nothing where it is connected."""
        if self._socket is not None:
            return
        self._http = aiohttp.ClientSession()
        url = f"{self._url}/{self.name}"
        self._socket = await self._http.ws_connect(url, protocols=(self.station.protocol,))
        self._reading = asyncio.create_task(self._read(self._socket))
        if not self.silent:
            await self.say("Heartbeat", {})

    async def leave(self) -> None:
        """Loses its connection; what it knows of its sessions stays."""
        socket, self._socket = self._socket, None
        if socket is not None:
            await socket.close()
        if self._reading is not None:
            self._reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reading
        if self._http is not None:
            await self._http.close()

    async def start_up(self) -> None:
        """Connects, boots, and calls everything available."""
        await self.connect()
        names = self.station
        if names.protocol == OCPP201:
            boot: Payload = {
                "reason": "PowerUp",
                "chargingStation": {
                    "vendorName": names.vendor,
                    "model": names.model,
                    "firmwareVersion": names.firmware,
                },
            }
            await self.say("BootNotification", boot)
            for evse in range(1, names.connectors + 1):
                free: Payload = {
                    "timestamp": "$now",
                    "connectorStatus": "Available",
                    "evseId": evse,
                    "connectorId": 1,
                }
                await self.say("StatusNotification", free)
            return
        told: Payload = {
            "chargePointVendor": names.vendor,
            "chargePointModel": names.model,
            "firmwareVersion": names.firmware,
        }
        await self.say("BootNotification", told)
        for connector in range(names.connectors + 1):
            fine: Payload = {
                "connectorId": connector,
                "errorCode": "NoError",
                "status": "Available",
                "timestamp": "$now",
            }
            await self.say("StatusNotification", fine)

    async def say(self, action: str, payload: Payload) -> None:
        """Sends a call and waits until it is answered, that is until it is kept."""
        if self._socket is None:
            raise RuntimeError(f"{self.name} says {action} while it is not connected")
        filled = self._filled(payload)
        if not isinstance(filled, dict):
            raise TypeError(action)
        self._remember(action, filled)
        message_id = f"s{next(self._ids)}"
        answer: asyncio.Future[list[object]] = asyncio.get_running_loop().create_future()
        self._waiting[message_id] = answer
        await self._socket.send_str(orjson.dumps([2, message_id, action, filled]).decode())
        async with asyncio.timeout(_PATIENCE):
            frame = await answer
        if frame[0] != 3:  # CALLRESULT, OCPP-J section 4.2.
            raise Strange(f"{action} was refused: {frame}")
        result = frame[2]
        if action == "StartTransaction" and isinstance(result, dict):
            self._last_session = self._sessions[_number(filled, "connectorId")] = result["transactionId"]

    async def settled(self) -> None:
        """Waits until all commands that came are answered, and what they asked for is said."""
        while self._replies:
            await asyncio.gather(*self._replies)

    def _filled(self, value: object) -> object:
        match value:
            case "$now":
                return _written(self._clock())
            case "$session":
                return self._last_session
            case dict():
                return {str(key): self._filled(each) for key, each in value.items()}
            case list():
                return [self._filled(each) for each in value]
            case _:
                return value

    def _remember(self, action: str, payload: Payload) -> None:
        """What it will say again when it is asked, and where its sessions are."""
        match action:
            case "StatusNotification" if "evseId" in payload:
                self._statuses[_number(payload, "evseId"), _number(payload, "connectorId")] = payload
            case "StatusNotification":
                self._statuses[_number(payload, "connectorId"), 0] = payload
            case "StopTransaction":
                ended = payload.get("transactionId")
                self._sessions = {
                    where: number for where, number in self._sessions.items() if number != ended
                }
            case "TransactionEvent":
                self._remember_event(payload)

    def _remember_event(self, payload: Payload) -> None:
        info, evse = payload.get("transactionInfo"), payload.get("evse")
        name = str(info.get("transactionId")) if isinstance(info, dict) else ""
        if str(payload.get("eventType")).casefold() in _ENDED:
            self._sessions = {where: each for where, each in self._sessions.items() if each != name}
        elif isinstance(evse, dict):
            self._sessions[int(evse["id"])] = name

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            frame = orjson.loads(message.data)
            if frame[0] == 2:  # CALL, OCPP-J section 4.2.
                self._note(frame[2], frame[3])
                if not self.silent:
                    reply = asyncio.create_task(self._reply(socket, frame))
                    self._replies.add(reply)
                    reply.add_done_callback(self._replies.discard)
            elif frame[1] in self._waiting:
                self._waiting.pop(frame[1]).set_result(frame)

    def _note(self, action: str, payload: Mapping[str, object]) -> None:
        kind = next((str(payload[key]) for key in _TELLS_KIND if key in payload), "")
        command = _COMMANDS.get((action, kind))
        if command is None:
            self.strange.append(f"{action} {kind}".strip())
        elif command is RemoteCommand.REFRESH_STATUS:
            self.asked += 1
        else:
            self.reached.append(command)
        if action == "Reset":
            self.resets_in_sessions.append(frozenset(self._sessions))

    async def _reply(self, socket: aiohttp.ClientWebSocketResponse, frame: list[object]) -> None:
        action, payload = str(frame[2]), frame[3]
        answer = _ACCEPTED.get(action, {"status": "Accepted"})
        await socket.send_str(orjson.dumps([3, frame[1], answer]).decode())
        if action == "TriggerMessage" and isinstance(payload, dict):
            status = self._statuses.get(_asked_for(payload))
            if status is not None:
                await self.say("StatusNotification", status)


def _asked_for(payload: Payload) -> tuple[int, int]:
    evse = payload.get("evse")
    if isinstance(evse, dict):
        return int(evse["id"]), int(evse.get("connectorId", 1))
    return _number(payload, "connectorId"), 0


def _number(payload: Payload, key: str) -> int:
    value = payload.get(key, 0)
    return int(value) if isinstance(value, int | str) else 0


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
