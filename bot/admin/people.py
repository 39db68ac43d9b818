"""`/people`: who works for the operator, where they belong, and what ends it."""

from dataclasses import replace

from bot.admin.forms import argument, leave, named, number, said
from bot.admin.visit import Door, Section, Visit
from bot.domain.refusal import Refusal
from bot.domain.rights import EntityId, MissingRight, Right
from bot.operations import people
from bot.operations.people import Field, PersonSeen
from bot.telegram.incoming import Words
from bot.views import people as view
from bot.views.callbacks import Go
from bot.views.paging import PAGE
from storage.repositories.desks import Form

SEARCH, EDIT = "person.search", "person.edit"
LOOKED_FOR = "people"


async def _command(visit: Visit, words: str) -> None:
    await _looked_for(visit, words)


async def _list(visit: Visit, arguments: tuple[str, ...]) -> None:
    await leave(visit)
    inactive = argument(arguments, 1) == "1"
    await _draw(visit, visit.desk.filters.get(LOOKED_FOR, ""), number(arguments), inactive=inactive)


async def _search(visit: Visit, _arguments: tuple[str, ...]) -> None:
    await people.show(visit.acting)
    await visit.ask(Form(SEARCH), view.asks_search(visit.t))


async def _searched(visit: Visit, _form: Form, words: Words) -> None:
    await _looked_for(visit, said(words))


async def _whole(visit: Visit, _arguments: tuple[str, ...]) -> None:
    await _looked_for(visit, "")


async def _looked_for(visit: Visit, words: str) -> None:
    filters = {**visit.desk.filters, LOOKED_FOR: words}
    await visit.keep(replace(visit.desk, form=None, filters=filters))
    await _draw(visit, words, 0, inactive=False)


async def _draw(visit: Visit, words: str, page: int, *, inactive: bool) -> None:
    found = await people.show(visit.acting, words, inactive=inactive)
    await visit.show(view.listed(found, visit.t, page, words, inactive=inactive))


async def _show(visit: Visit, arguments: tuple[str, ...]) -> None:
    await leave(visit)
    await _draw_one(visit, number(arguments))


async def _draw_one(visit: Visit, person_id: int) -> None:
    seen = await people.one(visit.acting, person_id)
    await visit.show(view.show(seen, visit.operator.name, visit.operator.time_zone, visit.t))


async def _groups(visit: Visit, arguments: tuple[str, ...]) -> None:
    seen = await people.one(visit.acting, number(arguments))
    await visit.show(view.groups(seen, visit.t, number(arguments, 1)))


async def _group(visit: Visit, arguments: tuple[str, ...]) -> None:
    seen = await people.one(visit.acting, number(arguments))
    group = named(((each.name, each) for each, _ in seen.groups), argument(arguments, 1), "group.gone")
    member = argument(arguments, 2) == "1"
    await people.regroup(visit.acting, seen.person.person_id, group.name, member=member)
    page = next(place for place, (each, _) in enumerate(seen.groups) if each == group) // PAGE
    await visit.show(view.groups(await people.one(visit.acting, number(arguments)), visit.t, page))


async def _company(visit: Visit, arguments: tuple[str, ...]) -> None:
    seen = await people.one(visit.acting, number(arguments))
    await visit.show(view.companies(seen, visit.operator.name, visit.t, number(arguments, 1)))


async def _move(visit: Visit, arguments: tuple[str, ...]) -> None:
    seen = await people.one(visit.acting, number(arguments))
    await people.move(visit.acting, seen.person.person_id, _chosen(seen, argument(arguments, 1)))
    await _draw_one(visit, seen.person.person_id)


def _chosen(seen: PersonSeen, name: str) -> EntityId:
    for each in seen.companies:
        if view.company_name(each) == name:
            return None if each is None else each.id
    raise Refusal("company.gone")


async def _edit(visit: Visit, arguments: tuple[str, ...]) -> None:
    seen = await people.one(visit.acting, number(arguments))
    if not seen.personal:
        raise MissingRight(Right.PERSONAL_DATA)
    field = _field(argument(arguments, 1))
    form = Form(EDIT, str(seen.person.person_id), field.value)
    await visit.ask(form, view.asks(seen, field, visit.t))


async def _edited(visit: Visit, form: Form, words: Words) -> None:
    text = (words.contact.phone if words.contact is not None else "") or said(words)
    field = _field(form.asks)
    if not text:
        raise Refusal(
            f"person.{field.value}", **({"most": str(people.MOST_NAME)} if field is Field.NAME else {})
        )
    await people.edit(visit.closing(), int(form.subject), field, text)
    await _draw_one(visit, int(form.subject))


async def _clear(visit: Visit, arguments: tuple[str, ...]) -> None:
    await people.edit(visit.closing(), number(arguments), _field(argument(arguments, 1)), "")
    await _draw_one(visit, number(arguments))


async def _off(visit: Visit, arguments: tuple[str, ...]) -> None:
    seen = await people.one(visit.acting, number(arguments))
    if argument(arguments, 1) != "yes":
        return await visit.show(view.deactivating(seen, visit.t))
    await people.deactivate(visit.acting, seen.person.person_id)
    if seen.myself:
        return await visit.show(view.gone(visit.t))
    await _draw_one(visit, seen.person.person_id)


async def _on(visit: Visit, arguments: tuple[str, ...]) -> None:
    await people.reactivate(visit.acting, number(arguments))
    await _draw_one(visit, number(arguments))


def _field(word: str) -> Field:
    try:
        return Field(word)
    except ValueError:
        raise Refusal("button.old") from None


SECTION = Section(
    commands={"people": _command},
    taps={
        "pp.list": _list,
        "pp.search": _search,
        "pp.whole": _whole,
        "pp.show": _show,
        "pp.groups": _groups,
        "pp.group": _group,
        "pp.company": _company,
        "pp.move": _move,
        "pp.edit": _edit,
        "pp.clear": _clear,
        "pp.off": _off,
        "pp.on": _on,
    },
    forms={SEARCH: _searched, EDIT: _edited},
    doors=(Door("people", Go("pp.list"), frozenset({Right.USERS_MANAGE})),),
)
