"""The SVG of a sticker as a real browser draws it."""

import io
from pathlib import Path

from PIL import Image, ImageChops, ImageStat
from playwright.async_api import Browser

from bot.cases.drivers.qr_photo import read_qr
from bot.paper.sticker_png import single_png
from bot.paper.sticker_svg import single_svg
from tests.paper.scene import LONGEST


async def test_a_browser_draws_the_sticker_in_its_true_size_with_a_code_that_is_read(
    browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "sticker.svg"
    file.write_bytes(single_svg(LONGEST, 60))
    page = await browser.new_page(viewport={"width": 240, "height": 300}, device_scale_factor=2)
    await page.goto(file.as_uri())
    box = await page.locator("svg").bounding_box()
    assert box is not None
    # A CSS inch is 96 pixels.
    assert (round(box["width"]), round(box["height"])) == (round(60 / 25.4 * 96), round(75 / 25.4 * 96))
    assert read_qr(await page.screenshot()) == [LONGEST.url]


async def test_a_browser_draws_the_svg_like_the_png(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "sticker.svg"
    # As HTML gives a picture the size that is asked for, to the pixel.
    svg = (
        single_svg(LONGEST, 60).decode().replace('width="60mm" height="75mm"', 'width="240px" height="300px"')
    )
    file.write_text(svg)
    page = await browser.new_page(viewport={"width": 240, "height": 300}, device_scale_factor=2)
    await page.goto(file.as_uri())
    drawn = Image.open(io.BytesIO(await page.screenshot())).convert("L")
    png = Image.open(io.BytesIO(single_png(LONGEST, 60, 600))).resize(drawn.size, Image.Resampling.LANCZOS)
    differing = ImageStat.Stat(ImageChops.difference(drawn, png).point([0] * 96 + [255] * 160)).mean[0] / 255
    # Edges are smoothed otherwise; a line that stands elsewhere is several per cent.
    assert differing < 0.005
