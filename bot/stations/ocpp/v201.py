"""The messages of OCPP 2.0.1 that a station sends, turned into observations and the answers they get.

A station of OCPP 2.1 is served with these, too: what it says beyond them is answered with NotImplemented.
"""

from collections.abc import Callable

from bot.domain.observation import Booted, Noted
from bot.stations.ocpp.dialect import Context, Handled
from bot.stations.ocpp.events201 import Events
from bot.stations.ocpp.evses201 import MOST_EVSES, TOLD, Evses
from bot.stations.ocpp.fields import Fields, UnusableError
from bot.stations.ocpp.frames import ErrorCode, JsonObject
from bot.stations.ocpp.memory import StationMemory
from bot.stations.ocpp.reports201 import Reports
from bot.stations.ocpp.transactions201 import ACCEPTED, meter_values, transaction_event
from bot.stations.ocpp.v16 import wire_time

_NOTE = 500
_NO_REAL_BOOT = frozenset({"triggered", "unknown", ""})
"""Reasons of a BootNotification that do not say that the station has started anew."""


class Conversation:
    """What one connection holds beside the station's memory."""

    def __init__(self, memory: StationMemory) -> None:
        self.evses = Evses(memory)
        self.events = Events(self.evses)
        self.reports = Reports()


def handle(action: str, fields: Fields, context: Context, conversation: Conversation) -> Handled:
    """Reads one message; UnusableError where it is unknown or says nothing usable."""
    known = MESSAGES.get(action)
    if known is None:
        raise UnusableError(ErrorCode.NOT_IMPLEMENTED, f"{action[:50]} is not implemented.")
    read, names = known
    fields.expect(names)
    return read(fields, context, conversation)


def _boot(fields: Fields, context: Context, conversation: Conversation) -> Handled:
    station = fields.part("chargingStation")
    if (fields.text("reason", 20) or "").casefold() not in _NO_REAL_BOOT:
        conversation.evses.booted()
    booted = Booted(
        context.station_id,
        context.now,
        vendor=station.text("vendorName", 50) or "",
        model=station.text("model", 20, 50) or "",
        firmware=station.text("firmwareVersion", 50),
        serial_number=station.text("serialNumber", 25, 50),
    )
    answer: JsonObject = {
        "status": "Accepted",
        "currentTime": wire_time(context.now),
        "interval": int(context.heartbeat.total_seconds()),
    }
    return Handled(answer, (booted,))


def _heartbeat(_: Fields, context: Context, __: Conversation) -> Handled:
    return Handled({"currentTime": wire_time(context.now)})


def _status(fields: Fields, context: Context, conversation: Conversation) -> Handled:
    evses = conversation.evses
    number = fields.required_number("evseId", 0, MOST_EVSES)
    # A station that leaves the connector out has one at each EVSE.
    spoken = fields.raw("connectorId") is not None
    connector = fields.required_number("connectorId", 0, MOST_EVSES) if spoken else 1
    word = fields.text("connectorStatus", 20)
    if word is None:
        raise UnusableError(ErrorCode.PROTOCOL, "connectorStatus is missing.")
    told = TOLD.get(word.casefold())
    if told is None:
        raise UnusableError(ErrorCode.PROPERTY_CONSTRAINT, "connectorStatus is none of ConnectorStatus.")
    claimed_at = None if fields.raw("timestamp") is None else fields.time("timestamp")
    evse = evses.at(number)
    evse.tell(connector, told)
    whole = evses.works() if evse.works and number else ()
    return Handled({}, (evses.observe(evse, context.now, claimed_at), *evses.changes(whole, context.now)))


def _authorize(_: Fields, __: Context, ___: Conversation) -> Handled:
    return Handled(dict(ACCEPTED))


def _transaction(fields: Fields, context: Context, conversation: Conversation) -> Handled:
    return transaction_event(fields, context, conversation.evses)


def _meter_values(fields: Fields, context: Context, _: Conversation) -> Handled:
    return meter_values(fields, context)


def _event(fields: Fields, context: Context, conversation: Conversation) -> Handled:
    return conversation.events.notify(fields, context)


def _report(fields: Fields, _: Context, conversation: Conversation) -> Handled:
    conversation.reports.take(fields)
    return Handled()


def _data_transfer(fields: Fields, context: Context, _: Conversation) -> Handled:
    words = (fields.text("vendorId", 255), fields.text("messageId", 50), fields.text("data", _NOTE))
    # It is kept for the history, but nothing here acts on a vendor's own message.
    return Handled({"status": "UnknownVendorId"}, (_note(context, "data_transfer", *words),))


def _noted(what: str, *names: str) -> "_Reader":
    """A message that is kept for the history as a note of these fields."""

    def read(fields: Fields, context: Context, _: Conversation) -> Handled:
        return Handled({}, (_note(context, what, *(fields.text(name, _NOTE) for name in names)),))

    return read


def _answered(answer: JsonObject) -> "_Reader":
    """A message of which nothing is kept."""
    return lambda *_: Handled(dict(answer))


def _note(context: Context, what: str, *words: str | None) -> Noted:
    return Noted(context.station_id, context.now, what, " ".join(word for word in words if word)[:_NOTE])


_Reader = Callable[[Fields, Context, Conversation], Handled]
_TRANSACTION_FIELDS = (
    "eventType meterValue timestamp triggerReason seqNo offline numberOfPhasesUsed cableMaxCurrent "
    "reservationId transactionInfo evse idToken"
)
_REPORT_FIELDS = "requestId generatedAt tbc seqNo"
MESSAGES: dict[str, tuple[_Reader, frozenset[str]]] = {
    action: (read, frozenset((names + " customData").split()))
    for action, read, names in (
        ("BootNotification", _boot, "chargingStation reason"),
        ("Heartbeat", _heartbeat, ""),
        ("StatusNotification", _status, "timestamp connectorStatus evseId connectorId"),
        ("NotifyEvent", _event, "generatedAt tbc seqNo eventData"),
        ("TransactionEvent", _transaction, _TRANSACTION_FIELDS),
        ("MeterValues", _meter_values, "evseId meterValue"),
        ("Authorize", _authorize, "idToken certificate iso15118CertificateHashData"),
        ("DataTransfer", _data_transfer, "messageId data vendorId"),
        (
            "SecurityEventNotification",
            _noted("security_event", "type", "techInfo"),
            "type timestamp techInfo",
        ),
        ("FirmwareStatusNotification", _noted("firmware_status", "status"), "status requestId"),
        (
            "PublishFirmwareStatusNotification",
            _noted("firmware_status", "status"),
            "status location requestId",
        ),
        ("LogStatusNotification", _noted("log_status", "status"), "status requestId"),
        ("NotifyReport", _report, _REPORT_FIELDS + " reportData"),
        ("NotifyMonitoringReport", _answered({}), _REPORT_FIELDS + " monitor"),
        ("NotifyCustomerInformation", _answered({}), _REPORT_FIELDS + " data"),
        ("NotifyDisplayMessages", _answered({}), "messageInfo requestId tbc"),
        ("NotifyChargingLimit", _answered({}), "chargingSchedule evseId chargingLimit"),
        ("ClearedChargingLimit", _answered({}), "chargingLimitSource evseId"),
        (
            "ReportChargingProfiles",
            _answered({}),
            "requestId chargingLimitSource chargingProfile tbc evseId",
        ),
        ("ReservationStatusUpdate", _answered({}), "reservationId reservationUpdateStatus"),
        # This service plans no charging, so no plan of a vehicle is taken on.
        (
            "NotifyEVChargingNeeds",
            _answered({"status": "Rejected"}),
            "maxScheduleTuples chargingNeeds evseId",
        ),
        ("NotifyEVChargingSchedule", _answered({"status": "Accepted"}), "timeBase chargingSchedule evseId"),
        # It signs no certificates and knows no authority that does.
        ("SignCertificate", _answered({"status": "Rejected"}), "csr certificateType"),
        (
            "Get15118EVCertificate",
            _answered({"status": "Failed", "exiResponse": ""}),
            "iso15118SchemaVersion action exiRequest",
        ),
        ("GetCertificateStatus", _answered({"status": "Failed"}), "ocspRequestData"),
    )
}
