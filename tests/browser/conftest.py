"""The whole sandbox as a process of its own, and a browser that looks at it."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, ViewportSize, async_playwright, expect

CHROMIUM = shutil.which("chromium")
DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
ZONE = "Europe/Vienna"
_PICTURES = Path(__file__).parents[2] / "docs" / "screenshots"
_STARTS_WITH = "The sandbox is open: "
_ENDS_WITHIN = 20
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


# A machine that is busy with other things shows the same, only later.
expect.set_options(timeout=10_000)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the page of a sandbox that has just opened."""
    arguments = [sys.executable, "-m", "bot", "sandbox", "--port", str(_free_pair())]
    folder = tmp_path_factory.mktemp("sandbox")
    with subprocess.Popen(
        arguments, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if line.startswith(_STARTS_WITH):
                break
        else:
            pytest.fail(f"the sandbox did not open: {''.join(said)}")
        yield line.removeprefix(_STARTS_WITH).split()[0]
        process.terminate()
        rest, _ = process.communicate(timeout=_ENDS_WITHIN)
    assert process.returncode == 0, rest


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(_ARGUMENTS))
        yield launched
        await launched.close()


@pytest.fixture
async def page(browser: Browser, sandbox: str, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    """The page on a desk; no script of it may fail. LAST_SCREENS names a folder for how each test left it."""
    context = await browser.new_context(viewport=DESK, color_scheme="light", timezone_id=ZONE)
    opened = await context.new_page()
    failures: list[str] = []
    opened.on("pageerror", lambda error: failures.append(str(error)))
    await opened.goto(sandbox)
    await opened.locator(".station").first.wait_for()
    yield opened
    if folder := os.environ.get("LAST_SCREENS"):
        await opened.screenshot(path=Path(folder) / f"{request.node.name}.png")
    assert not failures


async def picture(page: Page, name: str, part: Locator | None = None) -> None:
    """Keeps a picture of the page, or of a part of it, for the README, where one is asked for."""
    if os.environ.get("SCREENSHOTS") == "1":
        await page.wait_for_timeout(1500)
        await (page if part is None else part).screenshot(path=_PICTURES / f"{name}.png")


def _free_pair() -> int:
    """A free port whose successor is free as well."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
