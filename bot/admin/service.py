"""`/activate` and `/deactivate`: the service of stations, from the choice over the quote to the confirmation."""

from collections.abc import Sequence
from dataclasses import replace

from bot.admin.tabs import Tab
from bot.admin.visit import CommandHandler, Door, Section, Visit
from bot.cases.drivers import handover
from bot.domain.operator import Station
from bot.domain.refusal import Refusal
from bot.domain.rights import Right
from bot.operations import service, service_known
from bot.operations.service import Quote
from bot.telegram.incoming import Words
from bot.views import service as view
from bot.views.callbacks import Go, short
from bot.views.screen import Screen
from storage.repositories.desks import Form
from storage.uow import UnitOfWork

_LIST = "service.list"


def _command(*, active: bool) -> CommandHandler:
    async def handle(visit: Visit, argument: str) -> None:
        if not argument.strip():
            return await visit.show(
                view.choose(await service_known.choice(visit.acting, active=active), visit.t)
            )
        named = await service_known.find(visit.acting, argument)
        await _quote(visit, named.station_ids, named.unknown, active=active)

    return handle


async def _pick(visit: Visit, arguments: tuple[str, ...]) -> None:
    active = _way(arguments)
    await visit.show(view.choose(await service_known.choice(visit.acting, active=active), visit.t))


async def _all(visit: Visit, arguments: tuple[str, ...]) -> None:
    active = _way(arguments)
    choice = await service_known.choice(visit.acting, active=active)
    await _quote(visit, [each.id for each in choice.stations], active=active)


async def _locations(visit: Visit, arguments: tuple[str, ...]) -> None:
    active = _way(arguments)
    choice = await service_known.choice(visit.acting, active=active)
    await visit.show(view.locations(choice, _number(arguments, 1), visit.t))


async def _location(visit: Visit, arguments: tuple[str, ...]) -> None:
    active = _way(arguments)
    choice = await service_known.choice(visit.acting, active=active)
    chosen = [each.id for each in choice.stations if short(each.location_id) == _at(arguments, 1)]
    await _quote(visit, chosen, active=active)


async def _one(visit: Visit, arguments: tuple[str, ...]) -> None:
    active = _way(arguments)
    choices = [await service_known.choice(visit.acting, active=each) for each in (True, False)]
    reached = [station.id for choice in choices for station in choice.stations]
    await _quote(visit, [each for each in reached if short(each) == _at(arguments, 1)], active=active)


async def _marked(visit: Visit, arguments: tuple[str, ...]) -> None:
    """Leaves out of the choice what has no EVSE ID."""
    active = _way(arguments)
    found = await service.quote(visit.acting, visit.desk.selection, active=active)
    unmarked = set(found.unmarked)
    await _quote(visit, [each.id for each in found.stations if each.id not in unmarked], active=active)


async def _ask_list(visit: Visit, arguments: tuple[str, ...]) -> None:
    active = _way(arguments)
    await service_known.choice(visit.acting, active=active)
    form = Form(_LIST, view.word(active=active))
    await visit.ask(form, view.asks_list(visit.t, active=active))


async def _list(visit: Visit, form: Form, words: Words) -> None:
    said = words.message.words or ""
    if not said.strip():
        raise Refusal("service.no_words")
    named = await service_known.find(visit.acting, said)
    await _quote(visit, named.station_ids, named.unknown, active=_way((form.subject,)))


async def _go(visit: Visit, arguments: tuple[str, ...]) -> None:
    services = visit.reply.turn.services

    def ended(uow: UnitOfWork, stations: Sequence[Station]) -> None:
        handover.service_ended(uow, services, stations)

    active, chosen = _way(arguments), visit.desk.selection
    done = await service.switch(visit.closing(), chosen, _at(arguments, 1), ended, active=active)
    if isinstance(done, Quote):
        return await visit.show(view.quote(done, (), visit.t, sheets=_sheets(visit)))
    await visit.show(view.switched(done, visit.t, sheets=_sheets(visit)))


async def _quote(
    visit: Visit, station_ids: Sequence[str], unknown: Sequence[str] = (), *, active: bool
) -> None:
    """Shows the quote and keeps the choice, which is what a confirmation is about; an open form ends."""
    if not station_ids and not unknown:
        raise Refusal("service.nobody")
    found = await service.quote(visit.acting, station_ids, active=active)
    await visit.keep(replace(visit.desk, selection=tuple(station_ids), form=None))
    await visit.show(view.quote(found, unknown, visit.t, sheets=_sheets(visit)))


def _sheets(visit: Visit) -> bool:
    """Whether the person may open data sheets."""
    return bool(visit.who.reach(Right.STATION_LIST))


async def _tab(visit: Visit, station: Station) -> Screen:
    found = await service_known.tab(visit.acting, station.id)
    return view.tab(found, visit.operator.time_zone, visit.t)


def _way(arguments: tuple[str, ...]) -> bool:
    """Whether a button activates; Refusal for one of an older release."""
    if _at(arguments, 0) not in {"on", "off"}:
        raise Refusal("button.old")
    return arguments[0] == "on"


def _at(arguments: tuple[str, ...], place: int) -> str:
    return arguments[place] if place < len(arguments) else ""


def _number(arguments: tuple[str, ...], place: int) -> int:
    text = _at(arguments, place)
    return int(text) if text.isdecimal() else 0


TAB = Tab(view.TAB, Right.OPERATIONS_TAB, _tab)
SECTION = Section(
    commands={"activate": _command(active=True), "deactivate": _command(active=False)},
    taps={
        "sv.pick": _pick,
        "sv.all": _all,
        "sv.locs": _locations,
        "sv.loc": _location,
        "sv.one": _one,
        "sv.marked": _marked,
        "sv.paste": _ask_list,
        "sv.go": _go,
    },
    forms={_LIST: _list},
    doors=(Door("service", Go("sv.pick", ("on",)), frozenset({Right.OPERATIONS_TAB})),),
)
