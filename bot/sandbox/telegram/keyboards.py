"""Reply markup as a bot sends it: checked as Telegram checks it."""

from collections.abc import Callable
from typing import NamedTuple

from .errors import bad_request
from .model import Body

_ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
_MAX_BUTTONS = 100
_MAX_DATA_BYTES = 64


class Markup(NamedTuple):
    """`inline` goes into the message; `other` is a reply keyboard, its removal or a forced reply."""

    inline: Body | None
    other: Body | None


NO_MARKUP = Markup(None, None)


def read_markup(raw: object, *, private: bool) -> Markup:
    """Checks `reply_markup`; raises ApiError in Telegram's words."""
    if not raw:
        return NO_MARKUP
    if not isinstance(raw, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in raw:
        return Markup(_inline(raw["inline_keyboard"], private=private), None)
    if "keyboard" in raw:
        rows = _rows(raw["keyboard"], lambda button: _reply_button(button, private=private))
        return Markup(None, raw | {"keyboard": rows})
    if raw.get("remove_keyboard") or raw.get("force_reply"):
        return Markup(None, raw)
    return NO_MARKUP


def _inline(rows: object, *, private: bool) -> Body | None:
    checked = _rows(rows, lambda button: _inline_button(button, private=private))
    if sum(map(len, checked)) > _MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": checked} if checked else None


def _rows(rows: object, check: Callable[[object], Body]) -> list[list[Body]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" must be of type Array of Arrays')
    return [[check(button) for button in row] for row in rows if row]


def _inline_button(button: object, *, private: bool) -> Body:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str) or not button["text"]:
        raise bad_request('can\'t parse inline keyboard button: Field "text" must be of type String')
    action = next((name for name in _ACTIONS if name in button), None)
    if action is None:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if action == "callback_data" and not 1 <= len(str(button[action]).encode()) <= _MAX_DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    if action == "url" and not str(button[action]).startswith(("http://", "https://", "tg://", "ton://")):
        raise bad_request(f"inline keyboard button URL '{button[action]}' is invalid: Wrong HTTP URL")
    if action == "web_app" and not private:
        raise bad_request("BUTTON_TYPE_INVALID")
    if action == "web_app" and not str(button[action].get("url", "")).startswith("https://"):
        raise bad_request(
            f"inline keyboard button Web App URL '{button[action].get('url', '')}' is invalid:"
            " Only HTTPS links are allowed"
        )
    return button


def _reply_button(button: object, *, private: bool) -> Body:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict) or not button.get("text"):
        raise bad_request('can\'t parse keyboard button: Field "text" must be of type String')
    if not private and button.get("request_contact"):
        raise bad_request("phone number can be requested in private chats only")
    if not private and button.get("request_location"):
        raise bad_request("location can be requested in private chats only")
    if not private and button.get("web_app"):
        raise bad_request("Web App buttons can be used in private chats only")
    return button
