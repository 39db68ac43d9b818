"""`/stations`: the station list with its search and its filters."""

from collections.abc import Mapping
from dataclasses import replace

from bot.admin.visit import Door, Section, Visit
from bot.domain.condition import Condition
from bot.domain.refusal import Refusal
from bot.domain.rights import Right
from bot.operations import station_list
from bot.operations.station_list import Reaches
from bot.telegram.incoming import Words
from bot.views import stations as view
from bot.views.callbacks import short
from storage.repositories.desks import Form
from storage.repositories.station_list import LONGEST_SEARCH, Wanted

_WORDS, _LOCATION, _CONDITION, _SERVICE = (
    "stations.words",
    "stations.location",
    "stations.condition",
    "stations.service",
)
_SEARCH = "st.search"
_OURS = frozenset({"st", "se", "sf"})
"""What the names of the forms about stations begin with."""


def wanted(visit: Visit) -> Wanted:
    """What the filters of the person's list say."""
    kept = visit.desk.filters
    return Wanted(
        kept.get(_WORDS),
        kept.get(_LOCATION),
        Condition(kept[_CONDITION]) if _CONDITION in kept else None,
        kept[_SERVICE] == "on" if _SERVICE in kept else None,
    )


def reaches(visit: Visit) -> Reaches:
    """Whether a back end reaches a station at present."""
    stations = visit.reply.context.services.stations
    return lambda station_id: bool(stations.capabilities(station_id))


async def show_list(visit: Visit, number: int = 0) -> None:
    """A page of the list, by the filters."""
    await _show(visit, wanted(visit), number)


async def show_found(visit: Visit, words: str) -> None:
    """The list of what those words find; they are its only filter then."""
    await _keep(visit, {_WORDS: words[:LONGEST_SEARCH]} if words else {})


async def arrived(visit: Visit) -> Visit:
    """For a page that changes nothing: whoever comes to it has left the question that was open."""
    form = visit.desk.form
    if form is None or form.name.partition(".")[0] not in _OURS:
        return visit
    desk = replace(visit.desk, form=None)
    await visit.keep(desk)
    return replace(visit, desk=desk)


async def _command(visit: Visit, argument: str) -> None:
    await show_found(visit, " ".join(argument.split()))


async def _list(visit: Visit, arguments: tuple[str, ...]) -> None:
    await show_list(await arrived(visit), page_number(arguments))


async def _filter(visit: Visit, _arguments: tuple[str, ...]) -> None:
    await station_list.places(visit.acting, wanted(visit))
    await visit.show(view.filters(wanted(visit), visit.t))


async def _places(visit: Visit, arguments: tuple[str, ...]) -> None:
    found = await station_list.places(visit.acting, wanted(visit))
    await visit.show(view.places(found, page_number(arguments), visit.t))


async def _by(visit: Visit, arguments: tuple[str, ...]) -> None:
    """`st.by|what|value`; the value that is set already is taken back."""
    what, value = (*arguments, "", "")[:2]
    match what:
        case "condition" if value in set(Condition):
            key = _CONDITION
        case "service" if value in {"on", "off"}:
            key = _SERVICE
        case "location":
            key = _LOCATION
            found = await station_list.places(visit.acting, wanted(visit))
            named = (each.id for each, _ in found.locations if short(each.id) == value)
            value = next(named, "")
        case _:
            value = ""
    if not value:
        raise Refusal("button.old")
    kept = _own(visit)
    await _keep(visit, {**kept, key: value} if kept.get(key) != value else _without(kept, key))


async def _clear(visit: Visit, _arguments: tuple[str, ...]) -> None:
    await _keep(visit, {})


async def _find(visit: Visit, _arguments: tuple[str, ...]) -> None:
    await station_list.places(visit.acting, wanted(visit))
    await visit.ask(Form(_SEARCH), view.ask_words(visit.t))


async def _found(visit: Visit, _form: Form, words: Words) -> None:
    said = " ".join((words.message.words or "").split())
    if not said:
        raise Refusal("form.words")
    await _keep(visit, {**_own(visit), _WORDS: said[:LONGEST_SEARCH]})


def page_number(arguments: tuple[str, ...]) -> int:
    """The number of a page as a button carries it; 0 where it carries none."""
    return int(arguments[0]) if arguments and arguments[0].isdecimal() else 0


def _own(visit: Visit) -> dict[str, str]:
    names = {_WORDS, _LOCATION, _CONDITION, _SERVICE}
    return {name: value for name, value in visit.desk.filters.items() if name in names}


def _without(kept: Mapping[str, str], key: str) -> dict[str, str]:
    return {name: value for name, value in kept.items() if name != key}


async def _keep(visit: Visit, filters: Mapping[str, str]) -> None:
    """Keeps the filters, closes what was asked, and shows the first page."""
    others = {name: value for name, value in visit.desk.filters.items() if name not in _own(visit)}
    desk = replace(visit.desk, form=None, filters={**others, **filters})
    changed = replace(visit, desk=desk)
    page = await station_list.page(visit.acting, wanted(changed), 0, reaches(visit))
    await visit.keep(desk)
    await visit.show(view.show(page, visit.t))


async def _show(visit: Visit, filters: Wanted, number: int) -> None:
    page = await station_list.page(visit.acting, filters, number, reaches(visit))
    await visit.show(view.show(page, visit.t))


SECTION = Section(
    commands={"stations": _command},
    taps={
        "st.list": _list,
        "st.filter": _filter,
        "st.places": _places,
        "st.by": _by,
        "st.clear": _clear,
        "st.find": _find,
    },
    forms={_SEARCH: _found},
    doors=(Door("stations", view.LIST, frozenset({Right.STATION_LIST})),),
)
