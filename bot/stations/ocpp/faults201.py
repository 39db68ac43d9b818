"""Faults of OCPP 2.0.1, which come as events of components, in the codes that the diagnosis knows.

The names are those of part 2, appendix 3; vendors add their own, so words inside a name count, whatever its case.
"""

import re
from dataclasses import dataclass

from bot.stations.ocpp.v16 import ERROR_CODES

OTHER = "OtherError"
_GRAVEST_FIRST = (
    "PowerSwitchFailure",
    "CX026",
    "GroundFailure",
    "CX011",
    "OverCurrentFailure",
    "OverVoltage",
    "CX015",
    "CX008",
    "UnderVoltage",
    "HighTemperature",
    "CX014",
    "CX023",
)
"""The codes that can lock a connector out; they come before all others."""
_LOCKING = frozenset(_GRAVEST_FIRST)
_RANKS = {code: rank for rank, code in enumerate(_GRAVEST_FIRST)}
_UNKNOWN_RANK = len(_RANKS) + 1

_BY_VARIABLE = tuple(
    (re.compile(pattern), code)
    for pattern, code in (
        (r"overvoltage", "OverVoltage"),
        (r"undervoltage", "UnderVoltage"),
        # An alert of a voltage does not say on which side it left its range; the graver one is taken.
        (r"^(?:ac|dc)?voltage$", "OverVoltage"),
        (r"^overload$|overcurrent|^(?:ac|dc)?current$", "OverCurrentFailure"),
        (r"temperature", "HighTemperature"),
        (r"^signalstrength$", "WeakSignal"),
    )
)
_BY_COMPONENT = tuple(
    (re.compile(pattern), code)
    for pattern, code in (
        (r"contactor", "PowerSwitchFailure"),
        (r"cablebreakaway", "CX026"),
        (r"isolation|insulation", "CX011"),
        (r"ground|earth|leakage|residual|gfci|ccid|rcd|rcm|rdc", "GroundFailure"),
        (r"overcurrent|shortcircuit|fuse|breaker", "OverCurrentFailure"),
        (r"overvoltage|surge", "OverVoltage"),
        (r"undervoltage", "UnderVoltage"),
        (r"emergency", "CX008"),
        (r"electricalfeed|upstreamprotection|mains", "CX015"),
        (r"temperature|cooling|ventilation|overheat", "HighTemperature"),
        (r"cppwm|pilot", "CX014"),
        (r"proximity", "CX023"),
        (r"retentionlock|connectorlock|pluglock", "ConnectorLockFailure"),
        (r"metering|meter$", "PowerMeterFailure"),
        (r"iso15118|chademo|connectedev", "EVCommunicationError"),
        (r"tokenreader|rfid|cardreader|payment", "ReaderFailure"),
        (r"localauthlist", "LocalListConflict"),
        (r"datalink|modem|network|communication|commctrlr|wifi|ethernet|cellular", "WeakSignal"),
        (r"controller|ctrlr|converter|elvsupply|realtimeclock", "InternalError"),
    )
)
_BY_TECH_CODE = {
    "CX001": "ConnectorLockFailure",
    "CX002": "GroundFailure",
    "CX003": "HighTemperature",
    "CX004": "OverCurrentFailure",
    "CX005": "OverVoltage",
    "CX006": "UnderVoltage",
    "CX007": "WeakSignal",
    "CX013": "WeakSignal",
    "CX017": "PowerSwitchFailure",
}
"""ChargeX codes that mean the same as an error code of OCPP 1.6."""
_CHARGEX = re.compile(r"CX0(?:0[1-9]|1\d|2[0-6])")
_OCPP16 = {code.casefold(): code for code in ERROR_CODES}
_SIGNS = (
    ("smoke", "smoke"),
    ("fire", "fire"),
    ("flood", "flood"),
    ("water", "water"),
    ("moisture", "moisture"),
    ("tilt", "tilt"),
    # A station that was struck may be open or torn from its base.
    ("shock", "tampering"),
)
"""Dangers that no code names: the word is added to the info, where the diagnosis looks for it."""
_OF_NAME = re.compile(r"[^a-z0-9]")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, as a component tells it by one of its variables."""

    component: str
    variable: str
    tech_code: str | None = None
    tech_info: str | None = None
    vendor_id: str | None = None
    told: str | None = None
    """The error code, where it is known without the names."""

    @property
    def name(self) -> str:
        """`Component.Variable`."""
        return f"{self.component}.{self.variable}"

    @property
    def error_code(self) -> str:
        """A ChargePointErrorCode of OCPP 1.6 or a code of ChargeX; OtherError where nothing is understood.

        A technical code that is understood is more exact than the component's name. It gives way only where the
        name speaks of a danger: too grave a code costs less than a missed one.
        """
        if self.told is not None:
            return self.told
        of_names = error_code_of(self.component, self.variable)
        for code in (self.tech_code or "").split():
            if code.upper() in _BY_TECH_CODE:
                return _BY_TECH_CODE[code.upper()]
            if code.casefold() in _OCPP16:
                return _OCPP16[code.casefold()]
            if _CHARGEX.fullmatch(code.upper()):
                return of_names if of_names in _LOCKING else OTHER
        return of_names

    @property
    def info(self) -> str:
        """`Component.Variable: ` and what the component says, and a word of danger where no code has it."""
        folded = _folded(self.component) + _folded(self.variable)
        signs = [word for part, word in _SIGNS if part in folded]
        said = ", ".join([self.tech_info, *signs] if self.tech_info else signs)
        return f"{self.name}: {said}" if said else self.name


def error_code_of(component: str, variable: str) -> str:
    """What the names alone say of a fault; OtherError where they say nothing that is understood."""
    of_variable = _first(_BY_VARIABLE, _folded(variable))
    return of_variable or _first(_BY_COMPONENT, _folded(component)) or OTHER


def rank(error_code: str) -> int:
    """Its place among the codes, the gravest first; OtherError is the last, as it says the least."""
    return _RANKS.get(error_code, _UNKNOWN_RANK if error_code == OTHER else _UNKNOWN_RANK - 1)


def _first(table: tuple[tuple[re.Pattern[str], str], ...], name: str) -> str | None:
    return next((code for pattern, code in table if pattern.search(name)), None)


def _folded(name: str) -> str:
    return _OF_NAME.sub("", name.casefold())
