"""Names of settings in OCPP 2.0.1, and the reports in which a station tells all of them."""

import asyncio
import re
from dataclasses import dataclass

from bot.stations.ocpp.fields import Fields
from bot.stations.ocpp.frames import JsonObject

MOST_VALUES = 5000
_NAME, _VALUE = 50, 1000
_ACTUAL = "actual"
_WRITE_ONLY = "writeonly"
_KEY = re.compile(
    r"(?P<component>[^.()#]+)(?:\((?P<component_instance>[^()]+)\))?(?:#(?P<evse>\d{1,3})(?:/(?P<connector>\d{1,3}))?)?"
    r"\.(?P<variable>[^()]+)(?:\((?P<variable_instance>[^()]+)\))?"
)


@dataclass(frozen=True, slots=True)
class Key:
    """One setting, written `Component.Variable`.

    Where it takes more to tell it from others, instances stand in brackets, and the EVSE and its connector behind
    a number sign: `Connector(left)#1/2.Problem`, `OCPPCommCtrlr.MessageAttempts(TransactionEvent)`.
    """

    component: str
    variable: str
    component_instance: str | None = None
    variable_instance: str | None = None
    evse: int | None = None
    connector: int | None = None

    def __str__(self) -> str:
        place = "" if self.evse is None else f"#{self.evse}"
        place += "" if self.evse is None or self.connector is None else f"/{self.connector}"
        component = self.component + _bracketed(self.component_instance) + place
        return f"{component}.{self.variable}{_bracketed(self.variable_instance)}"

    @property
    def wording(self) -> JsonObject:
        """The fields `component` and `variable` of a call."""
        component: JsonObject = {"name": self.component}
        if self.component_instance is not None:
            component["instance"] = self.component_instance
        if self.evse is not None:
            evse: JsonObject = {"id": self.evse}
            component["evse"] = evse if self.connector is None else evse | {"connectorId": self.connector}
        variable: JsonObject = {"name": self.variable}
        if self.variable_instance is not None:
            variable["instance"] = self.variable_instance
        return {"component": component, "variable": variable}


def key_of(text: str) -> Key | None:
    """The key that the text names; None where it names none."""
    found = _KEY.fullmatch(text.strip())
    if found is None or max(len(part or "") for part in found.groups()) > _NAME:
        return None
    evse, connector = found["evse"], found["connector"]
    return Key(
        found["component"],
        found["variable"],
        found["component_instance"],
        found["variable_instance"],
        None if evse is None else int(evse),
        None if connector is None else int(connector),
    )


def key_in(fields: Fields) -> Key:
    """The key of which a result or a part of a report tells."""
    component, variable = fields.part("component"), fields.part("variable")
    evse = component.part("evse")
    return Key(
        component.text("name", _NAME) or "",
        variable.text("name", _NAME) or "",
        component.text("instance", _NAME),
        variable.text("instance", _NAME),
        evse.number("id") if evse.raw("id") is not None else None,
        evse.number("connectorId") if evse.raw("connectorId") is not None else None,
    )


class Report:
    """One report while it comes in. `values` may be read at any time; `whole` is set with its last part."""

    def __init__(self) -> None:
        self.values: dict[str, str | None] = {}
        self.whole = asyncio.Event()

    def take(self, fields: Fields) -> None:
        """One part of it."""
        for entry in fields.parts("reportData"):
            value = _actual(entry)
            if value is not None and len(self.values) < MOST_VALUES:
                self.values[str(key_in(entry))] = value[0]
        if not fields.yes("tbc"):
            self.whole.set()


class Reports:
    """The reports that are awaited on one connection."""

    def __init__(self) -> None:
        self._awaited: dict[int, Report] = {}

    def expect(self, request_id: int) -> Report:
        """From now on, parts with that number are gathered, until `forget`."""
        return self._awaited.setdefault(request_id, Report())

    def forget(self, request_id: int) -> None:
        """What still comes under that number is of no interest."""
        self._awaited.pop(request_id, None)

    def take(self, fields: Fields) -> None:
        """A NotifyReport; one that nobody waits for is passed over."""
        number = fields.number("requestId")
        report = None if number is None else self._awaited.get(number)
        if report is not None:
            report.take(fields)


def _actual(entry: Fields) -> tuple[str | None] | None:
    """The value in force, in a tuple: a None in it is kept secret. None where there is no such attribute."""
    for attribute in entry.parts("variableAttribute"):
        if (attribute.text("type", 20) or _ACTUAL).casefold() != _ACTUAL:
            continue
        secret = (attribute.text("mutability", 20) or "").casefold() == _WRITE_ONLY
        return (None if secret else attribute.text("value", 2500, _VALUE) or "",)
    return None


def _bracketed(instance: str | None) -> str:
    return "" if instance is None else f"({instance})"
