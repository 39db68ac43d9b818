"""`/shift` in private: who is on duty, and an agent's own shift."""

from datetime import UTC, datetime

from bot.admin.forms import number
from bot.admin.visit import Door, Reaching, Section, Visit
from bot.cases.agents import caselist, shifts
from bot.domain.rights import Right
from bot.views import caselist as caselist_view
from bot.views import shift as view
from bot.views.callbacks import Go


async def _command(visit: Visit, argument: str) -> None:
    match argument.lower():
        case "start":
            await _start(visit, ())
        case "end":
            await _end(visit, ())
        case _:
            await _show(visit, ())


async def _show(visit: Visit, _arguments: tuple[str, ...]) -> None:
    await visit.show(view.show(await shifts.show(visit.reply.turn, visit.operator.id), visit.t))


async def _start(visit: Visit, _arguments: tuple[str, ...]) -> None:
    outcome = await shifts.start(visit.reply.turn, visit.operator.id)
    await visit.show(view.started(outcome, visit.t))
    waiting = await caselist.cases(visit.reply.turn, mine=False)
    if waiting.cases:
        # What waits stands in a message of its own, below.
        visit.reply.shown = None
        await visit.show(caselist_view.cases(waiting, visit.t))


async def _end(visit: Visit, _arguments: tuple[str, ...]) -> None:
    await visit.show(view.ended(await shifts.end(visit.reply.turn, visit.operator.id), visit.t))


async def _on(visit: Visit, arguments: tuple[str, ...]) -> None:
    until = datetime.fromtimestamp(number(arguments), UTC)
    await visit.show(view.goes_on(await shifts.go_on(visit.reply.turn, visit.operator.id, until), visit.t))


SECTION = Section(
    commands={"shift": _command},
    taps={"sh.show": _show, "sh.start": _start, "sh.end": _end, "sh.on": _on},
    doors=(Door("shift", Go("sh.show"), frozenset({Right.REMOTE_ACTIONS}), Reaching.OPERATOR),),
)
