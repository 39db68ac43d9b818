"""Sending a technician, and what the technician answers, in the chat or by a link."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from bot.cases import filing
from bot.cases.clock.levels import late_by
from bot.cases.clock.waits import next_level, stop_waiting, wait_for_agent
from bot.cases.drivers import escalation, judging, site, watching
from bot.cases.outcomes import JobStands
from bot.cases.remote import climbing
from bot.cases.services import Services
from bot.cases.technicians import jobs
from bot.cases.telling import has_topic, redraw_card, tell_driver, tell_topic
from bot.domain.case import OPEN_STATES, Case, Trigger
from bot.domain.case import move as move_case
from bot.domain.cause import Cause
from bot.domain.job import Hindrance, Job, JobState, JobTrigger, move
from bot.domain.refusal import Refusal
from bot.domain.status import OPERATIVE, ConnectorStatus, StationSnapshot
from bot.domain.timer import Timer, TimerKind
from storage.uow import UnitOfWork

T = TypeVar("T")
UNANSWERED = "technician_did_not_answer"
LONGEST_NOTE = 1000


class Hand(Protocol):
    """Whoever acts on a job: a technician in the chat, or whoever holds the link of the job."""

    @property
    def services(self) -> Services:
        """What use cases are handed."""
        ...

    @property
    def person_id(self) -> int | None:
        """Who it is, where the product knows them."""
        ...

    @property
    def once(self) -> str:
        """What tells one act from another."""
        ...

    def owns(self, job: Job) -> bool:
        """Whether the job is theirs."""
        ...

    async def commit(self, work: Callable[[UnitOfWork], T]) -> T:
        """Runs the transaction of the act."""
        ...


@dataclass(frozen=True, slots=True)
class Report:
    """What the technician says of the work: a `Cause` or a `Hindrance`, words, and a photo as JPEG."""

    cause: str
    note: str = ""
    photo: bytes | None = None


def send_within(uow: UnitOfWork, services: Services, case: Case) -> Case:
    """Hands the case to the station's technician; Refusal `dispatch.no_technician` where none is set.

    Where somebody has the job already, it is taken from them.
    """
    place = None if case.evse_id is None else uow.operators.place(case.evse_id)
    contact = None if place is None else place.station.technician
    if contact is None:
        raise Refusal("dispatch.no_technician")
    after = move_case(case, Trigger.SEND_TECHNICIAN, services.now())
    uow.cases.save(case, after)
    stop_waiting(uow, case)
    climbing.leave(uow, services, after)
    jobs.withdraw(uow, services, after, "other_technician")
    jobs.ask(uow, services, after, contact)
    tell_topic(uow, services, after, "technician_asked", str(after.version), name=contact.name)
    tell_driver(uow, services, after, "technician_asked", str(after.version))
    redraw_card(uow, services, after)
    return after


async def step(hand: Hand, job_id: int, version: int, trigger: JobTrigger) -> JobStands:
    """Accept, decline, on the way, arrived; a Refusal `job.*` where the job has moved on, or is not theirs."""
    return await hand.commit(lambda uow: _stepped(uow, hand, (job_id, version), trigger))


async def cannot_fix(hand: Hand, job_id: int, version: int, report: Report) -> JobStands:
    """The technician was there and could not repair it: the hotline has the case again."""
    Hindrance(report.cause)
    return await hand.commit(lambda uow: _cannot_fix(uow, hand, (job_id, version), report))


async def fixed(hand: Hand, job_id: int, version: int, report: Report) -> JobStands:
    """The technician says it is repaired; it counts once the station agrees, and the job stays where it does not.

    Of a site, all whose own stations agree as well are told; for the others it is not over.
    """
    Cause(report.cause)
    services = hand.services

    def seen(uow: UnitOfWork) -> tuple[Case, list[Case]]:
        _, case = own(uow, hand, job_id, version)
        return case, site.joined_to(uow, case)

    case, joined = await services.database.read(seen)
    snapshot, *others = await asyncio.gather(*(judging.look(services, each) for each in (case, *joined)))
    back = frozenset(
        each.id for each, look in zip(joined, others, strict=True) if _operative(services, look) is not None
    )
    return await hand.commit(lambda uow: _fixed(uow, hand, (job_id, version), report, (snapshot, back)))


def own(uow: UnitOfWork, hand: Hand, job_id: int, version: int | None = None) -> tuple[Job, Case]:
    """The job and its case; Refusal `job.unknown` where it is somebody else's, `job.*` where it has moved on."""
    job = uow.jobs.get(job_id)
    if job is None or not hand.owns(job):
        raise Refusal("job.unknown")
    if version is not None and job.version != version:
        raise Refusal("job.moved_on" if job.open else "job.over")
    return job, filing.read(uow, job.case_id)


def unanswered(uow: UnitOfWork, services: Services, timer: Timer) -> None:
    """No answer in time: the job is no longer theirs, and whoever comes next is called."""
    job = uow.jobs.get(timer.subject)
    case = None if job is None else uow.cases.get(job.case_id)
    if job is None or case is None or job.state is not JobState.ASKED:
        return
    uow.jobs.save(job, after := move(job, JobTrigger.TIME_OUT, services.now()))
    waiting = _back_to_agents(uow, services, case)
    uow.cases.note(case.id, services.now(), UNANSWERED, job=str(job.id))
    late = late_by(timer.due_at, services.now())
    tell_topic(uow, services, waiting, UNANSWERED, str(job.id), name=job.contact.name, late=late)
    next_level(uow, services, waiting, UNANSWERED)
    jobs.show(uow, services, after)
    redraw_card(uow, services, waiting)


_NOTICES = {
    JobTrigger.ACCEPT: "technician_accepted",
    JobTrigger.GO: "technician_departed",
    JobTrigger.ARRIVE: "technician_arrived",
    JobTrigger.DECLINE: "technician_declined",
}


def _stepped(uow: UnitOfWork, hand: Hand, named: tuple[int, int], trigger: JobTrigger) -> JobStands:
    services = hand.services
    job, case = own(uow, hand, *named)
    after = move(job, trigger, services.now())
    notice = _NOTICES[trigger]
    uow.jobs.save(job, after)
    uow.timers.drop(job.id, TimerKind.TECHNICIAN_DID_NOT_ANSWER)
    uow.cases.note(case.id, services.now(), notice, hand.person_id, job=str(job.id))
    if trigger is JobTrigger.ACCEPT:
        case = _moved(uow, services, case, Trigger.TECHNICIAN_ACCEPTS)
        tell_driver(uow, services, case, notice, str(case.version))
    elif trigger is JobTrigger.DECLINE:
        case = _back_to_agents(uow, services, case)
        wait_for_agent(uow, services, case)
    tell_topic(uow, services, case, notice, f"{job.id}:{after.version}", name=job.contact.name)
    jobs.show(uow, services, after)
    redraw_card(uow, services, case)
    return JobStands(after, case)


def _cannot_fix(uow: UnitOfWork, hand: Hand, named: tuple[int, int], report: Report) -> JobStands:
    services = hand.services
    job, case = own(uow, hand, *named)
    ended = move(job, JobTrigger.CANNOT_FIX, services.now())
    after = replace(ended, cause=report.cause, note=_note(report) or job.note)
    uow.jobs.save(job, after)
    waiting = _back_to_agents(uow, services, case)
    uow.cases.note(case.id, services.now(), "cannot_fix", hand.person_id, reason=report.cause)
    tell_topic(
        uow,
        services,
        waiting,
        "technician_cannot_fix",
        f"{job.id}:{after.version}",
        name=job.contact.name,
        hindrance=report.cause,
    )
    _pass_on(uow, hand, after, waiting, report)
    wait_for_agent(uow, services, waiting)
    jobs.show(uow, services, after)
    redraw_card(uow, services, waiting)
    return JobStands(after, waiting)


def _fixed(
    uow: UnitOfWork,
    hand: Hand,
    named: tuple[int, int],
    report: Report,
    seen: tuple[StationSnapshot, frozenset[int]],
) -> JobStands:
    services = hand.services
    snapshot, back = seen
    job, case = own(uow, hand, *named)
    _pass_on(uow, hand, job, case, report)
    operative = _operative(services, snapshot)
    if operative is None:
        return _contradicted(uow, hand, job, case, snapshot)
    ended = move(job, JobTrigger.FIX, services.now())
    done = replace(ended, cause=report.cause, note=_note(report) or job.note)
    uow.jobs.save(job, done)
    resolved = move_case(case, Trigger.RESOLVE, services.now())
    after = replace(resolved, resolution="technician", cause=Cause(report.cause))
    uow.cases.save(case, after)
    uow.cases.note(
        after.id, services.now(), "repaired", hand.person_id, status=operative.value, cause=report.cause
    )
    told = {str(each.conversation) for each in site.joined_to(uow, case) if each.id in back}
    _tell_others(uow, services, after, {str(after.conversation), *told})
    escalation.settled(uow, services, after, "repaired")
    tell_driver(uow, services, after, "repaired", str(after.version))
    site.settled(uow, services, after, back)
    escalation.hand_on(uow, services, after)
    jobs.show(uow, services, done)
    return JobStands(done, after)


def _contradicted(uow: UnitOfWork, hand: Hand, job: Job, case: Case, snapshot: StationSnapshot) -> JobStands:
    """A repair that the station contradicts is not told to the driver as done: technician and agents hear of it."""
    services = hand.services
    status = (_heard(services, snapshot) or ConnectorStatus.UNKNOWN).value
    uow.cases.note(case.id, services.now(), "repair_contradicted", hand.person_id, status=status)
    tell_topic(uow, services, case, "repair_contradicted", hand.once, name=job.contact.name, status=status)
    return JobStands(job, case, status)


def _tell_others(uow: UnitOfWork, services: Services, case: Case, told: set[str]) -> None:
    """Every other driver who reported the EVSE in this trouble, or waits for it, hears it once.

    Their cases stay open: what they told may be another matter, and they are asked whether it works.
    """
    if case.evse_id is None:
        return
    merged = uow.caseload.merged_into(case.id)
    for other in (*uow.cases.open_on(case.evse_id), *merged):
        if str(other.conversation) in told:
            continue
        told.add(str(other.conversation))
        uow.cases.note(other.id, services.now(), "repaired_too", case=str(case.id))
        tell_driver(uow, services, other, "repaired_too", str(case.version))
        if other.state in OPEN_STATES and has_topic(uow, other):
            tell_topic(uow, services, other, "repaired_too", f"{case.id}:{case.version}", number=case.id)
    watching.works(uow, services, case.evse_id, told)


def _pass_on(uow: UnitOfWork, hand: Hand, job: Job, case: Case, report: Report) -> None:
    """Words and a photo that came with a report go into the topic, whatever the station says to it."""
    if note := _note(report):
        uow.cases.note(case.id, hand.services.now(), "technician_said", hand.person_id, words=note)
        tell_topic(uow, hand.services, case, "technician_said", hand.once, name=job.contact.name, words=note)
    if report.photo is not None:
        number = uow.jobs.add_photo(job.id, hand.services.now(), report.photo)
        uow.cases.note(case.id, hand.services.now(), "technician_photo", hand.person_id, photo=str(number))
        jobs.pass_photo(uow, hand.services, job, number)


def _note(report: Report) -> str:
    return report.note.strip()[:LONGEST_NOTE]


def _moved(uow: UnitOfWork, services: Services, case: Case, trigger: Trigger) -> Case:
    after = move_case(case, trigger, services.now())
    uow.cases.save(case, after)
    return after


def _back_to_agents(uow: UnitOfWork, services: Services, case: Case) -> Case:
    """The case waits for an agent again; nobody has it."""
    after = replace(move_case(case, Trigger.TECHNICIAN_DECLINES, services.now()), agent_id=None)
    uow.cases.save(case, after)
    return after


def _heard(services: Services, snapshot: StationSnapshot) -> ConnectorStatus | None:
    """The status that the connector has told just now."""
    state = snapshot.connector
    fresh = state is not None and state.age(snapshot.taken_at) <= services.limits.status_is_fresh
    return state.status if state is not None and fresh else None


def _operative(services: Services, snapshot: StationSnapshot) -> ConnectorStatus | None:
    """The same, where the connector can be used by it."""
    status = _heard(services, snapshot)
    return status if status in OPERATIVE else None
