"""A station of two connectors in memory, under the real use cases and a real database: for tests of the ladder.

Whatever is sent is checked at that moment against what the station has told: nothing that energises meets a lock-out,
no restart ends somebody's session, and there is one ladder and one action at a station.
"""

from collections.abc import Awaitable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial

from sqlalchemy import text

from bot.cases.agents import desk
from bot.cases.clock import follow_up
from bot.cases.drivers import escalation, judging, report
from bot.cases.remote import ladder, recovery
from bot.cases.services import Services
from bot.cases.turn import Turn
from bot.diagnosis.faults import ALWAYS_LOCKED, worst_fault
from bot.diagnosis.rulebook import load_rulebook
from bot.domain.capability import NEEDED, TOLD_BY, Capability, Source
from bot.domain.case import Case, CaseState
from bot.domain.errand import Errand, ErrandAnswer
from bot.domain.ladder import Ladder
from bot.domain.observation import Booted, Observation, StatusObserved, TransactionStopped
from bot.domain.people import Address, telegram
from bot.domain.refusal import Refusal
from bot.domain.remote_action import (
    ACTION_RULES,
    CommandAnswer,
    Initiator,
    RemoteAction,
    RemoteCommand,
    RemoteOrder,
)
from bot.domain.report import Symptom
from bot.domain.status import ConnectorState, ConnectorStatus, Link, StationSnapshot, Transaction
from bot.domain.timer import Timer, TimerKind
from bot.operations.journal import Journal
from storage.database import Database
from storage.repositories.inbox import InboxRow
from storage.repositories.people import Identity
from storage.uow import UnitOfWork
from tests.storage.town import build, new_case

STATION = "GRAZ-01"
RULEBOOK = load_rulebook()
START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LENA, MARCO, ANNA = 501, 502, 3001
_DOES = frozenset(NEEDED.values()) | TOLD_BY[Source.OCPP]
_HANGS = frozenset({ConnectorStatus.SUSPENDED_EVSE, ConnectorStatus.FINISHING})
"""What a connector may say while a session hangs on it; otherwise it charges."""
_RUNNING = text(
    "SELECT (SELECT count(*) FROM ladders WHERE ended_at IS NULL),"
    " (SELECT count(*) FROM remote_actions WHERE ended_at IS NULL)"
)


class Killed(BaseException):
    """The process died at this very place."""


class Answers(StrEnum):
    """What becomes of the next commands."""

    ACCEPTS = "accepts"
    REJECTS = "rejects"
    IS_SILENT = "is_silent"
    """It obeys, and its answer is lost."""
    HEARS_NOTHING = "hears_nothing"
    KILLED_BEFORE = "killed_before"
    KILLED_AFTER = "killed_after"


@dataclass
class Connector:
    """What is true of a connector."""

    base: ConnectorStatus = ConnectorStatus.AVAILABLE
    fault: str | None = None
    in_use: bool = True
    session: Transaction | None = None
    clings: bool = False
    """It never notices that its session is over, until it is taken out of use."""
    reticent: bool = False
    """It tells what it has come to only when it is asked."""

    @property
    def status(self) -> ConnectorStatus:
        if self.fault is not None:
            return ConnectorStatus.FAULTED
        if self.session is not None:
            return self.base if self.base in _HANGS else ConnectorStatus.CHARGING
        return self.base if self.in_use else ConnectorStatus.UNAVAILABLE


@dataclass
class Climber:
    """Implements `StationGateway`, and plays everybody else, too."""

    database: Database
    now: datetime = START
    online: bool = True
    answers: Answers = Answers.ACCEPTS
    does: frozenset[Capability] = _DOES
    heals: frozenset[RemoteCommand] = frozenset()
    """The commands that cure the first connector."""
    returns: bool = True
    """Whether it comes back from a restart."""
    connectors: dict[int, Connector] = field(default_factory=lambda: {1: Connector(), 2: Connector()})
    told: dict[int, ConnectorState] = field(default_factory=dict)
    sent: list[RemoteOrder] = field(default_factory=list)
    _effects: list[RemoteOrder] = field(default_factory=list)
    _updates: int = 0

    def __post_init__(self) -> None:
        self.journal = Journal(self.database)
        self.services = Services(self.database, self, RULEBOOK, lambda: self.now)
        self.journal.watch(lambda uow, seen: recovery.observe(uow, self.services, seen), lambda: None)

    # The station

    async def snapshot(
        self, station_id: str, connector: int, *, fresh_within: timedelta | None, deadline: timedelta
    ) -> StationSnapshot:
        known = self.told.get(connector)
        if (
            self.online
            and fresh_within is not None
            and (known is None or known.age(self.now) >= fresh_within)
        ):
            await self.tell(connector)
        sessions = tuple(each.session for each in self.connectors.values() if each.session is not None)
        return StationSnapshot(
            STATION,
            self.now,
            Link.ONLINE if self.online else Link.OFFLINE,
            self.now,
            self.told.get(connector),
            siblings=tuple(state for number, state in self.told.items() if number != connector),
            transactions=sessions,
        )

    def capabilities(self, station_id: str) -> frozenset[Capability]:
        return self.does if self.online else frozenset()

    async def run(self, errand: Errand) -> ErrandAnswer:
        return ErrandAnswer(CommandAnswer.NOT_SUPPORTED)

    async def send(self, order: RemoteOrder) -> CommandAnswer:
        await self._check(order)
        if not self.online:
            return CommandAnswer.OFFLINE
        match self.answers:
            case Answers.REJECTS:
                return CommandAnswer.REJECTED
            case Answers.HEARS_NOTHING:
                return CommandAnswer.NO_ANSWER
            case Answers.KILLED_BEFORE:
                self.answers = Answers.ACCEPTS
                raise Killed
        self.sent.append(order)
        self._effects.append(order)
        match self.answers:
            case Answers.KILLED_AFTER:
                self.answers = Answers.ACCEPTS
                raise Killed
            case Answers.IS_SILENT:
                return CommandAnswer.NO_ANSWER
        return CommandAnswer.ACCEPTED

    async def _check(self, order: RemoteOrder) -> None:
        rule = ACTION_RULES[order.command]
        reached = self.told.values() if rule.whole_station else [self.told[order.connector]]
        if rule.energising:
            assert worst_fault(*reached) not in ALWAYS_LOCKED
            assert not await self.database.read(_locked_by_words)
        if rule.whole_station:
            assert all(each.session is None for n, each in self.connectors.items() if n != order.connector)
        action = await self.database.read(lambda uow: uow.actions.pending_at(STATION))
        assert action is not None
        if order.command is RemoteCommand.STOP_SESSION and action.initiator is Initiator.LADDER:
            session = self.connectors[order.connector].session
            reported = await self.database.read(lambda uow: uow.cases.get(action.case_id))
            assert session is not None and order.transaction_id == session.id
            assert reported is not None and session.started_at <= reported.opened_at
        if order.command is RemoteCommand.MAKE_INOPERATIVE and action.initiator is Initiator.LADDER:
            # An agent may order it for the end of a session.
            assert self.connectors[order.connector].session is None
        ladders, actions = await self.database.read(lambda uow: tuple(uow.connection.execute(_RUNNING).one()))
        assert ladders <= 1
        assert actions == 1

    async def tell(self, connector: int) -> None:
        """The connector tells its status."""
        state = self.connectors[connector]
        before = self.told.get(connector)
        code = state.fault or "NoError"
        same = before is not None and (before.status, before.error_code) == (state.status, code)
        since = before.since if before is not None and same else self.now
        self.told[connector] = ConnectorState(connector, state.status, code, since, self.now)
        await self.record(StatusObserved(STATION, self.now, self.told[connector], changed=not same))

    async def record(self, *seen: Observation) -> None:
        await self.journal.record(seen)

    async def become(self, connector: int, base: ConnectorStatus, fault: str | None = None) -> None:
        """Something happens to a connector, and it says so where it can."""
        state = self.connectors[connector]
        state.base, state.fault = base, fault
        if fault is not None:
            state.session = None
        if self.online:
            await self.tell(connector)

    async def charge(self, connector: int) -> None:
        """Somebody begins to charge."""
        if self.connectors[connector].in_use:
            self.connectors[connector].session = Transaction(connector + 70, connector, self.now, 0)
            if self.online:
                await self.tell(connector)

    async def go_away(self) -> None:
        self.online = False

    async def come_back(self) -> None:
        if not self.online:
            self.online = True
            for number in self.connectors:
                await self.tell(number)

    async def _obey(self, order: RemoteOrder) -> None:
        connector = self.connectors[order.connector]
        if order.command in self.heals:
            connector.fault, connector.base = None, ConnectorStatus.AVAILABLE
        match order.command:
            case RemoteCommand.STOP_SESSION:
                await self._end_session(connector)
            case RemoteCommand.MAKE_INOPERATIVE:
                connector.in_use = False
            case RemoteCommand.MAKE_OPERATIVE:
                connector.in_use = True
            case RemoteCommand.SOFT_RESET | RemoteCommand.HARD_RESET:
                self.now += timedelta(seconds=20)
                self.online = self.returns
                if not self.returns:
                    return
                await self.record(Booted(STATION, self.now, "Vendor", "Model", None, None))
                for number in self.connectors:
                    await self.tell(number)
                return
        before = self.told[order.connector].status
        changed = connector.status is not before and not connector.reticent
        if order.command is RemoteCommand.REFRESH_STATUS or changed:
            await self.tell(order.connector)

    async def _end_session(self, connector: Connector) -> None:
        session, connector.session = connector.session, None
        if session is None:
            return
        if not connector.clings:
            connector.base = ConnectorStatus.FINISHING
        await self.record(TransactionStopped(STATION, self.now, session.id, None, "Remote", None))

    # The others

    async def prepare(self, symptom: Symptom = Symptom.OTHER) -> None:
        """An operator, people, and a case of Lena's that is to be judged."""

        def make(uow: UnitOfWork) -> None:
            build(uow)
            uow.people.meet([Identity(MARCO, "Marco", None, "de"), Identity(ANNA, "Anna", None, "en")])
            new_case(uow, state=CaseState.FILED)
            uow.connection.execute(text("UPDATE cases SET symptom = :said"), {"said": symptom.value})

        await self.database.write(make)
        for number in self.connectors:
            await self.tell(number)

    async def judged(self, connector: int = 1, who: int = LENA) -> Case:
        """A case on a connector, with its diagnosis; Lena's first is the one that there is."""

        def file(uow: UnitOfWork) -> Case:
            case = uow.cases.get(1)
            assert case is not None
            if (connector, who) != (1, LENA):
                person = uow.people.meet([Identity(who, "Somebody", None, "en")])[who]
                case = uow.cases.add(
                    replace(
                        case,
                        driver_id=person.id,
                        conversation=telegram(who),
                        connector=connector,
                        evse_id=None,
                    )
                )
            moved = replace(case, state=CaseState.DIAGNOSING, version=case.version + 1)
            uow.cases.save(case, moved)
            return moved

        case = await self.database.write(file)
        snapshot = await judging.look(self.services, case)

        def judge(uow: UnitOfWork) -> Case:
            judgement, severity = judging.judged(uow, self.services, case, snapshot)
            after = replace(case, version=case.version + 1, judgement=judgement, severity=severity)
            uow.cases.save(case, after)
            return after

        return await self.database.write(judge)

    async def turn(self, who: int, conversation: Address | None = None) -> Turn:
        """The next update of somebody."""
        self._updates += 1
        number = self._updates
        row = InboxRow(number, "lane", b"{}", None, self.now)
        await self.database.write(lambda uow: uow.inbox.receive([row]))
        person = await self.database.write(
            lambda uow: uow.people.meet([Identity(who, "Name", None, "en")])[who]
        )
        return Turn(self.services, person, conversation or telegram(who), number)

    async def begin(self, case_id: int = 1, who: int = LENA) -> None:
        case = await self.case(case_id)
        await ladder.begin(await self.turn(who), case.id, case.version, 77)

    async def works(self) -> None:
        case = await self.case()
        await report.works(await self.turn(LENA), case.id, case.version)

    async def cancel(self) -> None:
        await report.cancel(await self.turn(LENA), confirmed=True)

    async def speak_of_danger(self) -> None:
        await escalation.danger(await self.turn(LENA))

    async def ask_person(self) -> None:
        await escalation.ask_person(await self.turn(LENA))

    async def agent_takes(self) -> None:
        case = await self.case()
        await desk.take(await self.turn(ANNA, telegram(-100, 7)), case.id, case.version)

    async def agent_sends(self, command: RemoteCommand) -> None:
        case = await self.case()
        turn = await self.turn(ANNA, telegram(-100, 7))
        try:
            await recovery.by_agent(turn, case.id, case.version, command)
        except Killed:
            await self.restart()

    # Time

    async def tick(self, seconds: float = 1.0) -> None:
        """Time passes; what was obeyed is told, and what is due is done."""
        effects, self._effects = self._effects, []
        for order in effects:
            await self._obey(order)
        self.now += timedelta(seconds=seconds)
        await self.due()

    async def due(self) -> None:
        """What is due now is done, as the worker of timers does it."""
        for timer in await self.database.write(
            lambda uow: uow.timers.claim(self.now, timedelta(seconds=15), 50)
        ):
            try:
                if timer.kind is TimerKind.LADDER_CLIMBS:
                    await ladder.climb(self.services, timer)
                else:
                    await self.services.transact(partial(_fall_due, self.services, timer))
            except Killed:
                await self.restart()

    async def restart(self) -> None:
        """Another process begins where this one died."""
        await self.database.write(lambda uow: uow.timers.release())
        self.services = Services(self.database, self, RULEBOOK, lambda: self.now)

    async def to_the_end(self, most: int = 150) -> Ladder:
        """Goes from deadline to deadline until the ladder of the first case has ended."""
        for _ in range(most):
            found = await self.ladder()
            if found is not None and not found.running:
                return found
            due = await self.database.read(lambda uow: uow.timers.next_due())
            ahead = timedelta(seconds=1) if due is None else max(due - self.now, timedelta(seconds=1))
            await self.tick(ahead.total_seconds() if not self._effects else 1.0)
        raise AssertionError(f"the ladder does not end: {await self.ladder()}")

    # What came of it

    async def case(self, case_id: int = 1) -> Case:
        case = await self.database.read(lambda uow: uow.cases.get(case_id))
        assert case is not None
        return case

    async def ladder(self, case_id: int = 1) -> Ladder | None:
        return await self.database.read(lambda uow: uow.ladders.latest_of(case_id))

    async def actions(self) -> list[RemoteAction]:
        return await self.database.read(lambda uow: uow.actions.of_case(1))

    async def events(self) -> list[str]:
        return [event.kind for event in await self.database.read(lambda uow: uow.cases.events(1))]

    def commands(self) -> list[RemoteCommand]:
        return [order.command for order in self.sent]


def _fall_due(services: Services, timer: Timer, uow: UnitOfWork) -> None:
    follow_up.fall_due(uow, services, timer)


def _locked_by_words(uow: UnitOfWork) -> bool:
    """Whether the case for which a command is being sent is locked out, by words or by an earlier fault."""
    action = uow.actions.pending_at(STATION)
    case = None if action is None else uow.cases.get(action.case_id)
    return case is not None and case.judgement is not None and case.judgement.action_class == "D"


async def willing(doing: Awaitable[object]) -> bool:
    """Whether something could be done; a refusal is an answer, too."""
    try:
        await doing
    except Refusal:
        return False
    return True
