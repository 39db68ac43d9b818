"""`/companies`: the companies of the operator, as a tree."""

from bot.admin.forms import argument, leave, named, number, said
from bot.admin.visit import Door, Reaching, Section, Visit
from bot.domain.rights import EntityId, Right
from bot.operations import companies
from bot.operations.companies import Companies, CompanySeen
from bot.telegram.incoming import Words
from bot.views import companies as view
from bot.views.callbacks import Go
from bot.views.people import ROOT
from storage.repositories.desks import Form

NEW, NAME = "company.new", "company.name"


async def _command(visit: Visit, _argument: str) -> None:
    await _list(visit, ())


async def _list(visit: Visit, arguments: tuple[str, ...]) -> None:
    await leave(visit)
    await visit.show(view.listed(await companies.show(visit.acting), visit.t, number(arguments)))


async def _show(visit: Visit, arguments: tuple[str, ...]) -> None:
    await leave(visit)
    found, seen = await _of(visit, argument(arguments, 0))
    await visit.show(view.show(seen, found, visit.t))


async def _new(visit: Visit, arguments: tuple[str, ...]) -> None:
    parent = argument(arguments, 0)
    if parent == ROOT:
        found = await companies.show(visit.acting)
        return await visit.ask(Form(NEW), view.asks_name(found.operator, visit.t))
    _, seen = await _of(visit, parent)
    await visit.ask(Form(NEW, seen.entity.id), view.asks_name(seen.entity.name, visit.t))


async def _rename(visit: Visit, arguments: tuple[str, ...]) -> None:
    _, seen = await _of(visit, argument(arguments, 0))
    await visit.ask(Form(NAME, seen.entity.id), view.asks_new_name(seen, visit.t))


async def _added(visit: Visit, form: Form, words: Words) -> None:
    made = await companies.add(visit.closing(), said(words), form.subject or None)
    await _draw(visit, made.id)


async def _renamed(visit: Visit, form: Form, words: Words) -> None:
    await companies.rename(visit.closing(), form.subject, said(words))
    await _draw(visit, form.subject)


async def _move(visit: Visit, arguments: tuple[str, ...]) -> None:
    found, seen = await _of(visit, argument(arguments, 0))
    await visit.show(view.moving(seen, found, visit.t, number(arguments, 1)))


async def _under(visit: Visit, arguments: tuple[str, ...]) -> None:
    _, seen = await _of(visit, argument(arguments, 0))
    parent: EntityId = None
    if argument(arguments, 1) != ROOT:
        parent = (await _of(visit, argument(arguments, 1)))[1].entity.id
    await companies.move(visit.acting, seen.entity.id, parent)
    await _draw(visit, seen.entity.id)


async def _drop(visit: Visit, arguments: tuple[str, ...]) -> None:
    _, seen = await _of(visit, argument(arguments, 0))
    if argument(arguments, 1) != "yes":
        return await visit.show(view.dropping(seen, visit.t))
    await companies.drop(visit.acting, seen.entity.id)
    await visit.show(view.listed(await companies.show(visit.acting), visit.t))


async def _draw(visit: Visit, entity_id: str) -> None:
    found = await companies.show(visit.acting)
    seen = next(each for each in found.companies if each.entity.id == entity_id)
    await visit.show(view.show(seen, found, visit.t))


async def _of(visit: Visit, shortened: str) -> tuple[Companies, CompanySeen]:
    found = await companies.show(visit.acting)
    return found, named(((each.entity.id, each) for each in found.companies), shortened, "company.gone")


SECTION = Section(
    commands={"companies": _command},
    taps={
        "co.list": _list,
        "co.show": _show,
        "co.new": _new,
        "co.name": _rename,
        "co.move": _move,
        "co.under": _under,
        "co.drop": _drop,
    },
    forms={NEW: _added, NAME: _renamed},
    doors=(Door("companies", Go("co.list"), frozenset({Right.USERS_MANAGE}), Reaching.EVERYWHERE),),
)
