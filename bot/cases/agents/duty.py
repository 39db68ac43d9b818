"""Who is there for the cases of an operator: its agents, and those of them who are on call."""

from datetime import datetime, timedelta

from bot.domain.rights import Right
from bot.domain.rotation import on_call as by_rotation
from storage.on_call import schedule
from storage.repositories.staff import Colleague
from storage.uow import UnitOfWork

_MOMENT = timedelta(microseconds=1)


def agents(uow: UnitOfWork, operator_id: str) -> tuple[Colleague, ...]:
    """The active people who may have stations do something, in a steady order."""
    return tuple(uow.staff.who_may(operator_id, Right.REMOTE_ACTIONS))


def on_call(uow: UnitOfWork, operator_id: str, at: datetime, layer: int = 1) -> tuple[Colleague, ...]:
    """Who is due at a moment at a level of the rotation: 1 is told first, 2 next.

    At the first these are also the agents who are on a shift by their own word. Where nobody is found, all agents are
    due. Nobody is among them who cannot act.
    """
    due = _planned(uow, operator_id, at, layer)
    if layer == 1:
        due |= {each.person_id for each in uow.shifts.running(operator_id, at)}
    able = agents(uow, operator_id)
    return tuple(each for each in able if each.person_id in due) or able


def layers(uow: UnitOfWork, operator_id: str, at: datetime | None = None) -> int:
    """How many levels the rotation has; 0 where nothing is planned.

    With a moment those count, too, at which somebody only stands in, or is on call by a calendar, from then on.
    """
    levels = [each.level for each in uow.rotations.layers(operator_id)]
    if at is not None:
        levels += [each.level for each in uow.rotations.overrides(operator_id, at)]
    return max(levels, default=0)


def _planned(uow: UnitOfWork, operator_id: str, at: datetime, level: int) -> set[int]:
    operator = uow.operators.get(operator_id)
    if operator is None:
        return set()
    planned = schedule(uow, operator, at, at + _MOMENT)
    return {duty.person for duty in by_rotation(planned, at) if duty.level == level}
