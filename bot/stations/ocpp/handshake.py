"""Who knocks: the station's identity out of the path, and the password that it shows."""

import base64
import binascii
import hmac
from urllib.parse import unquote

_LONGEST_ID = 255
SUBPROTOCOL = "ocpp1.6"


def station_id_of(raw_path: str) -> str | None:
    """The last non-empty segment of the path, percent-decoded once; None where that is no identity."""
    segments = [segment for segment in raw_path.split("/") if segment]
    try:
        found = unquote(segments[-1], errors="strict") if segments else ""
    except UnicodeDecodeError:
        return None
    return found if found.isprintable() and 0 < len(found) <= _LONGEST_ID else None


def password_fits(station_id: str, password: str, authorization: str | None) -> bool:
    """Whether an Authorization header names the station and shows its password (OCPP-J 1.6, section 6.2).

    The user name is the identity. Where the password is set as hexadecimal digits, a station may send them as
    they stand or send the bytes that they encode, so both fit.
    """
    shown = _basic(authorization)
    user = station_id.encode() + b":"
    accepted = [password.encode(), *_decoded_key(password)]
    # Every comparison is made, so that the time taken tells nothing of which one failed.
    fits = [hmac.compare_digest(shown, user + secret) for secret in accepted]
    return any(fits)


def shown_password(station_id: str, authorization: str | None) -> str | None:
    """The password that an Authorization header shows for this very identity, in a form that `password_fits` takes.

    Bytes that are no printable text are given as hexadecimal digits. None where none is shown.
    """
    shown, user = _basic(authorization), station_id.encode() + b":"
    secret = shown.removeprefix(user)
    if not shown.startswith(user) or not secret:
        return None
    try:
        text = secret.decode()
    except UnicodeDecodeError:
        return secret.hex()
    return text if text.isprintable() else secret.hex()


def offered_protocols(header: str | None) -> tuple[str, ...]:
    """The subprotocols that a station names, in its order."""
    return tuple(name for each in (header or "").split(",") if (name := each.strip()))


def _basic(authorization: str | None) -> bytes:
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.casefold() != "basic":
        return b""
    try:
        return base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _decoded_key(password: str) -> list[bytes]:
    try:
        decoded = bytes.fromhex(password)
    except ValueError:
        return []
    return [decoded] if decoded else []
