"""Answers that are ready: texts per language with placeholders, checked when they are entered."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.refusal import Refusal

PLACEHOLDERS = ("driver", "agent", "evse", "location", "phone", "operator")
"""What an answer may name, in braces; `phone` is that of the hotline."""
LONGEST = 1000
"""Letters of one answer: a driver reads it on a phone, and it fits into the preview."""
_NAMED = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class CannedAnswer:
    """One answer in one or more languages, by their codes. Those that come with the product have numbers below 0."""

    id: int
    texts: Mapping[str, str]

    def in_language(self, *wanted: str | None) -> tuple[str, str]:
        """The text with its language: the first of those wanted that it has, else any."""
        for each in wanted:
            code = (each or "").split("-")[0].lower()
            if code in self.texts:
                return code, self.texts[code]
        code = sorted(self.texts)[0]
        return code, self.texts[code]


def checked(text: str) -> str:
    """An answer as somebody wrote it; Refusal where it is empty, too long, or names what nobody knows."""
    tidy = text.strip()
    if not tidy:
        raise Refusal("answer.empty")
    if len(tidy) > LONGEST:
        raise Refusal("answer.long", most=str(LONGEST))
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    for name in _NAMED.findall(tidy):
        if name not in PLACEHOLDERS:
            raise Refusal("answer.placeholder", given=f"{{{name}}}", known=known)
    if "{" in _NAMED.sub("", tidy) or "}" in _NAMED.sub("", tidy):
        raise Refusal("answer.braces", known=known)
    return tidy


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled, each once: what a value holds is never filled again."""
    return _NAMED.sub(lambda found: values.get(found[1], found[0]), text)
