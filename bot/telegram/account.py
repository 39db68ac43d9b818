"""The bot's own account: its token, its list of commands, its webhook.

A server may lack a seldom method or be away for a while. Neither ends the service; only a refused token does.
"""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus

import structlog

from bot.settings import Settings, SettingsError, TelegramMode
from bot.telegram.api import Api, ApiRefused, ApiSilent
from bot.telegram.incoming import ALLOWED_UPDATES
from bot.views.i18n import Texts

log = structlog.get_logger()
COMMANDS = ("start", "agent", "cancel", "language", "help")
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0


def token_refused(settings: Settings) -> SettingsError:
    """What to say where Telegram does not accept the token."""
    return SettingsError(f"BOT_TOKEN is refused by {settings.telegram_api_url}: copy it anew from @BotFather")


async def check_token(api: Api, settings: Settings) -> None:
    """SettingsError where Telegram knows no such bot; a Telegram that does not answer says nothing of it."""
    try:
        await api.call("getMe", {})
    except ApiRefused as error:
        # A token without the form of one is answered with 404.
        if error.code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND}:
            raise token_refused(settings) from error
        log.warning("token_not_checked", reason=str(error))
    except ApiSilent as error:
        log.warning(
            "token_not_checked", reason=str(error), hint="Telegram does not answer; it is asked again"
        )


async def introduce(api: Api, settings: Settings, texts: Texts) -> None:
    """Sets the webhook where updates come by it, and the commands in every language; may take its time."""
    if settings.telegram_mode is TelegramMode.WEBHOOK:
        await _insist(api, settings, "setWebhook", _webhook(settings))
    for code in (None, *texts.languages()):
        t = texts.to(code)
        commands = [{"command": name, "description": t(f"command_list.{name}")} for name in COMMANDS]
        await _insist(api, settings, "setMyCommands", {"commands": commands, "language_code": code})


def _webhook(settings: Settings) -> Mapping[str, object]:
    return {
        "url": f"{settings.public_url}/telegram",
        "secret_token": settings.webhook_secret,
        "allowed_updates": ALLOWED_UPDATES,
        "max_connections": 100,
    }


async def _insist(api: Api, settings: Settings, method: str, params: Mapping[str, object]) -> None:
    """Calls until it is done. Without the webhook nothing comes in; all else is given up when it is refused."""
    pause = FIRST_PAUSE
    while True:
        try:
            await api.call(method, params)
        except ApiRefused as error:
            if error.code == HTTPStatus.UNAUTHORIZED:
                raise token_refused(settings) from error
            log.error("telegram_refused", method=method, reason=str(error))
            if method != "setWebhook" and "retry_after" not in error.parameters:
                return
            pause = max(pause, float(error.parameters.get("retry_after", 0)))
        except ApiSilent as error:
            log.warning("telegram_silent", method=method, reason=str(error))
        else:
            return
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
