"""An EVSE ID inside a Telegram start link, where only `[A-Za-z0-9_-]`, 1 to 64 of them, may stand.

The rule: letters and digits stand for themselves, `_` stands for `*`, and every other character becomes
`-` and two lower-case hex digits for each byte of its UTF-8 form (`+` is `-2b`, `_` is `-5f`). So
`DE*DES*E*BMW*0113*2` becomes `DE_DES_E_BMW_0113_2` and stays legible on a sticker. Every 48-character ID
of the known grammars fits; so does any other with at most eight escaped bytes.

A payload that begins with `--` never decodes, so start links for other purposes are free to use it.
"""

import re

MAX_LENGTH = 64
PAGE_PATH = "/e/"
"""Where the landing pages of stickers stand under this service's address, each by its payload."""
INVITATION = "--"
"""What the start parameter of an invitation begins with; its secret follows."""

_PLAIN = re.compile(r"[A-Za-z0-9]")
_PAYLOAD = re.compile(r"(?:[A-Za-z0-9_]|-[0-9a-f]{2})+")
_ESCAPE = re.compile(rb"-([0-9a-f]{2})")


def encode(evse_id: str) -> str:
    """The start parameter for this ID, case kept; ValueError when it is empty or does not fit in 64."""
    payload = "".join(map(_encode_char, evse_id))
    if not 1 <= len(payload) <= MAX_LENGTH:
        raise ValueError(f"a start parameter has 1 to {MAX_LENGTH} characters, not {len(payload)}")
    return payload


def page_link(public_url: str, evse_id: str) -> str:
    """The landing page of an EVSE; ValueError where no payload can carry its ID."""
    return f"{public_url}{PAGE_PATH}{encode(evse_id)}"


def decode(payload: str) -> str | None:
    """The ID that `encode` turned into exactly this payload, or None if there is none."""
    if len(payload) > MAX_LENGTH or not _PAYLOAD.fullmatch(payload):
        return None
    raw = payload.replace("_", "*").encode("ascii")
    try:
        evse_id = _ESCAPE.sub(lambda match: bytes.fromhex(match[1].decode("ascii")), raw).decode("utf-8")
    except UnicodeDecodeError:
        return None
    # An escape for a character that needs none would give one ID two links.
    return evse_id if encode(evse_id) == payload else None


def _encode_char(char: str) -> str:
    if char == "*":
        return "_"
    if _PLAIN.fullmatch(char):
        return char
    return "".join(f"-{byte:02x}" for byte in char.encode("utf-8"))
