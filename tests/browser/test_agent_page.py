"""An agent's menus in the sandbox, and the buttons that stand in place of a driver's keys."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import CHROMIUM
from tests.browser.test_sandbox_page import driver, hotline, newest, shown, station, tap

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")


async def test_an_agent_asks_for_a_number_sends_a_ready_answer_and_says_what_it_was(page: Page) -> None:
    lena, agents = driver(page), hotline(page)
    await station(page, "GRAZ-01").get_by_role("button", name="Scan the sticker AT*SWG*E0001*1").click()
    await tap(lena, "Too slow")
    await tap(lena, "Talk to a person")
    await tap(agents, "Take over")
    await tap(agents, "More")
    await tap(agents, "Ask for number")
    await tap(lena, "Share my number")
    await newest(lena, "You will be called at +")
    await shown(agents, "The driver can be called at +")
    await tap(agents, "Answer…")
    await tap(agents, "I am glad that it works.")
    await tap(agents, "📨 Send")
    await newest(lena, "I am glad that it works. Have a good journey!")
    await tap(agents, "Resolve")
    await tap(agents, "No fault found")
    await shown(agents, "🏁 No fault found")
    await expect(lena).to_contain_text("The hotline has closed your report")
