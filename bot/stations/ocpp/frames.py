"""The three frames of OCPP-J 1.6 (section 4.2): CALL, CALLRESULT and CALLERROR, read and written as JSON."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import orjson

JsonObject = dict[str, object]
MessageId = str | int
"""OCPP-J asks for a string; a station that counts in numbers gets its number back."""

UNREADABLE = "-1"
"""The message id of an answer to a frame whose own id could not be read."""
_CALL, _RESULT, _ERROR = 2, 3, 4
_ACTION, _PAYLOAD = 2, 3
_WHOLE_CALL = 4


class ErrorCode(StrEnum):
    """OCPP-J 1.6, table 7, with the spelling of its own (`Occurence`), and one code that came with 2.0.1."""

    NOT_IMPLEMENTED = "NotImplemented"
    NOT_SUPPORTED = "NotSupported"
    INTERNAL = "InternalError"
    PROTOCOL = "ProtocolError"
    FORMATION = "FormationViolation"
    PROPERTY_CONSTRAINT = "PropertyConstraintViolation"
    OCCURRENCE_CONSTRAINT = "OccurenceConstraintViolation"
    TYPE_CONSTRAINT = "TypeConstraintViolation"
    GENERIC = "GenericError"
    RPC_FRAMEWORK = "RpcFrameworkError"
    """The frame is none at all, or its id could not be read; OCPP 1.6 has no code of its own for that."""


class Call(NamedTuple):
    """A request. The one frame that is made thousands of times a second, so it is of the cheapest kind."""

    id: MessageId
    action: str
    payload: JsonObject


@dataclass(frozen=True, slots=True)
class CallResult:
    """The answer to a request."""

    id: MessageId
    payload: JsonObject


@dataclass(frozen=True, slots=True)
class CallError:
    """The refusal of a request; `code` is the sender's word and may be none of the table's."""

    id: MessageId
    code: str
    description: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """A frame that is answered with a CALLERROR, as nobody knows what it asked for."""

    id: MessageId
    code: ErrorCode
    description: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """A frame that must not be answered: a broken answer, or a message type that OCPP-J does not know."""

    why: str


Frame = Call | CallResult | CallError | Malformed | Ignored


def parse(raw: str | bytes) -> Frame:
    """Reads one frame; never raises."""
    try:
        items = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return Malformed(UNREADABLE, ErrorCode.RPC_FRAMEWORK, "The message is no JSON.")
    if type(items) is list and len(items) == _WHOLE_CALL and items[0] == _CALL and type(items[0]) is int:
        _, message_id, action, payload = items
        # Nearly every frame is such a one; whatever is not is looked at more closely below.
        if (
            type(message_id) is str
            and message_id != UNREADABLE
            and type(action) is str
            and type(payload) is dict
        ):
            return Call(message_id, action, payload)
    if not isinstance(items, list) or not items or type(items[0]) is not int:
        return Malformed(_id_of(items), ErrorCode.RPC_FRAMEWORK, "The message is no array with a type.")
    match items[0]:
        case 2:
            return _parse_call(items)
        case 3 | 4:
            return _parse_answer(items)
        case _:
            # OCPP-J 1.6, section 4.1.3: a message of an unknown type is ignored.
            return Ignored("unknown message type")


def _parse_call(items: list[object]) -> Call | Malformed:
    message_id = _id_of(items)
    if message_id == UNREADABLE:
        return Malformed(UNREADABLE, ErrorCode.RPC_FRAMEWORK, "The message id is no string.")
    action = items[_ACTION] if len(items) > _ACTION else None
    if not isinstance(action, str):
        return Malformed(message_id, ErrorCode.FORMATION, "The action is missing or no string.")
    payload = items[_PAYLOAD] if len(items) > _PAYLOAD else None
    if payload is None:
        # A Heartbeat has no fields, and some stations leave its payload out.
        payload = {}
    if not isinstance(payload, dict):
        return Malformed(message_id, ErrorCode.FORMATION, "The payload is no object.")
    return Call(message_id, action, payload)


def _parse_answer(items: list[object]) -> CallResult | CallError | Ignored:
    message_id = _id_of(items)
    if message_id == UNREADABLE:
        return Ignored("an answer without a message id")
    rest = items[2:]
    if items[0] == _ERROR:
        code, description = ([str(item)[:255] for item in rest] + ["", ""])[:2]
        return CallError(message_id, code or ErrorCode.GENERIC, description)
    payload = rest[0] if rest else {}
    return CallResult(message_id, payload if isinstance(payload, dict) else {})


def _id_of(items: object) -> MessageId:
    """The message id, wherever one can be read."""
    found = items[1] if isinstance(items, list) and len(items) > 1 else None
    return found if isinstance(found, str | int) and not isinstance(found, bool) else UNREADABLE


def call_text(message_id: str, action: str, payload: JsonObject) -> bytes:
    """Writes a CALL."""
    return orjson.dumps([_CALL, message_id, action, payload])


def result_text(message_id: MessageId, payload: JsonObject) -> bytes:
    """Writes a CALLRESULT."""
    return orjson.dumps([_RESULT, message_id, payload])


def error_text(message_id: MessageId, code: str, description: str) -> bytes:
    """Writes a CALLERROR; OCPP-J allows 255 characters of description."""
    return orjson.dumps([_ERROR, message_id, code, description[:255], {}])
