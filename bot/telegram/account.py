"""A bot's own account: its token, its list of commands, its webhook.

A server may lack a seldom method or be away for a while. Neither ends the service; only a refused token does, and that
of one operator's own bot must not end it for the others.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Mapping
from http import HTTPStatus

import structlog

from bot.domain.account import SHARED, Account, Accounts
from bot.settings import Settings, SettingsError, TelegramMode
from bot.telegram.api import Api, ApiRefused, ApiSilent, Json
from bot.telegram.incoming import ALLOWED_UPDATES
from bot.views.command_lists import DRIVERS, described
from bot.views.i18n import Texts

log = structlog.get_logger()
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0


class TokenRefused(SettingsError):
    """Telegram knows no bot of that token; the text names the setting and, of an own bot, its operator."""

    def __init__(self, account: Account, settings: Settings) -> None:
        whose = account.operator_id
        setting = "BOT_TOKEN" if whose is None else f"BOT_TOKENS: the token of {whose}"
        super().__init__(f"{setting} is refused by {settings.telegram_api_url}: copy it anew from @BotFather")
        self.account = account


async def check_token(api: Api, account: Account, settings: Settings) -> str | None:
    """What the bot is called; TokenRefused where Telegram knows no such bot.

    A Telegram that does not answer says nothing of the token: None.
    """
    try:
        return _username(await api.call("getMe", {}))
    except ApiRefused as error:
        # A token without the form of one is answered with 404.
        if error.code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND}:
            raise TokenRefused(account, settings) from error
        log.warning("token_not_checked", bot=account.channel, reason=str(error))
    except ApiSilent as error:
        log.warning(
            "token_not_checked",
            bot=account.channel,
            reason=str(error),
            hint="Telegram does not answer; it is asked again",
        )
    return None


async def introduce(api: Api, account: Account, accounts: Accounts, texts: Texts, settings: Settings) -> None:
    """Sets the webhook where updates come by it, and the commands in every language; may take its time.

    TokenRefused where asking again is of no use.
    """
    insisting = _Insisting(api, account, settings)
    if settings.telegram_mode is TelegramMode.WEBHOOK:
        await insisting.call("setWebhook", _webhook(account, settings))
    if account not in accounts.usernames:
        username = _username(await insisting.call("getMe", {}))
        if username is not None:
            accounts.usernames[account] = username
    for code in (None, *texts.languages()):
        t = texts.to(code)
        await insisting.call("setMyCommands", {"commands": described(DRIVERS, t), "language_code": code})


def webhook_path(account: Account) -> str:
    """Where the updates of a bot come in."""
    return "/telegram" if account.operator_id is None else f"/telegram/{account.operator_id}"


def webhook_secret(account: Account, settings: Settings) -> str:
    """What Telegram shows with every update of a bot. That of one bot opens no other's door."""
    if account == SHARED:
        return settings.webhook_secret
    return hmac.new(settings.webhook_secret.encode(), account.channel.encode(), hashlib.sha256).hexdigest()


def _webhook(account: Account, settings: Settings) -> Mapping[str, object]:
    return {
        "url": f"{settings.public_url}{webhook_path(account)}",
        "secret_token": webhook_secret(account, settings),
        "allowed_updates": ALLOWED_UPDATES,
        "max_connections": 100,
    }


def _username(me: Json) -> str | None:
    return str(me["username"]) if isinstance(me, dict) and me.get("username") else None


class _Insisting:
    """Calls until it is done. Without the webhook nothing comes in; all else is given up when it is refused."""

    def __init__(self, api: Api, account: Account, settings: Settings) -> None:
        self._api = api
        self._account = account
        self._settings = settings
        self._log = log.bind(bot=account.channel)

    async def call(self, method: str, params: Mapping[str, object]) -> Json:
        pause = FIRST_PAUSE
        while True:
            try:
                return await self._api.call(method, params)
            except ApiRefused as error:
                if error.code == HTTPStatus.UNAUTHORIZED:
                    raise TokenRefused(self._account, self._settings) from error
                self._log.error("telegram_refused", method=method, reason=str(error))
                if method != "setWebhook" and "retry_after" not in error.parameters:
                    return None
                pause = max(pause, float(error.parameters.get("retry_after", 0)))
            except ApiSilent as error:
                self._log.warning("telegram_silent", method=method, reason=str(error))
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
