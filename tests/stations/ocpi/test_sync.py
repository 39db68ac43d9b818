"""Reading what a back end has: which EVSE is which of ours, what is new, and what is gone."""

import asyncio
import contextlib
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import web

from bot.domain.ocpi import EvseLink
from bot.domain.operator import Station
from bot.domain.status import ConnectorStatus, Link
from bot.sandbox.stations.cpo_wire import Json, Quirk, evse, location, stamp
from bot.stations.ocpi.client import Trouble
from bot.stations.ocpi.sync import OVERLAP, Pace, SyncWorker
from tests.stations.ocpi.scene import Scene, until


async def linked(scene: Scene) -> dict[str, EvseLink]:
    return {link.evse_uid: link for link in await scene.store.links()}


async def station(scene: Scene, name: str) -> Station | None:
    return await scene.database.read(lambda uow: uow.operators.station(name))


async def test_evses_are_linked_to_ours_whatever_case_and_separators_their_id_has(scene: Scene) -> None:
    scene.cpo.locations.append(location("LOC2", evse("U3", "ATSWGES21")))
    await scene.connect()
    found = await linked(scene)
    assert {uid: (link.station_id, link.connector, link.created) for uid, link in found.items()} == {
        "U1": ("S1", 1, False),
        "U2": ("S1", 2, False),
        "U3": ("S2", 1, False),
    }


async def test_what_is_linked_stays_as_the_operator_described_it(scene: Scene) -> None:
    before = await station(scene, "S1")
    await scene.connect()
    assert await station(scene, "S1") == before


async def test_an_evse_that_is_new_becomes_a_station_that_is_not_activated(scene: Scene) -> None:
    scene.cpo.locations.append(location("L/2", evse("U3", "AT*SWG*E900*1", dc=False), name="Graz West"))
    await scene.connect()
    made = await station(scene, "graz:U3")
    assert made is not None
    assert (made.service_active, made.operator_id, made.location_id) == (False, "graz", "graz:L/2")
    (only,) = made.evses
    assert (only.evse_id, only.connector, only.type, only.power_kw) == ("AT*SWG*E900*1", 1, "Type 2", 22.1)
    (place,) = await scene.database.read(lambda uow: uow.operators.places_by_compact("ATSWGE9001"))
    assert (place.location.name, place.location.city, place.location.country) == ("Graz West", "Graz", "AT")
    assert (await scene.snapshot(station="graz:U3")).link is Link.ONLINE


async def test_a_station_that_was_made_follows_its_evse_and_keeps_what_an_admin_decided(scene: Scene) -> None:
    scene.cpo.locations.append(location("LOC2", evse("U3", "AT*SWG*E900*1")))
    await scene.connect()
    made = await station(scene, "graz:U3")
    assert made is not None
    activated = replace(made, service_active=True, pending_after_minutes=5)
    await scene.database.write(
        lambda uow: uow.operators.put_station(activated, {"AT*SWG*E900*1": "ATSWGE9001"})
    )
    told = scene.cpo.evse("U3")
    told["evse_id"], told["last_updated"] = "AT*SWG*E901*1", scene.cpo.tick()
    told["connectors"] = evse("x", None, dc=False)["connectors"]
    scene.cpo.locations[1] |= {"name": "Moved", "last_updated": scene.cpo.tick()}
    await scene.pull()
    after = await station(scene, "graz:U3")
    assert after is not None
    assert (after.service_active, after.pending_after_minutes) == (True, 5)
    assert [(each.evse_id, each.type) for each in after.evses] == [("AT*SWG*E901*1", "Type 2")]
    (place,) = await scene.database.read(lambda uow: uow.operators.places_of_station("graz:U3"))
    assert place.location.name == "Moved"
    assert await scene.database.read(lambda uow: uow.operators.place("AT*SWG*E900*1")) is None


async def test_an_evse_of_another_operator_is_never_taken_over(scene: Scene) -> None:
    scene.cpo.locations.append(location("LOC2", evse("U3", "at*lag*eL1*1")))
    before = await station(scene, "L1")
    await scene.connect()
    link = (await linked(scene))["U3"]
    assert (link.station_id, link.connector) == (None, None)
    assert await station(scene, "L1") == before
    assert await station(scene, "graz:U3") is None
    await scene.cpo.set_status("U3", "OUTOFORDER")
    assert (await scene.snapshot(station="L1")).link is Link.NEVER


async def test_an_evse_without_an_id_is_known_and_makes_no_station(scene: Scene) -> None:
    scene.cpo.locations.append(location("LOC2", evse("U3", None), evse("U4", "x" * 60)))
    await scene.connect()
    found = await linked(scene)
    assert (found["U3"].station_id, found["U3"].evse_id) == (None, None)
    assert found["U4"].station_id is None
    assert await station(scene, "graz:U3") is None


async def test_a_location_without_coordinates_makes_no_stations_and_links_those_we_have(scene: Scene) -> None:
    place = location("LOC2", evse("U3", "AT*SWG*E900"), evse("U4", "AT*SWG*ES2*1"))
    del place["coordinates"]
    scene.cpo.locations.append(place)
    await scene.connect()
    found = await linked(scene)
    assert (found["U3"].station_id, found["U4"].station_id) == (None, "S2")


async def test_the_good_objects_are_taken_where_some_are_bad(scene: Scene) -> None:
    half = location("LOC3", {"uid": "U7"}, evse("U8", None))
    scene.cpo.locations = [{"id": "BAD"}, *scene.cpo.locations, {"name": "nobody"}, half]
    await scene.register()
    pulled = await scene.pull()
    assert (pulled.failure, pulled.locations, pulled.evses, pulled.bad) == (None, 2, 3, 3)
    assert set(await linked(scene)) == {"U1", "U2", "U8"}
    assert (await scene.store.states())["graz"].bad_objects == 3


async def test_what_a_full_crawl_does_not_name_is_removed_and_comes_back(scene: Scene) -> None:
    await scene.connect()
    evses = scene.cpo.locations[0]["evses"]
    assert isinstance(evses, list)
    second = evses.pop()
    scene.clock.pass_time(days=1)
    assert (await scene.pull()).removed == 1
    link = (await linked(scene))["U2"]
    assert (link.removed_at, link.status) == (scene.clock.now, "REMOVED")
    gone = await scene.snapshot(2)
    assert gone.link is Link.OFFLINE
    assert gone.connector is not None
    assert gone.connector.status is ConnectorStatus.UNAVAILABLE
    assert (await scene.pull()).removed == 0, "it is removed once"
    evses.append(second)
    await scene.pull()
    back = await scene.snapshot(2)
    assert (await linked(scene))["U2"].removed_at is None
    assert back.link is Link.ONLINE
    assert back.connector is not None
    assert back.connector.status is ConnectorStatus.AVAILABLE


@pytest.mark.parametrize("quirk", [Quirk.BROKEN, Quirk.SERVER_ERROR])
async def test_a_crawl_that_was_cut_off_removes_nothing(scene: Scene, quirk: Quirk) -> None:
    await scene.connect()
    scene.cpo.locations = []
    scene.cpo.quirks.add(quirk)
    before = (await scene.store.states())["graz"]
    scene.clock.pass_time(days=1)
    pulled = await scene.pull()
    assert pulled.failure is not None
    assert pulled.failure.trouble is Trouble.BROKEN
    after = (await scene.store.states())["graz"]
    assert (after.synced_until, after.crawled_at) == (before.synced_until, before.crawled_at)
    assert after.error is not None
    assert all(link.removed_at is None for link in await scene.store.links())


async def test_what_is_pushed_while_the_list_is_read_is_not_removed(scene: Scene) -> None:
    await scene.connect()
    scene.clock.pass_time(days=1)
    new = location("LOC2", evse("U3", "AT*SWG*ES2*1", updated=scene.cpo.tick()), updated=scene.cpo.tick())
    functional = scene.cpo._functional

    async def pushing(request: web.Request, path: list[str], body: Json | None) -> web.Response:
        answer = await functional(request, path, body)
        if path == ["locations"]:
            assert await scene.cpo.push("PUT", "locations", ("LOC2",), new) == 1000
        return answer

    scene.cpo._functional = pushing  # type: ignore[method-assign]  # Something is built just then.
    assert (await scene.pull()).removed == 0
    assert (await linked(scene))["U3"].removed_at is None


async def test_nothing_of_a_location_that_could_not_be_read_is_removed(scene: Scene) -> None:
    await scene.connect()
    scene.clock.pass_time(days=1)
    scene.cpo.locations[0]["evses"] = [evse("U1", "AT*SWG*ES1*1"), {"uid": "U2"}]
    assert (await scene.pull()).removed == 0
    bad: list[Json] = [{"id": "loc1"}, {"name": "nobody knows which"}]
    for each in bad:
        scene.clock.pass_time(days=1)
        scene.cpo.locations = [each]
        pulled = await scene.pull()
        assert (pulled.bad, pulled.removed) == (1, 0)


async def test_a_delta_reads_what_changed_since_the_last_pull_with_an_overlap(scene: Scene) -> None:
    await scene.connect()
    pulled_at = scene.clock.now
    scene.clock.pass_time(hours=1)
    await scene.cpo.set_status("U1", "OUTOFORDER", push=False)
    scene.clock.pass_time(hours=1)
    pulled = await scene.pull(whole=False)
    assert (pulled.whole, pulled.locations, pulled.removed) == (False, 1, 0)
    asked = [seen.query for seen in scene.cpo.seen if seen.path == "2.2.1/locations"][-1]
    assert asked["date_from"] == stamp(pulled_at - OVERLAP)
    assert asked["date_to"] == stamp(scene.clock.now)
    snapshot = await scene.snapshot(fresh=None)
    assert snapshot.connector is not None
    assert snapshot.connector.status is ConnectorStatus.FAULTED
    scene.clock.pass_time(hours=1)
    assert (await scene.pull(whole=False)).locations == 0


async def test_a_delta_removes_nothing_but_what_is_said_to_be_removed(scene: Scene) -> None:
    await scene.connect()
    scene.clock.pass_time(hours=1)
    await scene.cpo.set_status("U2", "REMOVED", push=False)
    scene.clock.pass_time(seconds=1)
    await scene.pull(whole=False)
    found = await linked(scene)
    assert (found["U1"].removed_at, found["U2"].removed_at) == (None, scene.clock.now)
    assert scene.gateway.capabilities("S1") != frozenset()


async def test_sessions_that_were_not_pushed_are_read(scene: Scene) -> None:
    await scene.connect()
    scene.clock.pass_time(hours=1)
    number = await scene.cpo.begin_session("U2", push=False)
    scene.clock.pass_time(seconds=1)
    await scene.pull(whole=False)
    session = (await scene.snapshot(fresh=None)).transaction_on(2)
    assert session is not None
    assert session.reference == number


async def test_a_platform_gives_only_the_locations_of_the_parties_it_registered(scene: Scene) -> None:
    body = scene.cpo._credentials("x")
    second = {"role": "CPO", "country_code": "AT", "party_id": "TWO", "business_details": {"name": "Two"}}
    both = body | {"roles": [*body["roles"], second]}  # type: ignore[misc]  # A list of roles.
    scene.cpo._credentials = lambda token: both | {"token": token}  # type: ignore[method-assign]  # A platform of two.
    foreign = location("LOC9", evse("U9", "AT*LAG*E900")) | {"party_id": "LAG"}
    scene.cpo.locations += [foreign, location("LOC8") | {"party_id": "two"}]
    await scene.register()
    pulled = await scene.pull()
    assert (pulled.locations, pulled.others) == (2, 1)
    assert await station(scene, "graz:U9") is None


@pytest.fixture
def worker(scene: Scene) -> SyncWorker:
    return scene.gateway._worker


def pulls(scene: Scene) -> list[bool]:
    """Which pulls there were: whole ones (True) and deltas (False)."""
    asked = [seen.query for seen in scene.cpo.seen if seen.path == "2.2.1/locations"]
    return ["date_from" not in query for query in asked]


async def test_the_worker_reads_everything_at_once_then_deltas_by_the_hour_and_everything_by_the_day(
    scene: Scene, worker: SyncWorker
) -> None:
    await worker.look()
    await scene.register()
    await worker.look()
    assert pulls(scene) == [True]
    await worker.look()
    scene.clock.pass_time(minutes=50)
    await worker.look()
    assert pulls(scene) == [True]
    scene.clock.pass_time(minutes=20)
    await worker.look()
    assert pulls(scene) == [True, False]
    for _ in range(24):
        scene.clock.pass_time(minutes=70)
        await worker.look()
    assert pulls(scene).count(True) == 2


async def test_the_pauses_of_the_worker_vary(scene: Scene, worker: SyncWorker) -> None:
    pauses = {worker._after(scene.clock.now) - scene.clock.now for _ in range(50)}
    pace = Pace()
    assert len(pauses) > 40
    assert all(pace.delta * 0.9 <= pause <= pace.delta * 1.1 for pause in pauses)


async def test_the_worker_tries_again_with_growing_pauses(scene: Scene, worker: SyncWorker) -> None:
    await scene.register()
    scene.cpo.quirks.add(Quirk.BROKEN)
    await worker.look()
    tried = [1]
    for _ in range(7):
        scene.clock.pass_time(minutes=1, seconds=1)
        await worker.look()
        tried.append(len(pulls(scene)))
    assert tried == [1, 2, 2, 3, 3, 3, 3, 4]
    scene.cpo.quirks.clear()
    scene.clock.pass_time(hours=1)
    await worker.look()
    assert (await scene.store.states())["graz"].error is None


async def test_a_peer_that_is_slow_does_not_hold_up_another(scene: Scene, worker: SyncWorker) -> None:
    slow = await scene.register(id="slow")
    dead = replace(slow, id="dead", our_token="dead", endpoints=())
    await scene.store.keep_peer(dead)
    scene.cpo.quirks.add(Quirk.SILENT)
    look = asyncio.create_task(worker.look())

    async def failed() -> bool:
        return (await scene.store.states())["dead"].error is not None

    await until(failed)
    assert not look.done()
    look.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await look


async def test_what_another_process_pulled_is_noticed(scene: Scene, worker: SyncWorker) -> None:
    peer = await scene.register()
    await worker.look()
    scene.cpo.locations.append(location("LOC2", evse("U3", "AT*SWG*ES2*1")))
    other = type(scene.gateway)(scene.store, scene.journal, scene.clock, scene.url)
    scene.clock.pass_time(minutes=1)
    await other.sync.pull(peer, (await scene.store.states())["graz"], whole=True)
    await other.close()
    assert scene.gateway.capabilities("S2") == frozenset()
    await worker.look()
    assert scene.gateway.capabilities("S2") != frozenset()


async def test_old_sessions_are_forgotten(scene: Scene) -> None:
    await scene.connect()
    number = await scene.cpo.begin_session("U1")
    await scene.cpo.end_session(number)
    scene.cpo.sessions.clear()
    assert await scene.store.session("graz", number) is not None
    scene.clock.pass_time(days=61)
    await scene.pull()
    assert await scene.store.session("graz", number) is None


async def test_a_pull_keeps_to_its_time_when_the_clock_of_the_peer_is_ahead(scene: Scene) -> None:
    await scene.connect()
    scene.clock.pass_time(hours=1)
    ahead = scene.clock.now + timedelta(minutes=5)
    scene.cpo.evse("U1").update(status="CHARGING", last_updated=stamp(ahead))
    scene.cpo.locations[0]["last_updated"] = stamp(ahead)
    assert (await scene.pull(whole=False)).locations == 0
    scene.clock.pass_time(hours=1)
    assert (await scene.pull(whole=False)).locations == 1
