"""What a sticker says, and the sizes in which it is printed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.domain import start_payload
from bot.domain.operator import Place
from bot.views.i18n import Translate

SIZES_MM = (40, 60, 90, 120)
"""The widths of one sheet; a sticker is a quarter higher than wide."""

BLEED_MM = 3.0
"""How far the ink runs beyond the cut."""


class UnprintableSticker(Exception):
    """A sticker that cannot be made so that it can be read; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Sticker:
    """What one charging point's sticker says, whatever its size.

    `url` is what the code opens, `sentences` what to do in the operator's languages, the most important first.
    """

    evse_id: str
    station: str
    hotline_phone: str
    url: str
    sentences: tuple[str, ...]


def height_mm(width_mm: float) -> float:
    """The height of a sticker of that width."""
    return width_mm * 5 / 4


def start_link(username: str, evse_id: str) -> str:
    """What opens the bot with that charging point; ValueError where no start link can carry the ID."""
    return f"https://t.me/{username}?start={start_payload.encode(evse_id)}"


def stickers_of(
    places: Iterable[Place], link: Callable[[str], str], languages: Sequence[Translate]
) -> tuple[Sticker, ...]:
    """A sticker for each charging point. `link` gives what the code opens for an EVSE ID.

    Whether the operator may have them (service active, EVSE ID set) is decided before.
    """
    sentences = tuple(t("paper.sticker") for t in languages)
    return tuple(_sticker(place, link(place.evse.evse_id), sentences) for place in places)


def _sticker(place: Place, url: str, sentences: tuple[str, ...]) -> Sticker:
    station = f"{place.station.id} · {place.location.name}"
    return Sticker(place.evse.evse_id, station, place.operator.hotline_phone, url, sentences)
