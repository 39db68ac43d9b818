"""The e-mail of a job: everything that a technician needs, in HTML and in plain text."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from bot.cases.technicians.dossier import Dossier
from bot.domain.job import JobState
from bot.views import technician
from bot.views.i18n import Translate
from bot.views.notices import Mail, plain

_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_INK, _SOFT, _LINE, _GROUND, _PAPER = "#1b2430", "#5b6776", "#e3e7ec", "#f2f4f7", "#ffffff"
_ACCENT, _WARN, _WARN_GROUND = "#0b57d0", "#8c1d18", "#fdeceb"


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the letter: pairs of a label and a value, points, or both. Plain text, not yet escaped."""

    title: str
    facts: Sequence[tuple[str, str]] = ()
    points: Sequence[str] = ()
    warns: bool = False


@dataclass(frozen=True, slots=True)
class _Letter:
    title: str
    lead: str
    open: str = ""
    """Where the button leads; empty: there is none."""
    label: str = ""
    below: Sequence[str] = ()
    map: str = ""
    parts: Sequence[_Part] = field(default_factory=tuple)
    foot: Sequence[str] = ()


def mail(notice: str, dossier: Dossier, t: Translate) -> Mail:
    """The job itself, or that it is withdrawn."""
    number, where = dossier.job.case_id, technician.where(dossier)
    key = "mail_job.subject" if notice == "job" else f"mail_job.subject_{notice}"
    letter = _job(dossier, t) if notice == "job" else _short(dossier, t)
    return Mail(plain(t(key, number=number, where=where)), _text(letter, t), _html(letter, t))


def _short(dossier: Dossier, t: Translate) -> _Letter:
    title = f"#{dossier.job.case_id} · {technician.where(dossier)}"
    return _Letter(title, plain(technician.stands(dossier.job, t)), foot=_foot(dossier, t)[:1])


def _job(dossier: Dossier, t: Translate) -> _Letter:
    b = dossier.briefing
    lead = plain(t("mail_job.lead", operator=b.operator.name, name=dossier.job.contact.name))
    parts = (
        _Part(t("mail_job.safety"), points=technician.safety(dossier, t), warns=True),
        _where(dossier, t),
        _what(dossier, t),
        _Part(t("mail_job.parts"), points=technician.parts_to_take(dossier, t)),
        _Part(t("mail_job.words"), points=[f"“{each}”" for each in technician.words(dossier)]),
        _Part(t("mail_job.history"), technician.intervals(dossier, t)),
        _earlier(dossier, t),
    )
    return _Letter(
        f"#{dossier.job.case_id} · {technician.where(dossier)}",
        lead,
        dossier.link or "",
        t("mail_job.open"),
        _answering(dossier, t),
        technician.map_link(dossier),
        [each for each in parts if each.facts or each.points],
        _foot(dossier, t),
    )


def _answering(dossier: Dossier, t: Translate) -> list[str]:
    """How and until when an answer is given."""
    job, zone = dossier.job, dossier.briefing.operator.time_zone
    lines = [t("mail_job.open_says")] if dossier.link else []
    if job.contact.telegram_id is not None:
        lines.append(t("mail_job.by_chat"))
    elif not dossier.link:
        lines.append(plain(t("mail_job.by_phone", phone=dossier.briefing.operator.hotline_phone)))
    if job.state is JobState.ASKED:
        due = t.clock_on(job.answer_due, zone, dossier.briefing.at.date())
        lines.append(t("mail_job.answer_by", time=due))
    return lines


def _where(dossier: Dossier, t: Translate) -> _Part:
    place = dossier.briefing.place
    if place is None:
        return _Part(t("mail_job.where"), [(t("mail_job.station"), dossier.job.station_id)])
    location, evse = place.location, place.evse
    facts = [
        (
            t("mail_job.address"),
            f"{location.name}\n{location.address}\n{location.postal_code} {location.city}",
        ),
        (t("mail_job.evse"), evse.evse_id),
        (t("mail_job.station"), evse.station_id),
        (t("mail_job.connector"), f"{evse.connector} · {evse.type} · {t.number(evse.power_kw)} kW"),
    ]
    if dossier.directions:
        facts.insert(1, (t("mail_job.directions"), dossier.directions))
    return _Part(t("mail_job.where"), facts)


def _what(dossier: Dossier, t: Translate) -> _Part:
    b = dossier.briefing
    told = t.clock(b.case.opened_at, b.operator.time_zone)
    facts = [(t("mail_job.reported"), f"{t(f'symptom.{b.case.symptom.value}')}\n{b.driver.name}, {told}")]
    if b.case.judgement is not None:
        facts.append((t("mail_job.verdict"), t(f"verdict.{b.case.judgement.verdict}")))
        facts += technician.evidence(dossier, t)
    return _Part(t("mail_job.what"), facts)


def _earlier(dossier: Dossier, t: Translate) -> _Part:
    before = technician.before(dossier, t)
    facts = [(time, f"{result}\n{found}") for time, result, found in before]
    return _Part(t("mail_job.earlier"), facts, [] if facts else [t("mail_job.none_earlier")])


def _foot(dossier: Dossier, t: Translate) -> list[str]:
    operator = dossier.briefing.operator
    phone = plain(t("mail_job.questions", phone=operator.hotline_phone))
    return [f"{operator.name} · {phone}", t("mail_job.foot")]


def _text(letter: _Letter, t: Translate) -> str:
    opens = f"{letter.label}:\n{letter.open}" if letter.open else ""
    blocks = [letter.title, letter.lead, opens, "\n".join(letter.below)]
    for part in letter.parts:
        facts = [f"{label}: {value.replace(chr(10), ', ')}" for label, value in part.facts]
        blocks.append("\n".join([part.title.upper(), *facts, *(f"- {each}" for each in part.points)]))
    if letter.map:
        blocks.append(f"{t('mail_job.map')}:\n{letter.map}")
    blocks.append("-- \n" + "\n".join(letter.foot))
    return "\n\n".join(block for block in blocks if block) + "\n"


def _html(letter: _Letter, t: Translate) -> str:
    """Tables and inline styles only: that is what mail programs agree upon."""
    button = _button(letter.open, letter.label, _ACCENT, _PAPER) if letter.open else ""
    below = "".join(f'<p style="{_p(14, _SOFT)}">{escape(each)}</p>' for each in letter.below)
    parts = "".join(_part(each) for each in letter.parts if each.warns)
    rest = [each for each in letter.parts if not each.warns]
    at = _button(letter.map, t("mail_job.map"), _GROUND, _ACCENT) if letter.map else ""
    for number, each in enumerate(rest):
        parts += _part(each) + (at if number == 0 else "")
    foot = "".join(f'<p style="{_p(13, _SOFT)}">{escape(each)}</p>' for each in letter.foot)
    inside = (
        f'<h1 style="margin:0 0 12px;{_FONT};font-size:22px;line-height:1.3;color:{_INK}">{escape(letter.title)}</h1>'
        f'<p style="{_p(16, _INK)}">{escape(letter.lead)}</p>{button}{below}{parts}'
    )
    return (
        f'<!doctype html><html lang="{t.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light"><meta name="referrer" content="no-referrer">'
        f"<title>{escape(letter.title)}</title></head>"
        f'<body style="margin:0;padding:0;background:{_GROUND}">'
        f'<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background:{_GROUND}">'
        '<tr><td align="center" style="padding:24px 12px">'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" '
        f'style="max-width:600px;background:{_PAPER};border-radius:8px;border-top:4px solid {_ACCENT}">'
        f'<tr><td style="padding:24px">{inside}</td></tr></table>'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:600px">'
        f'<tr><td style="padding:16px 24px">{foot}</td></tr></table>'
        "</td></tr></table></body></html>"
    )


def _p(size: int, colour: str) -> str:
    return f"margin:0 0 8px;{_FONT};font-size:{size}px;line-height:1.5;color:{colour}"


def _button(leads: str, label: str, ground: str, ink: str) -> str:
    return (
        f'<p style="margin:16px 0"><a href="{escape(leads)}" style="display:block;padding:14px 20px;border-radius:8px;'
        f"background:{ground};color:{ink};{_FONT};font-size:17px;font-weight:600;text-align:center;"
        f'text-decoration:none">{escape(label)}</a></p>'
    )


def _part(part: _Part) -> str:
    colour = _WARN if part.warns else _INK
    heading = f"margin:0 0 8px;{_FONT};font-size:16px;line-height:1.4;color:{colour}"
    title = f'<h2 style="{heading}">{escape(part.title)}</h2>'
    inside = title + _facts(part.facts) + _points(part.points, colour)
    if part.warns:
        style = f"margin:20px 0 0;padding:14px 16px;border-radius:8px;background:{_WARN_GROUND}"
        return f'<div style="{style}">{inside}</div>'
    return f'<div style="margin:24px 0 0">{inside}</div>'


def _facts(facts: Sequence[tuple[str, str]]) -> str:
    if not facts:
        return ""
    cell = f"padding:8px 12px 8px 0;border-bottom:1px solid {_LINE};{_FONT};font-size:15px;line-height:1.45"
    rows = "".join(
        f'<tr><td width="34%" valign="top" style="{cell};color:{_SOFT}">{escape(label)}</td>'
        f'<td valign="top" style="{cell};color:{_INK};word-wrap:break-word">{_broken(value)}</td></tr>'
        for label, value in facts
    )
    style = "border-collapse:collapse;table-layout:fixed"
    return f'<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="{style}">{rows}</table>'


def _broken(value: str) -> str:
    return "<br>".join(escape(line) for line in value.split("\n"))


def _points(points: Sequence[str], colour: str) -> str:
    if not points:
        return ""
    item = f"margin:0 0 6px;{_FONT};font-size:15px;line-height:1.5;color:{colour}"
    entries = "".join(f'<li style="{item}">{escape(point)}</li>' for point in points)
    return f'<ul style="margin:0;padding:0 0 0 20px">{entries}</ul>'
