"""Remote commands in the words of OCPP 1.6, and the answers of stations of any version in ours."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from bot.domain.remote_action import CommandAnswer, RemoteCommand, RemoteOrder
from bot.stations.ocpp.dialect import Wording
from bot.stations.ocpp.frames import ErrorCode, JsonObject

_Item = TypeVar("_Item")
_Payload = Callable[[RemoteOrder], JsonObject]
_AT_ONCE = 10
"""How many settings are asked for in one call; every station seen so far takes that many."""

_ANSWERS = {
    "accepted": CommandAnswer.ACCEPTED,
    # The station gave up an earlier upload of its log for this one.
    "acceptedcanceled": CommandAnswer.ACCEPTED,
    "scheduled": CommandAnswer.SCHEDULED,
    "rejected": CommandAnswer.REJECTED,
    "notimplemented": CommandAnswer.NOT_SUPPORTED,
    "notsupported": CommandAnswer.NOT_SUPPORTED,
    "unlocked": CommandAnswer.ACCEPTED,
    "unlockfailed": CommandAnswer.REJECTED,
    "ongoingauthorizedtransaction": CommandAnswer.REJECTED,
    "unknownconnector": CommandAnswer.REJECTED,
    "failed": CommandAnswer.REJECTED,
    "versionmismatch": CommandAnswer.REJECTED,
}
_UNKNOWN_TO_STATION = frozenset(
    {ErrorCode.NOT_IMPLEMENTED.value, ErrorCode.NOT_SUPPORTED.value, "MessageTypeNotSupported"}
)
"""Codes of a CALLERROR by which a station of any version says that it does not know a call."""


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
    return CommandAnswer.NOT_SUPPORTED if code in _UNKNOWN_TO_STATION else CommandAnswer.REJECTED


def chunks(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    """The items in portions that a station can take in one call."""
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))
