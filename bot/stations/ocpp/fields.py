"""Advisory reading of a payload: what is usable is kept, what is odd is noted, only the unusable is refused.

A strict reader refuses exactly the messages of faulty stations, which a support service needs most.
"""

import math
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime

from bot.stations.ocpp.frames import ErrorCode, JsonObject

_LARGEST = 2**31
"""OCPP's integers and those of a database column have 32 bits; a larger reading is a broken one."""


class UnusableError(Exception):
    """A message that says nothing we could keep; it is answered with a CALLERROR of this code."""

    def __init__(self, code: ErrorCode, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


class Fields:
    """The fields of one payload. `oddities` collects the names of fields that break the specification."""

    __slots__ = ("_payload", "oddities")

    def __init__(self, payload: JsonObject, oddities: set[str]) -> None:
        self._payload = payload
        self.oddities = oddities

    def expect(self, names: AbstractSet[str]) -> None:
        """Notes every field that the specification does not know."""
        if not self._payload.keys() <= names:
            self.oddities.add("extra field")

    def raw(self, name: str) -> object:
        """The value as sent; None where it is missing."""
        return self._payload.get(name)

    def text(self, name: str, specified: int, keep: int | None = None) -> str | None:
        """A text, at most `keep` characters of it; longer than `specified` is odd. None for an empty one."""
        value = self._payload.get(name)
        if not value and (value is None or value == ""):
            return None
        if not isinstance(value, str):
            self.oddities.add(name)
            value = str(value)
        if len(value) > specified:
            self.oddities.add(name)
        most = keep or specified
        if len(value) > most:
            value = value[:most]
        # PostgreSQL cannot keep a NUL character in a text.
        return value.replace("\x00", "") or None if "\x00" in value else value

    def number(self, name: str) -> int | None:
        """A whole number, also where it came as text; None where it is missing or no number."""
        value = self._payload.get(name)
        if type(value) is int and abs(value) < _LARGEST:
            return value
        if value is None:
            self.oddities.add(name)
            return None
        self.oddities.add(name)
        found = decimal(value)
        return None if found is None else round(found)

    def required_number(self, name: str, low: int, high: int) -> int:
        """A whole number from `low` to `high`; UnusableError where there is none."""
        value = self.number(name)
        if value is None:
            if self._payload.get(name) is None:
                raise UnusableError(ErrorCode.PROTOCOL, f"{name} is missing.")
            raise UnusableError(ErrorCode.TYPE_CONSTRAINT, f"{name} is no whole number.")
        if not low <= value <= high:
            raise UnusableError(ErrorCode.PROPERTY_CONSTRAINT, f"{name} is not between {low} and {high}.")
        return value

    def time(self, name: str) -> datetime | None:
        """The station's own time in UTC, however wrong; None where it is missing or unreadable.

        A time without an offset is taken as UTC, as OCPP 1.6 recommends.
        """
        value = self._payload.get(name)
        try:
            found = datetime.fromisoformat(value) if isinstance(value, str) else None
            if found is None:
                self.oddities.add(name)
                return None
            if found.tzinfo is UTC:
                return found
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        except (ValueError, OverflowError):
            self.oddities.add(name)
            return None

    def part(self, name: str) -> "Fields":
        """The fields of an object inside; without any where it is missing or no object."""
        value = self._payload.get(name)
        if isinstance(value, dict):
            return Fields(value, self.oddities)
        if value is not None:
            self.oddities.add(name)
        return Fields({}, self.oddities)

    def parts(self, name: str) -> list["Fields"]:
        """The fields of each object of a list, as `objects` finds them."""
        return [Fields(item, self.oddities) for item in self.objects(name)]

    def yes(self, name: str) -> bool:
        """Whether it is true, also where that came as text."""
        value = self._payload.get(name)
        if value is None or isinstance(value, bool):
            return value is True
        self.oddities.add(name)
        return str(value).casefold() in {"true", "1"}

    def objects(self, name: str) -> list[JsonObject]:
        """A list of objects; a single object counts as a list of one."""
        value = self._payload.get(name)
        if isinstance(value, dict):
            self.oddities.add(name)
            value = [value]
        if not isinstance(value, list):
            self.oddities.add(name)
            return []
        return [item for item in value if isinstance(item, dict)]


def decimal(value: object) -> float | None:
    """A finite number, also out of a text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and abs(found) < _LARGEST else None
