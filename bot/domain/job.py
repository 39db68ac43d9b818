"""A job: that one technician goes to one station for one case, and the one table that says how its state may change."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.operator import Contact
from bot.domain.refusal import Refusal


class JobState(StrEnum):
    """Where a job stands."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    ON_THE_WAY = "on_the_way"
    ARRIVED = "arrived"
    FIXED = "fixed"
    CANNOT_FIX = "cannot_fix"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    WITHDRAWN = "withdrawn"
    """The case has ended, or somebody else has it."""


class JobTrigger(StrEnum):
    """What happens to a job."""

    ACCEPT = "accept"
    GO = "go"
    ARRIVE = "arrive"
    FIX = "fix"
    CANNOT_FIX = "cannot_fix"
    DECLINE = "decline"
    TIME_OUT = "time_out"
    WITHDRAW = "withdraw"


class Hindrance(StrEnum):
    """Why a technician could not repair it."""

    SPARE_PART = "spare_part"
    ELECTRICIAN = "electrician"
    """Somebody else's trade: an electrician, or the grid operator."""
    NO_ACCESS = "no_access"
    OTHER = "other"


_S, _T = JobState, JobTrigger
TRANSITIONS: dict[tuple[JobState, JobTrigger], JobState] = {
    (_S.ASKED, _T.ACCEPT): _S.ACCEPTED,
    (_S.ASKED, _T.DECLINE): _S.DECLINED,
    (_S.ASKED, _T.TIME_OUT): _S.UNANSWERED,
    (_S.ASKED, _T.WITHDRAW): _S.WITHDRAWN,
    (_S.ACCEPTED, _T.GO): _S.ON_THE_WAY,
    (_S.ACCEPTED, _T.DECLINE): _S.DECLINED,
    (_S.ACCEPTED, _T.WITHDRAW): _S.WITHDRAWN,
    (_S.ON_THE_WAY, _T.ARRIVE): _S.ARRIVED,
    (_S.ON_THE_WAY, _T.DECLINE): _S.DECLINED,
    (_S.ON_THE_WAY, _T.WITHDRAW): _S.WITHDRAWN,
    (_S.ARRIVED, _T.FIX): _S.FIXED,
    (_S.ARRIVED, _T.CANNOT_FIX): _S.CANNOT_FIX,
    (_S.ARRIVED, _T.WITHDRAW): _S.WITHDRAWN,
}

OPEN_JOBS = frozenset({JobState.ASKED, JobState.ACCEPTED, JobState.ON_THE_WAY, JobState.ARRIVED})
REPORTED = frozenset({JobState.FIXED, JobState.CANNOT_FIX})
"""The technician was there, and may add a photo or some words."""


@dataclass(frozen=True, slots=True)
class Job:
    """One technician's job. `contact` is whom it was given to, as it stood then.

    `version` grows with every change; a button or a form that carries an older one is stale. `cause` is what was found
    where it was fixed, or the `Hindrance` where it could not be. `chat` and `message` are where Telegram shows it.
    """

    id: int
    case_id: int
    operator_id: str
    station_id: str
    state: JobState
    version: int
    contact: Contact
    asked_at: datetime
    answer_due: datetime
    accepted_at: datetime | None = None
    departed_at: datetime | None = None
    arrived_at: datetime | None = None
    ended_at: datetime | None = None
    cause: str | None = None
    note: str | None = None
    chat: str | None = None
    message: int | None = None

    @property
    def open(self) -> bool:
        """Whether something is still to be done."""
        return self.state in OPEN_JOBS


def move(job: Job, trigger: JobTrigger, now: datetime) -> Job:
    """The job after the trigger, with the time kept; Refusal `job.over` or `job.moved_on` where it cannot be."""
    state = TRANSITIONS.get((job.state, trigger))
    if state is None:
        raise Refusal("job.moved_on" if job.open else "job.over")
    after = replace(job, state=state, version=job.version + 1)
    match state:
        case JobState.ACCEPTED:
            return replace(after, accepted_at=now)
        case JobState.ON_THE_WAY:
            return replace(after, departed_at=now)
        case JobState.ARRIVED:
            return replace(after, arrived_at=now)
        case _:
            return replace(after, ended_at=now)


def possible(job: Job) -> tuple[JobTrigger, ...]:
    """What the technician may do now, the usual first."""
    theirs = (
        JobTrigger.ACCEPT,
        JobTrigger.GO,
        JobTrigger.ARRIVE,
        JobTrigger.FIX,
        JobTrigger.CANNOT_FIX,
        JobTrigger.DECLINE,
    )
    return tuple(each for each in theirs if (job.state, each) in TRANSITIONS)
