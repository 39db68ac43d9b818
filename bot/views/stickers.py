"""What an admin is shown of stickers."""

import re
from typing import assert_never

from bot.domain.operator import Place
from bot.operations.stickers import NoEvse, NoService, Outcome, Printable
from bot.views.callbacks import Go, short
from bot.views.i18n import Translate
from bot.views.screen import Button, Keyboard, Screen, row

MOST_SINGLE = 8
"""Charging points whose single stickers are offered; the sheet has all of them."""


def show(outcome: Outcome, t: Translate) -> Screen:
    """What can be printed, or what is missing and where it is set."""
    match outcome:
        case Printable(station=station, places=places, without_id=without):
            lines = [t("stickers.head", station=station.id)]
            lines += [t("stickers.point", connector=p.evse.connector, evse=p.evse.evse_id) for p in places]
            if without:
                lines.append(t("stickers.without_id", connectors=", ".join(map(str, without))))
            return Screen("\n".join(lines), _buttons(station.id, places[:MOST_SINGLE], t))
        case NoService(station=station, may_activate=may):
            sheet = Go("st.sheet", (short(station.id), "operations"))
            buttons = (row(Button(t("stickers.to_service"), sheet)),) if may else ()
            return Screen(t("stickers.no_service", station=station.id), buttons)
        case NoEvse(station=station, may_set=may):
            edit = Go("st.edit", (short(station.id),))
            buttons = (row(Button(t("stickers.to_evses"), edit)),) if may else ()
            return Screen(t("stickers.no_evse", station=station.id), buttons)
        case _:
            assert_never(outcome)


def handed(found: Printable, form: str, t: Translate) -> Screen:
    """What stands under the file."""
    evses = ", ".join(place.evse.evse_id for place in found.places)
    return Screen(t(f"stickers.handed_{form}", station=found.station.id, evses=evses))


def file_name(name: str, ending: str) -> str:
    """A name under which any system can keep the file."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", f"stickers-{name}").strip("-")[:80] + f".{ending}"


def _buttons(station_id: str, places: tuple[Place, ...], t: Translate) -> Keyboard:
    key = short(station_id)
    single = tuple(
        row(
            Button(
                t("stickers.svg", connector=place.evse.connector),
                Go("sk.print", (key, "svg", short(place.evse.evse_id))),
            ),
            Button(
                t("stickers.png", connector=place.evse.connector),
                Go("sk.print", (key, "png", short(place.evse.evse_id))),
            ),
        )
        for place in places
    )
    return (row(Button(t("stickers.pdf"), Go("sk.print", (key, "pdf")))), *single)
