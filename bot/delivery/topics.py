"""The topics of cases: opened with their card where there is none, and again where one is gone or its group is shut."""

import asyncio
from collections.abc import Awaitable, Callable
from weakref import WeakValueDictionary

import structlog

from bot.cases import telling
from bot.cases.agents import briefing, groups, moving
from bot.cases.agents.briefing import Briefing
from bot.cases.services import Services
from bot.delivery.relaying import Relaying
from bot.delivery.rows import case_and_driver, case_id, case_of
from bot.domain.case import Case
from bot.domain.outgoing import Outgoing, OutgoingKind, Priority
from bot.domain.people import Address
from bot.domain.rights import Right
from bot.telegram.errors import MessageGone, NotAllowed, TopicGone, Undelivered, Unreachable
from bot.telegram.senders import Senders
from bot.views import agent, notices
from bot.views.i18n import Texts, Translate
from storage.uow import UnitOfWork

log = structlog.get_logger()
NO_HOTLINE = "the operator has no hotline"
Send = Callable[[Address], Awaitable[str | None]]
"""Sends something into a topic; why it never can be where that is so."""


class Topics:
    """Everything that goes into the topics of cases."""

    def __init__(self, services: Services, sender: Senders, texts: Texts, relaying: Relaying) -> None:
        self._services = services
        self._sender = sender
        self._texts = texts
        self._relaying = relaying
        self._opening: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def open(self, outgoing: Outgoing) -> None:
        """Opens the topic of the row's case, unless it has one."""
        await self.of(case_id(outgoing))

    async def of(self, case_id: int) -> Address | None:
        """The case's topic, opened with its card where there is none; None where the operator has no hotline."""
        case = await self._services.database.read(lambda uow: uow.cases.get(case_id))
        if case is not None and case.topic is not None and case.card_message is not None:
            return case.topic
        async with self._opening.setdefault(case_id, asyncio.Lock()):
            known = await briefing.read(self._services, case_id)
            if known.case.topic is not None and known.case.card_message is not None:
                return known.case.topic
            t = self._texts.to(known.operator.language)
            if known.case.topic is not None and await self._card_owed(known, known.case.topic, t):
                return known.case.topic
            topic = await self._opened(known, t)
            if topic is None:
                return None
            # The topic is kept before its card is sent: a crash between the two must not open another one.
            await self._keep_topic(case_id, topic, None)
            await self._new_card(known, topic, t)
            return topic

    async def into(self, outgoing: Outgoing, send: Send) -> str | None:
        """Sends into the topic; one that somebody deleted by hand is opened anew, once."""
        # A merged case goes on in the topic of another.
        number = telling.case_of_lane(outgoing.recipient) or case_id(outgoing)
        topic = await self.of(number)
        if topic is None:
            return NO_HOTLINE
        try:
            return await self._into(topic, number, send)
        except TopicGone:
            log.info("topic_gone", case=number)
            await self._forget_topic(number, topic)
            again = await self.of(number)
            return NO_HOTLINE if again is None else await send(again)

    async def card(self, outgoing: Outgoing) -> str | None:
        """Draws the card anew; one that is gone gets a successor."""

        async def send(topic: Address) -> None:
            known = await briefing.read(self._services, case_id(outgoing))
            t = self._texts.to(known.operator.language)
            if known.case.card_message is None:
                return await self._new_card(known, topic, t)
            try:
                screen = agent.card(known, t)
                await self._sender.edit(topic, known.case.card_message, screen, Priority.COSMETIC)
            except MessageGone:
                await self._new_card(known, topic, t)

        return await self.into(outgoing, send)

    async def notice(self, outgoing: Outgoing) -> str | None:
        """A line into the topic."""

        async def send(topic: Address) -> None:
            known = await briefing.read(self._services, case_id(outgoing))
            t = self._texts.to(known.operator.language)
            screen = notices.to_topic(outgoing, t, masked=known.masked)
            made = await self._sender.send(topic, screen, outgoing.priority)
            of = outgoing.params.get("of")
            if isinstance(of, int):
                await self._services.database.write(lambda uow: uow.caseload.set_line(topic, made, of))

        return await self.into(outgoing, send)

    async def relay(self, outgoing: Outgoing) -> str | None:
        """The copy of what a driver said."""
        return await self.into(outgoing, lambda topic: self._relaying.copy(outgoing, topic))

    async def retell(self, outgoing: Outgoing) -> str | None:
        """What was said before this group had the case."""

        async def send(topic: Address) -> None:
            known = await briefing.read(self._services, case_id(outgoing))
            t = self._texts.to(known.operator.language)
            await self._relaying.tell_again(outgoing, topic, notices.ToldAgain(t, masked=known.masked))

        return await self.into(outgoing, send)

    async def close(self, outgoing: Outgoing) -> str | None:
        """Closes the topic of an ended case."""
        case, _ = await self._services.database.read(lambda uow: case_and_driver(uow, outgoing))
        if case.topic is not None:
            try:
                await self._sender.close_topic(case.topic)
            except TopicGone:
                return "the topic is gone"
        return None

    async def reopen(self, outgoing: Outgoing) -> str | None:
        """Opens a topic again that was closed."""

        async def send(topic: Address) -> None:
            await self._sender.reopen_topic(topic)

        return await self.into(outgoing, send)

    async def moved(self, outgoing: Outgoing, new_chat: int) -> None:
        """A group became a supergroup and has a new number."""

        def move(uow: UnitOfWork) -> None:
            case = case_of(uow, outgoing)
            old = case.group_chat if case.topic is None else case.topic.chat
            if old is not None:
                only = self._services.accounts.of(case.operator_id).operator_id
                uow.hotlines.move(old, new_chat, only)
            # Topics of the old group are not those of the new one.
            uow.cases.set_topic(case.id, None, None)

        await self._services.database.write(move)

    async def _card_owed(self, known: Briefing, topic: Address, t: Translate) -> bool:
        """Sends the card on which a process died, or Telegram failed; False where the topic is gone by now."""
        try:
            await self._new_card(known, topic, t)
        except TopicGone:
            await self._forget_topic(known.case.id, topic)
            return False
        return True

    async def _opened(self, known: Briefing, t: Translate) -> Address | None:
        """A new topic, in the first group of the operator in which the bot may open one; None without any group."""
        while True:
            group = await self._group_for(known.case)
            if group is None:
                return None
            try:
                return await self._sender.open_topic(group, agent.topic_name(known, t))
            except (NotAllowed, Unreachable) as error:
                # It rises where there is no other group.
                await self._shut(known, group.chat, error)
                known = await briefing.read(self._services, known.case.id)

    async def _group_for(self, case: Case) -> Address | None:
        return await self._services.transact(lambda uow: groups.to_open_in(uow, self._services, case))

    async def _new_card(self, known: Briefing, topic: Address, t: Translate) -> None:
        card = await self._sender.send(topic, agent.card(known, t), Priority.ESCALATION)
        await self._keep_topic(known.case.id, topic, card)

    async def _keep_topic(self, case_id: int, topic: Address | None, card: int | None) -> None:
        await self._services.database.write(lambda uow: uow.cases.set_topic(case_id, topic, card))

    async def _into(self, topic: Address, case_id: int, send: Send) -> str | None:
        """Sends into a topic; where the bot may not, admins hear of it, and the case goes to another group."""
        try:
            return await send(topic)
        except (NotAllowed, Unreachable) as error:
            known = await briefing.read(self._services, case_id)
            await self._shut(known, topic.chat, error)
            again = await self.of(case_id)
            return NO_HOTLINE if again is None else await self._into(again, case_id, send)

    async def _shut(self, known: Briefing, chat: int, error: Exception) -> None:
        """The bot may not work in a group: admins hear of it once a day, and the case has another group afterwards.

        Undelivered where there is none: then the row waits for them.
        """
        now, operator = self._services.now(), known.operator

        def leave(uow: UnitOfWork) -> bool:
            case = uow.cases.get(known.case.id)
            moved = case is not None and moving.leave(uow, self._services, case, chat)
            named = {each.chat: each.title for each in uow.hotlines.of(operator.id)}
            group = named.get(chat) or str(chat)
            notice = "group_shut" if moved else "hotline_shut"
            for admin in uow.staff.who_may(operator.id, Right.HOTLINE):
                if admin.telegram_id is None:
                    continue
                to = str(self._services.accounts.of(operator.id).address(admin.telegram_id))
                key = f"{notice}:{operator.id}:{chat}:{now.date().isoformat()}:{admin.telegram_id}"
                params = {"notice": notice, "operator": operator.name, "at": operator.id, "group": group}
                uow.outbox.put(Outgoing(OutgoingKind.ADMIN_NOTICE, to, to, key, params=params), now)
            return moved

        log.error("hotline_shut", operator=operator.id, chat=chat, reason=str(error))
        if not await self._services.transact(leave):
            raise Undelivered(str(error)) from error

    async def _forget_topic(self, case_id: int, gone: Address) -> None:
        def forget(uow: UnitOfWork) -> None:
            case = uow.cases.get(case_id)
            if case is not None and case.topic == gone:
                uow.cases.set_topic(case_id, None, None)

        await self._services.database.write(forget)
