"""The stage: the real central system and OCPI gateway on a real port, a real database, and a clock that is moved."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import count

from aiohttp import web

from bot.cases.clock import follow_up
from bot.cases.remote import ladder, recovery
from bot.cases.services import Limits, Services
from bot.diagnosis.rule import Rulebook
from bot.diagnosis.rulebook import load_rulebook
from bot.domain.capability import Source
from bot.domain.operator import Evse, Group, HotlineGroup, Location, Member, Operator, Station
from bot.domain.rights import Right, Scope
from bot.domain.timer import TimerKind
from bot.operations.journal import Journal
from bot.operations.ocpi_store import DatabaseOcpiStore
from bot.stations.ocpi.commands import Patience
from bot.stations.ocpi.gateway import OcpiGateway
from bot.stations.ocpi.gateway import Timing as OcpiTiming
from bot.stations.ocpp.central import CentralSystem, Timing
from bot.stations.ocpp.link import LinkLimits
from bot.stations.sources import Sources
from storage.database import Database, open_database
from storage.migrations import migrate
from storage.uow import UnitOfWork
from tests.ports import free_port

_BEGIN = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
_BETWEEN = timedelta(days=3)
"""More than a diagnosis looks back, so that no scenario is in the past of the next."""
_PATIENT, _QUICK = 20.0, 0.1
_LEASE, _MOST = timedelta(seconds=15), 50
AGENT = 3001


@dataclass
class MovedClock:
    """A clock that stands until it is moved, and never goes back."""

    now: datetime = _BEGIN

    def __call__(self) -> datetime:
        return self.now

    def move_to(self, moment: datetime) -> None:
        """Moves it on; what lies behind is left out."""
        self.now = max(self.now, moment)


@dataclass(frozen=True, slots=True)
class Entrance:
    """A central system and the services over it; stations that fall silent are given up soon at the quick one."""

    url: str
    services: Services


@dataclass
class Stage:
    """What all scenarios share."""

    database: Database
    clock: MovedClock
    back_ends: OcpiGateway
    patient: Entrance
    quick: Entrance
    _numbers: "count[int]" = field(default_factory=lambda: count(1))
    _reported: datetime = _BEGIN

    def next(self) -> tuple[int, datetime]:
        """A number for the next scenario, and the time of its report."""
        self._reported += _BETWEEN
        return next(self._numbers), self._reported

    async def until_due(self, services: Services) -> None:
        """Moves the clock to the next deadline, and does what is due then."""
        due = await self.database.read(lambda uow: uow.timers.next_due())
        if due is not None:
            self.clock.move_to(due)
        await self.fall_due(services)

    async def fall_due(self, services: Services) -> None:
        """Does what is due by now, as the worker of the timers does."""
        for timer in await self.database.write(lambda uow: uow.timers.claim(self.clock(), _LEASE, _MOST)):
            if timer.kind is TimerKind.LADDER_CLIMBS:
                await ladder.climb(services, timer)
            else:
                await services.transact(partial(follow_up.fall_due, services=services, timer=timer))


@contextlib.asynccontextmanager
async def opened(database_url: str) -> AsyncIterator[Stage]:
    """A stage on an empty database, until the block is left."""
    database, clock = open_database(database_url), MovedClock()
    await migrate(database)
    rulebook = load_rulebook()
    port = free_port()
    back_ends = OcpiGateway(
        DatabaseOcpiStore(database),
        Journal(database, Source.OCPI),
        clock,
        f"http://127.0.0.1:{port}",
        OcpiTiming(Patience(answer=timedelta(seconds=0.5), result=timedelta(seconds=0.5))),
    )
    await back_ends.open()
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        stack.push_async_callback(back_ends.close)
        patient = await _entrance(stack, (database, clock, rulebook, back_ends), _PATIENT, port)
        quick = await _entrance(stack, (database, clock, rulebook, back_ends), _QUICK, 0)
        yield Stage(database, clock, back_ends, patient, quick)


async def _entrance(
    stack: contextlib.AsyncExitStack,
    shared: tuple[Database, MovedClock, Rulebook, OcpiGateway],
    patience: float,
    port: int,
) -> Entrance:
    database, clock, rulebook, back_ends = shared
    journal = Journal(database)
    timing = Timing(limits=LinkLimits(calling=patience, closing=0.2, draining=5.0))
    central = CentralSystem(journal, clock, timing)
    limits = replace(Limits(), station_answers_within=timedelta(seconds=patience))
    services = Services(database, Sources(central, back_ends), rulebook, clock, limits)
    journal.watch(lambda uow, seen: recovery.observe(uow, services, seen), services.wake.outbox.set)
    app = web.Application()
    central.add_routes(app)
    back_ends.add_routes(app)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    return Entrance(f"ws://127.0.0.1:{runner.addresses[0][1]}/ocpp", services)


def evse_id(number: int, station: int, connector: int) -> str:
    """What the sticker of a scenario's connector says; station 1 is the one of the report."""
    return f"AT*SCN*E{number:04}{station:02}*{connector}"


def station_id(number: int, station: int) -> str:
    """The OCPP identity of a scenario's station."""
    return f"SCN-{number:04}-{station:02}"


def hotline_of(number: int) -> int:
    """The chat of the scenario's hotline."""
    return -100_000 - number


def build(uow: UnitOfWork, number: int, connectors: tuple[int, ...]) -> None:
    """An operator with one location, its stations with so many connectors each, and an agent with all rights."""
    name = f"operator-{number}"
    uow.operators.put_operator(
        Operator(
            name,
            "Scenes",
            "AT",
            "SCN",
            "Europe/Vienna",
            "en",
            "EUR",
            Decimal(0),
            "+43 316 0",
        )
    )
    uow.hotlines.put(HotlineGroup(name, hotline_of(number)))
    uow.staff.put_group(name, Group("Hotline", Scope.INSTANCE, frozenset(Right)))
    uow.staff.put_member(name, Member(AGENT, "Anna Agent", None, ("Hotline",)))
    place = Location("site", "Site", "Street 1", "8010", "Graz", "AT", 47.07, 15.41)
    uow.operators.put_location(name, place)
    for station, several in enumerate(connectors, start=1):
        this = station_id(number, station)
        evses = tuple(
            Evse(evse_id(number, station, each), this, each, "CCS2", 150.0) for each in range(1, several + 1)
        )
        compact = {each.evse_id: each.evse_id.replace("*", "") for each in evses}
        uow.operators.put_station(Station(this, name, place.id, True, evses), compact)
