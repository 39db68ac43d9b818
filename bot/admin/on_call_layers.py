"""The layers of the plan of who is on call: made by tapping people in their order, then changed one thing at a time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import time
from zoneinfo import ZoneInfo

from bot.admin.forms import argument, number, written
from bot.admin.visit import FormHandler, Section, TapHandler, Visit
from bot.domain.refusal import Refusal
from bot.domain.rotation import Every, Handover, Hours, Layer
from bot.domain.when import read_day, read_handover, read_hours
from bot.operations import on_call
from bot.operations.acting import Acting
from bot.operations.roster import LEVELS
from bot.telegram.incoming import Words
from bot.views import on_call as plan_view
from bot.views import on_call_layers as view
from storage.repositories.desks import Form

_PEOPLE = "oc.people"
_WEEK = frozenset(range(7))
_PRESETS: dict[str, Hours | None] = {
    "all": None,
    "work": Hours(frozenset(range(5)), time(8), time(17)),
    "night": Hours(_WEEK, time(17), time(8)),
}


async def _layer(visit: Visit, arguments: tuple[str, ...]) -> None:
    roster = await on_call.show(visit.acting)
    await visit.show(view.show(roster, roster.layer(number(arguments)), visit.t))


async def _new(visit: Visit, _arguments: tuple[str, ...]) -> None:
    await _choosing(visit, Form(_PEOPLE))


async def _people(visit: Visit, arguments: tuple[str, ...]) -> None:
    roster = await on_call.show(visit.acting)
    layer = roster.layer(number(arguments))
    chosen = [str(each) for each in layer.people if each in roster.agents]
    await _choosing(visit, Form(_PEOPLE, str(layer.id), values={"people": ",".join(chosen)}))


async def _person(visit: Visit, arguments: tuple[str, ...]) -> None:
    """Puts somebody at the end of the order, or takes them out of it."""
    form = _form(visit)
    if argument(arguments, 0) == "page":
        return await _choosing(visit, form, number(arguments, 1))
    chosen, person = _chosen(form), number(arguments)
    if person not in (await on_call.show(visit.acting)).agents:
        raise Refusal("on_call.no_agent")
    chosen = [each for each in chosen if each != person] if person in chosen else [*chosen, person]
    await _choosing(visit, replace(form, values={"people": ",".join(map(str, chosen))}))


async def _choosing(visit: Visit, form: Form, page: int = 0) -> None:
    roster = await on_call.show(visit.acting)
    await visit.ask(form, view.people(roster, _chosen(form), visit.t, page))


def _form(visit: Visit) -> Form:
    """The order so far; a new one where the question is not open any more."""
    form = visit.desk.form
    return form if form is not None and form.name == _PEOPLE else Form(_PEOPLE)


def _chosen(form: Form) -> list[int]:
    return [number((each,)) for each in form.values.get("people", "").split(",") if each]


async def _done(visit: Visit, _arguments: tuple[str, ...]) -> None:
    """The order is complete: a new layer, or another order of one that is there."""
    form = _form(visit)
    await on_call.show(visit.acting)
    await _save(visit, form, tuple(_chosen(form)))


async def _named(visit: Visit, form: Form, words: Words) -> None:
    """The names in their order, written instead of tapped."""
    roster = await on_call.show(visit.acting)
    people: list[int] = []
    for name in filter(None, (each.strip().casefold() for each in written(words).split(","))):
        found = [each for each in roster.agents if roster.name(each).casefold().startswith(name)]
        if len(found) != 1:
            raise Refusal("on_call.unknown_name", name=name)
        people += found
    await _save(visit, form, tuple(people))


async def _save(visit: Visit, form: Form, people: tuple[int, ...]) -> None:
    if not people:
        raise Refusal("on_call.nobody_chosen")
    acting = visit.closing()
    if form.subject:
        done = await on_call.change_layer(
            acting, number((form.subject,)), lambda layer: replace(layer, people=people)
        )
    else:
        name = visit.reply.context.texts.to(visit.operator.language)("on_call.first_name")
        done = await on_call.add_layer(acting, name, people)
    await visit.show(view.show(*done, visit.t))


async def _changed(visit: Visit, acting: Acting, layer_id: int, change: Callable[[Layer], Layer]) -> None:
    await visit.show(view.show(*await on_call.change_layer(acting, layer_id, change), visit.t))


async def _every(visit: Visit, arguments: tuple[str, ...]) -> None:
    wanted = argument(arguments, 1)
    if wanted not in set(Every):
        raise Refusal("button.old")
    every = Every(wanted)
    await _changed(visit, visit.acting, number(arguments), lambda layer: replace(layer, every=every))


async def _level(visit: Visit, arguments: tuple[str, ...]) -> None:
    level = number(arguments, 1)
    if not 1 <= level <= LEVELS:
        raise Refusal("button.old")
    await _changed(visit, visit.acting, number(arguments), lambda layer: replace(layer, level=level))


async def _holiday(visit: Visit, arguments: tuple[str, ...]) -> None:
    on = argument(arguments, 1) == "1"
    await _changed(visit, visit.acting, number(arguments), lambda layer: replace(layer, on_holidays=on))


async def _weekday(visit: Visit, arguments: tuple[str, ...]) -> None:
    day = number(arguments, 1)
    if day not in _WEEK:
        raise Refusal("button.old")
    await _changed(
        visit,
        visit.acting,
        number(arguments),
        lambda layer: replace(layer, handover=Handover(layer.handover.at, day)),
    )


async def _preset(visit: Visit, arguments: tuple[str, ...]) -> None:
    wanted = argument(arguments, 1)
    if wanted not in _PRESETS:
        raise Refusal("button.old")
    hours = _PRESETS[wanted]
    await _changed(visit, visit.acting, number(arguments), lambda layer: replace(layer, hours=hours))


def _asking(what: str) -> TapHandler:
    async def ask(visit: Visit, arguments: tuple[str, ...]) -> None:
        layer = (await on_call.show(visit.acting)).layer(number(arguments))
        await visit.ask(Form(f"oc.{what}", str(layer.id)), view.ask(what, layer, visit.t))

    return ask


def _answered(what: str) -> FormHandler:
    async def answer(visit: Visit, form: Form, words: Words) -> None:
        await on_call.show(visit.acting)
        text, today = written(words), visit.acting.now.astimezone(ZoneInfo(visit.operator.time_zone)).date()

        def change(layer: Layer) -> Layer:
            match what:
                case "handover":
                    return replace(layer, handover=read_handover(text, layer.handover))
                case "hours":
                    return replace(layer, hours=read_hours(text))
                case "start":
                    return replace(layer, starts_on=read_day(text, today))
                case _:
                    return replace(layer, name=text)

        await _changed(visit, visit.closing(), number((form.subject,)), change)

    return answer


async def _remove(visit: Visit, arguments: tuple[str, ...]) -> None:
    if argument(arguments, 1) != "yes":
        layer = (await on_call.show(visit.acting)).layer(number(arguments))
        return await visit.show(view.removing(layer, visit.t))
    roster = await on_call.remove_layer(visit.acting, number(arguments))
    await visit.show(plan_view.show(roster, visit.t))


_ASKED = ("name", "handover", "hours", "start")
SECTION = Section(
    taps={
        "oc.layer": _layer,
        "oc.new": _new,
        "oc.people": _people,
        "oc.person": _person,
        "oc.done": _done,
        "oc.every": _every,
        "oc.level": _level,
        "oc.holiday": _holiday,
        "oc.weekday": _weekday,
        "oc.preset": _preset,
        "oc.remove": _remove,
        **{f"oc.{what}": _asking(what) for what in _ASKED},
    },
    forms={_PEOPLE: _named, **{f"oc.{what}": _answered(what) for what in _ASKED}},
)
