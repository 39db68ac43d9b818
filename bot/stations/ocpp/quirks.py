"""What stations of certain vendors must not be asked for, read from a table."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from urllib.parse import urlsplit

from bot.domain.capability import TOLD_BY, Capability, Source

_FILE = "quirks.toml"
_REQUIRED = frozenset({"vendor", "without", "says", "source"})
_KEYS = _REQUIRED | {"model", "firmware"}
_REMOVABLE = frozenset(Capability) - TOLD_BY[Source.OCPP]
"""What a station does; what it tells by itself cannot be taken away from it."""


class QuirksError(ValueError):
    """The table cannot be used; the message names the row, counted from one, and the key.

    Row 0 is the table as a whole.
    """

    def __init__(self, row: int, key: str, reason: str) -> None:
        where = f"quirk {row}, key {key!r}: " if row else ""
        super().__init__(f"{_FILE}: {where}{reason}")


@dataclass(frozen=True, slots=True)
class Quirk:
    """One row: stations whose names fit are `without` these capabilities. An absent pattern fits everything."""

    vendor: re.Pattern[str]
    model: re.Pattern[str] | None
    firmware: re.Pattern[str] | None
    without: frozenset[Capability]
    says: str
    source: str

    def fits(self, vendor: str, model: str, firmware: str) -> bool:
        """Whether the row is about such a station."""
        named = ((self.vendor, vendor), (self.model, model), (self.firmware, firmware))
        return all(pattern is None or pattern.fullmatch(name.strip()) for pattern, name in named)


@dataclass(frozen=True, slots=True)
class Quirks:
    """The whole table."""

    rows: tuple[Quirk, ...] = ()

    def forbidden(self, vendor: str | None, model: str | None, firmware: str | None) -> frozenset[Capability]:
        """What a station of these names must not be asked for; nothing while its vendor is not known."""
        if vendor is None:
            return frozenset()
        found = (row.without for row in self.rows if row.fits(vendor, model or "", firmware or ""))
        return frozenset[Capability]().union(*found)


def load_quirks() -> Quirks:
    """The table that comes with the product; QuirksError where it cannot be used."""
    return parse_quirks(resources.files(__package__).joinpath(_FILE).read_text(encoding="utf-8"))


def parse_quirks(text: str) -> Quirks:
    """The table of a file's content; QuirksError for the first thing that is wrong with it."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise QuirksError(0, "-", f"not readable as TOML: {error}") from error
    rows = document.get("quirk")
    if set(document) != {"quirk"} or not isinstance(rows, list):
        raise QuirksError(0, "quirk", "the file must hold [[quirk]] tables and nothing else")
    return Quirks(tuple(_quirk(number, row) for number, row in enumerate(rows, start=1)))


def _quirk(number: int, row: object) -> Quirk:
    if not isinstance(row, dict):
        raise QuirksError(number, "-", "is no table")
    for key in sorted(set(row) - _KEYS):
        raise QuirksError(number, key, "is not known")
    for key in sorted(_REQUIRED - set(row)):
        raise QuirksError(number, key, "is missing")
    source = _text(number, row, "source")
    if not (source.startswith("https://") and urlsplit(source).hostname):
        raise QuirksError(number, "source", "must be an https:// address where it can be read")
    return Quirk(
        _pattern(number, row, "vendor"),
        _pattern(number, row, "model") if "model" in row else None,
        _pattern(number, row, "firmware") if "firmware" in row else None,
        _capabilities(number, row["without"]),
        _text(number, row, "says"),
        source,
    )


def _text(number: int, row: Mapping[str, object], key: str) -> str:
    value = row[key]
    if not isinstance(value, str) or not value.strip():
        raise QuirksError(number, key, "must be a text that is not empty")
    return value


def _pattern(number: int, row: Mapping[str, object], key: str) -> re.Pattern[str]:
    try:
        return re.compile(_text(number, row, key), re.IGNORECASE)
    except re.error as error:
        raise QuirksError(number, key, f"is no regular expression: {error}") from error


def _capabilities(number: int, names: object) -> frozenset[Capability]:
    if not isinstance(names, list) or not names:
        raise QuirksError(number, "without", "must be a list that is not empty")
    allowed = {each.value: each for each in _REMOVABLE}
    for name in names:
        if not isinstance(name, str) or name not in allowed:
            raise QuirksError(number, "without", f"{name!r} is none of {', '.join(sorted(allowed))}")
    return frozenset(allowed[name] for name in names)
