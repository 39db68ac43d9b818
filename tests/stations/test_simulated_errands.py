"""Errands of the central system, run by simulated stations of both versions."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.domain.clock import utc_now
from bot.domain.errand import ClearCache, FetchLog, ReadConfiguration, ReplaceLocalList
from bot.domain.observation import Noted
from bot.domain.remote_action import CommandAnswer
from bot.sandbox.stations.connector import ConnectorSpec
from bot.sandbox.stations.modes import OcppVersion
from bot.sandbox.stations.station import SimulatedStation
from tests.stations.conftest import Site
from tests.stations.test_simulated_stations import FAST, until_told

HEARTBEAT = {OcppVersion.V16: "HeartbeatInterval", OcppVersion.V201: "OCPPCommCtrlr.HeartbeatInterval"}
SECRET = {OcppVersion.V16: "AuthorizationKey", OcppVersion.V201: "SecurityCtrlr.BasicAuthPassword"}
UPLOADS = {OcppVersion.V16: "diagnostics_status", OcppVersion.V201: "log_status"}


@pytest.fixture(params=list(OcppVersion))
async def station(site: Site, request: pytest.FixtureRequest) -> AsyncIterator[SimulatedStation]:
    """A station with two connectors that has told everything, and that refused nothing."""
    simulated = SimulatedStation(
        "S1", site.url, version=request.param, connectors=[ConnectorSpec(1), ConnectorSpec(2)], pace=FAST
    )
    await simulated.start()
    await until_told(site, "Available", 2)
    yield simulated
    refused = [frame for frame in simulated.frames() if frame["direction"] == "refused"]
    await simulated.stop()
    assert refused == []


async def test_the_whole_configuration_is_read(site: Site, station: SimulatedStation) -> None:
    read = await site.central.run(ReadConfiguration("S1"))
    assert read.answer is CommandAnswer.ACCEPTED
    assert dict(read.values) == dict(station.configuration())


async def test_single_settings_are_read(site: Site, station: SimulatedStation) -> None:
    heartbeat, secret = HEARTBEAT[station.version], SECRET[station.version]
    read = await site.central.run(ReadConfiguration("S1", (heartbeat, secret, "Oven.Colour")))
    assert dict(read.values) == {heartbeat: "300", secret: None}
    assert read.unknown_keys == ("Oven.Colour",)


async def test_a_log_is_fetched_of_the_time_that_is_asked_for(site: Site, station: SimulatedStation) -> None:
    received: list[bytes] = []

    async def receive(request: web.Request) -> web.Response:
        received.append(await request.read())
        return web.Response(status=201)

    def uploads() -> list[str]:
        return [n.detail for n in site.journal.of("S1", Noted) if n.what == UPLOADS[station.version]]

    app = web.Application()
    app.router.add_put("/logs/{name}", receive)
    async with TestServer(app) as server:
        url = str(server.make_url("/logs/7"))
        fetched = await site.central.run(FetchLog("S1", url))
        assert (fetched.answer, fetched.file_name) == (CommandAnswer.ACCEPTED, "S1.log")
        await site.journal.until(lambda: len(uploads()) == 2)
        await site.central.run(FetchLog("S1", url, utc_now() + timedelta(days=1)))
        await site.journal.until(lambda: len(uploads()) == 4)
    assert [word.split()[0] for word in uploads()] == ["Uploading", "Uploaded"] * 2
    assert b"BootNotification" in received[0]
    assert received[1] == b""


async def test_a_log_that_nobody_takes_is_told_as_failed(site: Site, station: SimulatedStation) -> None:
    await site.central.run(FetchLog("S1", "http://127.0.0.1:1/logs/7"))
    await site.journal.until(lambda: any("Fail" in note.detail for note in site.journal.of("S1", Noted)))


async def test_cards_are_replaced_and_forgotten(site: Site, station: SimulatedStation) -> None:
    station.start_charging(1, "CARD")
    await until_told(site, "Charging")
    assert station.cards.cached == {"CARD"}
    assert (await site.central.run(ClearCache("S1"))).answer is CommandAnswer.ACCEPTED
    assert station.cards.cached == set()
    replaced = await site.central.run(ReplaceLocalList("S1", 7, ("A", "B")))
    assert replaced.answer is CommandAnswer.ACCEPTED
    assert (station.cards.version, set(station.cards.listed)) == (7, {"A", "B"})
    assert (await site.central.run(ReplaceLocalList("S1", 8))).answer is CommandAnswer.ACCEPTED
    assert (station.cards.version, set(station.cards.listed)) == (8, set())
