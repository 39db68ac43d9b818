"""Photos of stickers, drawn and then spoilt in the ways that drivers' photos are."""

import asyncio
import io
import random
import threading
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import segno
import zxingcpp
from PIL import Image, ImageFilter

from bot.cases.drivers import qr_photo
from bot.cases.drivers.qr_photo import UnreadableImage, read_qr, read_qr_async

SEEDS = range(24)
INK = range(100)
BRIGHT = range(128, 256)
DAMAGES = 300
Spoil = Callable[[Image.Image, random.Random], Image.Image]


def text_of(seed: int) -> str:
    return f"https://t.me/evse_bot?start=DE_DES_E{seed:06d}"


def sticker(seed: int, side: int = 200) -> Image.Image:
    """A code of `side` pixels, in grey on a photo of 640 by 480 pixels."""
    drawn = io.BytesIO()
    segno.make(text_of(seed), error="q", micro=False).save(drawn, kind="png", scale=8)
    code = Image.open(drawn).convert("L").resize((side, side), Image.Resampling.LANCZOS)
    photo = Image.new("L", (640, 480), 120)
    photo.paste(code.point([40 + level * 180 // 255 for level in range(256)]), (220, 140))
    return photo


def noisy(photo: Image.Image, chance: random.Random, share: float) -> Image.Image:
    grain = Image.frombytes("L", photo.size, chance.randbytes(photo.width * photo.height))
    return Image.blend(photo, grain, share)


def rotated(photo: Image.Image, chance: random.Random) -> Image.Image:
    turned = photo.rotate(chance.uniform(0, 360), resample=Image.Resampling.BICUBIC, fillcolor=120)
    return noisy(turned, chance, 0.05)


def tilted(photo: Image.Image, chance: random.Random) -> Image.Image:
    left, right = chance.uniform(0, 100), chance.uniform(0, 100)
    corners = (0, -left, 0, 480 + left, 640, 480 + right, 640, -right)
    return noisy(photo.transform(photo.size, Image.Transform.QUAD, corners, fillcolor=120), chance, 0.05)


def dark(photo: Image.Image, chance: random.Random) -> Image.Image:
    return noisy(photo.point([level // 8 for level in range(256)]), chance, 0.01)


def blurred(photo: Image.Image, chance: random.Random) -> Image.Image:
    return noisy(photo.filter(ImageFilter.GaussianBlur(chance.uniform(1.5, 4))), chance, 0.03)


def glaring(photo: Image.Image, chance: random.Random) -> Image.Image:
    spot = Image.radial_gradient("L").resize((500, 500))
    mask = Image.new("L", photo.size, 0)
    mask.paste(
        spot.point([min(240, (255 - level) * 6 // 5) for level in range(256)]),
        (chance.randint(-100, 300), chance.randint(-100, 100)),
    )
    return noisy(Image.composite(Image.new("L", photo.size, 255), photo, mask), chance, 0.03)


def dirty(photo: Image.Image, chance: random.Random) -> Image.Image:
    return noisy(photo, chance, chance.uniform(0.4, 0.7))


def specked(photo: Image.Image, chance: random.Random) -> Image.Image:
    """Black and white specks on 12 to 35 pixels of a hundred."""
    share = chance.randint(30, 90)
    specks, places = (
        Image.frombytes("L", photo.size, chance.randbytes(photo.width * photo.height)) for _ in range(2)
    )
    black_and_white = specks.point([255 * (level in BRIGHT) for level in range(256)])
    return Image.composite(
        black_and_white, photo, places.point([255 * (level < share) for level in range(256)])
    )


def far_off(photo: Image.Image, chance: random.Random) -> Image.Image:
    distant = photo.resize((photo.width * 48 // 200, photo.height * 48 // 200), Image.Resampling.LANCZOS)
    whole = Image.new("L", photo.size, 120)
    whole.paste(distant, (chance.randint(0, 400), chance.randint(0, 300)))
    return noisy(whole, chance, 0.04)


def encoded(photo: Image.Image, kind: str = "JPEG") -> bytes:
    buffer = io.BytesIO()
    photo.save(buffer, kind)
    return buffer.getvalue()


def spoilt(seed: int, spoil: Spoil) -> bytes:
    return encoded(spoil(sticker(seed), random.Random(seed)))


def one_pass(image: bytes) -> list[str]:
    found = zxingcpp.read_barcodes(
        Image.open(io.BytesIO(image)).convert("L"),
        formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode),
    )
    return [barcode.text for barcode in found]


@pytest.mark.parametrize("spoil", [rotated, tilted, dark])
def test_every_turned_tilted_or_dark_photo_is_read(spoil: Spoil) -> None:
    assert [read_qr(spoilt(seed, spoil)) for seed in SEEDS] == [[text_of(seed)] for seed in SEEDS]


@pytest.mark.parametrize(
    ("spoil", "gained"), [(far_off, 7), (glaring, 12), (blurred, 6), (specked, 10), (dirty, 1)]
)
def test_the_cascade_reads_all_that_one_pass_reads_and_more(spoil: Spoil, gained: int) -> None:
    photos = {seed: spoilt(seed, spoil) for seed in SEEDS}
    plainly = {seed for seed, photo in photos.items() if one_pass(photo)}
    texts = {seed: read_qr(photo) for seed, photo in photos.items()}
    read = {seed for seed, found in texts.items() if found}
    assert plainly <= read
    assert len(read - plainly) >= gained
    assert all(texts[seed] == [text_of(seed)] for seed in read)


def test_a_code_of_sixty_pixels_is_read() -> None:
    photos = [encoded(noisy(sticker(seed, side=60), random.Random(seed), 0.04)) for seed in SEEDS]
    assert [read_qr(photo) for photo in photos] == [[text_of(seed)] for seed in SEEDS]


def test_two_codes_in_one_photo_are_both_read() -> None:
    photo = Image.new("L", (1280, 480))
    photo.paste(sticker(1), (0, 0))
    photo.paste(sticker(2), (640, 0))
    assert set(read_qr(encoded(photo))) == {text_of(1), text_of(2)}


def test_a_photo_without_a_code_yields_nothing() -> None:
    assert read_qr(encoded(Image.effect_noise((640, 480), 60))) == []


@pytest.mark.parametrize("size", [(1, 1), (3, 3), (1, 5000), (5000, 1)])
def test_a_sliver_of_an_image_yields_nothing(size: tuple[int, int]) -> None:
    assert read_qr(encoded(Image.new("L", size), "PNG")) == []


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", "RGB"), ("JPEG", "CMYK"), ("PNG", "P"), ("PNG", "LA"), ("PNG", "1"), ("WEBP", "RGB")],
)
def test_every_accepted_kind_of_image_is_read(kind: str, mode: str) -> None:
    assert read_qr(encoded(sticker(3).convert(mode), kind)) == [text_of(3)]


def test_black_modules_on_a_transparent_ground_are_read() -> None:
    clear = Image.new("LA", (640, 480), (0, 0))
    clear.putalpha(sticker(4).point([255 * (level in INK) for level in range(256)]))
    assert read_qr(encoded(clear, "PNG")) == [text_of(4)]


def test_despeckling_in_strips_equals_despeckling_at_once() -> None:
    photo = dirty(sticker(5), random.Random(5))
    assert qr_photo._despeckled(photo).tobytes() == photo.filter(ImageFilter.MedianFilter(5)).tobytes()


def truncated_png() -> bytes:
    return encoded(dirty(sticker(6), random.Random(6)), "PNG")[:5000]


@pytest.mark.parametrize(
    "image",
    [
        b"",
        b"not an image",
        b"\x89PNG\r\n\x1a\n",
        truncated_png(),
        encoded(sticker(6), "GIF"),
        encoded(sticker(6), "BMP"),
    ],
)
def test_bytes_that_are_no_image_of_an_accepted_kind_are_refused(image: bytes) -> None:
    with pytest.raises(UnreadableImage, match="decoded"):
        read_qr(image)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("size", [(8000, 5001), (10_000, 9_000), (30_000, 30_000)])
def test_an_image_of_too_many_pixels_is_refused_by_its_header(size: tuple[int, int]) -> None:
    header = bytearray(encoded(Image.new("1", (1, 1)), "PNG"))
    header[16:24] = size[0].to_bytes(4, "big") + size[1].to_bytes(4, "big")
    # The checksum of the header has to fit, or the file would be refused as broken.
    header[29:33] = zlib.crc32(header[12:29]).to_bytes(4, "big")
    with pytest.raises(UnreadableImage, match="pixels"):
        read_qr(bytes(header))


def test_a_file_larger_than_telegram_hands_out_is_refused() -> None:
    with pytest.raises(UnreadableImage, match="bytes"):
        read_qr(b"\0" * (qr_photo.MAX_BYTES + 1))


def test_damage_to_a_file_is_refused_or_survived_but_never_fails_otherwise() -> None:
    chance = random.Random(7)
    wholes = [
        encoded(sticker(7, side=60).crop((200, 120, 300, 220)), kind) for kind in ("JPEG", "PNG", "WEBP")
    ]
    refused = 0
    for _ in range(DAMAGES):
        damaged = bytearray(chance.choice(wholes))
        for _ in range(chance.randint(1, 8)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            assert read_qr(bytes(damaged)) in ([], [text_of(7)])
        except UnreadableImage:
            refused += 1
    assert 0 < refused < DAMAGES


def test_reading_leaves_the_event_loop_to_others() -> None:
    readers: list[str] = []

    def noted() -> None:
        readers.append(threading.current_thread().name)

    with ThreadPoolExecutor(1, thread_name_prefix="photos", initializer=noted) as photos:
        assert asyncio.run(read_qr_async(encoded(sticker(8)), photos)) == [text_of(8)]
    assert asyncio.run(read_qr_async(encoded(sticker(9)))) == [text_of(9)]
    assert readers == ["photos_0"]
