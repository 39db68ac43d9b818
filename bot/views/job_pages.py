"""The pages of a job's link: small, without script, for a phone's browser."""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from html import escape

from bot.cases.technicians.dossier import Dossier
from bot.domain.job import REPORTED, Hindrance, Job, JobState, JobTrigger, possible
from bot.views import technician
from bot.views.i18n import Translate

STYLE = (
    "*{box-sizing:border-box}"
    "body{font:17px/1.5 system-ui,sans-serif;margin:0;background:#f4f5f7;color:#14171c}"
    "main{max-width:34rem;margin:0 auto;padding:1.25rem 1rem 3rem}"
    "h1{font-size:1.35rem;line-height:1.25;margin:0}h2{font-size:1.05rem;margin:0 0 .5rem}"
    ".state{display:inline-block;margin:.5rem 0 1rem;padding:.2rem .7rem;border-radius:1rem;background:#dfe6f3;"
    "font-size:.9rem}.news{padding:.9rem 1rem;border-radius:.75rem;background:#fff3d6;margin:0 0 1rem}"
    ".card{background:#fff;border-radius:.75rem;padding:1rem;margin:0 0 1rem;overflow-wrap:anywhere}"
    ".card p{margin:0 0 .9rem}.card p:last-child{margin:0}"
    "form{margin:0 0 .75rem}fieldset{border:0;margin:0 0 1rem;padding:0}legend{font-weight:600;padding:0 0 .5rem}"
    ".pick{display:flex;align-items:center;gap:.6rem;min-height:2.9rem;padding:.35rem .75rem;margin:0 0 .4rem;"
    "border:1px solid #cfd5df;border-radius:.6rem;background:#fff}"
    ".pick input{width:1.25rem;height:1.25rem;flex:none}"
    ".field{display:block;margin:0 0 1rem}.field span{display:block;font-size:.95rem;margin:0 0 .3rem}"
    "textarea,input[type=file]{width:100%;font:inherit;padding:.6rem;border:1px solid #cfd5df;"
    "border-radius:.6rem;background:#fff;color:inherit}"
    "button,.call{display:block;width:100%;font:inherit;font-weight:600;text-align:center;text-decoration:none;"
    "padding:.95rem 1rem;border-radius:.75rem;border:2px solid #0b57d0;cursor:pointer}"
    "button.go{background:#0b57d0;color:#fff}button.no,.call{background:none;color:#0b57d0}"
    "summary{font-weight:600;padding:.9rem 0;cursor:pointer;color:#0b57d0}.soft{color:#4a5260;font-size:.92rem}"
    "code{font-family:ui-monospace,monospace}a{color:#0b57d0}"
    "@media(prefers-color-scheme:dark){body{background:#14171c;color:#f1f3f6}"
    ".card,.pick,textarea,input[type=file]{background:#20252d;border-color:#3b4350}.state{background:#2d3645}"
    ".news{background:#4a3a10}.soft{color:#b6bdc9}a,summary{color:#a8c7fa}"
    "button,.call{border-color:#a8c7fa}button.go{background:#a8c7fa;color:#062e6f}button.no,.call{color:#a8c7fa}}"
)


class News(StrEnum):
    """What is said above the page, other than where the job stands."""

    STALE = "stale"
    CHOOSE = "choose"
    BAD_PHOTO = "bad_photo"
    TOO_LARGE = "too_large"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page says on top: news, or the station's word where it contradicts a repair."""

    news: News | None = None
    status: str | None = None


def policy() -> str:
    """The Content-Security-Policy of all of these pages: this one stylesheet, forms to this service, nothing else."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    allowed = f"style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    return f"default-src 'none'; {allowed}"


def gone(t: Translate) -> str:
    """For a link that opens nothing, whatever the reason is. It tells nothing of any case."""
    return _page(t, t("page_job.gone_title"), f'<p class="card">{escape(t("page_job.gone"))}</p>')


def page(dossier: Dossier, shown: Shown, t: Translate) -> str:
    """The job as it stands, with the forms of what may come next."""
    job = dossier.job
    if job.state is JobState.WITHDRAWN:
        return gone(t)
    known = job.open or job.state in REPORTED
    title = f"#{job.case_id} · {technician.where(dossier)}" if known else f"#{job.case_id}"
    parts = [
        f'<p class="state">{escape(t(f"job_state.{job.state.value}"))}</p>',
        _news(shown, t),
        f'<p class="card"><strong>{escape(_asks(dossier, t))}</strong></p>',
        *_forms(job, t),
        _facts(dossier, t) if job.open else "",
        _call(dossier.briefing.operator.hotline_phone, t),
    ]
    return _page(t, title, "".join(parts))


def _news(shown: Shown, t: Translate) -> str:
    if shown.status is not None:
        said = t("page_job.contradicted", status=t(f"status.{shown.status}"))
    elif shown.news is not None:
        said = escape(t(f"page_job.{shown.news.value}"))
    else:
        return ""
    return f'<p class="news" role="alert">{said}</p>'


def _asks(dossier: Dossier, t: Translate) -> str:
    job, b = dossier.job, dossier.briefing
    if job.state is JobState.CANNOT_FIX:
        return t("page_job.cannot_fixed")
    due = t.clock_on(job.answer_due, b.operator.time_zone, b.at.date())
    return t(f"page_job.{job.state.value}").replace("{time}", due)


def _forms(job: Job, t: Translate) -> Iterable[str]:
    for each in possible(job):
        label = escape(t(f"page_job.{each.value}"))
        match each:
            case JobTrigger.FIX:
                causes = [(cause.value, t(f"job_cause.{cause.value}")) for cause in technician.CAUSES]
                says = f'<p class="soft">{escape(t("page_job.checking"))}</p>'
                inside = _choices(t("page_job.cause"), "cause", causes) + _report(t) + says
                yield f'<div class="card"><h2>{label}</h2>{_form(job, each, inside, label)}</div>'
            case JobTrigger.CANNOT_FIX:
                reasons = [(reason.value, t(f"hindrance.{reason.value}")) for reason in Hindrance]
                inside = _choices(t("page_job.hindrance"), "cause", reasons) + _report(t)
                form = _form(job, each, inside, label)
                yield f'<details class="card"><summary>{label}</summary>{form}</details>'
            case _:
                yield _form(job, each, "", label)


def _form(job: Job, trigger: JobTrigger, inside: str, label: str) -> str:
    kind = "no" if trigger in {JobTrigger.DECLINE, JobTrigger.CANNOT_FIX} else "go"
    return (
        '<form method="post" enctype="multipart/form-data">'
        f'<input type="hidden" name="version" value="{job.version}">{inside}'
        f'<button class="{kind}" name="do" value="{trigger.value}">{label}</button></form>'
    )


def _choices(legend: str, name: str, choices: Iterable[tuple[str, str]]) -> str:
    picks = "".join(
        f'<label class="pick"><input type="radio" name="{name}" value="{value}" required>'
        f"<span>{escape(label)}</span></label>"
        for value, label in choices
    )
    return f"<fieldset><legend>{escape(legend)}</legend>{picks}</fieldset>"


def _report(t: Translate) -> str:
    return (
        f'<label class="field"><span>{escape(t("page_job.note"))}</span>'
        '<textarea name="note" rows="3" maxlength="1000"></textarea></label>'
        f'<label class="field"><span>{escape(t("page_job.photo"))}</span>'
        '<input type="file" name="photo" accept="image/jpeg,image/png,image/webp"></label>'
    )


def _facts(dossier: Dossier, t: Translate) -> str:
    parts = "".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in technician.facts(dossier, t))
    return f'<div class="card">{parts}</div>'


def _call(phone: str, t: Translate) -> str:
    dial = "".join(each for each in phone if each.isdigit() or each == "+")
    return f'<a class="call" href="tel:{escape(dial)}">{t("page_job.call", phone=phone)}</a>'


def _page(t: Translate, title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="{t.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="robots" content="noindex,nofollow"><meta name="referrer" content="no-referrer">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
