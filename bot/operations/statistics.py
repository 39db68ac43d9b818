"""How the support did: in numbers, and as a table with a line for each case."""

from dataclasses import dataclass, replace

from bot.domain.operator import Operator
from bot.domain.period import Period, period
from bot.domain.privacy import name_for
from bot.domain.rights import Authority, EntityId, Right
from bot.domain.statistics import Solved, Statistics, repeats, statistics
from bot.operations.acting import Acting
from storage.repositories.statistics import CaseLine, Sought
from storage.uow import UnitOfWork

MOST_EXPORTED = 20_000
"""The newest cases that one table holds."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The statistics of the stations that the person's right reaches.

    `companies` names those whose stations are in it; empty: it is all of the operator's.
    """

    operator: Operator
    statistics: Statistics
    companies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Export:
    """The cases of a period as one of the staff may read them; `more` says that older ones are left out."""

    operator: Operator
    period: Period
    lines: tuple[CaseLine, ...]
    repeats: frozenset[int]
    more: bool


async def numbers(acting: Acting, token: str) -> Numbers:
    """The numbers of a period; MissingRight without the right, Refusal for what is no period."""
    operator, span, lines, solved, companies = await acting.read(
        lambda uow, who: _read(uow, who, acting, token)
    )
    records = [each.record for each in lines]
    return Numbers(operator, statistics(records, solved, span, operator.time_zone), companies)


async def export(acting: Acting, token: str) -> Export:
    """All cases of a period, at most the newest `MOST_EXPORTED`; that they were handed out is noted.

    Names are masked where the person may not see those of the company. No words of drivers are in it.
    """

    def work(uow: UnitOfWork, who: Authority) -> Export:
        operator, span, lines, solved, _ = _read(uow, who, acting, token, MOST_EXPORTED + 1)
        kept = lines[-MOST_EXPORTED:]
        again = repeats((each.record for each in kept), solved)
        after = {"cases": len(kept), "period": str(span.month or f"{span.first} – {span.last}")}
        acting.note(uow, "statistics.exported", "", None, after)
        shown = tuple(_seen(each, who) for each in kept)
        return Export(operator, span, shown, again, len(lines) > MOST_EXPORTED)

    return await acting.commit(work)


_Read = tuple[Operator, Period, list[CaseLine], list[Solved], tuple[str, ...]]


def _read(uow: UnitOfWork, who: Authority, acting: Acting, token: str, most: int | None = None) -> _Read:
    reach = who.need_somewhere(Right.STATISTICS)
    operator = acting.operator(uow)
    span = period(token, acting.now, operator.time_zone)
    whole = reach >= who.tree.below(None)
    sought = Sought(operator.id, *span.bounds(operator.time_zone), None if whole else reach)
    lines = uow.statistics.lines(sought) if most is None else uow.statistics.lines(sought, most)
    companies = () if whole else _names(reach, operator, who)
    return operator, span, lines, uow.statistics.solved(sought), companies


def _names(reach: frozenset[EntityId], operator: Operator, who: Authority) -> tuple[str, ...]:
    """The companies that the right reaches, by name."""
    found = (None if each is None else who.tree.get(each) for each in reach)
    return tuple(sorted(operator.name if each is None else each.name for each in found))


def _seen(line: CaseLine, who: Authority) -> CaseLine:
    agent = None if line.agent is None else name_for(who, line.agent, line.entity_id)
    return replace(line, agent=agent, driver=name_for(who, line.driver, line.entity_id))
