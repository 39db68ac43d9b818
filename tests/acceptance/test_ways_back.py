"""An admin who has gone astray always finds a way back, and is asked before anything grave happens."""

from collections.abc import AsyncIterator

import pytest

from tests.acceptance.conftest import Stage
from tests.acceptance.office import Office, at_work, parts

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
async def office(stage: Stage) -> AsyncIterator[Office]:
    async with at_work(stage) as opened:
        yield opened


async def test_the_button_under_a_file_leads_on_in_a_message_of_its_own(stage: Stage) -> None:
    stage.ada.command("export")
    file = await stage.sees(stage.ada, "All stations that you may see", button="‹ Import and export")
    stage.ada.press("‹ Import and export", file)
    page = await stage.sees(stage.ada, "An import first shows what it would change", button="⬆️ Import")
    assert page.id > file.id and "document" in stage.chat(stage.ada).messages[file.id].body


async def test_who_is_refused_after_a_command_is_led_to_the_menu(stage: Stage) -> None:
    stage.ada.command("billing november")
    refused = await stage.sees(stage.ada, "Please name the month like this", button="‹ Menu")
    stage.ada.press("‹ Menu", refused)
    await stage.sees(stage.ada, "Your groups: Administrators")


async def test_a_photo_where_words_are_wanted_is_told_so_and_the_question_stays_open(stage: Stage) -> None:
    stage.ada.command("technician GRAZ-02")
    stage.ada.press("✏️ Enter", await stage.sees(stage.ada, "Nobody is set", button="✏️ Enter"))
    await stage.sees(stage.ada, "Who repairs GRAZ-02?\nWrite name, phone and e-mail")
    stage.ada.photo(PNG)
    await stage.sees(stage.ada, "Please write it as text.")
    stage.ada.text("Tina, +43 664 1112223")
    await stage.sees(stage.ada, "Technician of GRAZ-02")


async def test_the_hotline_is_unlinked_only_by_whoever_says_yes(stage: Stage) -> None:
    stage.ada.command("hotline")
    name = "👥 Hotline Graz"
    stage.ada.press(name, await stage.sees(stage.ada, "open cases: 0", button=name))
    page = await stage.sees(stage.ada, "What do its agents speak?", button="👥 Take this group out")
    stage.ada.press("👥 Take this group out", page)
    asked = await stage.sees(stage.ada, "From then on no agent hears of new reports", button="👥 Take it out")
    assert await stage.database.read(lambda uow: uow.hotlines.holder(stage.hotline.id)) == "stadtwerke-graz"
    stage.ada.press("👥 Take it out", asked)
    await stage.sees(stage.ada, "Group: none")
    assert await stage.database.read(lambda uow: uow.hotlines.of("stadtwerke-graz")) == []


async def test_stickers_cannot_lead_to_a_page_that_nobody_can_open(stage: Stage) -> None:
    stage.ada.command("hotline")
    page = await stage.sees(stage.ada, "Stickers open the chat at once", button="🏷 What stickers open")
    press = stage.ada.press("🏷 What stickers open", page)
    await stage.world.wait_for(lambda: press.answered and "There is no landing page" in (press.text or ""))
    assert "Stickers open the chat at once" in stage.chat(stage.ada).messages[page.id].text


async def test_a_location_and_a_group_are_found_by_a_part_of_their_names(stage: Stage) -> None:
    stage.ada.command("technician hauptbahn")
    await stage.sees(stage.ada, "Technicians at Graz Hauptbahnhof")
    stage.ada.command("rights admin")
    await stage.sees(stage.ada, "Administrators · Rights")


async def test_only_the_staff_reads_of_the_menu_in_the_help(stage: Stage) -> None:
    for person in (stage.ada, stage.lena):
        person.command("help")
    shown = await stage.sees(stage.ada, "calls a person at any time")
    assert "You work for Stadtwerke Graz: /menu" in shown.text
    shown = await stage.sees(stage.lena, "calls a person at any time")
    assert "/menu" not in shown.text


async def test_a_month_is_refused_in_the_singular_while_there_is_only_one(office: Office) -> None:
    office.stage.ada.command("billing 2024-01")
    await office.sees(office.stage.ada, "So far there is only the statement of")


async def test_an_email_of_an_ending_speaks_of_cases_only_where_there_were_any(office: Office) -> None:
    ada = office.stage.ada
    ada.command("deactivate GRAZ-01")
    quote = await office.sees(ada, "There are no open cases there")
    ada.press("Disable service for this charging station", quote)
    await office.sees(ada, "⏹ Disabled: 1 charging station")
    for form in parts(await office.mailed("admin@example.org")):
        assert "have ended there at once" in form
        assert "Open cases" not in form


async def test_who_taps_twice_reads_that_it_is_done_and_is_not_alarmed(office: Office) -> None:
    ada = office.stage.ada
    ada.command("activate GRAZ-02")
    quote = await office.sees(ada, "Activate: 1", button="✅ Activate now: €9.90 a month")
    for _ in range(2):
        ada.press("✅ Activate now: €9.90 a month", quote)
    shown = await office.sees(ada, "✅ That is done already.")
    assert "Active already: GRAZ-02" in shown.text
    assert "Something has changed" not in shown.text
    changes = await office.stage.database.read(
        lambda uow: [
            act for act in uow.audit.list("stadtwerke-graz", most=50) if act.act == "service.activated"
        ]
    )
    assert len(changes) == 1
