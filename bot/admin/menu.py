"""`/menu`: the doors to all that an admin may do; and for whom they act, where they work for several operators."""

from dataclasses import replace

from bot.admin.visit import Door, Section, Visit
from bot.domain.operator import Operator
from bot.domain.refusal import Refusal
from bot.views import menu as view
from bot.views.callbacks import short


async def show(visit: Visit, doors: tuple[Door, ...]) -> None:
    """The main menu with the doors that the person's rights open."""
    theirs = [(door.key, door.go) for door in doors if door.opens(visit.who)]
    several = len(await _operators(visit)) > 1
    await visit.show(view.show(visit.operator, visit.who, theirs, visit.t, several=several))


async def _choose(visit: Visit, arguments: tuple[str, ...]) -> None:
    operators = await _operators(visit)
    if not arguments:
        return await visit.show(view.operators(operators, visit.t))
    chosen = next((each for each in operators if short(each.id) == arguments[0]), None)
    if chosen is None:
        raise Refusal("staff.none")
    await visit.keep(replace(visit.desk, operator_id=chosen.id, form=None, selection=(), filters={}))
    await visit.show(view.chosen(chosen, visit.t))


async def _operators(visit: Visit) -> list[Operator]:
    """Those for whom the person works and that may be spoken of here."""
    sees = visit.reply.turn.sees
    return await visit.acting.database.read(
        lambda uow: [
            operator
            for each in filter(sees, uow.staff.operators_of(visit.who.person_id))
            if (operator := uow.operators.get(each))
        ]
    )


SECTION = Section(taps={"op.choose": _choose})
