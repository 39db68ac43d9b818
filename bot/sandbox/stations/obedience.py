"""How a simulated station answers the commands of OCPP 1.6."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.sandbox.stations.connector import ClearsOn, SimulatedConnector
from bot.sandbox.stations.line import Boot, Heartbeat, Sample
from bot.sandbox.stations.modes import ResetMode
from bot.sandbox.stations.wire import Obeyed, Told

if TYPE_CHECKING:
    from bot.sandbox.stations.station import SimulatedStation

_ACCEPTED, _REJECTED = "Accepted", "Rejected"


def _reset(station: "SimulatedStation", told: Told) -> Obeyed:
    if station.reset_mode is ResetMode.REJECTS:
        return Obeyed(_REJECTED)
    return Obeyed(_ACCEPTED, lambda: station.reset(hard=told.word == "Hard"))


def _unlock(station: "SimulatedStation", told: Told) -> Obeyed:
    connector = station.connectors.get(told.connector or 0)
    if connector is None:
        return Obeyed("NotSupported")
    station.end(connector, "UnlockCommand")
    connector.heal(by=ClearsOn.UNLOCK)
    jammed = connector.fault is not None and connector.fault.error_code == "ConnectorLockFailure"
    return Obeyed("UnlockFailed" if jammed else "Unlocked", station.tell_changes)


def _availability(station: "SimulatedStation", told: Told) -> Obeyed:
    named = station.connectors.values() if not told.connector else [station.connectors.get(told.connector)]
    if None in named:
        return Obeyed(_REJECTED)
    wanted = told.word == "Operative"
    done = [connector.order_availability(operative=wanted) for connector in named if connector]
    return Obeyed(_ACCEPTED if all(done) else "Scheduled", station.tell_changes)


def _remote_start(station: "SimulatedStation", told: Told) -> Obeyed:
    connector = _one_to_start(station, told.connector)
    # A station with a hidden fault accepts, and then nothing happens.
    if connector is None or not (connector.can_start or connector.claimed):
        return Obeyed(_REJECTED)
    return Obeyed(_ACCEPTED, lambda: station.begin(connector, told.word))


def _one_to_start(station: "SimulatedStation", number: int | None) -> SimulatedConnector | None:
    if number is not None:
        return station.connectors.get(number)
    return next((connector for connector in station.connectors.values() if connector.can_start), None)


def _remote_stop(station: "SimulatedStation", told: Told) -> Obeyed:
    for connector in station.connectors.values():
        if connector.session and connector.session.transaction_id == told.transaction_id:
            return Obeyed(_ACCEPTED, _ending(station, connector))
    return Obeyed(_REJECTED)


def _ending(station: "SimulatedStation", connector: SimulatedConnector) -> Callable[[], None]:
    def end() -> None:
        station.end(connector, "Remote")
        station.tell_changes()

    return end


def _trigger(station: "SimulatedStation", told: Told) -> Obeyed:
    connector = station.connectors.get(told.connector or 0)
    if told.connector and connector is None:
        return Obeyed(_REJECTED)
    match told.word:
        case "StatusNotification":
            return Obeyed(_ACCEPTED, lambda: station.tell(told.connector or 0))
        case "BootNotification":
            return Obeyed(_ACCEPTED, lambda: station.line.post(Boot()))
        case "Heartbeat":
            return Obeyed(_ACCEPTED, lambda: station.line.post(Heartbeat()))
        case "MeterValues" if connector is not None:
            return Obeyed(_ACCEPTED, lambda: station.line.post(Sample(connector)))
        case _:
            return Obeyed("NotImplemented")


COMMANDS: dict[str, Callable[["SimulatedStation", Told], Obeyed]] = {
    "Reset": _reset,
    "UnlockConnector": _unlock,
    "ChangeAvailability": _availability,
    "RemoteStartTransaction": _remote_start,
    "RemoteStopTransaction": _remote_stop,
    "TriggerMessage": _trigger,
}
