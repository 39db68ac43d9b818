"""NotifyEvent of OCPP 2.0.1: what a component tells of itself becomes a fault, a status, a note, or nothing."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.observation import Noted, Observation
from bot.stations.ocpp.dialect import Context, Handled
from bot.stations.ocpp.evses201 import MOST_EVSES, TOLD, Evse, Evses, Told
from bot.stations.ocpp.faultbook201 import Place
from bot.stations.ocpp.faults201 import Fault
from bot.stations.ocpp.fields import Fields

_NAME, _TECH_CODE, _TECH_INFO, _VALUE, _VENDOR = 50, 50, 500, 50, 255
_NO = frozenset({"false", "0"})
_STATE = "availabilitystate"
_SPEAKS_OF_STATE = frozenset({"connector", "evse", "chargingstation"})
_FAULT_VARIABLES = frozenset({"problem", "tripped", "overload"})
_PROTECTIONS = frozenset({"rcd", "overcurrentprotection"})
"""Components whose `Operated` says that they cut the power; that of a TokenReader says that a card was read."""
_FINE_WHEN_TRUE = frozenset({"available", "enabled"})
_WARNING = 6
"""Severity of OCPP 2.1, from 0 (danger) to 9 (debug); 2.0.1 has none in its events."""
_MOST_NOTED = 50
_NOT_IN_NAMES = str.maketrans(".:;,", "____")


@dataclass(frozen=True, slots=True)
class _Event:
    """One event. `evse` is 0 where it is of the station as a whole."""

    place: Place
    evse: int
    connector: int
    value: str | None
    cleared: bool
    alerting: bool
    severity: int | None
    claimed_at: datetime | None
    fault: Fault

    @property
    def variable(self) -> str:
        return self.place.variable.casefold()

    @property
    def state(self) -> Told | None:
        """The status that it tells, which OCPP 2.1 does in place of a StatusNotification."""
        tells = self.variable == _STATE and self.place.component.casefold() in _SPEAKS_OF_STATE
        return TOLD.get((self.value or "").casefold()) if tells else None

    @property
    def is_over(self) -> bool:
        """Whether it says that something is fine again."""
        if self.variable == _STATE:
            return self.cleared or self.state not in {None, Told.FAULTED}
        two_valued = self._says_fault or self.variable == "active"
        return self.cleared or (two_valued and (self.value or "").casefold() in _NO)

    @property
    def is_fault(self) -> bool:
        """Whether it says that something is wrong, provided that it is not over."""
        if self._says_fault or self.fault.tech_code is not None:
            return True
        return self.alerting and self.variable not in _FINE_WHEN_TRUE | {_STATE}

    @property
    def _says_fault(self) -> bool:
        operated = self.variable == "operated" and self.place.component.casefold() in _PROTECTIONS
        return self.variable in _FAULT_VARIABLES or operated


class Events:
    """Reads the events of one connection; each kind that is no fault is noted once at most."""

    def __init__(self, evses: Evses) -> None:
        self._evses = evses
        self._noted: set[Place] = set()

    def notify(self, fields: Fields, context: Context) -> Handled:
        """One NotifyEvent, however many events are in it."""
        told: dict[int, datetime | None] = {}
        touched: dict[int, Evse] = {}
        notes: list[Observation] = []
        for event in [_event(part) for part in fields.parts("eventData")]:
            evse = touched.setdefault(event.evse, self._evses.at(event.evse))
            if self._take(event, evse):
                told[event.evse] = event.claimed_at
            notes += self._note(event, context)
        if any(touched[number].works for number in told if number):
            touched |= {evse.number: evse for evse in self._evses.works()}
        heard = [self._evses.observe(touched[number], context.now, at) for number, at in told.items()]
        silent = [evse for number, evse in touched.items() if number not in told]
        return Handled({}, (*heard, *self._evses.changes(silent, context.now), *notes))

    def _take(self, event: _Event, evse: Evse) -> bool:
        """Takes over what it says of an EVSE; True where that is its status."""
        if event.is_over:
            evse.faults.clear(event.place, event.fault.tech_code)
        elif event.is_fault:
            evse.faults.add(event.place, event.fault)
        if event.state is None:
            return False
        evse.tell(event.connector, event.state)
        return True

    def _note(self, event: _Event, context: Context) -> list[Observation]:
        told = event.is_over or event.is_fault or event.state is not None
        grave = event.severity is not None and event.severity <= _WARNING
        if told or not grave or event.place in self._noted or len(self._noted) >= _MOST_NOTED:
            return []
        self._noted.add(event.place)
        detail = f"{event.fault.info} ({event.value})" if event.value else event.fault.info
        return [Noted(context.station_id, context.now, "event", detail[:_TECH_INFO])]


def _event(fields: Fields) -> _Event:
    component, variable = fields.part("component"), fields.part("variable")
    place = Place(
        _name(component, "name") or "Component",
        _name(variable, "name") or "Variable",
        _name(component, "instance"),
        _name(variable, "instance"),
    )
    evse = component.part("evse")
    severity = fields.number("severity") if fields.raw("severity") is not None else None
    return _Event(
        place,
        _small(evse, "id"),
        _small(evse, "connectorId"),
        fields.text("actualValue", 2500, _VALUE),
        fields.yes("cleared"),
        (fields.text("trigger", 20) or "").casefold() == "alerting",
        severity,
        fields.time("timestamp"),
        Fault(
            place.component,
            place.variable,
            _tech_code(fields),
            _info(fields),
            fields.part("customData").text("vendorId", _VENDOR),
        ),
    )


def _name(fields: Fields, name: str) -> str:
    """A name without the signs that part names and faults from each other in an info."""
    return (fields.text(name, _NAME) or "").translate(_NOT_IN_NAMES).strip()


def _tech_code(fields: Fields) -> str | None:
    text = (fields.text("techCode", _TECH_CODE, 100) or "").replace(",", " ").replace(";", " ").strip()
    return text or None


def _info(fields: Fields) -> str | None:
    text = (fields.text("techInfo", _TECH_INFO) or "").replace(";", ",").strip()
    return text or None


def _small(fields: Fields, name: str) -> int:
    """The number of an EVSE or connector. One that no station has counts as 0: its fault must not be lost."""
    if fields.raw(name) is None:
        return 0
    number = fields.number(name)
    if number is None or not 0 <= number <= MOST_EVSES:
        fields.oddities.add(name)
        return 0
    return number
