"""What a driver is shown. Every screen is a function of the outcome, so it is the same after a restart."""

from collections.abc import Sequence
from typing import assert_never

from bot.cases import outcomes as o
from bot.domain.case import BOT_STATES, CaseState, Severity
from bot.domain.ladder import LadderState
from bot.domain.operator import Place
from bot.domain.remote_action import ActionState, RemoteAction
from bot.domain.report import Symptom
from bot.domain.status import ConnectorState, ConnectorStatus, Link, StationSnapshot
from bot.views import ladder, rating, several, watching
from bot.views.callbacks import CaseVerb, OnCase, Pick, Plain, Speak, Wrong
from bot.views.i18n import Texts, Translate
from bot.views.menu import HOME
from bot.views.screen import Button, Keyboard, Keys, Screen, columns, row

_LAMPS = {
    ConnectorStatus.AVAILABLE: "🟢",
    ConnectorStatus.FAULTED: "🔴",
    ConnectorStatus.UNAVAILABLE: "🔴",
    ConnectorStatus.UNKNOWN: "⚪",
}


def show(outcome: o.DriverOutcome, t: Translate) -> Screen | None:
    """The screen of an outcome; None where nothing is to be said."""
    match outcome:
        case o.AskedForStation():
            return Screen(t("driver.asked_for_station"))
        case o.UnreadablePhoto():
            return Screen(t("driver.unreadable_photo"))
        case o.UnknownEvse():
            return _unknown(outcome, t)
        case o.NeedsEvse(places):
            return Screen(t("driver.which_evse"), columns([_pick(place) for place in places], 1))
        case o.ServiceNotActive(place):
            return _not_active(place, t)
        case o.InOwnChat():
            return _in_own_chat(outcome, t)
        case o.Found():
            return _found(outcome, t)
        case o.Checking(place):
            return Screen(_lines(where(place, t), "", t("driver.checking")))
        case o.Standing():
            return standing(outcome, t)
        case o.Relayed():
            return None
        case o.Rated():
            return rating.rated(outcome, t)
        case o.Cancelled(something, broken):
            more = () if broken is None else (watching.button(broken.evse.evse_id, t, on=False),)
            return Screen(t("driver.cancelled" if something else "driver.nothing_to_cancel"), more)
        case o.Watching():
            rest = () if outcome.standing is None else case_keyboard(outcome.standing, t)
            return watching.show(outcome, rest, t)
        case o.ConfirmLeave():
            return Screen(
                t("driver.confirm_leave"),
                (
                    row(Button(t("button.leave"), Plain.CANCEL_CONFIRMED)),
                    row(Button(t("button.stay"), Plain.WHERE)),
                ),
            )
        case o.NumberNoted(phone=phone):
            return Screen(t("call.noted", phone=phone), below=Keys())
        case o.NumberDeclined():
            return Screen(t("call.declined"), below=Keys())
        case o.NumberOfOther():
            return _number_of_other(outcome, t)
        case o.WhichCase() | o.WhichToLeave():
            return several.which(outcome, t)
        case o.Waits():
            return None
        case o.PassedOn(option):
            return Screen(t("driver.passed_to", case=several.named(option, t)))
        case o.SameOrOther(option):
            return several.same_or_other(option, t)
        case o.Welcome():
            return Screen(t("driver.welcome"))
        case o.NoHotline(danger):
            return Screen(t("driver.danger_no_station" if danger else "driver.no_hotline"))
        case _:
            assert_never(outcome)


def asked_with_menu(t: Translate) -> Screen:
    """The question for the station, before somebody who also manages something here."""
    return Screen(t("driver.asked_for_station"), (row(Button(t("button.to_menu"), HOME)),))


def help_screen(t: Translate, operators: Sequence[str] = ()) -> Screen:
    """`/help`; the staff of operators are pointed to what they manage."""
    parts = [t("driver.help")]
    if operators:
        parts.append(t("driver.help_staff", operators=", ".join(operators)))
    return Screen("\n\n".join(parts))


def language_choice(t: Translate, texts: Texts) -> Screen:
    """`/language`: each language under its own name."""
    names = [Button(texts.to(code)("language.name"), Speak(code)) for code in texts.languages()]
    return Screen(t("language.choose"), columns(names, 2))


def where(place: Place, t: Translate) -> str:
    """Location and connector, to be compared with what the driver stands before."""
    return _lines(
        t(
            "driver.place",
            name=place.location.name,
            address=place.location.address,
            city=f"{place.location.postal_code} {place.location.city}",
        ),
        t(
            "driver.connector",
            evse=place.evse.evse_id,
            type=place.evse.type,
            power=f"{place.evse.power_kw:g}",
        ),
    )


def status_line(snapshot: StationSnapshot, t: Translate) -> str:
    """What the station says and how long ago it said so; never more than is known."""
    state = snapshot.connector
    if snapshot.link in {Link.OFFLINE, Link.NEVER, Link.UNKNOWN} or state is None:
        return _unreached(snapshot, state, t)
    age = t.ago(state.age(snapshot.taken_at))
    lamp = _LAMPS.get(state.status, "🔵")
    return t("driver.status", lamp=lamp, status=t(f"status.{state.status.value}"), ago=age)


def standing(stands: o.Standing, t: Translate) -> Screen:
    """The screen of a case."""
    head = () if stands.place is None else (where(stands.place, t), "")
    noted = (t("driver.noted"), "") if stands.noted else ()
    return Screen(_lines(*noted, *head, *_body(stands, t)), case_keyboard(stands, t))


def case_keyboard(stands: o.Standing, t: Translate) -> Keyboard:
    """The buttons that fit where the case stands."""
    if stands.watched is None or stands.case.evse_id is None:
        return _case_keyboard(stands, t)
    return (*_case_keyboard(stands, t), watching.button(stands.case.evse_id, t, on=stands.watched))


def news_keyboard(stands: o.Standing, t: Translate) -> Keyboard:
    """What may go below news that ask nothing: only what stands above them nowhere yet."""
    if stands.watched is not False or stands.case.evse_id is None:
        return ()
    return (watching.button(stands.case.evse_id, t, on=False),)


def _case_keyboard(stands: o.Standing, t: Translate) -> Keyboard:
    case = stands.case
    person = row(Button(t("button.person"), Plain.PERSON))
    works = row(Button(t("button.works"), OnCase(CaseVerb.WORKS, case.id, case.version)))
    broken = row(Button(t("button.broken"), OnCase(CaseVerb.BROKEN, case.id, case.version)))
    match case.state:
        case CaseState.DIAGNOSING if stands.asked_to_try:
            return (works, broken, person)
        case CaseState.DIAGNOSING:
            remedies = tuple(
                row(
                    Button(
                        t(f"remedy.{each.value}"), OnCase(CaseVerb.REMEDY, case.id, case.version, each.value)
                    )
                )
                for each in stands.offers
            )
            repair = row(Button(t("button.repair"), OnCase(CaseVerb.REPAIR, case.id, case.version)))
            return (*((repair,) if stands.ladder_offer else ()), *remedies, works, person)
        case CaseState.RECOVERING if stands.ladder is not None and stands.ladder.running:
            return (works, person)
        case CaseState.FILED | CaseState.RECOVERING:
            return (person,)
        case (
            CaseState.WAITING_AGENT
            | CaseState.WITH_AGENT
            | CaseState.WAITING_TECHNICIAN
            | CaseState.WITH_TECHNICIAN
        ):
            if stands.asked_to_try:
                return (works, broken)
            return () if case.severity is Severity.P1 else (works,)
        case CaseState.RESOLVED:
            return (_stars(stands), broken)
        case CaseState.CLOSED:
            return ()
        case _:
            assert_never(case.state)


def _body(stands: o.Standing, t: Translate) -> tuple[str, ...]:
    case = stands.case
    if case.state in {CaseState.RESOLVED, CaseState.CLOSED}:
        return (t(f"driver.{case.state.value}"),)
    told = (t("notice.station_back"),) if stands.asked_to_try else verdict(stands, t)
    if stands.asked_to_try and case.state in BOT_STATES:
        return told
    if case.state in BOT_STATES:
        return (*told, *_after_action(stands, t))
    # In danger the warning is the screen; otherwise the person who helps comes first.
    contact = t("driver.hotline_phone", phone=stands.operator.hotline_phone)
    if stands.ladder is not None and stands.ladder.state is LadderState.CLIMBING:
        person = t(f"driver.{case.state.value}", agent=stands.agent or "")
        return (person, contact, "", *ladder.story(stands.ladder, stands.climbed, t))
    if case.severity is Severity.P1:
        return (*told, "", t(f"driver.{case.state.value}", agent=stands.agent or ""), contact)
    locked = told if case.judgement is not None and case.judgement.action_class == "D" else ()
    gap = ("",) if locked else ()
    return (*locked, *gap, t(f"driver.{case.state.value}", agent=stands.agent or ""), contact)


def verdict(stands: o.Standing, t: Translate) -> tuple[str, ...]:
    """What is believed to be the trouble, and what the driver does now."""
    judgement = stands.case.judgement
    if judgement is None:
        return (t("driver.checking"),)
    return (
        t("driver.verdict", verdict=t(f"verdict.{judgement.verdict}")),
        t(f"tell.{judgement.tell_driver}"),
    )


def _after_action(stands: o.Standing, t: Translate) -> tuple[str, ...]:
    action = stands.action
    if stands.case.state is CaseState.RECOVERING:
        return _running(stands, t)
    judged = stands.case.judgement is not None
    asks = ("", t("driver.does_it_work")) if stands.case.state is CaseState.DIAGNOSING and judged else ()
    if stands.ladder_offer:
        asks = ("", *ladder.offer(stands.ladder_offer, t), *asks)
    if stands.ladder is not None and (action is None or action.ladder_id == stands.ladder.id):
        return ("", ladder.over(stands.ladder, t), *asks)
    if action is None:
        return asks
    return ("", action_result(action, t), *asks)


def _running(stands: o.Standing, t: Translate) -> tuple[str, ...]:
    """What runs at the station now."""
    if stands.ladder is not None and stands.ladder.running:
        return ("", *ladder.story(stands.ladder, stands.climbed, t))
    return () if stands.action is None else ("", t(f"running.{stands.action.order.command.value}"))


def live(stands: o.Standing, t: Translate) -> Screen:
    """The message that shows how a ladder goes: once the driver has been told of its end, what was tried."""
    if stands.ladder is None or stands.ladder.running or stands.ladder.state is LadderState.LEFT:
        return standing(stands, t)
    head = () if stands.place is None else (where(stands.place, t), "")
    return Screen(_lines(*head, *ladder.story(stands.ladder, stands.climbed, t)))


def action_result(action: RemoteAction, t: Translate) -> str:
    """What came of a remote action, in a driver's words."""
    if action.state is ActionState.VERIFIED:
        key = f"verified.{action.order.command.value}"
        return t(key, status=_status_word(action.proof, t))
    return t("failed.did_not_help" if action.may_have_happened else "failed.not_taken")


def _status_word(proof: str | None, t: Translate) -> str:
    key = f"status.{proof}"
    return t(key) if t.has(key) else ""


def _number_of_other(outcome: o.NumberOfOther, t: Translate) -> Screen:
    case = outcome.case
    buttons = (
        row(Button(t("call.other_yes"), OnCase(CaseVerb.CALL_OTHER, case.id, case.version))),
        row(Button(t("call.other_no"), OnCase(CaseVerb.CALL_NOBODY, case.id, case.version))),
    )
    return Screen(t("call.other", phone=outcome.phone), buttons)


def _unknown(outcome: o.UnknownEvse, t: Translate) -> Screen:
    if not outcome.nearest:
        return Screen(t("driver.unknown_evse", said=outcome.said))
    buttons = [Button(evse_id, Pick(evse_id)) for evse_id in outcome.nearest]
    return Screen(t("driver.did_you_mean", said=outcome.said), columns(buttons, 1))


def _in_own_chat(outcome: o.InOwnChat, t: Translate) -> Screen:
    operator = outcome.place.operator
    text = t("driver.in_own_chat", operator=operator.name, phone=operator.hotline_phone)
    open_it = Button(t("button.own_chat"), url=outcome.link)
    return Screen(_lines(where(outcome.place, t), "", text), (row(open_it),) if outcome.link else ())


def _not_active(place: Place, t: Translate) -> Screen:
    contact = t("driver.not_active", operator=place.operator.name, phone=place.operator.hotline_phone)
    return Screen(_lines(where(place, t), "", contact))


def _found(found: o.Found, t: Translate) -> Screen:
    text = _lines(where(found.place, t), status_line(found.snapshot, t), "", t("driver.what_is_wrong"))
    danger, *others = [Button(t(f"symptom.{each.value}"), Wrong(each)) for each in Symptom]
    more = (
        row(Button(t("button.other_station"), Plain.OTHER_STATION), Button(t("button.person"), Plain.PERSON)),
    )
    notify = watching.offered(found.place, found.snapshot, t)
    return Screen(text, ((danger,), *columns(others, 2), *more, *notify))


def _pick(place: Place) -> Button:
    label = f"{place.evse.connector} · {place.evse.type} · {place.evse.power_kw:g} kW · {place.evse.evse_id}"
    return Button(label, Pick(place.evse.evse_id))


def _unreached(snapshot: StationSnapshot, state: ConnectorState | None, t: Translate) -> str:
    if snapshot.last_seen is None:
        return t("driver.never_heard")
    ago = t.ago(snapshot.taken_at - snapshot.last_seen)
    if state is None or snapshot.link is not Link.OFFLINE:
        return t("driver.not_reached", ago=ago)
    return t("driver.offline", ago=ago, status=t(f"status.{state.status.value}"))


def _stars(stands: o.Standing) -> tuple[Button, ...]:
    case = stands.case
    return tuple(
        Button(f"{number} ⭐", OnCase(CaseVerb.RATE, case.id, case.version, str(number)))
        for number in range(1, 6)
    )


def _lines(*lines: str) -> str:
    return "\n".join(lines)
