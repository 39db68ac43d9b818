"""The EVSEs of an OCPP 2.0.1 station: what connectors, sessions and faults of each amount to in one status.

OCPP 2.0.1 tells in three messages what 1.6 told in one: StatusNotification has a coarse status per connector,
TransactionEvent the charging state, NotifyEvent the faults. Our connector is its EVSE.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from bot.domain.observation import StatusObserved
from bot.domain.status import ConnectorState, ConnectorStatus
from bot.stations.ocpp.faultbook201 import FaultBook
from bot.stations.ocpp.memory import StationMemory, WholeReport

MOST_EVSES = 255
"""No station has more; it bounds what one that counts wildly can make us keep."""
_SOME_CONNECTOR = -1
"""Stands for the connectors of an EVSE until the first of them speaks on this connection."""


class Told(StrEnum):
    """ConnectorStatus of OCPP 2.0.1. Of several connectors, the first in this order stands for the EVSE.

    A vehicle at one connector occupies the EVSE whatever the others say, and one that is broken must not hide
    behind one that is free.
    """

    OCCUPIED = "Occupied"
    FAULTED = "Faulted"
    UNAVAILABLE = "Unavailable"
    RESERVED = "Reserved"
    AVAILABLE = "Available"


TOLD = {told.value.casefold(): told for told in Told}
_WORKS = frozenset({Told.OCCUPIED, Told.RESERVED, Told.AVAILABLE})
_PLAIN = {
    Told.FAULTED: ConnectorStatus.FAULTED,
    Told.UNAVAILABLE: ConnectorStatus.UNAVAILABLE,
    Told.RESERVED: ConnectorStatus.RESERVED,
    Told.AVAILABLE: ConnectorStatus.AVAILABLE,
}
_AS_TOLD = {status: told for told, status in _PLAIN.items()}
CHARGING_STATES = {
    "charging": ConnectorStatus.CHARGING,
    "evconnected": ConnectorStatus.PREPARING,
    "suspendedev": ConnectorStatus.SUSPENDED_EV,
    "suspendedevse": ConnectorStatus.SUSPENDED_EVSE,
    "idle": ConnectorStatus.PREPARING,
}
"""ChargingState, in lower case, as the status of an occupied EVSE."""
IDLE = "idle"
"""The charging state that says that no vehicle is connected."""


class Evse:
    """One EVSE on one connection; EVSE 0 is the station as a whole. It begins with what the journal holds."""

    def __init__(self, number: int, before: ConnectorState | None, running: str | None) -> None:
        self.number = number
        self.faults = FaultBook(before)
        self.running = running
        """The station's name of the session that runs here."""
        self.latest: tuple[int, datetime] | None = None
        """Number and time of the latest event of that session."""
        self._connectors: dict[int, Told] = {}
        self._charging: ConnectorStatus | None = None
        self._vehicle_seen = False
        self._ended = before is not None and before.status is ConnectorStatus.FINISHING
        self._from_before_boot = False
        if before is not None and before.status is not ConnectorStatus.UNKNOWN:
            self._connectors[_SOME_CONNECTOR] = _AS_TOLD.get(before.status, Told.OCCUPIED)
            if running is not None and before.status in CHARGING_STATES.values():
                self._charging = before.status

    @property
    def connectors(self) -> tuple[int, ...]:
        """The connectors that spoke on this connection, a vehicle's first."""
        spoke = (number for number in self._connectors if number > 0)
        return tuple(
            sorted(spoke, key=lambda number: (self._connectors[number] is not Told.OCCUPIED, number))
        )

    @property
    def status(self) -> ConnectorStatus:
        """What all of it amounts to; UNKNOWN where no status was ever told."""
        told = self._told
        if self.number == 0 and told is Told.OCCUPIED:
            return ConnectorStatus.AVAILABLE
        if told is Told.OCCUPIED or (self._vehicle_seen and told in {None, Told.AVAILABLE, Told.RESERVED}):
            return self._occupied
        return ConnectorStatus.UNKNOWN if told is None else _PLAIN[told]

    @property
    def _told(self) -> Told | None:
        return next((told for told in Told if told in self._connectors.values()), None)

    @property
    def _occupied(self) -> ConnectorStatus:
        if self.running is not None:
            return self._charging or ConnectorStatus.PREPARING
        return ConnectorStatus.FINISHING if self._ended else ConnectorStatus.PREPARING

    @property
    def works(self) -> bool:
        """Whether it says that it can charge."""
        return self._told in _WORKS

    @property
    def tells_news(self) -> bool:
        """Whether what it amounts to was told since the station last started, be it only a fault."""
        return not self._from_before_boot or self.faults.standing

    def booted(self) -> None:
        """The station has started anew: its status is that of before until it tells another."""
        self._from_before_boot = True
        self.faults.booted()

    def tell(self, connector: int, told: Told) -> None:
        """A connector says how it is. It is newer than whatever a session let us conclude."""
        self._from_before_boot = False
        self._connectors.pop(_SOME_CONNECTOR, None)
        self._connectors[connector] = told
        if self._told is not Told.OCCUPIED:
            self._vehicle_seen = False
        if self._told is Told.AVAILABLE:
            self._ended = False
        if self.works:
            self.faults.works()

    def is_well(self) -> None:
        """Others say for it that it works."""
        self._from_before_boot = False
        self.faults.works()

    def begin(self, reference: str) -> None:
        """A session runs here; the same one told again goes on."""
        if self.running != reference:
            self.running = reference
            self.latest = None
            self._charging = None

    def charge(self, state: str, *, live: bool) -> None:
        """The charging state of the session. Unless it comes out of an offline queue, it tells of a vehicle, too."""
        self._charging = CHARGING_STATES.get(state, self._charging)
        if live:
            self._from_before_boot = False
            self._vehicle_seen = state in CHARGING_STATES and state != IDLE

    def end(self, reference: str, *, vehicle_left: bool) -> None:
        """That session is over; one that runs meanwhile goes on."""
        if self.running not in {None, reference}:
            return
        self.running = None
        self.latest = None
        self._charging = None
        self._ended = True
        if vehicle_left:
            self._vehicle_seen = False


class Evses:
    """All EVSEs of one station on one connection."""

    def __init__(self, memory: StationMemory) -> None:
        self._memory = memory
        self._evses: dict[int, Evse] = {}

    def at(self, number: int) -> Evse:
        """The EVSE of that number."""
        if number not in self._evses:
            session = self._memory.transactions.get(number)
            before = self._memory.connectors.get(number)
            self._evses[number] = Evse(number, before, session.reference if session else None)
        return self._evses[number]

    def of_session(self, reference: str) -> Evse | None:
        """The EVSE on which that session runs."""
        running = self._memory.transactions.values()
        return next((self.at(each.connector) for each in running if each.reference == reference), None)

    def only(self) -> Evse | None:
        """The EVSE of a station that is known to have just one."""
        numbers = {*self._evses, *self._memory.connectors} - {0}
        return self.at(numbers.pop()) if len(numbers) == 1 else None

    def booted(self) -> None:
        """The station has started anew."""
        for number in self._memory.connectors:
            self.at(number)
        for evse in self._evses.values():
            evse.booted()

    def works(self) -> tuple[Evse, ...]:
        """Some EVSE says that it works, so the station as a whole does; that one is returned."""
        self.at(0).is_well()
        return (self.at(0),)

    def observe(self, evse: Evse, now: datetime, claimed_at: datetime | None = None) -> StatusObserved:
        """The status of an EVSE with its faults."""
        faults = evse.faults.summary()
        reported = WholeReport(
            evse.number,
            evse.status,
            faults.error_code,
            claimed_at,
            faults.vendor_error_code,
            faults.vendor_id,
            faults.info,
        )
        return self._memory.observe_status(reported, now)

    def changes(self, evses: Iterable[Evse], now: datetime) -> tuple[StatusObserved, ...]:
        """The statuses among these that differ from what is kept; one that was never told needs a fault for it.

        A fault that is cleared right after a boot says nothing of a status yet: what is kept is that of before.
        """
        observed = (self.observe(evse, now) for evse in evses if evse.tells_news)
        return tuple(each for each in observed if each.changed and _worth_keeping(each.state, self._memory))


def _worth_keeping(state: ConnectorState, memory: StationMemory) -> bool:
    known = state.connector in memory.connectors
    return known or state.status is not ConnectorStatus.UNKNOWN or state.error_code is not None
