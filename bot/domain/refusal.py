"""A refusal that is expected and told kindly; it is never logged as an error."""

from collections.abc import Mapping


class Refusal(Exception):  # It is an outcome that a person reads, not an error of ours.
    """Raised by a use case; `key` names the text `refusal.<key>`, `values` fill its placeholders."""

    def __init__(self, key: str, **values: str) -> None:
        super().__init__(key)
        self.key = key
        self.values: Mapping[str, str] = values
