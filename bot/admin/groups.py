"""`/groups` and `/rights`: who may do what, by groups."""

from typing import TypeVar

from bot.admin.forms import argument, leave, named, number, said
from bot.admin.visit import Door, Section, Visit
from bot.domain.refusal import Refusal
from bot.domain.rights import Area, Right, Scope
from bot.operations import groups
from bot.operations.groups import GroupSeen
from bot.telegram.incoming import Words
from bot.views import groups as view
from bot.views.callbacks import Go
from storage.repositories.desks import Form

W = TypeVar("W", Area, Right, Scope)
NEW, NAME = "group.new", "group.name"


async def _command(visit: Visit, _argument: str) -> None:
    await _list(visit, ())


async def _rights_command(visit: Visit, name: str) -> None:
    found = (await groups.show(visit.acting)).groups
    wanted = name.casefold().strip()
    exact = [each for each in found if each.group.name.casefold() == wanted]
    like = [each for each in found if wanted and wanted in each.group.name.casefold()]
    meant = exact or like
    if len(meant) != 1:
        return await _list(visit, ())
    await visit.show(view.rights(meant[0], Area.INFRASTRUCTURE, visit.t))


async def _list(visit: Visit, arguments: tuple[str, ...]) -> None:
    await leave(visit)
    await visit.show(view.listed(await groups.show(visit.acting), visit.t, number(arguments)))


async def _show(visit: Visit, arguments: tuple[str, ...]) -> None:
    await leave(visit)
    await visit.show(view.show(await _of(visit, arguments), visit.t))


async def _rights(visit: Visit, arguments: tuple[str, ...]) -> None:
    area = _word(Area, argument(arguments, 1) or Area.INFRASTRUCTURE)
    await visit.show(view.rights(await _of(visit, arguments), area, visit.t))


async def _switch(visit: Visit, arguments: tuple[str, ...]) -> None:
    group = await _of(visit, arguments)
    right = _word(Right, argument(arguments, 1))
    on, sure = argument(arguments, 2) == "1", argument(arguments, 3) == "yes"
    losing = await groups.switch(visit.acting, group.group.name, right, on=on, sure=sure)
    if losing is not None:
        return await visit.show(view.losing(group, losing, visit.t))
    await visit.show(view.rights(await _of(visit, arguments), right.area, visit.t))


async def _scope(visit: Visit, arguments: tuple[str, ...]) -> None:
    group = await _of(visit, arguments)
    if chosen := argument(arguments, 1):
        await groups.rescope(visit.acting, group.group.name, _word(Scope, chosen))
    await visit.show(view.scope(await _of(visit, arguments), visit.t))


async def _drop(visit: Visit, arguments: tuple[str, ...]) -> None:
    group = await _of(visit, arguments)
    if argument(arguments, 1) != "yes":
        return await visit.show(view.dropping(group, visit.t))
    await groups.drop(visit.acting, group.group.name)
    await visit.show(view.dropped(visit.t))


async def _new(visit: Visit, _arguments: tuple[str, ...]) -> None:
    await groups.show(visit.acting)
    await visit.ask(Form(NEW), view.asks_name(None, visit.t))


async def _rename(visit: Visit, arguments: tuple[str, ...]) -> None:
    group = await _of(visit, arguments)
    await visit.ask(Form(NAME, group.group.name), view.asks_name(group, visit.t))


async def _named(visit: Visit, _form: Form, words: Words) -> None:
    await _show_named(visit, await groups.create(visit.closing(), said(words)))


async def _renamed(visit: Visit, form: Form, words: Words) -> None:
    await _show_named(visit, await groups.rename(visit.closing(), form.subject, said(words)))


async def _show_named(visit: Visit, name: str) -> None:
    found = (await groups.show(visit.acting)).groups
    await visit.show(view.show(next(each for each in found if each.group.name == name), visit.t))


async def _of(visit: Visit, arguments: tuple[str, ...]) -> GroupSeen:
    found = (await groups.show(visit.acting)).groups
    return named(((each.group.name, each) for each in found), argument(arguments, 0), "group.gone")


def _word(vocabulary: type[W], word: str) -> W:
    try:
        return vocabulary(word)
    except ValueError:
        raise Refusal("button.old") from None


SECTION = Section(
    commands={"groups": _command, "rights": _rights_command},
    taps={
        "gr.list": _list,
        "gr.show": _show,
        "gr.rights": _rights,
        "gr.sw": _switch,
        "gr.scope": _scope,
        "gr.name": _rename,
        "gr.drop": _drop,
        "gr.new": _new,
    },
    forms={NEW: _named, NAME: _renamed},
    doors=(Door("groups", Go("gr.list"), frozenset({Right.GROUPS_MANAGE})),),
)
