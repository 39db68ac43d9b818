"""What is more than words: documents in a chat, and e-mails with HTML and files."""

import asyncio
import io
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import aiosmtplib
import pytest
from PIL import Image
from playwright.async_api import Download, Page, expect

from bot.sandbox.scene_people import ADMIN, BOT_ACCOUNT
from tests.browser.conftest import CHROMIUM, PHONE
from tests.browser.test_sandbox_page import fits

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")

PDF = b"%PDF-1.4\n%%EOF\n"
HTML = """<h1 style="color: #0f766e">Statement</h1><p>All well in <b>November</b>.</p>
<script>document.body.textContent = "it ran"</script><img src="{picture}" alt="tracks">"""


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (400, 240), (15, 118, 110)).save(out, "PNG")
    return out.getvalue()


async def hand_out(page: Page, name: str, content: bytes, mime: str) -> None:
    """The bot's account sends a document to Ada, as the Bot API takes it."""
    form = aiohttp.FormData()
    form.add_field("chat_id", str(ADMIN.id))
    form.add_field("caption", f"Here is {name}.")
    form.add_field("document", content, filename=name, content_type=mime)
    url = f"{page.url}bot{BOT_ACCOUNT}/sendDocument"
    async with aiohttp.ClientSession() as session, session.post(url, data=form) as answer:
        assert answer.status == 200, await answer.text()


async def kept(file: Download) -> bytes:
    """What lies on the disk of whoever saved it."""
    return await asyncio.to_thread(Path(await file.path()).read_bytes)


async def test_documents_of_the_bot_can_be_seen_and_kept(page: Page) -> None:
    ada = page.locator("#panel-admin")
    await hand_out(page, "stickers.pdf", PDF, "application/pdf")
    await hand_out(page, "log.csv", b"time;what\n", "text/csv")
    await hand_out(page, "sticker.png", png(), "image/png")
    await expect(ada.get_by_role("log")).to_contain_text("Here is stickers.pdf.")
    preview = ada.get_by_role("img", name="sticker.png")
    await expect(preview).to_be_visible()
    assert await preview.evaluate("image => image.decode().then(() => image.naturalWidth)") == 400
    for name, content in (("stickers.pdf", PDF), ("log.csv", b"time;what\n"), ("sticker.png", png())):
        async with page.expect_download() as saved:
            await ada.get_by_role("link", name=f"📎 {name}").click()
        file = await saved.value
        assert file.suggested_filename == name
        assert await kept(file) == content
    read = ada.get_by_role("listitem").filter(has_text="stickers.pdf").get_by_role("link", name="Open")
    await expect(read).to_have_attribute("target", "_blank")


async def test_a_file_of_any_kind_can_be_handed_to_the_bot(page: Page) -> None:
    ada = page.locator("#panel-admin")
    await ada.locator('input[type="file"]').set_input_files(
        {"name": "stations.csv", "mimeType": "text/csv", "buffer": b"id;location\n"}
    )
    await expect(ada.get_by_role("link", name="📎 stations.csv")).to_be_visible()


async def post(page: Page) -> None:
    """Somebody sends Ada an e-mail with everything in it, scripts too."""
    scene = await (await page.request.get(f"{page.url}sandbox/scene")).json()
    office = urlsplit(scene["post_office"])
    message = EmailMessage()
    message["From"], message["To"] = "support@example.org", "ada@example.org"
    message["Subject"] = "Your statement"
    message.set_content("All well in November.")
    message.add_alternative(HTML.replace("{picture}", f"{page.url}page/icon.svg"), subtype="html")
    message.add_attachment(PDF, maintype="application", subtype="pdf", filename="statement.pdf")
    await aiosmtplib.send(message, hostname=office.hostname, port=office.port)


async def test_an_email_is_shown_as_its_reader_would_see_it_and_can_run_nothing(page: Page) -> None:
    await post(page)
    button = page.get_by_role("button", name="E-mail")
    await expect(button.locator(".badge")).to_have_text("1")
    await button.click()
    sheet = page.get_by_role("dialog", name="E-mail")
    inside = sheet.frame_locator("iframe")
    await expect(inside.get_by_role("heading")).to_have_text("Statement")
    await expect(inside.locator("body")).not_to_contain_text("it ran")
    assert await inside.get_by_role("img").evaluate("image => image.naturalWidth") == 0
    async with page.expect_download() as saved:
        await sheet.get_by_role("link", name="📎 statement.pdf").click()
    assert await kept(await saved.value) == PDF
    await sheet.get_by_role("button", name="Show the plain text").click()
    await expect(sheet.get_by_role("article")).to_contain_text("All well in November.")
    await page.set_viewport_size(PHONE)
    await fits(page, PHONE["width"])
    await expect(sheet.get_by_role("article")).to_be_in_viewport()
