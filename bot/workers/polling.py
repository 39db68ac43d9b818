"""Long polling. The next call acknowledges what the one before brought, so that is kept first."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import structlog

from bot.domain.account import SHARED, Account
from bot.telegram.api import Api, ApiRefused, ApiSilent
from bot.telegram.incoming import ALLOWED_UPDATES, Raw

log = structlog.get_logger()
WAIT_SECONDS = 50
MOST = 100
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
EARLY = 0.2
"""A server that is done with waiting sooner than this, and has nothing, does not wait at all."""


class TokenRefused(Exception):
    """Telegram does not accept the token any more."""


async def poll(api: Api, receive: Callable[[list[Raw]], Awaitable[None]], account: Account = SHARED) -> None:
    """Fetches a bot's updates until it is cancelled; a failing Telegram is asked again with growing pauses.

    TokenRefused where asking again is of no use. Of the account only the logs speak.
    """
    bot = account.channel
    offset = 0
    pause = FIRST_PAUSE
    free = False
    while True:
        try:
            free = free or await _webhook_removed(api)
            offset = await _turn(api, receive, offset)
        except ApiRefused as error:
            if error.code == HTTPStatus.UNAUTHORIZED:
                raise TokenRefused from error
            if error.code == HTTPStatus.CONFLICT:
                hint = "another process polls with this token, or a webhook is set"
                log.error("polling_conflict", bot=bot, hint=hint)
                free = False
            else:
                log.warning("polling_refused", bot=bot, code=error.code, reason=str(error))
            await asyncio.sleep(max(pause, float(error.parameters.get("retry_after", 0))))
        except ApiSilent as error:
            log.warning("polling_failed", bot=bot, reason=str(error))
            await asyncio.sleep(pause)
        except Exception:  # A database that is away for a moment: what could not be kept is asked for again.
            log.exception("updates_not_kept", bot=bot)
            await asyncio.sleep(pause)
        else:
            pause = FIRST_PAUSE
            continue
        pause = min(pause * 2, LONGEST_PAUSE)


async def _webhook_removed(api: Api) -> bool:
    """Updates are not given out while a webhook is set. A server without webhooks may refuse to remove one."""
    try:
        await api.call("deleteWebhook", {})
    except ApiRefused as error:
        if error.code == HTTPStatus.UNAUTHORIZED or "retry_after" in error.parameters:
            raise
        log.warning("webhook_not_removed", reason=str(error))
    return True


async def _turn(api: Api, receive: Callable[[list[Raw]], Awaitable[None]], offset: int) -> int:
    asked = {"offset": offset, "timeout": WAIT_SECONDS, "limit": MOST, "allowed_updates": ALLOWED_UPDATES}
    loop = asyncio.get_running_loop()
    began = loop.time()
    updates = _list(await api.call("getUpdates", asked, wait=WAIT_SECONDS))
    if updates:
        await receive(updates)
        return int(updates[-1]["update_id"]) + 1
    if loop.time() - began < EARLY:
        await asyncio.sleep(FIRST_PAUSE)
    return offset


def _list(found: Any) -> list[Raw]:  # Any: it is what a server answered.
    if not isinstance(found, list):
        raise ApiSilent("getUpdates gave no list")
    return found
