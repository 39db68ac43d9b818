"""Changing stations and locations: checked, within reach, noted, and never at the cost of somebody else."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.case import CaseState
from bot.domain.operator import Evse
from bot.domain.refusal import Refusal
from bot.domain.rights import MissingRight, Right, Scope
from bot.domain.service import Cause, ServiceChange
from bot.operations import location_data, station_data
from bot.operations.location_data import Field
from storage.database import Database
from storage.uow import UnitOfWork
from tests.operations.office import Office
from tests.operations.yard import EMPTY, FOREIGN, LINZ, grant, kept, move, refused, yard
from tests.storage import town
from tests.storage.town import NOW, OPERATOR

NEW_PLACE = {
    Field.NAME: "Murpark Süd",
    Field.ADDRESS: "Ostbahnstraße 3",
    Field.POSTAL_CODE: "8041",
    Field.CITY: "Graz",
    Field.COUNTRY: "at",
    Field.COORDINATES: "47,0412 15,4721",
}


@pytest.fixture
async def office(database: Database) -> Office:
    return await yard(database)


def evse(evse_id: str, connector: int = 1, kind: str = "CCS2", power: float = 150.0) -> Evse:
    return Evse(evse_id, "GRAZ-01", connector, kind, power)


async def test_an_evse_id_is_kept_as_it_is_printed_and_found_in_any_form(
    office: Office, database: Database
) -> None:
    await station_data.set_point(await office.by("ada"), "GRAZ-01", evse(" at*swg*e0009*1 "))
    assert [each.evse_id for each in (await kept(database, "GRAZ-01")).evses] == ["AT*SWG*E0009*1"]
    assert len(await database.read(lambda uow: uow.operators.places_by_compact("ATSWGE00091"))) == 1
    (act,) = await office.acts()
    assert (act.act, act.subject, act.person_id) == ("station.changed", "GRAZ-01", office.ids["ada"])
    assert act.before == {"connector 1": "AT*SWG*E0001, CCS2, 150 kW"}
    assert act.after == {"connector 1": "AT*SWG*E0009*1, CCS2, 150 kW"}


async def test_a_second_charging_point_comes_beside_the_first(office: Office, database: Database) -> None:
    await station_data.set_point(await office.by("ada"), "GRAZ-01", evse("AT*SWG*E0001*2", 2, "Type2", 22))
    found = (await kept(database, "GRAZ-01")).evses
    assert [(each.connector, each.evse_id, each.power_kw) for each in found] == [
        (1, "AT*SWG*E0001", 150),
        (2, "AT*SWG*E0001*2", 22),
    ]


@pytest.mark.parametrize(
    "taken",
    ["AT*SWG*E0002", "atswge0002", "AT*LIN*E0001*1", FOREIGN.evses[0].evse_id, "ATOTHE00011", "AT*SWG*E0001"],
)
async def test_an_id_that_anybody_has_is_refused_without_a_word_of_whom(
    office: Office, database: Database, taken: str
) -> None:
    for doing in (
        station_data.set_point(await office.by("ada"), "GRAZ-01", evse(taken, 2)),
        station_data.check_evse_id(await office.by("ada"), "GRAZ-01", 2, taken),
    ):
        refusal = await refused("evse.taken", doing)
        assert set(refusal.values) == {"evse"}
    assert len((await kept(database, "GRAZ-01")).evses) == 1
    assert await office.acts() == []


async def test_a_charging_point_may_keep_its_own_id_in_another_way_of_writing(
    office: Office, database: Database
) -> None:
    await station_data.set_point(await office.by("ada"), "GRAZ-01", evse("ATSWGE0001"))
    assert [each.evse_id for each in (await kept(database, "GRAZ-01")).evses] == ["ATSWGE0001"]


@pytest.mark.parametrize("text", ["", "hello", "AT*SWG*P0001", "AT*SWG*S0001", "AT", "<b>", "x" * 300])
async def test_what_is_no_evse_id_is_refused(office: Office, text: str) -> None:
    await refused("evse.not_one", station_data.set_point(await office.by("ada"), "GRAZ-01", evse(text)))


async def test_an_id_is_neither_changed_nor_removed_while_a_case_about_it_is_open(
    office: Office, database: Database
) -> None:
    case = await database.write(town.new_case)
    wanted = replace(town.station(1).evses[0], evse_id="AT*SWG*E0009")
    for doing in (
        station_data.set_point(await office.by("ada"), "GRAZ-01", wanted),
        station_data.drop_point(await office.by("ada"), "GRAZ-01", 1),
    ):
        refusal = await refused("evse.in_case", doing)
        assert refusal.values["number"] == str(case.id)
    power = replace(town.station(1).evses[0], power_kw=50)
    await station_data.set_point(await office.by("ada"), "GRAZ-01", power)
    closed = replace(case, state=CaseState.CLOSED, version=2)
    await database.write(lambda uow: uow.cases.save(case, closed))
    await station_data.drop_point(await office.by("ada"), "GRAZ-01", 1)
    assert (await kept(database, "GRAZ-01")).evses == ()


async def test_of_two_who_take_one_id_at_once_one_is_refused(office: Office, database: Database) -> None:
    acting = [await office.by("ada"), await office.by("ada")]
    done = await asyncio.gather(
        station_data.set_point(acting[0], "GRAZ-01", evse("AT*SWG*E0007", 2)),
        station_data.set_point(acting[1], "GRAZ-02", evse("AT*SWG*E0007", 2)),
        return_exceptions=True,
    )
    lost = [each for each in done if isinstance(each, BaseException)]
    assert [each.key for each in lost if isinstance(each, Refusal)] == ["evse.taken"]
    assert len(lost) == 1
    counts = [len((await kept(database, name)).evses) for name in ("GRAZ-01", "GRAZ-02")]
    assert sorted(counts) == [1, 2]


async def test_changes_of_several_people_at_once_are_all_kept_with_the_service_as_it_is(
    office: Office, database: Database
) -> None:
    acting = [await office.by("ada") for _ in range(4)]
    off = ServiceChange("GRAZ-01", NOW, False, OPERATOR.price_per_station_month, "EUR", Cause.ADMIN)
    await asyncio.gather(
        station_data.set_directions(acting[0], "GRAZ-01", "Level -2"),
        station_data.set_minutes(acting[1], "GRAZ-01", (10, 20)),
        station_data.set_location(acting[2], "GRAZ-01", "empty"),
        database.write(lambda uow: uow.service.switch(OPERATOR.id, off)),
        station_data.set_company(acting[3], "GRAZ-01", "wels"),
    )
    found = await kept(database, "GRAZ-01")
    assert (found.directions, found.pending_after_minutes, found.location_id, found.entity_id) == (
        "Level -2",
        10,
        "empty",
        "wels",
    )
    assert not found.service_active


async def test_directions_are_set_and_taken_away(office: Office, database: Database) -> None:
    await station_data.set_directions(await office.by("ada"), "GRAZ-01", "  Row C\nGate 4711 ")
    assert (await kept(database, "GRAZ-01")).directions == "Row C\nGate 4711"
    for bad in ("   ", "x" * 1001):
        await refused(
            "station.directions", station_data.set_directions(await office.by("ada"), "GRAZ-01", bad)
        )
    await station_data.set_directions(await office.by("ada"), "GRAZ-01", None)
    assert (await kept(database, "GRAZ-01")).directions is None


@pytest.mark.parametrize("minutes", [(0, 10), (20, 10), (10, 7 * 24 * 60 + 1), (-1, 5)])
async def test_impossible_waiting_times_are_refused(office: Office, minutes: tuple[int, int]) -> None:
    await refused("station.minutes", station_data.set_minutes(await office.by("ada"), "GRAZ-01", minutes))


async def test_waiting_times_go_back_to_those_of_the_operator(office: Office, database: Database) -> None:
    await station_data.set_minutes(await office.by("ada"), "GRAZ-01", (5, 5))
    await station_data.set_minutes(await office.by("ada"), "GRAZ-01", None)
    found = await kept(database, "GRAZ-01")
    assert (found.pending_after_minutes, found.offline_after_minutes) == (None, None)


async def test_what_is_the_same_already_is_not_noted(office: Office) -> None:
    await station_data.set_location(await office.by("ada"), "GRAZ-01", "hbf")
    await station_data.set_company(await office.by("ada"), "GRAZ-01", None)
    assert await office.acts() == []


async def test_stations_are_changed_only_by_who_has_the_right_there(
    office: Office, database: Database
) -> None:
    async def all_of(name: str, station_id: str, key: str) -> None:
        point = Evse("AT*LIN*E0099*1", station_id, 9, "CCS2", 50)
        for doing in (
            station_data.show(await office.by(name), station_id),
            station_data.choices(await office.by(name), station_id),
            station_data.set_point(await office.by(name), station_id, point),
            station_data.check_evse_id(await office.by(name), station_id, 9, "AT*LIN*E0099*1"),
            station_data.drop_point(await office.by(name), station_id, 1),
            station_data.set_directions(await office.by(name), station_id, "x"),
            station_data.set_minutes(await office.by(name), station_id, (1, 2)),
            station_data.set_location(await office.by(name), station_id, "linz"),
            station_data.set_company(await office.by(name), station_id, "linz"),
            location_data.create_for(await office.by(name), station_id, dict(NEW_PLACE)),
        ):
            refusal = await refused(key, doing)
            if isinstance(refusal, MissingRight):
                assert refusal.right is Right.STATIONS

    await all_of("nora", "NORD-01", "right.missing")
    await all_of("bea", "WELS-01", "station.gone")
    await all_of("ada", "OTHER-01", "station.gone")
    # Seeing a station is not enough to change it.
    await grant(database, "Viewers", Right.STATION_LIST, scope=Scope.INSTANCE)
    await all_of("nora", "GRAZ-01", "right.missing")
    assert await office.acts() == []
    assert await kept(database, "OTHER-01") == FOREIGN


async def test_a_demoted_person_can_change_nothing_more(office: Office, database: Database) -> None:
    opened = await office.by("bea")
    await grant(database, "Branch", Right.STATION_LIST, scope=Scope.ENTITY_AND_BELOW)
    await refused("right.missing", station_data.set_directions(opened, "LINZ-01", "too late"))


async def test_a_station_is_given_only_to_companies_within_reach(office: Office, database: Database) -> None:
    companies = (await station_data.choices(await office.by("bea"), "LINZ-01")).companies
    assert [each and each.id for each in companies] == ["linz", "nord"]
    await station_data.set_company(await office.by("bea"), "LINZ-01", "nord")
    assert (await kept(database, "LINZ-01")).entity_id == "nord"
    for wanted in ("wels", None):
        await refused("right.missing", station_data.set_company(await office.by("bea"), "LINZ-01", wanted))
    await refused("station.no_company", station_data.set_company(await office.by("ada"), "LINZ-01", "gone"))


async def test_locations_of_other_companies_are_neither_offered_nor_taken(office: Office) -> None:
    offered = (await station_data.choices(await office.by("bea"), "LINZ-01")).locations
    assert [each.id for each in offered] == ["linz", "empty"]
    for wanted in ("wels", "hbf", "nowhere"):
        await refused(
            "station.no_location", station_data.set_location(await office.by("bea"), "LINZ-01", wanted)
        )
    await refused("station.no_location", location_data.site(await office.by("bea"), "wels"))
    assert (await location_data.sites(await office.by("bea"), "wels")).locations == (EMPTY,)


async def test_a_location_is_changed_only_by_who_may_change_all_stations_there(
    office: Office, database: Database
) -> None:
    site = await location_data.change(await office.by("bea"), "linz", {Field.CITY: " Linz  an der Donau "})
    assert (site.location.city, site.stations) == ("Linz an der Donau", 2)
    (act,) = await office.acts()
    assert (act.act, act.subject) == ("location.changed", "linz")
    assert (act.before, act.after) == ({"city": LINZ.city}, {"city": "Linz an der Donau"})
    await move(database, "NORD-01", "wels")
    for doing in (
        location_data.change(await office.by("bea"), "linz", {Field.NAME: "Ours alone"}),
        location_data.check(await office.by("bea"), "linz"),
    ):
        await refused("right.missing", doing)
    await location_data.change(await office.by("ada"), "linz", {Field.NAME: "Ours"})


async def test_a_new_location_gets_an_id_of_its_name_that_nobody_has(office: Office) -> None:
    made = await location_data.create(await office.by("ada"), dict(NEW_PLACE))
    again = await location_data.create(await office.by("ada"), dict(NEW_PLACE))
    assert (made.location.id, again.location.id) == ("murpark-sud", "murpark-sud-2")
    place = made.location
    assert (place.country, place.latitude, place.longitude) == ("AT", 47.0412, 15.4721)
    acts = await office.acts()
    assert [each.act for each in acts] == ["location.created", "location.created"]


async def test_a_station_is_put_at_a_new_location_in_one_step(office: Office, database: Database) -> None:
    found = await location_data.create_for(await office.by("bea"), "LINZ-01", dict(NEW_PLACE))
    assert found.location.name == "Murpark Süd"
    assert (await kept(database, "LINZ-01")).location_id == "murpark-sud"
    bad = {**NEW_PLACE, Field.COORDINATES: "99, 15"}
    await refused("location.coordinates", location_data.create_for(await office.by("bea"), "LINZ-01", bad))
    known = await database.read(lambda uow: uow.operators.locations(OPERATOR.id))
    assert "murpark-sud-2" not in {each.id for each in known}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("47.0725, 15.4165", (47.0725, 15.4165)),
        ("47.0725,15.4165", (47.0725, 15.4165)),
        ("47,0725 15,4165", (47.0725, 15.4165)),
        ("47,0725; 15,4165", (47.0725, 15.4165)),
        ("47,0725, 15,4165", (47.0725, 15.4165)),
        ("-33.86 151.2", (-33.86, 151.2)),
        ("33.86° S, 151.2° E", (-33.86, 151.2)),
        ("40.7 N 74 W", (40.7, -74.0)),
        ("https://maps.example.org/@47.0725,15.4165,17z", (47.0725, 15.4165)),
    ],
)
def test_coordinates_are_read_as_maps_copy_them(text: str, expected: tuple[float, float]) -> None:
    assert location_data.coordinates(text) == expected


@pytest.mark.parametrize("text", ["", "north pole", "47.07", "91, 15", "47, 181", "0, 0", "47.07 15.41 3"])
def test_coordinates_that_are_no_place_are_refused(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        location_data.coordinates(text)
    assert caught.value.key == "location.coordinates"


@pytest.mark.parametrize(
    ("text", "power"), [("22", 22), ("3,7", 3.7), (" 150 kW ", 150), ("0,5kw", 0.5), ("5000", 5000)]
)
def test_power_is_read_with_a_comma_or_a_point(text: str, power: float) -> None:
    assert station_data.checked_power(text) == power


@pytest.mark.parametrize("text", ["", "abc", "0", "-1", "5001", "nan", "inf", "1e9"])
def test_an_impossible_power_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        station_data.checked_power(text)
    assert caught.value.key == "evse.power"


async def test_the_service_is_left_as_it_was_by_any_change(office: Office, database: Database) -> None:
    def history(uow: UnitOfWork) -> int:
        return sum(map(len, uow.service.changes(OPERATOR.id).values()))

    before = await database.read(history)
    await station_data.set_directions(await office.by("ada"), "GRAZ-01", "Row C")
    assert (await kept(database, "GRAZ-01")).service_active
    assert await database.read(history) == before
