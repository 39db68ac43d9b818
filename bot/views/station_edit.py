"""The pages on which stations and locations are changed."""

from bot.domain.operator import Location, Station
from bot.operations.data_sheet import Point
from bot.operations.location_data import Field, Site, Sites
from bot.operations.station_data import Choices, Editable
from bot.views.callbacks import Go, short
from bot.views.data_sheet import address, map_of, to_sheet
from bot.views.fit import cut, pager
from bot.views.i18n import Translate
from bot.views.menu import home
from bot.views.screen import Button, Keyboard, Screen, columns, row
from bot.views.stations import LIST

TYPES = ("CCS2", "Type2", "CHAdeMO", "Schuko", "CEE", "NACS")
POWERS = ("3.7", "11", "22", "50", "150", "300")
MOST_POINTS = 12
CHOICES_A_PAGE = 8
ROOT = "-"
"""Stands for the operator itself, which is no company with an ID."""
_NAME = 120
_DIRECTIONS = 600


def to_edit(station_id: str) -> Go:
    """The button that leads to the pages on which a station is changed."""
    return Go("st.edit", (short(station_id),))


def to_point(station_id: str, connector: int) -> Go:
    """The button that leads to a charging point."""
    return Go("se.point", (short(station_id), str(connector)))


def to_site(location_id: str) -> Go:
    """The button that leads to a location."""
    return Go("se.site", (short(location_id),))


def show(found: Editable, t: Translate, *, done: bool = False) -> Screen:
    """All that can be changed of a station; `done` says that something just was."""
    station = found.station
    key = (short(station.id),)
    parts = [t("station_edit.head", station=station.id)]
    parts += [_point(each, t) for each in found.points[:MOST_POINTS]]
    if len(found.points) > MOST_POINTS:
        parts.append(t("sheet.more", count=len(found.points) - MOST_POINTS))
    if not found.points:
        parts.append(t("station_edit.no_points"))
    parts += [
        "",
        t("station_edit.location", name=cut(found.location.name, _NAME), address=address(found.location)),
        t(
            "station_edit.company",
            name=cut(found.company.name if found.company else found.operator.name, _NAME),
        ),
        t("station_edit.directions", words=cut(station.directions or t("station_edit.none"), _DIRECTIONS)),
        _minutes(found, t),
    ]
    buttons = [
        Button(t("station_edit.point_button", number=each.connector), to_point(station.id, each.connector))
        for each in found.points[:MOST_POINTS]
    ]
    buttons += [
        Button(t("station_edit.new_point"), Go("se.new", key)),
        Button(t("station_edit.set_location"), Go("se.where", (*key, "0"))),
        Button(t("station_edit.set_company"), Go("se.whose", (*key, "0"))),
        Button(t("station_edit.set_directions"), Go("se.way", key)),
        Button(t("station_edit.set_minutes"), Go("se.wait", key)),
    ]
    ends = row(Button(t("station_edit.to_sheet"), to_sheet(station.id)), *home(t))
    return Screen(_said("\n".join(parts), t, done=done), (*columns(buttons, 2), ends))


def point(found: Editable, which: Point, t: Translate, *, done: bool = False) -> Screen:
    """One charging point."""
    station_id, evse = found.station.id, which.evse
    key = (short(station_id), str(which.connector))
    text = f"{t('station_edit.point_head', station=station_id, number=which.connector)}\n{_point(which, t)}"
    if evse is None:
        buttons = [Button(t("station_edit.set_id"), Go("se.id", key))]
    else:
        buttons = [
            Button(t("station_edit.change_id"), Go("se.id", key)),
            Button(t("station_edit.drop_id"), Go("se.drop", key)),
            Button(t("station_edit.set_type"), Go("se.type", key)),
            Button(t("station_edit.set_power"), Go("se.power", key)),
        ]
    back = _back(to_edit(station_id), t)
    return Screen(_said(text, t, done=done), (*columns(buttons, 2), back))


def confirm_drop(found: Editable, which: Point, t: Translate) -> Screen:
    """The question whether that is meant."""
    evse = "–" if which.evse is None else which.evse.evse_id
    key = (short(found.station.id), str(which.connector))
    return Screen(
        t("station_edit.drop_ask", evse=evse, station=found.station.id),
        (
            row(Button(t("station_edit.drop_yes"), Go("se.gone", key))),
            _back(to_point(found.station.id, which.connector), t),
        ),
    )


def ask_id(station: Station, connector: int, t: Translate, *, is_new: bool) -> Screen:
    """The EVSE ID of a charging point."""
    back = to_edit(station.id) if is_new else to_point(station.id, connector)
    text = t("station_edit.id_ask", station=station.id, number=connector)
    return Screen(text, (_back(back, t),))


def ask_type(station_id: str, connector: int, t: Translate) -> Screen:
    """What kind of socket or cable it is."""
    key = (short(station_id), str(connector))
    buttons = [Button(each, Go("se.kind", (*key, each))) for each in TYPES]
    return Screen(
        t("station_edit.type_ask", number=connector),
        (*columns(buttons, 3), _back(to_edit(station_id), t)),
    )


def ask_power(station_id: str, connector: int, t: Translate) -> Screen:
    """How much power it gives."""
    key = (short(station_id), str(connector))
    buttons = [Button(f"{t.number(float(each))} kW", Go("se.kw", (*key, each))) for each in POWERS]
    return Screen(
        t("station_edit.power_ask", number=connector),
        (*columns(buttons, 3), _back(to_edit(station_id), t)),
    )


def ask_location(found: Choices, number: int, t: Translate) -> Screen:
    """Where the station stands."""
    key = short(found.station.id)
    buttons = [
        Button(_mark(f"{each.name}, {each.city}", chosen=each.id == found.station.location_id),
               Go("se.at", (key, short(each.id))))
        for each in found.locations
    ]  # fmt: skip
    more = (
        row(Button(t("station_edit.this_location"), to_site(found.station.location_id))),
        row(Button(t("station_edit.new_location"), Go("se.make", (key,)))),
    )
    text = t("station_edit.where_ask", station=found.station.id)
    paged = _paged(buttons, number, Go("se.where", (key,)), t)
    return Screen(text, (*paged, *more, _back(to_edit(found.station.id), t)))


def ask_company(found: Choices, number: int, operator: str, t: Translate) -> Screen:
    """Whose the station is."""
    key = short(found.station.id)
    buttons = [
        Button(
            _mark(
                operator if each is None else each.name,
                chosen=found.station.entity_id == (None if each is None else each.id),
            ),
            Go("se.of", (key, ROOT if each is None else short(each.id))),
        )
        for each in found.companies
    ]
    text = t("station_edit.whose_ask", station=found.station.id)
    paged = _paged(buttons, number, Go("se.whose", (key,)), t)
    return Screen(text, (*paged, _back(to_edit(found.station.id), t)))


def ask_directions(station: Station, t: Translate) -> Screen:
    """How to find it on the site."""
    drop = Button(t("station_edit.drop_directions"), Go("se.noway", (short(station.id),)))
    return Screen(
        t("station_edit.way_ask", station=station.id),
        (*((row(drop),) if station.directions else ()), _back(to_edit(station.id), t)),
    )


def ask_minutes(found: Editable, t: Translate) -> Screen:
    """After how long a silence it counts as pending and as offline."""
    operator = found.operator
    reset = Button(
        t(
            "station_edit.reset_minutes",
            pending=operator.pending_after_minutes,
            offline=operator.offline_after_minutes,
        ),
        Go("se.nowait", (short(found.station.id),)),
    )
    return Screen(
        t("station_edit.wait_ask", station=found.station.id),
        (row(reset), _back(to_edit(found.station.id), t)),
    )


def sites(found: Sites, t: Translate, number: int = 0, *, lists: bool = True) -> Screen:
    """Locations to choose one to change; `lists` says whether the person may see the station list."""
    buttons = [Button(cut(f"{each.name}, {each.city}"), to_site(each.id)) for each in found.locations]
    text = t("station_edit.sites", count=len(buttons)) if buttons else t("station_edit.no_site")
    made = row(Button(t("station_edit.new_location"), Go("se.make")))
    ends = (*((Button(t("sheet.to_list"), LIST),) if lists else ()), *home(t))
    return Screen(text, (*_paged(buttons, number, Go("se.sites"), t), made, ends))


def site(found: Site, t: Translate, *, done: bool = False) -> Screen:
    """A location, and all that can be changed of it."""
    place = found.location
    text = t(
        "station_edit.site",
        name=cut(place.name, _NAME),
        address=address(place),
        latitude=f"{place.latitude:g}",
        longitude=f"{place.longitude:g}",
        map=map_of(place),
        count=found.stations,
    )
    buttons = [
        Button(t(f"location_field.{each.value}"), Go("se.field", (short(place.id), each.value)))
        for each in Field
    ]
    ends = (Button(t("station_edit.all_sites"), Go("se.sites", ("0",))), *home(t))
    return Screen(_said(text, t, done=done), (*columns(buttons, 2), ends))


def ask_field(field: Field, t: Translate, location: Location | None = None) -> Screen:
    """One field of a location; of one that is new where none is given."""
    back = Go("se.sites", ("0",)) if location is None else to_site(location.id)
    asked = t(f"location_ask.{field.value}")
    name = t("station_edit.new_location_head") if location is None else f"📍 <b>{_escaped(location, t)}</b>"
    return Screen(f"{name}\n\n{asked}", (_back(back, t),))


def _escaped(location: Location, t: Translate) -> str:
    return t("station_edit.named", name=cut(location.name, _NAME))


def _point(each: Point, t: Translate) -> str:
    if each.evse is None:
        return t("station_edit.point_without", number=each.connector)
    return t(
        "station_edit.point",
        number=each.connector,
        evse=each.evse.evse_id,
        type=cut(each.evse.type),
        power=t.number(each.evse.power_kw),
    )


def _minutes(found: Editable, t: Translate) -> str:
    station, operator = found.station, found.operator
    own = station.pending_after_minutes or station.offline_after_minutes
    return t(
        "station_edit.minutes_own" if own else "station_edit.minutes",
        pending=station.pending_after_minutes or operator.pending_after_minutes,
        offline=station.offline_after_minutes or operator.offline_after_minutes,
    )


def _paged(buttons: list[Button], number: int, page: Go, t: Translate) -> Keyboard:
    """A page of choices, with the buttons to those beside it."""
    pages = max(-(-len(buttons) // CHOICES_A_PAGE), 1)
    here = min(max(number, 0), pages - 1)
    shown = buttons[here * CHOICES_A_PAGE :][:CHOICES_A_PAGE]
    turning = pager(here, pages, lambda to: Go(page.page, (*page.arguments, str(to))), t)
    return (*columns(shown, 1), *((turning,) if turning else ()))


def _back(to: Go, t: Translate) -> tuple[Button, ...]:
    return row(Button(t("station_edit.back"), to))


def _said(text: str, t: Translate, *, done: bool) -> str:
    return f"{t('station_edit.done')}\n\n{text}" if done else text


def _mark(name: str, *, chosen: bool) -> str:
    return f"✓ {cut(name)}" if chosen else cut(name)
