"""What agents are shown: the card of a case with everything known, and the lines of its topic."""

import html
import re
from datetime import datetime

from bot.cases.briefing import Briefing, Contact
from bot.domain.case import HUMAN_STATES, OPEN_STATES, CaseState, Severity
from bot.domain.people import Person
from bot.domain.reachability import Reachability
from bot.domain.remote_action import RemoteAction
from bot.domain.status import ConnectorState
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
    ends = [_tried(briefing, t), _others(briefing, t)]
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
    second = [button(CaseVerb.ACTIONS, "actions")] if briefing.commands or briefing.errands else []
    if case.state in {CaseState.WAITING_AGENT, CaseState.WITH_AGENT}:
        second.append(button(CaseVerb.TECHNICIAN, "technician"))
    if second:
        rows.append(tuple(second))
    if briefing.masked:
        rows.append(row(button(CaseVerb.DRIVER, "driver_contact")))
    if case.state in HUMAN_STATES:
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
    state = t(f"state.{b.case.state.value}", agent=b.agent or "")
    return t("agent.head", lamp=lamp, number=b.case.id, severity=b.case.severity.value, state=state)


def _driver(b: Briefing, t: Translate) -> str:
    username = f" @{b.driver.username}" if b.driver.username else ""
    unreachable = "\n" + t("agent.unreachable") if b.driver.unreachable else ""
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
        shown = words if len(words) <= WORDS_LENGTH else words[: WORDS_LENGTH - 1] + "…"
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
        t("agent.evidence", what=t(f"evidence.{key}"), value=t.word(value, key, "value")[:EVIDENCE_LENGTH])
        for key, value in judgement.evidence
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


def _others(b: Briefing, t: Translate) -> str:
    if not b.others:
        return ""
    more = ", …" if len(b.others) > OTHERS_SHOWN else ""
    numbers = ", ".join(f"#{number}" for number in b.others[:OTHERS_SHOWN])
    return t("agent.others", numbers=numbers + more)
