"""Steering simulated stations over HTTP."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.sandbox.stations.connector import ConnectorSpec
from bot.sandbox.stations.control import _DEEDS, StationControl
from bot.sandbox.stations.fleet import Fleet
from bot.sandbox.stations.station import SimulatedStation

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def fleet() -> Fleet:
    """Two stations that are switched off: their machines work without a network."""
    url = "ws://127.0.0.1:1/ocpp"
    return Fleet([SimulatedStation("S1", url, connectors=[ConnectorSpec(1)]), SimulatedStation("S2", url)])


@pytest.fixture
async def client(fleet: Fleet) -> AsyncIterator[Client]:
    """A browser."""
    app = web.Application()
    StationControl(fleet).add_routes(app)
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_the_list_has_every_station(client: Client) -> None:
    states = await (await client.get("/sandbox/stations/")).json()
    assert [state["station_id"] for state in states] == ["S1", "S2"]


@pytest.mark.parametrize(
    ("deed", "connector"),
    [
        ({"do": "plug", "connector": 1}, {"status": "Preparing", "plugged": True}),
        ({"do": "start_charging", "connector": 1, "id_tag": "A"}, {"status": "Charging", "power_w": 50_000}),
        (
            {
                "do": "fault",
                "connector": 1,
                "error_code": "OtherError",
                "vendor_error_code": "9",
                "clears_on": "unlock",
            },
            {
                "status": "Faulted",
                "error_code": "OtherError",
                "vendor_error_code": "9",
                "clears_on": "unlock",
            },
        ),
        ({"do": "set_status", "connector": 1, "status": "Finishing"}, {"status": "Finishing"}),
        (
            {"do": "claim", "connector": 1, "status": "Charging"},
            {"status": "Charging", "claimed": "Charging"},
        ),
    ],
    ids=lambda value: value.get("do", ""),
)
async def test_what_is_done_shows_in_the_answer(
    client: Client, deed: dict[str, object], connector: dict[str, object]
) -> None:
    response = await client.post("/sandbox/stations/S1", json=deed)
    assert response.status == 200
    shown = (await response.json())["connectors"][0]
    assert connector.items() <= shown.items()


@pytest.mark.parametrize("deed", sorted(_DEEDS))
async def test_every_deed_can_be_done(client: Client, deed: str) -> None:
    body = {"do": deed, "connector": 1, "id_tag": "A", "error_code": "OtherError", "mode": "rejects"}
    assert (await client.post("/sandbox/stations/S1", json=body)).status == 200


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("{", "The body must be JSON."),
        ("[]", "The body must be a JSON object."),
        ("{}", '"do" is missing.'),
        ('{"do": "dance"}', '"do" must be one of: '),
        ('{"do": 7}', '"do" must be a text.'),
        ('{"do": "plug"}', '"connector" must be one of: 1.'),
        ('{"do": "plug", "connector": 9}', '"connector" must be one of: 1.'),
        ('{"do": "plug", "connector": true}', '"connector" must be one of: 1.'),
        ('{"do": "authorise", "connector": 1}', '"id_tag" is missing.'),
        ('{"do": "claim", "connector": 1, "status": "Fine"}', '"status" must be one of: Available, '),
        ('{"do": "hang", "heartbeats": "yes"}', '"heartbeats" must be true or false.'),
        ('{"do": "fail_resets", "mode": "maybe"}', '"mode" must be one of: ok, '),
    ],
)
async def test_a_mistake_is_told_in_a_sentence(client: Client, body: str, says: str) -> None:
    response = await client.post("/sandbox/stations/S1", data=body)
    assert response.status == 400
    assert (await response.json())["error"].startswith(says)


async def test_an_unknown_station_is_not_found(client: Client) -> None:
    assert (await client.post("/sandbox/stations/S9", json={"do": "plug"})).status == 404
    assert (await client.get("/sandbox/stations/S9")).status == 404


async def test_one_station_is_shown_with_its_frames(client: Client) -> None:
    shown = await (await client.get("/sandbox/stations/S1")).json()
    assert (shown["station_id"], shown["frames"]) == ("S1", [])


async def test_whoever_watches_hears_of_every_change(fleet: Fleet) -> None:
    heard: list[str] = []
    fleet.watch(lambda station: heard.append(station.id))
    station = fleet.find("S2")
    assert isinstance(station, SimulatedStation)
    station.plug(1)
    assert set(heard) == {"S2"}


async def test_two_stations_cannot_share_an_id(fleet: Fleet) -> None:
    with pytest.raises(ValueError, match="S1"):
        fleet.add(SimulatedStation("S1", "ws://127.0.0.1:1/ocpp"))
