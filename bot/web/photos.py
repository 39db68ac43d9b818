"""Photos that come by a page: decoded and written anew before anything keeps them or passes them on."""

import asyncio
import io
from typing import Final

from PIL import Image, ImageOps

LARGEST: Final = 10 * 1024 * 1024
"""Bytes of a photo as it comes."""
_MOST_PIXELS: Final = 50_000_000
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_LONGEST_SIDE: Final = 2048
_QUALITY: Final = 85


class UnreadablePhoto(Exception):
    """The bytes are no photo that can be decoded, or too large a one."""


async def cleaned(content: bytes) -> bytes:
    """The photo as JPEG, upright, of at most 2048 pixels a side, without what its camera noted beside it."""
    return await asyncio.to_thread(_cleaned, content)


def _cleaned(content: bytes) -> bytes:
    if len(content) > LARGEST:
        raise UnreadablePhoto(f"{len(content)} bytes are more than {LARGEST}")
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise UnreadablePhoto(f"{opened.width} x {opened.height} pixels are too many")
            image = ImageOps.exif_transpose(opened).convert("RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadablePhoto("too many pixels") from error
    # Pillow's decoders report broken files in all of these ways.
    except (OSError, ValueError, TypeError, SyntaxError, EOFError, IndexError) as error:
        raise UnreadablePhoto("not a photo that can be decoded") from error
    image.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
