"""What was learnt of remote remedies: on which model, after which verdict, each was tried, and how often it helped."""

from dataclasses import dataclass

from bot.cases.turn import Turn
from bot.domain.case import Case
from bot.domain.ladder import LADDER, StepName
from bot.domain.operator import Operator
from bot.domain.people import Right
from bot.domain.refusal import Refusal
from storage.repositories.fixes import Fix
from storage.uow import UnitOfWork

TRIES_THAT_TELL = 5
"""A step that failed that often and never helped, on one model after one verdict, is not tried there again."""
_SHOWS_IT = {LADDER[step].commands[-1]: step for step in StepName if step is not StepName.ASK}
"""The command whose end says what came of a step. To ask a station mends nothing, so that is not counted."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """How a step did on one model (None: never told) after one verdict."""

    model: str | None
    verdict: str
    step: StepName
    tried: int
    helped: int


def never_helps(uow: UnitOfWork, case: Case, verdict: str, step: StepName) -> bool:
    """Whether the step is known to be of no use for this verdict on the model of the case's station."""
    if case.station_id is None or step is StepName.ASK:
        return False
    found = uow.fixes.of_step(case.station_id, verdict, LADDER[step].commands[-1])
    return found is not None and found.tried >= TRIES_THAT_TELL and found.helped == 0


@dataclass(frozen=True, slots=True)
class Fixes:
    """All that was learnt at an operator's stations, by model, verdict and step."""

    operator: Operator
    learnt: tuple[Learnt, ...]


async def fixes(turn: Turn) -> tuple[Fixes, ...]:
    """What helped, for each operator where the person may send remote actions; in a group, for its operator alone.

    Refusal `right.remote_actions` where there is none.
    """
    return await turn.services.database.read(lambda uow: _fixes(uow, turn))


def _fixes(uow: UnitOfWork, turn: Turn) -> tuple[Fixes, ...]:
    chat = turn.conversation.chat
    theirs = [
        operator
        for operator in uow.operators.all()
        if Right.REMOTE_ACTIONS in uow.people.rights(operator.id, turn.person.id)
        and (chat > 0 or operator.hotline_chat == chat)
    ]
    if not theirs:
        raise Refusal("right.remote_actions")
    return tuple(Fixes(operator, _all_of(uow, operator.id)) for operator in theirs)


def _all_of(uow: UnitOfWork, operator_id: str) -> tuple[Learnt, ...]:
    found = (_learnt(fix) for fix in uow.fixes.of_operator(operator_id))
    known = [each for each in found if each is not None]
    order = list(StepName)
    return tuple(sorted(known, key=lambda each: (each.model or "", each.verdict, order.index(each.step))))


def _learnt(fix: Fix) -> Learnt | None:
    step = _SHOWS_IT.get(fix.command)
    return None if step is None else Learnt(fix.model, fix.verdict, step, fix.tried, fix.helped)
