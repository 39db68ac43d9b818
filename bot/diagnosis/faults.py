"""Error codes of stations, grouped into faults that are treated alike.

Sources: OCPP 1.6 `ChargePointErrorCode`; the ChargeX Minimum Required Error Codes (MREC) CX001 to CX026;
EVgo's mapping of its own vendor codes to MREC. Stations of OCPP 2.0.1 carry the same codes as techCode.
"""

import re
from collections.abc import Iterator
from enum import StrEnum

from bot.diagnosis.vocabulary import ActionClass
from bot.domain.status import ConnectorState, ConnectorStatus


class Fault(StrEnum):
    """A group of error codes. The order is the order of gravity, the worst first."""

    LIVE_CONNECTOR = "live_connector"
    CONTACTOR = "contactor"
    CUT_CABLE = "cut_cable"
    SAFETY_WORDS = "safety_words"
    PLUG_OVERHEATED = "plug_overheated"
    GROUND = "ground"
    INSULATION = "insulation"
    OVER_CURRENT = "over_current"
    OVER_VOLTAGE = "over_voltage"
    POWER_LOSS = "power_loss"
    BROKEN_LATCH = "broken_latch"
    EMERGENCY_STOP = "emergency_stop"
    VEHICLE_CONTACTOR = "vehicle_contactor"
    UNDER_VOLTAGE = "under_voltage"
    HEAT = "heat"
    PILOT = "pilot"
    PROXIMITY = "proximity"
    PRE_CHARGE = "pre_charge"
    DERATING = "derating"
    METER = "meter"
    INTERNAL = "internal"
    RESET = "reset"
    CONNECTOR_LOCK = "connector_lock"
    EV_COMMUNICATION = "ev_communication"
    READER = "reader"
    WEAK_SIGNAL = "weak_signal"
    OTHER = "other"
    AUTHORIZATION_TIMEOUT = "authorization_timeout"
    LOCAL_LIST = "local_list"
    VEHICLE_MODE = "vehicle_mode"
    PARTIAL_INSERTION = "partial_insertion"
    NONE = "none"


_LAST_OF_CLASS = (
    (ActionClass.D, Fault.PRE_CHARGE),
    (ActionClass.C, Fault.DERATING),
    (ActionClass.B, Fault.OTHER),
    (ActionClass.A, Fault.NONE),
)
_GRAVITY = {fault: rank for rank, fault in enumerate(Fault)}

FAULT_CLASS: dict[Fault, ActionClass] = {
    fault: next(cls for cls, last in _LAST_OF_CLASS if _GRAVITY[fault] <= _GRAVITY[last]) for fault in Fault
}
"""The highest class that a fault can reach. One that is class A at first and D on repeat counts as D, so
that it is never hidden by a fault which a reset might cure."""

LOCKED_OUT = frozenset(fault.value for fault, cls in FAULT_CLASS.items() if cls is ActionClass.D)
"""The faults that can reach class D: no command that energises may ever meet one of them."""

ALWAYS_LOCKED = frozenset(
    fault.value
    for fault in (*list(Fault)[: list(Fault).index(Fault.EMERGENCY_STOP)], Fault.VEHICLE_CONTACTOR)
)
"""The faults that are class D whatever else is known: no rule, of nobody, may make less of them."""

OCPP_FAULTS: dict[str, Fault] = {
    "ConnectorLockFailure": Fault.CONNECTOR_LOCK,
    "EVCommunicationError": Fault.EV_COMMUNICATION,
    "GroundFailure": Fault.GROUND,
    "HighTemperature": Fault.HEAT,
    "InternalError": Fault.INTERNAL,
    "LocalListConflict": Fault.LOCAL_LIST,
    "NoError": Fault.NONE,
    "OtherError": Fault.OTHER,
    "OverCurrentFailure": Fault.OVER_CURRENT,
    "OverVoltage": Fault.OVER_VOLTAGE,
    "PowerMeterFailure": Fault.METER,
    "PowerSwitchFailure": Fault.CONTACTOR,
    "ReaderFailure": Fault.READER,
    "ResetFailure": Fault.RESET,
    "UnderVoltage": Fault.UNDER_VOLTAGE,
    "WeakSignal": Fault.WEAK_SIGNAL,
}

MREC_FAULTS: dict[str, Fault] = {
    "CX001": Fault.CONNECTOR_LOCK,
    "CX002": Fault.GROUND,
    "CX003": Fault.DERATING,
    "CX004": Fault.OVER_CURRENT,
    "CX005": Fault.OVER_VOLTAGE,
    "CX006": Fault.UNDER_VOLTAGE,
    "CX007": Fault.WEAK_SIGNAL,
    "CX008": Fault.EMERGENCY_STOP,
    "CX009": Fault.AUTHORIZATION_TIMEOUT,
    "CX010": Fault.VEHICLE_MODE,
    "CX011": Fault.INSULATION,
    "CX012": Fault.PRE_CHARGE,
    "CX013": Fault.WEAK_SIGNAL,
    "CX014": Fault.PILOT,
    "CX015": Fault.POWER_LOSS,
    "CX016": Fault.VEHICLE_CONTACTOR,
    "CX017": Fault.CONTACTOR,
    "CX018": Fault.DERATING,
    "CX019": Fault.PLUG_OVERHEATED,
    "CX020": Fault.PARTIAL_INSERTION,
    "CX021": Fault.INSULATION,
    "CX022": Fault.INSULATION,
    "CX023": Fault.PROXIMITY,
    "CX024": Fault.LIVE_CONNECTOR,
    "CX025": Fault.BROKEN_LATCH,
    "CX026": Fault.CUT_CABLE,
}

EVGO_VENDOR_ID = "com.evgo.mrec"
EVGO_CODES: dict[str, str] = {
    "A000": "CX009",
    "A001": "CX020",
    "A002": "CX001",
    "A003": "CX010",
    "A004": "CX008",
    "A005": "CX001",
    "F000": "CX023",
    "F001": "CX023",
    "F002": "CX014",
    "F003": "CX014",
    "F004": "CX025",
    "F005": "CX011",
    "F006": "CX022",
    "F007": "CX021",
    "F008": "CX024",
    "F009": "CX019",
    "F010": "CX026",
}

_OCPP_BY_FOLDED = {code.casefold(): fault for code, fault in OCPP_FAULTS.items()}
_SEPARATORS = re.compile(r"[,;\s]+")
_PROTECTION_WORDS = re.compile(
    r"\b(?:ground[ _-]?(?:fault|failure|error)|earth[ _-]?(?:fault|leak\w*)|insulation|isolation"
    r"|leakage|residual|rc[dm]|rdc|gfci|ccid|weld\w*|contactor|over[ _-]?current|over[ _-]?voltage"
    r"|short[ _-]?circuit|erdschluss|fehlerstrom|kurzschluss|überstrom)\b",
    re.IGNORECASE,
)
"""They say why a protection tripped, which a code may say more exactly."""
_HAZARD_WORDS = re.compile(
    r"\b(?:over[ _-]?(?:temp\w*|heat\w*)|smoke|fire|burn\w*|arc(?:ing)?|moisture|water|flood\w*|tilt\w*"
    r"|tamper\w*|übertemperatur|rauch|feuer)\b",
    re.IGNORECASE,
)
"""They say what no code says."""
_EMERGENCY_WORDS = re.compile(
    r"\b(?:emergency[ -]?(?:stop\w*|off|button|switch)|e-?stop|not-?(?:aus|halt)\w*)\b", re.IGNORECASE
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
"""Where a word begins inside a code such as `ContactorFault`."""


def worst_fault(*states: ConnectorState | None) -> Fault:
    """The gravest of all faults that these states report; NONE where they report none.

    A code counts whatever the status is: a warning of class D is honoured as a lock-out, too.
    """
    reported = (fault for state in states if state is not None for fault in _faults_of(state))
    return min(reported, key=_GRAVITY.__getitem__, default=Fault.NONE)


def locked_out(state: ConnectorState) -> bool:
    """Whether the state reports a fault that can reach class D."""
    return worst_fault(state) in LOCKED_OUT


def vendor_codes(text: str | None) -> tuple[str, ...]:
    """The single codes of a `vendorErrorCode`, in upper case; it may join several with `,` or `;`."""
    return tuple(code.upper() for code in _SEPARATORS.split(text or "") if code)


def _faults_of(state: ConnectorState) -> Iterator[Fault]:
    known = tuple(_vendor_faults(state))
    yield from known
    general = _general_fault(state.error_code)
    # OtherError only announces a vendor code; where that code is understood, it says nothing more.
    if not (general is Fault.OTHER and known):
        yield general
    in_error = general is not Fault.NONE or bool(known) or state.status is ConnectorStatus.FAULTED
    named = general.value in ALWAYS_LOCKED or any(fault.value in ALWAYS_LOCKED for fault in known)
    said = _said(state)
    if in_error and _warns(said, named=named):
        yield Fault.SAFETY_WORDS
    if in_error and _EMERGENCY_WORDS.search(said):
        yield Fault.EMERGENCY_STOP


def _said(state: ConnectorState) -> str:
    """The station's own words: its info, and a vendor's code that is a word, each apart from what is joined to it."""
    code = _HUMP.sub(" ", state.vendor_error_code or "")
    return f"{state.info or ''} {code}".replace("_", " ")


def _warns(said: str, *, named: bool) -> bool:
    """Whether the station's words speak of danger; `named` says that a code has named the protection that tripped."""
    return bool(_HAZARD_WORDS.search(said) or (not named and _PROTECTION_WORDS.search(said)))


def _general_fault(error_code: str | None) -> Fault:
    """Of `errorCode`. Stations also send words of their own there, which are an error nobody can name."""
    code = (error_code or "").strip()
    if not code:
        return Fault.NONE
    return _OCPP_BY_FOLDED.get(code.casefold()) or MREC_FAULTS.get(code.upper(), Fault.OTHER)


def _vendor_faults(state: ConnectorState) -> Iterator[Fault]:
    """Vendor codes that are understood; others are left to `errorCode`, as many stations always send "0".

    CX codes are taken from any vendor: to believe one too many costs less than to miss a lock-out. EVgo's are
    short enough to mean something else with another vendor, so they need its vendorId.
    """
    evgo = (state.vendor_id or "").strip().casefold() == EVGO_VENDOR_ID
    for code in vendor_codes(state.vendor_error_code):
        mrec = EVGO_CODES.get(code, code) if evgo else code
        if mrec in MREC_FAULTS:
            yield MREC_FAULTS[mrec]
