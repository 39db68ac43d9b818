"""The OCPP 2.0.1 client of a simulated station.

Each connector of a simulated station is an EVSE of its own, which has the connector's number, and whose only connector
has the number 1.
"""

from ocpp.v201 import ChargePoint, call, call_result
from websockets.asyncio.client import ClientConnection

from bot.sandbox.stations import commands, payloads201
from bot.sandbox.stations.client import StrictClient, on_action
from bot.sandbox.stations.connector import Report, Session, SimulatedConnector
from bot.sandbox.stations.faults201 import FaultBook
from bot.sandbox.stations.modes import BootReason, Telling, UploadState
from bot.sandbox.stations.payloads201 import Json
from bot.sandbox.stations.wire import Master, Nameplate

_UPLOAD = {
    UploadState.UPLOADING: "Uploading",
    UploadState.UPLOADED: "Uploaded",
    UploadState.FAILED: "UploadFailure",
}


class Wire201(StrictClient, ChargePoint):  # type: ignore[misc]  # Its base has no types.
    """A `Wire` of OCPP 2.0.1; `faults` outlives it."""

    def __init__(self, station_id: str, socket: ClientConnection, master: Master, faults: FaultBook) -> None:
        super().__init__(station_id, socket, master)
        self._faults = faults
        self._said: dict[int, str] = {}

    @on_action("Reset")
    def on_reset(self, evse_id: int | None = None, **fields: str) -> object:
        """Immediate or OnIdle; a single EVSE of this station cannot be reset by itself."""
        if evse_id is not None:
            return call_result.Reset("Rejected")
        at_once = fields["type"] == "Immediate"
        return call_result.Reset(self.obey(commands.Reset(hard=at_once, when_idle=not at_once)).status)

    @on_action("UnlockConnector")
    def on_unlock(self, evse_id: int, connector_id: int) -> object:
        """Releases a cable that no session holds."""
        told = commands.Unlock(evse_id if connector_id == 1 else 0, ends_session=False)
        return call_result.UnlockConnector(self.obey(told).status)

    @on_action("ChangeAvailability")
    def on_availability(self, operational_status: str, evse: Json | None = None, **_: object) -> object:
        """Operative or Inoperative; without an EVSE it means the whole station."""
        told = commands.ChangeAvailability(operational_status == "Operative", payloads201.named_evse(evse))
        return call_result.ChangeAvailability(self.obey(told).status)

    @on_action("RequestStartTransaction")
    def on_request_start(
        self, id_token: Json, remote_start_id: int, evse_id: int | None = None, **_: object
    ) -> object:
        """Begins a session."""
        told = commands.Start(str(id_token["id_token"]), evse_id, remote_start_id)
        return call_result.RequestStartTransaction(self.obey(told).status)

    @on_action("RequestStopTransaction")
    def on_request_stop(self, transaction_id: str, **_: object) -> object:
        """Ends a session."""
        return call_result.RequestStopTransaction(self.obey(commands.Stop(transaction_id)).status)

    @on_action("TriggerMessage")
    def on_trigger(self, requested_message: str, evse: Json | None = None, **_: object) -> object:
        """Sends a message that is asked for. A status is that of a connector, which must be named (F06)."""
        named = payloads201.named_evse(evse)
        whole = requested_message == "StatusNotification" and "connector_id" not in (evse or {})
        if named == 0 or whole:
            return call_result.TriggerMessage("Rejected")
        return call_result.TriggerMessage(self.obey(commands.Trigger(requested_message, named)).status)

    @on_action("GetVariables")
    def on_get_variables(self, get_variable_data: list[Json], **_: object) -> object:
        """The values of some variables."""
        known = self.master.configuration()
        return call_result.GetVariables([payloads201.variable(each, known) for each in get_variable_data])

    @on_action("GetBaseReport")
    def on_get_base_report(self, request_id: int, **_: object) -> object:
        """Sends all variables in messages of their own, whatever kind of inventory is asked for."""
        return call_result.GetBaseReport(self.obey(commands.ReportConfiguration(request_id)).status)

    @on_action("GetLog")
    def on_get_log(self, log: Json, request_id: int, **_: object) -> object:
        """Uploads the log."""
        since = log.get("oldest_timestamp")
        told = commands.UploadLog(str(log["remote_location"]), str(since) if since else None, request_id)
        obeyed = self.obey(told)
        return call_result.GetLog(obeyed.status, filename=obeyed.file_name)

    @on_action("ClearCache")
    def on_clear_cache(self, **_: object) -> object:
        """Forgets whom it has let charge."""
        return call_result.ClearCache(self.obey(commands.ClearCache()).status)

    @on_action("SendLocalList")
    def on_send_local_list(
        self,
        version_number: int,
        update_type: str,
        local_authorization_list: list[dict[str, Json]] | None = None,
        **_: object,
    ) -> object:
        """Takes a list of cards over."""
        tags = frozenset(str(card["id_token"]["id_token"]) for card in local_authorization_list or ())
        told = commands.SendList(version_number, tags, full=update_type == "Full")
        return call_result.SendLocalList(self.obey(told).status)

    async def boot(self, nameplate: Nameplate, reason: BootReason) -> int:
        """BootNotification. What it told before its start, a station has forgotten."""
        if reason is not BootReason.TRIGGERED:
            self._faults.forget()
        station = {
            "vendor_name": nameplate.vendor,
            "model": nameplate.model,
            "firmware_version": nameplate.firmware,
        }
        asked = call.BootNotification(charging_station=station, reason=reason.value)
        answer = await self.call(asked, suppress=False)
        return int(answer.interval)

    async def heartbeat(self) -> None:
        """Heartbeat."""
        await self.call(call.Heartbeat(), suppress=False)

    async def status(self, report: Report, why: Telling, at: str) -> None:
        """NotifyEvent for what is broken, StatusNotification, and TransactionEvent for what is charging.

        The station as a whole has no StatusNotification in OCPP 2.0.1, so nothing is sent of connector 0.
        """
        number = report.connector
        if number == 0:
            return
        events = self._faults.events(report, why, at)
        if events:
            told = call.NotifyEvent(generated_at=at, seq_no=0, event_data=events)
            await self.call(told, suppress=False)
            self._faults.keep(report)
        word = payloads201.connector_status(report.status)
        if why is not Telling.CHANGED or self._said.get(number) != word:
            status = call.StatusNotification(at, word, evse_id=number, connector_id=1)
            await self.call(status, suppress=False)
            self._said[number] = word
        if why is Telling.CHANGED and report.session is not None:
            await self._tell(report.session, payloads201.changed(report.session, report.status, at))

    async def authorise(self, id_tag: str) -> bool:
        """Authorize."""
        answer = await self.call(call.Authorize(id_token=payloads201.token(id_tag)), suppress=False)
        return bool(answer.id_token_info["status"] == "Accepted")

    async def begin(self, session: Session) -> None:
        """TransactionEvent Started."""
        await self._tell(session, payloads201.started(session))

    async def end(self, session: Session, at: str) -> None:
        """TransactionEvent Ended."""
        await self._tell(session, payloads201.ended(session, at))

    async def sample(self, connector: SimulatedConnector, why: Telling, at: str) -> None:
        """TransactionEvent Updated in a session, MeterValues outside of one."""
        if connector.session is not None:
            await self._tell(connector.session, payloads201.sampled(connector.session, connector, why, at))
            return
        told = call.MeterValues(connector.spec.number, payloads201.meter(connector, why, at))
        await self.call(told, suppress=False)

    async def log_status(self, state: UploadState, request_id: int | None) -> None:
        """LogStatusNotification."""
        told = call.LogStatusNotification(status=_UPLOAD[state], request_id=request_id)
        await self.call(told, suppress=False)

    async def report(self, request_id: int, at: str) -> None:
        """NotifyReport, as often as it takes."""
        for part in payloads201.reports(self.master.configuration()):
            told = call.NotifyReport(request_id=request_id, generated_at=at, **part)
            await self.call(told, suppress=False)

    async def _tell(self, session: Session, what: Json) -> None:
        """TransactionEvent; the session counts how often it was told of."""
        evse = payloads201.evse_of(session.connector)
        told = call.TransactionEvent(seq_no=session.told, evse=evse, **what)
        session.told += 1
        await self.call(told, suppress=False)
