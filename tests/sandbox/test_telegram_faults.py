"""Injected faults, and Telegram's own limits."""

import asyncio
from random import Random

import pytest
import telegram
from telegram.error import NetworkError, RetryAfter, TimedOut

from bot.sandbox.telegram.faults import Fault, Faults
from bot.sandbox.telegram.limits import Limits
from bot.sandbox.telegram.model import Chat
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.server import Settings
from bot.sandbox.telegram.world import World

from .conftest import HandClock


def sent_texts(person: Person) -> list[str]:
    return [m.text for m in person.chat().messages.values() if m.sender != person.id]


async def test_a_429_names_its_pause_and_changes_nothing(
    bot: telegram.Bot, anna: Person, faults: Faults
) -> None:
    anna.start()
    faults.add(Fault("too_many_requests", "sendmessage", times=1, seconds=7))
    with pytest.raises(RetryAfter) as refused:
        await bot.send_message(anna.id, "one")
    assert int(refused.value._retry_after.total_seconds()) == 7
    await bot.send_message(anna.id, "two")
    assert sent_texts(anna) == ["two"]


@pytest.mark.parametrize(("when", "shown"), [("before", ["second"]), ("after", ["first", "second"])])
@pytest.mark.parametrize("kind", ["bad_gateway", "internal_error", "drop"])
async def test_a_failure_leaves_the_outcome_open(
    bot: telegram.Bot, anna: Person, faults: Faults, kind: str, when: str, shown: list[str]
) -> None:
    anna.start()
    faults.add(Fault(kind, "send*", times=1, when=when))  # type: ignore[arg-type]  # parametrised literals
    with pytest.raises(NetworkError):
        await bot.send_message(anna.id, "first")
    await bot.send_message(anna.id, "second")
    assert sent_texts(anna) == shown


async def test_a_hanging_call_outlasts_the_clients_patience(
    bot: telegram.Bot, anna: Person, faults: Faults
) -> None:
    anna.start()
    faults.add(Fault("hang", when="after", times=1, seconds=5))
    with pytest.raises(TimedOut):
        await bot.send_message(anna.id, "delivered all the same", read_timeout=0.1)
    assert sent_texts(anna) == ["delivered all the same"]


async def test_a_delay_slows_each_call_without_holding_others(
    bot: telegram.Bot, anna: Person, faults: Faults
) -> None:
    anna.start()
    faults.add(Fault("delay", seconds=0.1))
    begun = asyncio.get_running_loop().time()
    await asyncio.gather(*(bot.send_message(anna.id, str(n)) for n in range(5)))
    assert 0.1 <= asyncio.get_running_loop().time() - begun < 0.4


async def test_a_fault_can_be_meant_for_one_chat(
    bot: telegram.Bot, anna: Person, olga: Person, faults: Faults
) -> None:
    anna.start()
    olga.start()
    rule = faults.add(Fault("too_many_requests", chat=anna.id))
    with pytest.raises(RetryAfter):
        await bot.send_message(anna.id, "one")
    await bot.send_message(olga.id, "one")
    faults.clear(rule.number)
    await bot.send_message(anna.id, "one")
    assert rule.struck == 1


def test_the_same_seed_gives_the_same_faults() -> None:
    def struck(seed: int) -> list[bool]:
        faults = Faults(Random(seed))
        faults.add(Fault("drop", probability=0.5))
        return [bool(faults.striking("sendmessage", None)) for _ in range(40)]

    assert struck(1) == struck(1)
    assert struck(1) != struck(2)
    assert 5 < sum(struck(1)) < 35


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(ValueError, match="no such fault"):
        Fault("explode")  # type: ignore[arg-type]  # the wrong value is the point


async def test_the_journal_tells_calls_and_faults_apart(
    bot: telegram.Bot, anna: Person, faults: Faults, world: World
) -> None:
    anna.start()
    faults.add(Fault("bad_gateway", "sendmessage", when="after", times=1))
    with pytest.raises(NetworkError):
        await bot.send_message(anna.id, "one")
    with pytest.raises(telegram.error.BadRequest):
        await bot.send_message(4711, "two")
    calls = [call for call in world.journal.calls if call.method == "sendmessage"]
    assert [(c.ok, c.code, c.fault) for c in calls] == [(True, 200, "bad_gateway/after"), (False, 400, "")]
    assert calls[0].message == 2
    assert calls[1].description == "Bad Request: chat not found"


class TestLimits:
    """Telegram's sending limits, with a clock moved by hand."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(limits=Limits())

    async def test_one_message_a_second_per_chat(
        self, bot: telegram.Bot, anna: Person, olga: Person, clock: HandClock
    ) -> None:
        anna.start()
        olga.start()
        await bot.send_message(anna.id, "one")
        with pytest.raises(RetryAfter):
            await bot.send_message(anna.id, "two")
        await bot.send_message(olga.id, "others are not held")
        clock.forward(1)
        await bot.send_message(anna.id, "two")

    async def test_twenty_a_minute_per_group_shared_by_its_topics(
        self, bot: telegram.Bot, hotline: Chat, olga: Person, clock: HandClock
    ) -> None:
        topics = [olga.create_topic(f"Case {n}", hotline).id for n in range(2)]
        for n in range(20):
            await bot.send_message(hotline.id, "x", message_thread_id=topics[n % 2])
            clock.forward(0.5)
        with pytest.raises(RetryAfter) as refused:
            await bot.send_message(hotline.id, "x", message_thread_id=topics[0])
        assert int(refused.value._retry_after.total_seconds()) == 50
        clock.forward(50)
        await bot.send_message(hotline.id, "x", message_thread_id=topics[0])

    async def test_thirty_a_second_overall(self, bot: telegram.Bot, world: World, clock: HandClock) -> None:
        people = [world.person(9000 + n, "P") for n in range(31)]
        for person in people:
            person.start()
        for person in people[:30]:
            await bot.send_message(person.id, "x")
        with pytest.raises(RetryAfter):
            await bot.send_message(people[30].id, "x")
        clock.forward(1)
        await bot.send_message(people[30].id, "x")
