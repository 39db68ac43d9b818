"""Commands in the words of OCPP 2.0.1, held against the schemas of its requests."""

import asyncio

import pytest

from bot.domain.capability import Capability
from bot.domain.remote_action import CommandAnswer, RemoteCommand, RemoteOrder
from tests.stations.conftest import Site
from tests.stations.raw_station import Json
from tests.stations.station201 import Station201, connect, fits_as_call

UNLOCK = RemoteOrder("S1", 1, RemoteCommand.UNLOCK)


async def commanded(
    site: Site, station: Station201, order: RemoteOrder, status: str = "Accepted"
) -> tuple[str, Json, CommandAnswer]:
    """Action and payload of the call that the order became, and what the station's answer meant."""
    sending = asyncio.create_task(site.central.send(order))
    action, payload = await station.raw.obey(status=status)
    fits_as_call(action, payload)
    return action, payload, await sending


@pytest.mark.parametrize(
    ("order", "action", "payload"),
    [
        (
            RemoteOrder("S1", 2, RemoteCommand.REFRESH_STATUS),
            "TriggerMessage",
            {"requestedMessage": "StatusNotification", "evse": {"id": 2, "connectorId": 1}},
        ),
        (
            RemoteOrder("S1", 0, RemoteCommand.REFRESH_STATUS),
            "TriggerMessage",
            {"requestedMessage": "StatusNotification"},
        ),
        (
            RemoteOrder("S1", 2, RemoteCommand.UNLOCK),
            "UnlockConnector",
            {"evseId": 2, "connectorId": 1},
        ),
        (
            RemoteOrder("S1", 2, RemoteCommand.MAKE_OPERATIVE),
            "ChangeAvailability",
            {"operationalStatus": "Operative", "evse": {"id": 2}},
        ),
        (
            RemoteOrder("S1", 0, RemoteCommand.MAKE_INOPERATIVE),
            "ChangeAvailability",
            {"operationalStatus": "Inoperative"},
        ),
        (RemoteOrder("S1", 2, RemoteCommand.SOFT_RESET), "Reset", {"type": "OnIdle"}),
        (RemoteOrder("S1", 2, RemoteCommand.HARD_RESET), "Reset", {"type": "Immediate"}),
    ],
    ids=lambda value: f"{value.command}-{value.connector}" if isinstance(value, RemoteOrder) else "",
)
async def test_each_command_is_said_as_the_specification_says_it(
    site: Site, order: RemoteOrder, action: str, payload: Json
) -> None:
    station = await connect(site)
    assert await commanded(site, station, order) == (action, payload, CommandAnswer.ACCEPTED)


async def test_a_session_is_started_under_a_number_of_its_own(site: Site) -> None:
    station = await connect(site)
    order = RemoteOrder("S1", 2, RemoteCommand.START_SESSION, id_tag="TAG")
    numbers = set()
    for _ in range(2):
        action, payload, answer = await commanded(site, station, order)
        numbers.add(payload.pop("remoteStartId"))
        assert (action, answer) == ("RequestStartTransaction", CommandAnswer.ACCEPTED)
        assert payload == {"evseId": 2, "idToken": {"idToken": "TAG", "type": "Central"}}
    assert len(numbers) == 2


async def test_a_session_cannot_be_started_without_an_id_tag(site: Site) -> None:
    await connect(site)
    with pytest.raises(ValueError, match="id tag"):
        await site.central.send(RemoteOrder("S1", 1, RemoteCommand.START_SESSION))


@pytest.mark.parametrize(("connector", "number"), [(2, None), (2, 1), (0, 1)])
async def test_a_session_is_stopped_by_the_stations_name_for_it(
    site: Site, connector: int, number: int | None
) -> None:
    station = await connect(site)
    await station.transaction("Started", "tx-77", evse=2)
    order = RemoteOrder("S1", connector, RemoteCommand.STOP_SESSION, transaction_id=number)
    action, payload, answer = await commanded(site, station, order)
    assert (action, payload) == ("RequestStopTransaction", {"transactionId": "tx-77"})
    assert answer is CommandAnswer.ACCEPTED


async def test_a_session_that_nobody_can_name_is_not_stopped(site: Site) -> None:
    await connect(site)
    order = RemoteOrder("S1", 1, RemoteCommand.STOP_SESSION, transaction_id=5)
    assert await site.central.send(order) is CommandAnswer.REJECTED


async def test_every_connector_of_an_evse_is_asked_for_its_status(site: Site) -> None:
    station = await connect(site)
    await station.status(1, "Available", 1)
    await station.status(1, "Available", 2)
    sending = asyncio.create_task(site.central.send(RemoteOrder("S1", 1, RemoteCommand.REFRESH_STATUS)))
    asked = [(await station.raw.obey(status="Accepted"))[1]["evse"] for _ in range(2)]
    assert asked == [{"id": 1, "connectorId": 1}, {"id": 1, "connectorId": 2}]
    assert await sending is CommandAnswer.ACCEPTED


async def test_the_connector_with_the_vehicle_is_unlocked(site: Site) -> None:
    station = await connect(site)
    await station.status(1, "Available", 1)
    await station.status(1, "Occupied", 2)
    _, payload, answer = await commanded(site, station, UNLOCK, "Unlocked")
    assert (payload, answer) == ({"evseId": 1, "connectorId": 2}, CommandAnswer.ACCEPTED)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Accepted", CommandAnswer.ACCEPTED),
        ("Scheduled", CommandAnswer.SCHEDULED),
        ("Rejected", CommandAnswer.REJECTED),
        ("Unlocked", CommandAnswer.ACCEPTED),
        ("UnlockFailed", CommandAnswer.REJECTED),
        ("OngoingAuthorizedTransaction", CommandAnswer.REJECTED),
        ("UnknownConnector", CommandAnswer.REJECTED),
        ("NotImplemented", CommandAnswer.NOT_SUPPORTED),
        ("NotSupported", CommandAnswer.NOT_SUPPORTED),
        ("Perhaps", CommandAnswer.REJECTED),
    ],
)
async def test_each_answer_of_a_station_has_a_meaning(site: Site, said: str, meant: CommandAnswer) -> None:
    station = await connect(site)
    assert (await commanded(site, station, UNLOCK, said))[2] is meant


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("NotImplemented", CommandAnswer.NOT_SUPPORTED),
        ("NotSupported", CommandAnswer.NOT_SUPPORTED),
        ("MessageTypeNotSupported", CommandAnswer.NOT_SUPPORTED),
        ("OccurrenceConstraintViolation", CommandAnswer.REJECTED),
        ("FormatViolation", CommandAnswer.REJECTED),
        ("SecurityError", CommandAnswer.REJECTED),
    ],
)
async def test_an_error_in_place_of_an_answer_has_a_meaning(
    site: Site, code: str, meant: CommandAnswer
) -> None:
    station = await connect(site)
    sending = asyncio.create_task(site.central.send(UNLOCK))
    message_id, _, _ = await station.raw.command()
    await station.raw.send([4, message_id, code, "", {}])
    assert await sending is meant
    assert (Capability.UNLOCK in site.central.capabilities("S1")) is (meant is CommandAnswer.REJECTED)


async def test_an_old_status_is_asked_for_and_answered(site: Site) -> None:
    station = await connect(site)
    await station.status(1, "Available")
    site.clock.pass_time(minutes=10)
    looking = asyncio.create_task(site.snapshot(1))
    action, payload = await station.raw.obey(status="Accepted")
    assert (action, payload["evse"]) == ("TriggerMessage", {"id": 1, "connectorId": 1})
    await station.status(1, "Occupied")
    snapshot = await looking
    assert snapshot.asked
    assert snapshot.connector is not None
    assert snapshot.connector.received_at == site.clock.now
