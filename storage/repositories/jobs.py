"""Jobs of technicians, the photos that they send with their reports, and the secret of their links."""

import secrets
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import Connection, Row, Select, bindparam, delete, insert, select, update

from bot.domain.job import Job, JobState
from bot.domain.operator import Contact
from bot.domain.refusal import Refusal
from storage.repositories.upsert import insert_new
from storage.tables import job_photos, jobs, link_secrets

_GET = select(jobs).where(jobs.c.id == bindparam("key"))
_LATEST = select(jobs).where(jobs.c.case_id == bindparam("key")).order_by(jobs.c.id.desc()).limit(1)
_OPEN = select(jobs).where(jobs.c.case_id == bindparam("key"), jobs.c.ended_at.is_(None))
_OPEN_OF = (
    select(jobs).where(jobs.c.telegram_id == bindparam("key"), jobs.c.ended_at.is_(None)).order_by(jobs.c.id)
)
_LATEST_OF = select(jobs).where(jobs.c.telegram_id == bindparam("key")).order_by(jobs.c.id.desc()).limit(1)
_PURPOSE = "job_links"
_SECRET = select(link_secrets.c.secret).where(link_secrets.c.purpose == _PURPOSE)
_BYTES = 32


class Jobs:
    """Jobs; changes of state are guarded by the version."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, job: Job) -> Job:
        """Enters a new job; returns it with its number. The case may have no other open one."""
        row = self._connection.execute(insert(jobs).returning(jobs.c.id), _values(job) | _given(job))
        return replace(job, id=row.scalar_one())

    def get(self, job_id: int) -> Job | None:
        """The job of a number."""
        return self._one(_GET, job_id)

    def latest_of(self, case_id: int) -> Job | None:
        """The newest job of a case, ended or not."""
        return self._one(_LATEST, case_id)

    def open_of(self, case_id: int) -> Job | None:
        """The job of a case that has not ended."""
        return self._one(_OPEN, case_id)

    def open_for(self, telegram_id: int) -> list[Job]:
        """What somebody on Telegram has to do, the oldest first."""
        return [_job(row) for row in self._connection.execute(_OPEN_OF, {"key": telegram_id})]

    def latest_for(self, telegram_id: int) -> Job | None:
        """The newest job of somebody on Telegram, ended or not."""
        return self._one(_LATEST_OF, telegram_id)

    def save(self, before: Job, after: Job) -> None:
        """Keeps a change; Refusal `job.moved_on` where somebody else changed the job meanwhile."""
        found = (jobs.c.id == before.id) & (jobs.c.version == before.version)
        if self._connection.execute(update(jobs).where(found).values(_values(after))).rowcount != 1:
            raise Refusal("job.moved_on")

    def annotate(self, job_id: int, note: str) -> None:
        """Keeps the technician's words; the version stays."""
        self._connection.execute(update(jobs).where(jobs.c.id == job_id).values(note=note))

    def shown(self, job_id: int, chat: str, message: int) -> None:
        """Where the chat shows it."""
        self._connection.execute(update(jobs).where(jobs.c.id == job_id).values(chat=chat, message=message))

    def add_photo(self, job_id: int, at: datetime, content: bytes) -> int:
        """Keeps a photo that came by a link; returns its number."""
        values = {"job_id": job_id, "at": at, "content": content}
        made: int = self._connection.execute(
            insert(job_photos).returning(job_photos.c.id), values
        ).scalar_one()
        return made

    def photo(self, photo_id: int) -> bytes | None:
        """The photo of a number."""
        found: bytes | None = self._connection.execute(
            select(job_photos.c.content).where(job_photos.c.id == photo_id)
        ).scalar()
        return found

    def secret(self) -> bytes | None:
        """What links of jobs are signed with; None while none was needed yet."""
        found: bytes | None = self._connection.execute(_SECRET).scalar()
        return found

    def secret_made(self, now: datetime) -> bytes:
        """The same, made now where there is none."""
        values = {"purpose": _PURPOSE, "secret": secrets.token_bytes(_BYTES), "made_at": now}
        self._connection.execute(insert_new(self._connection, link_secrets), values)
        made: bytes = self._connection.execute(_SECRET).scalar_one()
        return made

    def forget_secret(self) -> None:
        """No link that was ever sent opens anything from now on; the next one brings a new secret."""
        self._connection.execute(delete(link_secrets).where(link_secrets.c.purpose == _PURPOSE))

    def _one(self, statement: Select[tuple[object, ...]], key: int) -> Job | None:
        row = self._connection.execute(statement, {"key": key}).one_or_none()
        return None if row is None else _job(row)


def _given(job: Job) -> dict[str, object]:
    """What never changes."""
    return {
        "case_id": job.case_id,
        "operator_id": job.operator_id,
        "station_id": job.station_id,
        "contact": asdict(job.contact),
        "telegram_id": job.contact.telegram_id,
        "asked_at": job.asked_at,
    }


def _values(job: Job) -> dict[str, object]:
    return {
        "state": job.state.value,
        "version": job.version,
        "answer_due": job.answer_due,
        "accepted_at": job.accepted_at,
        "departed_at": job.departed_at,
        "arrived_at": job.arrived_at,
        "ended_at": job.ended_at,
        "cause": job.cause,
        "note": job.note,
    }


def _job(row: Row[tuple[object, ...]]) -> Job:
    return Job(
        id=row.id,
        case_id=row.case_id,
        operator_id=row.operator_id,
        station_id=row.station_id,
        state=JobState(row.state),
        version=row.version,
        contact=Contact(**row.contact),
        asked_at=row.asked_at,
        answer_due=row.answer_due,
        accepted_at=row.accepted_at,
        departed_at=row.departed_at,
        arrived_at=row.arrived_at,
        ended_at=row.ended_at,
        cause=row.cause,
        note=row.note,
        chat=row.chat,
        message=row.message,
    )
