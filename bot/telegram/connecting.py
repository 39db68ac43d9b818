"""From the settings to the bots that they name, and what becomes of one whose token is refused."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import structlog
from telegram import Bot

from bot.domain.account import SHARED, Account, Accounts, same_number
from bot.settings import SendBudgets, Settings, SettingsError, require_tokens
from bot.telegram.account import TokenRefused, check_token
from bot.telegram.api import Api
from bot.telegram.budgets import Budgets, NoBudgets, TelegramBudgets
from bot.telegram.request import AiohttpRequest
from bot.telegram.sender import Sender

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Connected:
    """A bot with its way to Telegram."""

    account: Account
    api: Api
    sender: Sender


def accounts_of(settings: Settings) -> Accounts:
    """The bots that the settings name; SettingsError where there is none, or two that cannot run together."""
    tokens = require_tokens(settings)
    own = frozenset(operator_id for operator_id in tokens if operator_id)
    if clash := same_number(sorted(own)):
        one, other = clash
        raise SettingsError(
            f"BOT_TOKENS: {one} and {other} cannot run in one instance: give one of them another id"
        )
    return Accounts(own, "" in tokens)


def make_bot(settings: Settings, account: Account, request: AiohttpRequest) -> Bot:
    """The Bot API client of an account; not initialised yet."""
    return Bot(
        require_tokens(settings)[account.operator_id or ""],
        base_url=f"{settings.telegram_api_url}/bot",
        base_file_url=f"{settings.telegram_api_url}/file/bot",
        request=request,
        get_updates_request=AiohttpRequest(),
    )


def connected(settings: Settings, account: Account, request: AiohttpRequest) -> Connected:
    """A bot that is ready to send, with budgets of its own; Telegram is not asked yet."""
    bot = make_bot(settings, account, request)
    api = Api(request, bot.base_url)
    return Connected(account, api, Sender(bot, api, _budgets(settings)))


async def checked(settings: Settings, accounts: Accounts, bots: Sequence[Connected]) -> None:
    """Learns what the bots are called; TokenRefused where nobody could be served, or the shared bot's is wrong.

    A token that one operator has revoked must not keep the others from a start.
    """
    asked = (check_token(bot.api, bot.account, settings) for bot in bots)
    answers = await asyncio.gather(*asked, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, TokenRefused)]
    for bot, answer in zip(bots, answers, strict=True):
        if isinstance(answer, str):
            accounts.usernames[bot.account] = answer
        elif isinstance(answer, TokenRefused):
            if bot.account == SHARED or len(refused) == len(bots):
                raise answer
            log.error("token_refused", bot=bot.account.channel, reason=str(answer))
        elif answer is not None:
            raise answer


@contextlib.asynccontextmanager
async def own_token_may_fail(bot: Connected) -> AsyncIterator[None]:
    """A token of the shared bot that is refused ends the service; that of an own bot is the operator's affair."""
    try:
        yield
    except TokenRefused as error:
        if bot.account == SHARED:
            raise
        log.error("token_refused", bot=bot.account.channel, reason=str(error))


def _budgets(settings: Settings) -> Budgets:
    if settings.send_budgets is SendBudgets.NONE:
        return NoBudgets()
    return TelegramBudgets(asyncio.get_running_loop().time)
