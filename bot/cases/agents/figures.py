"""`/stats` for agents: how the support did, in numbers that name nobody."""

from dataclasses import dataclass

from bot.cases.turn import Turn
from bot.domain.operator import Operator
from bot.domain.period import Period, period
from bot.domain.refusal import Refusal
from bot.domain.rights import Authority, EntityId, Right
from bot.domain.statistics import Solved, Statistics, statistics
from storage.repositories.statistics import CaseLine, Sought
from storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of an operator's cases; of those of one group alone where it has several."""

    operator: Operator
    statistics: Statistics
    of_group: bool = False


async def of_agent(turn: Turn, token: str) -> tuple[Figures, ...]:
    """The numbers of a period: in a group its own, in private those of each operator for which the person is an agent.

    Whoever may see statistics may see them in the group, too. Refusal `statistics.agents` for all others.
    """
    read = await turn.services.database.read(lambda uow: _read(uow, turn, token))
    return tuple(
        Figures(
            operator, statistics([each.record for each in lines], solved, span, operator.time_zone), of_group
        )
        for operator, span, lines, solved, of_group in read
    )


async def may_see_more(turn: Turn) -> bool:
    """Whether the person holds the right to statistics, at whichever operator may be spoken of here."""

    def read(uow: UnitOfWork) -> bool:
        theirs = filter(turn.sees, uow.staff.operators_of(turn.person.id))
        return any(Right.STATISTICS in uow.staff.authority(each, turn.person.id).rights for each in theirs)

    return await turn.services.database.read(read)


_Read = tuple[Operator, Period, list[CaseLine], list[Solved], bool]


def _read(uow: UnitOfWork, turn: Turn, token: str) -> list[_Read]:
    found = _in_group(uow, turn) if turn.conversation.chat < 0 else _in_private(uow, turn)
    if not found:
        raise Refusal("statistics.agents")
    return [_of(uow, turn, token, each) for each in found]


_Scope = tuple[Operator, frozenset[EntityId] | None, int | None]
"""Whose cases: of these companies (None: all), of this group (None: all)."""


def _in_group(uow: UnitOfWork, turn: Turn) -> list[_Scope]:
    """The operator whose agents the group is of, where the person is one of them or may see statistics."""
    chat = turn.conversation.chat
    found: list[_Scope] = []
    for each in filter(turn.sees, uow.staff.operators_of(turn.person.id)):
        groups = {group.chat for group in uow.hotlines.of(each)}
        who = uow.staff.authority(each, turn.person.id)
        operator = uow.operators.get(each)
        if operator is not None and chat in groups and (_agent(who) or Right.STATISTICS in who.rights):
            found.append((operator, None, chat if len(groups) > 1 else None))
    return found


def _in_private(uow: UnitOfWork, turn: Turn) -> list[_Scope]:
    found: list[_Scope] = []
    for each in filter(turn.sees, uow.staff.operators_of(turn.person.id)):
        who = uow.staff.authority(each, turn.person.id)
        reach = who.reach(Right.REMOTE_ACTIONS)
        operator = uow.operators.get(each)
        if reach and operator is not None:
            found.append((operator, None if reach >= who.tree.below(None) else reach, None))
    return found


def _agent(who: Authority) -> bool:
    return Right.REMOTE_ACTIONS in who.rights


def _of(uow: UnitOfWork, turn: Turn, token: str, scope: _Scope) -> _Read:
    operator, entities, group = scope
    span = period(token, turn.now(), operator.time_zone)
    sought = Sought(operator.id, *span.bounds(operator.time_zone), entities, group)
    return operator, span, uow.statistics.lines(sought), uow.statistics.solved(sought), group is not None
