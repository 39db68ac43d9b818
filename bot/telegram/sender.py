"""Sending: within the budgets, tried again where that can help, and its failures told in our words.

What is tried again, by policy: a 429 always, after the pause that Telegram asks for; a time-out or a 5xx some times,
because losing a message is worse than sending it twice. What the recipient or the content forbids is never repeated.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.domain.outgoing import Priority
from bot.domain.people import Address
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
T = TypeVar("T")
TRIES = 4
FIRST_PAUSE = 0.5
LONGEST_TEXT = 4096
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
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

    def __init__(self, bot: Bot, budgets: Budgets) -> None:
        self.bot = bot
        self._budgets = budgets

    async def send(self, to: Address, screen: Screen, priority: Priority = Priority.DRIVER) -> int:
        """Sends a new message; returns its number."""
        keyboard = markup(screen.keyboard)

        async def attempt(text: str, mode: str | None) -> int:
            message = await self.bot.send_message(
                to.chat,
                text,
                parse_mode=mode,
                message_thread_id=to.topic,
                reply_markup=keyboard,
                link_preview_options=_NO_PREVIEW,
            )
            return message.message_id

        return await self._with_markup(to, priority, screen.text, attempt)

    async def edit(
        self, to: Address, message: int, screen: Screen, priority: Priority = Priority.DRIVER
    ) -> None:
        """Replaces a message; one that is the same already is fine."""
        keyboard = markup(screen.keyboard)

        async def attempt(text: str, mode: str | None) -> None:
            await self.bot.edit_message_text(
                text,
                chat_id=to.chat,
                message_id=message,
                parse_mode=mode,
                reply_markup=keyboard,
                link_preview_options=_NO_PREVIEW,
            )

        try:
            await self._with_markup(to, priority, screen.text, attempt)
        except Refused as error:
            if "message is not modified" not in str(error).lower():
                raise

    async def copy(self, to: Address, source: Address, message: int, priority: Priority) -> int:
        """Copies a message of any kind; returns the copy's number."""

        async def attempt() -> int:
            made = await self.bot.copy_message(to.chat, source.chat, message, message_thread_id=to.topic)
            return made.message_id

        return await self._call(to.chat, priority, attempt)

    async def toast(self, callback_id: str, text: str | None = None, *, alert: bool = False) -> None:
        """Answers a tap; one that is too old to be answered needs no answer any more."""
        try:
            await self._retried(
                lambda: self.bot.answer_callback_query(callback_id, text=text, show_alert=alert)
            )
        except SendError as error:
            log.info("tap_not_answered", reason=type(error).__name__)

    async def open_topic(self, chat: int, name: str) -> int:
        """Opens a topic in a group; returns its number."""

        async def attempt() -> int:
            return (await self.bot.create_forum_topic(chat, name)).message_thread_id

        return await self._call(chat, Priority.ESCALATION, attempt)

    async def close_topic(self, topic: Address) -> None:
        """Closes a topic: it can be read and opened again."""
        if topic.topic is not None:
            number = topic.topic
            await self._call(
                topic.chat, Priority.COSMETIC, lambda: self.bot.close_forum_topic(topic.chat, number)
            )

    async def download(self, file_id: str) -> bytes:
        """A file that somebody sent, at most 20 MB."""

        async def attempt() -> bytes:
            file = await self.bot.get_file(file_id)
            return bytes(await file.download_as_bytearray())

        return await self._retried(attempt)

    async def _with_markup(
        self,
        to: Address,
        priority: Priority,
        text: str,
        attempt: Callable[[str, str | None], Awaitable[T]],
    ) -> T:
        try:
            return await self._call(to.chat, priority, lambda: attempt(text, "HTML"))
        except _BadMarkup:
            log.warning("markup_refused", chat=to.chat)
            return await self._call(to.chat, priority, lambda: attempt(plain(text)[:LONGEST_TEXT], None))

    async def _call(self, chat: int, priority: Priority, attempt: Callable[[], Awaitable[T]]) -> T:
        async def within_budget() -> T:
            await self._budgets.wait(chat, priority)
            return await attempt()

        return await self._retried(within_budget, chat)

    async def _retried(self, attempt: Callable[[], Awaitable[T]], chat: int = 0) -> T:
        pause = FIRST_PAUSE
        tries = 0
        while True:
            try:
                return await attempt()
            except RetryAfter as error:
                seconds = _seconds(error)
                log.info("asked_to_wait", chat=chat, seconds=seconds)
                self._budgets.pause(chat, seconds)
                await asyncio.sleep(seconds)
            except (BadRequest, Forbidden, ChatMigrated, InvalidToken) as error:
                raise _translated(error) from error
            except (NetworkError, TelegramError) as error:
                tries += 1
                if tries == TRIES:
                    raise Undelivered(type(error).__name__) from error
                await asyncio.sleep(pause)
                pause *= 2


class _BadMarkup(SendError):
    """Telegram could not read our HTML."""


def _seconds(error: RetryAfter) -> float:
    wait = error.retry_after
    return float(wait) if isinstance(wait, int | float) else wait.total_seconds()


def _translated(error: TelegramError) -> SendError:
    text = str(error).lower()
    if isinstance(error, ChatMigrated):
        return ChatMoved(error.new_chat_id)
    if isinstance(error, Forbidden) or any(each in text for each in _UNREACHABLE):
        return Unreachable(str(error))
    if any(each in text for each in _TOPIC_GONE):
        return TopicGone(str(error))
    if any(each in text for each in _MESSAGE_GONE):
        return MessageGone(str(error))
    if "can't parse entities" in text:
        return _BadMarkup(str(error))
    return Refused(str(error))


def markup(keyboard: Keyboard) -> InlineKeyboardMarkup | None:
    """The buttons as Telegram wants them."""
    if not keyboard:
        return None
    return InlineKeyboardMarkup([[_button(button) for button in line] for line in keyboard])


def _button(button: Button) -> InlineKeyboardButton:
    if button.does is not None:
        return InlineKeyboardButton(button.label, callback_data=pack(button.does))
    return InlineKeyboardButton(button.label, url=button.url)
