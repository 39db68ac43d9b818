"""The messages of OCPP 1.6 that a station sends, turned into observations and the answers they get."""

from collections.abc import Callable
from datetime import datetime
from typing import get_args

from bot.domain.observation import (
    Booted,
    Metered,
    Noted,
    TransactionStarted,
    TransactionStopped,
)
from bot.domain.status import ConnectorStatus
from bot.stations.ocpp import meter
from bot.stations.ocpp.dialect import Context, Handled
from bot.stations.ocpp.fields import Fields, UnusableError
from bot.stations.ocpp.frames import ErrorCode, JsonObject
from bot.stations.ocpp.memory import Reported
from bot.stations.ocpp.plain import ErrorCode16

MOST_CONNECTORS = 255
"""No station has more; it bounds what one that counts wildly can make us keep."""
_MOST_ID = 2**31 - 1
_INFO, _VENDOR_ID, _VENDOR_CODE, _NOTE = 500, 255, 255, 500
"""How many characters are kept; the specification allows 50 of an info and 50 of a vendor's code."""

_STATUSES = {
    status.value.casefold(): status for status in ConnectorStatus if status is not ConnectorStatus.UNKNOWN
}
ERROR_CODES: frozenset[str] = frozenset(get_args(ErrorCode16))
"""ChargePointErrorCode, OCPP 1.6 section 7.6. Other words are kept as the station says them."""
_ACCEPTED: JsonObject = {"idTagInfo": {"status": "Accepted"}}


def handle(action: str, fields: Fields, context: Context) -> Handled:
    """Reads one message; UnusableError where it is unknown or says nothing usable."""
    known = _MESSAGES.get(action)
    if known is None:
        raise UnusableError(ErrorCode.NOT_IMPLEMENTED, f"{action[:50]} is not implemented.")
    read, names = known
    fields.expect(names)
    return read(fields, context)


def wire_time(moment: datetime) -> str:
    """A time as OCPP writes it, with milliseconds and Z."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _boot(fields: Fields, context: Context) -> Handled:
    booted = Booted(
        context.station_id,
        context.now,
        vendor=fields.text("chargePointVendor", 20, 50) or "",
        model=fields.text("chargePointModel", 20, 50) or "",
        firmware=fields.text("firmwareVersion", 50),
        serial_number=fields.text("chargePointSerialNumber", 25, 50)
        or fields.text("chargeBoxSerialNumber", 25, 50),
    )
    answer: JsonObject = {
        "status": "Accepted",
        "currentTime": wire_time(context.now),
        "interval": int(context.heartbeat.total_seconds()),
    }
    return Handled(answer, (booted,))


def _heartbeat(_: Fields, context: Context) -> Handled:
    return Handled({"currentTime": wire_time(context.now)})


def _status(fields: Fields, context: Context) -> Handled:
    connector = fields.required_number("connectorId", 0, MOST_CONNECTORS)
    word = fields.text("status", 20)
    if word is None:
        raise UnusableError(ErrorCode.PROTOCOL, "status is missing.")
    status = _STATUSES.get(word.casefold())
    if status is None:
        raise UnusableError(ErrorCode.PROPERTY_CONSTRAINT, "status is none of ChargePointStatus.")
    error_code = fields.text("errorCode", 50)
    if error_code not in ERROR_CODES:
        fields.oddities.add("errorCode")
    reported = Reported(
        connector,
        status,
        error_code,
        None if fields.raw("timestamp") is None else fields.time("timestamp"),
        fields.text("vendorErrorCode", 50, _VENDOR_CODE),
        fields.text("vendorId", 255, _VENDOR_ID),
        fields.text("info", 50, _INFO),
    )
    return Handled(observations=(context.memory.observe_status(reported, context.now),))


def _authorize(_: Fields, __: Context) -> Handled:
    # A support service holds no contracts of customers, so it turns nobody away.
    return Handled(dict(_ACCEPTED))


def _start(fields: Fields, context: Context) -> Handled:
    started = TransactionStarted(
        context.station_id,
        context.now,
        connector=fields.required_number("connectorId", 1, MOST_CONNECTORS),
        id_tag=fields.text("idTag", 20, 36) or "",
        meter_start_wh=fields.number("meterStart") or 0,
        claimed_at=fields.time("timestamp"),
    )
    return Handled(dict(_ACCEPTED), starts=started, number_as="transactionId")


def _stop(fields: Fields, context: Context) -> Handled:
    stopped = TransactionStopped(
        context.station_id,
        context.now,
        transaction_id=fields.required_number("transactionId", -_MOST_ID, _MOST_ID),
        meter_stop_wh=fields.number("meterStop"),
        reason=fields.text("reason", 20, 50),
        claimed_at=fields.time("timestamp"),
    )
    return Handled({} if fields.raw("idTag") is None else dict(_ACCEPTED), stops=stopped)


def _meter_values(fields: Fields, context: Context) -> Handled:
    connector = fields.required_number("connectorId", 0, MOST_CONNECTORS)
    reading = meter.read(fields)
    if reading.empty:
        return Handled()
    session = context.memory.transactions.get(connector)
    told = fields.number("transactionId") if fields.raw("transactionId") is not None else None
    metered = Metered(
        context.station_id,
        context.now,
        connector,
        transaction_id=told if told is not None or session is None else session.id,
        energy_wh=reading.energy_wh,
        power_w=reading.power_w,
        soc_percent=reading.soc_percent,
    )
    return Handled({}, (metered,))


def _data_transfer(fields: Fields, context: Context) -> Handled:
    words = (fields.text("vendorId", 255), fields.text("messageId", 50), fields.text("data", _NOTE))
    note = _note(context, "data_transfer", " ".join(word for word in words if word))
    # It is kept for the history, but nothing here acts on a vendor's own message.
    return Handled({"status": "UnknownVendorId"}, (note,))


def _firmware(fields: Fields, context: Context) -> Handled:
    return Handled({}, (_note(context, "firmware_status", fields.text("status", 50) or ""),))


def _diagnostics(fields: Fields, context: Context) -> Handled:
    return Handled({}, (_note(context, "diagnostics_status", fields.text("status", 50) or ""),))


def _log_status(fields: Fields, context: Context) -> Handled:
    return Handled({}, (_note(context, "log_status", fields.text("status", 50) or ""),))


def _security_event(fields: Fields, context: Context) -> Handled:
    words = (fields.text("type", 50), fields.text("techInfo", 255))
    return Handled({}, (_note(context, "security_event", " ".join(word for word in words if word)),))


def _sign_certificate(_: Fields, __: Context) -> Handled:
    # This service signs no certificates and knows no authority that does.
    return Handled({"status": "Rejected"})


def _note(context: Context, what: str, detail: str) -> Noted:
    return Noted(context.station_id, context.now, what, detail[:_NOTE])


_Reader = Callable[[Fields, Context], Handled]
_BOOT_FIELDS = (
    "chargePointVendor chargePointModel chargePointSerialNumber chargeBoxSerialNumber firmwareVersion "
    "iccid imsi meterType meterSerialNumber"
)
_STATUS_FIELDS = "connectorId errorCode info status timestamp vendorId vendorErrorCode"
_MESSAGES: dict[str, tuple[_Reader, frozenset[str]]] = {
    action: (read, frozenset(names.split()))
    for action, read, names in (
        ("BootNotification", _boot, _BOOT_FIELDS),
        ("Heartbeat", _heartbeat, ""),
        ("StatusNotification", _status, _STATUS_FIELDS),
        ("Authorize", _authorize, "idTag"),
        ("StartTransaction", _start, "connectorId idTag meterStart reservationId timestamp"),
        ("StopTransaction", _stop, "idTag meterStop timestamp transactionId reason transactionData"),
        ("MeterValues", _meter_values, "connectorId transactionId meterValue"),
        ("DataTransfer", _data_transfer, "vendorId messageId data"),
        ("FirmwareStatusNotification", _firmware, "status"),
        ("DiagnosticsStatusNotification", _diagnostics, "status"),
        # The security whitepaper adds these to OCPP 1.6.
        ("SecurityEventNotification", _security_event, "type timestamp techInfo"),
        ("LogStatusNotification", _log_status, "status requestId"),
        ("SignedFirmwareStatusNotification", _firmware, "status requestId"),
        ("SignCertificate", _sign_certificate, "csr"),
    )
}
