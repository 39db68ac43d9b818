"""Delivering updates to a bot's webhook."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import aiohttp
import orjson

from .params import Params
from .state import Bot, State
from .updates import Update

Runner = Callable[[Bot, str, Params], Awaitable[object]]
"""Carries out a method call that came in a webhook's reply; refusals are swallowed, as Telegram does."""

_SUCCESS = 2
_TIMEOUT = aiohttp.ClientTimeout(total=60)


class Deliverer:
    """Delivers one bot's updates: in order within a chat, up to `max_connections` chats side by side.

    With max_connections=1 the order holds for the whole bot. An update is repeated, with pauses that grow
    from `first_pause` to `longest_pause` seconds, until the webhook answers 2xx; later ones of its chat wait.
    """

    def __init__(
        self, state: State, bot: Bot, run: Runner, *, first_pause: float, longest_pause: float
    ) -> None:
        self._state = state
        self._bot = bot
        self._run = run
        self._pauses = (first_pause, longest_pause)
        self._lanes: dict[int, deque[Update]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(1)
        self._session: aiohttp.ClientSession | None = None

    def start(self) -> None:
        """Watches the bot from now on; needs a running loop."""
        self._bot.webhook.changed = self.changed
        self._bot.queue.listeners.append(self._enqueue)
        self.changed()

    def changed(self) -> None:
        """Starts afresh with whatever is pending, at the address that holds now."""
        for task in self._tasks:
            task.cancel()
        self._lanes.clear()
        self._slots = asyncio.Semaphore(self._bot.webhook.max_connections)
        for update in self._bot.queue.first(len(self._bot.queue.pending)):
            self._enqueue(update)

    async def stop(self) -> None:
        self._bot.queue.listeners.remove(self._enqueue)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def _enqueue(self, update: Update) -> None:
        if not self._bot.webhook.url:
            return
        # With a single connection everything shares one lane, so that the order is that of arrival.
        key = update.lane if self._bot.webhook.max_connections > 1 else 0
        lane = self._lanes.get(key)
        if lane is not None:
            lane.append(update)
            return
        self._lanes[key] = lane = deque([update])
        task = asyncio.get_running_loop().create_task(self._drain(key, lane))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self, key: int, lane: deque[Update]) -> None:
        while lane:
            update = lane[0]
            for _ in range(update.copies):
                async with self._slots:
                    await self._deliver(update)
                self._bot.queue.done(update)
            lane.popleft()
        self._lanes.pop(key, None)

    async def _deliver(self, update: Update) -> None:
        pause, longest = self._pauses
        while (failure := await self._attempt(update)) is not None:
            hook = self._bot.webhook
            hook.last_error_date, hook.last_error_message = self._state.now(), failure
            await asyncio.sleep(pause)
            pause = min(pause * 2, longest)

    async def _attempt(self, update: Update) -> str | None:
        """None when the webhook took the update, else what went wrong, in Telegram's words."""
        hook = self._bot.webhook
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        headers = {"Content-Type": "application/json"}
        if hook.secret_token:
            headers["X-Telegram-Bot-Api-Secret-Token"] = hook.secret_token
        try:
            async with self._session.post(hook.url, data=update.data, headers=headers) as response:
                reply = await response.read()
        except TimeoutError:
            return "Read timeout expired"
        except aiohttp.ClientConnectorError:
            return "Connection refused"
        except aiohttp.ClientError:
            return "Connection reset by peer"
        if response.status // 100 != _SUCCESS:
            return f"Wrong response from the webhook: {response.status} {response.reason}"
        await self._obey(reply)
        return None

    async def _obey(self, reply: bytes) -> None:
        if not reply.startswith(b"{"):
            return
        try:
            call = orjson.loads(reply)
        except orjson.JSONDecodeError:
            return
        if isinstance(method := call.pop("method", None), str):
            await self._run(self._bot, method.lower(), Params(call, {}))
