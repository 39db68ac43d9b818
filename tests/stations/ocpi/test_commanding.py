"""Commands to stations by their back end, and the results that come later."""

import asyncio
import time

import pytest

from bot.domain.ocpi import JsonObject
from bot.domain.remote_action import CommandAnswer, RemoteCommand, RemoteOrder
from bot.domain.status import ConnectorStatus
from bot.sandbox.stations.cpo_wire import Quirk, evse, location
from tests.stations.ocpi.scene import Scene, until

UNLOCK = RemoteOrder("S1", 1, RemoteCommand.UNLOCK)
START = RemoteOrder("S1", 1, RemoteCommand.START_SESSION, id_tag="SUPPORT")


def body_of(scene: Scene, command: str) -> JsonObject:
    """What the back end got last for a command."""
    found = [seen.body for seen in scene.cpo.seen if seen.path == f"2.2.1/commands/{command}"][-1]
    assert found is not None
    return found


async def test_an_unlocking_names_the_connector_and_waits_for_its_result(scene: Scene) -> None:
    await scene.connect()
    await scene.cpo.set_status("U1", "BLOCKED")
    scene.cpo.result_after = 0.1
    began = time.monotonic()
    assert await scene.gateway.send(UNLOCK) is CommandAnswer.ACCEPTED
    assert time.monotonic() - began >= 0.1
    body = body_of(scene, "UNLOCK_CONNECTOR")
    assert (body["location_id"], body["evse_uid"], body["connector_id"]) == ("LOC1", "U1", "1")
    assert str(body["response_url"]).startswith(f"{scene.url}/ocpi/2.2.1/commands/UNLOCK_CONNECTOR/")
    await comes(scene, ConnectorStatus.AVAILABLE)


async def comes(scene: Scene, status: ConnectorStatus) -> None:
    """Waits until connector 1 is in that status."""

    async def there() -> bool:
        snapshot = await scene.snapshot(fresh=None)
        return snapshot.connector is not None and snapshot.connector.status is status

    await until(there)


async def test_every_command_has_a_response_url_of_its_own(scene: Scene) -> None:
    await scene.connect()
    urls = set()
    for _ in range(3):
        await scene.gateway.send(UNLOCK)
        urls.add(str(body_of(scene, "UNLOCK_CONNECTOR")["response_url"]))
    assert len(urls) == 3


@pytest.mark.parametrize(
    ("result", "answer"),
    [
        ("ACCEPTED", CommandAnswer.ACCEPTED),
        ("accepted", CommandAnswer.ACCEPTED),
        ("NOT_SUPPORTED", CommandAnswer.NOT_SUPPORTED),
        ("TIMEOUT", CommandAnswer.NO_ANSWER),
        ("REJECTED", CommandAnswer.REJECTED),
        ("FAILED", CommandAnswer.REJECTED),
        ("EVSE_OCCUPIED", CommandAnswer.REJECTED),
        ("EVSE_INOPERATIVE", CommandAnswer.REJECTED),
        ("CANCELED_RESERVATION", CommandAnswer.REJECTED),
        ("SOMETHING_NEW", CommandAnswer.REJECTED),
    ],
)
@pytest.mark.parametrize(
    "quirks", [set(), {Quirk.LISTS, Quirk.NO_TIMEOUT}], ids=["right", "in lists, no timeout"]
)
async def test_the_result_is_the_answer(
    scene: Scene, result: str, answer: CommandAnswer, quirks: set[Quirk]
) -> None:
    await scene.connect()
    scene.cpo.result, scene.cpo.quirks = result, quirks
    assert await scene.gateway.send(UNLOCK) is answer


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        ("NOT_SUPPORTED", CommandAnswer.NOT_SUPPORTED),
        ("REJECTED", CommandAnswer.REJECTED),
        ("UNKNOWN_SESSION", CommandAnswer.REJECTED),
        ("SOMETHING_NEW", CommandAnswer.REJECTED),
    ],
)
async def test_a_first_answer_that_is_a_no_is_not_waited_after(
    scene: Scene, response: str, answer: CommandAnswer
) -> None:
    await scene.connect()
    scene.cpo.response = response
    assert await scene.gateway.send(UNLOCK) is answer


async def test_an_answer_without_data_promises_nothing(scene: Scene) -> None:
    await scene.connect()
    scene.cpo.quirks |= {Quirk.NO_DATA, Quirk.NO_RESULT}
    assert await scene.gateway.send(UNLOCK) is CommandAnswer.REJECTED


async def test_a_result_that_never_comes_is_no_answer_and_the_status_is_read(scene: Scene) -> None:
    await scene.connect()
    scene.cpo.quirks.add(Quirk.NO_RESULT)
    await scene.cpo.set_status("U1", "BLOCKED", push=False)
    assert await scene.gateway.send(UNLOCK) is CommandAnswer.NO_ANSWER
    snapshot = await scene.snapshot(fresh=None)
    assert snapshot.connector is not None
    assert snapshot.connector.status is ConnectorStatus.PREPARING


async def test_a_result_that_comes_too_late_or_twice_or_from_nowhere_is_404(scene: Scene) -> None:
    await scene.connect()
    await scene.gateway.send(UNLOCK)
    url = str(body_of(scene, "UNLOCK_CONNECTOR")["response_url"]).partition("/ocpi/")[2]
    late = await scene.ask("POST", url, {"result": "ACCEPTED"})
    assert late.http == 404


async def test_a_result_of_another_peer_is_none(scene: Scene) -> None:
    await scene.connect()
    await scene.store.keep_peer(scene.peer.__class__(
        "other", "linz", "", scene.peer.us, our_token="theirs", registered_at=scene.clock.now
    ))  # fmt: skip
    scene.cpo.quirks.add(Quirk.NO_RESULT)
    sending = asyncio.create_task(scene.gateway.send(UNLOCK))

    async def sent() -> bool:
        return any("commands" in seen.path for seen in scene.cpo.seen)

    await until(sent)
    url = str(body_of(scene, "UNLOCK_CONNECTOR")["response_url"]).partition("/ocpi/")[2]
    foreign = await scene.ask("POST", url, {"result": "ACCEPTED"}, headers={"Authorization": "Token theirs"})
    assert foreign.http == 404
    assert await sending is CommandAnswer.NO_ANSWER


async def test_a_result_before_the_first_answer_is_taken(scene: Scene) -> None:
    await scene.connect()
    plain = scene.cpo._commanded

    async def early(command: str, body: JsonObject) -> object:
        await scene.ask("POST", str(body["response_url"]).partition("/ocpi/")[2], {"result": "ACCEPTED"})
        scene.cpo.quirks.add(Quirk.NO_RESULT)
        return plain(command, body)

    functional = scene.cpo._functional

    async def answered(request: object, path: list[str], body: JsonObject | None) -> object:
        if path[0] == "commands" and body is not None:
            return await early(path[1], body)
        return await functional(request, path, body)  # type: ignore[arg-type]  # Just what it was called with.

    scene.cpo._functional = answered  # type: ignore[method-assign,assignment]  # The result overtakes the answer.
    assert await scene.gateway.send(UNLOCK) is CommandAnswer.ACCEPTED


async def test_a_back_end_that_is_gone_was_never_told(scene: Scene) -> None:
    await scene.connect()
    await scene.cpo.stop()
    assert await scene.gateway.send(UNLOCK) is CommandAnswer.OFFLINE


@pytest.mark.parametrize("quirk", [Quirk.BROKEN, Quirk.SERVER_ERROR])
async def test_a_back_end_that_fails_may_have_told_its_station(scene: Scene, quirk: Quirk) -> None:
    await scene.connect()
    scene.cpo.quirks.add(quirk)
    assert await scene.gateway.send(UNLOCK) is CommandAnswer.NO_ANSWER


async def test_a_session_is_started_with_a_token_that_is_used_once(scene: Scene) -> None:
    await scene.connect()
    assert await scene.gateway.send(START) is CommandAnswer.ACCEPTED
    body = body_of(scene, "START_SESSION")
    assert "connector_id" not in body
    token = body["token"]
    assert isinstance(token, dict)
    assert (token["uid"], token["type"], token["whitelist"], token["valid"]) == (
        "SUPPORT",
        "AD_HOC_USER",
        "NEVER",
        True,
    )
    assert (token["country_code"], token["party_id"]) == ("AT", "SUP")
    await comes(scene, ConnectorStatus.CHARGING)
    session = (await scene.snapshot(fresh=None)).transaction_on(1)
    assert session is not None


async def test_a_session_names_its_connector_where_the_evse_requires_it(scene: Scene) -> None:
    words = ["REMOTE_START_STOP_CAPABLE", "START_SESSION_CONNECTOR_REQUIRED"]
    scene.cpo.locations = [location("LOC1", evse("U1", "AT*SWG*ES1*1") | {"capabilities": words})]
    await scene.connect()
    assert await scene.gateway.send(START) is CommandAnswer.ACCEPTED
    assert body_of(scene, "START_SESSION")["connector_id"] == "1"


async def test_a_start_without_a_tag_is_a_mistake_of_the_caller(scene: Scene) -> None:
    await scene.connect()
    with pytest.raises(ValueError, match="id tag"):
        await scene.gateway.send(RemoteOrder("S1", 1, RemoteCommand.START_SESSION))


async def test_a_session_is_stopped_by_the_name_that_the_back_end_gave_it(scene: Scene) -> None:
    await scene.connect()
    number = await scene.cpo.begin_session("U2")
    session = (await scene.snapshot(fresh=None)).transaction_on(2)
    assert session is not None
    stop = RemoteOrder("S1", 2, RemoteCommand.STOP_SESSION, transaction_id=session.id)
    assert await scene.gateway.send(stop) is CommandAnswer.ACCEPTED
    assert body_of(scene, "STOP_SESSION")["session_id"] == number

    async def ended() -> bool:
        return not (await scene.snapshot(fresh=None)).transactions

    await until(ended)


async def test_a_session_that_nobody_knows_is_not_stopped(scene: Scene) -> None:
    await scene.connect()
    stop = RemoteOrder("S1", 2, RemoteCommand.STOP_SESSION, transaction_id=99)
    assert await scene.gateway.send(stop) is CommandAnswer.REJECTED
    assert not [seen for seen in scene.cpo.seen if "STOP_SESSION" in seen.path]


async def test_the_socket_is_unlocked_and_the_one_that_is_plugged_in_before_it(scene: Scene) -> None:
    connectors: list[JsonObject] = [
        {"id": "1", "standard": "CHADEMO", "format": "CABLE"},
        {"id": "2", "standard": "IEC_62196_T2", "format": "SOCKET"},
        {"id": "3", "standard": "DOMESTIC_F", "format": "SOCKET"},
    ]
    scene.cpo.locations = [location("LOC1", evse("U1", "AT*SWG*ES1*1") | {"connectors": connectors})]
    await scene.connect()
    await scene.gateway.send(UNLOCK)
    assert body_of(scene, "UNLOCK_CONNECTOR")["connector_id"] == "2"
    number = await scene.cpo.begin_session("U1", push=False)
    scene.cpo.sessions[number]["connector_id"] = "3"
    await scene.cpo.push("PUT", "sessions", (number,), scene.cpo.sessions[number])
    await scene.gateway.send(UNLOCK)
    assert body_of(scene, "UNLOCK_CONNECTOR")["connector_id"] == "3"


async def test_a_status_is_asked_for_anew_and_shows_in_the_journal(scene: Scene) -> None:
    await scene.connect()
    scene.clock.pass_time(minutes=5)
    assert (
        await scene.gateway.send(RemoteOrder("S1", 1, RemoteCommand.REFRESH_STATUS)) is CommandAnswer.ACCEPTED
    )
    snapshot = await scene.snapshot(fresh=None)
    assert snapshot.connector is not None
    assert snapshot.connector.received_at == scene.clock.now


async def test_a_status_that_cannot_be_asked_for_is_told_so(scene: Scene) -> None:
    await scene.connect()
    refresh = RemoteOrder("S1", 1, RemoteCommand.REFRESH_STATUS)
    await scene.cpo.set_status("U1", "UNKNOWN")
    assert await scene.gateway.send(refresh) is CommandAnswer.OFFLINE
    scene.cpo.quirks.add(Quirk.SILENT)
    assert await scene.gateway.send(refresh) is CommandAnswer.NO_ANSWER


@pytest.mark.parametrize(
    "command",
    [
        RemoteCommand.SOFT_RESET,
        RemoteCommand.HARD_RESET,
        RemoteCommand.MAKE_OPERATIVE,
        RemoteCommand.MAKE_INOPERATIVE,
    ],
)
async def test_what_ocpi_cannot_say_is_not_supported_and_never_sent(
    scene: Scene, command: RemoteCommand
) -> None:
    await scene.connect()
    before = len(scene.cpo.seen)
    assert await scene.gateway.send(RemoteOrder("S1", 1, command)) is CommandAnswer.NOT_SUPPORTED
    assert len(scene.cpo.seen) == before


async def test_what_the_evse_cannot_do_is_not_sent(scene: Scene) -> None:
    scene.cpo.locations = [location("LOC1", evse("U1", "AT*SWG*ES1*1") | {"capabilities": []})]
    await scene.connect()
    for order in (UNLOCK, START):
        assert await scene.gateway.send(order) is CommandAnswer.NOT_SUPPORTED
    assert not [seen for seen in scene.cpo.seen if "commands" in seen.path]


async def test_a_station_that_the_back_end_has_lost_gets_no_command(scene: Scene) -> None:
    await scene.connect()
    await scene.cpo.set_status("U1", "UNKNOWN")
    assert await scene.gateway.send(UNLOCK) is CommandAnswer.OFFLINE
    assert not [seen for seen in scene.cpo.seen if "commands" in seen.path]
