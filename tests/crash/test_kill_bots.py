"""The process of three operators is killed again and again while one person speaks with all their bots at once."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.domain.account import MOST_UPDATES, Accounts
from bot.domain.case import Case
from storage.uow import UnitOfWork
from tests.acceptance.several import FIRMS, OWN, SHARED_TOKEN, Firm, Region, others_than, region
from tests.crash.test_kill import PATIENCE, Victim, all_sent
from tests.ports import free_port

KILLS = 6


@dataclass
class Night:
    """The three towns, and the process that is killed."""

    three: Region
    victim: Victim

    async def sees(self, firm: Firm, text: str, button: str = "") -> None:
        await self.three.world.until_shown(self.three.chat(firm), text, button=button, timeout=PATIENCE)

    async def press(self, firm: Firm, button: str, until: str) -> None:
        chat = self.three.chat(firm)
        shown = await self.three.world.until_shown(chat, button=button, timeout=PATIENCE)
        self.three.lena.press(button, shown, chat)
        await self.sees(firm, until)


@pytest.fixture
async def night(database_url: str, tmp_path: Path) -> AsyncIterator[Night]:
    async with region(database_url) as three:
        environment = os.environ | {
            "BOT_TOKEN": SHARED_TOKEN,
            "BOT_TOKENS": OWN,
            "TELEGRAM_API_URL": three.telegram.url,
            "DATABASE_URL": database_url,
            "HTTP_HOST": "127.0.0.1",
            "HTTP_PORT": str(free_port()),
            "SEND_BUDGETS": "none",
        }
        victim = Victim(environment, random.Random(), tmp_path / "bot.log")
        await victim.live()
        try:
            yield Night(three, victim)
        finally:
            await victim.die()


async def a_report(night: Night, firm: Firm) -> None:
    """A whole report at one bot: diagnosis, person, words both ways, closing, rating."""
    three, group = night.three, night.three.groups[firm]
    three.scan(firm)
    await night.press(firm, "🐢 Too slow", "Does it work now?")
    await night.press(firm, "🙋 Talk to a person", "A person has been called")
    three.lena.text(f"words at {firm.party}", three.chat(firm))
    told = await three.world.until_shown(group, f"words at {firm.party}", timeout=PATIENCE)
    agent = three.agents[firm]
    agent.text(f"answer of {firm.party}", group, thread=told.thread)
    await night.sees(firm, f"answer of {firm.party}")
    agent.command("close", group, thread=told.thread)
    await night.press(firm, "5 ⭐", "Thank you")
    await three.world.until_shown(group, "gives 5 of 5", timeout=PATIENCE)


async def test_a_killed_process_mixes_nothing_up_between_bots(night: Night) -> None:
    three = night.three
    killing = asyncio.create_task(night.victim.be_killed(three.world, KILLS))
    await asyncio.gather(*(a_report(night, firm) for firm in FIRMS))
    await killing
    await all_sent(three.database)
    accounts = Accounts(frozenset(firm.id for firm in FIRMS if firm.own))
    for firm in FIRMS:
        channel = accounts.of(firm.id).channel
        (case,) = await cases_of(three, firm)
        assert (str(case.conversation), case.state.value, case.rating) == (f"{channel}:501", "closed", 5)
        assert case.topic is not None
        assert (case.topic.channel, case.topic.chat) == (channel, three.groups[firm].id)
        events = await three.database.read(lambda uow, case=case: uow.cases.events(case.id))  # type: ignore[misc]  # mypy cannot infer a lambda with a default.
        counted = Counter(event.kind for event in events)
        assert [counted[once] for once in ("filed", "diagnosed", "escalated", "resolved", "rated")] == [1] * 5
        said = await three.database.read(lambda uow, case=case: uow.messages.of_case(case.id))  # type: ignore[misc]  # mypy cannot infer a lambda with a default.
        assert [each.words for each in said] == [f"words at {firm.party}", f"answer of {firm.party}"]
        for chat in (three.chat(firm), three.groups[firm]):
            three.nothing_of(others_than(firm), chat)
            texts = "\n".join(message.text for message in chat.messages.values())
            assert not [each.party for each in others_than(firm) if f" {each.party}" in texts]
        own_group = str(three.groups[firm].id)
        speaks_there = {call.bot for call in three.world.journal.calls if call.chat == own_group}
        assert speaks_there == {three.bots[firm].id}, "only its own bot speaks in a group"
    assert await numbers_in_common(three), "the test shows nothing where the numbers never met"


async def cases_of(three: Region, firm: Firm) -> list[Case]:
    def read(uow: UnitOfWork) -> list[Case]:
        every = (uow.cases.get(number) for number in range(1, 20))
        return [case for case in every if case is not None and case.operator_id == firm.id]

    return await three.database.read(read)


async def numbers_in_common(three: Region) -> set[int]:
    """The numbers that updates had at all three bots."""

    def read(uow: UnitOfWork) -> list[int]:
        return list(uow.connection.exec_driver_sql("SELECT update_id FROM inbox").scalars())

    by_bot: dict[int, set[int]] = {}
    for key in await three.database.read(read):
        number, update_id = divmod(key, MOST_UPDATES)
        by_bot.setdefault(number, set()).add(update_id)
    assert len(by_bot) == len(FIRMS)
    return set.intersection(*by_bot.values())
