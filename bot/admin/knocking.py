"""`/knocking`: the stations that nobody knows and that ask to be let in."""

from bot.admin.visit import Door, Reaching, Section, Visit
from bot.domain.refusal import Refusal
from bot.domain.rights import Right
from bot.operations import knocking
from bot.operations.knocking import Home, NotTheirs
from bot.views import knocking as view
from bot.views.callbacks import Go, short


async def _command(visit: Visit, _argument: str) -> None:
    await _list(visit)


async def _tapped(visit: Visit, _arguments: tuple[str, ...]) -> None:
    await _list(visit)


async def _adopt(visit: Visit, arguments: tuple[str, ...]) -> None:
    wanted, location = (*arguments, "")[:2]
    now = await knocking.show(visit.acting)
    if isinstance(now, NotTheirs):
        return await visit.show(view.show(now, visit.t, visit.operator.time_zone))
    knock = next((each for each in now.knocks if short(each.station_id) == wanted), None)
    if knock is None:
        raise Refusal("knock.gone", station="?")
    outcome = await knocking.adopt(visit.acting, knock, _home(now.homes, location))
    await visit.show(view.show(outcome, visit.t, visit.operator.time_zone))


async def _list(visit: Visit) -> None:
    outcome = await knocking.show(visit.acting)
    await visit.show(view.show(outcome, visit.t, visit.operator.time_zone))


def _home(homes: tuple[Home, ...], chosen: str) -> Home | None:
    if not chosen:
        return None
    for home in homes:
        operator, location = home
        if short(f"{operator.id}/{location.id}") == chosen:
            return home
    raise Refusal("knock.no_location")


SECTION = Section(
    commands={"knocking": _command},
    taps={"kn.list": _tapped, "kn.adopt": _adopt},
    doors=(Door("knocking", Go("kn.list"), frozenset({Right.STATIONS}), Reaching.OPERATOR),),
)
