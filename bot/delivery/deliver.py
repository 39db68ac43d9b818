"""How each kind of row is delivered: read what is true now, render it, send it, keep where it went."""

from collections.abc import Awaitable, Callable, Mapping

from bot.cases import telling
from bot.cases.services import Services
from bot.delivery.at_desk import AtDesk
from bot.delivery.email import Mailer
from bot.delivery.jobs import JobDelivery
from bot.delivery.relaying import Relaying
from bot.delivery.to_driver import ToDriver
from bot.delivery.to_staff import ToStaff
from bot.delivery.topics import Topics
from bot.domain.outgoing import Outgoing, OutgoingKind
from bot.telegram.errors import ChatMoved
from bot.telegram.senders import Senders
from bot.views.i18n import Texts


class Deliver:
    """Delivers one row. Returns None when it is delivered, or why it never can be."""

    def __init__(self, services: Services, sender: Senders, mailer: Mailer, texts: Texts) -> None:
        self._relaying = Relaying(services, sender)
        self._jobs = JobDelivery(services, sender, mailer, texts)
        self._topics = topics = Topics(services, sender, texts, self._relaying)
        self._driver = driver = ToDriver(services, sender, texts, self._relaying)
        staff = ToStaff(services, sender, mailer, texts, topics.of)
        at_desk = AtDesk(services, sender, texts, topics.into)
        self._ways: Mapping[OutgoingKind, Callable[[Outgoing], Awaitable[str | None]]] = {
            OutgoingKind.OPEN_TOPIC: topics.open,
            OutgoingKind.CARD: topics.card,
            OutgoingKind.TOPIC_NOTICE: topics.notice,
            OutgoingKind.RELAY_TO_TOPIC: topics.relay,
            OutgoingKind.RETELL: topics.retell,
            OutgoingKind.CLOSE_TOPIC: topics.close,
            OutgoingKind.REOPEN_TOPIC: topics.reopen,
            OutgoingKind.RENAME_TOPIC: at_desk.rename,
            OutgoingKind.TOPIC_ACTION: at_desk.action,
            OutgoingKind.ANSWER: at_desk.answer,
            OutgoingKind.RELAY_TO_DRIVER: driver.relay,
            OutgoingKind.DRIVER_NOTICE: driver.notice,
            OutgoingKind.DRIVER_LIVE: driver.live,
            OutgoingKind.RELAY_EDIT: self._edit,
            OutgoingKind.REACTION: self._relaying.react,
            OutgoingKind.STAFF_NOTICE: staff.notice,
            OutgoingKind.EMAIL: staff.mail,
            OutgoingKind.AGENT_NOTICE: staff.agent,
            OutgoingKind.ADMIN_NOTICE: staff.admin,
            OutgoingKind.ADMIN_MAIL: staff.admin_mail,
            OutgoingKind.JOB: self._jobs.show,
            OutgoingKind.JOB_NOTICE: self._jobs.notice,
            OutgoingKind.JOB_MAIL: self._jobs.mail,
            OutgoingKind.JOB_PHOTO: self._job_photo,
            OutgoingKind.JOB_COPY: self._job_copy,
            OutgoingKind.WATCH_NOTICE: self._jobs.watch,
        }

    async def __call__(self, outgoing: Outgoing) -> str | None:
        """SendError subclasses rise: Undelivered to be tried again, Refused to be given up."""
        try:
            return await self._ways[outgoing.kind](outgoing)
        except ChatMoved as moved:
            await self._topics.moved(outgoing, moved.new_chat)
            return await self._ways[outgoing.kind](outgoing)

    async def _edit(self, outgoing: Outgoing) -> str | None:
        if not await self._relaying.has_copy(outgoing):
            # No topic is opened for words that the bot has kept to itself so far.
            return None
        if telling.case_of_lane(outgoing.recipient) is not None:
            return await self._topics.into(outgoing, lambda topic: self._relaying.edit(outgoing, topic))
        return await self._driver.edit(outgoing)

    async def _job_photo(self, outgoing: Outgoing) -> str | None:
        return await self._topics.into(outgoing, lambda topic: self._jobs.photo(outgoing, topic))

    async def _job_copy(self, outgoing: Outgoing) -> str | None:
        return await self._topics.into(outgoing, lambda topic: self._jobs.copy(outgoing, topic))
