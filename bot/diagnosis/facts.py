"""Facts: what is known of a report, said in closed vocabularies that rules can name.

All limits by which a continuous value becomes a word stand in this module.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.diagnosis.faults import Fault, locked_out, worst_fault
from bot.diagnosis.past import Course, LastStop, Past, Site, course, last_stop, site, updating
from bot.diagnosis.vocabulary import Lasts, OtherReports, Progress, Session, Siblings, StatusAge, YesNo
from bot.domain.capability import TOLD_BY, Capability
from bot.domain.remote_action import RemoteCommand
from bot.domain.report import Symptom
from bot.domain.status import ConnectorState, ConnectorStatus, Link, StationSnapshot, Transaction

HEARTBEATS_UNTIL_OLD = 2
"""A status heard longer ago than this many heartbeat intervals is old."""

LONG_AFTER: dict[ConnectorStatus, timedelta] = {
    # ConnectionTimeOut is 60 to 120 s on most stations; after it they give the authorisation up.
    ConnectorStatus.PREPARING: timedelta(minutes=2),
    ConnectorStatus.SUSPENDED_EVSE: timedelta(minutes=15),
    ConnectorStatus.FINISHING: timedelta(minutes=5),
    # Mains voltage and temperature are given half an hour to recover by themselves.
    ConnectorStatus.FAULTED: timedelta(minutes=30),
}
"""From when on a status counts as long; the statuses that are not named have no such limit."""

FLOWING_FROM_W = 100.0
"""Below this power a session only feeds standby consumption and the meter's noise."""
POWER_TELLS_AFTER = timedelta(minutes=3)
"""A young session without power may still be shaking hands with the car."""
POWER_VALID_FOR = timedelta(minutes=5)
"""An older power sample says nothing of the present."""
ENERGY_EXPECTED_WH = 100
ENERGY_TELLS_AFTER = timedelta(minutes=20)
"""False charging: less than `ENERGY_EXPECTED_WH` after this time."""
ENERGY_VALID_FOR = timedelta(minutes=20)
"""Some stations send a meter sample only every quarter of an hour."""

SEVERAL_REPORTS = 2
"""That many reports by others, and the present one, make three independent vehicles."""

NOTHING = Past()
_DOWN = frozenset({ConnectorStatus.FAULTED, ConnectorStatus.UNAVAILABLE})
_PAUSED = frozenset({ConnectorStatus.SUSPENDED_EV, ConnectorStatus.SUSPENDED_EVSE})
_IDLE = frozenset({ConnectorStatus.AVAILABLE, ConnectorStatus.RESERVED, ConnectorStatus.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Readings:
    """The values behind the words, for an agent's eyes; no rule can name them. None: not known."""

    error_code: str | None = None
    vendor_error_code: str | None = None
    info: str | None = None
    source: str | None = None
    status_age_seconds: int | None = None
    status_lasts_seconds: int | None = None
    session_energy_wh: int | None = None
    session_power_w: int | None = None
    other_report_count: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """The defaults describe a connector that says it is fine, while its driver says that nothing starts."""

    symptom: Symptom = Symptom.WILL_NOT_START
    danger: YesNo = YesNo.NO
    link: Link = Link.ONLINE
    status: ConnectorStatus = ConnectorStatus.AVAILABLE
    status_age: StatusAge = StatusAge.FRESH
    status_lasts: Lasts = Lasts.UNMEASURED
    fault: Fault = Fault.NONE
    progress: Progress = Progress.NONE
    session: Session = Session.NONE
    other_reports: OtherReports = OtherReports.NONE
    siblings: Siblings = Siblings.NONE
    refresh_tried: YesNo = YesNo.NO
    soft_reset_tried: YesNo = YesNo.NO
    fault_codes: YesNo = YesNo.YES
    """Whether the source of what is known can tell fault codes at all; OCPI cannot."""
    restartable: YesNo = YesNo.YES
    """Whether the station can be restarted from afar, and may be: not amid an update, nor beside a lock-out."""
    course: Course = Course.STEADY
    last_stop: LastStop = LastStop.NONE
    updating: YesNo = YesNo.NO
    restarted: YesNo = YesNo.NO
    """Whether a restart has put this connector right once during the last day."""
    start_failed: YesNo = YesNo.NO
    """Whether a session that was started from afar for this driver did not begin."""
    session_ended: YesNo = YesNo.NO
    """Whether a session was ended here from afar for this driver, by the station's own word."""
    site: Site = Site.ALONE
    warned: YesNo = YesNo.NO
    """Whether somebody else has told of danger at this station or of damage here, and nobody has settled that yet."""
    readings: Readings = Readings()


def gather(  # noqa: PLR0913  # Each is a source of its own, and every one is named by the caller.
    *,
    snapshot: StationSnapshot,
    connector: int,
    symptom: Symptom,
    danger: bool,
    now: datetime,
    recent_reports: int,
    remedies_tried: frozenset[RemoteCommand],
    capabilities: frozenset[Capability],
    past: Past = NOTHING,
) -> Facts:
    """The facts of one report on `connector` at `now` (UTC).

    `danger` says that the driver's words spoke of danger; `recent_reports` counts the reports of *other*
    drivers on this connector within the operator's window; `remedies_tried` are this case's own;
    `capabilities` are those of the station at present; `past` is what is kept of the last day.
    """
    state = _effective(snapshot.connector, snapshot.station)
    own = snapshot.transaction_on(connector)
    siblings = tuple(s for s in snapshot.siblings if s.connector not in {0, connector})
    return Facts(
        symptom=symptom,
        danger=_yes(danger),
        link=snapshot.link,
        status=state.status if state else ConnectorStatus.UNKNOWN,
        status_age=_status_age(state, snapshot.connector, now, snapshot.heartbeat_interval),
        status_lasts=_lasts(state, now),
        fault=worst_fault(snapshot.connector, snapshot.station),
        progress=_progress(own, state, now),
        session=_session(here=own is not None, beside=snapshot.charging_beside(connector)),
        other_reports=_other_reports(recent_reports),
        siblings=_siblings(siblings),
        refresh_tried=_yes(RemoteCommand.REFRESH_STATUS in remedies_tried),
        soft_reset_tried=_yes(RemoteCommand.SOFT_RESET in remedies_tried),
        fault_codes=_yes(Capability.FAULT_DETAIL in TOLD_BY[snapshot.source]),
        restartable=_yes(
            Capability.SOFT_RESET in capabilities
            and not updating(past, now)
            and not any(locked_out(each) for each in siblings)
        ),
        course=course(past, now),
        last_stop=last_stop(past, now),
        updating=_yes(updating(past, now)),
        restarted=_yes(past.restarted),
        start_failed=_yes(past.start_failed),
        session_ended=_yes(past.session_ended),
        site=site(past),
        warned=_yes(past.warned),
        readings=_readings(snapshot, state, own, now, recent_reports),
    )


def _yes(value: bool) -> YesNo:
    return YesNo.YES if value else YesNo.NO


def _effective(connector: ConnectorState | None, station: ConnectorState | None) -> ConnectorState | None:
    """The state that holds: a station that is down as a whole outranks an idle connector of it."""
    if station is None or station.status not in _DOWN:
        return connector
    return station if connector is None or connector.status in _IDLE else connector


def _status_age(
    state: ConnectorState | None, connector: ConnectorState | None, now: datetime, heartbeat: timedelta
) -> StatusAge:
    """A station that has just spoken of the connector has not forgotten what it said of itself as a whole."""
    if state is None:
        return StatusAge.NEVER
    age = min(each.age(now) for each in (state, connector) if each is not None)
    return StatusAge.OLD if age > HEARTBEATS_UNTIL_OLD * heartbeat else StatusAge.FRESH


def _lasts(state: ConnectorState | None, now: datetime) -> Lasts:
    limit = LONG_AFTER.get(state.status) if state else None
    if state is None or limit is None:
        return Lasts.UNMEASURED
    return Lasts.LONG if now - state.since > limit else Lasts.BRIEF


def _progress(own: Transaction | None, state: ConnectorState | None, now: datetime) -> Progress:
    """Power speaks first, as it tells the present; energy is asked where there is no recent power sample."""
    if own is None:
        return Progress.NONE
    if own.metered_at is None or _paused_since(own.metered_at, state):
        return Progress.UNKNOWN
    if own.power_w is not None and now - own.metered_at <= POWER_VALID_FOR:
        if own.power_w >= FLOWING_FROM_W:
            return Progress.FLOWING
        return Progress.NOT_FLOWING if now - own.started_at > POWER_TELLS_AFTER else Progress.UNKNOWN
    return _progress_by_energy(own, own.metered_at, now)


def _paused_since(metered_at: datetime, state: ConnectorState | None) -> bool:
    """Whether the last sample is from before the pause: it says nothing of the present."""
    return state is not None and state.status in _PAUSED and metered_at < state.since


def _progress_by_energy(own: Transaction, metered_at: datetime, now: datetime) -> Progress:
    energy = delivered_wh(own)
    if energy is None or metered_at - own.started_at <= ENERGY_TELLS_AFTER:
        return Progress.UNKNOWN
    if energy < ENERGY_EXPECTED_WH:
        return Progress.NOT_FLOWING
    # What flowed before the meter fell silent, or before the power went, does not prove that it flows now.
    powerless = own.power_w is not None and own.power_w < FLOWING_FROM_W
    return Progress.FLOWING if now - metered_at <= ENERGY_VALID_FOR and not powerless else Progress.UNKNOWN


def delivered_wh(own: Transaction) -> int | None:
    """The energy of the session in Wh; None where no sample came."""
    if own.energy_wh is None:
        return None
    # Meters count on from `meter_start_wh`; a smaller reading comes from one that counts each session from 0.
    if own.meter_start_wh is None:
        return None
    return own.energy_wh - own.meter_start_wh if own.energy_wh >= own.meter_start_wh else own.energy_wh


def _session(*, here: bool, beside: bool) -> Session:
    if here:
        return Session.BOTH if beside else Session.THIS_CONNECTOR
    return Session.SIBLING if beside else Session.NONE


def _other_reports(count: int) -> OtherReports:
    if count <= 0:
        return OtherReports.NONE
    return OtherReports.SEVERAL if count >= SEVERAL_REPORTS else OtherReports.ONE


def _siblings(siblings: Sequence[ConnectorState]) -> Siblings:
    if not siblings:
        return Siblings.NONE
    down = sum(s.status in _DOWN or locked_out(s) for s in siblings)
    if down == len(siblings):
        return Siblings.ALL_FAULTED
    return Siblings.SOME_FAULTED if down else Siblings.ALL_FINE


def _readings(
    snapshot: StationSnapshot,
    state: ConnectorState | None,
    own: Transaction | None,
    now: datetime,
    recent_reports: int,
) -> Readings:
    # The fault may come from connector 0 alone, so its words are shown where the connector itself has none.
    spoken = [s for s in (state, snapshot.connector, snapshot.station) if s is not None]
    return Readings(
        error_code=next((s.error_code for s in spoken if s.error_code not in {None, "NoError"}), None)
        or (state.error_code if state else None),
        vendor_error_code=next((s.vendor_error_code for s in spoken if s.vendor_error_code), None),
        info=next((s.info for s in spoken if s.info), None),
        source=snapshot.source.value if state else None,
        status_age_seconds=int(state.age(now).total_seconds()) if state else None,
        status_lasts_seconds=int((now - state.since).total_seconds()) if state else None,
        session_energy_wh=delivered_wh(own) if own else None,
        session_power_w=round(own.power_w) if own and own.power_w is not None else None,
        other_report_count=recent_reports or None,
    )
