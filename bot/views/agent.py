"""What agents are shown: the card of a case with everything known, and the lines of its topic."""

import html
import re
from datetime import datetime

from bot.cases.agents.briefing import Briefing, Contact
from bot.domain.case import HUMAN_STATES, MERGED, OPEN_STATES, CaseState, Severity
from bot.domain.job import Job, JobState
from bot.domain.people import Person
from bot.domain.reachability import Reachability
from bot.domain.remote_action import RemoteAction
from bot.domain.status import ConnectorState
from bot.views import evidence, lateness, rating
from bot.views.callbacks import CaseVerb, OnCase
from bot.views.i18n import Translate
from bot.views.screen import Button, Keyboard, Screen, columns, row

_LAMPS = {
    CaseState.WAITING_AGENT: "🔴",
    CaseState.WITH_AGENT: "🟡",
    CaseState.WAITING_TECHNICIAN: "🟠",
    CaseState.WITH_TECHNICIAN: "🟠",
    CaseState.RESOLVED: "🟢",
    CaseState.CLOSED: "⚫",
}
_TAG = re.compile(r"<[^>]*>")
WORDS_SHOWN = 8
WORDS_LENGTH = 200
EVIDENCE_LENGTH = 120
_TOLD_BY_TIMES = frozenset({JobState.ASKED, JobState.ACCEPTED, JobState.ON_THE_WAY, JobState.ARRIVED})
"""States of a job whose last time says all there is to say."""
ACTIONS_SHOWN = 8
OTHERS_SHOWN = 10
CARD_LENGTH = 3600
"""In UTF-16 units without markup: Telegram takes 4096, and some lines may stand above and below the card."""
CONTACT_LENGTH = 50
TOPIC_NAME = 128
"""Telegram Bot API, createForumTopic."""


def topic_name(briefing: Briefing, t: Translate) -> str:
    """The name of the case's topic, in plain text."""
    case = briefing.case
    urgent = "‼️ " if case.severity is Severity.P1 else ""
    what = t(f"symptom.{case.symptom.value}")
    where = case.evse_id or "?"
    return f"{urgent}#{case.id} {where} · {what}"[:TOPIC_NAME]


def card(briefing: Briefing, t: Translate) -> Screen:
    """Driver, EVSE, location, status history, the driver's words, the diagnosis with its evidence, what was tried."""
    told = [_words(briefing, t), _diagnosis(briefing, t), _history(briefing, t)]
    fixed = [_head(briefing, t), _driver(briefing, t), _place(briefing, t)]
    ends = [_tried(briefing, t), _others(briefing, t), _follows(briefing, t), rating.line(briefing.case, t)]
    parts = (*fixed, *_cut(told, CARD_LENGTH - _length(_joined(*fixed, *ends))), *ends)
    return Screen(_joined(*parts), card_keyboard(briefing, t))


def card_keyboard(briefing: Briefing, t: Translate) -> Keyboard:
    """Only what is possible now."""
    case = briefing.case

    def button(verb: CaseVerb, key: str) -> Button:
        return Button(t(f"agent.{key}"), OnCase(verb, case.id, case.version))

    if case.state not in OPEN_STATES:
        return ()
    rows: list[tuple[Button, ...]] = []
    if case.state is CaseState.WAITING_AGENT:
        rows.append(row(button(CaseVerb.TAKE, "take")))
    if case.state is CaseState.WITH_AGENT:
        rows.append(row(button(CaseVerb.HAND_BACK, "hand_back")))
    if case.state in HUMAN_STATES and case.snoozed_until is not None and case.snoozed_until > briefing.at:
        rows.append(row(button(CaseVerb.WAKE, "wake")))
    second = [button(CaseVerb.ACTIONS, "actions")] if briefing.commands or briefing.errands else []
    if case.state in {CaseState.WAITING_AGENT, CaseState.WITH_AGENT} or briefing.other_technician:
        second.append(button(CaseVerb.TECHNICIAN, "technician"))
    if second:
        rows.append(tuple(second))
    if briefing.masked:
        rows.append(row(button(CaseVerb.DRIVER, "driver_contact")))
    if case.state in HUMAN_STATES:
        rows.append(row(button(CaseVerb.ANSWERS, "answers"), button(CaseVerb.MORE, "more")))
        rows.append(row(button(CaseVerb.RESOLVE, "resolve"), button(CaseVerb.CARD, "refresh")))
    return tuple(rows)


def contact(driver: Person, t: Translate) -> str:
    """Who the driver is and how they are reached, in plain text that fits into an alert."""
    ways = [f"@{driver.username}" if driver.username else "", driver.phone or ""]
    lines = [driver.name[:CONTACT_LENGTH], *(way[:CONTACT_LENGTH] for way in ways if way)]
    return t("agent.contact") + "\n" + "\n".join(lines)


def actions_keyboard(briefing: Briefing, t: Translate) -> Keyboard:
    """The remote actions that may be tried."""
    case = briefing.case
    buttons = [
        Button(t(f"command.{each.value}"), OnCase(CaseVerb.CONFIRM, case.id, case.version, each.value))
        for each in briefing.commands
    ]
    errands = [
        Button(t(f"errand.{each.value}"), OnCase(CaseVerb.ERRAND, case.id, case.version, each.value))
        for each in briefing.errands
    ]
    back = row(Button(t("agent.back"), OnCase(CaseVerb.CARD, case.id, case.version)))
    return (*columns(buttons, 2), *columns(errands, 2), back)


def action_line(action: RemoteAction, briefing: Briefing, t: Translate) -> Screen:
    """How an agent's remote action goes, in a message that changes with it."""
    who = t("agent.asked_by", time=t.clock(action.requested_at, briefing.operator.time_zone))
    command = t(f"command.{action.order.command.value}")
    proof = t.word(action.proof or "", "proof", "status")
    return Screen(f"{t(f'topic.remote_{action.state.value}', command=command, proof=proof)}\n<i>{who}</i>")


def confirm_keyboard(briefing: Briefing, command: str, t: Translate) -> Keyboard:
    """Is that meant? The label names the command and what it does to others."""
    case = briefing.case
    return (
        row(
            Button(
                t("agent.confirm", command=t(f"command.{command}")),
                OnCase(CaseVerb.ACT, case.id, case.version, command),
            )
        ),
        row(Button(t("agent.back"), OnCase(CaseVerb.CARD, case.id, case.version))),
    )


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _length(text: str) -> int:
    """In UTF-16 units, without markup, as Telegram counts."""
    return len(html.unescape(_TAG.sub("", text)).encode("utf-16-le")) // 2


def _cut(parts: list[str], room: int) -> list[str]:
    """The parts, of which the longest lose lines at their end until all fit; no line has markup beyond itself."""
    while _length(_joined(*parts)) > room:
        longest = max(range(len(parts)), key=lambda number: _length(parts[number]))
        kept, _, _ = parts[longest].removesuffix("\n…").rpartition("\n")
        if not kept:
            break
        parts = [*parts[:longest], f"{kept}\n…", *parts[longest + 1 :]]
    return parts


def _head(b: Briefing, t: Translate) -> str:
    lamp = _LAMPS.get(b.case.state, "🔵")
    # It becomes a value itself, and is escaped there.
    state = html.unescape(t(f"state.{b.case.state.value}", agent=b.agent or ""))
    head = t("agent.head", lamp=lamp, number=b.case.id, severity=b.case.severity.value, state=state)
    return "\n".join([head, *_beside(b, t)])


def _beside(b: Briefing, t: Translate) -> list[str]:
    """What else is to be known of where the case stands."""
    case, lines = b.case, []
    if b.deadline is not None:
        lines.append(lateness.deadline(b.deadline, b.at, b.operator.time_zone, t))
    if case.state is CaseState.WITH_AGENT and case.snoozed_until is not None and case.snoozed_until > b.at:
        lines.append(t("agent.snoozed", time=t.clock(case.snoozed_until, b.operator.time_zone)))
    if case.merged_into is not None and case.resolution == MERGED:
        lines.append(t("agent.merged_into", number=case.merged_into))
    if b.merged:
        lines.append(t("agent.merged_here", numbers=_numbers(b.merged)))
    if b.job is not None:
        lines.append(_job(b.job, b, t))
    if case.cause is not None:
        lines.append(t("agent.cause", cause=t(f"job_cause.{case.cause.value}")))
    if case.cause_note:
        lines.append(t("agent.cause_note", note=_short(case.cause_note, WORDS_LENGTH)))
    return lines


def _job(job: Job, b: Briefing, t: Translate) -> str:
    """Who was sent, how far they are, and when."""
    stamps = (
        ("asked", job.asked_at),
        ("accepted", job.accepted_at),
        ("departed", job.departed_at),
        ("arrived", job.arrived_at),
        ("ended", job.ended_at),
    )
    zone, today = b.operator.time_zone, b.at.date()
    times = [t(f"technician_line.{name}", time=t.clock_on(at, zone, today)) for name, at in stamps if at]
    if job.state in _TOLD_BY_TIMES:
        return t("technician_line.under_way", name=job.contact.name, times=", ".join(times))
    state = t(f"technician_state.{job.state.value}")
    return t("technician_line.line", name=job.contact.name, state=state, times=", ".join(times))


def _short(words: str, longest: int) -> str:
    return words if len(words) <= longest else words[: longest - 1] + "…"


def _driver(b: Briefing, t: Translate) -> str:
    username = f" @{b.driver.username}" if b.driver.username else ""
    unreachable = "\n" + t("agent.unreachable") if b.driver.unreachable else ""
    unreachable += "\n" + t("agent.phone", phone=b.driver.phone) if b.driver.phone else ""
    language = b.driver.language or "?"
    return t("agent.driver", name=b.driver.name + username, language=language) + unreachable


def _place(b: Briefing, t: Translate) -> str:
    if b.place is None:
        return t("agent.no_station")
    location, evse = b.place.location, b.place.evse
    place = t(
        "agent.place",
        evse=evse.evse_id,
        station=evse.station_id,
        connector=evse.connector,
        type=evse.type,
        power=f"{evse.power_kw:g}",
        name=location.name,
        address=f"{location.address}, {location.postal_code} {location.city}",
        map=f"https://www.openstreetmap.org/?mlat={location.latitude}&mlon={location.longitude}#map=18/"
        f"{location.latitude}/{location.longitude}",
    )
    return place if b.contact is None else f"{place}\n{_contact(b.contact, b.at, t)}"


def _contact(contact: Contact, now: datetime, t: Translate) -> str:
    word = t(_contact_key(contact))
    protocol = t.word(contact.protocol or "", "protocol")
    parts = [word, *([protocol] if protocol else [])]
    if contact.last_heard is not None:
        parts.append(t("agent.heard", ago=t.ago(now - contact.last_heard)))
    return " · ".join(parts)


def _contact_key(contact: Contact) -> str:
    """How a station can be reached now: a connection that is gone outranks that the station was heard not long ago."""
    match contact.reachability:
        case Reachability.NO_COMMUNICATION:
            return "reachability.no_communication"
        case _ if not contact.connected:
            return "agent.not_connected"
        case Reachability.ONLINE:
            return "reachability.online"
        case _:
            return "agent.silent"


def _words(b: Briefing, t: Translate) -> str:
    lines = [t("agent.symptom", symptom=t(f"symptom.{b.case.symptom.value}"))]
    told = [said for said in b.said if said.from_driver][-WORDS_SHOWN:]
    for said in told:
        words = said.words or t(f"kind.{said.kind}")
        shown = _short(words, WORDS_LENGTH)
        lines.append(t("agent.said", time=t.clock(said.at, b.operator.time_zone), words=shown))
    return "\n".join(lines)


def _diagnosis(b: Briefing, t: Translate) -> str:
    judgement = b.case.judgement
    if judgement is None:
        return t("agent.no_diagnosis")
    head = t(
        "agent.verdict",
        verdict=t(f"verdict.{judgement.verdict}"),
        rule=judgement.rule_id,
        action_class=judgement.action_class,
        time=t.clock(judgement.judged_at, b.operator.time_zone),
    )
    lines = [
        t("agent.evidence", what=what, value=value[:EVIDENCE_LENGTH])
        for what, value in (evidence.told(key, found, t) for key, found in judgement.evidence)
    ]
    locked = [t("agent.locked_out")] if judgement.action_class == "D" else []
    return "\n".join([head, *locked, *lines])


def _history(b: Briefing, t: Translate) -> str:
    if not b.history:
        return ""
    return "\n".join([t("agent.history"), *(_interval(state, b, t) for state in b.history)])


def _interval(state: ConnectorState, b: Briefing, t: Translate) -> str:
    code = "" if state.error_code in {None, "NoError"} else f" {state.error_code}"
    vendor = f" {state.vendor_error_code}" if state.vendor_error_code else ""
    return t(
        "agent.interval",
        time=t.clock(state.since, b.operator.time_zone),
        status=state.status.value + code + vendor,
        ago=t.ago(state.age(b.at)),
    )


def _tried(b: Briefing, t: Translate) -> str:
    lines = [_action(action, b, t) for action in b.actions[-ACTIONS_SHOWN:]]
    if b.ladder is not None:
        lines += [
            t("agent.ladder_skipped", step=t(f"step_name.{step.value}"), reason=t.word(reason, "skipped"))
            for step, reason in b.ladder.skipped
        ]
        lines.append(t("agent.ladder", state=t(f"ladder_state.{b.ladder.state.value}")))
    if b.suggested is not None:
        lines.append(t("agent.suggested", command=t(f"command.{b.suggested.value}")))
    return "\n".join([t("agent.tried"), *lines]) if lines else ""


def _action(action: RemoteAction, b: Briefing, t: Translate) -> str:
    told = {"proof": t.word(action.proof, "proof", "status")} if action.proof else {}
    return t(
        "agent.action_told" if told else "agent.action",
        time=t.clock(action.requested_at, b.operator.time_zone),
        command=t(f"command.{action.order.command.value}"),
        state=t(f"action.{action.state.value}"),
        who=t(f"initiator.{action.initiator.value}"),
        **told,
    )


def _follows(b: Briefing, t: Translate) -> str:
    """The case before, of the same EVSE and driver, that this one names."""
    return "" if b.case.follows is None else t("agent.follows", number=b.case.follows)


def _others(b: Briefing, t: Translate) -> str:
    if not b.others:
        return ""
    return t("agent.others", numbers=_numbers(b.others))


def _numbers(cases: tuple[int, ...]) -> str:
    more = ", …" if len(cases) > OTHERS_SHOWN else ""
    return ", ".join(f"#{number}" for number in cases[:OTHERS_SHOWN]) + more
