"""What a peer may ask of us, and what it gets for wrong requests."""

import re
from datetime import UTC, datetime

import pytest

from bot.domain.ocpi import JsonObject
from bot.domain.status import ConnectorStatus
from bot.sandbox.stations.cpo_wire import Quirk, evse, location
from bot.stations.ocpi.server import LARGEST_REQUEST
from tests.stations.ocpi.scene import Scene

OLD, NEW = "2026-01-31T00:00:00Z", "2026-02-02T00:00:00Z"
AT = "2.2.1/locations/AT/SWG"


async def status(scene: Scene, connector: int = 1) -> ConnectorStatus | None:
    snapshot = await scene.snapshot(connector, fresh=None)
    return snapshot.connector.status if snapshot.connector else None


async def test_every_answer_is_an_envelope_with_the_time_in_utc(scene: Scene) -> None:
    await scene.register()
    for method, path in (("GET", "versions"), ("GET", "nowhere"), ("DELETE", "versions"), ("GET", "2.2.1")):
        answer = await scene.ask(method, path)
        assert re.fullmatch(r"2026-03-01T12:00:00\.000Z", str(answer.envelope["timestamp"]))
        assert answer.headers["Content-Type"].startswith("application/json")


async def test_the_ids_of_a_request_come_back_and_are_made_where_there_are_none(scene: Scene) -> None:
    await scene.register()
    answer = await scene.ask("GET", "versions", headers={"X-Request-ID": "r-1", "X-Correlation-ID": "c-1"})
    assert (answer.headers["X-Request-ID"], answer.headers["X-Correlation-ID"]) == ("r-1", "c-1")
    bare = await scene.ask("GET", "versions")
    assert len(bare.headers["X-Request-ID"]) > 8
    assert len(bare.headers["X-Correlation-ID"]) > 8


@pytest.mark.parametrize(
    "header", ["", "Token", "Token x", "Bearer x", "Token ====", "Token /w==", "Token \xff", "x" * 4000]
)
@pytest.mark.parametrize("path", ["versions", "2.2.1", "2.2.1/credentials", f"{AT}/LOC1", "nowhere"])
async def test_a_bad_token_is_401_everywhere_and_never_500(scene: Scene, path: str, header: str) -> None:
    await scene.register()
    answer = await scene.ask("GET", path, headers={"Authorization": header})
    assert (answer.http, answer.code) == (401, 2000)


async def test_the_details_name_the_modules_with_their_roles(scene: Scene) -> None:
    await scene.register()
    (version,) = (await scene.ask("GET", "versions")).data
    assert version == {"version": "2.2.1", "url": f"{scene.url}/ocpi/2.2.1"}
    details = (await scene.ask("GET", "2.2.1")).data
    assert {(each["identifier"], each["role"]) for each in details["endpoints"]} == {
        ("credentials", "SENDER"),
        ("locations", "RECEIVER"),
        ("sessions", "RECEIVER"),
        ("commands", "SENDER"),
    }


@pytest.mark.parametrize(
    ("method", "path", "http"),
    [
        ("GET", "", 404),
        ("GET", "2.1.1", 404),
        ("GET", "2.2.1/tariffs", 404),
        ("GET", AT, 404),
        ("GET", f"{AT}/LOC1/U1/1/more", 404),
        ("GET", "2.2.1/sessions/AT/SWG/none", 404),
        ("GET", "2.2.1/commands/START_SESSION/none", 405),
        ("POST", "2.2.1/commands/START_SESSION/none", 404),
        ("DELETE", f"{AT}/LOC1", 405),
        ("POST", "versions", 405),
    ],
)
async def test_what_is_not_there_is_404_and_a_wrong_method_405(
    scene: Scene, method: str, path: str, http: int
) -> None:
    await scene.connect()
    answer = await scene.ask(method, path, {"result": "ACCEPTED"} if method == "POST" else None)
    assert (answer.http, answer.code) == (http, 2000)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"a": }'])
async def test_what_is_no_json_is_400(scene: Scene, method: str, body: bytes) -> None:
    await scene.connect()
    answer = await scene.ask(method, f"{AT}/LOC1/U1", body)
    assert (answer.http, answer.code) == (400, 2001)


async def test_a_body_that_is_too_large_is_not_read(scene: Scene) -> None:
    await scene.connect()
    answer = await scene.ask("PUT", f"{AT}/LOC1", b'"' + b"x" * LARGEST_REQUEST + b'"')
    assert answer.http == 413


async def test_a_failure_of_our_own_is_told_as_such_and_may_be_tried_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(*_: object) -> None:
        raise OSError("the disk is full")

    await scene.connect()
    with monkeypatch.context() as broken:
        broken.setattr(scene.store, "keep_evse", failing)
        answer = await scene.ask("PATCH", f"{AT}/LOC1/U1", {"status": "CHARGING", "last_updated": NEW})
        assert (answer.http, answer.code) == (500, 3000)
    assert await scene.cpo.set_status("U1", "CHARGING") == 1000


async def test_slashes_too_many_lead_where_they_are_meant_to(scene: Scene) -> None:
    await scene.connect()
    for path in ("versions/", "/versions", "2.2.1//locations//AT/SWG/LOC1/", f"{AT}/LOC1"):
        assert (await scene.ask("GET", path)).http == 200, path


async def test_a_location_an_evse_and_a_connector_can_be_read_as_they_were_told(scene: Scene) -> None:
    scene.cpo.locations[0]["help_phone"] = "+43 1"
    await scene.connect()
    assert (await scene.ask("GET", f"{AT}/LOC1")).data == scene.cpo.locations[0]
    assert (await scene.ask("GET", f"{AT}/loc1/u1")).data == scene.cpo.evse("U1")
    assert (await scene.ask("GET", f"{AT}/LOC1/U1/1")).data["standard"] == "IEC_62196_T2_COMBO"
    for path in ("LOC2", "LOC1/U9", "LOC1/U1/9", "LOC9/U1"):
        missing = await scene.ask("GET", f"{AT}/{path}")
        assert (missing.http, missing.code) == (404, 2003), path


async def test_a_status_is_pushed_by_a_patch_and_starts_an_interval(scene: Scene) -> None:
    await scene.connect()
    scene.clock.pass_time(minutes=5)
    assert await scene.cpo.set_status("U1", "OUTOFORDER") == 1000
    snapshot = await scene.snapshot()
    assert snapshot.connector is not None
    assert snapshot.connector.status is ConnectorStatus.FAULTED
    assert snapshot.connector.since == scene.clock.now
    assert not snapshot.asked


async def test_a_status_that_is_repeated_goes_on_in_one_interval(scene: Scene) -> None:
    await scene.connect()
    await scene.cpo.set_status("U1", "OUTOFORDER")
    began = scene.clock.now
    scene.clock.pass_time(minutes=5)
    await scene.cpo.set_status("U1", "OUTOFORDER")
    history = await scene.database.read(lambda uow: uow.station_log.history("S1", 1, 9))
    assert [each.status for each in history] == [ConnectorStatus.FAULTED, ConnectorStatus.AVAILABLE]
    assert (history[0].since, history[0].received_at) == (began, scene.clock.now)


async def test_a_patch_without_its_time_is_2001_and_changes_nothing(scene: Scene) -> None:
    await scene.connect()
    for path in ("LOC1", "LOC1/U1", "LOC1/U1/1"):
        answer = await scene.ask("PATCH", f"{AT}/{path}", {"status": "OUTOFORDER", "name": "x"})
        assert (answer.http, answer.code) == (200, 2001), path
    assert await status(scene) is ConnectorStatus.AVAILABLE


async def test_a_push_that_is_older_than_what_we_have_is_dropped(scene: Scene) -> None:
    await scene.connect()
    body: JsonObject = {"status": "OUTOFORDER", "last_updated": OLD}
    answer = await scene.ask("PATCH", f"{AT}/LOC1/U1", body)
    assert (answer.http, answer.code) == (200, 1000)
    whole = evse("U1", "AT*SWG*ES1*1", updated=OLD) | {"status": "CHARGING"}
    assert (await scene.ask("PUT", f"{AT}/LOC1/U1", whole)).code == 1000
    place = location("LOC1", whole, name="Old", updated=OLD)
    assert (await scene.ask("PUT", f"{AT}/LOC1", place)).code == 1000
    part = {"id": "1", "standard": "CHADEMO", "last_updated": "2025-01-01T00:00:00Z"}
    assert (await scene.ask("PUT", f"{AT}/LOC1/U1/1", part)).code == 1000
    assert await status(scene) is ConnectorStatus.AVAILABLE
    assert (await scene.ask("GET", f"{AT}/LOC1")).data == scene.cpo.locations[0]


async def test_a_push_from_a_far_future_does_not_hold_up_what_comes_after_it(scene: Scene) -> None:
    await scene.connect()
    future = "2099-01-01T00:00:00Z"
    for path in ("LOC1/U1", "LOC1"):
        answer = await scene.ask("PATCH", f"{AT}/{path}", {"status": "CHARGING", "last_updated": future})
        assert answer.code == 1000, path
    scene.clock.pass_time(minutes=15)
    assert await scene.cpo.set_status("U1", "OUTOFORDER") == 1000
    assert await status(scene) is ConnectorStatus.FAULTED
    later = {"name": "New", "last_updated": scene.cpo.tick()}
    assert (await scene.ask("PATCH", f"{AT}/LOC1", later)).code == 1000
    assert (await scene.ask("GET", f"{AT}/LOC1")).data["name"] == "New"


async def test_pushes_for_what_we_do_not_have_are_2003(scene: Scene) -> None:
    await scene.connect()
    body: JsonObject = {"status": "OUTOFORDER", "last_updated": NEW}
    for method, path in (
        ("PATCH", "LOC9"),
        ("PATCH", "LOC1/U9"),
        ("PATCH", "LOC1/U1/9"),
        ("PATCH", "LOC9/U1"),
    ):
        answer = await scene.ask(method, f"{AT}/{path}", body)
        assert (answer.http, answer.code) == (404, 2003), path
    answer = await scene.ask("PUT", f"{AT}/LOC9/U9", evse("U9", None, updated=NEW))
    assert (answer.http, answer.code) == (404, 2003)


async def test_a_new_location_an_evse_and_a_connector_can_be_put(scene: Scene) -> None:
    await scene.connect()
    place = location("LOC2", evse("U3", "AT*SWG*ES2*1", updated=NEW), updated=NEW)
    assert (await scene.ask("PUT", f"{AT}/LOC2", place)).code == 1000
    assert await status_of(scene, "S2") is ConnectorStatus.AVAILABLE
    assert (await scene.ask("PUT", f"{AT}/LOC1/U4", evse("U4", None, updated=NEW))).code == 1000
    part = {"id": "2", "standard": "CHADEMO", "last_updated": NEW}
    assert (await scene.ask("PUT", f"{AT}/LOC1/U1/2", part)).code == 1000
    held = (await scene.ask("GET", f"{AT}/LOC1/U1")).data
    assert [each["id"] for each in held["connectors"]] == ["1", "2"]
    assert held["last_updated"] == NEW
    link = await scene.store.link("graz", "U1")
    assert link is not None
    assert [each.id for each in link.connectors] == ["1", "2"]


async def status_of(scene: Scene, station: str) -> ConnectorStatus | None:
    snapshot = await scene.snapshot(station=station, fresh=None)
    return snapshot.connector.status if snapshot.connector else None


async def test_a_patch_of_a_location_and_of_a_connector_changes_just_its_fields(scene: Scene) -> None:
    await scene.connect()
    assert (await scene.ask("PATCH", f"{AT}/LOC1", {"name": "New", "last_updated": NEW})).code == 1000
    patch = {"max_amperage": 16, "last_updated": NEW}
    assert (await scene.ask("PATCH", f"{AT}/LOC1/U1/1", patch)).code == 1000
    held = (await scene.ask("GET", f"{AT}/LOC1")).data
    assert (held["name"], held["city"]) == ("New", "Graz")
    assert held["evses"][0]["connectors"][0] == scene.cpo.evse("U1")["connectors"][0] | patch  # type: ignore[index]  # A list of objects.
    assert await status(scene) is ConnectorStatus.AVAILABLE


async def test_ids_are_compared_without_regard_to_case(scene: Scene) -> None:
    scene.cpo.quirks.add(Quirk.LOWER_CASE)
    await scene.connect()
    assert await scene.cpo.set_status("U1", "BLOCKED") == 1000
    assert await status(scene) is ConnectorStatus.PREPARING
    whole = evse("u1", "at*swg*es1*1", updated="2026-03-01T12:30:00Z") | {"status": "RESERVED"}
    assert (await scene.ask("PUT", "2.2.1/locations/at/swg/loc1/u1", whole)).code == 1000
    assert await status(scene) is ConnectorStatus.RESERVED
    assert len(await scene.store.links()) == 2


async def test_an_id_keeps_the_case_of_letters_that_its_object_has(scene: Scene) -> None:
    """Some peers find their own EVSEs by their own case only."""
    await scene.connect()
    whole = evse("U1", "AT*SWG*ES1*1", updated=NEW)
    assert (await scene.ask("PUT", "2.2.1/locations/at/swg/loc1/u1", whole)).code == 1000
    assert (await scene.ask("PUT", "2.2.1/locations/at/swg/loc1", location("LOC1", updated=NEW))).code == 1000
    link = await scene.store.link("graz", "u1")
    assert link is not None
    assert (link.location_id, link.evse_uid) == ("LOC1", "U1")
    scene.clock.pass_time(minutes=5)
    await scene.snapshot()
    assert scene.cpo.seen[-1].path == "2.2.1/locations/LOC1/U1"


async def test_an_unknown_status_and_unknown_fields_are_taken(scene: Scene) -> None:
    await scene.connect()
    body = {"status": "DREAMING", "last_updated": NEW, "parking": [{"new": None}]}
    assert (await scene.ask("PATCH", f"{AT}/LOC1/U1", body)).code == 1000
    snapshot = await scene.snapshot(fresh=None)
    assert snapshot.connector is not None
    assert (snapshot.connector.status, snapshot.connector.info) == (ConnectorStatus.UNKNOWN, "DREAMING")
    assert (await scene.ask("GET", f"{AT}/LOC1/U1")).data["parking"] == [{"new": None}]


async def test_an_id_with_a_slash_is_one_id(scene: Scene) -> None:
    await scene.connect()
    place = location("A/B", evse("U/9", None, updated=NEW), updated=NEW)
    assert (await scene.ask("PUT", f"{AT}/A%2FB", place)).code == 1000
    body: JsonObject = {"status": "CHARGING", "last_updated": "2026-03-01T12:00:00Z"}
    assert (await scene.ask("PATCH", f"{AT}/A%2FB/U%2F9", body)).code == 1000
    link = await scene.store.link("graz", "U/9")
    assert link is not None
    assert link.status == "CHARGING"


async def test_a_push_shows_when_the_peer_was_heard_last(scene: Scene) -> None:
    await scene.connect()
    scene.clock.pass_time(hours=3)
    await scene.cpo.set_status("U1", "BLOCKED")
    assert (await scene.store.states())["graz"].contact_at == datetime(2026, 3, 1, 15, tzinfo=UTC)


async def test_of_a_platform_only_the_parties_of_the_credentials_may_push(scene: Scene) -> None:
    await scene.register()
    body = scene.cpo._credentials("x")
    role = {"role": "CPO", "country_code": "AT", "party_id": "TWO", "business_details": {"name": "Two"}}
    both = body | {"roles": [*body["roles"], role]}  # type: ignore[misc]  # A list of roles.
    scene.cpo._credentials = lambda token: both | {"token": token}  # type: ignore[method-assign]  # A platform of two.
    assert await scene.cpo.rotate() == 1000
    (peer,) = await scene.store.peers()
    scene.registered.append(peer)
    place = location("LOC7", updated=NEW)
    assert (await scene.ask("PUT", "2.2.1/locations/AT/SWG/LOC7", place)).code == 1000
    assert (await scene.ask("PUT", "2.2.1/locations/at/two/LOC8", place | {"party_id": "TWO"})).code == 1000
    other = await scene.ask("PUT", "2.2.1/locations/AT/LAG/LOC9", place | {"party_id": "LAG"})
    assert other.code == 2001
    assert await scene.store.location("graz", "LOC9") is None
