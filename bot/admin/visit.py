"""An admin's visit to a page: what its handler is handed, and how it answers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from bot.domain.operator import Operator
from bot.domain.rights import Authority, Right
from bot.operations.acting import Acting
from bot.telegram.incoming import Words
from bot.telegram.reply import Reply
from bot.views.callbacks import Go
from bot.views.i18n import Translate
from bot.views.screen import Screen
from storage.repositories.desks import Desk, Form
from storage.repositories.invitations import Invitation, Purpose


@dataclass(frozen=True, slots=True)
class Visit:
    """One step of an admin. `who` tells what to show; what may be done is asked again by each use case."""

    reply: Reply
    acting: Acting
    operator: Operator
    who: Authority
    desk: Desk

    @property
    def t(self) -> Translate:
        """The texts in the admin's language; where none is known, in the operator's."""
        return self.reply.context.texts.to(self.acting.person.language, self.operator.language)

    async def show(self, screen: Screen) -> None:
        """Shows a screen in place of the one that was tapped, or as a new message."""
        await self.reply.show(screen)

    async def ask(self, form: Form, screen: Screen) -> None:
        """Opens a form: what the person writes next answers it. The screen says what is asked for."""
        await self.keep(replace(self.desk, form=form))
        await self.show(screen)

    async def keep(self, desk: Desk) -> None:
        """Keeps where the admin stands."""
        await self.acting.commit(lambda uow, _who: uow.desks.put(desk, self.acting.now))

    def closing(self, form: Form | None = None, *, selection: tuple[str, ...] | None = None) -> Acting:
        """For a use case whose success closes the open form, or goes on to another; its refusal leaves it open."""
        kept = self.desk.selection if selection is None else selection
        desk = replace(self.desk, form=form, selection=kept)
        return replace(self.acting, along=lambda uow: uow.desks.put(desk, self.acting.now))


CommandHandler = Callable[[Visit, str], Awaitable[None]]
"""Takes what was written behind the command."""
TapHandler = Callable[[Visit, tuple[str, ...]], Awaitable[None]]
"""Takes the arguments of the button."""
FormHandler = Callable[[Visit, Form, Words], Awaitable[None]]
"""Takes the open form and what answers it."""


GuestHandler = Callable[[Reply, tuple[str, ...]], Awaitable[None]]
"""Takes the arguments of a button that is shown to somebody who need not be of the staff."""
WelcomeHandler = Callable[[Reply, str, Invitation], Awaitable[None]]
"""Takes the secret of an invitation's link, and the invitation, which can still be used."""


class Reaching(Enum):
    """How far a right must reach for a door to open."""

    SOMEWHERE = auto()
    OPERATOR = auto()
    """What belongs to the operator itself."""
    EVERYWHERE = auto()


@dataclass(frozen=True, slots=True)
class Door:
    """An entry of the main menu, for those who hold one of the rights so far: its text is `menu.<key>`."""

    key: str
    go: Go
    rights: frozenset[Right]
    reaching: Reaching = Reaching.SOMEWHERE

    def opens(self, who: Authority) -> bool:
        """Whether it is open to somebody."""
        match self.reaching:
            case Reaching.SOMEWHERE:
                return bool(self.rights & who.rights)
            case Reaching.OPERATOR:
                return any(who.may(right) for right in self.rights)
            case Reaching.EVERYWHERE:
                return any(who.reach(right) >= who.tree.below(None) for right in self.rights)


@dataclass(frozen=True, slots=True)
class Section:
    """The commands, buttons and forms of one subject; `welcomes` says who answers the link of an invitation."""

    commands: Mapping[str, CommandHandler] = field(default_factory=dict)
    taps: Mapping[str, TapHandler] = field(default_factory=dict)
    forms: Mapping[str, FormHandler] = field(default_factory=dict)
    doors: tuple[Door, ...] = ()
    guests: Mapping[str, GuestHandler] = field(default_factory=dict)
    welcomes: Mapping[Purpose, WelcomeHandler] = field(default_factory=dict)
