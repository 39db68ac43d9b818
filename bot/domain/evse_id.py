"""EVSE IDs as stickers print them: normalising, recognising, looking up, suggesting.

Grammars: ISO 15118 / eMI3 (separators optional), DIN SPEC 91286 (separators carry meaning). Neither has
a check digit, so whoever resolves an ID reads the location and the connector back to the driver.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

# OCPI 2.2.1 types `evse_id` as CiString(48); no grammar below allows more.
MAX_LENGTH = 48
# Percent escapes and white space may make one ID longer than itself, though never longer than this.
_MAX_RAW_LENGTH = 256

_ISO = re.compile(r"([A-Z]{2})\*?([A-Z0-9]{3})\*?([EPS])[A-Z0-9*]{1,30}")
_DIN = re.compile(r"\+?([0-9]{1,3})\*([0-9]{3})\*[0-9*]{1,32}")
_HEAD_ONLY = re.compile(r"([A-Z]{2})\*([A-Z0-9]{3})\*[A-Z0-9*]+")


class EvseIdKind(StrEnum):
    """What an ID names. Only `EVSE` is precise; for a pool or a station, ask which connector."""

    EVSE = "evse"
    POOL = "pool"
    STATION = "station"
    UNKNOWN = "unknown"


_ISO_KINDS = {"E": EvseIdKind.EVSE, "P": EvseIdKind.POOL, "S": EvseIdKind.STATION}


@dataclass(frozen=True, slots=True)
class EvseId:
    """One ID: `text` is the printed form in upper case with its separators, at most 48 characters.

    `compact` is the form without separators, or None where they carry meaning (anything but ISO). Two
    printed forms may share a compact one: more than one match means asking. `country` is a letter code
    (ISO) or a dialling code without plus (DIN); `party` is the operator in the ID, which may differ from
    the OCPI party.
    """

    text: str
    compact: str | None
    kind: EvseIdKind
    country: str
    party: str


def normalise(text: str) -> str:
    """Percent-decode once, drop white space and invisible characters, then upper-case."""
    return "".join(char for char in unquote(text) if _is_visible(char)).upper()


def parse(text: str) -> EvseId | None:
    """Recognise one ID, normalised or not; None when `text` has no shape of an ID or is too long.

    `UNKNOWN` has the head of an ID (country, party) but a local part of no grammar, as Hubject's own
    example DE*HUB*030*000012 does.
    """
    printed = _bounded(text)
    if match := _ISO.fullmatch(printed):
        country, party, letter = match.groups()
        return EvseId(printed, _without_separators(printed), _ISO_KINDS[letter], country, party)
    if match := _DIN.fullmatch(printed):
        return EvseId(printed, None, EvseIdKind.EVSE, *match.groups())
    if match := _HEAD_ONLY.fullmatch(printed):
        return EvseId(printed, None, EvseIdKind.UNKNOWN, *match.groups())
    return None


def lookup_keys(text: str) -> list[str]:
    """Keys to look up in this order: the exact printed form, then for ISO the form without separators.

    Text of no grammar yields its exact form alone, since operators do print such IDs; text that is empty
    or too long yields nothing.
    """
    printed = _bounded(text)
    found = parse(printed)
    keys = [printed, found.compact] if found and found.compact else [printed]
    return list(dict.fromkeys(key for key in keys if key))


def nearest(text: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """At most `limit` of the `known` IDs that `text` may have meant, likeliest first, as they were given.

    Confusions of O with 0 and of I with 1 cost nothing; beyond them one slip (a wrong, missing, extra or
    swapped character) is forgiven, two from eight characters on. The driver confirms; never assume.
    100,000 `known` take about a second: hand over those of the likely operator or place.
    """
    wanted = _without_separators(_bounded(text))
    if not wanted:
        return []
    ranked = ((_slips(wanted, _without_separators(other.upper())), other) for other in known)
    return [other for _, other in sorted((cost, other) for cost, other in ranked if cost is not None)][:limit]


def _is_visible(char: str) -> bool:
    # Format characters (Cf) are the zero-width ones that copying from a web page or a PDF brings along.
    return not char.isspace() and unicodedata.category(char) not in {"Cf", "Cc"}


def _bounded(text: str) -> str:
    """The normalised text, or an empty one when it is too long to be an ID."""
    if len(text) > _MAX_RAW_LENGTH:
        return ""
    printed = normalise(text)
    return printed if len(printed) <= MAX_LENGTH else ""


def _without_separators(printed: str) -> str:
    return printed.replace("*", "").removeprefix("+")


_LOOKALIKES = str.maketrans("OI", "01")
# Of seven characters two are too much to guess: another station's ID would do.
_TWO_SLIPS_FROM = 8


def _slips(wanted: str, other: str) -> int | None:
    """Rank of a suggestion, 0 for the same characters and 1 for lookalikes; None if far-fetched."""
    if wanted == other:
        return 0
    wanted, other = wanted.translate(_LOOKALIKES), other.translate(_LOOKALIKES)
    forgiven = 1 if len(wanted) < _TWO_SLIPS_FROM else 2
    return next((1 + slips for slips in range(forgiven + 1) if _within(wanted, other, slips)), None)


def _within(left: str, right: str, slips: int) -> bool:
    """Whether at most `slips` slips lead from `left` to `right`; costs 4**slips times the length."""
    if abs(len(left) - len(right)) > slips:
        return False
    start = next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), None)
    if start is None:
        return True
    if slips == 0:
        return False
    left, right, slips = left[start:], right[start:], slips - 1
    swapped = left[:2] == right[1::-1] and _within(left[2:], right[2:], slips)
    return (
        swapped
        or _within(left[1:], right[1:], slips)
        or _within(left[1:], right, slips)
        or _within(left, right[1:], slips)
    )


def compact(evse_id: str) -> str:
    """The form by which an ID without separators is found; the ID itself where separators carry meaning."""
    parsed = parse(evse_id)
    return evse_id if parsed is None or parsed.compact is None else parsed.compact
