"""What statistics are made of, as both databases tell it."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.case import Case, CaseState, Severity, Trigger, move
from bot.domain.escalation import Level, Policy, Run, ServiceLevel
from bot.domain.remote_action import ActionState, Initiator, RemoteCommand, RemoteOrder
from bot.domain.statistics import Solved, Solver, solver
from storage.database import Database
from storage.repositories.statistics import CaseLine, Sought
from storage.uow import UnitOfWork
from tests.storage import town
from tests.storage.town import NOW

MINUTE = timedelta(minutes=1)
DAY = Sought("graz", NOW - timedelta(hours=12), NOW + timedelta(hours=12))
PROMISE = Policy(Severity.P2, (Level(5 * MINUTE, ()),), ServiceLevel(10 * MINUTE, None))


def solved(uow: UnitOfWork, case: Case, after: timedelta, resolution: str = "driver_confirmed") -> None:
    diagnosed = move(case, Trigger.DIAGNOSE, NOW)
    done = replace(move(diagnosed, Trigger.RESOLVE, NOW + after), resolution=resolution)
    uow.cases.save(case, diagnosed)
    uow.cases.save(diagnosed, done)


async def lines(database: Database, sought: Sought = DAY) -> list[CaseLine]:
    return await database.read(lambda uow: uow.statistics.lines(sought))


async def test_a_case_is_read_with_what_became_of_it(database: Database) -> None:
    def enter(uow: UnitOfWork) -> None:
        town.build(uow)
        case = town.new_case(uow)
        for minutes, kind in (
            (1, "escalated"), (2, "taken"), (3, "first_answer"), (4, "handed_back"), (5, "taken"),
            (6, "technician_accepted"), (7, "technician_declined"), (8, "first_answer_breached"), (9, "resolved"),
        ):  # fmt: skip
            uow.cases.note(case.id, NOW + minutes * MINUTE, kind)
        uow.escalations.keep(Run(case.id, PROMISE, NOW))
        order = RemoteOrder("GRAZ-01", 1, RemoteCommand.SOFT_RESET)
        action = uow.actions.request(case.id, order, Initiator.AGENT, case.driver_id, NOW)
        uow.actions.end(action.id, ActionState.VERIFIED, "Available", NOW + 4 * MINUTE)
        solved(uow, case, 9 * MINUTE, "agent")
        town.new_case(uow, 2)

    await database.write(enter)
    line, other = await lines(database)
    record = line.record
    times = (record.asked_at, record.answered_at, record.handed_at, record.proved_at, record.resolved_at)
    assert [None if at is None else (at - NOW) / MINUTE for at in times] == [1, 2, 1, 4, 9]
    assert (record.taken, record.repaired, record.answer_late, record.solution_late) == (
        True,
        False,
        True,
        False,
    )
    assert (record.answer_promised, record.solution_promised) == (True, False)
    assert (line.location, line.station_id, line.driver, line.agent) == ("Graz Hbf", "GRAZ-01", "Lena", None)
    assert solver(record) is Solver.REMOTE
    empty = (other.record.asked_at, other.record.proved_at, other.record.taken, other.record.answer_promised)
    assert (other.record.open, *empty) == (True, None, None, False, False)


async def test_what_is_not_meant_is_left_out(database: Database) -> None:
    def enter(uow: UnitOfWork) -> list[int]:
        town.build(uow)
        evse = town.station(2).evses[0].evse_id
        uow.operators.put_station(replace(town.station(2), entity_id="north"), {evse: evse})
        ours, theirs = town.new_case(uow), town.new_case(uow, 2)
        uow.cases.set_group(theirs.id, -200)
        merged = town.new_case(uow)
        uow.caseload.set_merged(merged.id, ours.id)
        return [ours.id, theirs.id]

    ours, theirs = await database.write(enter)
    assert [each.record.id for each in await lines(database)] == [ours, theirs]

    async def found(sought: Sought) -> set[int]:
        return {each.record.id for each in await lines(database, sought)}

    assert await found(replace(DAY, entities=frozenset({"north"}))) == {theirs}
    assert await found(replace(DAY, entities=frozenset({None}))) == {ours}
    assert await found(replace(DAY, entities=frozenset({None, "north"}))) == {ours, theirs}
    assert await found(replace(DAY, entities=frozenset())) == set()
    assert await found(replace(DAY, group=-200)) == {theirs}
    assert await found(replace(DAY, since=NOW, until=NOW + MINUTE)) == {ours, theirs}
    assert await found(replace(DAY, since=NOW - MINUTE, until=NOW)) == set()
    assert await found(replace(DAY, operator_id="linz")) == set()
    newest = await database.read(lambda uow: uow.statistics.lines(DAY, 1))
    assert [each.record.id for each in newest] == [theirs]


async def test_what_was_solved_in_the_week_before_is_known_for_repeats(database: Database) -> None:
    def enter(uow: UnitOfWork) -> None:
        town.build(uow)
        solved(uow, town.new_case(uow), MINUTE)
        town.new_case(uow)

    await database.write(enter)
    week_later = replace(DAY, since=NOW + timedelta(days=7), until=NOW + timedelta(days=8))
    assert await database.read(lambda uow: uow.statistics.solved(week_later)) == [
        Solved(1, "AT*SWG*E0001", NOW + MINUTE)
    ]
    later = replace(week_later, since=NOW + timedelta(days=7, minutes=2))
    assert await database.read(lambda uow: uow.statistics.solved(later)) == []


async def test_the_end_of_the_trouble_is_kept_and_forgotten_when_it_comes_back(database: Database) -> None:
    def enter(uow: UnitOfWork) -> Case:
        town.build(uow)
        case = town.new_case(uow)
        solved(uow, case, MINUTE)
        found = uow.cases.get(case.id)
        assert found is not None
        return found

    case = await database.write(enter)
    assert case.resolved_at == NOW + MINUTE
    closed = move(case, Trigger.CLOSE, NOW + 2 * MINUTE)
    assert (closed.state, closed.resolved_at) == (CaseState.CLOSED, NOW + MINUTE)
    assert move(case, Trigger.REOPEN, NOW + 2 * MINUTE).resolved_at is None
    silent = replace(case, state=CaseState.DIAGNOSING, resolved_at=None)
    assert move(silent, Trigger.CLOSE, NOW).resolved_at is None
