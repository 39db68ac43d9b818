"""Sessions that a back end pushes."""

from bot.domain.status import ConnectorStatus, Transaction
from bot.sandbox.stations.cpo_wire import Json, Quirk
from tests.stations.ocpi.scene import Scene

AT = "2.2.1/sessions/AT/SWG"


async def running(scene: Scene, connector: int = 1) -> Transaction | None:
    return (await scene.snapshot(connector, fresh=None)).transaction_on(connector)


async def test_a_session_begins_is_metered_and_ends(scene: Scene) -> None:
    await scene.connect()
    number = await scene.cpo.begin_session("U1", "TAG")
    began = await running(scene)
    assert began is not None
    assert (began.reference, began.connector, began.meter_start_wh) == (number, 1, 0)
    scene.clock.pass_time(minutes=10)
    await scene.cpo.meter_session(number, 12.5)
    metered = await running(scene)
    assert metered is not None
    assert (metered.id, metered.energy_wh, metered.metered_at) == (began.id, 12_500, scene.clock.now)
    await scene.cpo.end_session(number)
    assert await running(scene) is None
    snapshot = await scene.snapshot(fresh=None)
    assert snapshot.connector is not None
    assert snapshot.connector.status is ConnectorStatus.AVAILABLE


async def test_a_session_that_is_told_again_is_the_same(scene: Scene) -> None:
    await scene.connect()
    number = await scene.cpo.begin_session("U1")
    began = await running(scene)
    for _ in range(3):
        await scene.cpo.push("PUT", "sessions", (number,), scene.cpo.sessions[number])
    assert await running(scene) == began


async def test_an_older_meter_is_dropped(scene: Scene) -> None:
    await scene.connect()
    number = await scene.cpo.begin_session("U1")
    before = dict(scene.cpo.sessions[number])
    await scene.cpo.meter_session(number, 12.5)
    assert await scene.cpo.push("PUT", "sessions", (number,), before) == 1000
    metered = await running(scene)
    assert metered is not None
    assert metered.energy_wh == 12_500
    assert (await scene.ask("GET", f"{AT}/{number}")).data["kwh"] == 12.5


async def test_an_older_session_is_dropped_and_an_ended_one_does_not_run_again(scene: Scene) -> None:
    await scene.connect()
    number = await scene.cpo.begin_session("U1")
    before = dict(scene.cpo.sessions[number])
    scene.clock.pass_time(minutes=1)
    await scene.cpo.end_session(number)
    assert await scene.cpo.push("PUT", "sessions", (number,), before) == 1000
    assert await running(scene) is None
    again = before | {"last_updated": scene.cpo.tick()}
    assert await scene.cpo.push("PUT", "sessions", (number,), again) == 1000
    assert await running(scene) is None


async def test_an_invalid_session_ends_and_a_pending_one_does_not_begin(scene: Scene) -> None:
    await scene.connect()
    number = await scene.cpo.begin_session("U1")
    ended: Json = {"status": "INVALID", "last_updated": scene.cpo.tick()}
    await scene.cpo.push("PATCH", "sessions", (number,), ended)
    assert await running(scene) is None
    for status in ("PENDING", "RESERVATION", "DREAMING"):
        told = scene.cpo.sessions[number] | {"id": status, "status": status, "last_updated": scene.cpo.tick()}
        assert await scene.cpo.push("PUT", "sessions", (status,), told) == 1000
    assert await running(scene) is None


async def test_a_session_can_be_read_as_it_was_told_and_patches_add_to_its_periods(scene: Scene) -> None:
    await scene.connect()
    number = await scene.cpo.begin_session("U1")
    for kilowatts in (50, 11):
        period = {
            "start_date_time": scene.cpo.tick(),
            "dimensions": [{"type": "POWER", "volume": kilowatts}, {"type": "STATE_OF_CHARGE", "volume": 60}],
        }
        body = {"charging_periods": [period], "kwh": 1, "last_updated": scene.cpo.tick()}
        assert await scene.cpo.push("PATCH", "sessions", (number,), body) == 1000
    held = (await scene.ask("GET", f"{AT}/{number}")).data
    assert [each["dimensions"][0]["volume"] for each in held["charging_periods"]] in ([50, 11], [11])
    assert held["currency"] == "EUR"
    session = await running(scene)
    assert session is not None
    assert (session.power_w, session.soc_percent) == (11_000, 60)


async def test_a_patch_without_time_is_2001_and_of_an_unknown_session_404(scene: Scene) -> None:
    await scene.connect()
    number = await scene.cpo.begin_session("U1")
    assert (await scene.ask("PATCH", f"{AT}/{number}", {"kwh": 3})).code == 2001
    unknown = await scene.ask("PATCH", f"{AT}/none", {"kwh": 3, "last_updated": scene.cpo.tick()})
    assert unknown.http == 404


async def test_a_session_at_an_evse_that_nobody_knows_is_kept_and_begins_nowhere(scene: Scene) -> None:
    await scene.connect()
    number = await scene.cpo.begin_session("U1", push=False)
    told = scene.cpo.sessions[number] | {"evse_uid": "U9"}
    assert await scene.cpo.push("PUT", "sessions", (number,), told) == 1000
    assert (await scene.ask("GET", f"{AT}/{number}")).code == 1000
    assert await running(scene) is None


async def test_ids_of_sessions_are_compared_without_regard_to_case(scene: Scene) -> None:
    await scene.connect()
    number = await scene.cpo.begin_session("U1")
    scene.cpo.quirks.add(Quirk.LOWER_CASE)
    await scene.cpo.end_session(number)
    assert await running(scene) is None
