"""TransactionEvent and MeterValues of OCPP 2.0.1: sessions that the station names itself, and their meters."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.observation import Metered, Observation, TransactionStarted, TransactionStopped
from bot.domain.status import Transaction
from bot.stations.ocpp import meter
from bot.stations.ocpp.dialect import Context, Handled
from bot.stations.ocpp.evses201 import IDLE, MOST_EVSES, Evse, Evses
from bot.stations.ocpp.fields import Fields, UnusableError
from bot.stations.ocpp.frames import ErrorCode, JsonObject

ACCEPTED: JsonObject = {"idTokenInfo": {"status": "Accepted"}}
"""A support service holds no contracts of customers, so it turns nobody away."""
_ID, _TOKEN = 36, 36
_KEPT_ID = 255
_VEHICLE_LEFT = "EVDisconnected"


@dataclass(frozen=True, slots=True)
class _Event:
    """What a TransactionEvent says of its session."""

    reference: str
    kind: str
    number: int | None
    claimed_at: datetime | None
    state: str | None
    stop_reason: str | None
    offline: bool

    @property
    def ends(self) -> bool:
        return self.kind == "ended"


def transaction_event(fields: Fields, context: Context, evses: Evses) -> Handled:
    """Any event of a session may be the first that arrives, and all may arrive twice: what counts is the session."""
    event = _event(fields)
    answer = dict(ACCEPTED) if fields.raw("idToken") is not None else {}
    evse = _place(fields, event.reference, evses)
    if evse is None:
        # Refusing it would have the station send it for ever, and nobody could tell more by then.
        fields.oddities.add("evse")
        return Handled(answer)
    known = _known(context, evse, event.reference)
    if known is None and context.memory.has_ended(event.reference):
        return Handled(answer)
    starts = _started(fields, context, evse, event) if known is None else None
    stops = _stopped(fields, context, event) if event.ends else None
    if not event.ends and _is_late(event, evse):
        return Handled(answer, starts=starts)
    _apply(event, evse)
    metered = _metered(fields, context, evse.number, None if known is None else known.id)
    tells = event.state is not None and not event.offline
    observed = (evses.observe(evse, context.now),) if tells else evses.changes((evse,), context.now)
    return Handled(answer, (*metered, *observed), starts=starts, stops=stops)


def meter_values(fields: Fields, context: Context) -> Handled:
    """Samples outside of a session; EVSE 0 is the station's main meter."""
    number = fields.required_number("evseId", 0, MOST_EVSES)
    session = context.memory.transactions.get(number)
    return Handled({}, _metered(fields, context, number, session.id if session else None))


def _event(fields: Fields) -> _Event:
    info = fields.part("transactionInfo")
    reference = info.text("transactionId", _ID, _KEPT_ID)
    if reference is None:
        raise UnusableError(ErrorCode.PROTOCOL, "transactionInfo.transactionId is missing.")
    state = info.text("chargingState", 20)
    return _Event(
        reference,
        (fields.text("eventType", 20) or "").casefold(),
        fields.number("seqNo"),
        fields.time("timestamp"),
        None if state is None else state.casefold(),
        info.text("stoppedReason", 20, 50),
        fields.yes("offline"),
    )


def _place(fields: Fields, reference: str, evses: Evses) -> Evse | None:
    """Where the session runs: as the event says, as an earlier one said, or on the only EVSE there is."""
    part = fields.part("evse")
    number = part.number("id") if part.raw("id") is not None else None
    if number is not None and 1 <= number <= MOST_EVSES:
        return evses.at(number)
    return evses.of_session(reference) or evses.only()


def _known(context: Context, evse: Evse, reference: str) -> Transaction | None:
    session = context.memory.transactions.get(evse.number)
    return session if session is not None and session.reference == reference else None


def _apply(event: _Event, evse: Evse) -> None:
    """Takes over what the event says of the EVSE."""
    if event.ends:
        left = event.stop_reason == _VEHICLE_LEFT or event.state == IDLE
        evse.end(event.reference, vehicle_left=left)
        return
    evse.begin(event.reference)
    if event.state is not None:
        evse.charge(event.state, live=not event.offline)
    if event.number is not None and event.claimed_at is not None:
        evse.latest = event.number, event.claimed_at


def _is_late(event: _Event, evse: Evse) -> bool:
    """Whether a later event of the session was heard; a counter alone proves nothing, as some begin anew."""
    if evse.running != event.reference or evse.latest is None:
        return False
    if event.number is None or event.claimed_at is None:
        return False
    number, claimed_at = evse.latest
    return event.number < number and event.claimed_at <= claimed_at


def _started(fields: Fields, context: Context, evse: Evse, event: _Event) -> TransactionStarted:
    begun = meter.read(fields, meter.AT_BEGIN).energy_wh
    if begun is None and event.kind == "started":
        begun = meter.read(fields).energy_wh
    return TransactionStarted(
        context.station_id,
        context.now,
        connector=evse.number,
        id_tag=fields.part("idToken").text("idToken", _TOKEN, _KEPT_ID) or "",
        meter_start_wh=begun,
        claimed_at=event.claimed_at,
        reference=event.reference,
    )


def _stopped(fields: Fields, context: Context, event: _Event) -> TransactionStopped:
    at_end = meter.read(fields, meter.AT_END).energy_wh
    return TransactionStopped(
        context.station_id,
        context.now,
        transaction_id=None,
        meter_stop_wh=meter.read(fields).energy_wh if at_end is None else at_end,
        reason=event.stop_reason,
        claimed_at=event.claimed_at,
        reference=event.reference,
    )


def _metered(
    fields: Fields, context: Context, connector: int, transaction_id: int | None
) -> tuple[Observation, ...]:
    # Most events carry no sample, which is not odd.
    reading = None if fields.raw("meterValue") is None else meter.read(fields)
    if reading is None or reading.empty:
        return ()
    return (
        Metered(
            context.station_id,
            context.now,
            connector,
            transaction_id=transaction_id,
            energy_wh=reading.energy_wh,
            power_w=reading.power_w,
            soc_percent=reading.soc_percent,
        ),
    )
