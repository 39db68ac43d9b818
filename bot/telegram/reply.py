"""What handlers are handed, and how they answer whoever acted."""

from dataclasses import dataclass
from typing import Protocol

import structlog

from bot.cases.services import Services
from bot.cases.turn import Turn
from bot.domain.outgoing import Priority
from bot.domain.people import Person
from bot.telegram.errors import MessageGone, TopicGone, Unreachable
from bot.telegram.incoming import Tap, Words
from bot.telegram.markup import fits_caption
from bot.telegram.senders import Senders
from bot.views.callbacks import Go
from bot.views.i18n import Texts, Translate
from bot.views.screen import Attachment, Screen

log = structlog.get_logger()


class AdminEntrance(Protocol):
    """The admins' commands and menus, which drivers' handlers may not know."""

    @property
    def commands(self) -> frozenset[str]:
        """The names of its commands, without the slash."""
        ...

    async def command(self, reply: "Reply", name: str, argument: str) -> None:
        """One of its commands in a private chat."""
        ...

    async def tap(self, reply: "Reply", button: Go) -> None:
        """One of its buttons."""
        ...

    async def invited(self, reply: "Reply", secret: str) -> None:
        """Somebody has followed the link of an invitation, whether they are of the staff or not."""
        ...

    async def in_group(self, reply: "Reply", name: str) -> bool:
        """One of the commands that are for groups; False where it is none."""
        ...

    async def answers(self, reply: "Reply", words: Words, command: str | None) -> bool:
        """Takes words as the answer to an open form, and `/cancel` as its end; False where none is open."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """The outside of a handler."""

    services: Services
    sender: Senders
    texts: Texts
    admin: AdminEntrance


@dataclass(slots=True)
class Reply:
    """Answers one update: a tap by changing the message that was tapped, words by a new message.

    Progress and result of one update are one message that grows.
    """

    context: Context
    turn: Turn
    tapped: Tap | None = None
    shown: int | None = None

    def __post_init__(self) -> None:
        if self.tapped is not None:
            self.shown = self.tapped.message

    @property
    def t(self) -> Translate:
        """The texts in the person's language."""
        return self.context.texts.to(self.turn.person.language)

    async def show(self, screen: Screen | None) -> None:
        """Shows a screen; a person who has blocked the bot is noted as unreachable, which is no error.

        Nor is a topic that was deleted meanwhile: nobody is there to read, and the next row for it opens it anew.
        """
        if screen is None:
            return
        try:
            await self._show(screen)
        except TopicGone:
            log.info("topic_gone", topic=str(self.turn.conversation))
        except Unreachable:
            await unreachable(self.context.services, self.turn.person, unreachable=True)

    async def toast(self, text: str | None = None, *, alert: bool = False) -> None:
        """Ends the waiting of a tap, with a short text where there is something to say."""
        if self.tapped is not None:
            where = self.turn.conversation
            await self.context.sender.toast(where, self.tapped.callback_id, text, alert=alert)

    async def hand(self, attachment: Attachment, screen: Screen) -> None:
        """Hands a file out with the screen under it; a text that is too long for that follows by itself.

        What this reply has shown so far stays as it is. Whoever has blocked the bot is noted as unreachable.
        """
        sender, to = self.context.sender, self.turn.conversation
        try:
            if fits_caption(screen):
                await sender.send_document(to, attachment, screen)
            else:
                await sender.send_document(to, attachment, Screen(""))
                await sender.send(to, screen)
        except Unreachable:
            await unreachable(self.context.services, self.turn.person, unreachable=True)

    async def picture(self, attachment: Attachment, screen: Screen, *, instead: bool) -> None:
        """Shows a picture with the screen under it: in place of the one that was tapped where it is meant `instead`.

        Otherwise, and where that one is gone, it is a new message. Blocked bots and topics are as in `show`.
        """
        sender, to = self.context.sender, self.turn.conversation
        try:
            if instead and self.shown is not None:
                try:
                    return await sender.edit_photo(to, self.shown, attachment, screen)
                except MessageGone:
                    self.shown = None
            await sender.send_photo(to, attachment, screen)
        except TopicGone:
            log.info("topic_gone", topic=str(to))
        except Unreachable:
            await unreachable(self.context.services, self.turn.person, unreachable=True)

    async def download(self, file_id: str) -> bytes:
        """A file that was sent in this conversation; see `Sender.download`."""
        return await self.context.sender.download(self.turn.conversation, file_id)

    async def _show(self, screen: Screen) -> None:
        to = self.turn.conversation
        # Only a new message changes what is in place of the keys.
        if self.shown is not None and screen.below is None:
            try:
                return await self.context.sender.edit(to, self.shown, screen)
            except MessageGone:
                self.shown = None
        self.shown = await self.context.sender.send(to, screen, Priority.DRIVER)


async def unreachable(services: Services, person: Person, *, unreachable: bool) -> None:
    """Keeps whether messages reach the person."""
    await services.transact(lambda uow: uow.people.set_unreachable(person.id, unreachable=unreachable))


def private(turn: Turn) -> bool:
    """Whether the turn is in a chat with one person; Telegram numbers groups below zero."""
    return turn.conversation.chat > 0
