"""Remote commands in the words of OCPP 2.0.1."""

from collections.abc import Callable, Sequence
from secrets import randbelow

from bot.domain.remote_action import RemoteCommand, RemoteOrder
from bot.domain.status import Transaction
from bot.stations.ocpp.dialect import Wording
from bot.stations.ocpp.frames import JsonObject

_MOST_ID = 2**31 - 1
_ANY_CONNECTOR = 1
"""Connectors of an EVSE count from 1; most have no other."""


def request_id() -> int:
    """A number that no other request of ours on this connection has."""
    return 1 + randbelow(_MOST_ID)


def wordings(
    order: RemoteOrder, session: Transaction | None, connectors: Sequence[int]
) -> tuple[Wording, ...]:
    """The calls that make up a command; none where it cannot be said, as a session without a name cannot be.

    `connectors` are those of the EVSE that are known, one with a vehicle first. ValueError for a START_SESSION
    without an id tag.
    """
    payloads = _PAYLOADS[order.command](order, session, connectors)
    return tuple(Wording(_ACTIONS[order.command], payload) for payload in payloads)


def _trigger(order: RemoteOrder, _: Transaction | None, connectors: Sequence[int]) -> list[JsonObject]:
    if order.connector == 0:
        return [{"requestedMessage": "StatusNotification"}]
    # F06 of part 2: a station refuses the request for a status that names no connector.
    return [
        {
            "requestedMessage": "StatusNotification",
            "evse": {"id": order.connector, "connectorId": connector},
        }
        for connector in connectors or (_ANY_CONNECTOR,)
    ]


def _start(order: RemoteOrder, _: Transaction | None, __: Sequence[int]) -> list[JsonObject]:
    if order.id_tag is None:
        raise ValueError("START_SESSION needs an id tag")
    payload: JsonObject = {
        "remoteStartId": request_id(),
        "idToken": {"idToken": order.id_tag, "type": "Central"},
    }
    return [payload | {"evseId": order.connector} if order.connector else payload]


def _stop(_: RemoteOrder, session: Transaction | None, __: Sequence[int]) -> list[JsonObject]:
    if session is None or session.reference is None:
        return []
    return [{"transactionId": session.reference}]


def _unlock(order: RemoteOrder, _: Transaction | None, connectors: Sequence[int]) -> list[JsonObject]:
    connector = connectors[0] if connectors else _ANY_CONNECTOR
    return [{"evseId": order.connector, "connectorId": connector}]


def _availability(wanted: str) -> "_Payloads":
    def payloads(order: RemoteOrder, _: Transaction | None, __: Sequence[int]) -> list[JsonObject]:
        payload: JsonObject = {"operationalStatus": wanted}
        return [payload | {"evse": {"id": order.connector}} if order.connector else payload]

    return payloads


def _reset(wanted: str) -> "_Payloads":
    return lambda *_: [{"type": wanted}]


_Payloads = Callable[[RemoteOrder, Transaction | None, Sequence[int]], list[JsonObject]]
_ACTIONS = {
    RemoteCommand.REFRESH_STATUS: "TriggerMessage",
    RemoteCommand.START_SESSION: "RequestStartTransaction",
    RemoteCommand.STOP_SESSION: "RequestStopTransaction",
    RemoteCommand.UNLOCK: "UnlockConnector",
    RemoteCommand.MAKE_OPERATIVE: "ChangeAvailability",
    RemoteCommand.MAKE_INOPERATIVE: "ChangeAvailability",
    RemoteCommand.SOFT_RESET: "Reset",
    RemoteCommand.HARD_RESET: "Reset",
}
_PAYLOADS: dict[RemoteCommand, _Payloads] = {
    RemoteCommand.REFRESH_STATUS: _trigger,
    RemoteCommand.START_SESSION: _start,
    RemoteCommand.STOP_SESSION: _stop,
    RemoteCommand.UNLOCK: _unlock,
    RemoteCommand.MAKE_OPERATIVE: _availability("Operative"),
    RemoteCommand.MAKE_INOPERATIVE: _availability("Inoperative"),
    # It waits for the end of every session; Immediate would cut them off.
    RemoteCommand.SOFT_RESET: _reset("OnIdle"),
    RemoteCommand.HARD_RESET: _reset("Immediate"),
}
