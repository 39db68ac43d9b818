"""An admin's walk on a phone: a station gets the service, its stickers and its technician, and its cost is read."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from playwright.async_api import Browser, Download, Locator, Page, ViewportSize, expect

from bot.cases.drivers.qr_photo import read_qr
from tests.browser.conftest import CHROMIUM, ZONE, picture
from tests.browser.test_sandbox_page import newest, tap, write

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")

TALL: ViewportSize = {"width": 420, "height": 1150}
"""A phone on which a whole message with its buttons is seen at once."""
WIDE: ViewportSize = {"width": 860, "height": 760}
LINK = "https://t.me/stadtwerke_graz_bot?start=AT_SWG_E0007_1"


@pytest.fixture
async def phone(browser: Browser, sandbox: str) -> AsyncIterator[Page]:
    """The page on Ada's phone, sharp enough for pictures; no script of it may fail."""
    context = await browser.new_context(
        viewport=TALL, device_scale_factor=2, color_scheme="light", timezone_id=ZONE, accept_downloads=True
    )
    page = await context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    await page.goto(sandbox)
    await page.get_by_role("navigation", name="Who you are").get_by_role("button", name="Ada").click()
    yield page
    assert not failures


def admin(page: Page) -> Locator:
    return page.locator("#panel-admin")


def latest(page: Page) -> Locator:
    """The newest message of Ada's chat, with its buttons."""
    return admin(page).get_by_role("listitem").last


async def saved(page: Page, name: str) -> bytes:
    """A file that the bot has handed to Ada, as she finds it on her disk."""
    link = admin(page).get_by_role("link", name=f"📎 {name}")
    async with page.expect_download() as waiting:
        await link.click()
    file: Download = await waiting.value
    return await asyncio.to_thread(Path(await file.path()).read_bytes)


def codes(pdf: bytes) -> list[str]:
    """What a phone reads from the first printed page."""
    out = io.BytesIO()
    image: Image.Image = pypdfium2.PdfDocument(pdf)[0].render(scale=300 / 72).to_pil()
    image.save(out, "PNG")
    return list(read_qr(out.getvalue()))


async def test_an_admin_activates_a_station_and_gets_all_that_it_needs(phone: Page) -> None:
    ada = admin(phone)
    await write(ada, "/menu")
    await newest(ada, "Your groups: Administrators")
    await picture(phone, "admin-menu", latest(phone))
    await activate(phone)
    await confirmed_by_mail(phone)
    await tap(ada, "‹ Station data sheet")
    await newest(ada, "Active since")
    await stickers(phone)
    await technician(phone)
    await write(ada, "/billing")
    await newest(ada, "GRAZ-07 · Park & Ride Liebenau")
    await newest(ada, "Total: €128.70 (13 charging stations)")
    await tap(ada, "📄 PDF")
    await newest(ada, "as it stands today: €128.70")


async def activate(page: Page) -> None:
    ada = admin(page)
    await tap(ada, "🔌 Stations")
    await newest(ada, "no service")
    await tap(ada, "GRAZ-07")
    await newest(ada, "Liebenauer Tangente 4")
    await picture(page, "admin-datasheet", latest(page))
    await tap(ada, "Operational management")
    await newest(ada, "Not active.")
    await tap(ada, "Activate now")
    await newest(ada, "charged in full, whatever the day")
    await picture(page, "admin-activation", latest(page))
    await tap(ada, "✅ Activate now: €9.90 a month")
    await newest(ada, "✅ Activated: 1 charging station")


async def confirmed_by_mail(page: Page) -> None:
    await expect(page.get_by_role("button", name="E-mail").locator(".badge")).to_have_text("1")
    await page.get_by_role("button", name="E-mail").click()
    sheet = page.get_by_role("dialog", name="E-mail")
    inside = sheet.frame_locator("iframe")
    await expect(inside.get_by_role("heading", level=1)).to_have_text("Operational management is active")
    await expect(inside.locator("body")).to_contain_text("GRAZ-07")
    await expect(sheet).to_contain_text("ada@example.org")
    await page.set_viewport_size(WIDE)
    await picture(page, "admin-mail", sheet.get_by_role("article"))
    await page.set_viewport_size(TALL)
    await sheet.get_by_role("button", name="Close").click()


async def stickers(page: Page) -> None:
    ada = admin(page)
    await tap(ada, "Stickers")
    await newest(ada, "AT*SWG*E0007*1")
    await tap(ada, "📄 PDF, print-ready")
    await newest(ada, "Every code was read back")
    assert set(codes(await saved(page, "stickers-GRAZ-07.pdf"))) == {LINK}
    await tap(ada, "1 as PNG")
    await newest(ada, "90 mm at 300 dpi")
    preview = latest(page).get_by_role("img")
    await expect(preview).to_be_visible()
    await picture(page, "admin-stickers", latest(page))


async def technician(page: Page) -> None:
    ada = admin(page)
    await tap(ada, "Technician")
    await expect(ada.get_by_role("log")).to_contain_text("Technician of GRAZ-07")
    await tap(ada, "✏️ Enter")
    await expect(ada.get_by_role("log")).to_contain_text("Write name, phone and e-mail in one message")
    await write(ada, "Tina Berger, +43 664 1112223, tina@example.org")
    await newest(ada, "✉️ tina@example.org")


async def test_a_right_of_a_group_is_switched_by_a_tap(phone: Page) -> None:
    ada = admin(phone)
    await write(ada, "/rights Hotline")
    await newest(ada, "⚪ OFF Station list")
    await tap(ada, "User management")
    await newest(ada, "⚪ OFF Cost Release")
    await tap(ada, "⚪ OFF · Cost Release")
    await newest(ada, "🟢 ON Cost Release")
    await picture(phone, "admin-rights", latest(phone))
