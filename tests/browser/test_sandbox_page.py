"""One person plays them all: the driver, the hotline, the technician and the stations."""

import re

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.conftest import CHROMIUM, PHONE, ZONE, picture

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")

RESTART = 15_000


def driver(page: Page) -> Locator:
    return page.locator("#panel-driver")


def hotline(page: Page) -> Locator:
    return page.locator("#panel-hotline")


def technician(page: Page) -> Locator:
    return page.locator("#panel-technician")


def station(page: Page, number: str) -> Locator:
    return page.locator(f'[data-station="{number}"]')


async def tap(panel: Locator, label: str) -> None:
    """Presses the newest inline button with this label."""
    await panel.get_by_role("button", name=label).last.click()


async def shown(panel: Locator, text: str, within: float = 8_000) -> None:
    await expect(panel.get_by_role("log")).to_contain_text(text, timeout=within)


async def newest(panel: Locator, text: str, within: float = 8_000) -> None:
    """The newest message says it, whatever older ones say."""
    await expect(panel.get_by_role("listitem").last).to_contain_text(text, timeout=within)


async def write(panel: Locator, text: str) -> None:
    await panel.get_by_role("textbox").fill(text)
    await panel.get_by_role("button", name="Send", exact=True).click()


async def test_a_hung_station_is_reported_restarted_and_rated(page: Page) -> None:
    hung, lena = station(page, "GRAZ-02"), driver(page)
    await hung.get_by_role("button", name="Let it hang").click()
    await expect(hung).to_contain_text("InternalError")
    await hung.get_by_role("button", name="Scan the sticker AT*SWG*E0002*1").click()
    await shown(lena, "Graz Hauptbahnhof, Europaplatz 4")
    await tap(lena, "Will not start")
    await shown(lena, "The station has an internal error.")
    await hung.get_by_role("button", name="Controls of GRAZ-02").click()
    await tap(lena, "Restart the station")
    await expect(page.locator(".frame.call.in").filter(has_text="Reset")).to_be_visible()
    await shown(lena, "The station has restarted and says: free.", RESTART)
    await expect(hung).to_contain_text("Available")
    await picture(page, "report")
    await page.keyboard.press("Escape")
    await tap(lena, "It works now")
    await shown(lena, "How was our help?")
    await tap(lena, "5 ⭐")
    await shown(lena, "Thank you! Have a good trip.")


async def test_a_station_of_ocpp_201_is_restarted_once_it_is_idle(page: Page) -> None:
    hung, lena = station(page, "GRAZ-06"), driver(page)
    await hung.get_by_role("button", name="Controls of GRAZ-06").click()
    controls = page.locator("#drawer").get_by_role("group", name=re.compile("Connector 1"))
    await controls.get_by_label("Error code").first.select_option("InternalError")
    await controls.get_by_label("Goes away").first.select_option("by a restart")
    await controls.get_by_role("button", name="Fault", exact=True).click()
    told = page.locator(".frame.call.out").filter(has_text="NotifyEvent")
    await expect(told.first).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(hung).to_contain_text("InternalError")
    await hung.get_by_role("button", name="Scan the sticker AT*SWG*E0006*1").click()
    await shown(lena, "LKH Graz, Stiftingtalstraße 30")
    await tap(lena, "Will not start")
    await newest(lena, "The station has an internal error.")
    await hung.get_by_role("button", name="Controls of GRAZ-06").click()
    await tap(lena, "Restart the station")
    reset = page.locator(".frame.call.in").filter(has_text="Reset")
    await expect(reset).to_contain_text("OnIdle")
    await newest(lena, "The station has restarted and says: free.", RESTART)
    await expect(hung).to_contain_text("Available")
    await picture(page, "ocpp-2.0.1")
    await page.keyboard.press("Escape")
    await newest(lena, "Does it work now?")
    await tap(lena, "It works now")
    await newest(lena, "How was our help?")
    await tap(lena, "5 ⭐")
    await newest(lena, "Thank you! Have a good trip.")


async def test_a_location_behind_a_back_end_says_that_it_is_out_of_order_and_not_why(page: Page) -> None:
    location, lena = station(page, "GRAZ-08"), driver(page)
    await location.get_by_role("button", name="Put out of order").click()
    await expect(location).to_contain_text("Out of order")
    await location.get_by_role("button", name="Scan the sticker AT*SWG*E0008*1").click()
    await location.get_by_role("button", name="Controls of GRAZ-08").click()
    await expect(page.locator("#drawer")).to_contain_text("Connected · Back end OCPI 2.2.1")
    await expect(page.locator(".frame.call.out").filter(has_text="PATCH locations").first).to_be_visible()
    await shown(lena, "Opernring, Opernring 20")
    await tap(lena, "Will not start")
    await newest(lena, "out of order, and does not say why", RESTART)
    told = lena.get_by_role("listitem").last
    await expect(told.get_by_role("button", name="Talk to a person")).to_be_visible()
    await expect(told.get_by_role("button", name="Restart the station")).to_have_count(0)
    await picture(page, "ocpi")
    await page.keyboard.press("Escape")
    await location.get_by_role("button", name="Make it well").click()
    await expect(location).not_to_contain_text("Out of order")
    await tap(lena, "It works now")


async def test_every_station_says_how_it_is_connected(page: Page) -> None:
    for number, how in (("GRAZ-01", "OCPP 1.6"), ("GRAZ-03", "OCPP 2.0.1"), ("GRAZ-08", "OCPI")):
        await expect(station(page, number).locator(".portrait")).to_have_text(how)


async def test_a_driver_who_asks_for_a_person_talks_with_an_agent(page: Page) -> None:
    lena, anna = driver(page), hotline(page)
    await lena.get_by_role("button", name="Scan a sticker").click()
    sticker = page.locator(".sticker-card").filter(has_text="AT*SWG*E0001*2")
    await sticker.get_by_role("button", name="Send a photo").click()
    await shown(lena, "AT*SWG*E0001*2")
    await tap(lena, "Talk to a person")
    await shown(lena, "A person has been called and joins you here.")
    await expect(anna.get_by_role("button", name=re.compile("E0001"))).to_be_visible()
    await shown(anna, "waiting for an agent")
    await tap(anna, "Take over")
    await expect(anna.locator(".toast")).to_have_text("The case is yours.")
    await shown(lena, "Anna has joined.")
    await write(anna, "Hello Lena, what does the display say?")
    await shown(lena, "Hello Lena, what does the display say?")
    await write(lena, "It says: please wait.")
    await shown(anna, "It says: please wait.")
    await expect(anna.locator(".toast")).to_have_count(0)
    await picture(page, "hotline")
    await write(anna, "/close")
    await shown(lena, "The hotline has closed your report.")
    await tap(lena, "4 ⭐")
    await shown(anna, "The driver gives 4 of 5.")


async def test_a_ground_fault_sends_nothing_but_a_technician(page: Page) -> None:
    await page.get_by_role("button", name="A ground fault: nothing is sent").click()
    guide = page.get_by_role("region", name="Guide")
    await expect(guide).to_contain_text("GRAZ-03 has a ground fault.")
    for step in range(1, 9):
        await expect(guide).to_contain_text(f"{step}/8", timeout=8_000)
        await guide.get_by_role("button", name="Do it for me").click()
    await expect(guide).to_contain_text("Done.", timeout=8_000)
    await shown(technician(page), "The station agrees.")
    await guide.get_by_role("button", name="Close").click()
    await station(page, "GRAZ-03").get_by_role("button", name="Controls of GRAZ-03").click()
    sent = page.locator(".frame.call.in").filter(has_not_text="TriggerMessage")
    await expect(page.locator(".frame").first).to_be_visible()
    assert await sent.count() == 0
    await page.keyboard.press("Escape")


async def test_what_is_written_while_the_bot_is_dead_is_answered_after_its_restart(page: Page) -> None:
    lena = driver(page)
    await page.get_by_role("button", name="Kill the bot").click()
    await expect(page.get_by_role("status")).to_contain_text("Bot was killed")
    await write(lena, "AT*SWG*E0007*1")
    await page.get_by_role("button", name="Start it again").click()
    await shown(lena, "For help at this station, please call Stadtwerke Graz", RESTART)
    await expect(page.get_by_role("status")).to_contain_text("Bot runs")
    await expect(station(page, "GRAZ-07")).to_contain_text("Available")


async def test_the_page_is_at_home_on_a_desk_and_on_a_phone(page: Page, browser: Browser) -> None:
    for number in ("GRAZ-01", "GRAZ-03", "GRAZ-04", "GRAZ-05", "GRAZ-06", "GRAZ-07"):
        await station(page, number).locator(".mood").click()
    await expect(station(page, "GRAZ-05")).to_contain_text("Offline")
    await station(page, "GRAZ-02").get_by_role("button", name=re.compile("Scan")).click()
    await shown(driver(page), "What is wrong?")
    await picture(page, "sandbox-light")
    await page.emulate_media(color_scheme="dark")
    await picture(page, "sandbox-dark")
    await fits(page, 1440)
    context = await browser.new_context(viewport=PHONE, has_touch=True, timezone_id=ZONE)
    phone = await context.new_page()
    await phone.goto(page.url)
    for tab, seen in (("Stations", "#stations"), ("Hotline", "#panel-hotline"), ("Driver", "#panel-driver")):
        await phone.get_by_role("navigation", name="Who you are").get_by_role("button", name=tab).click()
        await expect(phone.locator(seen)).to_be_visible()
        await fits(phone, 390)
    await expect(driver(phone).get_by_role("textbox")).to_be_in_viewport()
    await picture(phone, "sandbox-phone")


async def fits(page: Page, width: int) -> None:
    """Nothing reaches beyond the window."""
    assert await page.evaluate("document.documentElement.scrollWidth") == width
    assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight")
