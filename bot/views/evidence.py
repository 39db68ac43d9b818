"""The evidence of a judgement in words: what was weighed, and its value."""

from datetime import timedelta

from bot.views.i18n import Translate
from bot.views.spans import brief

_SECONDS = frozenset({"status_age_seconds", "status_lasts_seconds"})


def told(key: str, value: str, t: Translate) -> tuple[str, str]:
    """A piece of evidence as agents read it; seconds are told as a span."""
    if key in _SECONDS and value.isdecimal():
        return t(f"evidence.{key}"), brief(timedelta(seconds=int(value)), t)
    return t(f"evidence.{key}"), t.word(value, key, "value")
