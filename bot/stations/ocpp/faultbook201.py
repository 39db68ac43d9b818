"""Which faults of an EVSE stand: those heard on this connection, and those that an earlier one has left."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from bot.domain.status import ConnectorState
from bot.stations.ocpp.faults201 import OTHER, Fault, rank

MOST_FAULTS = 32
"""An EVSE that counts more is broken in a way that the gravest of them tell well enough."""
_INFO, _CODES = 500, 255
_BETWEEN, _BETWEEN_CODES = "; ", ","
_NAMED = re.compile(r"(?P<component>[^.:;]+)\.(?P<variable>[^.:;]+)(?:: (?P<said>.*))?", re.DOTALL)
_FINE = frozenset({None, "NoError"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fault sits. Its instances are empty where the station names none."""

    component: str
    variable: str
    component_instance: str = ""
    variable_instance: str = ""

    @property
    def name(self) -> str:
        """`Component.Variable`."""
        return f"{self.component}.{self.variable}"


@dataclass(frozen=True, slots=True)
class Summary:
    """All faults of an EVSE in the words of a status of OCPP 1.6; nothing but None where there is none."""

    error_code: str | None = None
    vendor_error_code: str | None = None
    vendor_id: str | None = None
    info: str | None = None


class FaultBook:
    """The faults of one EVSE.

    A fault stands until the station clears it, also over a new connection. Only a station that has booted need
    not clear what stood before: once it says that it works, `works` drops all of that.
    """

    def __init__(self, before: ConnectorState | None) -> None:
        self._standing: dict[tuple[Place, str | None], Fault] = {}
        self._outlived: dict[tuple[Place, str | None], Fault] = {}
        left = faults_of(before) if before is not None else ()
        # The journal keeps no instances, so what an earlier connection left is known by its name.
        self._left = {(fault.name, fault.tech_code): fault for fault in left}
        self._booted = False

    def add(self, place: Place, fault: Fault) -> None:
        """A fault that is there, or is told again."""
        key = place, fault.tech_code
        self._outlived.pop(key, None)
        self._left.pop((place.name, fault.tech_code), None)
        self._standing[key] = fault
        if len(self._standing) > MOST_FAULTS:
            del self._standing[max(self._standing, key=lambda each: rank(self._standing[each].error_code))]

    def clear(self, place: Place, tech_code: str | None) -> None:
        """The fault of that code is over; where no such code stands, all that this place told is."""
        exact, named = (place, tech_code), (place.name, tech_code)
        known = exact in self._standing or exact in self._outlived or named in self._left
        if known and tech_code is not None:
            self._standing.pop(exact, None)
            self._outlived.pop(exact, None)
            self._left.pop(named, None)
            return
        self._standing = {key: fault for key, fault in self._standing.items() if key[0] != place}
        self._outlived = {key: fault for key, fault in self._outlived.items() if key[0] != place}
        self._left = {key: fault for key, fault in self._left.items() if key[0] != place.name}

    @property
    def standing(self) -> bool:
        """Whether a fault stands that was told since the station last started."""
        return bool(self._standing)

    def booted(self) -> None:
        """The station has started anew: what stood till then is over once the station says that it works."""
        self._outlived |= self._standing
        self._standing = {}
        self._booted = True

    def works(self) -> None:
        """The station says that the EVSE can charge."""
        if self._booted:
            self._outlived = {}
            self._left = {}

    def summary(self) -> Summary:
        """All that stands, the gravest first."""
        # Those with a code come first, so that codes and names can be put in pairs again.
        faults = sorted(
            (*self._standing.values(), *self._outlived.values(), *self._left.values()),
            key=lambda fault: (fault.tech_code is None, rank(fault.error_code)),
        )
        if not faults:
            return Summary()
        room = _INFO // len(faults) - len(_BETWEEN)
        infos = (fault.info[: max(room, len(fault.name))] for fault in faults if fault.component)
        return Summary(
            min((fault.error_code for fault in faults), key=rank),
            _joined((fault.tech_code for fault in faults if fault.tech_code), _BETWEEN_CODES, _CODES),
            next((fault.vendor_id for fault in faults if fault.vendor_id), None),
            _joined(infos, _BETWEEN, _INFO),
        )


def faults_of(state: ConnectorState) -> Iterator[Fault]:
    """The faults of which a kept status tells, as `FaultBook.summary` wrote it or a station of OCPP 1.6 did."""
    named = [found for part in (state.info or "").split(_BETWEEN) if (found := _NAMED.fullmatch(part))]
    codes = (state.vendor_error_code or "").split(_BETWEEN_CODES) if state.vendor_error_code else []
    if state.error_code in _FINE and not (named and codes):
        return
    understood = {OTHER}
    for name, code in zip_longest(named, codes[: len(named)]):
        fault = Fault(name["component"], name["variable"], code, name["said"], state.vendor_id)
        understood.add(fault.error_code)
        yield fault
    rest = codes[len(named) :]
    if state.error_code not in understood or rest:
        yield Fault("", "", _BETWEEN_CODES.join(rest) or None, None, state.vendor_id, told=state.error_code)


def _joined(texts: Iterable[str], between: str, most: int) -> str | None:
    """As many of the texts as there is room for, but never half of one; None where there is none."""
    joined = ""
    for text in texts:
        longer = f"{joined}{between}{text}" if joined else text
        if len(longer) > most:
            break
        joined = longer
    return joined or None
