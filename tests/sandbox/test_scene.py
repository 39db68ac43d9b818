"""The sandbox's own requests: its scenes, the power of a site, and time that passes. No bot runs here."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.operations.operator_file import read_operator_file
from bot.sandbox.scene import operator_file
from bot.sandbox.scene_people import TECHNICIAN, TECHNICIAN_BY_MAIL
from bot.sandbox.scene_stations import STATIONS, Mood
from bot.sandbox.stage import Stage
from bot.sandbox.stations.control import StationControl
from bot.sandbox.web import Page

Client = TestClient[web.Request, web.Application]
GARAGE = "graz-ahp"
MOODS = [(station.id, mood) for station in STATIONS for mood in station.moods]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Everybody is there, and nothing is switched on."""
    stage = Stage(8360, tmp_path)
    yield stage
    await stage.end()


@pytest.fixture
async def client(stage: Stage) -> AsyncIterator[Client]:
    app = web.Application()
    StationControl(stage.fleet).add_routes(app)
    Page(stage, lambda: None).add_routes(app)
    async with TestClient(TestServer(app)) as client:
        yield client


async def powers(client: Client) -> dict[str, bool]:
    """Which stations have power; those behind a back end do not say."""
    states = await (await client.get("/sandbox/stations/")).json()
    return {each["station_id"]: each["powered"] for each in states if "powered" in each}


@pytest.mark.parametrize(
    ("station", "mood"), MOODS, ids=[f"{station} {mood.label}" for station, mood in MOODS]
)
async def test_every_scene_can_be_played(client: Client, station: str, mood: Mood) -> None:
    for deed in mood.deeds:
        answer = await client.post(f"/sandbox/stations/{station}", json=dict(deed))
        assert answer.status == 200, await answer.text()


async def test_the_power_of_a_site_takes_all_its_stations_and_no_other(client: Client) -> None:
    cut = await (await client.post(f"/sandbox/sites/{GARAGE}/power/cut")).json()
    assert len(cut["stations"]) == 6
    assert {name for name, powered in (await powers(client)).items() if not powered} == set(cut["stations"])
    back = await (await client.post(f"/sandbox/sites/{GARAGE}/power/return")).json()
    assert back == cut
    assert all((await powers(client)).values())


@pytest.mark.parametrize("site", ["nowhere", "graz-oper"])
async def test_only_a_site_with_stations_of_its_own_has_power(client: Client, site: str) -> None:
    answer = await client.post(f"/sandbox/sites/{site}/power/cut")
    assert answer.status == 404
    assert (await answer.json())["error"].startswith("There is no such site")


async def test_time_passes_for_telegram_and_for_the_stations(client: Client, stage: Stage) -> None:
    before = stage.world.now()
    answer = await client.post("/sandbox/time", json={"minutes": 20})
    assert await answer.json() == {"minutes": 20}
    assert stage.world.now() - before >= timedelta(minutes=20).total_seconds()
    assert (await (await client.get("/sandbox/scene")).json())["time"] == {"minutes": 20}
    assert stage.world.journal.changes[-1].kind == "time"


@pytest.mark.parametrize("body", ["{", "[]", "{}", '{"minutes": 0}', '{"minutes": -5}', '{"minutes": true}'])
async def test_time_that_makes_no_sense_does_not_pass(client: Client, stage: Stage, body: str) -> None:
    answer = await client.post("/sandbox/time", data=body)
    assert answer.status == 400
    assert stage.clock.passed == timedelta()


async def test_the_page_learns_of_every_mood_and_of_every_letter(client: Client) -> None:
    scene = await (await client.get("/sandbox/scene")).json()
    labels = {station["id"]: [mood["label"] for mood in station["moods"]] for station in scene["stations"]}
    assert labels["GRAZ-02"] == ["Let it hang", "Hang for good"]
    assert labels["GRAZ-13"] == []
    assert scene["mails"] == []


def test_the_scene_is_a_file_that_an_operator_could_have_written() -> None:
    file = read_operator_file(operator_file(-1001))
    assert [station.id for station in file.station] == [station.id for station in STATIONS]
    repairers = {station.technician and station.technician.email for station in file.station}
    assert repairers == {TECHNICIAN.email, TECHNICIAN_BY_MAIL.email}
