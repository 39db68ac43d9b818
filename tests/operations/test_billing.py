"""Statements: what a month costs as it stands, closing months once and for good, and who sees which lines."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Table, delete, update
from sqlalchemy.exc import DBAPIError

from bot.domain.billing import Month, Statement
from bot.domain.refusal import Refusal
from bot.domain.rights import MissingRight
from bot.domain.service import Cause, ServiceChange
from bot.operations import billing
from bot.operations.billing import GRACE, close_due
from bot.workers import months
from storage.database import Database, open_database
from storage.migrations import migrate
from storage.tables import ledger_lines, ledger_months, service_changes
from storage.uow import UnitOfWork
from tests.conftest import new_postgres_database
from tests.operations.firm import ADA, NORA, PETRA, SVEN, Firm, file, founded

OCTOBER, NOVEMBER, DECEMBER = Month(2026, 10), Month(2026, 11), Month(2026, 12)
END_OF_NOVEMBER = datetime(2026, 11, 30, 23, 0, tzinfo=UTC)


@pytest.fixture
async def firm(database: Database) -> Firm:
    """With the service on at G-1 since 10 September, and at N-1 since 22 November."""
    made = Firm(database, now=datetime(2026, 9, 10, 12, 0, tzinfo=UTC))
    await made.take(file(active=["G-1"]))
    made.now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    await made.take(file(active=["G-1", "N-1"]))
    return made


async def shown(firm: Firm, who: int, month: Month | None = None) -> billing.Bill:
    return await billing.read(await firm.acting(who), month)


def lines(statement: Statement) -> list[tuple[str, str]]:
    return [(line.station_id, line.reason.value) for line in statement.lines]


async def test_the_present_month_is_shown_as_it_stands_today(firm: Firm) -> None:
    bill = await shown(firm, ADA)
    assert (bill.statement.month, bill.statement.closed) == (NOVEMBER, False)
    assert lines(bill.statement) == [("G-1", "all_month"), ("N-1", "activated")]
    assert (bill.statement.total, bill.statement.currency) == (Decimal("19.80"), "EUR")
    assert (bill.earlier, bill.later) == (OCTOBER, None)


async def test_months_that_are_over_are_closed_in_order_and_once(firm: Firm) -> None:
    closed = await close_due(firm.database, firm.now)
    assert [(each.month, lines(each), each.total) for each in closed] == [
        (Month(2026, 9), [("G-1", "activated")], Decimal("9.90")),
        (OCTOBER, [("G-1", "all_month")], Decimal("9.90")),
    ]
    assert await close_due(firm.database, firm.now) == []
    kept = await firm.database.read(lambda uow: uow.service.closed_months("graz"))
    assert kept == [OCTOBER, Month(2026, 9)]


async def test_a_month_is_closed_a_while_after_its_end_in_the_operators_time_zone(firm: Firm) -> None:
    await close_due(firm.database, firm.now)
    assert await close_due(firm.database, END_OF_NOVEMBER + GRACE - timedelta(seconds=1)) == []
    (closed,) = await close_due(firm.database, END_OF_NOVEMBER + GRACE)
    assert closed.month == NOVEMBER


async def test_a_month_in_which_nothing_is_charged_is_closed_all_the_same(firm: Firm) -> None:
    await firm.take(file())
    closed = await close_due(firm.database, datetime(2027, 1, 2, tzinfo=UTC))
    assert [(each.month, each.total) for each in closed][-2:] == [
        (NOVEMBER, Decimal(0)),
        (DECEMBER, Decimal(0)),
    ]


async def test_an_operator_without_a_history_has_nothing_to_close(database: Database) -> None:
    firm = await founded(database)
    assert await close_due(database, datetime(2030, 1, 1, tzinfo=UTC)) == []
    bill = await shown(firm, ADA)
    assert (bill.statement.lines, bill.earlier, bill.later) == ((), None, None)


async def test_a_closed_month_never_changes_whatever_comes_later(firm: Firm) -> None:
    (*_, october) = await close_due(firm.database, firm.now)
    renamed = file(price="99.00", active=["G-1"]).replace("Graz Hbf", "Elsewhere")
    await firm.take(renamed.replace("Stadtwerke Graz", "New name"))
    late = ServiceChange("G-1", datetime(2026, 10, 5, tzinfo=UTC), False, Decimal("1"), "EUR", Cause.ADMIN)
    await firm.database.write(lambda uow: uow.service.switch("graz", late))
    await close_due(firm.database, firm.now)
    assert (await shown(firm, ADA, OCTOBER)).statement == october


@pytest.mark.parametrize("table", [ledger_months, ledger_lines, service_changes], ids=str)
async def test_the_ledger_only_grows(firm: Firm, table: Table) -> None:
    await close_due(firm.database, firm.now)

    def change(uow: UnitOfWork) -> None:
        uow.connection.execute(update(table).values(operator_id="x"))

    def take_away(uow: UnitOfWork) -> None:
        uow.connection.execute(delete(table))

    for attempt in (change, take_away):
        with pytest.raises(DBAPIError, match="only added"):
            await firm.database.write(attempt)
    assert len(await firm.database.read(lambda uow: uow.service.closed_months("graz"))) == 2


async def test_two_processes_close_a_month_once(postgres_server: str) -> None:
    url = await new_postgres_database(postgres_server)
    databases = [open_database(url), open_database(url)]
    await migrate(databases[0])
    firm = Firm(databases[0], now=datetime(2026, 1, 10, tzinfo=UTC))
    await firm.take(file(active=["G-1", "N-1", "S-1"]))
    now = datetime(2026, 11, 22, tzinfo=UTC)
    closed = await asyncio.gather(*(close_due(each, now) for each in databases * 3))
    found = [statement.month for each in closed for statement in each]
    assert sorted(found) == [Month(2026, number) for number in range(1, 11)]
    for each in databases:
        await each.close()


async def test_the_worker_closes_what_is_due_when_it_starts(firm: Firm) -> None:
    work = asyncio.create_task(months.run(firm.database, lambda: firm.now))
    closed: list[Month] = []
    for _ in range(500):
        closed = closed or await firm.database.read(lambda uow: uow.service.closed_months("graz"))
        await asyncio.sleep(0 if closed else 0.02)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    assert Month(2026, 9) in closed


async def test_a_month_in_several_currencies_waits_for_a_person_and_holds_up_no_other_operator(
    firm: Firm,
) -> None:
    swiss = ServiceChange("S-1", firm.now, True, Decimal("9.90"), "CHF", Cause.ADMIN)
    await firm.database.write(lambda uow: uow.service.switch("graz", swiss))
    other = file(active=["G-1"]).replace('id = "graz"', 'id = "zug"').replace('"AT*SWG*E', '"AT*ZUG*E')
    for station in ("G-1", "G-2", "N-1", "N-2", "S-1"):
        other = other.replace(f'id = "{station}"', f'id = "Z{station}"')
    await firm.take(other.replace("service_active = false", "service_active = true"))
    closed = await close_due(firm.database, datetime(2027, 1, 2, tzinfo=UTC))
    assert [(each.operator_id, each.month) for each in closed] == [
        ("graz", Month(2026, 9)),
        ("graz", OCTOBER),
        ("zug", NOVEMBER),
        ("zug", DECEMBER),
    ]
    with pytest.raises(Refusal, match=r"billing\.several_currencies"):
        await shown(firm, ADA, NOVEMBER)


@pytest.mark.parametrize("month", [Month(2026, 8), DECEMBER, Month(1, 1), Month(9998, 12)])
async def test_there_is_no_statement_of_the_future_or_of_before_the_history(firm: Firm, month: Month) -> None:
    with pytest.raises(Refusal, match=r"billing\.no_such_month") as refused:
        await shown(firm, ADA, month)
    assert refused.value.values == {"first": "2026-09", "last": "2026-11"}


@pytest.mark.parametrize("closed", [True, False])
async def test_who_pays_for_one_company_sees_its_lines_and_their_sum_alone(
    firm: Firm, *, closed: bool
) -> None:
    await firm.take(file(active=["G-1", "N-1", "N-2"]))
    if closed:
        await close_due(firm.database, END_OF_NOVEMBER + GRACE)
        firm.now = END_OF_NOVEMBER + GRACE
    nora = await shown(firm, NORA, NOVEMBER)
    assert [line.station_id for line in nora.statement.lines] == ["N-1", "N-2"]
    assert (nora.statement.total, nora.companies, nora.statement.closed) == (
        Decimal("19.80"),
        ("Nord GmbH",),
        closed,
    )
    sven = await shown(firm, SVEN, NOVEMBER)
    assert (sven.statement.lines, sven.statement.total) == ((), Decimal(0))
    assert (await shown(firm, ADA, NOVEMBER)).companies == ()


async def test_without_the_right_there_is_no_statement(firm: Firm) -> None:
    with pytest.raises(MissingRight):
        await shown(firm, PETRA)
