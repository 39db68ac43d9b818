"""The list of rights about stations names everything that there is."""

from bot.admin import data_sheet, location_edit, station_edit, station_files, stations
from tests.rights import of_stations

SECTIONS = (
    stations.SECTION,
    data_sheet.SECTION,
    station_edit.SECTION,
    location_edit.SECTION,
    station_files.SECTION,
)


def test_every_page_command_and_form_about_stations_stands_in_the_list() -> None:
    assert {name for each in SECTIONS for name in each.taps} == set(of_stations.PAGES)
    assert {name for each in SECTIONS for name in each.forms} == set(of_stations.FORMS)
    commands = {name.split()[0] for name in of_stations.COMMANDS}
    assert {name for each in SECTIONS for name in each.commands} == commands


def test_every_tab_stands_in_the_list_with_its_right_and_in_its_place() -> None:
    assert {each.key: each.right for each in data_sheet.TABS} == of_stations.TABS
    assert [each.key for each in data_sheet.TABS] == list(of_stations.TABS)
