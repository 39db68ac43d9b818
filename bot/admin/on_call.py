"""`/oncall`: who is on call now and in the coming two weeks; stand-ins, swaps, and whose holidays hold."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.admin.forms import argument, number, written
from bot.admin.visit import Door, Reaching, Section, Visit
from bot.domain.refusal import Refusal
from bot.domain.rights import Right
from bot.domain.when import read_span
from bot.operations import on_call
from bot.operations.roster import Roster, swappable
from bot.telegram.incoming import Words
from bot.views import on_call as view
from storage.repositories.desks import Form

_WHEN = "oc.when"


async def _command(visit: Visit, _argument: str) -> None:
    await _show(visit, ())


async def _show(visit: Visit, _arguments: tuple[str, ...]) -> None:
    await visit.show(view.show(await on_call.show(visit.acting), visit.t))


async def _overrides(visit: Visit, _arguments: tuple[str, ...]) -> None:
    await visit.show(view.overrides(await on_call.show(visit.acting), visit.t))


async def _stand_in(visit: Visit, arguments: tuple[str, ...]) -> None:
    """Level, person and time are asked for one after the other; of a single level nobody is asked."""
    roster = await on_call.show(visit.acting)
    level = _level(roster, arguments)
    if level is None:
        return await visit.show(view.which_level(roster, "oc.standin", visit.t))
    if len(arguments) < 2 or arguments[1] == "page":  # noqa: PLR2004  # A level and a person.
        return await visit.show(view.who_stands_in(roster, level, visit.t, number(arguments, 2)))
    person = number(arguments, 1)
    if person not in roster.agents:
        raise Refusal("on_call.no_agent")
    form = Form(_WHEN, values={"level": str(level), "person": str(person)})
    await visit.ask(form, view.ask_when(roster, person, visit.t))


def _level(roster: Roster, arguments: tuple[str, ...]) -> int | None:
    """The level that was chosen, or the only one; None where it has to be asked for."""
    levels = roster.schedule.levels or (1,)
    if arguments:
        chosen = number(arguments)
        if chosen not in levels:
            raise Refusal("button.old")
        return chosen
    return levels[0] if len(levels) == 1 else None


async def _when(visit: Visit, form: Form, words: Words) -> None:
    zone = ZoneInfo(visit.operator.time_zone)
    span = read_span(written(words), visit.acting.now, zone)
    level, person = (number((form.values.get(name, ""),)) for name in ("level", "person"))
    done = await on_call.add_override(visit.closing(), level, person, span)
    await visit.show(view.stands_in(done, visit.t))


async def _undo(visit: Visit, arguments: tuple[str, ...]) -> None:
    roster = await on_call.remove_override(visit.acting, number(arguments))
    await visit.show(view.overrides(roster, visit.t))


async def _swap(visit: Visit, arguments: tuple[str, ...]) -> None:
    """Two shifts are asked for one after the other."""
    roster = await on_call.show(visit.acting)
    level = _level(roster, arguments)
    if level is None:
        return await visit.show(view.which_level(roster, "oc.swap", visit.t))
    if len(arguments) > 2:  # noqa: PLR2004  # A level and two shifts.
        first, second = (_moment(arguments, place) for place in (1, 2))
        done = await on_call.swap(visit.acting, level, first, second, number(arguments, 3))
        return await visit.show(view.swapped(*done, visit.t))
    found = swappable(roster, level)
    chosen = None
    if len(arguments) > 1:
        chosen = next((each for each in found if each.begins == _moment(arguments, 1)), None)
        if chosen is None:
            raise Refusal("on_call.shift_moved")
    await visit.show(view.swap(roster, found, level, chosen, visit.t))


def _moment(arguments: tuple[str, ...], place: int) -> datetime:
    return datetime.fromtimestamp(number(arguments, place), UTC)


async def _region(visit: Visit, arguments: tuple[str, ...]) -> None:
    if argument(arguments, 0) == "is":
        roster = await on_call.set_region(visit.acting, argument(arguments, 1) or None)
    else:
        roster = await on_call.show(visit.acting)
    page = number(arguments, 1) if argument(arguments, 0) == "page" else 0
    await visit.show(view.region(roster, visit.t, page))


SECTION = Section(
    commands={"oncall": _command},
    taps={
        "oc.show": _show,
        "oc.overrides": _overrides,
        "oc.standin": _stand_in,
        "oc.undo": _undo,
        "oc.swap": _swap,
        "oc.region": _region,
    },
    forms={_WHEN: _when},
    doors=(Door("on_call", view.SHOW, frozenset({Right.HOTLINE}), Reaching.OPERATOR),),
)
