"""The admins' commands and menus in their private chats: from a name to its handler.

The pages are gathered from sections, one for each subject. Rights are checked by the use cases; here their refusal is
told with what is missing and who can grant it.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from bot.admin import (
    answers,
    audit,
    billing,
    companies,
    data_sheet,
    groups,
    hotline,
    knocking,
    location_edit,
    menu,
    missing,
    on_call,
    on_call_calendar,
    on_call_layers,
    people,
    policies,
    service,
    shift,
    station_edit,
    station_files,
    stations,
    statistics,
    stickers,
    technicians,
)
from bot.admin import invitations as invites
from bot.admin.visit import Section, Visit
from bot.domain.operator import Operator
from bot.domain.refusal import Refusal
from bot.domain.rights import Authority, MissingRight
from bot.operations import invitations
from bot.operations.acting import Acting
from bot.telegram.incoming import Words
from bot.telegram.reply import Reply, private
from bot.views import menu as view
from bot.views.callbacks import Go
from bot.views.screen import Screen
from storage.once import AppliedBefore
from storage.repositories.desks import Desk, Form
from storage.uow import UnitOfWork

SECTIONS: tuple[Section, ...] = (
    menu.SECTION,
    stations.SECTION,
    data_sheet.SECTION,
    station_edit.SECTION,
    location_edit.SECTION,
    station_files.SECTION,
    service.SECTION,
    billing.SECTION,
    missing.SECTION,
    knocking.SECTION,
    technicians.SECTION,
    stickers.SECTION,
    hotline.SECTION,
    answers.SECTION,
    on_call.SECTION,
    on_call_layers.SECTION,
    on_call_calendar.SECTION,
    shift.SECTION,
    policies.SECTION,
    groups.SECTION,
    people.SECTION,
    invites.SECTION,
    companies.SECTION,
    statistics.SECTION,
    audit.SECTION,
)
K = TypeVar("K", bound=str)
H = TypeVar("H")


class Admin:
    """Implements `AdminEntrance`."""

    def __init__(self, sections: tuple[Section, ...] = SECTIONS) -> None:
        self._doors = tuple(door for section in sections for door in section.doors)
        self._commands = _merged(section.commands for section in sections) | {"menu": self._menu_command}
        self._taps = _merged(section.taps for section in sections) | {view.HOME.page: self._menu}
        self._forms = _merged(section.forms for section in sections)
        self._guests = _merged(section.guests for section in sections)
        self._welcomes = _merged(section.welcomes for section in sections)

    @property
    def commands(self) -> frozenset[str]:
        """See `AdminEntrance`."""
        return frozenset(self._commands)

    @property
    def pages(self) -> frozenset[str]:
        """The names of all pages that a button can lead to."""
        return frozenset(self._taps)

    @property
    def forms(self) -> frozenset[str]:
        """The names of all forms."""
        return frozenset(self._forms)

    @property
    def open_pages(self) -> frozenset[str]:
        """The names of the pages for people who need not be of the staff."""
        return frozenset(self._guests)

    async def command(self, reply: Reply, name: str, argument: str) -> None:
        """See `AdminEntrance`."""
        await self._visit(reply, lambda visit: self._commands[name](visit, argument))

    async def tap(self, reply: Reply, button: Go) -> None:
        """See `AdminEntrance`."""
        guest = self._guests.get(button.page)
        if guest is not None:
            return await self._receive(reply, lambda: guest(reply, button.arguments))
        handler = self._taps.get(button.page)
        if handler is None:
            raise Refusal("button.old")
        if button.page == "op.choose":
            return await self._visit(reply, lambda visit: handler(visit, button.arguments), chosen=False)
        await self._visit(reply, lambda visit: handler(visit, button.arguments))

    async def invited(self, reply: Reply, secret: str) -> None:
        """See `AdminEntrance`."""

        async def welcome() -> None:
            invitation = await invitations.followed(reply.turn.services.database, secret, reply.turn.now())
            if not reply.turn.sees(invitation.operator_id):
                raise Refusal("invitation.unknown")
            await self._welcomes[invitation.purpose](reply, secret, invitation)

        await self._receive(reply, welcome)

    async def _receive(self, reply: Reply, step: Callable[[], Awaitable[None]]) -> None:
        """A step of somebody who need not be of the staff; a refusal is all that they read then."""
        try:
            await step()
        except Refusal as refusal:
            await reply.show(Screen(reply.t(f"refusal.{refusal.key}", **refusal.values)))
        await reply.toast()

    async def in_group(self, reply: Reply, name: str) -> bool:
        """See `AdminEntrance`."""
        if name != "hotline":
            return False
        await self._visit(reply, hotline.link_group)
        return True

    async def answers(self, reply: Reply, words: Words, command: str | None) -> bool:
        """See `AdminEntrance`."""
        conversation = reply.turn.conversation
        desk = await reply.turn.services.database.read(lambda uow: uow.desks.get(conversation))
        form = None if desk is None else desk.form
        handler = None if form is None else self._forms.get(form.name)
        if form is None or handler is None:
            return False
        if command == "cancel":
            await self._visit(reply, self._cancel, answered=form)
        else:
            await self._visit(reply, lambda visit: handler(visit, form, words), answered=form)
        return True

    async def _visit(
        self,
        reply: Reply,
        step: Callable[[Visit], Awaitable[None]],
        *,
        chosen: bool = True,
        answered: Form | None = None,
    ) -> None:
        """Takes a step. A refusal is told, with the page as it was left standing.

        Whoever does something else than answer an open form has left it, and must not be caught by it later.
        """
        visit = await self._begin(reply, chosen=chosen)
        if visit is None:
            return
        if answered is None and visit.desk.form is not None:
            await self._left(visit)
        try:
            await step(visit)
        except AppliedBefore:
            await self._menu(visit, ())
        except MissingRight as lacking:
            reply.shown = None
            if private(reply.turn):
                await missing.show(visit, lacking.right)
            else:
                lacks = visit.t(f"right.{lacking.right.value}")
                await reply.show(Screen(visit.t("refusal.right.missing", right=lacks)))
        except Refusal as refusal:
            text = visit.t(f"refusal.{refusal.key}", **refusal.values)
            if answered is not None:
                text = f"{text}\n\n{visit.t('menu.again')}"
            if reply.tapped is None:
                await reply.show(Screen(text, (view.home(visit.t),) if private(reply.turn) else ()))
            else:
                return await reply.toast(text, alert=True)
        await reply.toast()

    async def _begin(self, reply: Reply, *, chosen: bool) -> Visit | None:
        """The visit; None where the person has been asked first for which operator they act."""
        turn = reply.turn
        services = turn.services

        def read(uow: UnitOfWork) -> tuple[Desk, list[Operator], Authority | None]:
            # For whom somebody acts was chosen in private, and holds in groups, too.
            alone = replace(
                turn.conversation, chat=turn.person.telegram_id or turn.conversation.chat, topic=None
            )
            desk = uow.desks.get(alone) or Desk(alone, turn.person.id)
            theirs = uow.staff.operators_of(turn.person.id)
            operators = [
                each for one in theirs if turn.sees(one) and (each := uow.operators.get(one)) is not None
            ]
            at = _at(desk, operators, chosen=chosen)
            return desk, operators, None if at is None else uow.staff.authority(at.id, turn.person.id)

        desk, operators, who = await services.database.read(read)
        if not operators:
            raise Refusal("staff.none")
        if who is None:
            t = reply.context.texts.to(turn.person.language)
            await reply.show(view.operators(operators, t))
            await reply.toast()
            return None
        operator = next(each for each in operators if each.id == who.operator_id)
        acting = Acting(
            services.database,
            turn.person,
            operator.id,
            turn.update_id,
            turn.now(),
            services.wake.outbox.set,
        )
        return Visit(reply, acting, operator, who, desk)

    async def _left(self, visit: Visit) -> None:
        left = replace(visit.desk, form=None)
        await visit.acting.database.write(lambda uow: uow.desks.put(left, visit.acting.now))

    async def _menu_command(self, visit: Visit, _argument: str) -> None:
        await menu.show(visit, self._doors)

    async def _menu(self, visit: Visit, _arguments: tuple[str, ...]) -> None:
        await menu.show(visit, self._doors)

    async def _cancel(self, visit: Visit) -> None:
        await visit.closing().commit(lambda _uow, _who: None)
        await visit.show(Screen(visit.t("menu.cancelled"), (view.home(visit.t),)))


def _at(desk: Desk, operators: list[Operator], *, chosen: bool) -> Operator | None:
    """The operator for which the person acts: the one they chose, or their only one."""
    if len(operators) == 1 or (operators and not chosen):
        return operators[0]
    return next((each for each in operators if each.id == desk.operator_id), None)


def _merged(maps: Iterable[Mapping[K, H]]) -> dict[K, H]:
    """All entries; ValueError where two sections claim one name."""
    merged: dict[K, H] = {}
    for each in maps:
        twice = merged.keys() & each.keys()
        if twice:
            raise ValueError(f"two sections claim {sorted(twice)}")
        merged.update(each)
    return merged
