"""The clock of a case: next levels at once, other severities, ends and new beginnings; nobody who could be told."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.cases.clock import follow_up, waits
from bot.cases.services import Services
from bot.diagnosis.rulebook import load_rulebook
from bot.domain.case import Case, CaseState, Severity
from bot.domain.escalation import Kept, Level, Policy, Run, ServiceLevel, Target, TargetKind
from bot.domain.operator import Contact, Group
from bot.domain.outgoing import OutgoingKind
from bot.domain.rights import Right, Scope
from bot.domain.timer import TimerKind
from storage.database import Database
from storage.repositories.people import Identity
from storage.repositories.staff import Colleague
from storage.uow import UnitOfWork
from tests.storage import town
from tests.workers.test_inbox_worker import NoStations

AGENTS = Target(TargetKind.ON_CALL)
MANAGER = Target(TargetKind.MANAGER)
MARA = Contact("Mara", email="mara@example.org")
MINUTE = timedelta(minutes=1)


class Clock:
    """A time that stands until it is put forward."""

    def __init__(self) -> None:
        self.now = town.NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)


class Desk:
    """One case that waits, and what is done with it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.services = Services(database, NoStations(), load_rulebook(), clock)

    async def begins(self, *levels: Level, severity: Severity = Severity.P2, agents: bool = True) -> None:
        promises = ServiceLevel(timedelta(minutes=60), timedelta(minutes=120))

        def enter(uow: UnitOfWork) -> None:
            town.build(uow)
            uow.operators.put_operator(replace(town.OPERATOR, manager=MARA))
            if agents:
                anna = uow.people.meet([Identity(3001, "Anna")])[3001]
                rights = frozenset({Right.REMOTE_ACTIONS})
                uow.staff.put_group("graz", Group("Hotline", Scope.INSTANCE, rights))
                uow.staff.put("graz", Colleague(anna.id, 3001, "Anna", groups=("Hotline",)))
            uow.escalations.put_policy("graz", Policy(severity, levels, promises))
            waits.wait_for_agent(uow, self.services, town.new_case(uow, state=CaseState.WAITING_AGENT))

        await self.database.write(enter)

    async def case(self) -> Case:
        found = await self.database.read(lambda uow: uow.cases.get(1))
        assert found is not None
        return found

    async def run(self) -> Run:
        found = await self.database.read(lambda uow: uow.escalations.run(1))
        assert found is not None
        return found

    async def becomes(self, state: CaseState, severity: Severity | None = None) -> Case:
        """Somebody changes the case, which the clock hears as it does from the use cases."""
        before = await self.case()
        after = replace(
            before,
            state=state,
            severity=severity or before.severity,
            version=before.version + 1,
            changed_at=self.clock.now,
        )

        def work(uow: UnitOfWork) -> None:
            uow.cases.save(before, after)
            if state is CaseState.WAITING_AGENT:
                waits.wait_for_agent(uow, self.services, after)
            else:
                waits.stop_waiting(uow, before)

        await self.database.write(work)
        return after

    async def looks(self) -> None:
        """The worker does what is due."""

        def work(uow: UnitOfWork) -> None:
            for timer in uow.timers.claim(self.clock.now, MINUTE, 50):
                follow_up.fall_due(uow, self.services, timer)

        await self.database.write(work)

    async def due(self, kind: TimerKind = TimerKind.LEVEL_DUE) -> float | None:
        """In how many minutes a deadline falls due."""
        due = await self.database.read(lambda uow: uow.timers.due_of(1, kind))
        return None if due is None else (due - self.clock.now) / MINUTE

    async def told(self, *kinds: OutgoingKind) -> list[str]:
        """Who was told, in order, by the kinds of rows."""

        def read(uow: UnitOfWork) -> list[str]:
            rows = uow.connection.exec_driver_sql("SELECT kind, recipient FROM outbox ORDER BY id")
            return [row[1] for row in rows if row[0] in kinds]

        return await self.database.read(read)


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database, Clock())


def level(after: float, *targets: Target) -> Level:
    return Level(timedelta(minutes=after), targets)


async def test_the_next_level_is_raised_at_once_and_the_clock_goes_on_from_there(desk: Desk) -> None:
    await desk.begins(level(10, AGENTS), level(20, MANAGER))
    desk.clock.forward(3)
    case = await desk.case()
    await desk.database.write(lambda uow: waits.next_level(uow, desk.services, case, "test"))
    assert (await desk.run()).level == 1
    assert await desk.told(OutgoingKind.AGENT_NOTICE, OutgoingKind.EMAIL) == ["telegram:3001"]
    assert await desk.due() == 20
    await desk.database.write(lambda uow: waits.next_level(uow, desk.services, case, "test"))
    assert await desk.told(OutgoingKind.EMAIL) == ["mailto:mara@example.org"]
    assert await desk.due() is None, "this policy does not repeat"


async def test_nobody_is_raised_of_whom_a_case_does_not_wait(desk: Desk) -> None:
    await desk.begins(level(10, AGENTS))
    case = await desk.becomes(CaseState.WITH_AGENT)
    await desk.database.write(lambda uow: waits.next_level(uow, desk.services, case, "test"))
    assert (await desk.run()).level == 0


async def test_a_level_that_reaches_nobody_gives_its_turn_to_the_next(desk: Desk) -> None:
    await desk.begins(level(10, AGENTS), level(20, MANAGER), agents=False)
    desk.clock.forward(10)
    await desk.looks()
    assert await desk.told(OutgoingKind.EMAIL) == ["mailto:mara@example.org"]
    assert (await desk.run()).level == 2


async def test_what_has_run_before_counts_however_often_somebody_had_the_case(desk: Desk) -> None:
    await desk.begins(level(10, AGENTS), level(20, MANAGER))
    for _ in range(3):
        desk.clock.forward(2)
        await desk.becomes(CaseState.WITH_AGENT)
        assert await desk.due() is None
        desk.clock.forward(100)
        await desk.becomes(CaseState.WAITING_AGENT)
    assert await desk.due() == pytest.approx(4)
    assert (await desk.run()).number == 1


@pytest.mark.parametrize("end", [CaseState.RESOLVED, CaseState.CLOSED])
async def test_the_end_of_a_case_ends_all_and_one_that_is_opened_again_begins_anew(
    desk: Desk, end: CaseState
) -> None:
    await desk.begins(level(10, AGENTS), level(20, MANAGER))
    desk.clock.forward(12)
    await desk.looks()
    await desk.becomes(end)
    assert await desk.database.read(lambda uow: uow.timers.waiting()) == 0
    desk.clock.forward(600)
    await desk.looks()
    assert await desk.told(OutgoingKind.EMAIL) == []
    await desk.becomes(CaseState.WAITING_AGENT)
    run = await desk.run()
    assert (run.number, run.level, run.began_at) == (2, 0, desk.clock.now)
    assert (await desk.due(), await desk.due(TimerKind.FIRST_ANSWER_DUE)) == (10, 48)


async def test_of_another_severity_the_policy_of_that_one_begins_and_promises_count_from_the_first_moment(
    desk: Desk,
) -> None:
    await desk.begins(level(90, AGENTS))
    began = desk.clock.now
    desk.clock.forward(9)
    await desk.becomes(CaseState.WAITING_AGENT, Severity.P1)
    run = await desk.run()
    assert (run.policy.severity, run.level, run.began_at) == (Severity.P1, 1, began)
    assert await desk.told(OutgoingKind.AGENT_NOTICE) == ["telegram:3001"]
    assert await desk.due() == 1
    assert await desk.due(TimerKind.FIRST_ANSWER_DUE) == pytest.approx(-1)
    await desk.looks()
    desk.clock.forward(1)
    await desk.looks()
    assert (await desk.run()).first_answer is Kept.BROKEN


async def test_a_warning_and_the_breach_are_told_once_each_and_the_breach_to_the_manager_too(
    desk: Desk,
) -> None:
    await desk.begins(level(600, AGENTS))
    for minutes in (47, 2, 5, 5, 2, 30):
        desk.clock.forward(minutes)
        await desk.looks()
        await desk.looks()
    kinds = (OutgoingKind.AGENT_NOTICE, OutgoingKind.EMAIL)
    assert await desk.told(*kinds) == ["telegram:3001", "telegram:3001", "mailto:mara@example.org"]
    run = await desk.run()
    assert (run.first_answer, run.resolution) == (Kept.BROKEN, Kept.OPEN)
    assert await desk.due(TimerKind.FIRST_ANSWER_DUE) is None


async def test_the_last_level_is_told_again_for_as_long_as_nobody_takes_the_case(desk: Desk) -> None:
    await desk.begins(level(10, MANAGER))

    def repeating(uow: UnitOfWork) -> None:
        run = uow.escalations.run(1)
        assert run is not None
        uow.escalations.keep(replace(run, policy=replace(run.policy, last_repeats=30 * MINUTE)))

    await desk.database.write(repeating)
    for _ in range(4):
        desk.clock.forward(30)
        await desk.looks()
    assert await desk.told(OutgoingKind.EMAIL) == ["mailto:mara@example.org"] * 6, "and two broken promises"
    assert (await desk.run()).repeats == 3
