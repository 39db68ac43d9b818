"""Making what may be long fit into a message, a page or a label."""

import html
import re
from collections.abc import Callable, Iterable

from bot.views.callbacks import Go
from bot.views.i18n import Translate
from bot.views.screen import Button

LABEL = 40
MESSAGE = 4000
"""In UTF-16 units without markup; Telegram takes 4096."""
_TAG = re.compile(r"<[^>]*>")


def length(text: str) -> int:
    """In UTF-16 units, without markup, as Telegram counts."""
    return len(html.unescape(_TAG.sub("", text)).encode("utf-16-le")) // 2


def cut(text: str, most: int = LABEL) -> str:
    """At most so many characters of a plain text, with a sign where it goes on."""
    return text if len(text) <= most else text[: most - 1] + "…"


def lines(parts: Iterable[str], room: int, more: Callable[[int], str]) -> str:
    """As many of the parts as fit, each on a line of its own; `more` says how many are left out.

    Each part has its markup for itself, so that none is cut within.
    """
    given = list(parts)
    kept = list(given)
    while kept:
        left = len(given) - len(kept)
        text = "\n".join([*kept, more(left)] if left else kept)
        if length(text) <= room:
            return text
        # What is over tells how many lines there are too many, at least one.
        over, average = length(text) - room, max(length(text) // len(kept), 1)
        del kept[len(kept) - min(max(over // average // 2, 1), len(kept)) :]
    return more(len(given)) if given else ""


def pager(number: int, pages: int, page: Callable[[int], Go], t: Translate) -> tuple[Button, ...]:
    """The buttons to the pages beside page `number`, counted from 0; none where there is one page only."""
    buttons = []
    if number > 0:
        buttons.append(Button(t("pager.back", page=number, pages=pages), page(number - 1)))
    if number < pages - 1:
        buttons.append(Button(t("pager.on", page=number + 2, pages=pages), page(number + 1)))
    return tuple(buttons)
