"""Long lists in pages: which part is shown, and the row that turns over."""

import html
from collections.abc import Callable, Sequence
from typing import TypeVar

from bot.views.callbacks import Go
from bot.views.i18n import Translate
from bot.views.screen import Button, Keyboard, row

T = TypeVar("T")
PAGE = 8
LABEL = 40
"""Characters of a button's label that a phone still shows."""


def part(entries: Sequence[T], page: int, size: int = PAGE) -> tuple[Sequence[T], int, int]:
    """The entries of a page, its number from 0, and how many pages there are; a page beyond the last is the last."""
    pages = max(1, -(-len(entries) // size))
    shown = min(max(page, 0), pages - 1)
    return entries[shown * size : (shown + 1) * size], shown, pages


def turning(page: int, pages: int, to: Callable[[int], Go], t: Translate) -> Keyboard:
    """The row with ‹ and ›, where there is something to turn to."""
    before = [Button(t("paging.before"), to(page - 1))] if page > 0 else []
    after = [Button(t("paging.after"), to(page + 1))] if page + 1 < pages else []
    return (row(*before, *after),) if before or after else ()


def where(page: int, pages: int, t: Translate) -> str:
    """Which page this is; nothing where it is the only one."""
    return "" if pages == 1 else t("paging.page", page=page + 1, pages=pages)


def cut(text: str, most: int = LABEL) -> str:
    """The text, with an ellipsis where it is longer."""
    return text if len(text) <= most else text[: most - 1] + "…"


def label(t: Translate, key: str, **values: str | int) -> str:
    """The label of a button: a text with values in it, without the escapes that only messages need."""
    return cut(html.unescape(t(key, **values)))


def joined(*parts: str) -> str:
    """Paragraphs, without the empty ones."""
    return "\n\n".join(each for each in parts if each)
