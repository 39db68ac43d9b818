"""The OCPP 1.6 client of a simulated station: the `ocpp` package with its strict validation switched on.

That package has no types, so everything that touches it stays in this module.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from ocpp.exceptions import OCPPError
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result
from websockets.asyncio.client import ClientConnection

from bot.sandbox.stations.connector import Report, SimulatedConnector

_Handler = TypeVar("_Handler", bound=Callable[..., object])
_TEXT_LIMIT = 50
"""Of `info` and `vendorErrorCode`; the strict client would refuse to send more."""

RefusedByCentralSystem = OCPPError
"""Raised where the central system answers with a CALLERROR, or one of the messages breaks its schema."""


@dataclass(frozen=True, slots=True)
class Told:
    """A command: its OCPP action, the connector that it names, and its one further field."""

    action: str
    connector: int | None = None
    word: str = ""
    transaction_id: int | None = None


@dataclass(frozen=True, slots=True)
class Obeyed:
    """The status word of the answer, and what happens once the answer is out."""

    status: str
    then: Callable[[], None] | None = None


class Master(Protocol):
    """The station behind the wire."""

    @property
    def deaf(self) -> bool:
        """Whether commands are not heard at all."""
        ...

    def obey(self, told: Told) -> Obeyed:
        """What the station does about a command."""
        ...

    def log_frame(self, direction: str, frame: str) -> None:
        """Keeps a frame for the page; `direction` is "in" or "out"."""
        ...


def _on(action: str) -> Callable[[_Handler], _Handler]:
    decorate: Callable[[_Handler], _Handler] = on(action)
    return decorate


class Wire(ChargePoint):  # type: ignore[misc]  # Its base has no types.
    """One connection; `start` reads until the socket closes."""

    def __init__(self, station_id: str, socket: ClientConnection, master: Master) -> None:
        super().__init__(station_id, socket, response_timeout=30)
        self._master = master
        self._then: list[Callable[[], None]] = []

    async def route_message(self, raw_msg: str) -> None:
        """Logs a frame and, unless the station is deaf to it, handles it."""
        self._master.log_frame("in", raw_msg)
        if self._master.deaf and raw_msg.startswith("[2"):
            return
        await super().route_message(raw_msg)
        # What a command leads to happens after its answer, so that a Reset is answered first.
        due, self._then = self._then, []
        for act in due:
            act()

    async def _send(self, message: str) -> None:
        self._master.log_frame("out", message)
        await super()._send(message)

    def _obey(self, told: Told) -> str:
        obeyed = self._master.obey(told)
        if obeyed.then:
            self._then.append(obeyed.then)
        return obeyed.status

    @_on("Reset")
    def on_reset(self, **fields: str) -> object:
        """Soft or Hard."""
        return call_result.Reset(self._obey(Told("Reset", word=fields["type"])))

    @_on("UnlockConnector")
    def on_unlock(self, connector_id: int) -> object:
        """Releases a cable."""
        return call_result.UnlockConnector(self._obey(Told("UnlockConnector", connector_id)))

    @_on("ChangeAvailability")
    def on_availability(self, connector_id: int, **fields: str) -> object:
        """Operative or Inoperative."""
        told = Told("ChangeAvailability", connector_id, fields["type"])
        return call_result.ChangeAvailability(self._obey(told))

    @_on("RemoteStartTransaction")
    def on_remote_start(self, id_tag: str, connector_id: int | None = None, **_: object) -> object:
        """Begins a session."""
        status = self._obey(Told("RemoteStartTransaction", connector_id, id_tag))
        return call_result.RemoteStartTransaction(status)

    @_on("RemoteStopTransaction")
    def on_remote_stop(self, transaction_id: int) -> object:
        """Ends a session."""
        told = Told("RemoteStopTransaction", transaction_id=transaction_id)
        return call_result.RemoteStopTransaction(self._obey(told))

    @_on("TriggerMessage")
    def on_trigger(self, requested_message: str, connector_id: int | None = None) -> object:
        """Sends a message that is asked for."""
        return call_result.TriggerMessage(self._obey(Told("TriggerMessage", connector_id, requested_message)))

    async def boot(self, vendor: str, model: str, firmware: str) -> int:
        """BootNotification; the heartbeat interval in seconds that the central system wants."""
        asked = call.BootNotification(
            charge_point_model=model, charge_point_vendor=vendor, firmware_version=firmware
        )
        answer = await self.call(asked, suppress=False)
        return int(answer.interval)

    async def heartbeat(self) -> None:
        """Heartbeat."""
        await self.call(call.Heartbeat(), suppress=False)

    async def status(self, report: Report, at: str) -> None:
        """StatusNotification; `at` is the station's own time."""
        told = call.StatusNotification(
            connector_id=report.connector,
            error_code=report.error_code,
            status=report.status.value,
            timestamp=at,
            info=report.info and report.info[:_TEXT_LIMIT],
            vendor_error_code=report.vendor_error_code and report.vendor_error_code[:_TEXT_LIMIT],
        )
        await self.call(told, suppress=False)

    async def authorise(self, id_tag: str) -> bool:
        """Authorize; whether the tag may charge."""
        answer = await self.call(call.Authorize(id_tag=id_tag), suppress=False)
        return bool(answer.id_tag_info["status"] == "Accepted")

    async def start_transaction(self, connector: int, id_tag: str, meter_wh: int, at: str) -> int:
        """StartTransaction; the session's number."""
        told = call.StartTransaction(
            connector_id=connector, id_tag=id_tag, meter_start=meter_wh, timestamp=at
        )
        answer = await self.call(told, suppress=False)
        return int(answer.transaction_id)

    async def stop_transaction(self, transaction_id: int, meter_wh: int, reason: str, at: str) -> None:
        """StopTransaction."""
        told = call.StopTransaction(
            meter_stop=meter_wh, timestamp=at, transaction_id=transaction_id, reason=reason
        )
        await self.call(told, suppress=False)

    async def meter(self, connector: SimulatedConnector, at: str) -> None:
        """MeterValues: the register in Wh, the power in W and the car's charge in percent."""
        samples = [
            {"value": str(round(connector.meter_wh)), "unit": "Wh"},
            {"value": str(round(connector.power_w)), "measurand": "Power.Active.Import", "unit": "W"},
            {"value": str(round(connector.soc_percent)), "measurand": "SoC", "unit": "Percent"},
        ]
        told = call.MeterValues(
            connector_id=connector.spec.number,
            meter_value=[{"timestamp": at, "sampled_value": samples}],
            transaction_id=connector.session.transaction_id if connector.session else None,
        )
        await self.call(told, suppress=False)
