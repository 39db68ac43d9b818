"""One connector of a simulated station, as a machine without input or output."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import uuid4

from bot.domain.status import ConnectorStatus

DEFAULT_POWER_KW = 50.0
_BATTERY_WH = 60_000
_FULL_PERCENT = 100.0
_SECONDS_PER_HOUR = 3600
_PAUSED = frozenset({ConnectorStatus.SUSPENDED_EV, ConnectorStatus.SUSPENDED_EVSE})


class ClearsOn(StrEnum):
    """What makes a fault go away; a hard reset clears what a soft one does."""

    NONE = "none"
    SOFT_RESET = "soft_reset"
    HARD_RESET = "hard_reset"
    UNLOCK = "unlock"


@dataclass(frozen=True, slots=True)
class ConnectorSpec:
    """A connector as built: its OCPP number (from 1), its plug and its power."""

    number: int
    type: str = "CCS2"
    power_kw: float = DEFAULT_POWER_KW


@dataclass(frozen=True, slots=True)
class SimulatedFault:
    """A fault that stands."""

    error_code: str
    vendor_error_code: str | None = None
    info: str | None = None
    clears_on: ClearsOn = ClearsOn.NONE


@dataclass(frozen=True, slots=True)
class Report:
    """What the connector says of itself in a StatusNotification.

    `session` is the one that runs on it; two reports that differ in nothing else say the same.
    """

    connector: int
    status: ConnectorStatus
    error_code: str = "NoError"
    vendor_error_code: str | None = None
    info: str | None = None
    session: "Session | None" = field(default=None, compare=False)


class Began(StrEnum):
    """What let a session begin in the end."""

    CARD = "card"
    CABLE = "cable"
    REMOTE = "remote"


@dataclass(frozen=True, slots=True)
class Authorisation:
    """Somebody may charge: by a card, or from afar where `remote_start_id` is set."""

    id_tag: str
    remote_start_id: int | None = None


@dataclass(slots=True)
class Session:
    """A charging session.

    OCPP 2.0.1 knows it by `reference`, which the station chooses; OCPP 1.6 by `transaction_id`, which is None until
    the central system gave one. `began_at` is the station's time as OCPP writes it; a start that is told twice names
    the same one. `told` counts what was told of it so far.
    """

    connector: int
    authorisation: Authorisation
    began: Began
    meter_start_wh: int
    began_at: str
    reference: str = field(default_factory=lambda: str(uuid4()))
    transaction_id: int | None = None
    meter_stop_wh: int | None = None
    stop_reason: str | None = None
    told: int = 0


@dataclass(slots=True)
class SimulatedConnector:
    """Status follows from what is true of the connector; `forced` and `claimed` outrank it.

    `forced` is a status in which the connector is stuck until a reset; a pause, until its session ends. `claimed` is
    what it says although nothing can be charged: a hidden fault, which no command heals.
    """

    spec: ConnectorSpec
    meter_wh: float = 0.0
    soc_percent: float = 20.0
    plugged: bool = False
    session: Session | None = None
    had_session: bool = False
    authorised: Authorisation | None = None
    operative: bool = True
    ordered_operative: bool = True
    fault: SimulatedFault | None = None
    forced: ConnectorStatus | None = None
    claimed: ConnectorStatus | None = None
    reported: Report | None = None

    @property
    def status(self) -> ConnectorStatus:
        """What the connector says."""
        told = self.claimed or (ConnectorStatus.FAULTED if self.fault else self.forced)
        if told is not None:
            return told
        if self.session is not None:
            return ConnectorStatus.CHARGING if self.power_w > 0 else ConnectorStatus.SUSPENDED_EV
        if not self.operative:
            return ConnectorStatus.UNAVAILABLE
        if self.plugged:
            return ConnectorStatus.FINISHING if self.had_session else ConnectorStatus.PREPARING
        return ConnectorStatus.PREPARING if self.authorised else ConnectorStatus.AVAILABLE

    @property
    def report(self) -> Report:
        """What a StatusNotification would say now; a hidden fault shows no error."""
        if self.fault is None or self.claimed is not None:
            return Report(self.spec.number, self.status, session=self.session)
        fault, number = self.fault, self.spec.number
        return Report(
            number, self.status, fault.error_code, fault.vendor_error_code, fault.info, session=self.session
        )

    @property
    def power_w(self) -> float:
        """The power that flows now."""
        held = self.fault or self.claimed or self.forced in _PAUSED
        flows = self.session and not held and self.soc_percent < _FULL_PERCENT
        return self.spec.power_kw * 1000 if flows else 0.0

    @property
    def can_start(self) -> bool:
        """Whether a session could begin; a hidden fault lets none begin."""
        free = self.session is None and self.operative
        return free and self.fault is None and self.forced is None and self.claimed is None

    def plug(self) -> None:
        """A cable is put in."""
        self.plugged = True
        self.had_session = False

    def unplug(self) -> None:
        """The cable is pulled; a session must have ended before."""
        self.plugged = self.had_session = False

    def begin_session(self, authorisation: Authorisation, now: str) -> Session | None:
        """A session, where one can begin and a cable is in; without one the authorisation waits for it."""
        if not self.can_start:
            return None
        if not self.plugged:
            self.authorised = authorisation
            return None
        began = Began.CARD if authorisation.remote_start_id is None else Began.REMOTE
        began = Began.CABLE if self.authorised else began
        self.authorised = None
        self.session = Session(self.spec.number, authorisation, began, round(self.meter_wh), now)
        return self.session

    def end_session(self, reason: str) -> Session | None:
        """The session that ended, with its last meter reading."""
        ended, self.session, self.authorised = self.session, None, None
        if ended is None:
            return None
        ended.meter_stop_wh, ended.stop_reason = round(self.meter_wh), reason
        self.had_session = True
        if self.forced in _PAUSED:
            self.forced = None
        self.operative = self.ordered_operative
        return ended

    def order_availability(self, *, operative: bool) -> bool:
        """Whether it took effect; during a session it is put off to the end of it."""
        self.ordered_operative = operative
        if self.session is not None:
            return False
        self.operative = operative
        return True

    def heal(self, *, by: ClearsOn) -> None:
        """A reset or an unlock clears what it can clear."""
        reset = by in {ClearsOn.SOFT_RESET, ClearsOn.HARD_RESET}
        clears = {by, ClearsOn.SOFT_RESET} if reset else {by}
        if self.fault and self.fault.clears_on in clears:
            self.fault = None
        if reset:
            self.forced = None
            self.had_session = False
            self.authorised = None

    def charge(self, seconds: float) -> None:
        """Energy flows for that long."""
        energy = self.power_w * seconds / _SECONDS_PER_HOUR
        self.meter_wh += energy
        self.soc_percent = min(_FULL_PERCENT, self.soc_percent + energy / _BATTERY_WH * 100)

    def as_dict(self) -> dict[str, object]:
        """For the page; ready for JSON."""
        session = self.session
        return {
            "connector": self.spec.number,
            "type": self.spec.type,
            "power_kw": self.spec.power_kw,
            "status": self.status.value,
            "plugged": self.plugged,
            "operative": self.operative,
            "forced": self.forced.value if self.forced else None,
            "claimed": self.claimed.value if self.claimed else None,
            "error_code": self.fault.error_code if self.fault else None,
            "vendor_error_code": self.fault.vendor_error_code if self.fault else None,
            "clears_on": self.fault.clears_on.value if self.fault else None,
            "power_w": round(self.power_w),
            "soc_percent": round(self.soc_percent, 1),
            "session": None
            if session is None
            else {
                "id_tag": session.authorisation.id_tag,
                "transaction_id": session.transaction_id,
                "energy_wh": round(self.meter_wh) - session.meter_start_wh,
            },
        }
