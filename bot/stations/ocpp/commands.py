"""Remote commands in the words of OCPP 1.6, and the answers of stations in ours: one table for both ways."""

from collections.abc import Callable

from bot.domain.remote_action import CommandAnswer, RemoteCommand, RemoteOrder
from bot.stations.ocpp.dialect import Wording
from bot.stations.ocpp.frames import ErrorCode, JsonObject

_Payload = Callable[[RemoteOrder], JsonObject]

_ANSWERS = {
    "accepted": CommandAnswer.ACCEPTED,
    "scheduled": CommandAnswer.SCHEDULED,
    "rejected": CommandAnswer.REJECTED,
    "notimplemented": CommandAnswer.NOT_SUPPORTED,
    "notsupported": CommandAnswer.NOT_SUPPORTED,
    "unlocked": CommandAnswer.ACCEPTED,
    "unlockfailed": CommandAnswer.REJECTED,
}


def _trigger(order: RemoteOrder) -> JsonObject:
    asked: JsonObject = {"requestedMessage": "StatusNotification"}
    # Without a number a station reports connector 0 alone, which is the only way to ask for that one.
    return asked | {"connectorId": order.connector} if order.connector else asked


def _start(order: RemoteOrder) -> JsonObject:
    if order.id_tag is None:
        raise ValueError("START_SESSION needs an id tag")
    return {"connectorId": order.connector, "idTag": order.id_tag}


def _availability(wanted: str) -> _Payload:
    return lambda order: {"connectorId": order.connector, "type": wanted}


def _reset(wanted: str) -> _Payload:
    return lambda _: {"type": wanted}


_WORDINGS: dict[RemoteCommand, tuple[str, _Payload]] = {
    RemoteCommand.REFRESH_STATUS: ("TriggerMessage", _trigger),
    RemoteCommand.START_SESSION: ("RemoteStartTransaction", _start),
    RemoteCommand.STOP_SESSION: (
        "RemoteStopTransaction",
        lambda order: {"transactionId": order.transaction_id},
    ),
    RemoteCommand.UNLOCK: ("UnlockConnector", lambda order: {"connectorId": order.connector}),
    RemoteCommand.MAKE_OPERATIVE: ("ChangeAvailability", _availability("Operative")),
    RemoteCommand.MAKE_INOPERATIVE: ("ChangeAvailability", _availability("Inoperative")),
    RemoteCommand.SOFT_RESET: ("Reset", _reset("Soft")),
    RemoteCommand.HARD_RESET: ("Reset", _reset("Hard")),
}


def wording(order: RemoteOrder) -> Wording:
    """The call that a command is. ValueError for a START_SESSION without an id tag."""
    action, payload = _WORDINGS[order.command]
    return Wording(action, payload(order))


def answer_of(payload: JsonObject) -> CommandAnswer:
    """The station's answer. One that names no known status promises nothing, so it counts as a refusal."""
    return _ANSWERS.get(str(payload.get("status")).casefold(), CommandAnswer.REJECTED)


def answer_of_error(code: str) -> CommandAnswer:
    """The answer that a CALLERROR amounts to."""
    unknown = code in {ErrorCode.NOT_IMPLEMENTED, ErrorCode.NOT_SUPPORTED}
    return CommandAnswer.NOT_SUPPORTED if unknown else CommandAnswer.REJECTED
