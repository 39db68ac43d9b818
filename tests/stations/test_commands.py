"""What is asked of stations, and every way in which they do not answer."""

import asyncio

import pytest
from ocpp.messages import Call, _validate_payload

from bot.domain.capability import Capability
from bot.domain.remote_action import CommandAnswer, RemoteCommand, RemoteOrder
from bot.domain.status import ConnectorStatus
from bot.stations.ocpp.commands import wording
from tests.stations.conftest import Site
from tests.stations.raw_station import RawStation

SOFT_RESET = RemoteOrder("S1", 1, RemoteCommand.SOFT_RESET)
UNLOCK = RemoteOrder("S1", 1, RemoteCommand.UNLOCK)


async def ready(site: Site) -> RawStation:
    """A station that the gateway sees as connected."""
    station = await site.connect()
    await station.tell("Heartbeat")
    return station


@pytest.mark.parametrize(
    ("order", "action", "payload"),
    [
        (
            RemoteOrder("S1", 2, RemoteCommand.REFRESH_STATUS),
            "TriggerMessage",
            {"requestedMessage": "StatusNotification", "connectorId": 2},
        ),
        (
            RemoteOrder("S1", 2, RemoteCommand.START_SESSION, id_tag="TAG"),
            "RemoteStartTransaction",
            {"connectorId": 2, "idTag": "TAG"},
        ),
        (
            RemoteOrder("S1", 2, RemoteCommand.STOP_SESSION, transaction_id=7),
            "RemoteStopTransaction",
            {"transactionId": 7},
        ),
        (RemoteOrder("S1", 2, RemoteCommand.UNLOCK), "UnlockConnector", {"connectorId": 2}),
        (
            RemoteOrder("S1", 2, RemoteCommand.MAKE_OPERATIVE),
            "ChangeAvailability",
            {"connectorId": 2, "type": "Operative"},
        ),
        (
            RemoteOrder("S1", 2, RemoteCommand.MAKE_INOPERATIVE),
            "ChangeAvailability",
            {"connectorId": 2, "type": "Inoperative"},
        ),
        (RemoteOrder("S1", 2, RemoteCommand.SOFT_RESET), "Reset", {"type": "Soft"}),
        (RemoteOrder("S1", 2, RemoteCommand.HARD_RESET), "Reset", {"type": "Hard"}),
    ],
    ids=lambda value: value.command.value if isinstance(value, RemoteOrder) else "",
)
async def test_each_command_is_said_as_the_specification_says_it(
    site: Site, order: RemoteOrder, action: str, payload: dict[str, object]
) -> None:
    station = await ready(site)
    sending = asyncio.create_task(site.central.send(order))
    assert await station.obey(status="Accepted") == (action, payload)
    assert await sending is CommandAnswer.ACCEPTED
    _validate_payload(Call("1", action, payload), "1.6")


def test_there_is_a_wording_for_every_command() -> None:
    for command in RemoteCommand:
        assert wording(RemoteOrder("S1", 1, command, transaction_id=1, id_tag="TAG")).action


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({"status": "Accepted"}, CommandAnswer.ACCEPTED),
        ({"status": "Scheduled"}, CommandAnswer.SCHEDULED),
        ({"status": "Rejected"}, CommandAnswer.REJECTED),
        ({"status": "NotImplemented"}, CommandAnswer.NOT_SUPPORTED),
        ({"status": "NotSupported"}, CommandAnswer.NOT_SUPPORTED),
        ({"status": "Unlocked"}, CommandAnswer.ACCEPTED),
        ({"status": "UnlockFailed"}, CommandAnswer.REJECTED),
        ({"status": "accepted"}, CommandAnswer.ACCEPTED),
        ({"status": "Perhaps"}, CommandAnswer.REJECTED),
        ({}, CommandAnswer.REJECTED),
    ],
)
async def test_each_answer_of_a_station_has_a_meaning(
    site: Site, said: dict[str, object], meant: CommandAnswer
) -> None:
    station = await ready(site)
    sending = asyncio.create_task(site.central.send(UNLOCK))
    await station.obey(**said)
    assert await sending is meant


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("NotImplemented", CommandAnswer.NOT_SUPPORTED),
        ("NotSupported", CommandAnswer.NOT_SUPPORTED),
        ("InternalError", CommandAnswer.REJECTED),
        ("Whatever", CommandAnswer.REJECTED),
    ],
)
async def test_an_error_in_place_of_an_answer_has_a_meaning(
    site: Site, code: str, meant: CommandAnswer
) -> None:
    station = await ready(site)
    sending = asyncio.create_task(site.central.send(UNLOCK))
    message_id, _, _ = await station.command()
    await station.send([4, message_id, code, "", {}])
    assert await sending is meant


async def test_a_command_that_a_station_does_not_know_is_no_capability_of_it(site: Site) -> None:
    station = await ready(site)
    assert site.central.capabilities("S1") == frozenset(Capability)
    sending = asyncio.create_task(site.central.send(UNLOCK))
    await station.obey(status="NotSupported")
    await sending
    assert site.central.capabilities("S1") == frozenset(Capability) - {Capability.UNLOCK}


async def test_a_station_that_is_not_connected_is_offline_and_can_do_nothing(site: Site) -> None:
    assert await site.central.send(SOFT_RESET) is CommandAnswer.OFFLINE
    assert site.central.capabilities("S1") == frozenset()


async def test_a_station_that_does_not_answer_gives_no_answer_in_time(site: Site) -> None:
    await ready(site)
    async with asyncio.timeout(2):
        assert await site.central.send(UNLOCK) is CommandAnswer.NO_ANSWER


async def test_a_station_that_closes_instead_of_answering_a_reset_keeps_nobody_waiting(site: Site) -> None:
    station = await ready(site)
    sending = asyncio.create_task(site.central.send(SOFT_RESET))
    await station.command()
    await station.leave()
    async with asyncio.timeout(0.3):
        assert await sending is CommandAnswer.NO_ANSWER


async def test_a_command_that_waited_for_its_turn_when_the_station_left_was_never_sent(site: Site) -> None:
    station = await ready(site)
    first = asyncio.create_task(site.central.send(UNLOCK))
    await station.command()
    second = asyncio.create_task(site.central.send(SOFT_RESET))
    await asyncio.sleep(0)
    await station.leave()
    assert (await first, await second) == (CommandAnswer.NO_ANSWER, CommandAnswer.OFFLINE)


async def test_only_one_command_is_out_at_a_time(site: Site) -> None:
    station = await ready(site)
    both = [asyncio.create_task(site.central.send(order)) for order in (UNLOCK, SOFT_RESET)]
    first, action, _ = await station.command()
    assert action == "UnlockConnector"
    with pytest.raises(TimeoutError):
        await station.socket.receive(timeout=0.05)
    await station.send([3, first, {"status": "Unlocked"}])
    assert (await station.obey(status="Accepted"))[0] == "Reset"
    assert await asyncio.gather(*both) == [CommandAnswer.ACCEPTED] * 2


async def test_a_caller_who_gives_up_does_not_let_the_next_command_out_early(site: Site) -> None:
    station = await ready(site)
    impatient = asyncio.create_task(site.central.send(UNLOCK))
    first, _, _ = await station.command()
    impatient.cancel()
    patient = asyncio.create_task(site.central.send(SOFT_RESET))
    with pytest.raises(TimeoutError):
        await station.socket.receive(timeout=0.05)
    await station.send([3, first, {"status": "Unlocked"}])
    assert (await station.obey(status="Accepted"))[0] == "Reset"
    assert await patient is CommandAnswer.ACCEPTED


async def test_what_a_command_causes_may_arrive_before_its_answer(site: Site) -> None:
    station = await ready(site)
    sending = asyncio.create_task(site.central.send(RemoteOrder("S1", 1, RemoteCommand.REFRESH_STATUS)))
    message_id, _, _ = await station.command()
    await station.tell_status(1, "Faulted", errorCode="GroundFailure")
    await station.send([3, message_id, {"status": "Accepted"}])
    assert await sending is CommandAnswer.ACCEPTED
    assert site.journal.states("S1", 1)[0].status is ConnectorStatus.FAULTED


async def test_a_station_is_answered_while_it_owes_an_answer_itself(site: Site) -> None:
    station = await ready(site)
    sending = asyncio.create_task(site.central.send(UNLOCK))
    message_id, _, _ = await station.command()
    for _ in range(3):
        await station.tell("Heartbeat")
    assert not sending.done()
    await station.send([3, message_id, {"status": "Unlocked"}])
    assert await sending is CommandAnswer.ACCEPTED


async def test_an_answer_is_heard_although_the_journal_is_slow(site: Site) -> None:
    station = await ready(site)
    site.journal.gate.clear()
    await station.send([2, "slow", "StatusNotification", {"connectorId": 1, "status": "Available"}])
    sending = asyncio.create_task(site.central.send(UNLOCK))
    await station.obey(status="Unlocked")
    async with asyncio.timeout(0.3):
        assert await sending is CommandAnswer.ACCEPTED
    site.journal.gate.set()


async def test_late_wrong_and_doubled_answers_are_ignored(site: Site) -> None:
    station = await ready(site)
    assert await site.central.send(UNLOCK) is CommandAnswer.NO_ANSWER
    late, _, _ = await station.command()
    await station.send([3, late, {"status": "Unlocked"}])
    await station.send([3, "never asked", {"status": "Unlocked"}])
    await station.send([4, "never asked", "InternalError", "", {}])
    sending = asyncio.create_task(site.central.send(UNLOCK))
    message_id, _, _ = await station.command()
    for status in ("UnlockFailed", "Unlocked"):
        await station.send([3, message_id, {"status": status}])
    assert await sending is CommandAnswer.REJECTED
    await station.tell("Heartbeat")


async def test_stopping_a_session_takes_the_one_of_the_connector_where_none_is_named(site: Site) -> None:
    station = await ready(site)
    started = await station.tell("StartTransaction", connectorId=1, idTag="T", meterStart=0)
    order = RemoteOrder("S1", 1, RemoteCommand.STOP_SESSION)
    sending = asyncio.create_task(site.central.send(order))
    assert await station.obey(status="Accepted") == (
        "RemoteStopTransaction",
        {"transactionId": started["transactionId"]},
    )
    await sending
    assert await site.central.send(RemoteOrder("S1", 2, RemoteCommand.STOP_SESSION)) is CommandAnswer.REJECTED


async def test_starting_a_session_without_a_tag_is_the_callers_mistake(site: Site) -> None:
    await ready(site)
    with pytest.raises(ValueError, match="id tag"):
        await site.central.send(RemoteOrder("S1", 1, RemoteCommand.START_SESSION))
