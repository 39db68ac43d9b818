"""What the text of a scanned QR code, or a driver's own sentence, says about the charging point.

Nothing here fetches a URL: a short link that shows its ID only after a redirect yields nothing, and the
driver is asked. Forms seen in the field: a bare ID, `?evseid=` in any case (Hubject, Elli, Lidl, Aral
pulse, Smatrics), an ID as path segment with or without a scheme (Enercity, chargedrive, on-charge,
chargepoint-services), JSON (SAP), AFIR landing pages with a one-time code, and our own start links.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from bot.domain import start_payload
from bot.domain.evse_id import MAX_LENGTH, normalise, parse

# A QR code holds at most 4,296 characters and a Telegram message 4,096; longer text is neither.
MAX_PAYLOAD = 4296

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,20}:(?://)?", re.IGNORECASE)
_START_LINK = re.compile(
    r"(?:https?://)?(?:t|telegram)\.me/\w+(?:/\w+)?/?\?|tg:(?://)?resolve/?\?", re.IGNORECASE
)
_PARAMETER = re.compile(r"(?<=[?&;#])([^=&;#?\s]{1,64})=([^&;#\s]*)")
# One-time codes and proofs of origin: they open a charging session, so they are treated like passwords.
_SECRET_KEY = re.compile(
    r"otp|sig|token|hmac|mac$|hash|auth|secret|nonce|jwt|passw|pin$|api_?key", re.IGNORECASE
)
_WORD = re.compile(r"[A-Z0-9+*]+")
# "DE SWM E052601", as some housings print it; three digits keep plain words such as "um die E5" out.
_SPACED = re.compile(
    r"(?<![A-Z0-9*])([A-Z]{2}) ([A-Z0-9]{3}) ([EPS]\*?[A-Z]{0,9}[0-9]{3}[A-Z0-9*]{0,17})(?![A-Z0-9*])"
)
_MIN_DIGITS = 3

_ID_KEYS = frozenset({"evseid", "evse_id"})
_LANDING_PAGE = re.compile(rf"https?://\S+{start_payload.PAGE_PATH}([A-Za-z0-9_-]+)/?$", re.IGNORECASE)
_START_KEYS = frozenset({"start", "startapp"})
_STATION_KEYS = ("chargingstationid", "serialnumber", "serial")
_CONNECTOR_KEYS = ("connectorid", "connector")
_TENANT_KEYS = ("tenantsubdomain",)
_LOGGABLE_KEYS = _ID_KEYS | _START_KEYS | {"domain", *_STATION_KEYS, *_CONNECTOR_KEYS, *_TENANT_KEYS}


@dataclass(frozen=True, slots=True)
class StationRef:
    """A station named by its back end or serial number, with no EVSE ID; None is what it does not say."""

    station_id: str
    connector: int | None
    tenant: str | None


def evse_candidates(payload: str) -> list[str]:
    """Normalised IDs that `payload` may mean, without repetition, from the first step that finds any.

    Steps: raw ID, our own start link or landing page, query key `evseid`, path segments, an ID anywhere in the
    text. The value of a start link or of `evseid` is taken as it is; elsewhere only what looks like an ID counts.
    An ID of no grammar, typed bare, is not found here: look its exact form up first.
    """
    if len(payload) > MAX_PAYLOAD:
        return []
    text = _without_secrets(payload.strip())
    steps = (_raw, _start_link, _landing_page, _query, _path, _anywhere)
    return next((found for step in steps if (found := list(dict.fromkeys(step(text))))), [])


def station_ref(payload: str) -> StationRef | None:
    """The station that JSON (SAP e-mobility) or a landing page's serial number names, if any."""
    if len(payload) > MAX_PAYLOAD:
        return None
    fields = _fields(payload.strip())
    station_id = _first(fields, _STATION_KEYS)
    if not station_id or len(station_id) > MAX_LENGTH:
        return None
    connector = _first(fields, _CONNECTOR_KEYS) or ""
    number = int(connector) if re.fullmatch(r"[1-9][0-9]{0,2}", connector) else None
    return StationRef(station_id, number, _first(fields, _TENANT_KEYS))


def redacted(payload: str) -> str:
    """A form fit for logs: known fields of a URL or JSON, the IDs of any other text; never a sentence.

    Unlike the search for IDs, this keeps only parameters that are known to be harmless, because an
    operator may give the one-time code any name.
    """
    text = payload.strip()[:MAX_PAYLOAD]
    address = re.split(r"[?#]", text, maxsplit=1)[0]
    fields = {key: value for key, value in _fields(text).items() if key in _LOGGABLE_KEYS}
    if _SCHEME.match(text) and not re.search(r"\s", text):
        # A user name and password may stand before the host.
        kept = "&".join(f"{key}={normalise(value)}" for key, value in fields.items())
        return _printable(re.sub(r"//[^/]*@", "//", address) + (f"?{kept}" if kept else ""))
    if fields:
        return _printable(json.dumps(fields))
    return _printable(" ".join(evse_candidates(text)) or f"({len(payload)} characters)")


def _raw(text: str) -> Iterator[str]:
    # White space inside is left to the search in free text, or the words around an ID would join it.
    if not re.search(r"\s", text) and _is_plausible(text):
        yield normalise(text)


def _start_link(text: str) -> Iterator[str]:
    if not _START_LINK.match(text):
        return
    for key, value in _parameters(text):
        evse_id = start_payload.decode(value) if key in _START_KEYS else None
        yield from _whole(evse_id or "")


def _landing_page(text: str) -> Iterator[str]:
    if found := _LANDING_PAGE.match(text):
        evse_id = start_payload.decode(found[1])
        if evse_id is not None and _is_plausible(evse_id):
            yield normalise(evse_id)


def _query(text: str) -> Iterator[str]:
    for key, value in _parameters(text):
        if key in _ID_KEYS:
            yield from _whole(value)


def _path(text: str) -> Iterator[str]:
    scheme = _SCHEME.match(text)
    segments = re.split(r"[?#\s]", text[scheme.end() :] if scheme else text, maxsplit=1)[0].split("/")
    return (normalise(segment) for segment in segments if len(segments) > 1 and _is_plausible(segment))


def _anywhere(text: str) -> Iterator[str]:
    # Escaped spaces must part words too, so decoding comes first. The second one, in normalise, is wanted:
    # an address inside another's parameter is escaped twice.
    words = " ".join(normalise(word) for word in unquote(text).split())
    for match in _SPACED.finditer(words):
        yield "".join(match.groups())
    for word in _WORD.findall(words):
        # Stars around an ID are bold type in a chat, not separators.
        if _is_plausible(word.strip("*")):
            yield word.strip("*")


def _is_plausible(text: str) -> bool:
    """Whether `text` is an ID and no mere word: "HALLOES" fits the grammar that allows no separators."""
    found = parse(text)
    if found is None:
        return False
    return "*" in found.text or sum(map(str.isdecimal, found.text)) >= _MIN_DIGITS


def _whole(value: str) -> Iterator[str]:
    evse_id = normalise(value)
    if 1 <= len(evse_id) <= MAX_LENGTH:
        yield evse_id


def _parameters(text: str) -> list[tuple[str, str]]:
    """Query and fragment parameters: keys in lower case, values as they stand in the URL."""
    return [(unquote(key).lower(), value) for key, value in _PARAMETER.findall(text)]


def _without_secrets(text: str) -> str:
    return _PARAMETER.sub(lambda match: "" if _SECRET_KEY.search(unquote(match[1])) else match[0], text)


def _fields(text: str) -> dict[str, str]:
    """Named scalar values of a JSON object or a URL, keys in lower case."""
    if not text.startswith("{"):
        return {key: unquote(value) for key, value in _parameters(text)}
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    # JSON that starts with a brace is an object with text keys.
    return {key.lower(): str(value) for key, value in content.items() if isinstance(value, str | int)}


def _first(fields: dict[str, str], keys: Iterable[str]) -> str | None:
    return next((fields[key].strip() for key in keys if fields.get(key, "").strip()), None)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text[:200])
