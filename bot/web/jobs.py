"""The pages behind the links of jobs: what a technician does in the chat, in a browser.

Opening a link only shows: programs that look at mails open links, too. Each step is a form with the job's version, so
that it works once.
"""

import secrets
from dataclasses import dataclass, field

import structlog
from aiohttp import BodyPartReader, web

from bot.cases.outcomes import JobStands
from bot.cases.services import Services
from bot.cases.technicians import dispatch, dossier, job_links
from bot.cases.technicians.dispatch import Report
from bot.cases.technicians.dossier import Dossier
from bot.cases.technicians.hands import ByLink
from bot.domain.cause import Cause
from bot.domain.job import Hindrance, Job, JobState, JobTrigger
from bot.domain.refusal import Refusal
from bot.views.i18n import Texts, Translate
from bot.views.job_pages import News, Shown, gone, page, policy
from bot.web.photos import LARGEST, UnreadablePhoto, cleaned

log = structlog.get_logger()
_LONGEST_FIELD = 8 * 1024
_MOST_PARTS = 8
_CHOICES: dict[JobTrigger, frozenset[str]] = {
    JobTrigger.FIX: frozenset(each.value for each in Cause),
    JobTrigger.CANNOT_FIX: frozenset(each.value for each in Hindrance),
}
_STEPS = frozenset({JobTrigger.ACCEPT, JobTrigger.DECLINE, JobTrigger.GO, JobTrigger.ARRIVE})


@dataclass(slots=True)
class _Form:
    """What came in; `photo` as it came."""

    fields: dict[str, str] = field(default_factory=dict)
    photo: bytes = b""


class _NothingChosen(Exception):
    """The form says neither what it was nor what is in the way."""


class _TooLarge(Exception):
    """More was sent than the form takes."""


def add_job_pages(app: web.Application, services: Services, texts: Texts) -> None:
    """`/j/<token>`: GET shows the job, POST takes one step of it."""
    pages = _Pages(services, texts)
    app.router.add_get(job_links.PATH + "{token}", pages.show)
    app.router.add_post(job_links.PATH + "{token}", pages.act)


class _Pages:
    def __init__(self, services: Services, texts: Texts) -> None:
        self._services = services
        self._texts = texts

    async def show(self, request: web.Request) -> web.Response:
        job = await self._opened(request)
        if job is None:
            return self._gone(request)
        return await self._page(job.id, Shown())

    async def act(self, request: web.Request) -> web.StreamResponse:
        job = await self._opened(request)
        if job is None:
            return self._gone(request)
        try:
            form = await _read(request)
            outcome = await self._acted(job, form)
        except _TooLarge:
            return await self._page(job.id, Shown(News.TOO_LARGE), status=413)
        except UnreadablePhoto:
            return await self._page(job.id, Shown(News.BAD_PHOTO), status=400)
        except _NothingChosen:
            return await self._page(job.id, Shown(News.CHOOSE), status=400)
        except Refusal:
            return await self._page(job.id, Shown(News.STALE), status=409)
        log.info("job_answered_by_link", job=job.id, state=outcome.job.state.value)
        if outcome.status_now is not None:
            return await self._page(job.id, Shown(status=outcome.status_now))
        # The step is done: going back or loading again repeats nothing.
        return web.Response(status=303, headers={**_headers(), "Location": request.path})

    async def _opened(self, request: web.Request) -> Job | None:
        token = request.match_info["token"]
        job = await self._services.database.read(lambda uow: job_links.opened(uow, self._services, token))
        return None if job is None or job.state is JobState.WITHDRAWN else job

    async def _acted(self, job: Job, form: _Form) -> JobStands:
        version, does = form.fields.get("version", ""), form.fields.get("do", "")
        if not version.isdecimal() or does not in set(JobTrigger):
            raise Refusal("job.moved_on")
        trigger, hand = JobTrigger(does), ByLink(self._services, job.id, secrets.token_hex(8))
        named = (job.id, int(version[:9]))
        if trigger in _STEPS:
            return await dispatch.step(hand, *named, trigger)
        if form.fields.get("cause", "") not in _CHOICES.get(trigger, frozenset()):
            raise _NothingChosen
        photo = await cleaned(form.photo) if form.photo else None
        report = Report(form.fields["cause"], form.fields.get("note", ""), photo)
        act = dispatch.fixed if trigger is JobTrigger.FIX else dispatch.cannot_fix
        return await act(hand, *named, report)

    async def _page(self, job_id: int, shown: Shown, *, status: int = 200) -> web.Response:
        known = await dossier.read(self._services, job_id)
        return _html(page(known, shown, await self._t(known)), status)

    def _gone(self, request: web.Request) -> web.Response:
        return _html(gone(_preferred(request, self._texts)), 404)

    async def _t(self, known: Dossier) -> Translate:
        """In the technician's language where it is known, else the operator's."""
        telegram_id, person = known.job.contact.telegram_id, None
        if telegram_id is not None:
            person = await self._services.database.read(lambda uow: uow.people.by_telegram(telegram_id))
        return self._texts.to(None if person is None else person.language, known.briefing.operator.language)


async def _read(request: web.Request) -> _Form:
    """The parts of a form, none kept beyond what is taken of it."""
    if not request.content_type.startswith("multipart/"):
        raise Refusal("job.moved_on")
    form = _Form()
    try:
        reader = await request.multipart()
        for _ in range(_MOST_PARTS):
            part = await reader.next()
            if part is None:
                return form
            if not isinstance(part, BodyPartReader):
                break
            if part.name == "photo":
                form.photo = await _content(part, LARGEST)
            elif part.name:
                form.fields[part.name] = (await _content(part, _LONGEST_FIELD)).decode(errors="replace")
    except ValueError as error:
        raise Refusal("job.moved_on") from error
    raise Refusal("job.moved_on")


async def _content(part: BodyPartReader, most: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk():
        content += chunk
        if len(content) > most:
            raise _TooLarge
    return bytes(content)


def _preferred(request: web.Request, texts: Texts) -> Translate:
    """The first language of the browser that there is."""
    for wanted in request.headers.get("Accept-Language", "").split(","):
        code = wanted.partition(";")[0].strip().partition("-")[0].lower()
        if code in texts.by_language:
            return texts.to(code)
    return texts.to(None)


def _html(text: str, status: int) -> web.Response:
    return web.Response(text=text, content_type="text/html", status=status, headers=_headers())


def _headers() -> dict[str, str]:
    return {
        "Content-Security-Policy": policy(),
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex, nofollow",
        "X-Content-Type-Options": "nosniff",
    }
