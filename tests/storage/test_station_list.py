"""The station list: what the database finds, and that it reckons as the code does."""

import itertools
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import insert, update

from bot.domain.condition import Condition, condition
from bot.domain.evse_id import compact
from bot.domain.operator import Evse, Location, Operator, Station
from bot.domain.reachability import patience_with, reachability
from bot.domain.rights import EntityId
from bot.domain.status import ConnectorStatus
from storage.database import Database
from storage.repositories.station_list import Seen, Wanted
from storage.tables import connector_states, stations
from storage.uow import UnitOfWork
from tests.storage.town import LOCATION, NOW, OPERATOR

OTHER = replace(OPERATOR, id="other", name="Somebody else")
FAR = Location("koe", "Köflach Österreicher Platz", "Ödgasse 1", "8580", "Köflach", "AT", 47.06, 15.08)
EVERYTHING: frozenset[EntityId] = frozenset({None, "linz"})


def place(uow: UnitOfWork) -> None:
    for operator in (OPERATOR, OTHER):
        uow.operators.put_operator(operator)
        for location in (LOCATION, FAR):
            uow.operators.put_location(operator.id, location)


def add(uow: UnitOfWork, station: Station) -> None:
    uow.operators.put_station(station, {each.evse_id: compact(each.evse_id) for each in station.evses})


def station(name: str, *evse_ids: str, operator: Operator = OPERATOR, at: Location = LOCATION) -> Station:
    evses = tuple(Evse(each, name, number, "CCS2", 50) for number, each in enumerate(evse_ids, 1))
    return Station(name, operator.id, at.id, True, evses)


def told(
    uow: UnitOfWork, name: str, connector: int, status: str, *, source: str = "ocpp", ago: int = 0
) -> None:
    at = NOW - timedelta(minutes=ago)
    row = {"station_id": name, "source": source, "connector": connector, "status": status}
    uow.connection.execute(insert(connector_states).values(**row, started_at=at, heard_at=at))


def heard(uow: UnitOfWork, name: str, ago: int | None, protocol: str = "ocpp1.6") -> None:
    at = None if ago is None else NOW - timedelta(minutes=ago)
    uow.connection.execute(
        update(stations).where(stations.c.id == name).values(last_seen=at, protocol=protocol)
    )


def found(
    uow: UnitOfWork, wanted: Wanted, *, reach: Iterable[EntityId] = EVERYTHING, lost: Iterable[str] = ()
) -> list[str]:
    seen = Seen(OPERATOR, frozenset(reach), NOW, frozenset(lost))
    rows = [each.station.id for each in uow.station_list.rows(seen, wanted, most=10_000)]
    assert rows == uow.station_list.ids(seen, wanted)
    assert len(rows) == uow.station_list.count(seen, wanted)
    return rows


STATUSES = (None, *(each.value for each in ConnectorStatus))
SILENCES = (None, 0, 29, 30, 59, 60, 90)
MINUTES: tuple[tuple[int | None, int | None], ...] = (
    (None, None),
    (10, 20),
    (100, None),
    (None, 29),
    (10, 5),
)


async def test_the_database_reckons_the_condition_of_a_station_as_the_code_does(database: Database) -> None:
    cases = list(itertools.product(STATUSES, SILENCES, MINUTES))

    def build(uow: UnitOfWork) -> None:
        place(uow)
        for number, (status, silence, (pending, offline)) in enumerate(cases):
            name = f"S-{number:04}"
            add(uow, replace(station(name), pending_after_minutes=pending, offline_after_minutes=offline))
            heard(uow, name, silence)
            if status is not None:
                told(uow, name, 1, ConnectorStatus.AVAILABLE.value)
                told(uow, name, 2, status)

    await database.write(build)
    expected: dict[Condition, list[str]] = {each: [] for each in Condition}
    for number, (status, silence, (pending, offline)) in enumerate(cases):
        own = replace(station(""), pending_after_minutes=pending, offline_after_minutes=offline)
        last = None if silence is None else NOW - timedelta(minutes=silence)
        reach = reachability(last, NOW, patience_with(own, OPERATOR))
        statuses = () if status is None else (ConnectorStatus.AVAILABLE, ConnectorStatus(status))
        expected[condition(reach, statuses)].append(f"S-{number:04}")
    assert all(expected.values())
    for each, names in expected.items():
        assert await database.read(partial(found, wanted=Wanted(condition=each))) == names


async def test_of_two_sources_the_one_that_heard_a_connector_last_is_believed(database: Database) -> None:
    def build(uow: UnitOfWork) -> None:
        place(uow)
        for name, ocpp, ocpi in (("A", 1, 5), ("B", 5, 1)):
            add(uow, station(name))
            heard(uow, name, 0)
            told(uow, name, 1, "Faulted", ago=ocpp)
            told(uow, name, 1, "Available", source="ocpi", ago=ocpi)

    await database.write(build)
    assert await database.read(lambda uow: found(uow, Wanted(condition=Condition.FAULT))) == ["A"]
    assert await database.read(lambda uow: found(uow, Wanted(condition=Condition.OK))) == ["B"]
    seen = Seen(OPERATOR, EVERYTHING, NOW)
    rows = await database.read(lambda uow: uow.station_list.rows(seen, Wanted(), most=2))
    assert [row.statuses for row in rows] == [(ConnectorStatus.FAULTED,), (ConnectorStatus.AVAILABLE,)]


async def test_a_station_of_a_back_end_is_offline_where_that_has_lost_it(database: Database) -> None:
    def build(uow: UnitOfWork) -> None:
        place(uow)
        for name in ("A", "B"):
            add(uow, station(name))
            heard(uow, name, 10_000, "ocpi")
            told(uow, name, 1, "Charging", source="ocpi", ago=10_000)

    await database.write(build)
    lost = Wanted(condition=Condition.OFFLINE)
    assert await database.read(lambda uow: found(uow, lost, lost=["B"])) == ["B"]
    assert await database.read(lambda uow: found(uow, Wanted(condition=Condition.IN_USE), lost=["B"])) == [
        "A"
    ]
    assert await database.read(lambda uow: uow.station_list.told_by_back_end(OPERATOR.id)) == ["A", "B"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("graz-0", ["GRAZ-01", "GRAZ-02"]),
        ("GRAZ-02", ["GRAZ-02"]),
        ("AT*SWG*E0001*1", ["GRAZ-01"]),
        ("atswge00011", ["GRAZ-01"]),
        ("at swg e0001 1", ["GRAZ-01"]),
        ("E0001", ["GRAZ-01"]),
        ("köflach", ["KOE-01"]),
        ("KÖFLACH", ["KOE-01"]),
        ("österreicher", ["KOE-01"]),
        ("ödgasse", ["KOE-01"]),
        ("8580", ["KOE-01"]),
        ("europaplatz graz", ["GRAZ-01", "GRAZ-02"]),
        ("europaplatz -02", ["GRAZ-02"]),
        ("europaplatz köflach", []),
        ("%", []),
        ("_", []),
        ("***", []),
        ("OTHER", []),
        ("' OR 1=1 --", []),
    ],
)
async def test_words_find_ids_in_any_form_and_names_and_addresses(
    database: Database, words: str, expected: list[str]
) -> None:
    def build(uow: UnitOfWork) -> None:
        place(uow)
        add(uow, station("GRAZ-01", "AT*SWG*E0001*1", "AT*SWG*E0001*2"))
        add(uow, station("GRAZ-02", "AT*SWG*E0002*1"))
        add(uow, station("KOE-01", at=FAR))
        add(uow, station("OTHER-01", "AT*OTH*E0001*1", operator=OTHER))

    await database.write(build)
    assert await database.read(lambda uow: found(uow, Wanted(words))) == expected


async def test_filters_are_combined_and_pages_follow_one_another(database: Database) -> None:
    def build(uow: UnitOfWork) -> None:
        place(uow)
        for number in range(20):
            where = LOCATION if number < 15 else FAR
            add(uow, replace(station(f"S-{number:02}", at=where), service_active=number % 2 == 0))

    await database.write(build)
    off = Wanted(location_id=FAR.id, service_active=False)
    assert await database.read(lambda uow: found(uow, off)) == ["S-15", "S-17", "S-19"]
    on = Wanted(service_active=True)
    assert len(await database.read(lambda uow: found(uow, on))) == 10
    seen = Seen(OPERATOR, EVERYTHING, NOW)
    page = await database.read(lambda uow: uow.station_list.rows(seen, Wanted(), most=8, skip=16))
    assert [each.station.id for each in page] == ["S-16", "S-17", "S-18", "S-19"]
    assert page[0].location == FAR


async def test_only_stations_of_companies_within_reach_are_found_or_counted(database: Database) -> None:
    def build(uow: UnitOfWork) -> None:
        place(uow)
        for name, entity in (("ROOT", None), ("LINZ", "linz"), ("WELS", "wels")):
            add(uow, replace(station(name), entity_id=entity))
        add(uow, station("OTHER", operator=OTHER))

    await database.write(build)
    for reach, names in (({None}, ["ROOT"]), ({"linz", "wels"}, ["LINZ", "WELS"]), (set(), [])):
        assert await database.read(partial(found, wanted=Wanted(), reach=reach)) == names
    places = await database.read(lambda uow: uow.station_list.locations(OPERATOR.id, frozenset({"wels"})))
    assert places == [(LOCATION, 1)]
    companies = await database.read(lambda uow: uow.station_list.companies_by_location(OPERATOR.id))
    assert companies == {LOCATION.id: {None: 1, "linz": 1, "wels": 1}}


async def test_who_has_an_evse_id_is_found_in_any_way_of_writing_it_over_all_operators(
    database: Database,
) -> None:
    def build(uow: UnitOfWork) -> None:
        place(uow)
        add(uow, station("GRAZ-01", "AT*SWG*E0001*1"))
        add(uow, station("OTHER-01", "AT*OTH*E1", operator=OTHER))

    await database.write(build)

    def held(uow: UnitOfWork) -> list[str]:
        wanted = ["AT*SWG*E00011", "ATOTHE1", "AT*NEW*E1"]
        holders = uow.station_list.holders(wanted, [compact(each) for each in wanted])
        return sorted(each.station_id for each in holders)

    assert await database.read(held) == ["GRAZ-01", "OTHER-01"]
    known = await database.read(lambda uow: uow.station_list.known(["GRAZ-01", "OTHER-01", "NEW"]))
    assert known == {"GRAZ-01": OPERATOR.id, "OTHER-01": OTHER.id}


async def test_five_thousand_stations_are_listed_and_filtered_in_a_moment(database: Database) -> None:
    def build(uow: UnitOfWork) -> None:
        place(uow)
        names = [f"S-{number:05}" for number in range(5000)]
        row = {"operator_id": OPERATOR.id, "location_id": LOCATION.id, "service_active": True}
        uow.connection.execute(
            insert(stations), [{**row, "id": name, "last_seen": NOW, "security_profile": 0} for name in names]
        )
        state = {"source": "ocpp", "status": "Available", "started_at": NOW, "heard_at": NOW}
        uow.connection.execute(
            insert(connector_states),
            [{**state, "station_id": name, "connector": c} for name in names for c in (1, 2)],
        )

    await database.write(build)
    seen = Seen(OPERATOR, EVERYTHING, NOW)

    def look(uow: UnitOfWork) -> float:
        began = time.perf_counter()
        assert uow.station_list.count(seen, Wanted(condition=Condition.OK)) == 5000
        assert len(uow.station_list.rows(seen, Wanted("s-0"), most=8, skip=4000)) == 8
        return time.perf_counter() - began

    # Generous for a machine that is busy; a scan for each row would take minutes.
    assert await database.read(look) < 5
