"""Signed links by which a technician who is not on Telegram answers in a browser.

A link names the job and when it expires, and proves both, and whom the job was given to, by 128 bits that only this
instance can make. Its secret is made by the instance and kept in its database.
"""

import base64
import hmac
from datetime import UTC, datetime

from bot.cases.services import Services
from bot.domain.job import Job
from storage.uow import UnitOfWork

PATH = "/j/"
_PROOF_BYTES = 16
_PARTS = 3
_LONGEST = 80
_LARGEST = 2**53


def link(uow: UnitOfWork, services: Services, job: Job) -> str | None:
    """The job's link, good for as long as the limit says from when the job was given; None without PUBLIC_URL."""
    if not services.public_url:
        return None
    expires = int((job.asked_at + services.limits.job_link_lasts).timestamp())
    proof = _proof(uow.jobs.secret_made(services.now()), job, expires)
    return f"{services.public_url.rstrip('/')}{PATH}{job.id}.{expires}.{proof}"


def opened(uow: UnitOfWork, services: Services, token: str) -> Job | None:
    """The job that the last part of a link opens now; None where it was changed, has expired or was withdrawn."""
    parts = token.split(".")
    if len(token) > _LONGEST or len(parts) != _PARTS or not all(map(_is_number, parts[:2])):
        return None
    number, expires = int(parts[0]), int(parts[1])
    job = uow.jobs.get(number) if number < _LARGEST else None
    secret = uow.jobs.secret()
    if job is None or secret is None or not parts[2].isascii():
        return None
    # The proof comes first: nothing is told of a link that was not made here, not even that it has expired.
    if not hmac.compare_digest(_proof(secret, job, expires), parts[2]):
        return None
    return None if services.now() >= datetime.fromtimestamp(expires, UTC) else job


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and text == str(int(text))


def _proof(secret: bytes, job: Job, expires: int) -> str:
    who = job.contact
    parts = (job.id, expires, who.name, who.phone, who.email, who.telegram_id)
    digest = hmac.digest(secret, "\0".join(map(str, parts)).encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:_PROOF_BYTES]).decode().rstrip("=")
