"""What admins keep: staff, desks, invitations, the history of the service, and logs that only grow."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from sqlalchemy import Executable, Table, delete, select, update
from sqlalchemy.exc import DBAPIError

from bot.domain.billing import Line, LineReason, Month, Statement
from bot.domain.people import telegram
from bot.domain.service import Cause, ReleaseRequest, ReleaseState, ServiceChange
from storage.database import Database
from storage.repositories.audit import Act, AuditFilter
from storage.repositories.desks import Desk, Form
from storage.repositories.invitations import Invitation, Purpose
from storage.tables import audit_log, ledger_lines, ledger_months, service_changes
from storage.uow import UnitOfWork
from tests.storage import town
from tests.storage.town import NOW

MONTH = Month(2026, 10)
LINE = Line("GRAZ-01", "Hbf", Decimal("9.90"), Decimal("9.90"), LineReason.ACTIVATED, NOW)
STATEMENT = Statement("graz", "Graz", MONTH, "EUR", (LINE,), Decimal("9.90"), closed=True)


def change(active: bool, **since: int) -> ServiceChange:  # It is the subject.
    at = NOW + timedelta(**since)
    return ServiceChange("GRAZ-01", at, active, Decimal("9.90"), "EUR", Cause.ADMIN, 1, 2)


def everything(uow: UnitOfWork) -> None:
    town.build(uow)
    uow.audit.note("graz", Act(NOW, 1, "station.changed", "GRAZ-01", {"type": "CCS2"}, {"type": "Type2"}))
    uow.service.switch("graz", change(active=True))
    uow.service.close_month(STATEMENT, NOW)


def _execute(statement: Executable, uow: UnitOfWork) -> None:
    uow.connection.execute(statement)


@pytest.mark.parametrize("table", [audit_log, service_changes, ledger_months, ledger_lines], ids=str)
async def test_what_was_written_can_neither_be_changed_nor_taken_away(
    database: Database, table: Table
) -> None:
    await database.write(everything)
    column = list(table.columns)[-1]
    for statement in (update(table).values({column.name: None}), delete(table)):
        with pytest.raises(DBAPIError, match="only added"):
            await database.write(partial(_execute, statement))
    rows = await database.read(lambda uow: uow.connection.execute(select(table)).all())
    assert len(rows) == 1


async def test_the_history_of_a_service_is_kept_with_its_state(database: Database) -> None:
    await database.write(everything)
    await database.write(lambda uow: uow.service.switch("graz", change(active=False, days=3)))
    station = await database.read(lambda uow: uow.operators.station("GRAZ-01"))
    assert station is not None and not station.service_active
    history = await database.read(lambda uow: uow.service.changes("graz"))
    assert history == {"GRAZ-01": [change(active=True), change(active=False, days=3)]}
    latest = await database.read(lambda uow: uow.service.changes_of("GRAZ-01", most=1))
    assert latest == [change(active=False, days=3)]


async def test_a_station_of_another_operator_is_not_switched(database: Database) -> None:
    await database.write(everything)
    before = await database.read(lambda uow: uow.operators.station("GRAZ-01"))
    assert before is not None
    with pytest.raises(DBAPIError):
        await database.write(lambda uow: uow.service.switch("nobody", change(active=False)))
    assert await database.read(lambda uow: uow.operators.station("GRAZ-01")) == before


async def test_a_closed_month_is_read_as_it_was_closed_and_closed_once(database: Database) -> None:
    await database.write(everything)
    assert await database.read(lambda uow: uow.service.closed("graz", MONTH)) == STATEMENT
    assert await database.read(lambda uow: uow.service.closed("graz", MONTH.next())) is None
    assert await database.read(lambda uow: uow.service.closed_months("graz")) == [MONTH]
    with pytest.raises(DBAPIError):
        await database.write(lambda uow: uow.service.close_month(STATEMENT, NOW))


async def test_a_request_is_decided_once(database: Database) -> None:
    asked = ReleaseRequest(0, "graz", ("GRAZ-01",), Decimal("9.90"), "EUR", 1, NOW)

    def ask(uow: UnitOfWork) -> int:
        town.build(uow)
        return uow.service.ask(asked)

    number = await database.write(ask)
    assert [each.id for each in await database.read(lambda uow: uow.service.asked("graz"))] == [number]
    assert await database.write(lambda uow: uow.service.decide(number, ReleaseState.RELEASED, 2, NOW))
    assert not await database.write(lambda uow: uow.service.decide(number, ReleaseState.REFUSED, 3, NOW))
    decided = await database.read(lambda uow: uow.service.request(number))
    assert decided is not None
    assert (decided.state, decided.decided_by, decided.station_ids) == (
        ReleaseState.RELEASED,
        2,
        ("GRAZ-01",),
    )
    assert await database.read(lambda uow: uow.service.asked("graz")) == []


async def test_the_log_is_read_by_what_is_looked_for_the_latest_first(database: Database) -> None:
    acts = [
        Act(NOW, 1, "group.rights", "Hotline", {"rights": []}, {"rights": ["a"]}),
        Act(NOW + timedelta(hours=1), 2, "station.changed", "GRAZ-01_%"),
        Act(NOW + timedelta(hours=2), None, "file.applied", "operator"),
    ]

    def note(uow: UnitOfWork) -> None:
        town.build(uow)
        for act in acts:
            uow.audit.note("graz", act)

    await database.write(note)

    async def found(wanted: AuditFilter) -> list[str]:
        listed = await database.read(lambda uow: uow.audit.list("graz", wanted, most=10))
        return [act.act for act in listed]

    assert await found(AuditFilter()) == ["file.applied", "station.changed", "group.rights"]
    assert await found(AuditFilter(person_id=1)) == ["group.rights"]
    assert await found(AuditFilter(act="station.changed")) == ["station.changed"]
    assert await found(AuditFilter(subject="graz-01_%")) == ["station.changed"]
    assert await found(AuditFilter(subject="_")) == ["station.changed"]
    assert await found(AuditFilter(since=NOW + timedelta(hours=2))) == ["file.applied"]
    assert await found(AuditFilter(until=NOW + timedelta(hours=1))) == ["group.rights"]
    second = await database.read(lambda uow: uow.audit.list("graz", most=1, skip=1))
    assert [act.act for act in second] == ["station.changed"]
    assert await database.read(lambda uow: uow.audit.list("another", most=10)) == []
    assert (await database.read(lambda uow: uow.audit.list("graz", most=10)))[-1].after == {"rights": ["a"]}


async def test_an_open_form_and_a_selection_are_there_after_a_restart(database: Database) -> None:
    lena = await database.write(town.lena)
    form = Form("technician", "GRAZ-01", "phone", {"name": "Tom"})
    desk = Desk(telegram(501), lena.id, "graz", form, ("GRAZ-01", "GRAZ-02"), {"service": "off"})
    await database.write(lambda uow: uow.desks.put(desk, NOW))
    assert await database.read(lambda uow: uow.desks.get(telegram(501))) == desk
    assert await database.read(lambda uow: uow.desks.get(telegram(502))) is None
    without = Desk(telegram(501), lena.id)
    await database.write(lambda uow: uow.desks.put(without, NOW))
    assert await database.read(lambda uow: uow.desks.get(telegram(501))) == without


async def test_an_invitation_is_used_once_and_its_secret_is_not_kept(database: Database) -> None:
    wanted = Invitation(0, "graz", Purpose.STAFF, NOW, NOW + timedelta(days=7), 1, {"group": "Hotline"})

    def add(uow: UnitOfWork) -> int:
        town.build(uow)
        return uow.invitations.add("the-secret", wanted)

    number = await database.write(add)
    found = await database.read(lambda uow: uow.invitations.by_secret("the-secret"))
    assert found is not None and found.id == number and found.data == {"group": "Hotline"}
    assert found.open(NOW) and not found.open(NOW + timedelta(days=7))
    assert await database.read(lambda uow: uow.invitations.by_secret("a-guess")) is None
    assert len(await database.read(lambda uow: uow.invitations.open_of("graz", NOW))) == 1
    assert await database.write(lambda uow: uow.invitations.use(number, 5, NOW))
    assert not await database.write(lambda uow: uow.invitations.use(number, 6, NOW))
    assert not await database.write(lambda uow: uow.invitations.withdraw(number, NOW))
    assert await database.read(lambda uow: uow.invitations.open_of("graz", NOW)) == []
