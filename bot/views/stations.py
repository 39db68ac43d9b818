"""The station list: pages, search and filters."""

from collections.abc import Mapping

from bot.domain.condition import Condition
from bot.domain.reachability import Reachability
from bot.operations.station_list import Listed, Places, StationPage
from bot.views.callbacks import Go, short
from bot.views.fit import cut, pager
from bot.views.i18n import Translate
from bot.views.menu import home
from bot.views.screen import Button, Keyboard, Screen, columns, row
from storage.repositories.station_list import Wanted

LIST = Go("st.list")
LAMPS: Mapping[Condition, str] = {
    Condition.OK: "🟢",
    Condition.IN_USE: "🔵",
    Condition.OUT_OF_USE: "🚧",
    Condition.FAULT: "🔴",
    Condition.OFFLINE: "⚫",
    Condition.NEVER: "⚪",
    Condition.UNKNOWN: "❔",
}
_OFFERED = tuple(each for each in Condition if each is not Condition.UNKNOWN)
_SERVICE = {"on": True, "off": False}
PLACES_A_PAGE = 8
_NAME = 60
"""Of what is named in a line of the list."""


def show(page: StationPage, t: Translate) -> Screen:
    """A page of the list."""
    head = t("stations.head", count=page.total)
    filters = _filters(page, t)
    shown = [_line(each, t) for each in page.stations]
    if not shown:
        shown = [t("stations.none_found" if filters else "stations.none")]
    text = "\n\n".join([f"{head}\n{filters}" if filters else head, *shown])
    opened = [Button(_label(each), _sheet(each.station_id)) for each in page.stations]
    turning = pager(page.number, page.pages, lambda number: Go("st.list", (str(number),)), t)
    return Screen(
        text,
        (*columns(opened, 2), *((turning,) if turning else ()), *_tools(t, filtered=bool(filters)), home(t)),
    )


def state(condition: Condition, reachability: Reachability, t: Translate) -> str:
    """The lamp with its word, and how the station is in contact where the first does not say it already."""
    said = f"{LAMPS[condition]} {t(f'condition.{condition.value}')}"
    if condition in {Condition.OFFLINE, Condition.NEVER}:
        return said
    return f"{said} · {t(f'reach_word.{reachability.value}')}"


def filters(wanted: Wanted, t: Translate) -> Screen:
    """The choice of a filter; the one that is set is marked."""
    by_condition = [
        Button(
            _chosen(f"{LAMPS[each]} {t(f'condition.{each.value}')}", chosen=wanted.condition is each),
            Go("st.by", ("condition", each.value)),
        )
        for each in _OFFERED
    ]
    by_service = [
        Button(
            _chosen(t(f"stations.service_{word}"), chosen=wanted.service_active is active),
            Go("st.by", ("service", word)),
        )
        for word, active in _SERVICE.items()
    ]
    where = Button(
        _chosen(t("stations.by_location"), chosen=wanted.location_id is not None), Go("st.places", ("0",))
    )
    return Screen(
        t("stations.filter_ask"),
        (
            *columns(by_condition, 2),
            tuple(by_service),
            row(where),
            row(Button(t("stations.clear"), Go("st.clear")), Button(t("stations.back"), LIST)),
        ),
    )


def places(found: Places, number: int, t: Translate) -> Screen:
    """The locations by which the list may be filtered."""
    pages = max(-(-len(found.locations) // PLACES_A_PAGE), 1)
    here = min(max(number, 0), pages - 1)
    shown = found.locations[here * PLACES_A_PAGE :][:PLACES_A_PAGE]
    buttons = [
        Button(
            f"{cut(f'{location.name}, {location.city}')} ({many})",
            Go("st.by", ("location", short(location.id))),
        )
        for location, many in shown
    ]
    turning = pager(here, pages, lambda page: Go("st.places", (str(page),)), t)
    text = t("stations.where_ask", count=len(found.locations)) if shown else t("stations.none")
    return Screen(
        text,
        (
            *columns(buttons, 1),
            *((turning,) if turning else ()),
            row(Button(t("stations.back"), Go("st.filter"))),
        ),
    )


def ask_words(t: Translate) -> Screen:
    """What to search for."""
    return Screen(t("stations.search_ask"), (row(Button(t("stations.back"), LIST)),))


def _line(each: Listed, t: Translate) -> str:
    service = t("stations.service_on" if each.service_active else "stations.service_off")
    return t(
        "stations.line",
        state=state(each.condition, each.reachability, t),
        station=cut(each.station_id, _NAME),
        location=cut(each.location.name, _NAME),
        service=service,
    )


def _label(each: Listed) -> str:
    return f"{LAMPS[each.condition]} {cut(each.station_id, 24)}"


def _filters(page: StationPage, t: Translate) -> str:
    wanted = page.wanted
    set_ones = []
    if wanted.words:
        set_ones.append(t("stations.words", words=cut(wanted.words, _NAME)))
    if page.location is not None:
        set_ones.append(t("stations.at", location=cut(page.location.name, _NAME)))
    if wanted.condition is not None:
        set_ones.append(t(f"condition.{wanted.condition.value}"))
    if wanted.service_active is not None:
        set_ones.append(t("stations.service_on" if wanted.service_active else "stations.service_off"))
    # The parts are ready for HTML, so that they are joined without another escape.
    return f"{t('stations.filtered')} {' · '.join(set_ones)}" if set_ones else ""


def _tools(t: Translate, *, filtered: bool) -> Keyboard:
    find = row(Button(t("stations.search"), Go("st.find")), Button(t("stations.filter"), Go("st.filter")))
    return (find, row(Button(t("stations.clear"), Go("st.clear")))) if filtered else (find,)


def _chosen(label: str, *, chosen: bool) -> str:
    return f"✓ {label}" if chosen else label


def _sheet(station_id: str) -> Go:
    return Go("st.sheet", (short(station_id),))
