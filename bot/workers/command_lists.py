"""Keeps the lists of commands that Telegram offers in chats of the staff in step with what each may do there.

It is a courtesy: what Telegram refuses, such as the list for somebody who has never written to the bot, is left.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.cases.services import Services
from bot.domain.account import Accounts
from bot.domain.people import Address
from bot.domain.rights import Right
from bot.telegram.api import Api, ApiRefused, ApiSilent
from bot.views.command_lists import AGENTS, described, for_staff
from bot.views.i18n import Texts
from storage.uow import UnitOfWork

log = structlog.get_logger()
LOOK_EVERY = 2.0
"""Seconds between looks at whether an admin has done anything, which costs one small query."""
ANEW_AFTER = timedelta(minutes=1)
"""So often it is read anew who may do what, as not all of that is an act of an admin: somebody's language is not."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The commands of one chat, described in a language. None at all: the chat is one like every other."""

    names: tuple[str, ...]
    language: str | None = None


Lists = Mapping[Address, Listed]


async def run(services: Services, apis: Mapping[str, Api], texts: Texts) -> None:
    """Works until it is cancelled; `apis` are the bots by their channels."""
    keeper = Keeper(apis, texts)
    seen, read_at = -1, services.now()
    while True:
        try:
            newest = await services.database.read(lambda uow: uow.audit.newest())
            if newest != seen or services.now() - read_at >= ANEW_AFTER:
                wanted = await services.database.read(lambda uow: lists(uow, services.accounts))
                seen, read_at = newest, services.now()
                await keeper.keep(wanted)
        except Exception:  # A database that is away for a moment must not end the worker.
            log.exception("command_lists_failed")
        await asyncio.sleep(LOOK_EVERY)


def lists(uow: UnitOfWork, accounts: Accounts) -> Lists:
    """The list of each chat that is not a driver's: groups of agents, the staff, technicians."""
    rights: dict[Address, set[Right]] = {}
    languages: dict[Address, str | None] = {}
    technicians: set[Address] = set()
    found: dict[Address, Listed] = {}
    for operator in uow.operators.all():
        account = accounts.of(operator.id)
        for group in uow.hotlines.of(operator.id):
            found[account.address(group.chat)] = Listed(AGENTS, operator.language)
        able = uow.staff.authorities(operator.id)
        for each in uow.staff.all(operator.id):
            if each.telegram_id is not None:
                chat = account.address(each.telegram_id)
                who = able.get(each.person_id)
                rights.setdefault(chat, set()).update(() if who is None else who.rights)
                languages[chat] = each.language or operator.language
        for station in uow.operators.stations(operator.id):
            if station.technician is not None and station.technician.telegram_id is not None:
                chat = account.address(station.technician.telegram_id)
                technicians.add(chat)
                languages.setdefault(chat, operator.language)
    for chat, language in languages.items():
        theirs, repairs = rights.get(chat, set()), chat in technicians
        own = for_staff(theirs, technician=repairs) if theirs or repairs else ()
        found[chat] = Listed(own, language)
    return found


class Keeper:
    """Tells Telegram what it has not been told yet."""

    def __init__(self, apis: Mapping[str, Api], texts: Texts) -> None:
        self._apis = apis
        self._texts = texts
        self._told: dict[Address, Listed] = {}

    async def keep(self, wanted: Lists) -> None:
        """Sets the lists that have changed, and takes those away that are wanted no more."""
        gone = {chat: Listed(()) for chat in self._told.keys() - wanted.keys()}
        for chat, listed in {**wanted, **gone}.items():
            api = self._apis.get(chat.channel)
            if api is not None and self._told.get(chat) != listed:
                await self._tell(api, chat, listed)

    async def _tell(self, api: Api, chat: Address, listed: Listed) -> None:
        scope = {"scope": {"type": "chat", "chat_id": chat.chat}}
        commands = described(listed.names, self._texts.to(listed.language))
        try:
            if commands:
                await api.call("setMyCommands", {**scope, "commands": commands})
            else:
                await api.call("deleteMyCommands", scope)
        except ApiRefused as error:
            # It is tried again the next time: the person may have written to the bot by then.
            log.debug("command_list_refused", chat=str(chat), reason=str(error))
            await asyncio.sleep(float(error.parameters.get("retry_after", 0)))
        except ApiSilent as error:
            log.info("command_list_not_set", chat=str(chat), reason=str(error))
        else:
            self._told[chat] = listed
