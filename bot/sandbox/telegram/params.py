"""Parameters of one Bot API call, however they were encoded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from .errors import bad_request


class Upload(NamedTuple):
    """A file that came with the call."""

    name: str
    content: bytes
    mime: str


@dataclass(slots=True)
class Params:
    """Typed access; values may be JSON values or their text, as forms and query strings send them."""

    values: Mapping[str, Any]  # Any: whatever JSON a caller sends; the accessors below check it.
    files: Mapping[str, Upload]

    def has(self, name: str) -> bool:
        return self.values.get(name) not in (None, "")

    def text(self, name: str) -> str:
        """The parameter as text; empty when absent."""
        value = self.values.get(name)
        return "" if value is None else value if isinstance(value, str) else str(value)

    def integer(self, name: str) -> int | None:
        """The parameter as a whole number; None when absent or, as with Telegram, unreadable."""
        value = self.values.get(name)
        if isinstance(value, int):
            return int(value)
        try:
            return int(value) if value else None
        except (TypeError, ValueError):
            return None

    def number(self, name: str) -> float | None:
        try:
            return float(self.values[name])
        except (KeyError, TypeError, ValueError):
            return None

    def flag(self, name: str) -> bool:
        value = self.values.get(name)
        return value is True or str(value).lower() in ("true", "1", "yes", "t", "y")

    def structure(self, name: str) -> Any:  # Any: JSON of any shape; every caller checks what it needs.
        """A JSON object or array, or None when absent."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None

    def objects(
        self, name: str
    ) -> list[dict[str, Any]] | None:  # Any: fields are checked where they are read.
        """A JSON array of objects, or None when absent."""
        value = self.structure(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise bad_request(f'field "{name}" must be of type Array')
        return value

    def integers(self, name: str) -> list[int]:
        value = self.structure(name)
        if not isinstance(value, list):
            raise bad_request(f'field "{name}" must be of type Array')
        return [int(item) for item in value]
