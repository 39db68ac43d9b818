"""Faults in the words of OCPP 2.0.1: events of components, as its StatusNotification carries no reason.

The components and variables are standardised ones (part 2, appendix 3). The codes are those of the ChargeX Minimum
Required Error Codes, which stations of OCPP 2.0.1 send as techCode; not every error code of OCPP 1.6 has one. Nothing
but a code of their own tells of a reset that failed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple

from bot.sandbox.stations.connector import Report
from bot.sandbox.stations.modes import Telling
from bot.sandbox.stations.payloads201 import Json, evse_of

_TECH_CODE, _TECH_INFO = 50, 500
"""How many characters the specification allows."""
_FINE = "NoError"


class Seat(NamedTuple):
    """Where a fault sits: a component, its variable that tells of it, and its code where it has one."""

    component: str
    variable: str = "Problem"
    tech_code: str | None = None


SEATS: dict[str, Seat] = {
    "ConnectorLockFailure": Seat("ConnectorPlugRetentionLock", "Problem", "CX001"),
    "EVCommunicationError": Seat("ConnectedEV"),
    "GroundFailure": Seat("RCD", "Tripped", "CX002"),
    "HighTemperature": Seat("TemperatureSensor", "Problem", "CX003"),
    "InternalError": Seat("Controller"),
    "LocalListConflict": Seat("LocalAuthListCtrlr"),
    "OtherError": Seat("EVSE"),
    "OverCurrentFailure": Seat("OverCurrentProtection", "Tripped", "CX004"),
    "OverVoltage": Seat("ElectricalFeed", "Problem", "CX005"),
    "PowerMeterFailure": Seat("FiscalMetering"),
    "PowerSwitchFailure": Seat("PowerContactor", "Problem", "CX017"),
    "ReaderFailure": Seat("TokenReader"),
    "ResetFailure": Seat("ChargingStation", "Problem", "ResetFailure"),
    "UnderVoltage": Seat("ElectricalFeed", "Problem", "CX006"),
    "WeakSignal": Seat("DataLink", "Problem", "CX007"),
}
"""By the error code of OCPP 1.6, with which every fault of a simulated station is chosen."""


class _Fault(NamedTuple):
    """A fault without the status that goes with it."""

    error_code: str
    vendor_error_code: str | None
    info: str | None


@dataclass(slots=True)
class FaultBook:
    """Which faults the central system was told of since the station started; it outlives connections."""

    _told: dict[int, _Fault] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def events(self, report: Report, why: Telling, at: str) -> list[Json]:
        """What a NotifyEvent must say before this status; empty where there is nothing to say.

        On a new line a fault that stands is told again. Who asks for a status is told the status alone.
        """
        before, now = self._told.get(report.connector), _fault_of(report)
        if why is Telling.ASKED or (why is Telling.CHANGED and before == now):
            return []
        events = []
        if before is not None and before != now:
            events.append(self._event(before, report.connector, at, cleared=True))
        if now is not None:
            events.append(self._event(now, report.connector, at, cleared=False))
        return events

    def keep(self, report: Report) -> None:
        """The central system knows of it."""
        fault = _fault_of(report)
        if fault is None:
            self._told.pop(report.connector, None)
        else:
            self._told[report.connector] = fault

    def forget(self) -> None:
        """The station has started anew: it clears nothing, and tells what stands."""
        self._told.clear()

    def _event(self, fault: _Fault, connector: int, at: str, *, cleared: bool) -> Json:
        seat = SEATS.get(fault.error_code, SEATS["OtherError"])
        code = fault.vendor_error_code or seat.tech_code
        return {
            "event_id": next(self._numbers),
            "timestamp": at,
            "trigger": "Alerting",
            "actual_value": "false" if cleared else "true",
            "tech_code": code and code[:_TECH_CODE],
            "tech_info": fault.info and fault.info[:_TECH_INFO],
            "cleared": cleared,
            "event_notification_type": "HardWiredMonitor",
            "component": {"name": seat.component, "evse": evse_of(connector)},
            "variable": {"name": seat.variable},
        }


def _fault_of(report: Report) -> _Fault | None:
    if report.error_code == _FINE:
        return None
    return _Fault(report.error_code, report.vendor_error_code, report.info)
