"""A station's data sheet: the frame around every tab, and the tabs that tell of the station itself."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.diagnosis.faults import Fault, worst_fault
from bot.domain.capability import Source
from bot.domain.case import CaseState
from bot.domain.condition import CONDITION_OF
from bot.domain.operator import Location
from bot.domain.rights import Right
from bot.operations.data_sheet import (
    NO_ERROR,
    CaseLine,
    Errors,
    General,
    Head,
    History,
    LinkLine,
    Point,
    Points,
    SwitchLine,
)
from bot.views import fit
from bot.views.callbacks import Go, short
from bot.views.fit import cut
from bot.views.i18n import Translate
from bot.views.menu import home
from bot.views.screen import Button, Screen, columns, row
from bot.views.stations import LAMPS, LIST, state
from storage.repositories.station_sheet import Told

CONTENT = 3400
"""In UTF-16 units: what a tab may tell, so that the head stands above it in one message."""
_NAME = 120
_INFO = 80


def to_sheet(station_id: str, tab: str = "") -> Go:
    """The button that leads to a station's data sheet, at one of its tabs or at the first."""
    return Go("st.sheet", (short(station_id), tab) if tab else (short(station_id),))


def frame(head: Head, tabs: Sequence[str], current: str, content: Screen, t: Translate) -> Screen:
    """The data sheet with one of its tabs: the head above the content, the row of tabs under its buttons.

    `tabs` are the keys of those that the person may see. Where "Operational management" is not among the person's
    rights, a button leads to why.
    """
    station_id = head.station.id
    buttons = [
        Button(
            t("sheet_tab.here", tab=t(f"sheet_tab.{key}")) if key == current else t(f"sheet_tab.{key}"),
            to_sheet(station_id, key),
        )
        for key in tabs
    ]
    rows = [*content.keyboard, *columns(buttons, 2)]
    if Right.OPERATIONS_TAB not in head.rights:
        rows.append(row(Button(t("sheet.why_not"), Go("st.why", (short(station_id),)))))
    if Right.STATIONS in head.rights:
        rows.append(row(Button(t("sheet.edit"), Go("st.edit", (short(station_id),)))))
    rows.append((Button(t("sheet.to_list"), LIST), *home(t)))
    return Screen(f"{_head(head, t)}\n\n{content.text}", tuple(rows))


def general(told: General, t: Translate) -> Screen:
    """Where it stands, whose it is, and what it is."""
    station, location, make = told.head.station, told.head.location, told.make
    own = station.pending_after_minutes or station.offline_after_minutes
    # A station of profile 0 for which a password is kept has to show it all the same.
    profile = str(max(station.security_profile, 1 if station.password else 0))
    parts = [
        t("sheet.location", name=cut(location.name, _NAME), address=address(location), map=map_of(location)),
        t("sheet.company", name=cut(told.company or told.operator.name, _NAME)),
        t("sheet.make", vendor=_or_none(make.vendor), model=_or_none(make.model)),
        t("sheet.firmware", firmware=_or_none(make.firmware), serial=_or_none(make.serial_number)),
        t(
            "sheet.protocol",
            protocol=t.word(make.protocol or "", "protocol") or "–",
            profile=t.word(profile, "security_profile"),
        ),
        t(
            "sheet.minutes_own" if own else "sheet.minutes",
            pending=_minutes(told.patience.pending_after),
            offline=_minutes(told.patience.offline_after),
        ),
    ]
    if station.directions:
        parts.append(t("sheet.directions", directions=cut(station.directions, 1000)))
    return Screen("\n".join(parts))


def points(told: Points, t: Translate) -> Screen:
    """Each charging point with its EVSE ID, what it is, and its status now."""
    if not told.points:
        return Screen(t("sheet.no_points"))
    parts = [_point(each, told.at, t) for each in told.points]
    if told.whole is not None and told.whole.state.status.value in {"Faulted", "Unavailable"}:
        parts.append(t("sheet.whole", status=_status(told.whole, told.at, t)))
    return Screen(fit.lines(parts, CONTENT, lambda left: t("sheet.more", count=left)))


def errors(told: Errors, t: Translate) -> Screen:
    """What is wrong now, and what was in the past days."""
    now = [
        t(
            "sheet.error_now",
            point=_where(each, t),
            fault=_fault(each, t),
            time=t.clock(each.state.since, told.zone),
        )
        for each in told.present
    ]
    past = [
        t(
            "sheet.error_past",
            time=t.clock(each.state.since, told.zone),
            point=_where(each, t),
            fault=_fault(each, t),
            lasted=t.span((each.until or told.at) - each.state.since),
        )
        for each in told.past
    ]
    parts = [t("sheet.errors_now"), *(now or [t("sheet.no_error_now")])]
    parts += ["", t("sheet.errors_past"), *(past or [t("sheet.no_error_past")])]
    return Screen(fit.lines(parts, CONTENT, lambda left: t("sheet.more", count=left)))


def history(told: History, station_id: str, t: Translate) -> Screen:
    """One day of the station, and the latest of its cases and of its service."""
    day = fit.lines(_day(told, t), CONTENT // 2, lambda left: t("sheet.more", count=left))
    sessions = t(
        "sheet.sessions",
        today=told.sessions.count,
        energy=t.number(told.sessions.energy_wh / 1000, 1),
        lately=told.lately.count,
    )
    cases = [_case(each, told.zone, t) for each in told.cases] or [t("sheet.no_cases")]
    switches = [_switch(each, told.zone, t) for each in told.switches] or [t("sheet.no_switches")]
    rest = [sessions, "", t("sheet.cases"), *cases, "", t("sheet.switches"), *switches]
    text = f"{day}\n\n{fit.lines(rest, CONTENT // 2, lambda left: t('sheet.more', count=left))}"
    return Screen(text, _days(told, station_id, t))


def address(location: Location) -> str:
    """The address on one line, in plain text."""
    return cut(f"{location.address}, {location.postal_code} {location.city}, {location.country}", 200)


def map_of(location: Location) -> str:
    """The address of a map of the location."""
    at = f"{location.latitude}/{location.longitude}"
    return f"https://www.openstreetmap.org/?mlat={location.latitude}&mlon={location.longitude}#map=18/{at}"


def _head(head: Head, t: Translate) -> str:
    said = state(head.condition, head.reachability, t)
    if head.last_heard is not None:
        said = f"{said} · {t('sheet.heard', ago=t.ago(head.at - head.last_heard))}"
    return f"{t('sheet.head', station=cut(head.station.id, _NAME), location=cut(head.location.name, _NAME))}\n{said}"


def _point(each: Point, now: datetime, t: Translate) -> str:
    status = t("sheet.point_untold") if each.told is None else _status(each.told, now, t)
    if each.evse is None:
        return t("sheet.point_without", connector=each.connector, status=status)
    return t(
        "sheet.point",
        connector=each.connector,
        evse=each.evse.evse_id,
        type=cut(each.evse.type, 40),
        power=t.number(each.evse.power_kw),
        status=status,
    )


def _status(told: Told, now: datetime, t: Translate) -> str:
    lamp = LAMPS[CONDITION_OF[told.state.status]]
    word = t(f"status.{told.state.status.value}")
    if told.state.error_code not in NO_ERROR:
        word = f"{word} ({cut(told.state.error_code or '')})"
    return f"{lamp} {word}, {t('sheet.heard', ago=t.ago(told.state.age(now)))}"


def _fault(told: Told, t: Translate) -> str:
    """The fault in words, with the station's own code and its own words."""
    state_ = told.state
    codes = [
        cut(code)
        for code in (state_.error_code, state_.vendor_error_code)
        if code is not None and code not in NO_ERROR
    ]
    fault = worst_fault(state_)
    if fault is Fault.NONE:
        word = t("sheet.fault_untold" if told.source is Source.OCPP else "sheet.fault_of_back_end")
    else:
        word = t.word(fault.value, "fault")
    said = f"{word} ({', '.join(codes)})" if codes else word
    return f"{said}: {cut(state_.info, _INFO)}" if state_.info else said


def _where(told: Told, t: Translate) -> str:
    number = told.state.connector
    return t("sheet.connector", number=number) if number else t("sheet.whole_station")


def _day(told: History, t: Translate) -> list[str]:
    lines = [(each.state.since, _interval(each, told, t)) for each in told.intervals]
    lines += [(each.at, _link(each, told, t)) for each in told.links]
    head = t("sheet.day", day=t.day(told.day))
    shown = [line for _, line in sorted(lines, key=lambda pair: pair[0], reverse=True)]
    return [head, *(shown or [t("sheet.quiet_day")])]


def _interval(each: Told, told: History, t: Translate) -> str:
    in_error = each.state.error_code not in NO_ERROR
    what = _fault(each, t) if in_error else t(f"status.{each.state.status.value}")
    lamp = LAMPS[CONDITION_OF[each.state.status]]
    began = t.clock_on(each.state.since, told.zone, told.day)
    ended = t("sheet.until_now") if each.until is None else t.clock_on(each.until, told.zone, told.day)
    return t("sheet.interval", since=began, until=ended, point=_where(each, t), what=f"{lamp} {what}")


def _link(each: LinkLine, told: History, t: Translate) -> str:
    return t("sheet.link", time=t.clock_on(each.at, told.zone, told.day), what=t(f"link_note.{each.what}"))


def _case(line: CaseLine, zone: str, t: Translate) -> str:
    case = line.case
    verdict = "" if case.judgement is None else t.word(case.judgement.verdict, "verdict")
    return t(
        "sheet.case",
        number=case.id,
        time=t.clock(case.opened_at, zone),
        state=t(f"state.{case.state.value}", agent=line.agent)
        if case.state is CaseState.WITH_AGENT
        else t(f"state.{case.state.value}"),
        symptom=t(f"symptom.{case.symptom.value}"),
        verdict=verdict or t("sheet.no_verdict"),
    )


def _switch(line: SwitchLine, zone: str, t: Translate) -> str:
    key = "sheet.switched_on" if line.change.active else "sheet.switched_off"
    who = line.who or t(f"cause.{line.change.cause.value}")
    return t(key, time=t.clock(line.change.at, zone), who=cut(who, 60))


def _days(told: History, station_id: str, t: Translate) -> tuple[tuple[Button, ...], ...]:
    beside = [
        (told.earlier, "sheet.earlier", told.day - timedelta(days=1)),
        (told.later, "sheet.later", told.day + timedelta(days=1)),
    ]
    buttons = [
        Button(t(key, day=t.day(day)), Go("st.day", (short(station_id), day.isoformat())))
        for there, key, day in beside
        if there
    ]
    return (tuple(buttons),) if buttons else ()


def _or_none(text: str | None) -> str:
    return cut(text, _NAME) if text else "–"


def _minutes(span: timedelta) -> int:
    return round(span.total_seconds() / 60)
