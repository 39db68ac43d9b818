"""A printed sticker as a phone takes it: aslant, turned, unevenly lit, soft, noisy and pressed into a JPEG."""

import io
import random

from PIL import Image, ImageChops, ImageFilter

SIZE = (1280, 960)
Corner = tuple[float, float]


def photo(printed: Image.Image, chance: random.Random) -> bytes:
    """A photo of the size that Telegram leaves, with the sticker on the metal of a station in it."""
    metal = chance.randrange(90, 170)
    scene = Image.new("L", SIZE, metal)
    corners = _corners(printed, chance)
    scene.paste(_seen_from(printed, corners), mask=_seen_from(Image.new("L", printed.size, 255), corners))
    lit = ImageChops.multiply(scene, _light(chance))
    soft = lit.filter(ImageFilter.GaussianBlur(chance.uniform(0.6, 1.4)))
    grain = Image.frombytes("L", SIZE, chance.randbytes(SIZE[0] * SIZE[1]))
    out = io.BytesIO()
    Image.blend(soft, grain, 0.06).save(out, "JPEG", quality=60)
    return out.getvalue()


def _corners(printed: Image.Image, chance: random.Random) -> list[Corner]:
    """Where the sticker's corners come to lie, clockwise from the upper left; it is 50 to 75 % of the picture high."""
    height = SIZE[1] * chance.uniform(0.5, 0.75)
    width = height * printed.width / printed.height
    turn = chance.uniform(-0.35, 0.35)
    middle = complex(SIZE[0] / 2 + chance.uniform(-80, 80), SIZE[1] / 2 + chance.uniform(-40, 40))
    around = complex(1, turn) / abs(complex(1, turn))
    found = []
    for x, y in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
        aslant = complex(chance.uniform(-0.07, 0.07) * width, chance.uniform(-0.07, 0.07) * height)
        point = middle + around * (complex(x * width, y * height) + aslant)
        found.append((point.real, point.imag))
    return found


def _seen_from(image: Image.Image, corners: list[Corner]) -> Image.Image:
    data = _perspective(corners, image.width, image.height)
    return image.transform(SIZE, Image.Transform.PERSPECTIVE, data, Image.Resampling.BICUBIC, fillcolor=0)


def _perspective(corners: list[Corner], width: int, height: int) -> tuple[float, ...]:
    """What takes a point of the photo back to one of the image: Heckbert's map of a square, inverted."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    dx1, dx2, dx3 = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
    dy1, dy2, dy3 = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
    bend = dx1 * dy2 - dx2 * dy1
    g, h = (dx3 * dy2 - dx2 * dy3) / bend, (dx1 * dy3 - dx3 * dy1) / bend
    a, b, c = x1 - x0 + g * x1, x3 - x0 + h * x3, x0
    d, e, f = y1 - y0 + g * y1, y3 - y0 + h * y3, y0
    columns = (e - f * h, c * h - b, b * f - c * e)
    rows = (f * g - d, a - c * g, c * d - a * f)
    depth = (d * h - e * g, b * g - a * h, a * e - b * d)
    scaled = (*(width * each for each in columns), *(height * each for each in rows), *depth)
    return tuple(each / depth[2] for each in scaled[:8])


def _light(chance: random.Random) -> Image.Image:
    """Brightness falling from one side to the other, with a shadow's soft edge."""
    ramp = Image.linear_gradient("L").rotate(chance.uniform(0, 360), resample=Image.Resampling.BICUBIC)
    inner = ramp.crop((48, 48, 208, 208)).resize(SIZE, Image.Resampling.BICUBIC)
    darkest = chance.randrange(90, 150)
    return inner.point([darkest + level * (255 - darkest) // 255 for level in range(256)])
