"""Sending: within the budgets, tried again where that can help, and its failures told in our words.

What is tried again, by policy: a 429 always, after the pause that Telegram asks for; a time-out or a 5xx some times,
because losing a message is worse than sending it twice. What the recipient or the content forbids is never repeated.
"""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus

import structlog
from telegram import Bot
from telegram.error import TelegramError

from bot.domain.outgoing import Priority
from bot.domain.people import Address
from bot.telegram.api import Api, ApiRefused, ApiSilent, Json
from bot.telegram.budgets import Budgets
from bot.telegram.errors import (
    ChatMoved,
    MessageGone,
    Refused,
    SendError,
    TopicGone,
    Undelivered,
    Unreachable,
)
from bot.views.callbacks import pack
from bot.views.notices import plain
from bot.views.screen import Button, Keyboard, Screen

log = structlog.get_logger()
Params = Mapping[str, object]
TRIES = 4
FIRST_PAUSE = 0.5
LONGEST_TEXT = 4096
_NO_PREVIEW = {"is_disabled": True}
_TOPIC_GONE = ("message thread not found", "topic_deleted", "topic_id_invalid")
_MESSAGE_GONE = (
    "message to edit not found",
    "message can't be edited",
    "message to copy not found",
    "message_id_invalid",
)
_UNREACHABLE = ("chat not found", "user is deactivated", "peer_id_invalid")


class Sender:
    """Everything that leaves for Telegram goes through here."""

    def __init__(self, bot: Bot, api: Api, budgets: Budgets) -> None:
        self.api = api
        self._bot = bot
        self._budgets = budgets

    async def send(self, to: Address, screen: Screen, priority: Priority = Priority.DRIVER) -> int:
        """Sends a new message; returns its number."""
        params = {"chat_id": to.chat, "message_thread_id": to.topic, **_shown(screen)}
        made = await self._with_markup("sendMessage", to, params, priority)
        return int(made["message_id"])

    async def edit(
        self, to: Address, message: int, screen: Screen, priority: Priority = Priority.DRIVER
    ) -> None:
        """Replaces a message; one that is the same already is fine."""
        params = {"chat_id": to.chat, "message_id": message, **_shown(screen)}
        try:
            await self._with_markup("editMessageText", to, params, priority)
        except Refused as error:
            if "message is not modified" not in str(error).lower():
                raise

    async def copy(self, to: Address, source: Address, message: int, priority: Priority) -> int:
        """Copies a message of any kind; returns the copy's number."""
        params = {
            "chat_id": to.chat,
            "message_thread_id": to.topic,
            "from_chat_id": source.chat,
            "message_id": message,
        }
        made = await self._call("copyMessage", to.chat, params, priority)
        return int(made["message_id"])

    async def toast(self, callback_id: str, text: str | None = None, *, alert: bool = False) -> None:
        """Answers a tap; one that is too old to be answered needs no answer any more."""
        params = {"callback_query_id": callback_id, "text": text, "show_alert": alert or None}
        try:
            await self._retried("answerCallbackQuery", params)
        except SendError as error:
            log.info("tap_not_answered", reason=type(error).__name__)

    async def open_topic(self, chat: int, name: str) -> int:
        """Opens a topic in a group; returns its number."""
        params = {"chat_id": chat, "name": name}
        return int(
            (await self._call("createForumTopic", chat, params, Priority.ESCALATION))["message_thread_id"]
        )

    async def close_topic(self, topic: Address) -> None:
        """Closes a topic: it can be read and opened again."""
        params = {"chat_id": topic.chat, "message_thread_id": topic.topic}
        await self._call("closeForumTopic", topic.chat, params, Priority.COSMETIC)

    async def download(self, file_id: str) -> bytes:
        """A file that somebody sent, at most 20 MB; Undelivered where Telegram does not give it."""
        try:
            file = await self._bot.get_file(file_id)
            return bytes(await file.download_as_bytearray())
        except TelegramError as error:
            raise Undelivered(type(error).__name__) from error

    async def _with_markup(self, method: str, to: Address, params: Params, priority: Priority) -> Json:
        try:
            return await self._call(method, to.chat, params, priority)
        except _BadMarkup:
            log.warning("markup_refused", chat=to.chat)
            text = plain(str(params["text"]))[:LONGEST_TEXT]
            return await self._call(method, to.chat, {**params, "text": text, "parse_mode": None}, priority)

    async def _call(self, method: str, chat: int, params: Params, priority: Priority) -> Json:
        await self._budgets.wait(chat, priority)
        return await self._retried(method, params, chat, priority)

    async def _retried(
        self, method: str, params: Params, chat: int = 0, priority: Priority = Priority.DRIVER
    ) -> Json:
        pause = FIRST_PAUSE
        tries = 0
        while True:
            try:
                return await self.api.call(method, params)
            except ApiRefused as error:
                seconds = float(error.parameters.get("retry_after", 0))
                if not seconds:
                    raise _translated(error) from error
                log.info("asked_to_wait", chat=chat, seconds=seconds)
                self._budgets.pause(chat, seconds)
                await asyncio.sleep(seconds)
                await self._budgets.wait(chat, priority)
            except ApiSilent as error:
                tries += 1
                if tries == TRIES:
                    raise Undelivered(str(error)) from error
                await asyncio.sleep(pause)
                pause *= 2


class _BadMarkup(SendError):
    """Telegram could not read our HTML."""


def _translated(error: ApiRefused) -> SendError:
    text = str(error).lower()
    if "migrate_to_chat_id" in error.parameters:
        return ChatMoved(error.parameters["migrate_to_chat_id"])
    if error.code == HTTPStatus.FORBIDDEN or any(each in text for each in _UNREACHABLE):
        return Unreachable(str(error))
    if error.code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND}:
        # The token was changed or the server's address is wrong: that can be mended, and nothing is given up for it.
        return Undelivered(str(error))
    if any(each in text for each in _TOPIC_GONE):
        return TopicGone(str(error))
    if any(each in text for each in _MESSAGE_GONE):
        return MessageGone(str(error))
    if "can't parse entities" in text:
        return _BadMarkup(str(error))
    return Refused(str(error))


def _shown(screen: Screen) -> Params:
    return {
        "text": screen.text,
        "parse_mode": "HTML",
        "reply_markup": markup(screen.keyboard),
        "link_preview_options": _NO_PREVIEW,
    }


def markup(keyboard: Keyboard) -> Params | None:
    """The buttons as Telegram wants them."""
    if not keyboard:
        return None
    return {"inline_keyboard": [[_button(button) for button in line] for line in keyboard]}


def _button(button: Button) -> Params:
    if button.does is not None:
        return {"text": button.label, "callback_data": pack(button.does)}
    return {"text": button.label, "url": button.url}
