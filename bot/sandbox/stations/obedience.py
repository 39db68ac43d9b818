"""How a simulated station answers commands."""

from collections.abc import Callable
from typing import TYPE_CHECKING, assert_never

from bot.sandbox.stations.commands import (
    ChangeAvailability,
    ClearCache,
    Command,
    Obeyed,
    ReportConfiguration,
    Reset,
    SendList,
    Start,
    Stop,
    Trigger,
    Unlock,
    UploadLog,
)
from bot.sandbox.stations.connector import Authorisation, ClearsOn, SimulatedConnector
from bot.sandbox.stations.modes import BootReason, ResetMode, Telling
from bot.sandbox.stations.posts import Boot, Disclose, Heartbeat, Sample

if TYPE_CHECKING:
    from bot.sandbox.stations.station import SimulatedStation

_ACCEPTED, _REJECTED, _SCHEDULED = "Accepted", "Rejected", "Scheduled"


def obey(station: "SimulatedStation", command: Command) -> Obeyed:
    """What the station does about a command."""
    match command:
        case Reset():
            return _reset(station, command)
        case Unlock():
            return _unlock(station, command)
        case ChangeAvailability():
            return _availability(station, command)
        case Start():
            return _start(station, command)
        case Stop():
            return _stop(station, command)
        case Trigger():
            return _trigger(station, command)
        case ClearCache():
            station.cards.cached.clear()
            return Obeyed(_ACCEPTED)
        case SendList():
            return Obeyed(station.cards.take(command))
        case UploadLog():
            return Obeyed(_ACCEPTED, lambda: station.upload_log(command), station.log_name)
        case ReportConfiguration(request_id=number):
            return Obeyed(_ACCEPTED, lambda: station.line.post(Disclose(number)))
        case _:
            assert_never(command)


def _reset(station: "SimulatedStation", command: Reset) -> Obeyed:
    if station.computer.reset_mode is ResetMode.REJECTS:
        return Obeyed(_REJECTED)
    if command.when_idle and station.charging:
        station.computer.reset_when_idle = True
        return Obeyed(_SCHEDULED)
    return Obeyed(_ACCEPTED, lambda: station.computer.reset(hard=command.hard))


def _unlock(station: "SimulatedStation", command: Unlock) -> Obeyed:
    connector = station.connectors.get(command.connector)
    if connector is None:
        return Obeyed("UnknownConnector")
    if connector.session is not None and not command.ends_session:
        return Obeyed("OngoingAuthorizedTransaction")
    station.end(connector, "UnlockCommand")
    connector.heal(by=ClearsOn.UNLOCK)
    jammed = connector.fault is not None and connector.fault.error_code == "ConnectorLockFailure"
    return Obeyed("UnlockFailed" if jammed else "Unlocked", station.tell_changes)


def _availability(station: "SimulatedStation", command: ChangeAvailability) -> Obeyed:
    named = [station.connectors.get(command.connector)] if command.connector is not None else None
    connectors = list(station.connectors.values()) if named is None else named
    if None in connectors:
        return Obeyed(_REJECTED)
    done = [each.order_availability(operative=command.operative) for each in connectors if each]
    return Obeyed(_ACCEPTED if all(done) else _SCHEDULED, station.tell_changes)


def _start(station: "SimulatedStation", command: Start) -> Obeyed:
    connector = _one_to_start(station, command.connector)
    # A station with a hidden fault accepts, and then nothing happens.
    if connector is None or not (connector.can_start or connector.claimed):
        return Obeyed(_REJECTED)
    authorisation = Authorisation(command.id_tag, command.remote_start_id)
    return Obeyed(_ACCEPTED, lambda: station.begin(connector, authorisation))


def _one_to_start(station: "SimulatedStation", number: int | None) -> SimulatedConnector | None:
    if number is not None:
        return station.connectors.get(number)
    return next((connector for connector in station.connectors.values() if connector.can_start), None)


def _stop(station: "SimulatedStation", command: Stop) -> Obeyed:
    for connector in station.connectors.values():
        session = connector.session
        if session and command.transaction in {session.transaction_id, session.reference}:
            return Obeyed(_ACCEPTED, _ending(station, connector))
    return Obeyed(_REJECTED)


def _ending(station: "SimulatedStation", connector: SimulatedConnector) -> Callable[[], None]:
    def end() -> None:
        station.end(connector, "Remote")
        station.tell_changes()

    return end


def _trigger(station: "SimulatedStation", command: Trigger) -> Obeyed:
    connector = station.connectors.get(command.connector or 0)
    if command.connector and connector is None:
        return Obeyed(_REJECTED)
    match command.message:
        case "StatusNotification":
            return Obeyed(_ACCEPTED, lambda: station.tell(command.connector or 0, Telling.ASKED))
        case "BootNotification":
            return Obeyed(_ACCEPTED, lambda: station.line.post(Boot(BootReason.TRIGGERED)))
        case "Heartbeat":
            return Obeyed(_ACCEPTED, lambda: station.line.post(Heartbeat()))
        case "TransactionEvent" if connector is None or connector.session is None:
            return Obeyed(_REJECTED)
        case "MeterValues" | "TransactionEvent" if connector is not None:
            return Obeyed(_ACCEPTED, lambda: station.line.post(Sample(connector, Telling.ASKED)))
        case _:
            return Obeyed("NotImplemented")
