"""getUpdates: long polling with acknowledgement."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson

from .errors import conflict
from .methods_bot import remember_allowed
from .params import Params
from .state import Bot
from .updates import Update

_WEBHOOK_ACTIVE = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
_OTHER_REQUEST = "terminated by other getUpdates request; make sure that only one bot instance is running"
_LONGEST = 50
"""Seconds that Telegram waits at most."""


class Polling:
    """The waiting getUpdates of each bot: at most one, for a newer request ends the older."""

    def __init__(self) -> None:
        self._waiting: dict[int, asyncio.Future[bool]] = {}

    async def get_updates(self, bot: Bot, params: Params) -> list[orjson.Fragment]:
        """Updates from `offset` on; waits up to `timeout` seconds for the first. 409 on a conflict."""
        if bot.webhook.url:
            raise conflict(_WEBHOOK_ACTIVE)
        self._end_other(bot)
        remember_allowed(bot, params)
        if (offset := params.integer("offset")) is not None:
            bot.queue.confirm(offset)
        limit = min(max(params.integer("limit") or 100, 1), 100)
        timeout = min(max(params.integer("timeout") or 0, 0), _LONGEST)
        if not bot.queue.pending and timeout:
            async with self._turn(bot) as arrival:
                await asyncio.wait([arrival], timeout=timeout)
                if arrival.done() and not arrival.result():
                    raise conflict(_what_ended_it(bot))
        return [orjson.Fragment(update.data) for update in bot.queue.first(limit)]

    @asynccontextmanager
    async def _turn(self, bot: Bot) -> AsyncIterator["asyncio.Future[bool]"]:
        """A future that is true at the first update and false when another request takes over."""
        arrival: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def arrived(update: Update) -> None:
            if not arrival.done():
                arrival.set_result(True)

        bot.queue.listeners.append(arrived)
        self._waiting[bot.id] = arrival
        try:
            yield arrival
        finally:
            bot.queue.listeners.remove(arrived)
            if self._waiting.get(bot.id) is arrival:
                del self._waiting[bot.id]

    def _end_other(self, bot: Bot) -> None:
        other = self._waiting.pop(bot.id, None)
        if other is not None and not other.done():
            other.set_result(False)

    def end(self, bot: Bot) -> None:
        """Ends the waiting request of a bot that has just set a webhook."""
        self._end_other(bot)

    def close(self) -> None:
        """Ends all that wait, without updates: a server that stops would wait for them in vain."""
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result(True)


def _what_ended_it(bot: Bot) -> str:
    """A webhook may have been set while the request waited."""
    return _WEBHOOK_ACTIVE if bot.webhook.url else _OTHER_REQUEST
