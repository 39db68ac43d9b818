"""An admin finds stations, reads their data sheets, and changes them one by one or by a file."""

from dataclasses import replace

from bot.domain.evse_id import compact
from bot.domain.operator import Evse, Group, Location, Station
from bot.domain.rights import Entity, Right, Scope
from bot.operations.station_csv import COLUMNS, decoded, read
from bot.sandbox.telegram.model import Message
from storage.repositories.people import Identity
from storage.repositories.staff import Colleague
from storage.uow import UnitOfWork
from tests.acceptance.conftest import EVSE_1, EVSE_INACTIVE, Stage
from tests.acceptance.test_desk import handed

OPERATOR = "stadtwerke-graz"
NORTH = Location("nord", "Parkhaus Nord", "Wiener Straße 1", "8051", "Graz", "AT", 47.1, 15.41)


def build(uow: UnitOfWork) -> None:
    """A second location with a company's ten stations, and a viewer who sees only that company's."""
    uow.operators.put_location(OPERATOR, NORTH)
    uow.staff.put_entity(OPERATOR, Entity("nord", "Nord GmbH"))
    for number in range(1, 11):
        name = f"NORD-{number:02}"
        evse = Evse(f"AT*SWG*E1{number:03}*1", name, 1, "Type2", 22)
        put(uow, Station(name, OPERATOR, NORTH.id, number % 2 == 0, (evse,), entity_id="nord"))


def put(uow: UnitOfWork, station: Station) -> None:
    uow.operators.put_station(station, {each.evse_id: compact(each.evse_id) for each in station.evses})


async def viewer(stage: Stage, *rights: Right) -> None:
    """Tom belongs to the staff, sees his company's stations, and has these rights there."""

    def enter(uow: UnitOfWork) -> None:
        person = uow.people.meet([Identity(stage.tom.id, "Tom", None, "en")])[stage.tom.id]
        uow.staff.put_group(OPERATOR, Group("Viewers", Scope.ENTITY, frozenset(rights)))
        tom = Colleague(person.id, stage.tom.id, "Tom", "en", entity_id="nord", groups=("Viewers",))
        uow.staff.put(OPERATOR, tom)

    await stage.database.write(enter)


def labels(message: Message) -> list[str]:
    return [str(each["text"]) for each in message.buttons]


async def acts(stage: Stage) -> list[str]:
    return [each.act for each in await stage.database.read(lambda uow: uow.audit.list(OPERATOR, most=50))]


async def station(stage: Stage, name: str) -> Station:
    found = await stage.database.read(lambda uow: uow.operators.station(name))
    assert found is not None
    return found


async def test_the_list_is_searched_paged_and_filtered(stage: Stage) -> None:
    await stage.database.write(build)
    await stage.station()
    stage.ada.command("stations")
    shown = await stage.sees(stage.ada, "Stations (13)", button="2 of 2 ›")
    assert "GRAZ-01 · 🟢 in order · online\nGraz Hauptbahnhof · service active" in shown.text
    assert "GRAZ-02 · ⚪ never connected\nGraz Hauptbahnhof · no service" in shown.text
    assert len([each for each in labels(shown) if "GRAZ-" in each or "NORD-" in each]) == 8
    stage.ada.press("2 of 2 ›", shown)
    shown = await stage.sees(stage.ada, "NORD-10", button="‹ 1 of 2")
    stage.ada.press("🎚 Filter", shown)
    stage.ada.press("🟢 in order", await stage.sees(stage.ada, "Which stations"))
    shown = await stage.sees(stage.ada, "Stations (1)", button="🟢 GRAZ-01")
    stage.ada.press("🎚 Filter", shown)
    shown = await stage.sees(stage.ada, "Which stations", button="✓ 🟢 in order")
    stage.ada.press("✓ 🟢 in order", shown)
    shown = await stage.sees(stage.ada, "Stations (13)")
    stage.ada.press("🎚 Filter", shown)
    stage.ada.press("📍 Location", await stage.sees(stage.ada, "Which stations"))
    stage.ada.press("Parkhaus Nord, Graz (10)", await stage.sees(stage.ada, "Which location"))
    shown = await stage.sees(stage.ada, "📍 Parkhaus Nord")
    stage.ada.press("🎚 Filter", shown)
    stage.ada.press("no service", await stage.sees(stage.ada, "Which stations"))
    shown = await stage.sees(stage.ada, "Stations (5)")
    stage.ada.press("🔎 Search", shown)
    await stage.sees(stage.ada, "What are you looking for?")
    stage.ada.text("at swg e1 003")
    shown = await stage.sees(stage.ada, "Stations (1)", button="⚪ NORD-03")
    assert "📍 Parkhaus Nord · no service" in shown.text
    stage.ada.press("✖️ Show all", shown)
    await stage.sees(stage.ada, "Stations (13)")
    stage.ada.command("stations nowhere")
    await stage.sees(stage.ada, "No station is like that")
    stage.ada.command(f"stations {EVSE_1.replace('*', '').lower()}")
    await stage.sees(stage.ada, "Stations (1)", button="🟢 GRAZ-01")


async def test_a_data_sheet_shows_its_tabs(stage: Stage) -> None:
    simulated = await stage.station()
    simulated.fault(1, "GroundFailure")
    assert await stage.eventually(
        lambda uow: any(
            each.state.error_code == "GroundFailure" for each in uow.station_sheet.present("GRAZ-01")
        )
    )
    stage.ada.command(f"station {EVSE_1}")
    shown = await stage.sees(stage.ada, "🏭 Vendor: Sandbox", button="Charging points")
    assert "GRAZ-01 · Graz Hauptbahnhof\n🔴 fault · online · heard" in shown.text
    assert "Europaplatz 4, 8020 Graz, AT" in shown.text
    assert "Protocol: OCPP 1.6 · security: password" in shown.text
    assert "long-enough-1" not in shown.text
    tabs = ["Operational management", "Technician", "Errors", "History", "Stickers"]
    assert set(tabs) <= set(labels(shown))
    stage.ada.press("Charging points", shown)
    shown = await stage.sees(stage.ada, "AT*SWG*E0001*1 · CCS2 · 150 kW\n🔴 fault (GroundFailure), heard")
    assert "AT*SWG*E0001*2 · Type2 · 22 kW\n🟢 free, heard" in shown.text
    stage.ada.press("Errors", shown)
    shown = await stage.sees(stage.ada, "🔴 Connector 1: current to ground (GroundFailure), since")
    stage.ada.press("History", shown)
    shown = await stage.sees(stage.ada, "Connector 1: 🔴 current to ground", button="• History")
    assert "🔗 connected" in shown.text
    assert "Charging sessions: 0 on this day" in shown.text
    earlier = next(each for each in labels(shown) if each.startswith("‹ ") and each != "‹ Stations")
    stage.ada.press(earlier, shown)
    shown = await stage.sees(stage.ada, "Nothing is known of this day", button="• History")
    stage.ada.press("Operational management", shown)
    shown = await stage.sees(stage.ada, "Active since", button="• Operational management")
    stage.ada.press("‹ Stations", shown)
    await stage.sees(stage.ada, "Stations (3)")


async def test_without_its_right_operational_management_is_not_shown_and_asked_for_by_a_tap(
    stage: Stage,
) -> None:
    await stage.database.write(build)
    await viewer(stage, Right.STATION_LIST)
    stage.ada.start()
    stage.tom.command("station NORD-01")
    why = "🔒 “Operational management” is not shown: why?"
    shown = await stage.sees(stage.tom, "Parkhaus Nord", button=why)
    assert "✏️ Edit" not in labels(shown)
    assert {"Operational management", "Errors", "History", "Technician", "Stickers"}.isdisjoint(labels(shown))
    stage.tom.press(why, shown)
    shown = await stage.sees(stage.tom, "You lack the right", button="🙋 Ask them")
    assert "Activates the ‘Operations’ tab on the station data sheet" in shown.text
    assert "Infrastructure management" in shown.text
    assert "A**** (Administrators)" in shown.text
    stage.tom.press("🙋 Ask them", shown)
    await stage.sees(stage.tom, "Asked: A****")
    await stage.sees(stage.ada, "Tom asks for the right")
    stage.ada.command("rights Viewers")
    shown = await stage.sees(stage.ada, "Activates the ‘Operations’ tab", button="‹ Viewers")
    switch = next(each for each in labels(shown) if "Activates the" in each)
    stage.ada.press(switch, shown)
    await stage.sees(stage.tom, "You have the right “Activates the ‘Operations’ tab")
    stage.tom.command("station NORD-01")
    shown = await stage.sees(stage.tom, "Parkhaus Nord", button="Operational management")
    assert why not in labels(shown)


async def test_a_company_sees_its_own_stations_and_of_others_not_that_they_exist(stage: Stage) -> None:
    await stage.database.write(build)
    await viewer(stage, Right.STATION_LIST, Right.STATIONS)
    stage.tom.command("stations")
    shown = await stage.sees(stage.tom, "Stations (10)")
    assert "GRAZ-" not in shown.text
    for name in ("GRAZ-01", "NO-SUCH"):
        stage.tom.command(f"station {name}")
        await stage.sees(stage.tom, f"No station is found by “{name}”")
    stage.ada.command("station GRAZ-01")
    shown = await stage.sees(stage.ada, "Graz Hauptbahnhof", button="Charging points")
    data = next(str(each["callback_data"]) for each in shown.buttons if each["text"] == "Charging points")
    stage.tom.command("station NORD-01")
    own = await stage.sees(stage.tom, "Parkhaus Nord", button="Charging points")
    press = stage.tom._ask(stage.chat(stage.tom), own, data)
    assert await stage.world.wait_for(lambda: press.answered or None)
    assert "There is no such station" in str(press.view())


async def test_a_demoted_admins_open_buttons_do_nothing_more(stage: Stage) -> None:
    await stage.database.write(build)
    await viewer(stage, Right.STATION_LIST, Right.STATIONS)
    stage.tom.command("station edit NORD-01")
    shown = await stage.sees(stage.tom, "✏️ NORD-01", button="🧭 Directions")
    stage.tom.press("🧭 Directions", shown)
    await stage.sees(stage.tom, "How is NORD-01 found")
    await viewer(stage, Right.STATION_LIST)
    stage.tom.text("too late")
    await stage.sees(stage.tom, "You lack the right “Change stations”")
    assert (await station(stage, "NORD-01")).directions is None


async def test_a_charging_point_gets_its_evse_id_type_and_power(stage: Stage) -> None:
    await stage.station()
    await stage.database.write(lambda uow: put(uow, replace(_known(uow, "GRAZ-01"), evses=())))
    stage.ada.command("station edit GRAZ-01")
    shown = await stage.sees(stage.ada, "1 · ⚠️ no EVSE ID", button="🔌 Charging point 1")
    stage.ada.press("🔌 Charging point 1", shown)
    stage.ada.press("➕ EVSE ID", await stage.sees(stage.ada, "charging point 1", button="➕ EVSE ID"))
    await stage.sees(stage.ada, "as it is printed")
    stage.ada.text("hello")
    await stage.sees(stage.ada, "“HELLO” is not an EVSE ID")
    stage.ada.text(EVSE_INACTIVE)
    await stage.sees(stage.ada, f"The EVSE ID {EVSE_INACTIVE} is taken already")
    await stage.stop()
    await stage.start()
    stage.ada.text("at*swg*e0009*1")
    stage.ada.press("CCS2", await stage.sees(stage.ada, "What is charging point 1?"))
    await stage.sees(stage.ada, "How much power", button="22 kW")
    stage.ada.text("150,5")
    shown = await stage.sees(stage.ada, "✅ Saved.", button="🗑 Remove EVSE ID")
    assert "AT*SWG*E0009*1 · CCS2 · 150.5 kW" in shown.text
    stage.lena.text("AT*SWG*E0009*1")
    await stage.sees(stage.lena, "AT*SWG*E0009*1")
    stage.ada.press("⚡ Power", shown)
    stage.ada.press("22 kW", await stage.sees(stage.ada, "How much power", button="22 kW"))
    shown = await stage.sees(stage.ada, "AT*SWG*E0009*1 · CCS2 · 22 kW")
    stage.ada.press("🔌 Type", shown)
    await stage.sees(stage.ada, "What is charging point 1?")
    stage.ada.text("Pantograph")
    shown = await stage.sees(stage.ada, "AT*SWG*E0009*1 · Pantograph · 22 kW")
    stage.ada.press("🗑 Remove EVSE ID", shown)
    shown = await stage.sees(stage.ada, "Stickers with it lead nowhere then", button="🗑 Yes, remove it")
    stage.ada.press("🗑 Yes, remove it", shown)
    await stage.sees(stage.ada, "✅ Saved.", button="➕ Charging point")
    assert (await station(stage, "GRAZ-01")).evses == ()
    assert (await acts(stage))[:4] == ["station.changed"] * 4


def _known(uow: UnitOfWork, name: str) -> Station:
    found = uow.operators.station(name)
    assert found is not None
    return found


async def test_a_station_gets_a_new_location_company_directions_and_waiting_times(stage: Stage) -> None:
    await stage.database.write(build)
    stage.ada.command("station edit GRAZ-02")
    shown = await stage.sees(stage.ada, "✏️ GRAZ-02", button="📍 Location")
    stage.ada.press("📍 Location", shown)
    stage.ada.press("➕ New location", await stage.sees(stage.ada, "Where does GRAZ-02 stand?"))
    await stage.sees(stage.ada, "What is it called?")
    for said, asked in (
        ("Murpark", "Street and number?"),
        ("Ostbahnstraße 3", "Postal code?"),
        ("8041", "City?"),
        ("Graz", "Country"),
        ("Austria", "A country has two letters"),
        ("at", "Coordinates"),
        ("97.1, 15.4", "no coordinates of a place on earth"),
        ("47,0412 15,4721", "📍 Murpark, Ostbahnstraße 3, 8041 Graz, AT"),
    ):
        stage.ada.text(said)
        shown = await stage.sees(stage.ada, asked)
    stage.ada.press("🏢 Company", shown)
    stage.ada.press("Nord GmbH", await stage.sees(stage.ada, "Whose is GRAZ-02?"))
    shown = await stage.sees(stage.ada, "🏢 Nord GmbH", button="🧭 Directions")
    stage.ada.press("🧭 Directions", shown)
    await stage.sees(stage.ada, "How is GRAZ-02 found")
    stage.ada.text("Level -2, gate code 4711")
    shown = await stage.sees(stage.ada, "🧭 Level -2, gate code 4711", button="⏱ Reachability")
    stage.ada.press("⏱ Reachability", shown)
    await stage.sees(stage.ada, "Write both numbers")
    stage.ada.text("20 10")
    await stage.sees(stage.ada, "Please write two numbers")
    stage.ada.text("10 and 20")
    shown = await stage.sees(stage.ada, "pending after 10 min, offline after 20 min (times of its own)")
    stage.ada.press("‹ Data sheet", shown)
    shown = await stage.sees(stage.ada, "🧭 Level -2", button="Charging points")
    assert "offline after 20 (times of its own)" in shown.text
    found = await station(stage, "GRAZ-02")
    assert (found.location_id, found.entity_id, found.pending_after_minutes) == ("murpark", "nord", 10)


async def test_a_question_that_is_left_by_a_button_takes_no_more_words(stage: Stage) -> None:
    stage.ada.command("station edit GRAZ-02")
    shown = await stage.sees(stage.ada, "✏️ GRAZ-02", button="🧭 Directions")
    stage.ada.press("🧭 Directions", shown)
    shown = await stage.sees(stage.ada, "How is GRAZ-02 found", button="‹ Back")
    stage.ada.press("‹ Back", shown)
    await stage.sees(stage.ada, "✏️ GRAZ-02", button="🧭 Directions")
    stage.ada.text("these are no directions")
    # What is written in one chat is handled in its order.
    stage.ada.command("menu")
    await stage.sees(stage.ada, "Your groups: Administrators")
    assert (await station(stage, "GRAZ-02")).directions is None


async def test_a_location_is_changed_with_checked_coordinates(stage: Stage) -> None:
    stage.ada.command("location edit hauptbahnhof")
    shown = await stage.sees(stage.ada, "Stations here: 3", button="🗺 Coordinates")
    stage.ada.press("🗺 Coordinates", shown)
    await stage.sees(stage.ada, "Coordinates, as a map shows them?")
    stage.ada.text("north pole")
    await stage.sees(stage.ada, "no coordinates of a place on earth")
    stage.ada.text("https://maps.example.org/@47.0730,15.4170,17z")
    shown = await stage.sees(stage.ada, "47.073, 15.417", button="✏️ Name")
    stage.ada.press("✏️ Name", shown)
    await stage.sees(stage.ada, "What is it called?")
    stage.ada.text("Graz Hbf")
    await stage.sees(stage.ada, "📍 Graz Hbf", button="🗺 Coordinates")
    assert (await acts(stage))[:2] == ["location.changed", "location.changed"]
    stage.scan(stage.lena, EVSE_1)
    await stage.sees(stage.lena, "Graz Hbf")


async def test_stations_are_exported_changed_in_a_spreadsheet_and_imported(stage: Stage) -> None:
    stage.ada.start()
    stage.ada.command("export")
    name, content = await handed(stage, ".csv")
    assert name.startswith("stations-stadtwerke-graz-")
    table = read(decoded(content))
    assert table.columns == set(COLUMNS)
    assert table.lines[0].get("technician_name") == "Tom Technician"
    text = content.decode("utf-8-sig")
    changed = text.replace(";CCS2;150;", ";CCS2;300;", 1).replace("AT*SWG*E0003*1", "AT*SWG*E0033*1")
    stage.ada.command("import")
    await stage.sees(stage.ada, "Send the CSV file as a document")
    stage.ada.document(changed.encode("utf-8-sig"), "stations.csv")
    shown = await stage.sees(
        stage.ada, "Lines: 4 · new: 0 · changed: 2 · unchanged: 2", button="✅ Apply all of it"
    )
    assert "GRAZ-01 (line 2)" in shown.text
    assert "AT*SWG*E0001*1, CCS2, 150 kW → AT*SWG*E0001*1, CCS2, 300 kW" in shown.text
    assert "For reading only, they change nothing: service, technician_name" in shown.text
    assert (await station(stage, "GRAZ-01")).evses[0].power_kw == 150
    await stage.stop()
    await stage.start()
    stage.ada.press("✅ Apply all of it", shown)
    await stage.sees(stage.ada, "✅ Applied. Lines: new 0, changed 2.")
    assert (await station(stage, "GRAZ-01")).evses[0].power_kw == 300
    assert (await station(stage, "GRAZ-03")).evses[0].evse_id == "AT*SWG*E0033*1"
    assert (await acts(stage))[:3] == ["stations.imported", "station.changed", "station.changed"]


async def test_a_file_with_mistakes_is_told_by_line_and_sent_again(stage: Stage) -> None:
    stage.ada.command("import")
    await stage.sees(stage.ada, "Send the CSV file as a document")
    stage.ada.text(
        "station_id;connector;evse_id;type;power_kw\nGRAZ-02;1;XX;CCS2;300\nGRAZ-03;1;AT*SWG*E0003*1;CCS2;much"
    )
    shown = await stage.sees(stage.ada, "Mistakes: 2 · lines: 2\nNothing was changed.")
    assert "Line 2: “XX” is not an EVSE ID" in shown.text
    assert "Line 3: “much” is not a power" in shown.text
    assert "✅ Apply all of it" not in labels(shown)
    stage.ada.text('station_id,connector,power_kw\nGRAZ-03,1,"75,5"')
    shown = await stage.sees(stage.ada, "Lines: 1 · new: 0 · changed: 1", button="✅ Apply all of it")
    await stage.database.write(
        lambda uow: put(uow, replace(_known(uow, "GRAZ-03"), directions="moved")),
    )
    stage.ada.press("✅ Apply all of it", shown)
    shown = await stage.sees(stage.ada, "Nothing was applied", button="✅ Apply all of it")
    assert (await station(stage, "GRAZ-03")).evses[0].power_kw == 50
    stage.ada.press("✅ Apply all of it", shown)
    await stage.sees(stage.ada, "✅ Applied.")
    found = await station(stage, "GRAZ-03")
    assert (found.evses[0].power_kw, found.directions) == (75.5, "moved")


async def test_who_lacks_the_right_neither_exports_nor_imports(stage: Stage) -> None:
    await stage.database.write(build)
    await viewer(stage, Right.STATION_LIST)
    stage.tom.command("import")
    await stage.sees(stage.tom, "You lack the right “Change stations”")
    stage.anna.start()
    for command in ("export", "stations", "station GRAZ-01"):
        stage.anna.command(command)
        await stage.sees(stage.anna, "You lack the right “Station list”")
    assert not any("document" in each.body for each in stage.chat(stage.anna).messages.values())


async def test_an_admin_reads_german_where_they_speak_it(stage: Stage) -> None:
    anton = stage.world.person(1077, "Anton", "de")
    anton.start()

    def enter(uow: UnitOfWork) -> None:
        person = uow.people.meet([Identity(1077, "Anton", None, "de")])[1077]
        uow.staff.put(OPERATOR, Colleague(person.id, 1077, "Anton", "de", groups=("Administrators",)))

    await stage.database.write(enter)
    anton.command("stations")
    shown = await stage.sees(anton, "Stationsliste (3)", button="⚪ GRAZ-01")
    assert "mit Betriebsführung" in shown.text
    anton.press("⚪ GRAZ-01", shown)
    shown = await stage.sees(anton, "🏢 Gesellschaft: Stadtwerke Graz", button="Ladeanschlüsse")
    assert {"• Allgemein", "Betriebsführung", "Fehler", "Verlauf"} <= set(labels(shown))
