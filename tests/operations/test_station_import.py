"""Taking a table in: a preview of every change, errors by line, then all of it or nothing."""

from dataclasses import replace

import pytest

from bot.domain.operator import Evse, Location, Station
from bot.domain.refusal import Refusal
from bot.domain.rights import MissingRight, Right, Scope
from bot.operations import station_data, station_import
from bot.operations.station_csv import COLUMNS, decoded, read
from bot.operations.station_import import Imported, Outdated, Preview
from bot.operations.station_plan_lines import Kind
from storage.database import Database
from storage.uow import UnitOfWork
from tests.operations.office import Office
from tests.operations.yard import FOREIGN, STATIONS, grant, kept, put, refused, yard
from tests.storage import town
from tests.storage.town import OPERATOR

HEAD = "station_id;connector;evse_id;type;power_kw\n"
PLACES = "station_id;location_id;location_name;address;postal_code;city;country;latitude;longitude\n"


@pytest.fixture
async def office(database: Database) -> Office:
    return await yard(database)


async def offered(office: Office, text: str, *, by: str = "ada") -> Preview:
    return await station_import.offer(await office.by(by), text.encode(), lambda _uow: None)


async def applied(office: Office, text: str, *, by: str = "ada") -> Imported | Outdated:
    preview = await offered(office, text, by=by)
    assert preview.mistakes == ()
    return await station_import.apply(await office.by(by), preview.fingerprint)


def mistakes(preview: Preview) -> list[tuple[int, str]]:
    return [(each.line, each.key) for each in preview.mistakes]


async def everything(database: Database) -> object:
    def read_all(uow: UnitOfWork) -> object:
        owners = (OPERATOR.id, "other")
        return [(uow.operators.stations(each), uow.operators.locations(each)) for each in owners]

    return await database.read(read_all)


async def test_what_was_exported_changes_nothing_when_it_is_sent_back(office: Office) -> None:
    for sign in (".", ","):
        content = await station_import.export(await office.by("ada"), sign)
        preview = await station_import.offer(await office.by("ada"), content, lambda _uow: None)
        assert (preview.mistakes, preview.differences) == ((), ())
        assert preview.counts[Kind.UNCHANGED] == preview.lines == 5
        assert not preview.changes_something


async def test_the_export_has_the_stations_within_reach_and_is_noted(office: Office) -> None:
    content = await station_import.export(await office.by("bea"), ".")
    lines = read(decoded(content)).lines
    assert [each.get("station_id") for each in lines] == ["LINZ-01", "NORD-01"]
    (act,) = await office.acts()
    assert (act.act, act.after) == ("stations.exported", {"stations": 2})


async def test_technicians_are_masked_in_the_export_without_the_right_to_personal_data(
    office: Office, database: Database
) -> None:
    def technician(content: bytes) -> tuple[str, str, str]:
        line = read(decoded(content)).lines[0]
        return line.get("technician_name"), line.get("technician_phone"), line.get("technician_email")

    masked = await station_import.export(await office.by("bea"), ".")
    assert technician(masked) == ("T****", "+43 *** **56", "t****@****.org")
    assert b"Berger" not in masked
    await grant(database, "Branch", Right.STATION_LIST, Right.PERSONAL_DATA, scope=Scope.ENTITY_AND_BELOW)
    shown = await station_import.export(await office.by("bea"), ".")
    assert technician(shown) == ("Tom Berger", "+43 660 123456", "tom@example.org")


async def test_a_preview_tells_every_change_by_its_line_and_changes_nothing(
    office: Office, database: Database
) -> None:
    before = await everything(database)
    text = (
        HEAD
        + "GRAZ-01;1;AT*SWG*E0001;CCS2;300\nGRAZ-01;2;AT*SWG*E0001*2;Type2;22\nGRAZ-02;1;AT*SWG*E0002;CCS2;150\n"
    )
    preview = await offered(office, text)
    assert [(each.line, each.kind, each.subject) for each in preview.differences] == [
        (2, Kind.CHANGED, "GRAZ-01"),
        (3, Kind.NEW, "GRAZ-01"),
    ]
    assert preview.differences[0].fields == (
        ("connector 1", "AT*SWG*E0001, CCS2, 150 kW", "AT*SWG*E0001, CCS2, 300 kW"),
    )
    assert preview.counts == {Kind.NEW: 1, Kind.CHANGED: 1, Kind.UNCHANGED: 1}
    assert await everything(database) == before
    assert await office.acts() == []


async def test_applying_does_what_the_preview_said_and_notes_it(office: Office, database: Database) -> None:
    text = HEAD + "GRAZ-01;1;AT*SWG*E0001;CCS2;300\nGRAZ-01;2;AT*SWG*E0001*2;Type2;3,7\n"
    outcome = await applied(office, text)
    assert outcome == Imported({Kind.NEW: 1, Kind.CHANGED: 1, Kind.UNCHANGED: 0})
    found = (await kept(database, "GRAZ-01")).evses
    assert [(each.evse_id, each.power_kw) for each in found] == [
        ("AT*SWG*E0001", 300),
        ("AT*SWG*E0001*2", 3.7),
    ]
    summary, station = await office.acts()
    assert (summary.act, summary.after) == ("stations.imported", {"new": 1, "changed": 1, "unchanged": 0})
    assert (station.act, station.subject) == ("station.changed", "GRAZ-01")


async def test_one_mistake_is_enough_that_nothing_is_applied(office: Office, database: Database) -> None:
    before = await everything(database)
    preview = await offered(office, HEAD + "GRAZ-01;1;AT*SWG*E0001;CCS2;300\nGRAZ-02;1;XX;CCS2;50\n")
    assert mistakes(preview) == [(3, "refusal.evse.not_one")]
    outcome = await station_import.apply(await office.by("ada"), preview.fingerprint)
    assert isinstance(outcome, Outdated)
    assert await everything(database) == before


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEAD + ";1;AT*SWG*E9;CCS2;1\n", [(2, "no_station")]),
        (HEAD + "GRAZ-01;x;AT*SWG*E9;CCS2;1\n", [(2, "refusal.evse.connector")]),
        (HEAD + "GRAZ-01;101;AT*SWG*E9;CCS2;1\n", [(2, "refusal.evse.connector")]),
        (HEAD + "GRAZ-01;;AT*SWG*E9;CCS2;1\n", [(2, "refusal.evse.connector")]),
        (HEAD + "GRAZ-01;2;AT*SWG*E9;;1\n", [(2, "refusal.evse.incomplete")]),
        (HEAD + "GRAZ-01;2;;CCS2;1\n", [(2, "refusal.evse.missing")]),
        (HEAD + "GRAZ-01;1;AT*SWG*E0001;CCS2;much\n", [(2, "refusal.evse.power")]),
        (HEAD + "GRAZ-01;1;AT*SWG*E0001;CCS2;nan\n", [(2, "refusal.evse.power")]),
        (HEAD + "GRAZ-01;2;AT*SWG*E9;CCS2;1\nGRAZ-01;2;AT*SWG*E8;CCS2;1\n", [(3, "connector_twice")]),
        (HEAD + "GRAZ-01;2;AT*SWG*E0002;CCS2;1\n", [(2, "refusal.evse.taken")]),
        (HEAD + "GRAZ-01;2;atswge0002;CCS2;1\n", [(2, "refusal.evse.taken")]),
        (HEAD + f"GRAZ-01;2;{FOREIGN.evses[0].evse_id};CCS2;1\n", [(2, "refusal.evse.taken")]),
        (
            HEAD + "GRAZ-01;2;AT*SWG*E9;CCS2;1\nGRAZ-02;2;ATSWGE9;CCS2;1\n",
            [(2, "refusal.evse.taken"), (3, "refusal.evse.taken")],
        ),
        ("station_id;location_id\nNEW-1;\n", [(2, "no_location")]),
        ("station_id;location_id\nNEW-1;nowhere\n", [(2, "location_missing")]),
        ("station_id;location_id\n" + "N" * 49 + ";hbf\n", [(2, "station_id")]),
        ("station_id;location_id\nOTHER-01;hbf\n", [(2, "station_taken")]),
        ("station_id;company\nGRAZ-01;nobody\n", [(2, "refusal.station.no_company")]),
        (
            "station_id;pending_after_minutes;offline_after_minutes\nGRAZ-01;20;10\n",
            [(2, "refusal.station.minutes")],
        ),
        ("station_id;pending_after_minutes\nGRAZ-01;soon\n", [(2, "refusal.station.minutes")]),
        ("station_id;directions\nGRAZ-01;a\nGRAZ-01;b\n", [(3, "differs")]),
        ("station_id;location_id\nGRAZ-01;hbf\nGRAZ-01;linz\n", [(3, "differs")]),
        (PLACES + "GRAZ-01;new;New;Street 1;8020;Graz;Austria;47;15\n", [(2, "refusal.location.country")]),
        (PLACES + "GRAZ-01;new;New;Street 1;8020;Graz;AT;97;15\n", [(2, "refusal.location.coordinates")]),
        (PLACES + "GRAZ-01;new;New;Street 1;8020;Graz;AT;north;15\n", [(2, "refusal.location.coordinates")]),
        (
            PLACES
            + "GRAZ-01;new;New;Street 1;8020;Graz;AT;47;15\nGRAZ-02;new;Newer;Street 1;8020;Graz;AT;47;15\n",
            [(3, "differs")],
        ),
    ],
)
async def test_what_is_wrong_is_told_by_line_with_its_reason(
    office: Office, database: Database, text: str, expected: list[tuple[int, str]]
) -> None:
    before = await everything(database)
    preview = await offered(office, text)
    assert mistakes(preview) == expected
    assert not preview.changes_something
    assert await everything(database) == before


async def test_a_new_station_comes_with_its_location_and_without_service(
    office: Office, database: Database
) -> None:
    text = (
        "station_id,location_name,address,postal_code,city,country,latitude,longitude,connector,evse_id,type,power_kw,service\n"
        'NEW-1,Murpark,"Ostbahnstr. 3",8041,Graz,AT,"47,0412","15,4721",1,AT*SWG*E0100*1,CCS2,300,on\n'
        'NEW-1,Murpark,"Ostbahnstr. 3",8041,Graz,AT,"47,0412","15,4721",2,AT*SWG*E0100*2,CCS2,300,on\n'
    )
    preview = await offered(office, text)
    assert (preview.mistakes, preview.new_stations, preview.ignored) == ((), 1, ("service",))
    await station_import.apply(await office.by("ada"), preview.fingerprint)
    found = await kept(database, "NEW-1")
    assert found == Station(
        "NEW-1",
        OPERATOR.id,
        "murpark",
        False,
        (
            Evse("AT*SWG*E0100*1", "NEW-1", 1, "CCS2", 300),
            Evse("AT*SWG*E0100*2", "NEW-1", 2, "CCS2", 300),
        ),
    )
    places = await database.read(lambda uow: uow.operators.locations(OPERATOR.id))
    assert Location("murpark", "Murpark", "Ostbahnstr. 3", "8041", "Graz", "AT", 47.0412, 15.4721) in places
    assert {each.act for each in await office.acts()} == {
        "location.created",
        "station.created",
        "stations.imported",
    }
    assert await database.read(lambda uow: uow.service.changes_of("NEW-1", most=1)) == []


async def test_columns_for_reading_change_neither_service_nor_technician(
    office: Office, database: Database
) -> None:
    text = "station_id;service;technician_name;technician_phone;directions\nLINZ-01;off;T****;+43 *** **56;Row C\n"
    await applied(office, text)
    assert await kept(database, "LINZ-01") == replace(STATIONS[0], directions="Row C")


async def test_what_the_file_does_not_name_stays_and_an_empty_cell_empties(
    office: Office, database: Database
) -> None:
    full = replace(STATIONS[0], directions="Row C", pending_after_minutes=5, offline_after_minutes=9)
    await database.write(lambda uow: put(uow, full))
    await applied(office, "station_id;location_id\nLINZ-01;empty\n")
    assert await kept(database, "LINZ-01") == replace(full, location_id="empty")
    text = "station_id;directions;pending_after_minutes;offline_after_minutes;company\nLINZ-01;;;;\n"
    await applied(office, text)
    emptied = Station("LINZ-01", OPERATOR.id, "empty", True, full.evses, full.technician)
    assert await kept(database, "LINZ-01") == emptied
    await applied(office, HEAD + "LINZ-01;1;;;\n")
    assert (await kept(database, "LINZ-01")).evses == ()


async def test_evse_ids_change_places_between_stations_of_one_file(
    office: Office, database: Database
) -> None:
    await applied(office, HEAD + "GRAZ-01;1;AT*SWG*E0002;CCS2;150\nGRAZ-02;1;AT*SWG*E0001;CCS2;150\n")
    found = [(await kept(database, name)).evses[0].evse_id for name in ("GRAZ-01", "GRAZ-02")]
    assert found == ["AT*SWG*E0002", "AT*SWG*E0001"]


async def test_an_evse_id_of_an_open_case_is_not_taken_away(office: Office, database: Database) -> None:
    await database.write(town.new_case)
    assert mistakes(await offered(office, HEAD + "GRAZ-01;1;;;\n")) == [(2, "refusal.evse.in_case")]
    assert mistakes(await offered(office, HEAD + "GRAZ-01;1;AT*SWG*E9;CCS2;1\n")) == [
        (2, "refusal.evse.in_case")
    ]
    assert mistakes(await offered(office, HEAD + "GRAZ-01;1;AT*SWG*E0001;CCS2;1\n")) == []


async def test_locations_are_named_by_name_where_that_is_clear(office: Office, database: Database) -> None:
    await applied(office, "station_id;location_name\nGRAZ-01;Linz Süd\n")
    assert (await kept(database, "GRAZ-01")).location_id == "linz"
    twin = Location("linz-2", "Linz Süd", "Weg 1", "4020", "Linz", "AT", 48.3, 14.3)
    await database.write(lambda uow: uow.operators.put_location(OPERATOR.id, twin))
    assert mistakes(await offered(office, "station_id;location_name\nGRAZ-02;Linz Süd\n")) == [
        (2, "location_ambiguous")
    ]
    # Where a station stands at one of the two, it stays there.
    assert (await offered(office, "station_id;location_name\nGRAZ-01;Linz Süd\n")).differences == ()


async def test_a_location_is_changed_once_for_all_its_lines(office: Office, database: Database) -> None:
    text = "station_id;location_id;city\nLINZ-01;linz;Leonding\nNORD-01;linz;\n"
    preview = await offered(office, text)
    (change,) = preview.differences
    assert (change.line, change.subject, change.fields) == (2, "linz", (("city", "Linz", "Leonding"),))
    await station_import.apply(await office.by("ada"), preview.fingerprint)
    places = await database.read(lambda uow: uow.operators.locations(OPERATOR.id))
    assert next(each.city for each in places if each.id == "linz") == "Leonding"


async def test_nobody_imports_beyond_their_companies(office: Office, database: Database) -> None:
    before = await everything(database)
    for text, expected in (
        ("station_id;directions\nWELS-01;x\n", [(2, "station_taken")]),
        ("station_id;directions\nOTHER-01;x\n", [(2, "station_taken")]),
        ("station_id;location_id\nLINZ-01;wels\n", [(2, "location_right")]),
        ("station_id;company\nLINZ-01;wels\n", [(2, "refusal.station.no_company")]),
        ("station_id;company\nLINZ-01;\n", [(2, "refusal.station.no_company")]),
        ("station_id;location_id\nNEW-1;linz\n", [(2, "refusal.station.no_company")]),
        ("station_id;location_id;city\nLINZ-01;wels;Here\n", [(2, "location_right"), (2, "location_right")]),
    ):
        assert mistakes(await offered(office, text, by="bea")) == expected, text
    assert await everything(database) == before
    await applied(office, "station_id;location_id;company\nNEW-1;linz;nord\n", by="bea")
    assert (await kept(database, "NEW-1")).entity_id == "nord"


async def test_an_import_needs_the_right_to_stations_at_every_step(
    office: Office, database: Database
) -> None:
    for doing in (
        station_import.may_import(await office.by("nora")),
        offered(office, "station_id;directions\nNORD-01;x\n", by="nora"),
        station_import.apply(await office.by("nora"), "0" * 16),
        station_import.discard(await office.by("nora")),
        station_import.export(await office.by("anna"), "."),
    ):
        with pytest.raises(MissingRight):
            await doing
    preview = await offered(office, "station_id;directions\nLINZ-01;x\n", by="bea")
    await grant(database, "Branch", Right.STATION_LIST, scope=Scope.ENTITY_AND_BELOW)
    with pytest.raises(MissingRight):
        await station_import.apply(await office.by("bea"), preview.fingerprint)
    assert (await kept(database, "LINZ-01")).directions is None


async def test_a_change_by_somebody_else_meanwhile_is_shown_instead_of_applied(
    office: Office, database: Database
) -> None:
    text = "station_id;directions\nGRAZ-01;Row C\n"
    preview = await offered(office, text)
    await station_data.set_directions(await office.by("ada"), "GRAZ-01", "Row D")
    outcome = await station_import.apply(await office.by("ada"), preview.fingerprint)
    assert isinstance(outcome, Outdated)
    assert outcome.preview.differences[0].fields == (("directions", "Row D", "Row C"),)
    assert (await kept(database, "GRAZ-01")).directions == "Row D"
    again = await station_import.apply(await office.by("ada"), outcome.preview.fingerprint)
    assert isinstance(again, Imported)
    assert (await kept(database, "GRAZ-01")).directions == "Row C"


async def test_a_later_file_takes_the_place_of_an_earlier_one(office: Office, database: Database) -> None:
    first = await offered(office, "station_id;directions\nGRAZ-01;first\n")
    await offered(office, "station_id;directions\nGRAZ-01;second\n")
    assert isinstance(await station_import.apply(await office.by("ada"), first.fingerprint), Outdated)
    assert (await kept(database, "GRAZ-01")).directions is None


async def test_a_file_is_applied_once_and_not_after_it_was_discarded(office: Office) -> None:
    preview = await offered(office, "station_id;directions\nGRAZ-01;x\n")
    await station_import.apply(await office.by("ada"), preview.fingerprint)
    await refused("csv.gone", station_import.apply(await office.by("ada"), preview.fingerprint))
    preview = await offered(office, "station_id;directions\nGRAZ-01;y\n")
    await station_import.discard(await office.by("ada"))
    await refused("csv.gone", station_import.apply(await office.by("ada"), preview.fingerprint))


async def test_nobody_applies_the_file_of_somebody_else(office: Office) -> None:
    preview = await offered(office, "station_id;directions\nLINZ-01;x\n")
    await refused("csv.gone", station_import.apply(await office.by("bea"), preview.fingerprint))


async def test_what_is_no_table_is_refused_before_anything_is_kept(
    office: Office, database: Database
) -> None:
    with pytest.raises(Refusal) as caught:
        await offered(office, "hello")
    assert caught.value.key == "csv.no_header"
    ada = office.ids["ada"]
    assert await database.read(lambda uow: uow.imports.get(OPERATOR.id, ada)) is None


async def test_every_column_is_taken_in_or_is_for_reading(office: Office) -> None:
    content = await station_import.export(await office.by("ada"), ".")
    assert read(decoded(content)).columns == set(COLUMNS)
