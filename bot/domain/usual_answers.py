"""The answers that come with the product, for operators that have none of their own."""

import tomllib
from functools import cache
from pathlib import Path

from bot.domain.answer import CannedAnswer

FILE = Path(__file__).with_name("usual_answers.toml")


@cache
def usual_answers() -> tuple[CannedAnswer, ...]:
    """All of them, with numbers below 0."""
    entries = tomllib.loads(FILE.read_text(encoding="utf-8"))["answer"]
    return tuple(CannedAnswer(-number, texts) for number, texts in enumerate(entries, start=1))
