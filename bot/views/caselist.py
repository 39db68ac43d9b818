"""Lists of cases for agents: what waits, what they have, and what was before."""

import html
from datetime import timedelta

from bot.cases.agents.caselist import CaseList, Earlier, History, Listed
from bot.domain.case import CaseState, Severity
from bot.domain.topic_link import topic_link
from bot.views import rating
from bot.views.callbacks import CaseVerb, OnCase
from bot.views.i18n import Translate
from bot.views.paging import cut
from bot.views.screen import Button, Screen, columns

MOST = 10
NOTE_LENGTH = 80
_MARKS = {Severity.P1: "‼️ ", Severity.P2: "", Severity.P3: ""}


def cases(found: CaseList, t: Translate) -> Screen:
    """The list; in a group the cases that wait can be taken from it."""
    kind = "mine" if found.mine else "queue"
    if not found.cases:
        return Screen(t(f"caselist.no_{kind}"))
    shown = found.cases[:MOST]
    lines = [t(f"caselist.{kind}", count=len(found.cases)), *(_line(each, found, t) for each in shown)]
    if len(found.cases) > MOST:
        lines.append(t("caselist.more", count=len(found.cases) - MOST))
    waiting = [each.case for each in shown if each.case.state is CaseState.WAITING_AGENT]
    buttons = [
        Button(t("caselist.take", number=case.id), OnCase(CaseVerb.TAKE_LISTED, case.id, case.version))
        for case in waiting
        if found.group
    ]
    return Screen("\n".join(lines), columns(buttons, 3))


def history(found: History, t: Translate) -> Screen:
    """What was before, the newest first."""
    parts = []
    if found.driver is not None:
        head = t("caselist.of_driver", driver=found.driver)
        parts.append(_part(head, "caselist.nothing_of_driver", found.of_driver, found, t))
    if found.evse_id is not None:
        head = t("caselist.of_evse", evse=found.evse_id)
        parts.append(_part(head, "caselist.nothing_of_evse", found.of_evse, found, t))
    return Screen("\n\n".join(parts))


def _line(listed: Listed, found: CaseList, t: Translate) -> str:
    case = listed.case
    link = topic_link(case.topic)
    number = f"#{case.id}" if link is None else f'<a href="{link}">#{case.id}</a>'
    asleep = case.snoozed_until is not None and case.snoozed_until > found.at
    # It becomes a value itself, and is escaped there.
    state = html.unescape(t(f"state.{case.state.value}", agent=listed.agent or ""))
    text = t(
        "caselist.case",
        severity=case.severity.value,
        evse=case.evse_id or "?",
        symptom=t(f"symptom.{case.symptom.value}"),
        state=state,
        age=t.span(max(found.at - case.changed_at, timedelta(minutes=1))),
    )
    return f"· {_MARKS[case.severity]}{number} {text}{' 💤' if asleep else ''}"


def _part(head: str, nothing: str, earlier: tuple[Earlier, ...], found: History, t: Translate) -> str:
    if not earlier:
        return f"{head}\n{t(nothing)}"
    of_driver = nothing == "caselist.nothing_of_driver"
    return "\n".join([head, *(_earlier(each, found, t, of_driver=of_driver) for each in earlier)])


def _earlier(each: Earlier, found: History, t: Translate, *, of_driver: bool) -> str:
    case = each.case
    day = t.date_of(case.opened_at, found.operator.time_zone)
    judged = case.judgement
    what = t(f"symptom.{case.symptom.value}") if judged is None else t(f"verdict.{judged.verdict}")
    where = f" {case.evse_id}" if of_driver and case.evse_id else ""
    what = what.rstrip(".")
    told = [*_end(each, t), *([rating.brief(case, t)] if case.rating else [])]
    return t("caselist.earlier", day=day, number=f"{case.id}{where}", what=what, told=" · ".join(told))


def _end(each: Earlier, t: Translate) -> list[str]:
    case = each.case
    told = [t(f"state.{case.state.value}", agent="")]
    if case.resolution is not None:
        told = [t.word(case.resolution, "resolution")]
    if case.cause is not None:
        told.append(t(f"job_cause.{case.cause.value}"))
    if each.fix is not None:
        told.append(t("caselist.fix", command=t(f"command.{each.fix.value}")))
    if case.cause_note:
        told.append(html.unescape(t("caselist.note", note=cut(case.cause_note, NOTE_LENGTH))))
    return told
