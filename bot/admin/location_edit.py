"""`/location` and the pages on which locations are made and changed."""

from dataclasses import replace

from bot.admin.stations import arrived, page_number
from bot.admin.tabs import station_named
from bot.admin.visit import Section, Visit
from bot.domain.refusal import Refusal
from bot.domain.rights import Right
from bot.operations import location_data, station_data
from bot.operations.location_data import Field, Site
from bot.telegram.incoming import Words
from bot.views import station_edit as view
from bot.views.callbacks import short
from storage.repositories.desks import Form

_FIELD, _MAKE = "se.field", "se.make"


async def _command(visit: Visit, argument: str) -> None:
    """`/location <name>` or `/location edit <name>`; all of them where none is named."""
    words = argument.split()
    said = " ".join(words[1:] if words and words[0].casefold() == "edit" else words)
    found = await location_data.sites(visit.acting, said)
    visit = await arrived(visit)
    if said and len(found.locations) == 1:
        site = await location_data.site(visit.acting, found.locations[0].id)
        return await visit.show(view.site(site, visit.t))
    await visit.show(view.sites(found, visit.t, lists=_lists(visit)))


async def _sites(visit: Visit, arguments: tuple[str, ...]) -> None:
    found = await location_data.sites(visit.acting)
    await arrived(visit)
    await visit.show(view.sites(found, visit.t, page_number(arguments), lists=_lists(visit)))


async def _site(visit: Visit, arguments: tuple[str, ...]) -> None:
    found = await _named(visit, arguments)
    await arrived(visit)
    await visit.show(view.site(found, visit.t))


async def _ask(visit: Visit, arguments: tuple[str, ...]) -> None:
    """`se.field|location|field`."""
    found = await _named(visit, arguments)
    field = _field((*arguments, "", "")[1])
    await location_data.check(visit.acting, found.location.id)
    form = Form(_FIELD, found.location.id, field.value)
    await visit.ask(form, view.ask_field(field, visit.t, found.location))


async def _said(visit: Visit, form: Form, words: Words) -> None:
    values = {_field(form.asks): words.message.words or ""}
    found = await location_data.change(visit.closing(), form.subject, values)
    await visit.show(view.site(found, visit.t, done=True))


async def _make(visit: Visit, arguments: tuple[str, ...]) -> None:
    """`se.make|station` for where a station stands; without one the location is made for later."""
    station = await station_named(visit, arguments[0]) if arguments else None
    await location_data.sites(visit.acting)
    if station is not None:
        await station_data.show(visit.acting, station.id)
    first = next(iter(Field))
    form = Form(_MAKE, "" if station is None else station.id, first.value)
    await visit.ask(form, view.ask_field(first, visit.t))


async def _made(visit: Visit, form: Form, words: Words) -> None:
    """Each answer is checked when it is given; with the last one the location is made."""
    field, said = _field(form.asks), words.message.words or ""
    location_data.checked_field(field, said)
    values = {**form.values, field.value: said}
    following = next((each for each in Field if each.value not in values), None)
    if following is not None:
        await location_data.sites(visit.acting)
        asked = replace(form, asks=following.value, values=values)
        return await visit.ask(asked, view.ask_field(following, visit.t))
    answers = {Field(name): value for name, value in values.items()}
    if form.subject:
        found = await location_data.create_for(visit.closing(), form.subject, answers)
        return await visit.show(view.show(found, visit.t, done=True))
    site = await location_data.create(visit.closing(), answers)
    await visit.show(view.site(site, visit.t, done=True))


def _lists(visit: Visit) -> bool:
    return bool(visit.who.reach(Right.STATION_LIST))


async def _named(visit: Visit, arguments: tuple[str, ...]) -> Site:
    shortened = arguments[0] if arguments else ""
    found = await location_data.sites(visit.acting)
    wanted = next((each.id for each in found.locations if short(each.id) == shortened), None)
    if wanted is None:
        raise Refusal("station.no_location")
    return await location_data.site(visit.acting, wanted)


def _field(name: str) -> Field:
    try:
        return Field(name)
    except ValueError:
        raise Refusal("button.old") from None


SECTION = Section(
    commands={"location": _command},
    taps={"se.sites": _sites, "se.site": _site, "se.field": _ask, "se.make": _make},
    forms={_FIELD: _said, _MAKE: _made},
)
