"""Everything that a technician needs for a job, in one value."""

from dataclasses import dataclass

from bot.cases.agents import briefing
from bot.cases.agents.briefing import Briefing
from bot.cases.readers import one
from bot.cases.services import Services
from bot.cases.technicians import job_links, job_words
from bot.diagnosis.repair import Repair, repair_of
from bot.domain.case import Case
from bot.domain.job import Job
from storage.uow import UnitOfWork

MOST_EARLIER = 5


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was at the EVSE before: a case that has ended, and its technician's job where there was one."""

    case: Case
    job: Job | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """The job with what the hotline knows; names as the technician may read them.

    `directions` say how the station is found on its site; `link` is None where there is no PUBLIC_URL.
    """

    job: Job
    briefing: Briefing
    repair: Repair
    earlier: tuple[Earlier, ...]
    directions: str | None
    link: str | None = None
    adds: bool = False
    """Whether a photo or words from the chat still belong to it, after the work."""


def of_job(uow: UnitOfWork, services: Services, job_id: int, *, with_link: bool = False) -> Dossier:
    """The dossier of a job as it stands; LookupError where there is no such job."""
    job = uow.jobs.get(job_id)
    case = None if job is None else uow.cases.get(job.case_id)
    if job is None or case is None:
        raise LookupError(f"no job {job_id}")
    known = briefing.of_case(uow, services, case, one(job.contact.telegram_id, job.contact.email))
    judgement = case.judgement
    repair = (
        repair_of(None, None) if judgement is None else repair_of(judgement.verdict, judgement.action_class)
    )
    before = [] if case.evse_id is None else uow.cases.ended_on(case.evse_id, case.id, MOST_EARLIER)
    return Dossier(
        job,
        known,
        repair,
        tuple(Earlier(each, uow.jobs.latest_of(each.id)) for each in before),
        None if known.place is None else known.place.station.directions,
        job_links.link(uow, services, job) if with_link and job.open else None,
        job_words.still_adds(uow, services, job),
    )


async def read(services: Services, job_id: int) -> Dossier:
    """The same in a transaction of its own, without the link."""
    return await services.database.read(lambda uow: of_job(uow, services, job_id))


async def with_link(services: Services, job_id: int) -> Dossier:
    """The same with the link, whose secret may have to be made."""
    return await services.transact(lambda uow: of_job(uow, services, job_id, with_link=True))
