"""The OCPP 1.6 client of a simulated station."""

from ocpp.v16 import ChargePoint, call, call_result

from bot.sandbox.stations import commands
from bot.sandbox.stations.client import StrictClient, on_action
from bot.sandbox.stations.connector import Report, Session, SimulatedConnector
from bot.sandbox.stations.modes import BootReason, Telling, UploadState
from bot.sandbox.stations.wire import Nameplate

_TEXT_LIMIT = 50
"""Of `info` and `vendorErrorCode`; the strict client would refuse to send more."""
_UPLOAD = {
    UploadState.UPLOADING: "Uploading",
    UploadState.UPLOADED: "Uploaded",
    UploadState.FAILED: "UploadFailed",
}
_UNLOCK = {"UnknownConnector": "NotSupported"}
"""The words of OCPP 1.6 where they differ."""


class Wire16(StrictClient, ChargePoint):  # type: ignore[misc]  # Its base has no types.
    """A `Wire` of OCPP 1.6J."""

    @on_action("Reset")
    def on_reset(self, **fields: str) -> object:
        """Soft or Hard."""
        return call_result.Reset(self.obey(commands.Reset(hard=fields["type"] == "Hard")).status)

    @on_action("UnlockConnector")
    def on_unlock(self, connector_id: int) -> object:
        """Releases a cable, and ends the session for it."""
        status = self.obey(commands.Unlock(connector_id, ends_session=True)).status
        return call_result.UnlockConnector(_UNLOCK.get(status, status))

    @on_action("ChangeAvailability")
    def on_availability(self, connector_id: int, **fields: str) -> object:
        """Operative or Inoperative; connector 0 means all."""
        told = commands.ChangeAvailability(fields["type"] == "Operative", connector_id or None)
        return call_result.ChangeAvailability(self.obey(told).status)

    @on_action("RemoteStartTransaction")
    def on_remote_start(self, id_tag: str, connector_id: int | None = None, **_: object) -> object:
        """Begins a session."""
        status = self.obey(commands.Start(id_tag, connector_id)).status
        return call_result.RemoteStartTransaction(status)

    @on_action("RemoteStopTransaction")
    def on_remote_stop(self, transaction_id: int) -> object:
        """Ends a session."""
        return call_result.RemoteStopTransaction(self.obey(commands.Stop(transaction_id)).status)

    @on_action("TriggerMessage")
    def on_trigger(self, requested_message: str, connector_id: int | None = None) -> object:
        """Sends a message that is asked for."""
        told = commands.Trigger(requested_message, connector_id)
        return call_result.TriggerMessage(self.obey(told).status)

    @on_action("GetConfiguration")
    def on_get_configuration(self, key: list[str] | None = None) -> object:
        """The values of these keys, or of all where none is named."""
        known = self.master.configuration()
        asked = key or list(known)
        return call_result.GetConfiguration(
            [{"key": name, "readonly": True, "value": known[name]} for name in asked if name in known],
            [name for name in asked if name not in known],
        )

    @on_action("GetDiagnostics")
    def on_get_diagnostics(self, location: str, start_time: str | None = None, **_: object) -> object:
        """Uploads the log."""
        return call_result.GetDiagnostics(self.obey(commands.UploadLog(location, start_time)).file_name)

    @on_action("ClearCache")
    def on_clear_cache(self) -> object:
        """Forgets whom it has let charge."""
        return call_result.ClearCache(self.obey(commands.ClearCache()).status)

    @on_action("SendLocalList")
    def on_send_local_list(
        self,
        list_version: int,
        update_type: str,
        local_authorization_list: list[dict[str, object]] | None = None,
    ) -> object:
        """Takes a list of cards over."""
        tags = frozenset(str(card["id_tag"]) for card in local_authorization_list or ())
        told = commands.SendList(list_version, tags, full=update_type == "Full")
        return call_result.SendLocalList(self.obey(told).status)

    async def boot(self, nameplate: Nameplate, _: BootReason) -> int:
        """BootNotification."""
        asked = call.BootNotification(
            charge_point_model=nameplate.model,
            charge_point_vendor=nameplate.vendor,
            firmware_version=nameplate.firmware,
        )
        answer = await self.call(asked, suppress=False)
        return int(answer.interval)

    async def heartbeat(self) -> None:
        """Heartbeat."""
        await self.call(call.Heartbeat(), suppress=False)

    async def status(self, report: Report, _: Telling, at: str) -> None:
        """StatusNotification."""
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
        """Authorize."""
        answer = await self.call(call.Authorize(id_tag=id_tag), suppress=False)
        return bool(answer.id_tag_info["status"] == "Accepted")

    async def begin(self, session: Session) -> None:
        """StartTransaction."""
        told = call.StartTransaction(
            connector_id=session.connector,
            id_tag=session.authorisation.id_tag,
            meter_start=session.meter_start_wh,
            timestamp=session.began_at,
        )
        answer = await self.call(told, suppress=False)
        session.transaction_id = int(answer.transaction_id)

    async def end(self, session: Session, at: str) -> None:
        """StopTransaction; a session that has no number was refused, so there is nothing to stop."""
        if session.transaction_id is None:
            return
        told = call.StopTransaction(
            meter_stop=session.meter_stop_wh or 0,
            timestamp=at,
            transaction_id=session.transaction_id,
            reason=session.stop_reason or "Local",
        )
        await self.call(told, suppress=False)

    async def sample(self, connector: SimulatedConnector, _: Telling, at: str) -> None:
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

    async def log_status(self, state: UploadState, _: int | None) -> None:
        """DiagnosticsStatusNotification."""
        await self.call(call.DiagnosticsStatusNotification(status=_UPLOAD[state]), suppress=False)

    async def report(self, _: int, __: str) -> None:
        """OCPP 1.6 has no such message, and no command that asks for it."""
        raise NotImplementedError
