"""The statements of months: what an operator pays for the service of its stations."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.exc import IntegrityError

from bot.domain.billing import Month, SeveralCurrencies, Statement, statement, total
from bot.domain.operator import Operator
from bot.domain.refusal import Refusal
from bot.domain.rights import Authority, EntityTree, Right
from bot.operations.acting import Acting
from storage.database import Database
from storage.repositories.service import Served
from storage.uow import UnitOfWork

log = structlog.get_logger()
GRACE = timedelta(hours=1)
"""A month is closed this long after its end, so that what was done in its last moment is kept by then."""


@dataclass(frozen=True, slots=True)
class Bill:
    """A month's statement, with the months before and after it that there are.

    `companies` names those whose stations are in it; empty: it is all of the operator's.
    """

    statement: Statement
    earlier: Month | None
    later: Month | None
    companies: tuple[str, ...] = ()


async def read(acting: Acting, month: Month | None = None) -> Bill:
    """The statement of a month, or of the present one as it stands today.

    It has the stations of the person's companies only. Refusal `billing.no_such_month` for a month in the future or
    before the history of the service; `billing.only_month` where there is just one so far.
    """

    def work(uow: UnitOfWork, who: Authority) -> Bill:
        reach = who.need_somewhere(Right.BILLING)
        operator = acting.operator(uow)
        first, last = _span(uow, operator, acting.now)
        wanted = month or last
        if not first <= wanted <= last:
            key = "billing.only_month" if first == last else "billing.no_such_month"
            raise Refusal(key, first=str(first), last=str(last))
        stations = uow.service.all(operator.id)
        found = uow.service.closed(operator.id, wanted) or _open(uow, operator, stations, wanted)
        earlier = None if wanted == first else wanted.before()
        later = None if wanted == last else wanted.next()
        if reach >= who.tree.below(None):
            return Bill(found, earlier, later)
        entities = {each.id: each.entity_id for each in stations}
        seen = tuple(line for line in found.lines if entities.get(line.station_id) in reach)
        part = replace(found, lines=seen, total=total(seen))
        names = _names(who.tree, reach, operator)
        return Bill(part, earlier, later, names)

    return await acting.read(work)


async def close_due(database: Database, now: datetime) -> list[Statement]:
    """Closes every month that is over, each operator's in their order; those that were closed by this call.

    Another process may do the same at the same time: each month is closed once.
    """
    closed: list[Statement] = []
    stuck: set[str] = set()
    for operator_id, month in await database.read(lambda uow: _due(uow, now)):
        if operator_id in stuck:
            continue
        try:
            closed.append(await database.write(partial(_close, operator_id, month, now)))
        except IntegrityError:
            # Another process was faster.
            continue
        except SeveralCurrencies as error:
            # A person has to look; the other operators' months are closed all the same.
            log.error("month_not_closed", operator=operator_id, month=str(month), currencies=str(error))
            stuck.add(operator_id)
    return closed


def _due(uow: UnitOfWork, now: datetime) -> list[tuple[str, Month]]:
    due = []
    for operator in uow.operators.all():
        first = uow.service.first_change(operator.id)
        if first is None:
            continue
        done = set(uow.service.closed_months(operator.id))
        month = max([Month.of(first, operator.time_zone), *(each.next() for each in done)])
        while month.end(operator.time_zone) + GRACE <= now:
            due.append((operator.id, month))
            month = month.next()
    return due


def _close(operator_id: str, month: Month, now: datetime, uow: UnitOfWork) -> Statement:
    operator = uow.operators.get(operator_id)
    if operator is None:
        raise LookupError(f"there is no operator {operator_id!r}")
    found = _drawn(uow, operator, uow.service.all(operator_id), month, closed=True)
    uow.service.close_month(found, now)
    return found


def _open(uow: UnitOfWork, operator: Operator, stations: Iterable[Served], month: Month) -> Statement:
    try:
        return _drawn(uow, operator, stations, month, closed=False)
    except SeveralCurrencies as error:
        raise Refusal("billing.several_currencies", currencies=str(error)) from error


def _drawn(
    uow: UnitOfWork, operator: Operator, stations: Iterable[Served], month: Month, *, closed: bool
) -> Statement:
    places = {each.id: each.location for each in stations}
    return statement(operator, uow.service.changes(operator.id), places, month, closed=closed)


def _span(uow: UnitOfWork, operator: Operator, now: datetime) -> tuple[Month, Month]:
    """The first month of which there is a statement, and the present one."""
    present = Month.of(now, operator.time_zone)
    first = uow.service.first_change(operator.id)
    begun = present if first is None else Month.of(first, operator.time_zone)
    return min([begun, present, *uow.service.closed_months(operator.id)]), present


def _names(tree: EntityTree, reach: Iterable[str | None], operator: Operator) -> tuple[str, ...]:
    """The companies of a partial statement, by name."""
    return tuple(
        sorted(
            operator.name if each is None or (known := tree.get(each)) is None else known.name
            for each in reach
        )
    )
