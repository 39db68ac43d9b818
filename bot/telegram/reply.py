"""What handlers are handed, and how they answer whoever acted."""

from dataclasses import dataclass
from typing import Protocol

from bot.cases.services import Services
from bot.cases.turn import Turn
from bot.domain.outgoing import Priority
from bot.domain.people import Person
from bot.telegram.errors import MessageGone, Unreachable
from bot.telegram.incoming import Tap
from bot.telegram.sender import Sender
from bot.views.callbacks import Adopt
from bot.views.i18n import Texts, Translate
from bot.views.screen import Screen


class AdminEntrance(Protocol):
    """The admins' commands and menus, which drivers' handlers may not know."""

    @property
    def commands(self) -> frozenset[str]:
        """The names of its commands, without the slash."""
        ...

    async def command(self, reply: "Reply", name: str, argument: str) -> None:
        """One of its commands in a private chat."""
        ...

    async def tap(self, reply: "Reply", button: Adopt) -> None:
        """One of its buttons."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """The outside of a handler."""

    services: Services
    sender: Sender
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
        """Shows a screen; a person who has blocked the bot is noted as unreachable, which is no error."""
        if screen is None:
            return
        try:
            await self._show(screen)
        except Unreachable:
            await unreachable(self.context.services, self.turn.person, unreachable=True)

    async def toast(self, text: str | None = None, *, alert: bool = False) -> None:
        """Ends the waiting of a tap, with a short text where there is something to say."""
        if self.tapped is not None:
            await self.context.sender.toast(self.tapped.callback_id, text, alert=alert)

    async def _show(self, screen: Screen) -> None:
        to = self.turn.conversation
        if self.shown is not None:
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
