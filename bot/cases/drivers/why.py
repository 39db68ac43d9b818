"""Why a case was judged as it was: the judgement made again from the facts that were kept with it."""

from dataclasses import dataclass

from bot.cases import filing
from bot.cases.services import Services
from bot.diagnosis.engine import Looked
from bot.diagnosis.explain import replay
from bot.domain.case import Case, Judgement
from bot.domain.operator import Operator
from storage.uow import UnitOfWork

MOST_NEARLY = 4


@dataclass(frozen=True, slots=True)
class Near:
    """A rule that one single condition kept from firing, and the verdict that it would have given."""

    verdict: str
    looked: Looked


@dataclass(frozen=True, slots=True)
class Explained:
    """A judgement with its reasons; `nearly` is None where the rulebook has changed since."""

    judgement: Judgement
    operator: Operator
    nearly: tuple[Near, ...] | None


async def of(services: Services, case: Case) -> Explained | None:
    """The reasons of the case's judgement; None where it has none."""
    if case.judgement is None:
        return None
    operator = await services.database.read(lambda uow: _operator(uow, case))
    return Explained(case.judgement, operator, _nearly(services, case.judgement))


def _operator(uow: UnitOfWork, case: Case) -> Operator:
    return filing.whose(uow, case)[0]


def _nearly(services: Services, judgement: Judgement) -> tuple[Near, ...] | None:
    verdict = replay(judgement, services.rulebook)
    if verdict is None:
        return None
    found: dict[str, Near] = {}
    for looked in verdict.nearly:
        rule = services.rulebook.rule(looked.rule)
        if rule is not None and rule.verdict != judgement.verdict:
            found.setdefault(rule.verdict, Near(rule.verdict, looked))
    # The ones for which most spoke come first.
    ranked = sorted(found.values(), key=lambda near: -near.looked.met)
    return tuple(ranked[:MOST_NEARLY])
