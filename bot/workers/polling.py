"""Long polling. The next call acknowledges what the one before brought, so that is kept first."""

import asyncio
from typing import Any
from urllib.parse import urlencode

import orjson
import structlog
from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.telegram.incoming import ALLOWED_UPDATES
from bot.workers.inbox import InboxWorker

log = structlog.get_logger()
WAIT_SECONDS = 50
MOST = 100
LONGEST_PAUSE = 30.0
_ALLOWED = orjson.dumps(ALLOWED_UPDATES).decode()


async def poll(bot: Bot, inbox: InboxWorker) -> None:
    """Fetches updates until it is cancelled; a failing Telegram is asked again with growing pauses."""
    offset = 0
    pause = 1.0
    await bot.delete_webhook()
    while True:
        try:
            updates = await _fetch(bot, offset)
        except InvalidToken:
            raise
        except Conflict:
            log.error("polling_conflict", hint="another process polls with this token, or a webhook is set")
        except RetryAfter as error:
            wait = error.retry_after
            await asyncio.sleep(float(wait) if isinstance(wait, int | float) else wait.total_seconds())
            continue
        except TelegramError as error:
            log.warning("polling_failed", reason=type(error).__name__)
        else:
            pause = 1.0
            if updates:
                await inbox.receive(updates)
                offset = updates[-1]["update_id"] + 1
            continue
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


async def _fetch(bot: Bot, offset: int) -> list[dict[str, Any]]:  # Any: updates are JSON of many shapes.
    # Bot.get_updates would parse them, but the inbox keeps what Telegram really sent.
    asked = {"offset": offset, "timeout": WAIT_SECONDS, "limit": MOST, "allowed_updates": _ALLOWED}
    url = f"{bot.base_url}/getUpdates?{urlencode(asked)}"
    found = await bot.request.post(url, read_timeout=WAIT_SECONDS + 10)
    if not isinstance(found, list):
        raise TelegramError("getUpdates gave no list")
    return found
