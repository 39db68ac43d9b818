"""How the simulated back end reads and writes OCPI, apart from the code that it is there to try."""

import base64
import binascii
from datetime import UTC, datetime
from enum import StrEnum

from aiohttp import web

Json = dict[str, object]


class Quirk(StrEnum):
    """What real peers get wrong, each by itself."""

    SILENT = "silent"
    """Takes requests of functional modules, and does not answer."""
    BROKEN = "broken"
    """Answers functional modules with an error of its own."""
    SERVER_ERROR = "server_error"
    """Answers functional modules with HTTP 200, and an error of its own inside."""
    LINK_OTHER_SCHEME = "link_other_scheme"
    LINK_OTHER_PATH = "link_other_path"
    LINK_LOOPS = "link_loops"
    LINK_BY_ASKED_LIMIT = "link_by_asked_limit"
    """Counts the next offset by the limit asked for, also where its page is smaller."""
    NO_LINK = "no_link"
    NO_COUNT = "no_count"
    LISTS = "lists"
    """Wraps every single object into a list."""
    NO_TIMEOUT = "no_timeout"
    """Leaves the timeout out of its answer to a command."""
    NO_RESULT = "no_result"
    """Accepts commands, and never sends their result."""
    NO_DATA = "no_data"
    """Leaves `data` out of its answer to DELETE and to a command."""
    POSTS_AGAIN = "posts_again"
    """Answers a second POST of credentials with 200."""
    DELETED_TOKEN_LIVES = "deleted_token_lives"  # noqa: S105  # It is the name of a habit.
    LOWER_CASE = "lower_case"
    """Writes all its ids in lower case when it pushes."""
    RAW_TOKEN = "raw_token"  # noqa: S105  # It is the name of a habit.
    """Shows and expects tokens without Base64."""
    SPACE_AFTER_TOKEN = "space_after_token"  # noqa: S105  # It is the name of a habit.
    ONLY_OLD_VERSIONS = "only_old_versions"


def shown_token(request: web.Request, *, raw: bool) -> str:
    """The token of a request; empty where there is none of the right form."""
    word = request.headers.get("Authorization", "").removeprefix("Token ")
    if raw:
        return word
    try:
        return base64.b64decode(word, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def token_header(token: str, quirks: set[Quirk]) -> str:
    """The header that shows a token."""
    shown = token if Quirk.RAW_TOKEN in quirks else base64.b64encode(token.encode()).decode()
    return f"Token {shown}"


def answer(data: object = None, *, code: int = 1000, status: int = 200, message: str = "") -> web.Response:
    """An envelope."""
    body: Json = {"status_code": code, "timestamp": stamp(datetime.now(UTC))}
    if message:
        body["status_message"] = message
    if data is not None:
        body["data"] = data
    return web.json_response(body, status=status)


def stamp(at: datetime) -> str:
    """A time as OCPI writes it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def evse(uid: str, evse_id: str | None, *, dc: bool = True, updated: str = "2026-01-01T00:00:00Z") -> Json:
    """An EVSE with one connector that can do all of what a command may ask for."""
    connector: Json = {
        "id": "1",
        "standard": "IEC_62196_T2_COMBO" if dc else "IEC_62196_T2",
        "format": "CABLE" if dc else "SOCKET",
        "power_type": "DC" if dc else "AC_3_PHASE",
        "max_voltage": 920 if dc else 230,
        "max_amperage": 200 if dc else 32,
        "last_updated": updated,
    }
    if dc:
        connector["max_electric_power"] = 150_000
    made: Json = {
        "uid": uid,
        "status": "AVAILABLE",
        "capabilities": ["REMOTE_START_STOP_CAPABLE", "UNLOCK_CAPABLE", "RFID_READER"],
        "connectors": [connector],
        "last_updated": updated,
    }
    return made if evse_id is None else made | {"evse_id": evse_id}


def location(number: str, *evses: Json, name: str = "", updated: str = "2026-01-01T00:00:00Z") -> Json:
    """A location in Graz."""
    return {
        "country_code": "AT",
        "party_id": "SWG",
        "id": number,
        "publish": True,
        "name": name or f"Location {number}",
        "address": "Europaplatz 4",
        "city": "Graz",
        "postal_code": "8020",
        "country": "AUT",
        "coordinates": {"latitude": "47.0725", "longitude": "15.4165"},
        "evses": list(evses),
        "time_zone": "Europe/Vienna",
        "last_updated": updated,
    }
