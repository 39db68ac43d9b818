"""The QR code of a sticker."""

from dataclasses import dataclass

import segno
from segno.encoder import DataOverflowError

from bot.paper.sticker import UnprintableSticker

QUIET = 4
"""Modules of white around a code that every reader may expect (ISO/IEC 18004)."""

# Half a millimetre is what a phone at arm's length still resolves; below 0.4 mm print and scratches spoil it.
SMALLEST_MODULE_MM = 0.4
# With modules of this size there is room to spare for mending a quarter of the code instead of a seventh.
_ROOMY_MODULE_MM = 0.6


@dataclass(frozen=True, slots=True)
class Code:
    """The modules of a code without its quiet zone, 1 is dark; `level` is its error correction."""

    rows: tuple[bytes, ...]
    level: str

    @property
    def span(self) -> int:
        """Modules on a side, with the quiet zone."""
        return len(self.rows) + 2 * QUIET


def code_for(url: str, side_mm: float) -> Code:
    """The code of a link for a square of that side, quiet zone and all.

    Mends a quarter of its area (level Q) where its modules stay large even so, else a seventh (M) or as much
    more as costs no module. Raises UnprintableSticker where the modules would be too small to be read.
    """
    robust = _code(url, "q")
    if robust is not None and side_mm / robust.span >= _ROOMY_MODULE_MM:
        return robust
    code = _code(url, "m")
    if code is None or side_mm / code.span < SMALLEST_MODULE_MM:
        raise UnprintableSticker(
            f"a link of {len(url)} characters is too long for a code of {side_mm:.0f} mm"
        )
    return code


def _code(url: str, level: str) -> Code | None:
    try:
        made = segno.make(url, error=level, micro=False, boost_error=True)
    except DataOverflowError:
        return None
    return Code(tuple(bytes(row) for row in made.matrix), str(made.error))
