"""What the clients of both versions have in common: the `ocpp` package with its strict validation switched on.

That package has no types, so only this module and the two wires touch it.
"""

from collections.abc import Callable
from typing import TypeVar

from ocpp.charge_point import ChargePoint
from ocpp.exceptions import OCPPError
from ocpp.routing import on
from websockets.asyncio.client import ClientConnection

from bot.sandbox.stations.commands import Command, Obeyed
from bot.sandbox.stations.wire import Master

RefusedByCentralSystem = OCPPError
"""Raised where the central system answers with a CALLERROR, or one of the messages breaks its schema."""
_ANSWERS_WITHIN = 30
_Handler = TypeVar("_Handler", bound=Callable[..., object])


def on_action(action: str) -> Callable[[_Handler], _Handler]:
    """The decorator of the package for a method that answers a command."""
    decorate: Callable[[_Handler], _Handler] = on(action)
    return decorate


class StrictClient(ChargePoint):  # type: ignore[misc]  # Its base has no types.
    """Logs all frames, and has the station obey."""

    def __init__(self, station_id: str, socket: ClientConnection, master: Master) -> None:
        super().__init__(station_id, socket, response_timeout=_ANSWERS_WITHIN)
        self.master = master
        self._then: list[Callable[[], None]] = []

    async def route_message(self, raw_msg: str) -> None:
        """Logs a frame and, unless the station is deaf to it, handles it."""
        self.master.log_frame("in", raw_msg)
        if self.master.deaf and raw_msg.startswith("[2"):
            return
        await super().route_message(raw_msg)
        # What a command leads to happens after its answer, so that a Reset is answered first.
        due, self._then = self._then, []
        for act in due:
            act()

    async def _send(self, message: str) -> None:
        self.master.log_frame("out", message)
        await super()._send(message)

    def obey(self, command: Command) -> Obeyed:
        """What the station answers; what follows from it happens once the answer is out."""
        obeyed = self.master.obey(command)
        if obeyed.then:
            self._then.append(obeyed.then)
        return obeyed
