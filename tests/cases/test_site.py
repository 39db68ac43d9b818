"""One case for a site, whatever comes at the same moment, and nobody who joined it is forgotten."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

import pytest
from sqlalchemy.util import await_only

from bot.cases.agents import closing, desk
from bot.cases.clock import follow_up
from bot.cases.drivers import escalation, locate, report
from bot.cases.outcomes import Checking
from bot.cases.services import Services
from bot.cases.technicians import dispatch
from bot.cases.technicians.dispatch import Report
from bot.cases.technicians.hands import InChat
from bot.cases.turn import Turn
from bot.diagnosis.rulebook import load_rulebook
from bot.domain.capability import Capability, Source
from bot.domain.case import Case, CaseState
from bot.domain.cause import Cause
from bot.domain.errand import Errand, ErrandAnswer
from bot.domain.job import JobTrigger
from bot.domain.observation import Booted
from bot.domain.operator import Contact
from bot.domain.people import Address, telegram
from bot.domain.remote_action import CommandAnswer, RemoteOrder
from bot.domain.report import Symptom
from bot.domain.status import ConnectorState, ConnectorStatus, Link, StationSnapshot
from bot.domain.timer import TimerKind
from storage.database import Database, open_database
from storage.migrations import migrate
from storage.repositories.inbox import InboxRow
from storage.repositories.people import Identity
from storage.uow import UnitOfWork
from tests.conftest import new_postgres_database
from tests.storage import town

T = TypeVar("T")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RULEBOOK = load_rulebook()
LENA, MARCO, TINA, ANNA, TOM = 501, 502, 503, 3001, 2001
TOPIC = telegram(-100, 7)
SOON = 0.5
"""Seconds in which a transaction ends that nothing keeps waiting."""


@dataclass
class AwaySite:
    """Implements `StationGateway` for stations of which none is connected, until one is repaired."""

    now: datetime = NOW
    repaired: bool = False

    async def snapshot(
        self, station_id: str, connector: int, *, fresh_within: timedelta | None, deadline: timedelta
    ) -> StationSnapshot:
        heard = NOW - timedelta(hours=1)
        if not self.repaired:
            return StationSnapshot(station_id, self.now, Link.OFFLINE, heard, None)
        state = ConnectorState(connector, ConnectorStatus.AVAILABLE, "NoError", self.now, self.now)
        return StationSnapshot(station_id, self.now, Link.ONLINE, self.now, state)

    def capabilities(self, station_id: str) -> frozenset[Capability]:
        return frozenset()

    async def send(self, order: RemoteOrder) -> CommandAnswer:
        raise AssertionError(f"{order} is sent to a site that is away")

    async def run(self, errand: Errand) -> ErrandAnswer:
        raise AssertionError(f"{errand} is sent to a site that is away")


@dataclass
class Site:
    """Three stations of one location without power, and those who stand there."""

    database: Database
    stations: AwaySite = field(default_factory=AwaySite)
    updates: int = 0

    def services(self, database: Database | None = None) -> Services:
        return Services(database or self.database, self.stations, RULEBOOK, lambda: self.stations.now)

    async def build(self) -> None:
        def made(uow: UnitOfWork) -> None:
            town.build(uow)
            tom = Contact("Tom", None, None, TOM)
            for number in (1, 2, 3):
                station = replace(town.station(number), technician=tom)
                uow.operators.put_station(station, {e.evse_id: e.evse_id for e in station.evses})
                booted = Booted(station.id, NOW - timedelta(hours=1), "Vendor", "Model", None, None)
                uow.station_log.keep([booted], Source.OCPP)

        await self.database.write(made)

    async def turn(self, who: int, conversation: Address | None = None) -> Turn:
        return await self.turn_over(self.services(), who, conversation)

    async def turn_over(self, services: Services, who: int, conversation: Address | None = None) -> Turn:
        self.updates += 1
        number = self.updates

        def met(uow: UnitOfWork) -> Turn:
            person = uow.people.meet([Identity(who, "Somebody", None, "en")])[who]
            uow.inbox.receive([InboxRow(number, "lane", b"{}", person.id, NOW)])
            return Turn(services, person, conversation or telegram(who), number)

        return await self.database.write(met)

    async def reports(self, who: int, station: int, services: Services | None = None) -> None:
        """Somebody reports the EVSE of a station."""
        services = services or self.services()
        await locate.by_words(await self.turn_over(self.services(), who), f"AT*SWG*E{station:04}")
        await report.file(await self.turn_over(services, who), Symptom.WILL_NOT_START, silently)

    async def case(self, who: int) -> Case:
        case = await self.database.read(lambda uow: uow.cases.latest_in(telegram(who)))
        assert case is not None
        return case

    async def states(self, *who: int) -> list[CaseState]:
        return [(await self.case(each)).state for each in who]

    async def told(self, who: int) -> list[str]:
        """The notices that were put out for a driver."""
        case = await self.case(who)

        def read(uow: UnitOfWork) -> list[str]:
            rows = uow.connection.exec_driver_sql("SELECT dedupe_key FROM outbox ORDER BY id")
            keys = [str(row.dedupe_key).split(":") for row in rows]
            return [key[2] for key in keys if key[:2] == ["driver", str(case.id)]]

        return await self.database.read(read)

    async def hotline_resolves(self, who: int) -> None:
        await closing.resolve(await self.turn(ANNA, TOPIC), (await self.case(who)).id, None)


async def silently(_: Checking) -> None:
    return None


@pytest.fixture
async def site(database: Database) -> Site:
    made = Site(database)
    await made.build()
    return made


@dataclass
class Lingering:
    """A database whose transactions of one kind have done their work and are not committed before they may be."""

    inner: Database
    of: Callable[[UnitOfWork], bool]
    lingers: asyncio.Event = field(default_factory=asyncio.Event)
    may_end: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def shared(self) -> bool:
        return self.inner.shared

    async def write(self, work: Callable[[UnitOfWork], T]) -> T:
        def slowly(uow: UnitOfWork) -> T:
            value = work(uow)
            if self.of(uow):
                self.lingers.set()
                await_only(self.may_end.wait())
            return value

        return await self.inner.write(slowly)

    async def read(self, work: Callable[[UnitOfWork], T]) -> T:
        return await self.inner.read(work)

    async def close(self) -> None:
        await self.inner.close()


def tells(uow: UnitOfWork) -> bool:
    """Whether the transaction has put something into the outbox, as a diagnosis of a site does."""
    return uow.used("outbox")


@pytest.fixture
async def shared_site(postgres_server: str) -> AsyncIterator[Site]:
    """The site on PostgreSQL, where two transactions can be open at once; SQLite has a single writer."""
    database = open_database(await new_postgres_database(postgres_server))
    await migrate(database)
    made = Site(database)
    await made.build()
    yield made
    await database.close()


# One case


async def test_reports_of_the_same_instant_make_one_case_for_the_hotline(site: Site) -> None:
    drivers = (LENA, MARCO, TINA)
    await asyncio.gather(*(site.reports(who, number) for number, who in enumerate(drivers, start=1)))
    states = await site.states(*drivers)
    assert sorted(states) == [CaseState.DIAGNOSING, CaseState.DIAGNOSING, CaseState.WAITING_AGENT]


async def test_a_report_waits_for_another_of_its_site_that_is_not_committed_yet(shared_site: Site) -> None:
    slow = Lingering(shared_site.database, tells)
    first = asyncio.create_task(shared_site.reports(LENA, 1, shared_site.services(slow)))
    await slow.lingers.wait()
    second = asyncio.create_task(shared_site.reports(MARCO, 2))
    done, _ = await asyncio.wait({second}, timeout=SOON)
    assert not done, "it would not see the case that the hotline is about to have"
    slow.may_end.set()
    await asyncio.gather(first, second)
    assert await shared_site.states(LENA, MARCO) == [CaseState.WAITING_AGENT, CaseState.DIAGNOSING]
    assert await shared_site.told(MARCO) == ["site_known"]


async def test_whoever_asks_for_a_person_at_once_is_seen_by_the_next_report(shared_site: Site) -> None:
    slow = Lingering(shared_site.database, tells)
    await locate.by_words(await shared_site.turn(LENA), "AT*SWG*E0001")
    asks = await shared_site.turn_over(shared_site.services(slow), LENA)
    first = asyncio.create_task(escalation.ask_person(asks))
    await slow.lingers.wait()
    second = asyncio.create_task(shared_site.reports(MARCO, 2))
    await asyncio.wait({second}, timeout=SOON)
    slow.may_end.set()
    await asyncio.gather(first, second)
    assert await shared_site.states(LENA, MARCO) == [CaseState.WAITING_AGENT, CaseState.DIAGNOSING]


async def test_a_report_that_comes_while_the_hotline_settles_the_site_is_not_left_waiting(
    shared_site: Site,
) -> None:
    await shared_site.reports(LENA, 1)
    slow = Lingering(shared_site.database, tells)
    late = asyncio.create_task(shared_site.reports(MARCO, 2, shared_site.services(slow)))
    await slow.lingers.wait()
    settles = asyncio.create_task(shared_site.hotline_resolves(LENA))
    await asyncio.wait({settles}, timeout=SOON)
    slow.may_end.set()
    await asyncio.gather(late, settles)
    assert await shared_site.states(LENA, MARCO) == [CaseState.RESOLVED, CaseState.RESOLVED]
    assert await shared_site.told(MARCO) == ["site_known", "site_back"]


async def test_sites_of_their_own_do_not_wait_for_each_other(shared_site: Site) -> None:
    def elsewhere(uow: UnitOfWork) -> None:
        uow.operators.put_location("graz", replace(town.LOCATION, id="messe"))
        for number in (4, 5, 6):
            station = replace(town.station(number), location_id="messe")
            uow.operators.put_station(station, {e.evse_id: e.evse_id for e in station.evses})
            booted = Booted(station.id, NOW - timedelta(hours=1), "Vendor", "Model", None, None)
            uow.station_log.keep([booted], Source.OCPP)

    await shared_site.database.write(elsewhere)
    slow = Lingering(shared_site.database, tells)
    first = asyncio.create_task(shared_site.reports(LENA, 1, shared_site.services(slow)))
    await slow.lingers.wait()
    await asyncio.wait_for(shared_site.reports(MARCO, 4), 5)
    slow.may_end.set()
    await first
    assert await shared_site.states(LENA, MARCO) == [CaseState.WAITING_AGENT] * 2


# Nobody is forgotten


async def test_all_who_joined_hear_when_the_hotline_has_settled_it(site: Site) -> None:
    for number, who in enumerate((LENA, MARCO, TINA), start=1):
        await site.reports(who, number)
    await site.hotline_resolves(LENA)
    assert await site.states(LENA, MARCO, TINA) == [CaseState.RESOLVED] * 3
    assert await site.told(MARCO) == await site.told(TINA) == ["site_known", "site_back"]


async def repaired(site: Site, case_id: int) -> None:
    """The technician goes there and says that it is repaired."""
    job = await site.database.read(lambda uow: uow.jobs.latest_of(case_id))
    assert job is not None
    for trigger in (JobTrigger.ACCEPT, JobTrigger.GO, JobTrigger.ARRIVE):
        hand = InChat(await site.turn(TOM))
        job = (await dispatch.step(hand, job.id, job.version, trigger)).job
    report = Report(Cause.POWER_SUPPLY.value)
    await dispatch.fixed(InChat(await site.turn(TOM)), job.id, job.version, report)


async def test_all_who_joined_hear_when_the_technician_has_repaired_it(site: Site) -> None:
    await site.reports(LENA, 1)
    await site.reports(MARCO, 2)
    case = await site.case(LENA)
    await desk.send_technician(await site.turn(ANNA, TOPIC), case.id, case.version)
    site.stations.repaired = True
    case = await site.case(LENA)
    await repaired(site, case.id)
    assert await site.states(LENA, MARCO) == [CaseState.RESOLVED] * 2
    assert (await site.told(MARCO))[-1] == "site_back"


async def test_who_joined_waits_for_the_end_however_long_it_takes(site: Site) -> None:
    await site.reports(LENA, 1)
    await site.reports(MARCO, 2)
    services = site.services()
    site.stations.now += timedelta(days=1)
    for timer in await site.database.write(
        lambda uow: uow.timers.claim(site.stations.now, timedelta(seconds=15), 50)
    ):
        assert (timer.kind, timer.subject) != (TimerKind.DRIVER_DID_NOT_ANSWER, (await site.case(MARCO)).id)
        await services.transact(partial(follow_up.fall_due, services=services, timer=timer))
    await site.hotline_resolves(LENA)
    assert (await site.told(MARCO))[-1] == "site_back"


async def test_where_the_first_driver_leaves_the_hotline_goes_on_with_the_next(site: Site) -> None:
    for number, who in enumerate((LENA, MARCO, TINA), start=1):
        await site.reports(who, number)
    await report.cancel(await site.turn(LENA), confirmed=True)
    assert await site.states(LENA, MARCO, TINA) == [
        CaseState.CLOSED,
        CaseState.WAITING_AGENT,
        CaseState.DIAGNOSING,
    ]
    await site.hotline_resolves(MARCO)
    assert (await site.told(TINA))[-1] == "site_back"


async def test_a_driver_who_joined_and_leaves_calls_nobody(site: Site) -> None:
    for number, who in enumerate((LENA, MARCO, TINA), start=1):
        await site.reports(who, number)
    await report.cancel(await site.turn(MARCO), confirmed=True)
    assert await site.states(LENA, MARCO, TINA) == [
        CaseState.WAITING_AGENT,
        CaseState.CLOSED,
        CaseState.DIAGNOSING,
    ]


async def test_words_of_danger_in_the_first_case_do_not_cut_the_others_off(site: Site) -> None:
    await site.reports(LENA, 1)
    await site.reports(MARCO, 2)
    await escalation.danger(await site.turn(LENA))
    await site.hotline_resolves(LENA)
    assert (await site.told(MARCO))[-1] == "site_back"


async def test_who_asked_for_a_person_meanwhile_is_told_by_that_person(site: Site) -> None:
    await site.reports(LENA, 1)
    await site.reports(MARCO, 2)
    await escalation.ask_person(await site.turn(MARCO))
    await site.hotline_resolves(LENA)
    assert await site.states(MARCO) == [CaseState.WAITING_AGENT]
