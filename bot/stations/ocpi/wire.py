"""JSON of OCPI: envelopes, and fields that are read with care.

Vocabularies are open and unknown fields are left alone, as OCPI 2.3.0 asks; only what cannot be used at all is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

import orjson

from bot.domain.ocpi import JsonObject

VERSION = "2.2.1"


class StatusCode(IntEnum):
    """The status codes of OCPI that we send or act upon."""

    OK = 1000
    CLIENT_ERROR = 2000
    WRONG_PARAMETERS = 2001
    UNKNOWN_LOCATION = 2003
    SERVER_ERROR = 3000
    CLIENT_API_UNUSABLE = 3001
    NO_SUCH_VERSION = 3002
    NO_ENDPOINTS = 3003


class Unusable(Exception):
    """A peer's object lacks what we cannot do without; the text names it, in no more than a few words."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a peer answered. `data` is None where it was left out, as some do."""

    status_code: int
    status_message: str
    data: object
    timestamp: datetime | None


def envelope(data: object, code: StatusCode, message: str | None, now: datetime) -> JsonObject:
    """An answer of ours."""
    answer: JsonObject = {"status_code": int(code), "timestamp": wire_time(now)}
    if message:
        answer["status_message"] = message
    if data is not None:
        answer["data"] = data
    return answer


def read_envelope(body: bytes) -> Envelope:
    """A peer's answer. Unusable where it is no JSON object or has no status code."""
    read = object_of(parse(body), "answer")
    code = read.get("status_code")
    if isinstance(code, str) and code.isdecimal():
        code = int(code)
    if not isinstance(code, int) or isinstance(code, bool):
        raise Unusable("status_code")
    message = read.get("status_message")
    told = message if isinstance(message, str) else ""
    return Envelope(code, told, read.get("data"), time_or_none(read.get("timestamp")))


def parse(body: bytes) -> object:
    """The value of a JSON text; Unusable where it is none, or nested deeper than can be kept."""
    try:
        # PostgreSQL keeps no NUL in a text, and nothing that is told here can need one.
        read: object = orjson.loads(body.replace(b"\\u0000", b"\\ufffd"))
        # Writing has the lower limit of depth, and what came must be kept and given back.
        orjson.dumps(read)
    except orjson.JSONDecodeError as error:
        raise Unusable("no JSON") from error
    except orjson.JSONEncodeError as error:
        raise Unusable("nested too deep") from error
    return read


def object_of(value: object, name: str) -> JsonObject:
    """A JSON object; a list that holds just one counts as that one, as some peers wrap every answer."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        raise Unusable(name)
    return value


def objects_of(value: object) -> Sequence[object]:
    """The members of a list; none where it is missing or something else."""
    return value if isinstance(value, list) else ()


def text_of(read: Mapping[str, object], name: str) -> str:
    """A text that must be there and not be empty; a number will do, as some peers number what OCPI names."""
    found = text_or_none(read, name)
    if found is None:
        raise Unusable(name)
    return found


def text_or_none(read: Mapping[str, object], name: str) -> str | None:
    """A text without white space around it; None where it is missing or empty."""
    value = read.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value.strip() or None if isinstance(value, str) else None


def number_or_none(value: object) -> float | None:
    """A finite number, also one that is written as a text; None otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def time_of(read: Mapping[str, object], name: str) -> datetime:
    """A time that must be there, in UTC."""
    found = time_or_none(read.get(name))
    if found is None:
        raise Unusable(name)
    return found


def time_or_none(value: object) -> datetime | None:
    """A time in UTC. OCPI's times may lack their zone, which is UTC then; None where it is no time."""
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value.strip())
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def wire_time(at: datetime) -> str:
    """A time as OCPI writes it: UTC, to the millisecond, with a Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
