"""What a technician writes or sends in the chat while they have a job, and looking at jobs there."""

from datetime import datetime

from bot.cases.services import Services
from bot.cases.talk.relay import Message
from bot.cases.technicians import dispatch, jobs
from bot.cases.technicians.dispatch import Hand
from bot.cases.technicians.hands import InChat
from bot.cases.telling import tell_topic
from bot.cases.turn import Turn
from bot.domain.case import OPEN_STATES
from bot.domain.job import REPORTED, Job, JobState
from bot.domain.qr_payload import evse_candidates
from storage.uow import UnitOfWork

_TOLD = "job_told"


async def open_jobs(turn: Turn) -> list[Job]:
    """What the person has to do, of the operators that may be spoken of here."""
    who = turn.person.telegram_id
    found = [] if who is None else await turn.services.database.read(lambda uow: uow.jobs.open_for(who))
    return [each for each in found if turn.sees(each.operator_id)]


async def check(hand: Hand, job_id: int, version: int) -> Job:
    """The job, where it stands as the button thinks; a Refusal `job.*` otherwise. Nothing is changed."""
    return await hand.services.database.read(lambda uow: dispatch.own(uow, hand, job_id, version)[0])


async def look(hand: InChat, job_id: int, message: int | None) -> None:
    """The person looks at a job of theirs: from now on it is this message that follows it."""

    def shown(uow: UnitOfWork) -> None:
        job, _ = dispatch.own(uow, hand, job_id)
        if message is not None:
            uow.jobs.shown(job.id, str(hand.turn.conversation), message)

    await hand.services.transact(shown)


async def done(hand: Hand, job_id: int) -> None:
    """Nothing more is to come: what the person sends from now on is not for this job."""

    def told(uow: UnitOfWork) -> None:
        job, case = dispatch.own(uow, hand, job_id)
        uow.cases.note(case.id, hand.services.now(), _TOLD, hand.person_id, job=str(job.id))

    await hand.commit(told)


async def said(turn: Turn, message: Message) -> Job | None:
    """Has a message go into the topic of the person's job, and returns the job.

    None, with nothing changed, where it is for no job: none is under way or just ended, or they are busy with a report
    of their own, or name a station.
    """
    if not await turn.services.database.read(lambda uow: _meant(uow, turn, message)):
        return None
    return await turn.commit(lambda uow: _said(uow, turn, message))


def still_adds(uow: UnitOfWork, services: Services, job: Job) -> bool:
    """Whether what its technician sends into the chat still belongs to a job that has ended."""
    if job.state not in REPORTED or job.ended_at is None or job.contact.telegram_id is None:
        return False
    if services.now() - job.ended_at > services.limits.technician_adds_within:
        return False
    number = str(job.id)
    return not any(
        event.kind == _TOLD and event.data.get("job") == number for event in uow.cases.events(job.case_id)
    )


def _said(uow: UnitOfWork, turn: Turn, message: Message) -> Job | None:
    job = _meant(uow, turn, message)
    case = None if job is None else uow.cases.get(job.case_id)
    if job is None or case is None:
        return None
    services, name = turn.services, job.contact.name
    words = message.words or ""
    kept = {"words": words, "sent": message.kind, "message": str(message.number), "file": message.file or ""}
    uow.cases.note(case.id, turn.now(), "technician_said", turn.person.id, **kept)
    once = f"{turn.conversation}:{message.number}"
    if message.kind == "text":
        tell_topic(uow, services, case, "technician_said", once, name=name, words=words)
    else:
        tell_topic(uow, services, case, "technician_sent_file", once, name=name)
        jobs.pass_message(uow, services, job, turn.conversation, message.number)
    if words and job.state in REPORTED:
        uow.jobs.annotate(job.id, "\n".join(filter(None, (job.note, words)))[: dispatch.LONGEST_NOTE])
    return job


def _meant(uow: UnitOfWork, turn: Turn, message: Message) -> Job | None:
    """The job that a message is for: the one whose message it answers, else the one that was last changed."""
    who = turn.person.telegram_id
    if who is None or evse_candidates(message.words or "") or _reports(uow, turn):
        return None
    found = [each for each in uow.jobs.open_for(who) if each.state is not JobState.ASKED]
    latest = uow.jobs.latest_for(who)
    if latest is not None and still_adds(uow, turn.services, latest):
        found.append(latest)
    theirs = [each for each in found if turn.sees(each.operator_id)]
    answered = [
        each
        for each in theirs
        if message.reply_to is not None
        and each.message == message.reply_to
        and each.chat == str(turn.conversation)
    ]
    return max(answered or theirs, key=_changed, default=None)


def _reports(uow: UnitOfWork, turn: Turn) -> bool:
    """Whether they are a driver at the moment, with a report of their own."""
    case = uow.cases.latest_in(turn.conversation)
    return uow.drafts.get(turn.conversation) is not None or (case is not None and case.state in OPEN_STATES)


def _changed(job: Job) -> datetime:
    return job.ended_at or job.arrived_at or job.departed_at or job.accepted_at or job.asked_at
