"""What pages share that have forms, or lists by name."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from bot.admin.visit import Visit
from bot.domain.refusal import Refusal
from bot.telegram.incoming import Words
from bot.views.callbacks import short

T = TypeVar("T")


async def leave(visit: Visit) -> None:
    """Closes a form that is still open, as the person has gone to another page; they could be caught by it later."""
    if visit.desk.form is not None:
        await visit.keep(replace(visit.desk, form=None))


def number(arguments: tuple[str, ...], place: int = 0) -> int:
    """A number in a button's data, 0 where there is none; Refusal for what is none."""
    text = arguments[place] if len(arguments) > place else "0"
    if not text.isascii() or not text.isdecimal():
        raise Refusal("button.old")
    return int(text)


def argument(arguments: tuple[str, ...], place: int) -> str:
    """What stands at a place of a button's data; empty where nothing does."""
    return arguments[place] if len(arguments) > place else ""


def said(words: Words) -> str:
    """What was written; empty for a picture or the like."""
    return (words.message.words or "").strip()


def written(words: Words) -> str:
    """What was written; Refusal for a picture or the like."""
    text = said(words)
    if not text:
        raise Refusal("form.words")
    return text


def named(found: Iterable[tuple[str, T]], shortened: str, gone: str) -> T:
    """What has the name that `short` made into this; Refusal `gone` where nothing has."""
    for name, each in found:
        if short(name) == shortened:
            return each
    raise Refusal(gone)
