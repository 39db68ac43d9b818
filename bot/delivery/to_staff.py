"""What people of an operator read in their private chats and mails: of a case, or of what they look after."""

import contextlib
from collections.abc import Awaitable, Callable

import structlog

from bot.cases.agents import briefing
from bot.cases.agents.briefing import Briefing
from bot.cases.services import Services
from bot.delivery.email import Mailer
from bot.delivery.rows import case_id, reader_of
from bot.domain.operator import Operator
from bot.domain.outgoing import Outgoing
from bot.domain.people import Address, Person
from bot.telegram.errors import SendError, Unreachable
from bot.telegram.senders import Senders
from bot.views import mails, notices
from bot.views.i18n import Texts, Translate
from storage.uow import UnitOfWork

log = structlog.get_logger()
NO_CHAT = "they have not started a chat with the bot"
TopicOf = Callable[[int], Awaitable[Address | None]]
"""The topic of a case, opened where there is none."""


class ToStaff:
    """Everything that goes to agents, technicians, managers and admins by themselves."""

    def __init__(
        self, services: Services, sender: Senders, mailer: Mailer, texts: Texts, topic_of: TopicOf
    ) -> None:
        self._services = services
        self._sender = sender
        self._mailer = mailer
        self._texts = texts
        self._topic_of = topic_of

    async def notice(self, outgoing: Outgoing) -> str | None:
        """To a technician or a manager, of a case."""
        known = await briefing.read(self._services, case_id(outgoing), reader_of(outgoing))
        screen = notices.to_staff(outgoing, known, await self._texts_for(outgoing, known))
        try:
            await self._sender.send(Address.parse(outgoing.recipient), screen, outgoing.priority)
        except Unreachable:
            log.warning("staff_unreachable", case=known.case.id, notice=str(outgoing.params.get("notice")))
            return NO_CHAT
        return None

    async def agent(self, outgoing: Outgoing) -> str | None:
        """To an agent, with a link to the topic."""
        # Whoever is called at once is led to a topic; without one they are called all the same.
        with contextlib.suppress(SendError):
            await self._topic_of(case_id(outgoing))
        known = await briefing.read(self._services, case_id(outgoing), reader_of(outgoing))
        screen = notices.to_agent(outgoing, known, await self._texts_for(outgoing, known))
        try:
            await self._sender.send(Address.parse(outgoing.recipient), screen, outgoing.priority)
        except Unreachable:
            # They are called by their name in the topic, too.
            log.info("agent_unreachable", case=known.case.id, notice=str(outgoing.params.get("notice")))
            return NO_CHAT
        return None

    async def admin(self, outgoing: Outgoing) -> str | None:
        """To an admin, of no case."""
        chat = Address.parse(outgoing.recipient).chat
        # Admins hear from the bot of the operator for which they work.
        address = self._services.accounts.of(str(outgoing.params.get("at", ""))).address(chat)
        person = await self._services.database.read(lambda uow: uow.people.by_telegram(chat))
        t = self._texts.to(None if person is None else person.language)
        try:
            await self._sender.send(address, notices.to_admin(outgoing, t), outgoing.priority)
        except Unreachable:
            log.warning("admin_unreachable", notice=str(outgoing.params.get("notice")))
            return NO_CHAT
        return None

    async def admin_mail(self, outgoing: Outgoing) -> str | None:
        """The same as an e-mail."""

        def read(uow: UnitOfWork) -> tuple[Operator | None, Person | None]:
            person = outgoing.params.get("person")
            known = uow.people.get(person) if isinstance(person, int) else None
            return uow.operators.get(str(outgoing.params["operator"])), known

        operator, person = await self._services.database.read(read)
        if operator is None:
            return "there is no such operator"
        t = self._texts.to(None if person is None else person.language, operator.language)
        recipient = outgoing.recipient.removeprefix("mailto:")
        return await self._mailer.send(recipient, mails.to_admin(outgoing, operator, t), outgoing.dedupe_key)

    async def mail(self, outgoing: Outgoing) -> str | None:
        """To a technician or a manager as an e-mail, of a case."""
        known = await briefing.read(self._services, case_id(outgoing), reader_of(outgoing))
        mail = notices.mail(outgoing, known, await self._texts_for(outgoing, known))
        recipient = outgoing.recipient.removeprefix("mailto:")
        return await self._mailer.send(recipient, mail, outgoing.dedupe_key)

    async def _texts_for(self, outgoing: Outgoing, known: Briefing) -> Translate:
        telegram_id = outgoing.params.get("telegram")
        person = None
        if isinstance(telegram_id, int):
            person = await self._services.database.read(lambda uow: uow.people.by_telegram(telegram_id))
        return self._texts.to(None if person is None else person.language, known.operator.language)
