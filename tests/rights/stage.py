"""Who comes to the admins' entrance for a cell of the table of rights, and what they are shown."""

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal

from bot.admin.entrance import Admin
from bot.cases.services import Services
from bot.cases.turn import Turn
from bot.diagnosis.rulebook import load_rulebook
from bot.domain.account import SHARED, Accounts
from bot.domain.capability import Capability, Source
from bot.domain.operator import Group
from bot.domain.outgoing import Priority
from bot.domain.people import Address, Person, telegram
from bot.domain.rights import Right, Scope
from bot.telegram.incoming import Tap
from bot.telegram.reply import Context, Reply
from bot.telegram.sender import Sender
from bot.telegram.senders import Senders
from bot.views.i18n import Texts, Translate, load_texts
from bot.views.screen import Attachment, Screen
from storage.database import Database
from storage.repositories.desks import Desk, Form
from storage.repositories.inbox import InboxRow
from storage.repositories.people import Identity
from storage.repositories.staff import Colleague
from storage.tables import metadata
from storage.uow import UnitOfWork
from tests.rights.firms import GRAZ, NOW, OF_LINZ
from tests.stations.simulated_gateway import SimulatedGateway

RULES = load_rulebook()
TOLD_BY_KEY = ("missing.", "refusal.", "right.")
CELL = 77
"""The number at Telegram of the admin of a cell."""


class Keyed(Translate):
    """The English texts, but what is told of rights stands as its key, by which a test knows it."""

    def __call__(self, key: str, **values: str | int) -> str:
        if key.startswith(TOLD_BY_KEY):
            return f"{key} {' '.join(map(str, values.values()))}".strip()
        return super().__call__(key, **values)


TEXTS = Texts({"en": Keyed("en", load_texts().to("en").texts)})


class Fit(Sender):
    """A bot that finds every group fit to be a hotline."""

    def __init__(self) -> None:
        """Nothing is sent by it."""

    async def fitness(self, chat: int) -> Literal["fit", "not_a_group", "no_topics", "not_admin"]:
        return "fit"

    async def title(self, chat: int) -> str | None:
        return "Group"


@dataclass
class Heard(Senders):
    """What a person is shown; nothing leaves."""

    screens: list[Screen] = field(default_factory=list)
    toasts: list[str] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)

    def of(self, address: Address) -> Sender:
        return Fit()

    async def send(self, to: Address, screen: Screen, priority: Priority = Priority.DRIVER) -> int:
        self.screens.append(screen)
        return len(self.screens)

    async def edit(
        self, to: Address, message: int, screen: Screen, priority: Priority = Priority.DRIVER
    ) -> None:
        self.screens.append(screen)

    async def toast(
        self, conversation: Address, callback_id: str, text: str | None = None, *, alert: bool = False
    ) -> None:
        if text:
            self.toasts.append(text)

    async def send_document(
        self, to: Address, file: Attachment, caption: Screen, priority: Priority = Priority.DRIVER
    ) -> int:
        self.files.append(file)
        return await self.send(to, caption)

    async def send_photo(
        self, to: Address, file: Attachment, caption: Screen, priority: Priority = Priority.DRIVER
    ) -> int:
        return await self.send(to, caption)

    async def edit_photo(self, to: Address, message: int, file: Attachment, caption: Screen) -> None:
        self.screens.append(caption)


@dataclass(frozen=True, slots=True)
class Who:
    """An admin made for a cell: these rights, this far; `entity` is their company."""

    rights: frozenset[Right]
    scope: Scope = Scope.INSTANCE
    entity: str | None = None
    member: bool = True
    active: bool = True


EVERYTHING = Who(frozenset(Right))
STRANGER = Who(frozenset(), member=False)


def enter(uow: UnitOfWork, who: Who) -> Person:
    """Makes the admin; of no operator's staff where they are no member."""
    person = uow.people.meet([Identity(CELL, "Cara Cell", language="en")])[CELL]
    if who.member:
        uow.staff.put_group(GRAZ, Group("Cell", who.scope, who.rights))
        gone = None if who.active else NOW
        colleague = Colleague(person.id, CELL, person.name, None, None, None, who.entity, ("Cell",), gone)
        uow.staff.put(GRAZ, colleague)
    return person


_NOT_KEPT = frozenset({"inbox", "desks", "station_imports", "calendar_imports"})
Rows = frozenset[tuple[object, ...]]


def everything(uow: UnitOfWork) -> Rows:
    """All that is kept, but for what merely shows that somebody asked, or where they stand in their menus."""
    # The driver's own cursor, as this is done some thousand times.
    cursor = uow.connection.connection.cursor()
    found: set[tuple[object, ...]] = set()
    for table in metadata.sorted_tables:
        if table.name not in _NOT_KEPT:
            cursor.execute(f"SELECT * FROM {table.name}")
            found.update((table.name, repr(row)) for row in cursor.fetchall())
    cursor.close()
    return frozenset(found)


def of_linz(rows: Rows) -> Rows:
    """Those of them in which the other operator is named."""
    return frozenset(row for row in rows if OF_LINZ.search(repr(row)))


class Overtaken(Admin):
    """Takes all rights away in the moment between a tap's arrival and what it does."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    async def _begin(self, reply: Reply, *, chosen: bool):  # type: ignore[no-untyped-def]  # As it is in `Admin`.
        visit = await super()._begin(reply, chosen=chosen)
        await self._database.write(lambda uow: enter(uow, Who(frozenset())))
        return visit


@dataclass
class World:
    """A person at the admins' entrance. `channel` is the bot that they write to."""

    database: Database
    person: Person
    admin: Admin = field(default_factory=Admin)
    heard: Heard = field(default_factory=Heard)
    conversation: Address = field(default_factory=lambda: telegram(CELL))
    own: frozenset[str] = frozenset()
    _updates: Iterator[int] = field(default_factory=lambda: iter(range(1, 100_000)))

    async def change(self, who: Who) -> None:
        """The admin has these rights from now on."""
        await self.database.write(lambda uow: enter(uow, who))

    async def place(self, form: Form | None, selection: tuple[str, ...]) -> None:
        """Puts the person where a page left them."""

        def put(uow: UnitOfWork) -> None:
            desk = uow.desks.get(self.conversation) or Desk(self.conversation, self.person.id)
            uow.desks.put(replace(desk, form=form or desk.form, selection=selection or desk.selection), NOW)

        if form is not None or selection:
            await self.database.write(put)

    async def reply(self, *, tapped: bool) -> Reply:
        """What the next update of this person is answered with."""
        accounts = Accounts(self.own, usernames={SHARED: "support_bot"})
        gateway = SimulatedGateway(Source.OCPP, NOW, frozenset(Capability))
        services = Services(
            self.database, gateway, RULES, lambda: NOW + timedelta(seconds=1), accounts=accounts,
            public_url="https://support.example.org",
        )  # fmt: skip
        number = next(self._updates)
        row = InboxRow(number, str(self.conversation), b"{}", self.person.id, NOW)
        await self.database.write(lambda uow: uow.inbox.receive([row]))
        turn = Turn(services, self.person, self.conversation, number)
        context = Context(services, self.heard, TEXTS, self.admin)
        return Reply(context, turn, Tap("callback", "", 1) if tapped else None)


Opened = Callable[[], contextlib.AbstractAsyncContextManager[Database]]
"""Opens a fresh copy of the prepared database."""


@contextlib.asynccontextmanager
async def world(opened: Opened, who: Who) -> AsyncIterator[World]:
    """A fresh world with this admin in it."""
    async with opened() as database:
        person = await database.write(lambda uow: enter(uow, who))
        yield World(database, person)
