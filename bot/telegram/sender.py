"""Sending: within the budgets, tried again where that can help, and its failures told in our words.

What is tried again, by policy: a 429 always, after the pause that Telegram asks for; a time-out or a 5xx some times,
because losing a message is worse than sending it twice. What the recipient or the content forbids is never repeated.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

import structlog
from telegram import Bot
from telegram.error import TelegramError

from bot.domain.outgoing import Priority
from bot.domain.people import Address
from bot.telegram.api import Api, ApiRefused, ApiSilent, File, Json
from bot.telegram.budgets import Budgets
from bot.telegram.errors import (
    ChatMoved,
    MessageGone,
    NotAllowed,
    Refused,
    SendError,
    TopicGone,
    Undelivered,
    Unreachable,
)
from bot.telegram.markup import LONGEST_CAPTION, NO_PREVIEW, Params, marked, markup, shown
from bot.views.notices import plain
from bot.views.screen import Attachment, Screen
from storage.repositories.messages import Wording

log = structlog.get_logger()
TRIES = 4
FIRST_PAUSE = 0.5
LONGEST_TEXT = 4096
"""In UTF-16 units, without the markup."""
LARGEST_DOCUMENT = 50 * 1024 * 1024
LARGEST_PHOTO = 10 * 1024 * 1024
"""Bytes that a bot may send; more is not even tried."""
_TOPIC_GONE = ("message thread not found", "topic_deleted", "topic_id_invalid")
_NOT_ALLOWED = (
    "not enough rights",
    "have no rights",
    "chat is not a forum",
    "chat_write_forbidden",
    "chat_admin_required",
    # Whoever manages topics, or opened this one, may write into it all the same.
    "topic_closed",
)
_MESSAGE_GONE = (
    "message to edit not found",
    # A document has a caption, but no text: what follows it is a message of its own.
    "there is no text in the message to edit",
    "message can't be edited",
    "message to copy not found",
    "message_id_invalid",
    "message to react not found",
)
_UNREACHABLE = ("chat not found", "user is deactivated", "peer_id_invalid")


@dataclass(frozen=True, slots=True)
class Origin:
    """What is copied: messages of a chat by their numbers, in order."""

    chat: Address
    messages: tuple[int, ...]


class Sender:
    """Everything that leaves for Telegram by one bot goes through here."""

    def __init__(self, bot: Bot, api: Api, budgets: Budgets) -> None:
        self.api = api
        self._bot = bot
        self._budgets = budgets

    async def send(self, to: Address, screen: Screen, priority: Priority = Priority.DRIVER) -> int:
        """Sends a new message; returns its number."""
        params = {"chat_id": to.chat, "message_thread_id": to.topic, **shown(screen)}
        made = await self._with_markup("sendMessage", to, params, priority)
        return int(made["message_id"])

    async def send_document(
        self, to: Address, file: Attachment, caption: Screen, priority: Priority = Priority.DRIVER
    ) -> int:
        """Sends a file with a text and buttons under it; returns the message's number.

        Refused where the file is too large, or the text longer than a caption may be (see `fits_caption`).
        """
        return await self._send_file("document", to, file, caption, priority)

    async def send_photo(
        self, to: Address, file: Attachment, caption: Screen, priority: Priority = Priority.DRIVER
    ) -> int:
        """The same for a picture, which is shown in the chat, and which Telegram scales down."""
        return await self._send_file("photo", to, file, caption, priority)

    async def edit_photo(self, to: Address, message: int, file: Attachment, caption: Screen) -> None:
        """Puts another picture, with its text and buttons, in the place of one; MessageGone where that is not there."""
        media = {"type": "photo", "media": "attach://photo", "caption": caption.text, "parse_mode": "HTML"}
        params = {
            "chat_id": to.chat,
            "message_id": message,
            "media": media,
            "reply_markup": markup(caption.keyboard),
        }
        carried = File("photo", file.name, file.content, file.mime)
        await self._call("editMessageMedia", to.chat, params, Priority.DRIVER, carried)

    async def edit(
        self, to: Address, message: int, screen: Screen, priority: Priority = Priority.DRIVER
    ) -> None:
        """Replaces a message; one that is the same already is fine."""
        params = {"chat_id": to.chat, "message_id": message, **shown(screen)}
        try:
            await self._with_markup("editMessageText", to, params, priority)
        except Refused as error:
            if "message is not modified" not in str(error).lower():
                raise

    async def copy(self, to: Address, origin: Origin, priority: Priority, reply_to: int | None = None) -> int:
        """Copies a message of any kind, as an answer to `reply_to` where that is still there; returns its number."""
        params = {
            "chat_id": to.chat,
            "message_thread_id": to.topic,
            "from_chat_id": origin.chat.chat,
            "message_id": origin.messages[0],
            "reply_parameters": _answering(reply_to),
        }
        made = await self._call("copyMessage", to.chat, params, priority)
        return int(made["message_id"])

    async def copy_album(self, to: Address, origin: Origin, priority: Priority) -> list[int]:
        """Copies several messages, albums as albums; fewer numbers come back where some could not be copied."""
        params = {
            "chat_id": to.chat,
            "message_thread_id": to.topic,
            "from_chat_id": origin.chat.chat,
            "message_ids": list(origin.messages),
        }
        made = await self._call("copyMessages", to.chat, params, priority)
        return [int(each["message_id"]) for each in made]

    async def send_album(
        self, to: Address, media: Sequence[Params], priority: Priority, reply_to: int | None
    ) -> list[int]:
        """Sends files that Telegram has as one album, as an answer, which `copy_album` cannot."""
        params = {
            "chat_id": to.chat,
            "message_thread_id": to.topic,
            "media": list(media),
            "reply_parameters": _answering(reply_to),
        }
        made = await self._call("sendMediaGroup", to.chat, params, priority)
        return [int(each["message_id"]) for each in made]

    async def reword(self, to: Address, message: int, wording: Wording, priority: Priority) -> None:
        """Has a text, or the caption of a file, read as `wording`; one that reads so already is fine."""
        said = "caption" if wording.file else "text"
        spans = "caption_entities" if wording.file else "entities"
        params = {
            "chat_id": to.chat,
            "message_id": message,
            said: wording.words or "",
            spans: list(wording.spans) or None,
            "link_preview_options": None if wording.file else NO_PREVIEW,
        }
        method = "editMessageCaption" if wording.file else "editMessageText"
        try:
            await self._call(method, to.chat, params, priority)
        except Refused as error:
            if "message is not modified" not in str(error).lower():
                raise

    async def react(self, to: Address, message: int, emoji: str | None) -> None:
        """Shows the bot's reaction on a message, None takes it away; Undelivered while that would delay words."""
        if not self._budgets.spare(to.chat):
            raise Undelivered("words need the budget of the chat")
        shown = [] if emoji is None else [{"type": "emoji", "emoji": emoji}]
        params = {"chat_id": to.chat, "message_id": message, "reaction": shown}
        await self._call("setMessageReaction", to.chat, params, Priority.COSMETIC)

    async def toast(self, callback_id: str, text: str | None = None, *, alert: bool = False) -> None:
        """Answers a tap; one that is too old to be answered needs no answer any more."""
        params = {"callback_query_id": callback_id, "text": text, "show_alert": alert or None}
        try:
            await self._retried(lambda: self.api.call("answerCallbackQuery", params))
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

    async def reopen_topic(self, topic: Address) -> None:
        """Opens a topic that was closed; one that is open already is fine."""
        params = {"chat_id": topic.chat, "message_thread_id": topic.topic}
        try:
            await self._call("reopenForumTopic", topic.chat, params, Priority.ESCALATION)
        except Refused as error:
            if "topic_not_modified" not in str(error).lower():
                raise

    async def title(self, chat: int) -> str | None:
        """What a group is called."""
        about = await self._call("getChat", chat, {"chat_id": chat}, Priority.AGENT)
        title = about.get("title")
        return None if title is None else str(title)

    async def rename_topic(self, topic: Address, name: str) -> None:
        """Gives a topic another name; one that has it already is fine."""
        params = {"chat_id": topic.chat, "message_thread_id": topic.topic, "name": name}
        try:
            await self._call("editForumTopic", topic.chat, params, Priority.COSMETIC)
        except Refused as error:
            if "topic_not_modified" not in str(error).lower():
                raise

    async def fitness(self, chat: int) -> Literal["fit", "not_a_group", "no_topics", "not_admin"]:
        """Whether topics can be opened in a chat, or what stands in the way."""
        about = await self._call("getChat", chat, {"chat_id": chat}, Priority.AGENT)
        if about.get("type") not in {"group", "supergroup"}:
            return "not_a_group"
        if not about.get("is_forum"):
            return "no_topics"
        me = await self.api.call("getMe", {})
        mine = {"chat_id": chat, "user_id": me["id"]}
        member = await self._call("getChatMember", chat, mine, Priority.AGENT)
        may = member.get("status") == "creator" or member.get("can_manage_topics")
        return "fit" if may else "not_admin"

    async def download(self, file_id: str) -> bytes:
        """A file that somebody sent, at most 20 MB; Undelivered where Telegram does not give it."""
        try:
            file = await self._bot.get_file(file_id)
            return bytes(await file.download_as_bytearray())
        except TelegramError as error:
            raise Undelivered(type(error).__name__) from error

    async def _send_file(
        self, kind: str, to: Address, file: Attachment, caption: Screen, priority: Priority
    ) -> int:
        largest = LARGEST_PHOTO if kind == "photo" else LARGEST_DOCUMENT
        if len(file.content) > largest:
            raise Refused(f"a {kind} of {len(file.content)} bytes is more than {largest}")
        place = {"chat_id": to.chat, "message_thread_id": to.topic}
        params = {**place, "caption": caption.text or None, **marked(caption)}
        carried = File(kind, file.name, file.content, file.mime)
        made = await self._with_markup(f"send{kind.capitalize()}", to, params, priority, carried)
        return int(made["message_id"])

    async def _with_markup(
        self, method: str, to: Address, params: Params, priority: Priority, file: File | None = None
    ) -> Json:
        try:
            return await self._call(method, to.chat, params, priority, file)
        except _BadMarkup:
            log.warning("markup_refused", chat=to.chat)
            said, longest = ("caption", LONGEST_CAPTION) if file else ("text", LONGEST_TEXT)
            bare = {**params, said: plain(str(params[said]))[:longest], "parse_mode": None}
            return await self._call(method, to.chat, bare, priority, file)

    async def _call(
        self, method: str, chat: int, params: Params, priority: Priority, file: File | None = None
    ) -> Json:
        await self._budgets.wait(chat, priority)

        def attempt() -> Awaitable[Json]:
            return self.api.upload(method, params, file) if file else self.api.call(method, params)

        return await self._retried(attempt, chat, priority)

    async def _retried(
        self, attempt: Callable[[], Awaitable[Json]], chat: int = 0, priority: Priority = Priority.DRIVER
    ) -> Json:
        pause = FIRST_PAUSE
        tries = 0
        while True:
            try:
                return await attempt()
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
    if any(each in text for each in _NOT_ALLOWED):
        return NotAllowed(str(error))
    if any(each in text for each in _MESSAGE_GONE):
        return MessageGone(str(error))
    if "can't parse entities" in text:
        return _BadMarkup(str(error))
    return Refused(str(error))


def _answering(message: int | None) -> Params | None:
    return None if message is None else {"message_id": message, "allow_sending_without_reply": True}
