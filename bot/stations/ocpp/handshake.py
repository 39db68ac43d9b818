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
    found = unquote(segments[-1]) if segments else ""
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


def offers_other_protocols_only(header: str | None) -> bool:
    """Whether the station named subprotocols and OCPP 1.6 is not among them."""
    offered = [name.strip() for name in (header or "").split(",") if name.strip()]
    return bool(offered) and SUBPROTOCOL not in offered


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
