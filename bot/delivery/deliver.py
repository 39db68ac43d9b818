"""How each kind of row is delivered: read what is true now, render it, send it, keep where it went."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from weakref import WeakValueDictionary

import structlog

from bot.cases import briefing, groups, moving, report, standing, telling
from bot.cases.briefing import Briefing
from bot.cases.outcomes import Standing
from bot.cases.readers import Reader, one
from bot.cases.services import Services
from bot.delivery.at_desk import AtDesk
from bot.delivery.email import Mailer
from bot.delivery.jobs import JobDelivery
from bot.delivery.relaying import Relaying
from bot.domain.case import Case, CaseState
from bot.domain.operator import Operator
from bot.domain.outgoing import Outgoing, OutgoingKind, Priority
from bot.domain.people import Address, Person
from bot.domain.rights import Right
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
from bot.telegram.senders import Senders
from bot.views import agent, mails, notices
from bot.views.driver import live
from bot.views.i18n import Texts, Translate
from bot.views.screen import Screen
from storage.uow import UnitOfWork

log = structlog.get_logger()


class Deliver:
    """Delivers one row. Returns None when it is delivered, or why it never can be."""

    def __init__(self, services: Services, sender: Senders, mailer: Mailer, texts: Texts) -> None:
        self._services = services
        self._sender = sender
        self._mailer = mailer
        self._texts = texts
        self._relaying = Relaying(services, sender)
        self._jobs = JobDelivery(services, sender, mailer, texts)
        self._topics: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        at_desk = AtDesk(services, sender, texts, self._in_topic)
        self._ways: Mapping[OutgoingKind, Callable[[Outgoing], Awaitable[str | None]]] = {
            OutgoingKind.OPEN_TOPIC: self._open_topic,
            OutgoingKind.CARD: self._card,
            OutgoingKind.TOPIC_NOTICE: self._topic_notice,
            OutgoingKind.RELAY_TO_TOPIC: self._relay_to_topic,
            OutgoingKind.RELAY_TO_DRIVER: self._relay_to_driver,
            OutgoingKind.RELAY_EDIT: self._relay_edit,
            OutgoingKind.REACTION: self._relaying.react,
            OutgoingKind.DRIVER_NOTICE: self._driver_notice,
            OutgoingKind.DRIVER_LIVE: self._driver_live,
            OutgoingKind.STAFF_NOTICE: self._staff_notice,
            OutgoingKind.ADMIN_NOTICE: self._admin_notice,
            OutgoingKind.ADMIN_MAIL: self._admin_mail,
            OutgoingKind.JOB: self._jobs.show,
            OutgoingKind.JOB_NOTICE: self._jobs.notice,
            OutgoingKind.JOB_MAIL: self._jobs.mail,
            OutgoingKind.JOB_PHOTO: self._job_photo,
            OutgoingKind.JOB_COPY: self._job_copy,
            OutgoingKind.WATCH_NOTICE: self._jobs.watch,
            OutgoingKind.CLOSE_TOPIC: self._close_topic,
            OutgoingKind.REOPEN_TOPIC: self._reopen_topic,
            OutgoingKind.RETELL: self._retell,
            OutgoingKind.EMAIL: self._email,
            OutgoingKind.RENAME_TOPIC: at_desk.rename,
            OutgoingKind.TOPIC_ACTION: at_desk.action,
            OutgoingKind.ANSWER: at_desk.answer,
            OutgoingKind.AGENT_NOTICE: self._agent_notice,
        }

    async def __call__(self, outgoing: Outgoing) -> str | None:
        """SendError subclasses rise: Undelivered to be tried again, Refused to be given up."""
        try:
            return await self._ways[outgoing.kind](outgoing)
        except ChatMoved as moved:
            await self._moved(outgoing, moved.new_chat)
            return await self._ways[outgoing.kind](outgoing)

    async def _open_topic(self, outgoing: Outgoing) -> None:
        await self._topic(_case_id(outgoing))

    async def _topic(self, case_id: int) -> Address | None:
        """The case's topic, opened with its card where there is none; None where the operator has no hotline."""
        case = await self._services.database.read(lambda uow: uow.cases.get(case_id))
        if case is not None and case.topic is not None and case.card_message is not None:
            return case.topic
        async with self._topics.setdefault(case_id, asyncio.Lock()):
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

    async def _in_topic(
        self, outgoing: Outgoing, send: Callable[[Address], Awaitable[str | None]]
    ) -> str | None:
        """Sends into the topic; one that somebody deleted by hand is opened anew, once."""
        # A merged case goes on in the topic of another.
        case_id = telling.case_of_lane(outgoing.recipient) or _case_id(outgoing)
        topic = await self._topic(case_id)
        if topic is None:
            return "the operator has no hotline"
        try:
            return await self._into(topic, case_id, send)
        except TopicGone:
            log.info("topic_gone", case=case_id)
            await self._forget_topic(case_id, topic)
            again = await self._topic(case_id)
            return "the operator has no hotline" if again is None else await send(again)

    async def _into(
        self, topic: Address, case_id: int, send: Callable[[Address], Awaitable[str | None]]
    ) -> str | None:
        """Sends into a topic; where the bot may not, admins hear of it, and the case goes to another group."""
        try:
            return await send(topic)
        except (NotAllowed, Unreachable) as error:
            known = await briefing.read(self._services, case_id)
            await self._shut(known, topic.chat, error)
            again = await self._topic(case_id)
            return "the operator has no hotline" if again is None else await self._into(again, case_id, send)

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

    async def _card(self, outgoing: Outgoing) -> str | None:
        async def send(topic: Address) -> None:
            known = await briefing.read(self._services, _case_id(outgoing))
            t = self._texts.to(known.operator.language)
            if known.case.card_message is None:
                return await self._new_card(known, topic, t)
            try:
                screen = agent.card(known, t)
                await self._sender.edit(topic, known.case.card_message, screen, Priority.COSMETIC)
            except MessageGone:
                await self._new_card(known, topic, t)

        return await self._in_topic(outgoing, send)

    async def _topic_notice(self, outgoing: Outgoing) -> str | None:
        async def send(topic: Address) -> None:
            known = await briefing.read(self._services, _case_id(outgoing))
            t = self._texts.to(known.operator.language)
            screen = notices.to_topic(outgoing, t, masked=known.masked)
            made = await self._sender.send(topic, screen, outgoing.priority)
            of = outgoing.params.get("of")
            if isinstance(of, int):
                await self._services.database.write(lambda uow: uow.caseload.set_line(topic, made, of))

        return await self._in_topic(outgoing, send)

    async def _relay_to_topic(self, outgoing: Outgoing) -> str | None:
        return await self._in_topic(outgoing, lambda topic: self._relaying.copy(outgoing, topic))

    async def _retell(self, outgoing: Outgoing) -> str | None:
        async def send(topic: Address) -> None:
            known = await briefing.read(self._services, _case_id(outgoing))
            t = self._texts.to(known.operator.language)
            await self._relaying.tell_again(outgoing, topic, notices.ToldAgain(t, masked=known.masked))

        return await self._in_topic(outgoing, send)

    async def _job_photo(self, outgoing: Outgoing) -> str | None:
        return await self._in_topic(outgoing, lambda topic: self._jobs.photo(outgoing, topic))

    async def _job_copy(self, outgoing: Outgoing) -> str | None:
        return await self._in_topic(outgoing, lambda topic: self._jobs.copy(outgoing, topic))

    async def _relay_to_driver(self, outgoing: Outgoing) -> str | None:
        case, driver = await self._of(outgoing)
        try:
            return await self._relaying.copy(outgoing, case.conversation)
        except Unreachable:
            await self._driver_gone(outgoing, case, driver)
            return "the driver has blocked the bot"

    async def _relay_edit(self, outgoing: Outgoing) -> str | None:
        case, driver = await self._of(outgoing)
        if not await self._relaying.has_copy(outgoing):
            # No topic is opened for words that the bot has kept to itself so far.
            return None
        if telling.case_of_lane(outgoing.recipient) is not None:
            return await self._in_topic(outgoing, lambda topic: self._relaying.edit(outgoing, topic))
        try:
            return await self._relaying.edit(outgoing, case.conversation)
        except Unreachable:
            await self._driver_gone(outgoing, case, driver)
            return "the driver has blocked the bot"

    async def _driver_notice(self, outgoing: Outgoing) -> str | None:
        def read(uow: UnitOfWork) -> tuple[Standing, Person]:
            case = _case(uow, outgoing)
            return standing.of_case(uow, self._services, case), uow.people.get(case.driver_id)

        if outgoing.params.get("notice") == "fix_failed":
            await report.judge_again(self._services, _case_id(outgoing))
        stands, driver = await self._services.database.read(read)
        silent = telling.leaves_to_agent(stands.case, str(outgoing.params.get("notice")))
        screen = notices.to_driver(
            outgoing, stands, self._texts.to(driver.language, stands.operator.language)
        )
        try:
            if not silent:
                await self._sender.send(stands.case.conversation, screen, outgoing.priority)
            await self._retire(stands.case.conversation, outgoing.params.get("replaces"), screen)
        except Unreachable:
            await self._driver_gone(outgoing, stands.case, driver)
            return "the driver has blocked the bot"
        return None

    async def _driver_live(self, outgoing: Outgoing) -> str | None:
        """Draws anew the message that shows how a ladder goes; one that is gone gets a successor while it runs."""

        def read(uow: UnitOfWork) -> tuple[Standing, Person]:
            case = _case(uow, outgoing)
            return standing.of_case(uow, self._services, case), uow.people.get(case.driver_id)

        stands, driver = await self._services.database.read(read)
        ladder = stands.ladder
        if ladder is None:
            return None
        screen = live(stands, self._texts.to(driver.language, stands.operator.language))
        try:
            if ladder.screen is not None:
                await self._sender.edit(stands.case.conversation, ladder.screen, screen)
                return None
        except MessageGone:
            log.info("live_message_gone", case=stands.case.id)
        except Unreachable:
            await self._driver_gone(outgoing, stands.case, driver)
            return "the driver has blocked the bot"
        if ladder.running and stands.case.state is not CaseState.WITH_AGENT:
            made = await self._sender.send(stands.case.conversation, screen, outgoing.priority)
            await self._services.database.write(lambda uow: uow.ladders.shown(ladder.id, made))
        return None

    async def _retire(self, conversation: Address, message: object, news: Screen) -> None:
        """A message that said "this is running" must not go on saying so once the news has come.

        The news is a message of its own, as a change of an old one would ring no phone.
        """
        if isinstance(message, int):
            with contextlib.suppress(MessageGone, Refused):
                old = Screen(news.text.partition("\n\n")[0])
                await self._sender.edit(conversation, message, old, Priority.COSMETIC)

    async def _driver_gone(self, outgoing: Outgoing, case: Case, driver: Person) -> None:
        def keep(uow: UnitOfWork) -> None:
            uow.people.set_unreachable(driver.id, unreachable=True)
            uow.cases.note(case.id, self._services.now(), "driver_unreachable")
            if telling.has_topic(uow, case):
                telling.tell_topic(uow, self._services, case, "driver_unreachable", outgoing.dedupe_key)
                telling.redraw_card(uow, self._services, case)

        await self._services.transact(keep)

    async def _staff_notice(self, outgoing: Outgoing) -> str | None:
        known = await briefing.read(self._services, _case_id(outgoing), _reader(outgoing))
        screen = notices.to_staff(outgoing, known, await self._staff_texts(outgoing, known))
        try:
            await self._sender.send(Address.parse(outgoing.recipient), screen, outgoing.priority)
        except Unreachable:
            log.warning("staff_unreachable", case=known.case.id, notice=str(outgoing.params.get("notice")))
            return "they have not started a chat with the bot"
        return None

    async def _agent_notice(self, outgoing: Outgoing) -> str | None:
        # Whoever is called at once is led to a topic; without one they are called all the same.
        with contextlib.suppress(SendError):
            await self._topic(_case_id(outgoing))
        known = await briefing.read(self._services, _case_id(outgoing), _reader(outgoing))
        screen = notices.to_agent(outgoing, known, await self._staff_texts(outgoing, known))
        try:
            await self._sender.send(Address.parse(outgoing.recipient), screen, outgoing.priority)
        except Unreachable:
            # They are called by their name in the topic, too.
            log.info("agent_unreachable", case=known.case.id, notice=str(outgoing.params.get("notice")))
            return "they have not started a chat with the bot"
        return None

    async def _admin_notice(self, outgoing: Outgoing) -> str | None:
        chat = Address.parse(outgoing.recipient).chat
        # Admins hear from the bot of the operator for which they work.
        address = self._services.accounts.of(str(outgoing.params.get("at", ""))).address(chat)
        person = await self._services.database.read(lambda uow: uow.people.by_telegram(chat))
        t = self._texts.to(None if person is None else person.language)
        try:
            await self._sender.send(address, notices.to_admin(outgoing, t), outgoing.priority)
        except Unreachable:
            log.warning("admin_unreachable", notice=str(outgoing.params.get("notice")))
            return "they have not started a chat with the bot"
        return None

    async def _admin_mail(self, outgoing: Outgoing) -> str | None:
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

    async def _email(self, outgoing: Outgoing) -> str | None:
        known = await briefing.read(self._services, _case_id(outgoing), _reader(outgoing))
        mail = notices.mail(outgoing, known, await self._staff_texts(outgoing, known))
        recipient = outgoing.recipient.removeprefix("mailto:")
        return await self._mailer.send(recipient, mail, outgoing.dedupe_key)

    async def _staff_texts(self, outgoing: Outgoing, known: Briefing) -> Translate:
        telegram_id = outgoing.params.get("telegram")
        person = None
        if isinstance(telegram_id, int):
            person = await self._services.database.read(lambda uow: uow.people.by_telegram(telegram_id))
        return self._texts.to(None if person is None else person.language, known.operator.language)

    async def _close_topic(self, outgoing: Outgoing) -> str | None:
        case, _ = await self._of(outgoing)
        if case.topic is not None:
            try:
                await self._sender.close_topic(case.topic)
            except TopicGone:
                return "the topic is gone"
        return None

    async def _reopen_topic(self, outgoing: Outgoing) -> str | None:
        async def send(topic: Address) -> None:
            await self._sender.reopen_topic(topic)

        return await self._in_topic(outgoing, send)

    async def _of(self, outgoing: Outgoing) -> tuple[Case, Person]:
        def read(uow: UnitOfWork) -> tuple[Case, Person]:
            case = _case(uow, outgoing)
            return case, uow.people.get(case.driver_id)

        return await self._services.database.read(read)

    async def _moved(self, outgoing: Outgoing, new_chat: int) -> None:
        def move(uow: UnitOfWork) -> None:
            case = _case(uow, outgoing)
            old = case.group_chat if case.topic is None else case.topic.chat
            if old is not None:
                only = self._services.accounts.of(case.operator_id).operator_id
                uow.hotlines.move(old, new_chat, only)
            # Topics of the old group are not those of the new one.
            uow.cases.set_topic(case.id, None, None)

        await self._services.database.write(move)


def _reader(outgoing: Outgoing) -> Reader:
    """Who gets a message to a technician or a manager."""
    telegram_id = outgoing.params.get("telegram")
    way, _, address = outgoing.recipient.partition(":")
    return one(telegram_id if isinstance(telegram_id, int) else None, address if way == "mailto" else None)


def _case_id(outgoing: Outgoing) -> int:
    if outgoing.case_id is None:
        raise LookupError(f"the row {outgoing.dedupe_key} names no case")
    return outgoing.case_id


def _case(uow: UnitOfWork, outgoing: Outgoing) -> Case:
    case = uow.cases.get(_case_id(outgoing))
    if case is None:
        raise LookupError(f"no case {outgoing.case_id}")
    return case
