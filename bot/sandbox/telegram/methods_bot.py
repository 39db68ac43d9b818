"""What a bot says of itself: commands, name, descriptions, menu button, webhook."""

import re
from collections.abc import Callable

import orjson

from .access import known_chat
from .errors import bad_request
from .model import Body
from .params import Params
from .state import Bot, State

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_MAX_COMMANDS = 100
_MAX_DESCRIPTION = 256
_SCOPES = (
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
    "chat",
    "chat_administrators",
    "chat_member",
)


def get_me(state: State, bot: Bot, params: Params) -> Body:
    return bot.me()


def say_yes(state: State, bot: Bot, params: Params) -> bool:
    return True


def _scope(state: State, bot: Bot, params: Params) -> tuple[str, str]:
    scope = params.structure("scope") or {"type": "default"}
    if not isinstance(scope, dict) or scope.get("type") not in _SCOPES:
        raise bad_request("unsupported BotCommandScope type specified")
    if scope["type"].startswith("chat"):
        known_chat(state, bot, Params({"chat_id": scope.get("chat_id")}, {}))
    return orjson.dumps(scope, option=orjson.OPT_SORT_KEYS).decode(), params.text("language_code")


def set_my_commands(state: State, bot: Bot, params: Params) -> bool:
    commands = params.objects("commands") or []
    if len(commands) > _MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not _COMMAND.fullmatch(str(command.get("command", "")).removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= _MAX_DESCRIPTION:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    bot.commands[_scope(state, bot, params)] = commands
    return True


def get_my_commands(state: State, bot: Bot, params: Params) -> list[Body]:
    return bot.commands.get(_scope(state, bot, params), [])


def delete_my_commands(state: State, bot: Bot, params: Params) -> bool:
    bot.commands.pop(_scope(state, bot, params), None)
    return True


def _text_setter(field: str, limit: int) -> Callable[[State, Bot, Params], bool]:
    def set_text(state: State, bot: Bot, params: Params) -> bool:
        text = params.text(field)
        if len(text) > limit:
            raise bad_request(f"{field.replace('_', ' ')} is too long")
        bot.texts[field, params.text("language_code")] = text
        return True

    return set_text


def _text_getter(field: str) -> Callable[[State, Bot, Params], Body]:
    def get_text(state: State, bot: Bot, params: Params) -> Body:
        default = bot.first_name if field == "name" else ""
        plain = bot.texts.get((field, ""), default)
        return {field: bot.texts.get((field, params.text("language_code")), plain)}

    return get_text


def set_chat_menu_button(state: State, bot: Bot, params: Params) -> bool:
    chat = known_chat(state, bot, params).id if params.has("chat_id") else 0
    bot.menu_buttons[chat] = params.structure("menu_button") or {"type": "default"}
    return True


def get_chat_menu_button(state: State, bot: Bot, params: Params) -> Body:
    return bot.menu_buttons.get(params.integer("chat_id") or 0, {"type": "commands"})


def set_webhook(state: State, bot: Bot, params: Params) -> bool:
    """Also takes plain http addresses, which the real server refuses: tests run on this machine."""
    url = params.text("url")
    if url and not url.startswith(("https://", "http://")):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    secret = params.text("secret_token")
    if secret and not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    hook = bot.webhook
    hook.url, hook.secret_token = url, secret if url else ""
    hook.max_connections = min(max(params.integer("max_connections") or 40, 1), 100)
    remember_allowed(bot, params)
    if params.flag("drop_pending_updates"):
        bot.queue.pending.clear()
    hook.changed()
    return True


def delete_webhook(state: State, bot: Bot, params: Params) -> bool:
    return set_webhook(state, bot, Params({"drop_pending_updates": params.flag("drop_pending_updates")}, {}))


def remember_allowed(bot: Bot, params: Params) -> None:
    """`allowed_updates` stays as it was when absent; an empty list restores the default."""
    if params.values.get("allowed_updates") is not None:
        kinds = params.structure("allowed_updates") or []
        bot.queue.allowed = frozenset(kinds) or None


def get_webhook_info(state: State, bot: Bot, params: Params) -> Body:
    hook = bot.webhook
    body: Body = {
        "url": hook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(bot.queue.pending),
    }
    if hook.url:
        body |= {"max_connections": hook.max_connections, "ip_address": "127.0.0.1"}
    if hook.last_error_date:
        body |= {"last_error_date": hook.last_error_date, "last_error_message": hook.last_error_message}
    if bot.queue.allowed is not None:
        body["allowed_updates"] = sorted(bot.queue.allowed)
    return body


METHODS: dict[str, Callable[[State, Bot, Params], object]] = {
    "getme": get_me,
    "logout": say_yes,
    "close": say_yes,
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "deletemycommands": delete_my_commands,
    "setmydescription": _text_setter("description", 512),
    "setmyshortdescription": _text_setter("short_description", 120),
    "setmyname": _text_setter("name", 64),
    "getmydescription": _text_getter("description"),
    "getmyshortdescription": _text_getter("short_description"),
    "getmyname": _text_getter("name"),
    "setchatmenubutton": set_chat_menu_button,
    "getchatmenubutton": get_chat_menu_button,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
}
