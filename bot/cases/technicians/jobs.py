"""Jobs of technicians as rows: made, withdrawn, shown. What a technician answers is in `dispatch`."""

from dataclasses import replace

from bot.cases.services import Services
from bot.cases.telling import tell_topic
from bot.domain.case import Case
from bot.domain.job import Job, JobState, JobTrigger, move
from bot.domain.operator import Contact
from bot.domain.outgoing import Outgoing, OutgoingKind, Param, Priority
from bot.domain.people import Address
from bot.domain.timer import TimerKind
from storage.uow import UnitOfWork

JOB_NEEDS_PHONE = "technician_by_phone"


def ask(uow: UnitOfWork, services: Services, case: Case, contact: Contact) -> Job:
    """Gives the case to a technician, who is told in every way that is known, and has a while to answer."""
    now = services.now()
    due = now + services.limits.technician_answers_within
    new = Job(0, case.id, case.operator_id, case.station_id or "", JobState.ASKED, 1, contact, now, due)
    job = uow.jobs.add(new)
    uow.timers.set(job.id, TimerKind.TECHNICIAN_DID_NOT_ANSWER, due)
    show(uow, services, job)
    mail(uow, services, job, "job")
    if contact.telegram_id is None and contact.email is None:
        once = str(job.id)
        tell_topic(uow, services, case, JOB_NEEDS_PHONE, once, name=contact.name, phone=contact.phone or "–")
    return job


def withdraw(uow: UnitOfWork, services: Services, case: Case, reason: str, *, quiet: bool = False) -> None:
    """Ends the open job of a case, where there is one: its buttons and links say so from now on.

    The technician gets a message of their own about it, unless it is `quiet`.
    """
    before = uow.jobs.open_of(case.id)
    if before is None:
        return
    after = replace(move(before, JobTrigger.WITHDRAW, services.now()), cause=reason)
    uow.jobs.save(before, after)
    uow.timers.drop(after.id, TimerKind.TECHNICIAN_DID_NOT_ANSWER)
    uow.cases.note(case.id, services.now(), "job_withdrawn", job=str(after.id), reason=reason)
    show(uow, services, after)
    if not quiet:
        tell(uow, services, after, "withdrawn")


def show(uow: UnitOfWork, services: Services, job: Job) -> None:
    """Has the message in the technician's chat show the job as it is by now; one is sent where there is none."""
    if (chat := _chat(services, job)) is not None:
        _put(uow, services, job, (OutgoingKind.JOB, chat, f"show:{job.version}"))


def tell(uow: UnitOfWork, services: Services, job: Job, notice: str) -> None:
    """A message of its own to the technician, which rings: in the chat, or by e-mail where there is no chat."""
    if (chat := _chat(services, job)) is not None:
        way = (OutgoingKind.JOB_NOTICE, chat, f"{notice}:{job.version}")
        _put(uow, services, job, way, notice=notice)
    else:
        mail(uow, services, job, notice)


def mail(uow: UnitOfWork, services: Services, job: Job, notice: str) -> None:
    """The same by e-mail, where an address is known."""
    if job.contact.email is not None:
        to = f"mailto:{job.contact.email}"
        _put(
            uow,
            services,
            job,
            (OutgoingKind.JOB_MAIL, to, f"mail:{notice}:{job.version}:{services.now().isoformat()}"),
            notice=notice,
        )


def pass_photo(uow: UnitOfWork, services: Services, job: Job, photo: int) -> None:
    """A photo that came by a link goes into the case's topic."""
    where = _topic(job)
    _put(uow, services, job, (OutgoingKind.JOB_PHOTO, where, f"photo:{photo}"), photo=photo)


def pass_message(uow: UnitOfWork, services: Services, job: Job, source: Address, number: int) -> None:
    """What the technician sent into the chat goes into the case's topic as it is."""
    where = _topic(job)
    way = (OutgoingKind.JOB_COPY, where, f"copy:{source}:{number}")
    _put(uow, services, job, way, source=str(source), message=number)


def _put(
    uow: UnitOfWork, services: Services, job: Job, way: tuple[OutgoingKind, str, str], **more: Param
) -> None:
    kind, recipient, once = way
    key = f"job:{job.id}:{once}"
    params: dict[str, Param] = {"job": job.id, **more}
    uow.outbox.put(
        Outgoing(kind, recipient, recipient, key, job.case_id, params, Priority.ESCALATION), services.now()
    )


def _chat(services: Services, job: Job) -> str | None:
    """Where the technician is reached on Telegram: by the bot that speaks for the operator."""
    if job.contact.telegram_id is None:
        return None
    return str(services.accounts.of(job.operator_id).address(job.contact.telegram_id))


def _topic(job: Job) -> str:
    return f"case:{job.case_id}"
