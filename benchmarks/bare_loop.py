"""The limit: a loop without any framework and without any memory that outlives it."""

import asyncio
import os
from collections import deque
from typing import Any

import aiohttp
import orjson
import uvloop

from benchmarks.plan import PERSON, STATIONS, SYMPTOM, SYMPTOM_DATA, TOKEN, station_of

Json = dict[str, Any]


class Loop:
    """Long polling; updates of one chat in order, chats side by side."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._api = f"{os.environ['TELEGRAM_API_URL']}/bot{TOKEN}"
        self._stations = os.environ[STATIONS]
        self._hotline = int(os.environ["BENCH_HOTLINE"])
        self._chats: dict[int, deque[Json]] = {}
        self._open: dict[int, tuple[str, int]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def call(self, method: str, **params: object) -> Any:
        headers = {"Content-Type": "application/json"}
        async with self._session.post(
            f"{self._api}/{method}", data=orjson.dumps(params), headers=headers
        ) as response:
            return orjson.loads(await response.read())["result"]

    async def run(self) -> None:
        offset = 0
        while True:
            for update in await self.call("getUpdates", offset=offset, timeout=30):
                offset = update["update_id"] + 1
                self._enqueue(update)

    def _enqueue(self, update: Json) -> None:
        sender = (update.get("message") or update.get("callback_query") or {}).get("from", {})
        chat = sender.get("id", 0)
        queue = self._chats.get(chat)
        if queue is not None:
            queue.append(update)
            return
        self._chats[chat] = deque([update])
        task = asyncio.create_task(self._drain(chat))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self, chat: int) -> None:
        queue = self._chats[chat]
        while queue:
            await self._handle(chat, queue.popleft())
        del self._chats[chat]

    async def _handle(self, chat: int, update: Json) -> None:
        if "callback_query" in update:
            return await self._diagnose(chat, update["callback_query"])
        message = update.get("message") or {}
        text = message.get("text", "")
        if text.startswith("/start "):
            name = text.removeprefix("/start ").replace("_", "*")
            self._open[chat] = (name, 0)
            buttons = [[{"text": SYMPTOM, "callback_data": SYMPTOM_DATA}]]
            await self.call(
                "sendMessage",
                chat_id=chat,
                text=f"<b>{name}</b>: what is wrong?",
                parse_mode="HTML",
                reply_markup={"inline_keyboard": buttons},
            )
        elif text == "/agent":
            await self._escalate(chat)
        elif text and chat in self._open:
            await self.call(
                "copyMessage",
                chat_id=self._hotline,
                from_chat_id=chat,
                message_id=message["message_id"],
                message_thread_id=self._open[chat][1],
            )

    async def _diagnose(self, chat: int, query: Json) -> None:
        name, _ = self._open[chat]
        where = {"chat_id": chat, "message_id": query["message"]["message_id"], "parse_mode": "HTML"}
        await self.call("answerCallbackQuery", callback_query_id=query["id"])
        await self.call("editMessageText", **where, text=f"<b>{name}</b>: looking …")
        station, connector = station_of(int(name[-4:]))
        async with self._session.get(f"{self._stations}/station/{station}/{connector}") as response:
            status = orjson.loads(await response.read())["status"]
        buttons = [[{"text": PERSON, "callback_data": "p|person"}]]
        await self.call(
            "editMessageText",
            **where,
            text=f"<b>{name}</b>: {status}",
            reply_markup={"inline_keyboard": buttons},
        )

    async def _escalate(self, chat: int) -> None:
        name, _ = self._open[chat]
        await self.call("sendMessage", chat_id=chat, text="A person has been called.")
        topic = await self.call("createForumTopic", chat_id=self._hotline, name=name)
        thread = topic["message_thread_id"]
        self._open[chat] = (name, thread)
        await self.call(
            "sendMessage", chat_id=self._hotline, message_thread_id=thread, text=f"Case on {name}"
        )


async def main() -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await Loop(session).run()


if __name__ == "__main__":
    uvloop.run(main())
