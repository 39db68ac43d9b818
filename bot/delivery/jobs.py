"""Delivering what is about technicians' jobs, and to those who wait for an EVSE."""

from collections.abc import Mapping

import structlog

from bot.cases import telling
from bot.cases.services import Services
from bot.cases.technicians import dossier
from bot.cases.technicians.dossier import Dossier
from bot.delivery.email import Mailer
from bot.domain.job import JobState
from bot.domain.operator import Place
from bot.domain.outgoing import Outgoing
from bot.domain.people import Address, Person
from bot.telegram.errors import MessageGone, Refused, Unreachable
from bot.telegram.sender import Origin
from bot.telegram.senders import Senders
from bot.views import job_mail, technician, watching
from bot.views.i18n import Texts, Translate
from bot.views.screen import Attachment, Screen
from storage.uow import UnitOfWork

log = structlog.get_logger()


class JobDelivery:
    """Delivers rows about jobs and watches. Returns why one never can be, else None."""

    def __init__(self, services: Services, sender: Senders, mailer: Mailer, texts: Texts) -> None:
        self._services = services
        self._sender = sender
        self._mailer = mailer
        self._texts = texts

    async def show(self, outgoing: Outgoing) -> str | None:
        """Changes the message that shows the job; it is sent where there is none yet, or it is gone."""
        known = await dossier.read(self._services, _job(outgoing))
        screen = technician.job(known, await self._t(known))
        to, job = Address.parse(outgoing.recipient), known.job
        try:
            if job.message is not None and job.chat == outgoing.recipient:
                try:
                    await self._sender.edit(to, job.message, screen, outgoing.priority)
                except MessageGone:
                    log.info("job_message_gone", job=job.id)
                else:
                    return None
            if not job.open:
                return None
            made = await self._sender.send(to, screen, outgoing.priority)
        except Unreachable:
            return await self._not_reached(known)
        await self._services.database.write(lambda uow: uow.jobs.shown(job.id, outgoing.recipient, made))
        return None

    async def notice(self, outgoing: Outgoing) -> str | None:
        """A message of its own, which rings."""
        known = await dossier.read(self._services, _job(outgoing))
        screen = technician.notice(str(outgoing.params["notice"]), known, await self._t(known))
        try:
            await self._sender.send(Address.parse(outgoing.recipient), screen, outgoing.priority)
        except Unreachable:
            return "the technician has blocked the bot"
        return None

    async def mail(self, outgoing: Outgoing) -> str | None:
        """The e-mail; where it never arrives and is the only way, the agents hear that they have to call."""
        notice = str(outgoing.params["notice"])
        known = await dossier.with_link(self._services, _job(outgoing))
        if notice == "job" and not known.job.open:
            return "the job is over"
        written = job_mail.mail(notice, known, await self._t(known))
        to = outgoing.recipient.removeprefix("mailto:")
        failed = await self._mailer.send(to, written, outgoing.dedupe_key)
        if failed is not None and notice == "job":
            await self._tell_agents(known, "technician_mail_failed", outgoing.dedupe_key)
        return failed

    async def photo(self, outgoing: Outgoing, topic: Address) -> str | None:
        """A photo that came by a link, into the case's topic."""
        number = outgoing.params["photo"]
        known = await dossier.read(self._services, _job(outgoing))
        content = await self._services.database.read(lambda uow: uow.jobs.photo(int(number or 0)))
        if content is None:
            return "there is no such photo"
        t = self._texts.to(known.briefing.operator.language)
        caption = Screen(t("topic.technician_photo", name=known.job.contact.name))
        file = Attachment(f"job-{known.job.case_id}.jpg", content, "image/jpeg")
        await self._sender.send_photo(topic, file, caption, outgoing.priority)
        return None

    async def copy(self, outgoing: Outgoing, topic: Address) -> str | None:
        """What the technician sent into the chat, into the case's topic."""
        source = Address.parse(str(outgoing.params["source"]))
        if source.channel != topic.channel:
            return "it was sent to another bot"
        origin = Origin(source, (int(outgoing.params["message"] or 0),))
        try:
            await self._sender.copy(topic, origin, outgoing.priority)
        except (MessageGone, Refused) as error:
            return str(error)
        return None

    async def watch(self, outgoing: Outgoing) -> str | None:
        """It works again, to somebody who waits for that."""
        params: Mapping[str, object] = outgoing.params

        def read(uow: UnitOfWork) -> tuple[Place | None, Person]:
            return uow.operators.place(str(params["evse"])), uow.people.get(int(str(params["person"])))

        place, person = await self._services.database.read(read)
        if place is None:
            return "there is no such EVSE any more"
        t = self._texts.to(person.language, place.operator.language)
        try:
            await self._sender.send(
                Address.parse(outgoing.recipient), watching.works(place, t), outgoing.priority
            )
        except Unreachable:
            await self._services.transact(lambda uow: uow.people.set_unreachable(person.id, unreachable=True))
            return "they have blocked the bot"
        return None

    async def _not_reached(self, known: Dossier) -> str:
        if known.job.state is JobState.ASKED:
            await self._tell_agents(known, "technician_not_reached", str(known.job.id))
        return "the technician has not started a chat with the bot, or has blocked it"

    async def _tell_agents(self, known: Dossier, notice: str, once: str) -> None:
        contact, case = known.job.contact, known.briefing.case
        name, phone = contact.name, contact.phone or "–"
        await self._services.transact(
            lambda uow: telling.tell_topic(uow, self._services, case, notice, once, name=name, phone=phone)
        )

    async def _t(self, known: Dossier) -> Translate:
        """In the technician's language where it is known, else the operator's."""
        telegram_id = known.job.contact.telegram_id
        person = None
        if telegram_id is not None:
            person = await self._services.database.read(lambda uow: uow.people.by_telegram(telegram_id))
        return self._texts.to(None if person is None else person.language, known.briefing.operator.language)


def _job(outgoing: Outgoing) -> int:
    return int(outgoing.params["job"] or 0)
