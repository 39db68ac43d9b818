"""The stickers on the stations: the QR code alone, and a photo of the sticker as a driver would take it."""

import io

import segno
from PIL import Image, ImageDraw, ImageFont

from bot.sandbox.scene_places import Connector

_WIDTH, _HEIGHT = 640, 800
_QR_SIDE = 480
_TILT_DEGREES = 3
_METAL = (143, 152, 158)
_INK = (22, 28, 32)
_GREEN = (15, 118, 110)


def qr_svg(connector: Connector) -> bytes:
    """The QR code of the sticker's link, dark on light whatever the page's colours are."""
    out = io.BytesIO()
    segno.make(connector.link, error="m", micro=False).save(
        out, kind="svg", border=2, dark="#161c20", light="#ffffff", scale=4, xmldecl=False
    )
    return out.getvalue()


def photo(connector: Connector) -> bytes:
    """A JPEG of the whole sticker, a little tilted, on the metal of a station."""
    sticker = _sticker(connector).rotate(
        _TILT_DEGREES, expand=True, fillcolor=_METAL, resample=Image.Resampling.BICUBIC
    )
    scene = Image.new("RGB", (sticker.width + 160, sticker.height + 120), _METAL)
    scene.paste(sticker, (80, 60))
    out = io.BytesIO()
    scene.save(out, "JPEG", quality=82)
    return out.getvalue()


def _sticker(connector: Connector) -> Image.Image:
    sheet = Image.new("RGB", (_WIDTH, _HEIGHT), "white")
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((0, 0, _WIDTH, 110), fill=_GREEN)
    draw.text(
        (_WIDTH / 2, 55), "Trouble charging? Scan me.", "white", ImageFont.load_default(40), anchor="mm"
    )
    code = _qr_image(connector)
    sheet.paste(code, ((_WIDTH - code.width) // 2, 150))
    draw.text((_WIDTH / 2, 700), connector.evse_id, _INK, ImageFont.load_default(48), anchor="mm")
    kind = f"{connector.type} · {connector.power_kw:g} kW"
    draw.text((_WIDTH / 2, 756), kind, _INK, ImageFont.load_default(28), anchor="mm")
    return sheet


def _qr_image(connector: Connector) -> Image.Image:
    out = io.BytesIO()
    segno.make(connector.link, error="m", micro=False).save(out, kind="png", border=2, scale=10)
    out.seek(0)
    return Image.open(out).convert("RGB").resize((_QR_SIDE, _QR_SIDE), Image.Resampling.NEAREST)
