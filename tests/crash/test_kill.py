"""The process is killed, again and again, in the middle of running dialogues. Nothing may be lost or done twice."""

import asyncio
import contextlib
import os
import random
import signal
import socket
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.domain import start_payload
from bot.domain.case import Case
from bot.domain.people import Address
from bot.domain.people import telegram as telegram_address
from bot.operations.apply import apply
from bot.operations.operator_file import read_operator_file
from bot.sandbox.stations.connector import ConnectorSpec
from bot.sandbox.stations.line import Pace
from bot.sandbox.stations.station import SimulatedStation
from bot.sandbox.telegram.model import Chat, Message
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.serving import serve as serve_telegram
from bot.sandbox.telegram.world import World
from storage.database import Database, open_database
from storage.migrations import migrate
from storage.repositories.cases import CaseEvent
from storage.uow import UnitOfWork
from tests.acceptance.conftest import EVSE_1, OPERATOR, TOKEN
from tests.crash import serve
from tests.offspring import Offspring, bear

DRIVERS = 5
PATIENCE = 90.0
_AT_START = frozenset({"getme", "setmycommands", "deletewebhook", "getupdates"})
UNANSWERED = 2.0
"""Seconds after which an agent is late; one case is left alone on purpose."""


@dataclass
class Victim:
    """The process, and how it is killed: at a moment of chance, most often while it is busy."""

    environment: dict[str, str]
    chance: random.Random
    log: Path
    kills: int = 0
    process: Offspring | None = None

    async def live(self) -> None:
        self.process = bear(
            serve.main, [str(UNANSWERED)], self.environment, folder=self.log.parent, errors=self.log
        )

    async def die(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
            await self.process.wait()

    async def be_killed(self, world: World, times: int) -> None:
        """Kills after a random number of calls to Telegram since the last kill, a random moment later.

        What every start calls does not count: each life gets somewhere, and dies in the middle of it.
        """

        def useful() -> int:
            return sum(call.method not in _AT_START for call in world.journal.calls)

        for _ in range(times):
            enough = useful() + self.chance.randint(3, 16)
            with contextlib.suppress(TimeoutError):
                await world.wait_for(lambda: useful() >= enough or None, 12)  # noqa: B023  # It is awaited at once.
            await asyncio.sleep(self.chance.choice((0, 0, self.chance.uniform(0, 0.08))))
            await self.die()
            self.kills += 1
            await self.live()


@dataclass
class Night:
    world: World
    hotline: Chat
    anna: Person
    drivers: list[Person]
    database: Database
    victim: Victim

    def chat(self, who: Person) -> Chat:
        return self.world.private(self.world.bots[TOKEN], self.world.users[who.id])

    async def sees(self, who: Person, text: str, button: str = "", *, after: int) -> Message:
        return await self.world.until_shown(
            self.chat(who), text, button=button, after=after, timeout=PATIENCE
        )

    async def press(self, who: Person, button: str, until: str, *, after: int) -> None:
        """Presses what is shown last, as a person does, until the next screen is there."""
        who.press(button, await self.sees(who, "", button, after=after))
        await self.sees(who, until, after=after)

    async def rate(self, who: Person, number: int, *, after: int) -> None:
        """Gives five stars to that report. A message of the one before may come again, with stars of its own."""
        case = (await cases_of(self, who))[number - 1][0]
        message = await self.world.wait_for(lambda: self._stars(who, case.id, after), timeout=PATIENCE)
        who.press("5 ⭐", message)
        # The thanks take the place of the stars, in the same message.
        await self.sees(who, "Thank you", after=message.id - 1)

    def _stars(self, who: Person, case_id: int, after: int) -> Message | None:
        of_case = (f"|{case_id}|", "5 ⭐")
        for message in reversed(self.chat(who).messages.values()):
            labels = [
                str(each["text"]) for each in message.buttons if of_case[0] in str(each["callback_data"])
            ]
            if message.id > after and of_case[1] in labels:
                return message
        return None

    async def topic_of(self, who: Person, number: int) -> Address:
        """The topic of a driver's case, the first being number 1."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found = [case for case, _, _ in await cases_of(self, who)]
                if len(found) >= number and found[number - 1].topic is not None:
                    return found[number - 1].topic  # type: ignore[return-value]  # It was looked at in the line above.
                await asyncio.sleep(0.05)

    def address(self, who: Person) -> Address:
        return telegram_address(who.id)


@pytest.fixture
async def night(database_url: str, tmp_path: Path) -> AsyncIterator[Night]:
    world = World()
    account = world.bot(TOKEN, "support_bot", "Support")
    async with serve_telegram(world) as telegram, contextlib.AsyncExitStack() as stack:
        anna = world.person(3001, "Anna", "en")
        hotline = anna.create_group("Hotline", topics=True)
        anna.add(account, hotline)
        anna.promote(account, hotline)
        database = open_database(database_url)
        stack.push_async_callback(database.close)
        await migrate(database)
        operator = OPERATOR.read_text().replace("-1001234567890", str(hotline.id))
        await apply(database, read_operator_file(operator))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environment = os.environ | {
            "BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": telegram.url,
            "DATABASE_URL": database_url,
            "HTTP_HOST": "127.0.0.1",
            "HTTP_PORT": str(port),
            "SEND_BUDGETS": "none",
        }
        victim = Victim(environment, random.Random(), tmp_path / "bot.log")
        await victim.live()
        stack.push_async_callback(victim.die)
        specs = [ConnectorSpec(1), ConnectorSpec(2)]
        station = SimulatedStation(
            "GRAZ-01",
            f"ws://127.0.0.1:{port}/ocpp",
            password="long-enough-1",
            connectors=specs,
            pace=Pace(reconnect_most=0.3),
        )
        await station.start()
        stack.push_async_callback(station.stop)
        drivers = [world.person(600 + number, f"Driver {number}", "en") for number in range(DRIVERS)]
        yield Night(world, hotline, anna, drivers, database, victim)


def words_of(who: Person, number: int) -> list[str]:
    return [f"words {who.id}-{number}-{part}" for part in range(3)]


async def a_report(night: Night, who: Person, number: int) -> None:
    """A whole report, a driver's first being number 1: diagnosis, person, words both ways, closing, rating."""
    after = night.chat(who).last_id
    who.start(start_payload.encode(EVSE_1))
    await night.press(who, "🐢 Too slow", "Does it work now?", after=after)
    await night.press(who, "🙋 Talk to a person", "A person has been called", after=after)
    for words in words_of(who, number):
        who.text(words)
    topic = await night.topic_of(who, number)
    for words in words_of(who, number):
        await night.world.until_shown(night.hotline, words, timeout=PATIENCE)
    night.anna.text(f"answer {who.id}-{number}", night.hotline, thread=topic.topic)
    await night.sees(who, f"answer {who.id}-{number}", after=after)
    night.anna.command("close", night.hotline, thread=topic.topic)
    await night.sees(who, "has closed your report", after=after)
    await night.rate(who, number, after=after)


async def left_alone(night: Night, who: Person) -> None:
    """A driver asks for a person, and no agent comes."""
    who.start(start_payload.encode(EVSE_1))
    await night.press(who, "🐢 Too slow", "Does it work now?", after=0)
    await night.press(who, "🙋 Talk to a person", "A person has been called", after=0)
    await night.sees(who, "called further help", after=0)


async def test_a_killed_process_loses_nothing_and_does_nothing_twice(
    night: Night, request: pytest.FixtureRequest
) -> None:
    kills = int(request.config.getoption("--kills"))
    killing = asyncio.create_task(night.victim.be_killed(night.world, kills))
    rounds = 0
    while rounds == 0 or not killing.done():
        rounds += 1
        await asyncio.gather(*(a_report(night, who, rounds) for who in night.drivers))
    await killing
    lonely = night.world.person(700, "Lonely", "en")
    killing = asyncio.create_task(night.victim.be_killed(night.world, 2))
    await left_alone(night, lonely)
    await killing
    assert night.victim.kills == kills + 2
    await all_sent(night.database)
    for who in night.drivers:
        cases = await cases_of(night, who)
        assert len(cases) == rounds, "an update was handled twice, or lost"
        for number, (case, events, said) in enumerate(cases, start=1):
            assert (case.state.value, case.rating, case.resolution) == ("closed", 5, "agent")
            counted = Counter(event.kind for event in events)
            for once in ("filed", "diagnosed", "escalated", "taken", "resolved", "rated"):
                assert counted[once] == 1, (once, counted)
            words = words_of(who, number)
            assert said == [*words, f"answer {who.id}-{number}"], "words were lost, repeated or out of order"
            assert first_seen(words_in(night, case), words) == words, "words did not arrive in order"
    late = (await cases_of(night, lonely))[0][1]
    assert Counter(event.kind for event in late)["agent_did_not_answer"] == 1


async def all_sent(database: Database) -> None:
    """Waits until nothing is on its way any more: what a process was sending when it died waits for its lease."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if not await database.read(lambda uow: uow.outbox.waiting()):
                return
            await asyncio.sleep(0.1)


async def cases_of(night: Night, who: Person) -> list[tuple[Case, list[CaseEvent], list[str]]]:
    def read(uow: UnitOfWork) -> list[tuple[Case, list[CaseEvent], list[str]]]:
        everything = (uow.cases.get(number) for number in range(1, 2000))
        own = [case for case in everything if case is not None and case.conversation == night.address(who)]
        return [
            (case, uow.cases.events(case.id), [said.words or "" for said in uow.messages.of_case(case.id)])
            for case in own
        ]

    return await night.database.read(read)


def words_in(night: Night, case: Case) -> list[str]:
    thread = case.topic.topic if case.topic is not None else None
    return [message.text for message in night.hotline.messages.values() if message.thread == thread]


def first_seen(shown: list[str], wanted: list[str]) -> list[str]:
    return list(dict.fromkeys(text for text in shown if text in wanted))
