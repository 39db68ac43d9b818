"""What can befall a station, from the driver's words to the end of it: seen, judged, mended or handed to a person."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import CHROMIUM, picture
from tests.browser.test_sandbox_page import (
    RESTART,
    driver,
    hotline,
    newest,
    shown,
    station,
    tap,
    technician,
    write,
)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")

JUDGED = 12_000
"""A station is asked before it is judged, and one that has just come back is given a moment."""
HARMLESS = ("TriggerMessage",)


async def scene(page: Page, number: str, label: str) -> None:
    """Plays a scene from the drawer of a station, which stays open."""
    await page.get_by_role("button", name=f"Controls of {number}").click()
    await page.locator("#drawer").get_by_role("button", name=label, exact=True).click()


async def close_drawer(page: Page) -> None:
    await page.keyboard.press("Escape")
    await expect(page.locator("#drawer")).to_be_hidden()


async def sent(page: Page, number: str) -> list[str]:
    """What the drawer shows of the commands that the station received, the oldest first; not what only asks it."""
    drawer = page.locator("#drawer")
    if not await drawer.is_visible():
        await page.get_by_role("button", name=f"Controls of {number}").click()
    names = await drawer.locator(".frame.call.in summary b").all_inner_texts()
    return [name for name in reversed(names) if name not in HARMLESS]


async def report(page: Page, evse_id: str, symptom: str = "Will not start") -> None:
    """Lena scans a sticker and says what is wrong."""
    lena = driver(page)
    await page.get_by_role("button", name=f"Scan the sticker {evse_id}").click()
    await newest(lena, evse_id)
    await newest(lena, "What is wrong?")
    await tap(lena, symptom)


async def be(panel: Locator, name: str) -> None:
    """Who one is in a panel."""
    await panel.get_by_role("group").get_by_role("button", name=name).click()


async def open_topic(page: Page, evse: str) -> None:
    """The newest topic of an EVSE, once it is there."""
    await hotline(page).get_by_role("button", name=re.compile(evse)).first.click()


async def let_pass(page: Page, span: str) -> None:
    await page.get_by_title("Let time pass for everybody").click()
    await page.get_by_role("menuitem", name=span).click()


async def end(page: Page) -> None:
    """Lena's report ends, so that the next story begins afresh."""
    lena = driver(page)
    await write(lena, "/cancel")
    await expect(lena.get_by_role("listitem").last).to_contain_text(
        re.compile("Ended|nothing to end|really want")
    )
    leave = lena.get_by_role("listitem").last.get_by_role("button", name="End it")
    if await leave.count():
        await leave.click()
        await newest(lena, "Ended.")


async def test_a_stuck_lock_is_opened_by_an_agent_and_nothing_else_is_sent(page: Page) -> None:
    jammed, lena, anna = station(page, "GRAZ-04"), driver(page), hotline(page)
    await jammed.get_by_role("button", name="Jam the lock").click()
    await expect(jammed).to_contain_text("ConnectorLockFailure")
    await report(page, "AT*SWG*E0004*1", "Cable is stuck")
    await newest(lena, "The cable is being held.", JUDGED)
    await expect(lena.get_by_role("button", name="Unlock")).to_have_count(0)
    await tap(lena, "Talk to a person")
    await open_topic(page, "E0004")
    await shown(anna, "ConnectorLockFailure")
    await tap(anna, "Take over")
    await shown(lena, "Anna has joined.")
    assert await sent(page, "GRAZ-04") == []
    await close_drawer(page)
    await tap(anna, "Remote actions")
    await tap(anna, "Unlock the cable")
    await tap(anna, "Send now: Unlock the cable")
    await expect(jammed).to_contain_text("Available", timeout=JUDGED)
    assert await sent(page, "GRAZ-04") == ["UnlockConnector"]
    await close_drawer(page)
    await write(anna, "/close")
    await shown(lena, "The hotline has closed your report.")


async def test_a_hung_station_that_a_restart_does_not_revive_comes_to_a_person(page: Page) -> None:
    hung, lena, anna = station(page, "GRAZ-02"), driver(page), hotline(page)
    await scene(page, "GRAZ-02", "Hang for good")
    await expect(hung).to_contain_text("InternalError")
    await close_drawer(page)
    await report(page, "AT*SWG*E0002*1")
    await newest(lena, "The station has an internal error.", JUDGED)
    await tap(lena, "Restart the station")
    await newest(lena, "That did not help.", RESTART)
    await newest(lena, "The restart has not solved the problem.")
    await expect(lena.get_by_role("listitem").last.get_by_role("button", name="Restart")).to_have_count(0)
    assert await sent(page, "GRAZ-02") == ["Reset"]
    await close_drawer(page)
    await tap(lena, "Talk to a person")
    await open_topic(page, "E0002")
    await shown(anna, "The restart has not solved the problem.")
    await tap(anna, "Take over")
    await shown(lena, "Anna has joined.")
    await write(anna, "/close")
    await shown(lena, "The hotline has closed your report.")


async def test_a_station_that_does_not_come_back_is_an_escalation_of_its_own(page: Page) -> None:
    gone, lena, anna = station(page, "GRAZ-05"), driver(page), hotline(page)
    await scene(page, "GRAZ-05", "Never come back")
    await close_drawer(page)
    await report(page, "AT*SWG*E0005*1")
    await newest(lena, "The station has an internal error.", JUDGED)
    await tap(lena, "Restart the station")
    await expect(gone).to_contain_text("Did not come back", timeout=RESTART)
    await let_pass(page, "5 minutes")
    await newest(lena, "A person has been called", JUDGED)
    await open_topic(page, "E0005")
    await shown(anna, "Restart (soft): it did not come back.", JUDGED)
    assert await sent(page, "GRAZ-05") == ["Reset"]
    await close_drawer(page)
    await tap(anna, "Take over")
    await gone.get_by_role("button", name="Make it well").click()
    await expect(gone).to_contain_text("Available", timeout=RESTART)
    await write(anna, "/close")
    await shown(lena, "The hotline has closed your report.")


async def test_a_flapping_connector_is_not_restarted(page: Page) -> None:
    loose, lena = station(page, "GRAZ-04"), driver(page)
    await scene(page, "GRAZ-04", "Loose contact")
    told = page.locator("#drawer .frame.call.out").filter(has_text="InternalError")
    await expect(told).to_have_count(4)
    await close_drawer(page)
    await expect(loose).to_contain_text("InternalError")
    await report(page, "AT*SWG*E0004*1")
    await newest(lena, "The station keeps falling into a fault and out of it again.", JUDGED)
    offered = lena.get_by_role("listitem").last
    await expect(offered.get_by_role("button", name="Talk to a person")).to_be_visible()
    await expect(offered.get_by_role("button", name=re.compile("Restart|Repair"))).to_have_count(0)
    assert "Reset" not in await sent(page, "GRAZ-04")
    await close_drawer(page)
    await loose.get_by_role("button", name="Make it well").click()
    await end(page)


async def test_a_pause_is_load_management_first_and_a_stuck_station_after_a_quarter_of_an_hour(
    page: Page,
) -> None:
    paused, lena = station(page, "GRAZ-01"), driver(page)
    await scene(page, "GRAZ-01", "Pause and never go on")
    told = page.locator("#drawer .frame.call.out").filter(has_text="SuspendedEVSE")
    await expect(told).to_have_count(1)
    await close_drawer(page)
    await expect(paused).to_contain_text("Paused by the station")
    await report(page, "AT*SWG*E0001*1", "Stopped charging")
    await newest(lena, "Please give it a few minutes.", JUDGED)
    await end(page)
    await let_pass(page, "20 minutes")
    await report(page, "AT*SWG*E0001*1", "Stopped charging")
    await newest(lena, "The station has paused the charging.", JUDGED)
    await expect(lena.get_by_role("listitem").last).not_to_contain_text("Please give it a few minutes.")
    await tap(lena, "Repair it from here")
    await newest(lena, "The station says: ended, please unplug.", RESTART)
    await shown(lena, "✅ End the charging: helped")
    assert await sent(page, "GRAZ-01") == ["RemoteStopTransaction"]
    await close_drawer(page)
    await tap(lena, "It works now")
    await newest(lena, "How was our help?")


async def test_a_ground_fault_is_reported_and_the_station_receives_nothing(page: Page) -> None:
    leaking, lena, anna = station(page, "GRAZ-03"), driver(page), hotline(page)
    await leaking.get_by_role("button", name="Ground fault").click()
    await report(page, "AT*SWG*E0003*1")
    await shown(lena, "The station has found current leaking and has locked itself for safety.", JUDGED)
    await newest(lena, "A person has been called")
    await open_topic(page, "E0003")
    await shown(anna, "Ground")
    await tap(anna, "Take over")
    await shown(lena, "Anna has joined.")
    await expect(anna.get_by_role("button", name=re.compile("Restart|Unlock"))).to_have_count(0)
    await page.get_by_role("button", name="Controls of GRAZ-03").click()
    await expect(page.locator("#drawer .frame").first).to_be_visible()
    assert await sent(page, "GRAZ-03") == []
    await close_drawer(page)
    await leaking.get_by_role("button", name="Make it well").click()
    await write(anna, "/close")
    await shown(lena, "The hotline has closed your report.")


async def test_a_site_without_power_is_one_case_and_everybody_hears_when_it_is_back(page: Page) -> None:
    lena, anna = driver(page), hotline(page)
    await page.get_by_role("button", name="Cut the power of the site").click()
    garage = page.get_by_role("region", name="Garage Andreas-Hofer-Platz")
    await expect(garage.get_by_text("No power")).to_have_count(6)
    cases = anna.locator(".topic")
    before = await cases.count()
    await report(page, "AT*SWG*E0003*1")
    await shown(lena, "None of the stations at this site is in contact with us.", JUDGED)
    await newest(lena, "A person has been called", JUDGED)
    await expect(cases).to_have_count(before + 1)
    await open_topic(page, "E0003")
    await shown(anna, "None of the stations at this site")
    await be(lena, "Marco")
    await page.get_by_role("button", name="Scan the sticker AT*SWG*E0013*1").click()
    await page.wait_for_timeout(200)
    await be(lena, "Marco")
    await newest(lena, "Was stimmt nicht?")
    await tap(lena, "Startet nicht")
    await shown(lena, "Unsere Hotline weiß schon", JUDGED)
    await shown(anna, "Also reported at AT*SWG*E0013*1")
    await expect(cases).to_have_count(before + 1)
    await picture(page, "site")
    await tap(anna, "Take over")
    await page.get_by_role("button", name="Power returns").click()
    await expect(garage.get_by_text("No power")).to_have_count(0)
    await expect(garage.get_by_text("Available")).to_have_count(7, timeout=RESTART)
    # Stations that come back at the same moment are told in one line.
    told = (
        anna.get_by_role("log")
        .get_by_role("listitem")
        .filter(has_text=re.compile("GRAZ-13.* (is|are) back;"))
    )
    await expect(told).to_have_count(1, timeout=JUDGED)
    await shown(anna, "6 of 6 stations are in contact again", JUDGED)
    await newest(lena, "Die Station ist wieder mit uns verbunden", JUDGED)
    asked = lena.get_by_role("listitem").last
    await expect(asked.get_by_role("button", name="Es geht jetzt")).to_be_visible()
    await expect(asked.get_by_role("button", name="Geht noch nicht")).to_be_visible()
    # Anna has Lena's report and reads that the site is back, so that it is hers to say.
    await be(lena, "Lena")
    await newest(lena, "Anna has joined", JUDGED)
    await write(anna, "Power is back, please try again.")
    await newest(lena, "Power is back, please try again.", JUDGED)
    await be(lena, "Marco")
    await write(anna, "/close")
    await newest(lena, "dass der Standort wieder funktioniert", JUDGED)
    await be(lena, "Lena")
    await shown(lena, "The hotline has closed your report.")


async def test_a_technician_gets_the_job_by_chat_and_by_email(page: Page) -> None:
    lena, anna = driver(page), hotline(page)
    await station(page, "GRAZ-06").get_by_role("button", name="Hide a fault").click()
    await report(page, "AT*SWG*E0006*1")
    await newest(lena, "we believe you that something is wrong", JUDGED)
    await tap(lena, "Talk to a person")
    await open_topic(page, "E0006")
    await shown(anna, "waiting for an agent")
    await tap(anna, "Take over")
    await shown(lena, "Anna has joined.")
    await expect(anna.get_by_role("button", name="Hand back").last).to_be_visible()
    await tap(anna, "Technician")
    await shown(technician(page), "E0006")
    mails = page.get_by_role("button", name="E-mail")
    await expect(mails.locator(".badge")).to_have_text("1", timeout=JUDGED)
    await mails.click()
    sheet = page.get_by_role("dialog", name="E-mail")
    await expect(sheet.get_by_role("navigation")).to_contain_text("tom@example.org")
    await expect(sheet.get_by_role("article")).to_contain_text("LKH Graz")
