"""Screens as the Bot API wants them."""

from collections.abc import Mapping

from bot.views.callbacks import pack
from bot.views.notices import plain
from bot.views.screen import AskNumber, Button, Keyboard, Keys, Screen

Params = Mapping[str, object]
LONGEST_CAPTION = 1024
"""In UTF-16 units, without the markup."""
NO_PREVIEW = {"is_disabled": True}


def shown(screen: Screen) -> Params:
    """A screen as the text of a message."""
    return {"text": screen.text, "link_preview_options": NO_PREVIEW, **marked(screen)}


def marked(screen: Screen) -> Params:
    """What goes with the text of a screen, wherever it stands."""
    return {"parse_mode": "HTML", "reply_markup": _below(screen.below) or markup(screen.keyboard)}


def fits_caption(screen: Screen) -> bool:
    """Whether the text can stand under a file; a link counts with its address, so that none is too long."""
    return len(plain(screen.text).encode("utf-16-le")) // 2 <= LONGEST_CAPTION


def markup(keyboard: Keyboard) -> Params | None:
    """The buttons as Telegram wants them."""
    if not keyboard:
        return None
    return {"inline_keyboard": [[_button(button) for button in line] for line in keyboard]}


def _below(below: AskNumber | Keys | None) -> Params | None:
    match below:
        case AskNumber():
            share = {"text": below.share, "request_contact": True}
            rows = [[share], [{"text": below.decline}]]
            return {"keyboard": rows, "resize_keyboard": True, "one_time_keyboard": True}
        case Keys():
            return {"remove_keyboard": True}
        case None:
            return None


def _button(button: Button) -> Params:
    if button.does is not None:
        return {"text": button.label, "callback_data": pack(button.does)}
    return {"text": button.label, "url": button.url}
