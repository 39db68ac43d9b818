"""An admin takes in a station that nobody knew, by one tap."""

from urllib.parse import quote

import aiohttp
import pytest

from bot.sandbox.stations.connector import ConnectorSpec
from bot.sandbox.stations.line import Pace
from bot.sandbox.stations.station import SimulatedStation
from tests.acceptance.conftest import Stage


async def knock(stage: Stage, station_id: str, password: str) -> int:
    """A station asks to be let in; the HTTP status of the refusal, 101 where it is let in."""
    url = f"http://127.0.0.1:{stage.settings.http_port}/ocpp/{station_id}"
    async with aiohttp.ClientSession() as client:
        try:
            shown = {"Authorization": aiohttp.encode_basic_auth(station_id, password)}
            async with client.ws_connect(url, protocols=("ocpp1.6",), headers=shown):
                return 101
        except aiohttp.WSServerHandshakeError as refused:
            return refused.status


async def test_a_station_that_knocks_is_adopted_by_a_tap_and_then_let_in(stage: Stage) -> None:
    stage.ada.start()
    assert await knock(stage, "GRAZ-77", "its-own-secret") == 404
    told = await stage.sees(stage.ada, "asks to be let in: GRAZ-77", button="Show all that knock")
    stage.ada.press("Show all that knock", told)
    shown = await stage.sees(stage.ada, "Stations that knock", button="Adopt GRAZ-77")
    assert "GRAZ-77 · 1×" in shown.text
    assert "a password" in shown.text
    assert "its-own-secret" not in shown.text
    stage.ada.press("Adopt GRAZ-77", shown)
    await stage.sees(stage.ada, "GRAZ-77 is a station of Stadtwerke Graz now, at Graz Hauptbahnhof")
    assert await knock(stage, "GRAZ-77", "a-stranger's-guess") == 401
    station = SimulatedStation(
        "GRAZ-77",
        f"ws://127.0.0.1:{stage.settings.http_port}/ocpp",
        password="its-own-secret",
        connectors=[ConnectorSpec(1)],
        pace=Pace(boot=0.2),
    )
    await station.start()
    stage.stations.append(station)
    assert await stage.eventually(lambda uow: len(uow.station_log.connectors("GRAZ-77")) >= 1)
    active = await stage.database.read(lambda uow: uow.operators.station("GRAZ-77"))
    assert active is not None and not active.service_active
    stage.ada.press("‹ All that knock", await stage.sees(stage.ada, "at Graz Hauptbahnhof"))
    await stage.sees(stage.ada, "No unknown station asks to be let in")


async def test_who_lacks_the_right_sees_no_knocks_and_hears_what_is_missing(stage: Stage) -> None:
    assert await knock(stage, "GRAZ-77", "its-own-secret") == 404
    stage.lena.command("knocking")
    await stage.sees(stage.lena, "staff only")
    assert "GRAZ-77" not in "".join(m.text for m in stage.chat(stage.lena).messages.values())


@pytest.mark.parametrize("name", ["GRAZ-78", "Säule 7 " + "x" * 40])
async def test_a_name_of_any_length_can_be_adopted(stage: Stage, name: str) -> None:
    url = f"http://127.0.0.1:{stage.settings.http_port}/ocpp/{quote(name, safe='')}"
    async with aiohttp.ClientSession() as client:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await client.ws_connect(url, protocols=("ocpp1.6",))
    stage.ada.command("knocking")
    shown = await stage.sees(stage.ada, "Stations that knock")
    assert name in shown.text
    (button,) = [str(each["text"]) for each in shown.buttons if str(each["text"]).startswith("Adopt")]
    stage.ada.press(button, shown)
    await stage.sees(stage.ada, "is a station of Stadtwerke Graz now")
    assert await stage.database.read(lambda uow: uow.operators.station(name)) is not None
