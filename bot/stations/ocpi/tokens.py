"""Tokens of OCPI: making them, showing them, and knowing them again.

OCPI 2.2.1 has a token in Base64 in the header; many peers send it as it is, so both are known again.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Iterable


def new_token() -> str:
    """A token that nobody can guess, of letters, digits, `-` and `_`."""
    return secrets.token_urlsafe(36)


def header_of(token: str, *, raw: bool) -> str:
    """The value of `Authorization`, without white space at its end."""
    return f"Token {token if raw else base64.b64encode(token.encode()).decode()}"


def shown_in(header: str | None) -> tuple[str, ...]:
    """What a header may mean: the token as it stands and, where it is Base64, what that holds. Empty: no token."""
    scheme, _, rest = (header or "").strip().partition(" ")
    given = rest.strip()
    if scheme.casefold() != "token" or not given:
        return ()
    decoded = _decoded(given)
    return (given,) if decoded is None or decoded == given else (decoded, given)


def is_shown(token: str | None, shown: Iterable[str]) -> bool:
    """Whether one of the shown tokens is this one; the time taken tells nothing of it."""
    if not token:
        return False
    wanted = token.strip().encode()
    same = [hmac.compare_digest(wanted, each.encode("utf-8", "surrogateescape")) for each in shown]
    return any(same)


def _decoded(given: str) -> str | None:
    try:
        padded = given + "=" * (-len(given) % 4)
        return base64.b64decode(padded, validate=True).decode().strip() or None
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
