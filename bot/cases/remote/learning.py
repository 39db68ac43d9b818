"""What was learnt of remote remedies: on which model, after which verdict, each was tried, and how often it helped."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from bot.cases.turn import Turn
from bot.diagnosis.vocabulary import Session
from bot.domain.case import Case
from bot.domain.ladder import LADDER, ORDER, Approval, StepName
from bot.domain.learnt_order import Record, in_order, useless, usual
from bot.domain.operator import Operator
from bot.domain.refusal import Refusal
from bot.domain.rights import Right
from storage.repositories.fixes import Fix
from storage.uow import UnitOfWork

_SHOWS_IT = {LADDER[step].commands[-1]: step for step in StepName if step is not StepName.ASK}
"""The command whose end says what came of a step. To ask a station mends nothing, so that is not counted."""
_CHARGING_BESIDE = frozenset({Session.SIBLING, Session.BOTH})


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
    return useless(step, _records_after(uow, case, verdict))


def in_learnt_order(uow: UnitOfWork, case: Case, steps: tuple[StepName, ...]) -> tuple[StepName, ...]:
    """The steps that the case's verdict names, in the order that is followed on the model of its station.

    Those that have never helped there are left out.
    """
    if case.judgement is None:
        return steps
    beside = dict(case.judgement.facts).get("session") in _CHARGING_BESIDE
    return in_order(steps, _records_after(uow, case, case.judgement.verdict), charging_beside=beside)


def _records_after(uow: UnitOfWork, case: Case, verdict: str) -> dict[StepName, Record]:
    found = () if case.station_id is None else uow.fixes.after(case.station_id, verdict)
    return {
        _SHOWS_IT[fix.command]: Record(fix.tried, fix.helped) for fix in found if fix.command in _SHOWS_IT
    }


@dataclass(frozen=True, slots=True)
class Followed:
    """A ladder's order on a model after a verdict, where it is not the usual one.

    `steps` are those that were tried there, as they are taken; `left_out` those that are not, as they never helped.
    """

    model: str
    verdict: str
    steps: tuple[StepName, ...]
    left_out: tuple[StepName, ...]


@dataclass(frozen=True, slots=True)
class Fixes:
    """All that was learnt at an operator's stations, by model, verdict and step."""

    operator: Operator
    learnt: tuple[Learnt, ...]
    followed: tuple[Followed, ...] = ()


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
        if uow.staff.authority(operator.id, turn.person.id).reach(Right.REMOTE_ACTIONS)
        and (chat > 0 or operator.id == uow.hotlines.holder(chat))
        and turn.sees(operator.id)
    ]
    if not theirs:
        raise Refusal("right.remote_actions")
    return tuple(_of(uow, operator) for operator in theirs)


def _of(uow: UnitOfWork, operator: Operator) -> Fixes:
    """The counts are of the operator's own stations; the order follows what is known of the model anywhere."""
    learnt = _sorted(uow.fixes.of_operator(operator.id))
    models = uow.fixes.models_of(operator.id)
    followed = (each for model in models for each in _followed(model, _sorted(uow.fixes.on_model(model))))
    return Fixes(operator, learnt, tuple(followed))


def _sorted(fixes: Iterable[Fix]) -> tuple[Learnt, ...]:
    known = [each for each in map(_learnt, fixes) if each is not None]
    return tuple(sorted(known, key=lambda each: (each.model or "", each.verdict, ORDER.index(each.step))))


def _followed(model: str, learnt: tuple[Learnt, ...]) -> Iterable[Followed]:
    for verdict, group in groupby(learnt, key=lambda each: each.verdict):
        records = {each.step: Record(each.tried, each.helped) for each in group}
        climbed = tuple(step for step in records if LADDER[step].approval is not Approval.AGENT)
        steps = in_order(climbed, records, charging_beside=False)
        if steps != usual(climbed):
            yield Followed(model, verdict, steps, tuple(step for step in climbed if step not in steps))


def _learnt(fix: Fix) -> Learnt | None:
    step = _SHOWS_IT.get(fix.command)
    return None if step is None else Learnt(fix.model, fix.verdict, step, fix.tried, fix.helped)
