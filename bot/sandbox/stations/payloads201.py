"""The parts that messages of OCPP 2.0.1 are made of, with keys as the `ocpp` package wants them."""

from collections.abc import Iterator, Mapping

from bot.domain.status import ConnectorStatus
from bot.sandbox.stations.connector import Began, Session, SimulatedConnector
from bot.sandbox.stations.modes import Telling

Json = dict[str, object]
_REPORTED_AT_ONCE = 8
"""How many variables one NotifyReport carries."""
_CHARGING_STATES = {
    ConnectorStatus.CHARGING: "Charging",
    ConnectorStatus.SUSPENDED_EV: "SuspendedEV",
    ConnectorStatus.SUSPENDED_EVSE: "SuspendedEVSE",
}
_OCCUPIED = frozenset({ConnectorStatus.PREPARING, ConnectorStatus.FINISHING, *_CHARGING_STATES})
_BEGAN = {Began.CARD: "Authorized", Began.CABLE: "CablePluggedIn", Began.REMOTE: "RemoteStart"}
_ENDS: dict[str | None, tuple[str, str]] = {
    "EVDisconnected": ("EVDeparted", "EVDisconnected"),
    "HardReset": ("ResetCommand", "ImmediateReset"),
    "Local": ("StopAuthorized", "Local"),
    "PowerLoss": ("AbnormalCondition", "PowerLoss"),
    "Remote": ("RemoteStop", "Remote"),
}
"""By the stop reason of OCPP 1.6: TriggerReasonEnumType and ReasonEnumType."""
_BY_FAULT = ("AbnormalCondition", "Other")


def connector_status(status: ConnectorStatus) -> str:
    """ConnectorStatusEnumType, which has one word for all that goes on while a car is there."""
    return "Occupied" if status in _OCCUPIED else status.value


def charging_state(status: ConnectorStatus) -> str:
    """ChargingStateEnumType of a session."""
    return _CHARGING_STATES.get(status, "EVConnected")


def evse_of(number: int) -> Json:
    """EVSEType of a connector of ours."""
    return {"id": number, "connector_id": 1}


def named_evse(evse: Json | None) -> int | None:
    """The EVSE that a command names. None: it names none; 0: a connector that no EVSE of ours has."""
    number = (evse or {}).get("id")
    if not isinstance(number, int):
        return None
    return number if (evse or {}).get("connector_id", 1) == 1 else 0


def token(id_tag: str, *, central: bool = False) -> Json:
    """IdTokenType: a card, or what the central system made up itself."""
    return {"id_token": id_tag, "type": "Central" if central else "ISO14443"}


def started(session: Session) -> Json:
    """What a TransactionEvent Started says; that power flows is told next."""
    authorisation, at = session.authorisation, session.began_at
    remote = authorisation.remote_start_id is not None
    return {
        "event_type": "Started",
        "timestamp": at,
        "trigger_reason": _BEGAN[session.began],
        "transaction_info": {
            "transaction_id": session.reference,
            "charging_state": "EVConnected",
            "remote_start_id": authorisation.remote_start_id,
        },
        "id_token": token(authorisation.id_tag, central=remote),
        "meter_value": [_metered(at, _register(session.meter_start_wh, "Transaction.Begin"))],
    }


def changed(session: Session, status: ConnectorStatus, at: str) -> Json:
    """What a TransactionEvent Updated says where nothing but the charging state changed."""
    return {
        "event_type": "Updated",
        "timestamp": at,
        "trigger_reason": "ChargingStateChanged",
        "transaction_info": {
            "transaction_id": session.reference,
            "charging_state": charging_state(status),
        },
    }


def sampled(session: Session, connector: SimulatedConnector, why: Telling, at: str) -> Json:
    """What a TransactionEvent Updated says of the meter."""
    trigger = "Trigger" if why is Telling.ASKED else "MeterValuePeriodic"
    told = changed(session, connector.status, at)
    return told | {"trigger_reason": trigger, "meter_value": meter(connector, why, at)}


def ended(session: Session, at: str) -> Json:
    """What a TransactionEvent Ended says; the car is still there unless its leaving was the end."""
    trigger, reason = _ENDS.get(session.stop_reason, _BY_FAULT)
    return {
        "event_type": "Ended",
        "timestamp": at,
        "trigger_reason": trigger,
        "transaction_info": {
            "transaction_id": session.reference,
            "charging_state": "Idle" if reason == "EVDisconnected" else "EVConnected",
            "stopped_reason": reason,
        },
        "meter_value": [_metered(at, _register(session.meter_stop_wh or 0, "Transaction.End"))],
    }


def meter(connector: SimulatedConnector, why: Telling, at: str) -> list[Json]:
    """The register in Wh, the power in W and the car's charge in percent."""
    context = "Trigger" if why is Telling.ASKED else "Sample.Periodic"
    power = _sample(round(connector.power_w), "Power.Active.Import", "W", context)
    charge = _sample(round(connector.soc_percent), "SoC", "Percent", context)
    return [_metered(at, _register(round(connector.meter_wh), context), power, charge)]


def variable(asked: Json, known: Mapping[str, str | None]) -> Json:
    """A row of the answer to GetVariables; only actual values are known, and only those that may be read."""
    component, name = _name(asked["component"]), _name(asked["variable"])
    row: Json = {"component": asked["component"], "variable": asked["variable"]}
    key = f"{component}.{name}"
    if key not in known:
        there = component in {each.partition(".")[0] for each in known}
        return row | {"attribute_status": "UnknownVariable" if there else "UnknownComponent"}
    if asked.get("attribute_type", "Actual") != "Actual":
        return row | {"attribute_status": "NotSupportedAttributeType"}
    value = known[key]
    if value is None:
        return row | {"attribute_status": "Rejected"}
    return row | {"attribute_status": "Accepted", "attribute_value": value}


def reports(known: Mapping[str, str | None]) -> Iterator[Json]:
    """What each NotifyReport of the whole configuration says, numbered from 0."""
    rows = [_row(name, value) for name, value in known.items()]
    for number, first in enumerate(range(0, len(rows), _REPORTED_AT_ONCE)):
        past = first + _REPORTED_AT_ONCE
        yield {"seq_no": number, "report_data": rows[first:past], "tbc": past < len(rows)}


def _row(name: str, value: str | None) -> Json:
    component, _, variable_name = name.partition(".")
    attribute: Json = {"value": value, "mutability": "WriteOnly" if value is None else "ReadOnly"}
    return {
        "component": {"name": component},
        "variable": {"name": variable_name},
        "variable_attribute": [attribute],
    }


def _name(part: object) -> str:
    return str(part.get("name")) if isinstance(part, dict) else ""


def _metered(at: str, *samples: Json) -> Json:
    return {"timestamp": at, "sampled_value": list(samples)}


def _register(energy_wh: int, context: str) -> Json:
    return _sample(energy_wh, "Energy.Active.Import.Register", "Wh", context)


def _sample(value: float, measurand: str, unit: str, context: str) -> Json:
    return {"value": value, "measurand": measurand, "context": context, "unit_of_measure": {"unit": unit}}
