"""The night itself: who does what and when, what breaks, when the process dies. The clock goes forward in steps."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from bot.sandbox.stations.connector import ClearsOn
from bot.sandbox.stations.station import SimulatedStation
from bot.sandbox.telegram.faults import Fault
from tests.night.drivers import Driver
from tests.night.ledger import Ledger
from tests.night.quiet import Open, next_deadline, quiet
from tests.night.scene import AGENTS, DRIVERS, Scene
from tests.night.staff import Agent, Merge, Technician, topics

ZONE = ZoneInfo("Europe/Vienna")
BEGINS, HOURS = time(22, 0), 8
STEP = timedelta(minutes=10)
GRAIN = timedelta(seconds=90)
"""Deadlines that lie closer together than this are met at once, so that each is this late at most."""
PATIENCE = 30.0
"""Seconds that a busy machine may need until everything has come to rest."""
_GIVES_UP_AFTER = 5
"""So often the service may not come to rest before the night is broken off: it is bad enough."""
LEASES = timedelta(seconds=20)
"""Longer than any lease of the service: what a process that died had claimed is free after that."""
_ABSENT = (timedelta(hours=3), timedelta(hours=4))
"""From and to, after the beginning: no agent is there."""
_DOWN = (timedelta(hours=5), timedelta(hours=6))
"""From and to: no process is there."""
_GONE_HOME = timedelta(hours=7)
"""From then on nothing new begins, and agents work off what there is."""
FAULTS = (
    Fault("too_many_requests", "send*", probability=0.02, seconds=1),
    Fault("too_many_requests", "copy*", probability=0.03, seconds=1),
    Fault("too_many_requests", "edit*", probability=0.02, seconds=1),
    Fault("bad_gateway", "send*", when="after", probability=0.02),
    Fault("bad_gateway", "copy*", when="after", probability=0.04),
    Fault("internal_error", "*", probability=0.01),
    Fault("drop", "copy*", when="after", probability=0.02),
    Fault("drop", "createforumtopic", when="after", probability=0.05),
    Fault("delay", "*", probability=0.05, seconds=0.05),
    Fault("duplicate", "*", probability=0.06),
    Fault("drop", "getupdates", when="after", probability=0.05),
)
"""What befalls Telegram all night long; an update is duplicated, or given out and not heard of."""


@dataclass
class Happened:
    """What the director knows of the night."""

    began: datetime
    ended: datetime | None = None
    steps: int = 0
    absences: list[tuple[datetime, datetime]] = field(default_factory=list)
    restless: list[tuple[datetime, Open]] = field(default_factory=list)
    """Moments at which the service had not done all in time."""
    overdue: list[tuple[datetime, str, int, datetime]] = field(default_factory=list)
    """Deadlines that were not met although the service ran: seen at, kind, subject, due."""


class Director:
    """Plays a night."""

    def __init__(self, scene: Scene, ledger: Ledger, seed: int, hours: float = HOURS) -> None:
        self._scene = scene
        self._ledger = ledger
        self._chance = Random(seed)
        self._hours = hours
        self._patience = PATIENCE / 3 if scene.sabotaged else PATIENCE
        self._wait_until(BEGINS)
        begins = scene.clock()
        self.happened = Happened(begins)
        until = begins + min(_GONE_HOME, timedelta(hours=hours * 0.8))
        self.drivers = [
            Driver(scene, ledger, number, self._own(), (begins, until)) for number in range(1, DRIVERS + 1)
        ]
        self._agents = [Agent(scene, ledger, number, self._own()) for number in range(1, AGENTS + 1)]
        self._technicians = [Technician(scene, number, self._own()) for number in (1, 2)]
        late = self._chance.uniform(6.1, 6.8)
        self._kills = sorted((self._chance.uniform(0.5, 2.8), late))
        """Hours after the beginning, besides the one that begins the hour without a process."""

    @property
    def merges(self) -> list[Merge]:
        """The cases that agents wanted to go on in others."""
        return [each for agent in self._agents for each in agent.merges]

    @property
    def ready_answers(self) -> list[tuple[int, datetime]]:
        """The cases of which an agent sent an answer that was ready, and when."""
        return [each for agent in self._agents for each in agent.ready_answers]

    def _own(self) -> Random:
        """Chance of somebody's own, so that what others do changes nothing for them."""
        return Random(self._chance.random())

    async def play(self) -> None:
        """The whole night, until everything that was begun is done."""
        for number in range(len(self._scene.processes)):
            await self._scene.processes.start(number)
        await asyncio.gather(*(station.start() for station in self._scene.stations))
        await asyncio.sleep(1.0)
        for fault in FAULTS:
            self._scene.faults.add(replace(fault))
        blocks = self._chance.choice(self.drivers)
        while self._passed() < timedelta(hours=self._hours) and len(self.happened.restless) < _GIVES_UP_AFTER:
            self._break_something()
            if self._passed() > timedelta(hours=4) and blocks.blocked_at is None:
                blocks.block()
            await self._act(self._chance.choice((1, 2, 3)))
            if _DOWN[0] <= self._passed() < _DOWN[1]:
                await self._be_down()
            await self._settle()
            await self._step()
        await self._morning()

    async def _act(self, rounds: int) -> None:
        """Everybody does something, again and again; a process may die in the middle of it."""
        killed = self._kills and self._passed() >= timedelta(hours=self._kills[0])
        for number in range(rounds):
            self._everybody()
            if killed and number == 0:
                self._kills.pop(0)
                await asyncio.sleep(self._chance.uniform(0, 0.6))
                await self._die()
            await asyncio.sleep(self._chance.uniform(0.05, 0.3))

    def _everybody(self) -> None:
        for driver in self._chance.sample(self.drivers, len(self.drivers)):
            driver.turn()
        passed = self._passed()
        if not _ABSENT[0] <= passed < _ABSENT[1]:
            keenness = 0.5 if passed >= _GONE_HOME else 0.25
            views = topics(self._scene)
            for agent in self._agents:
                agent.turn(views, keenness=keenness)
        for technician in self._technicians:
            technician.turn()

    async def _die(self) -> None:
        """A process is killed and started again."""
        processes = self._scene.processes
        number = self._chance.randrange(len(processes))
        await processes.kill(number)
        self._everybody()
        if len(processes) == 1:
            self._scene.clock.forward(LEASES)
        await processes.start(number)

    async def _be_down(self) -> None:
        """An hour in which nothing answers, while drivers go on writing."""
        processes = self._scene.processes
        for number in range(len(processes)):
            await processes.kill(number)
        began = self._scene.clock()
        while self._passed() < _DOWN[1]:
            self._everybody()
            await asyncio.sleep(0.05)
            self._scene.clock.forward(STEP)
        self.happened.absences.append((began, self._scene.clock()))
        for number in range(len(processes)):
            await processes.start(number)
        await asyncio.sleep(1.0)

    async def _settle(self) -> None:
        hopeless = len(self.happened.restless) >= _GIVES_UP_AFTER
        left = await quiet(self._scene, 1.0 if hopeless else self._patience)
        now = self._scene.clock()
        if not left.nothing:
            self.happened.restless.append((now, left))
        self.happened.overdue += [(now, row.kind, row.subject, row.due_at) for row in left.due]

    async def _step(self) -> None:
        """Puts the clock forward, and stops wherever a deadline falls due on the way."""
        scene, target = self._scene, self._scene.clock() + STEP * self._chance.uniform(0.4, 1.4)
        while (now := scene.clock()) < target and len(self.happened.restless) < _GIVES_UP_AFTER:
            due = await next_deadline(scene)
            reach = target if due is None else min(target, max(due + timedelta(seconds=1), now + GRAIN))
            scene.clock.forward(max(reach - now, timedelta(seconds=1)))
            self.happened.steps += 1
            await self._settle()

    async def _morning(self) -> None:
        """No faults any more: what was put off is sent, and everything comes to rest."""
        self._scene.lift_faults()
        self.happened.ended = self._scene.clock()
        for _ in range(12):
            await self._settle()
            self._scene.clock.forward(timedelta(seconds=45))
        await self._settle()

    def _break_something(self) -> None:
        """Stations fail and recover."""
        chance, station = self._chance, self._chance.choice(self._scene.stations)
        match chance.choice(("fault", "fault", "heal", "network", "power", "nothing", "nothing", "nothing")):
            case "fault":
                code = chance.choice(("GroundFailure", "ConnectorLockFailure", "OtherError", "ReaderFailure"))
                clears = chance.choice((ClearsOn.NONE, ClearsOn.SOFT_RESET, ClearsOn.UNLOCK))
                station.fault(chance.choice((1, 2)), code, clears_on=clears)
            case "network":
                station.lose_network()
                asyncio.get_running_loop().call_later(2.0, station.regain_network)
            case "power":
                self._power(station)
            case "heal":
                for connector in station.connectors:
                    station.clear_fault(connector)
            case _:
                pass

    def _power(self, struck: SimulatedStation) -> None:
        """A whole site goes dark, and comes back a little later."""
        stations = self._scene.stations
        first = stations.index(struck) // 3 * 3
        for station in stations[first : first + 3]:
            station.lose_power()
            asyncio.get_running_loop().call_later(3.0, station.regain_power)

    def _passed(self) -> timedelta:
        return self._scene.clock() - self.happened.began

    def _wait_until(self, hour: time) -> None:
        now = self._scene.clock().astimezone(ZONE)
        begins = datetime.combine(now.date(), hour, ZONE)
        if begins <= now:
            begins += timedelta(days=1)
        self._scene.clock.forward(begins - now)
