"""One scenario, played: its history at its true age, the report as handlers file it, and all that is tried after."""

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import TypeVar

from bot.cases.agents import closing, desk
from bot.cases.drivers import escalation, locate, report, standing
from bot.cases.remote import errands, ladder, recovery
from bot.cases.remote.errands import ErrandKind
from bot.cases.services import Services
from bot.cases.talk import relay
from bot.cases.turn import Turn
from bot.domain.case import Case
from bot.domain.ladder import StepName
from bot.domain.people import Address, telegram
from bot.domain.refusal import Refusal
from bot.domain.remote_action import ALLOWED_WHEN_LOCKED_OUT, RemoteAction, RemoteCommand
from bot.domain.report import Symptom
from storage.repositories.inbox import InboxRow
from storage.repositories.people import Identity
from storage.uow import UnitOfWork
from tests.scenarios.back_end import BackEndStation
from tests.scenarios.data import (
    CONNECTS,
    FALLS_SILENT,
    LEAVES,
    LOCKED_OUT,
    OCPI,
    Actor,
    Earlier,
    Message,
    Scenario,
)
from tests.scenarios.played import Played, in_vain, judged
from tests.scenarios.scripted import ScriptedStation
from tests.scenarios.stage import AGENT, Entrance, Stage, build, evse_id, hotline_of, station_id

T = TypeVar("T")
_TRIED_BY_AGENT = (
    # What changes the facts for others comes last: a soft reset that was tried, a connector out of use.
    RemoteCommand.HARD_RESET,
    RemoteCommand.UNLOCK,
    RemoteCommand.MAKE_OPERATIVE,
    RemoteCommand.STOP_SESSION,
    RemoteCommand.START_SESSION,
    RemoteCommand.REFRESH_STATUS,
    RemoteCommand.SOFT_RESET,
    RemoteCommand.MAKE_INOPERATIVE,
)
_CHANGING_ERRANDS = (ErrandKind.CLEAR_CACHE, ErrandKind.EMPTY_CARD_LIST)
_Offered = tuple[Case, tuple[StepName, ...], tuple[RemoteCommand, ...]]
"""A case, the steps of the ladder that its driver is offered, and the single remedies."""
_Step = Callable[[], Awaitable[None]]
_MOST_STEPS = 100
_updates = count(1)


async def play(stage: Stage, scenario: Scenario) -> Played:
    """Plays it on stations of its own; nothing of it is left connected."""
    number, reported = stage.next()
    async with contextlib.AsyncExitStack() as stack:
        scene = await _Scene.opened(stage, scenario, (number, reported), stack)
        await scene.history()
        return await scene.told()


@dataclass
class _Scene:
    stage: Stage
    scenario: Scenario
    number: int
    reported: datetime
    entrance: Entrance
    stations: list[ScriptedStation]
    back_end: BackEndStation | None = None

    @classmethod
    async def opened(
        cls,
        stage: Stage,
        scenario: Scenario,
        when: tuple[int, datetime],
        stack: contextlib.AsyncExitStack,
    ) -> "_Scene":
        number, reported = when
        actors = (scenario.actor, *scenario.neighbours)
        await stage.database.write(
            lambda uow: build(uow, number, tuple(a.station.connectors for a in actors))
        )
        entrance = stage.quick if scenario.actor.falls_silent else stage.patient
        scene = cls(stage, scenario, number, reported, entrance, [])
        for place, actor in enumerate(actors, start=1):
            if actor.station.protocol == OCPI:
                stage.clock.move_to(reported - timedelta(seconds=actor.station.since))
                scene.back_end = BackEndStation(stage, number, actor.station)
                stack.push_async_callback(scene.back_end.stop)
                continue
            station = ScriptedStation(station_id(number, place), actor.station, entrance.url, stage.clock)
            scene.stations.append(station)
            stack.push_async_callback(station.leave)
        return scene

    @property
    def services(self) -> Services:
        return self.entrance.services

    async def history(self) -> None:
        """Everything before the report, in the order of time."""
        steps: list[tuple[float, _Step]] = []
        back_end = self.back_end
        if back_end is not None:
            steps.append((self.scenario.actor.station.since, back_end.start_up))
            for message in self.scenario.actor.messages:
                steps.append((message.before, _bound(back_end.play, message)))
        actors = [a for a in (self.scenario.actor, *self.scenario.neighbours) if a.station.protocol != OCPI]
        for actor, station in zip(actors, self.stations, strict=True):
            steps += _steps(actor, station)
        for place, earlier in enumerate(self.scenario.earlier, start=1):
            steps.append((earlier.before, _bound(self._report_before, (place, earlier))))
        for before, step in sorted(steps, key=lambda each: -each[0]):
            self.stage.clock.move_to(self.reported - timedelta(seconds=before))
            await self.stage.fall_due(self.services)
            await step()
        self.stage.clock.move_to(self.reported)
        await self.stage.fall_due(self.services)

    async def told(self) -> Played:
        """The report, what comes of it, and what can be made of it."""
        case, steps, offers = await self._report()
        asked_first = [f"{each} was sent before anybody agreed" for each in self._reached()]
        got = judged(case, steps, offers)
        if steps:
            await self._climb(case)
        refused = await self._accept(case, offers)
        refused += await self._try_everything(case)
        rule = case.judgement.rule_id if case.judgement is not None else ""
        forbidden = [*asked_first, *await self._forbidden(case)]
        # What was tried already is told with its result, so that the offer before it promises nothing any more.
        tried = any(earlier.same_driver and earlier.accepts for earlier in self.scenario.earlier)
        reached, promised = tuple(self._reached()), None if tried else in_vain(case, got)
        return Played(self.scenario, got, rule, reached, tuple(refused), tuple(forbidden), promised)

    async def _report(self) -> _Offered:
        told, driver = self.scenario.report, self._driver(0)
        turn = await self._turn(driver)
        await locate.by_words(turn, evse_id(self.number, 1, told.connector))
        if told.symptom is Symptom.DANGER:
            await escalation.danger(await self._turn(driver))
        elif told.symptom is not None:
            await report.file(await self._turn(driver), told.symptom, _silently)
        for place, words in enumerate(told.words, start=1):
            await relay.from_driver(await self._turn(driver), relay.Message(place, "text", words))
        await self._settled()

        def read(uow: UnitOfWork) -> _Offered:
            case = uow.cases.latest_in(driver)
            if case is None:
                raise LookupError("no case was filed")
            steps = standing.ladder_offered(uow, self.services, case)
            return case, steps, standing.offers(uow, self.services, case)

        return await self.stage.database.read(read)

    async def _report_before(self, placed: tuple[int, Earlier]) -> None:
        place, earlier = placed
        driver = self._driver(0 if earlier.same_driver else place)
        await locate.by_words(await self._turn(driver), evse_id(self.number, 1, earlier.connector))
        await report.file(await self._turn(driver), earlier.symptom, _silently)
        for number, words in enumerate(earlier.words, start=1):
            await relay.from_driver(await self._turn(driver), relay.Message(number, "text", words))
        if earlier.accepts is not None:
            case = await self._case(driver)
            turn = await self._turn(driver)
            await recovery.by_driver(turn, case.id, case.version, earlier.accepts, None)
            if all(each.order.command is not earlier.accepts for each in await self._actions(case)):
                raise LookupError(f"{earlier.accepts} was not offered to the earlier driver")
        if earlier.settled:
            agent = await self._turn(telegram(hotline_of(self.number), 1), AGENT)
            await closing.resolve(agent, (await self._case(driver)).id, None)
        await self._settled()
        for station in self.stations:
            station.reached.clear()
            station.resets_in_sessions.clear()

    async def _climb(self, case: Case) -> None:
        """The driver agrees to the ladder, which is climbed to its end."""
        driver = self._driver(0)
        now = await self._case(driver)
        await ladder.begin(await self._turn(driver), now.id, now.version, None)
        for _ in range(_MOST_STEPS):
            running = await self.stage.database.read(lambda uow: uow.ladders.latest_of(case.id))
            if running is not None and not running.running:
                return
            await self.stage.until_due(self.services)
            await self._settled()
        raise RuntimeError(f"the ladder of case {case.id} does not end")

    async def _accept(self, case: Case, offers: tuple[RemoteCommand, ...]) -> list[str]:
        """The driver accepts every remedy that is offered, one after the other."""
        refused = []
        for command in offers:
            driver = self._driver(0)
            now = await self._case(driver)
            try:
                await recovery.by_driver(await self._turn(driver), now.id, now.version, command, None)
            except Refusal as refusal:
                refused.append(f"driver {command}: {refusal.key}")
            await self._ended(case)
        return refused

    async def _try_everything(self, case: Case) -> list[str]:
        """The driver asks for a person; an agent with all rights tries every command there is."""
        driver = self._driver(0)
        await escalation.ask_person(await self._turn(driver))
        refused = []
        for command in _TRIED_BY_AGENT:
            agent = await self._turn(telegram(hotline_of(self.number), 1), AGENT)
            version = (await self._case(driver)).version
            try:
                await desk.act(agent, case.id, version, command)
            except Refusal as refusal:
                refused.append(f"agent {command}: {refusal.key}")
            await self._ended(case)
        if self.scenario.expected.action_class == LOCKED_OUT:
            await self._try_errands(case)
        return refused

    async def _try_errands(self, case: Case) -> None:
        """Errands that change the station; a station that is locked out writes down each that comes as strange."""
        for kind in _CHANGING_ERRANDS:
            agent = await self._turn(telegram(hotline_of(self.number), 1), AGENT)
            with contextlib.suppress(Refusal):
                await errands.run(agent, case.id, (await self._case(self._driver(0))).version, kind)

    async def _forbidden(self, case: Case) -> list[str]:
        reached = self._reached()
        actions = {each.order.command for each in await self._actions(case)}
        found = [f"{each} reached the station" for each in sorted(set(reached) & self.scenario.never)]
        classes = {self.scenario.expected.action_class, case.judgement.action_class if case.judgement else ""}
        if LOCKED_OUT in classes:
            kept = {*reached, *actions} - ALLOWED_WHEN_LOCKED_OUT
            found += [f"{each} in spite of a lock-out" for each in sorted(kept)]
        for station in self.stations:
            for beside in station.resets_in_sessions:
                if beside - {self.scenario.report.connector}:
                    found.append("a reset while a connector beside had a session")
            found += [f"{each}, which nobody can ask for" for each in station.strange]
        own = self.stations[:1] if self.back_end is None else []
        others = [station for station in self.stations if station not in own]
        found += [f"{each} reached a neighbour" for station in others for each in station.reached]
        return found

    def _reached(self) -> list[RemoteCommand]:
        if self.back_end is not None:
            return self.back_end.reached
        return list(self.stations[0].reached)

    async def _ended(self, case: Case) -> None:
        """Lets what the station says arrive; what is not proved then has reached its deadline."""
        await self._settled()
        for action in await self._actions(case):
            if action.ended_at is None:
                await self.services.transact(
                    partial(recovery.unproved, services=self.services, action_id=action.id)
                )
        self.stage.clock.move_to(self.stage.clock() + timedelta(seconds=1))

    async def _settled(self) -> None:
        for station in self.stations:
            await station.settled()

    async def _actions(self, case: Case) -> list[RemoteAction]:
        return await self.stage.database.read(lambda uow: uow.actions.of_case(case.id))

    async def _case(self, driver: Address) -> Case:
        case = await self.stage.database.read(lambda uow: uow.cases.latest_in(driver))
        if case is None:
            raise LookupError(driver)
        return case

    def _driver(self, place: int) -> Address:
        return telegram(1_000_000 + 100 * self.number + place)

    async def _turn(self, conversation: Address, who: int | None = None) -> Turn:
        telegram_id = conversation.chat if who is None else who
        update, now = next(_updates), self.stage.clock()

        def met(uow: UnitOfWork) -> Turn:
            person = uow.people.meet([Identity(telegram_id, "Lena" if who is None else "Anna Agent")])[
                telegram_id
            ]
            uow.inbox.receive([InboxRow(update, str(conversation), b"", person.id, now)])
            return Turn(self.services, person, conversation, update)

        return await self.stage.database.write(met)


def _bound(what: Callable[[T], Awaitable[None]], argument: T) -> _Step:
    async def step() -> None:
        await what(argument)

    return step


def _steps(actor: Actor, station: ScriptedStation) -> list[tuple[float, _Step]]:
    steps: list[tuple[float, _Step]] = []
    if actor.station.boots:
        steps.append((actor.station.since, station.start_up))
    for message in actor.messages:
        steps.append((message.before, _bound(_done(station), message)))
    return steps


def _done(station: ScriptedStation) -> Callable[[Message], Awaitable[None]]:
    async def done(message: Message) -> None:
        match message.what:
            case what if what == LEAVES:
                await station.leave()
            case what if what == CONNECTS:
                await station.connect()
            case what if what == FALLS_SILENT:
                station.silent = True
            case action:
                await station.say(action, message.payload)

    return done


async def _silently(_: object) -> None:
    return None
