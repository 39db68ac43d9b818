"""The budgets, in a loop whose time jumps: minutes pass in no time."""

import asyncio
import selectors
from collections.abc import Awaitable, Callable

import pytest

from bot.domain.outgoing import Priority
from bot.telegram.budgets import CHAT_BURST, GROUP_BURST, NoBudgets, TelegramBudgets

DRIVER = Priority.DRIVER
Work = Callable[[TelegramBudgets], Awaitable[list[float]]]


class JumpingSelector(selectors.DefaultSelector):
    """Does not wait: the time that it was asked to wait has passed at once."""

    now = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout:
            self.now += timeout
        return ready


class JumpingLoop(asyncio.SelectorEventLoop):
    """A loop on the time of its selector."""

    def __init__(self) -> None:
        self.jumping = JumpingSelector()
        super().__init__(self.jumping)

    def time(self) -> float:
        return self.jumping.now


def when(work: Work) -> list[float]:
    """What `work` returns, with budgets on jumping time."""

    async def run() -> list[float]:
        return await work(TelegramBudgets(asyncio.get_running_loop().time))

    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(run())


async def sent(budgets: TelegramBudgets, *chats: int, priority: Priority = DRIVER) -> list[float]:
    """The seconds after which each of the messages, all wanted at once, may go."""
    clock = asyncio.get_running_loop().time
    begun = clock()

    async def one(chat: int) -> float:
        await budgets.wait(chat, priority)
        return clock() - begun

    return list(await asyncio.gather(*(one(chat) for chat in chats)))


def most_within(times: list[float], seconds: float) -> int:
    return max(sum(1 for other in times if 0 <= other - time < seconds - 1e-6) for time in times)


def test_a_short_dialogue_does_not_wait() -> None:
    assert when(lambda budgets: sent(budgets, *[501] * int(CHAT_BURST))) == [0.0] * int(CHAT_BURST)


def test_after_the_burst_a_chat_gets_one_message_a_second() -> None:
    times = when(lambda budgets: sent(budgets, *[501] * (int(CHAT_BURST) + 4)))
    assert times[int(CHAT_BURST) :] == pytest.approx([1.0, 2.0, 3.0, 4.0])


def test_a_group_gets_twenty_a_minute_over_all_its_topics() -> None:
    times = when(lambda budgets: sent(budgets, *[-100] * (int(GROUP_BURST) + 20)))
    assert max(times[: int(GROUP_BURST)]) == 0.0
    assert times[int(GROUP_BURST) :] == pytest.approx([3.0 * n for n in range(1, 21)])


def test_a_budget_comes_back_with_time() -> None:
    async def work(budgets: TelegramBudgets) -> list[float]:
        await sent(budgets, *[501] * 5)
        await asyncio.sleep(3)
        return await sent(budgets, *[501] * 4)

    assert when(work) == pytest.approx([0, 0, 0, 1])


def test_all_chats_together_get_about_thirty_a_second() -> None:
    times = when(lambda budgets: sent(budgets, *range(1, 151)))
    assert most_within(times[31:], 1.0) <= 31
    assert 3.9 <= max(times) <= 5.0


def test_one_chat_that_waits_does_not_hold_another() -> None:
    times = when(lambda budgets: sent(budgets, *[501] * 8, 502))
    assert times[-1] == 0.0


def test_the_more_urgent_goes_first_when_all_must_wait() -> None:
    async def work(budgets: TelegramBudgets) -> list[float]:
        await sent(budgets, *range(1, 40))
        cosmetic = asyncio.create_task(sent(budgets, *range(100, 120), priority=Priority.COSMETIC))
        await asyncio.sleep(0)
        urgent = asyncio.create_task(sent(budgets, 200, priority=Priority.ESCALATION))
        return [max(await urgent), min(await cosmetic)]

    urgent, cosmetic = when(work)
    assert urgent < cosmetic


def test_a_paused_chat_is_silent_as_long_as_asked_and_the_others_go_on() -> None:
    async def work(budgets: TelegramBudgets) -> list[float]:
        budgets.pause(501, 30)
        return await sent(budgets, 501, 502)

    assert when(work) == pytest.approx([30, 0])


def test_after_a_pause_a_chat_is_not_flooded_with_all_that_has_waited() -> None:
    async def work(budgets: TelegramBudgets) -> list[float]:
        budgets.pause(501, 30)
        budgets.pause(501, 30)
        return await sent(budgets, *[501] * 4)

    assert when(work) == pytest.approx([30, 31, 32, 33])


def test_somebody_who_stops_waiting_takes_no_place() -> None:
    async def work(budgets: TelegramBudgets) -> list[float]:
        await sent(budgets, *range(1, 60))
        gone = asyncio.create_task(sent(budgets, 300))
        await asyncio.sleep(0)
        gone.cancel()
        return await sent(budgets, 301)

    assert max(when(work)) < 0.2


def test_without_budgets_nothing_waits() -> None:
    async def work(_: TelegramBudgets) -> list[float]:
        budgets = NoBudgets()
        budgets.pause(1, 100)
        begun = asyncio.get_running_loop().time()
        for chat in range(100):
            await budgets.wait(chat % 2, DRIVER)
        return [asyncio.get_running_loop().time() - begun]

    assert when(work) == [0.0]


def test_half_of_a_burst_is_left_for_words() -> None:
    async def work(budgets: TelegramBudgets) -> list[float]:
        decorated = 0
        while budgets.spare(-100):
            await budgets.wait(-100, Priority.COSMETIC)
            decorated += 1
        # What is left goes out at once.
        return [float(decorated), *await sent(budgets, *[-100] * 10)]

    decorated, *words = when(work)
    assert decorated == 10
    assert max(words) < 0.5


def test_a_chat_that_is_paused_has_nothing_to_spare() -> None:
    async def work(budgets: TelegramBudgets) -> list[float]:
        budgets.pause(501, 30)
        return [float(budgets.spare(501)), float(budgets.spare(502))]

    assert when(work) == [0.0, 1.0]
