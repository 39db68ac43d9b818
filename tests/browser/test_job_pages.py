"""A technician without Telegram, on a phone: from the e-mail in the sandbox to "repaired", with a photo."""

import re

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.acceptance.talk import picture as photo
from tests.browser.conftest import CHROMIUM, PHONE, ZONE, picture
from tests.browser.test_sandbox_page import driver, hotline, shown, station, tap

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")

PAGE_BYTES = 20_000


@pytest.fixture
async def pocket(browser: Browser) -> Page:
    """The technician's phone, which runs no script at all."""
    context = await browser.new_context(
        viewport=PHONE, device_scale_factor=2, timezone_id=ZONE, java_script_enabled=False
    )
    return await context.new_page()


async def dispatched(page: Page) -> None:
    """A lock jams at the station whose technician is reached by e-mail alone, and Anna sends her."""
    jammed, lena = station(page, "GRAZ-04"), driver(page)
    await jammed.get_by_role("button", name="Jam the lock").click()
    await expect(jammed).to_contain_text("ConnectorLockFailure")
    await jammed.get_by_role("button", name="Scan the sticker AT*SWG*E0004*1").click()
    await shown(lena, "Messe Graz")
    await tap(lena, "Will not start")
    await shown(lena, "The lock of the plug does not move")
    await tap(lena, "Talk to a person")
    await shown(lena, "A person has been called")
    await tap(hotline(page), "Technician")
    await shown(lena, "A technician has been asked to come")


async def link(page: Page) -> str:
    """Where the button of the e-mail leads; it opens in a window of its own, as it is."""
    await page.get_by_role("button", name=re.compile("E-mail")).click()
    letter = page.frame_locator("iframe")
    button = letter.get_by_role("link", name="Open the job and answer")
    await expect(button).to_be_visible()
    await picture(page, "job-mail")
    async with page.context.expect_page() as opened:
        await button.click()
    window = await opened.value
    await expect(window.get_by_role("button", name="I take it")).to_be_visible()
    where = window.url
    await window.close()
    await page.locator("#letter-sheet").get_by_role("button", name="Close").click()
    return where


async def fits(phone: Page) -> None:
    """Nothing is wider than the screen, at 390 and at 360 pixels, and every button can be hit."""
    for width in (390, 360):
        await phone.set_viewport_size({"width": width, "height": 844})
        whole = await phone.locator("html").bounding_box()
        assert whole is not None and whole["width"] <= width
        for each in await phone.locator("main *:visible").all():
            box = await each.bounding_box()
            assert box is None or box["x"] + box["width"] <= width + 0.5
        for button in await phone.get_by_role("button").all():
            box = await button.bounding_box()
            assert box is None or box["height"] >= 44
    await phone.set_viewport_size(PHONE)


async def press(phone: Page, label: str) -> None:
    await phone.get_by_role("button", name=label).click()


async def test_from_the_e_mail_to_repaired_with_a_photo(page: Page, pocket: Page) -> None:
    await dispatched(page)
    answer = await pocket.goto(await link(page))
    assert answer is not None and answer.ok
    assert len(await answer.body()) < PAGE_BYTES
    await expect(pocket.get_by_role("main")).to_contain_text("do not free the cable by force")
    await fits(pocket)
    await picture(pocket, "job-asked")
    await press(pocket, "I take it")
    await shown(driver(page), "The technician has taken the job")
    await press(pocket, "I am on my way")
    await press(pocket, "I am there")
    await fits(pocket)
    await picture(pocket, "job-arrived")
    works = pocket.locator("form").filter(has=pocket.get_by_role("button", name="It is repaired"))
    await works.get_by_text("Connector or cable").click()
    await works.get_by_label("A few words").fill("The lock's motor was stuck")
    file = FilePayload(name="lock.png", mimeType="image/png", buffer=photo(40))
    await works.get_by_label("A photo").set_input_files(files=[file])
    await press(pocket, "It is repaired")
    await expect(pocket.get_by_role("alert")).to_contain_text("The station still says: fault")
    await station(page, "GRAZ-04").get_by_role("button", name="Controls of GRAZ-04").click()
    controls = page.locator("#drawer").get_by_role("group", name=re.compile("Connector 1"))
    await controls.get_by_role("button", name="Clear the fault").first.click()
    await page.keyboard.press("Escape")
    await expect(station(page, "GRAZ-04")).to_contain_text("Available")
    await works.get_by_text("Connector or cable").click()
    await press(pocket, "It is repaired")
    await expect(pocket.get_by_role("main")).to_contain_text("The station agrees. Thank you!")
    await expect(pocket.get_by_role("button")).to_have_count(0)
    await picture(pocket, "job-fixed")
    await shown(driver(page), "The station is repaired")
    await shown(hotline(page), "The lock's motor was stuck")
    await shown(hotline(page), "A photo from Tina")
