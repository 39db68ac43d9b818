"""Whatever a peer sends, the answer is an envelope and no error of ours; on SQLite and on PostgreSQL."""

import copy
import json
import random
from collections.abc import AsyncIterator

import pytest

from bot.domain.status import Link
from bot.sandbox.stations.cpo_wire import Json, evse, location
from storage.database import Database
from tests.stations.conftest import StandingClock
from tests.stations.ocpi.scene import Scene, opened

LATER = "2026-03-02T00:00:00Z"
NONSENSE: list[object] = [
    None, True, 0, -1, 3.5, 1e308, 2**63, 2**70, "", " ", "\x00", "x" * 300, "ü€😀", "2026-13-45",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", [], {}, [[]], [None], [{}], {"a": {"b": []}}, ["AVAILABLE"],
    "'; DROP TABLE ocpi_peers; --", "%2F..%2F", "AT*SWG*ES1*1",
]  # fmt: skip


@pytest.fixture
async def scene(database: Database) -> AsyncIterator[Scene]:
    async with opened(database, StandingClock()) as scene:
        await scene.connect()
        yield scene


def spoiled(value: object, chance: random.Random) -> object:
    """The same with some of its parts exchanged or taken out."""
    if chance.random() < 0.12:
        return chance.choice(NONSENSE)
    if isinstance(value, dict):
        return {key: spoiled(each, chance) for key, each in value.items() if chance.random() > 0.06}
    return [spoiled(each, chance) for each in value] if isinstance(value, list) else value


def sound(scene: Scene) -> dict[str, Json]:
    """A good body for each thing that a peer can send."""
    place = location("LOC1", evse("U1", "AT*SWG*ES1*1", updated=LATER), updated=LATER)
    session: Json = {
        "id": "S1",
        "status": "ACTIVE",
        "kwh": 1.5,
        "evse_uid": "U1",
        "location_id": "LOC1",
        "start_date_time": LATER,
        "cdr_token": {"uid": "TAG"},
        "charging_periods": [{"dimensions": [{"type": "POWER", "volume": 11}]}],
        "last_updated": LATER,
    }
    part = copy.deepcopy(evse("U1", None, updated=LATER)["connectors"])
    assert isinstance(part, list)
    return {
        "locations/AT/SWG/LOC1": place,
        "locations/AT/SWG/NEW": place,
        "locations/AT/SWG/LOC1/U1": evse("U1", "AT*SWG*ES1*1", updated=LATER),
        "locations/AT/SWG/LOC1/U5": evse("U5", "AT*SWG*E500", updated=LATER),
        "locations/AT/SWG/LOC1/U1/1": part[0],
        "sessions/AT/SWG/S1": session,
        "commands/START_SESSION/key": {"result": "ACCEPTED"},
    }


async def test_no_body_however_broken_is_an_error_of_ours(scene: Scene) -> None:
    chance = random.Random(20260301)  # The same nonsense each time.
    bodies = sound(scene)
    for number in range(250):
        path = chance.choice(list(bodies))
        method = "POST" if path.startswith("commands") else chance.choice(["PUT", "PATCH"])
        body = spoiled(bodies[path], chance)
        answer = await scene.ask(method, f"2.2.1/{path}", json.dumps(body).encode())
        assert answer.http in {200, 404}, (number, method, path, body)
        assert answer.code in {1000, 2000, 2001, 2003}, (number, method, path, body)
    assert (await scene.pull()).failure is None
    assert (await scene.snapshot(fresh=0)).link in {Link.ONLINE, Link.OFFLINE}


async def test_no_list_however_broken_stops_a_pull(scene: Scene) -> None:
    chance = random.Random(20260302)  # The same nonsense each time.
    good = location("GOOD", evse("G1", "AT*SWG*E600", updated=LATER), updated=LATER)
    for _ in range(12):
        place = sound(scene)["locations/AT/SWG/LOC1"]
        broken = [spoiled(place, chance) for _ in range(10)]
        scene.cpo.locations = [*(each for each in broken if isinstance(each, dict)), good]
        for each in scene.cpo.locations:
            each["evses"] = each.get("evses", [])
        answer = await scene.pull()
        assert answer.failure is None
    assert (await scene.snapshot(station="graz:G1", fresh=None)).link is Link.ONLINE


@pytest.mark.parametrize("depth", [300, 1000, 5000])
async def test_a_body_that_is_nested_without_end_is_refused(scene: Scene, depth: int) -> None:
    deep = b'{"last_updated": "2026-03-02T00:00:00Z", "x": ' + b"[" * depth + b"]" * depth + b"}"
    answer = await scene.ask("PATCH", "2.2.1/locations/AT/SWG/LOC1", deep)
    assert (answer.http, answer.code) == (400, 2001)
