"""`/audit`: who did what, by person, act, subject and date, and the whole as a table."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.admin.forms import argument, named, number, said
from bot.admin.visit import Door, Section, Visit
from bot.domain.refusal import Refusal
from bot.domain.rights import Right
from bot.operations import audit
from bot.telegram.incoming import Words
from bot.views import audit as view
from bot.views.callbacks import Go
from storage.repositories.audit import AuditFilter
from storage.repositories.desks import Form

SUBJECT, DATE = "audit.subject", "audit.date"
_KEPT = ("audit_person", "audit_act", "audit_subject", "audit_since", "audit_until")
_DATES = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})\.(\d{1,2})\.(\d{4})")
MOST_WORDS = 60


async def _command(visit: Visit, words: str) -> None:
    await _keep(visit, {"audit_subject": words} if words else {}, whole=True)


async def _list(visit: Visit, arguments: tuple[str, ...]) -> None:
    if visit.desk.form is not None:
        await visit.keep(replace(visit.desk, form=None))
    await _draw(visit, visit.desk.filters, number(arguments))


async def _clear(visit: Visit, _arguments: tuple[str, ...]) -> None:
    await _keep(visit, {}, whole=True)


async def _person(visit: Visit, arguments: tuple[str, ...]) -> None:
    if argument(arguments, 0) == "is":
        return await _keep(visit, {"audit_person": str(number(arguments, 1))})
    await visit.show(view.people(await audit.choices(visit.acting), visit.t, number(arguments, 1)))


async def _act(visit: Visit, arguments: tuple[str, ...]) -> None:
    found = await audit.choices(visit.acting)
    if argument(arguments, 0) == "is":
        act = named(((each, each) for each in found.acts), argument(arguments, 1), "button.old")
        return await _keep(visit, {"audit_act": act})
    await visit.show(view.acts(found, visit.t, number(arguments, 1)))


async def _subject(visit: Visit, _arguments: tuple[str, ...]) -> None:
    await audit.choices(visit.acting)
    await visit.ask(Form(SUBJECT), view.asks_subject(visit.t))


async def _subject_said(visit: Visit, _form: Form, words: Words) -> None:
    await _keep(visit, {"audit_subject": said(words)[:MOST_WORDS]})


async def _date(visit: Visit, arguments: tuple[str, ...]) -> None:
    await audit.choices(visit.acting)
    if not arguments:
        return await visit.ask(Form(DATE), view.asks_date(visit.t))
    here = visit.acting.now.astimezone(ZoneInfo(visit.operator.time_zone)).date()
    since = here - timedelta(days=number(arguments) - 1)
    await _keep(visit, {"audit_since": _midnight(visit, since).isoformat(), "audit_until": ""})


async def _date_said(visit: Visit, _form: Form, words: Words) -> None:
    days = [_day(match) for match in _DATES.finditer(said(words))]
    if not 1 <= len(days) <= 2:  # noqa: PLR2004  # A day, or the first and the last one.
        raise Refusal("audit.date")
    first, last = min(days), max(days)
    until = _midnight(visit, last + timedelta(days=1))
    await _keep(visit, {"audit_since": _midnight(visit, first).isoformat(), "audit_until": until.isoformat()})


async def _csv(visit: Visit, _arguments: tuple[str, ...]) -> None:
    log = await audit.export(visit.acting, _wanted(visit.desk.filters))
    await visit.reply.hand(view.file(log, visit.t), view.handed(log, visit.t))


async def _keep(visit: Visit, news: Mapping[str, str], *, whole: bool = False) -> None:
    """Keeps the filter, and shows what fits; `whole` forgets what was looked for so far."""
    kept = {key: value for key, value in visit.desk.filters.items() if not (whole and key in _KEPT)}
    filters = {key: value for key, value in {**kept, **news}.items() if value}
    await visit.keep(replace(visit.desk, form=None, filters=filters))
    await _draw(visit, filters, 0)


async def _draw(visit: Visit, filters: Mapping[str, str], page: int) -> None:
    wanted = _wanted(filters)
    log = await audit.show(visit.acting, wanted, page)
    names = dict((await audit.choices(visit.acting)).people)
    by = None if wanted.person_id is None else names.get(wanted.person_id, "–")
    await visit.show(view.show(log, wanted, by, visit.t))


def _wanted(filters: Mapping[str, str]) -> AuditFilter:
    person = filters.get("audit_person")
    return AuditFilter(
        filters.get("audit_act"),
        None if person is None else int(person),
        filters.get("audit_subject"),
        _moment(filters.get("audit_since")),
        _moment(filters.get("audit_until")),
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _midnight(visit: Visit, day: date) -> datetime:
    """The beginning of a day where the operator is."""
    return datetime.combine(day, time(), ZoneInfo(visit.operator.time_zone)).astimezone(UTC)


def _day(match: re.Match[str]) -> date:
    year, month, day = (match[1], match[2], match[3]) if match[1] else (match[6], match[5], match[4])
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise Refusal("audit.date") from None


SECTION = Section(
    commands={"audit": _command},
    taps={
        "au.list": _list,
        "au.clear": _clear,
        "au.person": _person,
        "au.act": _act,
        "au.subject": _subject,
        "au.date": _date,
        "au.csv": _csv,
    },
    forms={SUBJECT: _subject_said, DATE: _date_said},
    doors=(Door("audit", Go("au.list"), frozenset({Right.AUDIT})),),
)
