"""Operators with bots of their own beside the shared one: who writes to one bot learns nothing of the others."""

import asyncio
import io
from collections.abc import AsyncIterator

import pytest
import segno

from bot.domain.account import MOST_UPDATES
from bot.domain.people import telegram
from bot.sandbox.telegram.faults import Fault
from bot.sandbox.telegram.model import Message
from storage.uow import UnitOfWork
from tests.acceptance.several import FIRMS, GRAZ, LINZ, TOKENS, WELS, Firm, Region, others_than, region
from tests.sandbox.conftest import image


@pytest.fixture
async def three(database_url: str) -> AsyncIterator[Region]:
    async with region(database_url) as towns:
        await towns.start()
        yield towns


async def escalated(three: Region, firm: Firm) -> Message:
    """Lena has asked for a person at an operator's bot; the card in its group."""
    three.scan(firm)
    await three.sees(firm, "What is wrong?")
    await three.press(firm, "🐢 Too slow", "Does it work now?")
    await three.press(firm, "🙋 Talk to a person", "A person has been called")
    return await three.world.until_shown(three.groups[firm], "waiting for an agent", button="✋ Take over")


async def test_one_person_at_three_bots_has_three_reports_that_never_cross(three: Region) -> None:
    cards = dict(zip(FIRMS, await asyncio.gather(*(escalated(three, firm) for firm in FIRMS)), strict=True))
    for firm in FIRMS:
        three.lena.text(f"I stand in {firm.party}", three.chat(firm))
        said = f"{firm.party} is on its way"
        three.agents[firm].text(said, three.groups[firm], thread=cards[firm].thread)
    for firm in FIRMS:
        await three.world.until_shown(
            three.groups[firm], f"I stand in {firm.party}", thread=cards[firm].thread
        )
        await three.sees(firm, f"{firm.party} is on its way")
        three.agents[firm].command("close", three.groups[firm], thread=cards[firm].thread)
    for firm in FIRMS:
        await three.press(firm, "4 ⭐", "Thank you")
        await three.world.until_shown(three.groups[firm], "gives 4 of 5")
    for firm in FIRMS:
        for chat in (three.chat(firm), three.groups[firm]):
            three.nothing_of(others_than(firm), chat)
            everything = "\n".join(message.text for message in chat.messages.values())
            assert not [one.party for one in others_than(firm) if f" {one.party}" in everything]
    assert len(await met(three)) == 1, "one person, however many bots they write to"


async def met(three: Region) -> list[int]:
    """The numbers of everybody who is Lena."""

    def read(uow: UnitOfWork) -> list[int]:
        found = uow.connection.exec_driver_sql("SELECT id FROM people WHERE telegram_id = 501")
        return list(found.scalars())

    return await three.database.read(read)


async def test_updates_that_have_the_same_number_at_two_bots_are_two(three: Region) -> None:
    for firm in FIRMS:
        three.lena.command("help", three.chat(firm))
    for firm in FIRMS:
        await three.sees(firm, "/agent calls a person at any time")

    def numbers(uow: UnitOfWork) -> list[int]:
        found = uow.connection.exec_driver_sql("SELECT update_id FROM inbox WHERE lane LIKE 'telegram%:501'")
        return list(found.scalars())

    kept = await three.database.read(numbers)
    assert len(kept) == 3
    assert len({number % MOST_UPDATES for number in kept}) == 1, "the test shows nothing otherwise"


OF_OTHERS = (
    "AT*LIN*E0001*1",
    "atline00011",
    "LINZ-01",
    "https://example.org/AT*LIN*E0001*1",
    "AT*LIN*E0001*9",
    "ATLINE00O11",
    "AT*WEL*E0001*1",
)


async def test_the_stations_of_other_operators_are_unknown_at_an_own_bot(three: Region) -> None:
    for words in OF_OTHERS:
        asked = three.lena.text(words, three.chat(GRAZ))
        answer = await three.world.until_shown(three.chat(GRAZ), after=asked.id, timeout=15)
        assert "I do not know a station" in answer.text, words
    said = "\n".join(three.said_by_bot(three.chat(GRAZ)))
    # What was typed is read back; more is not known of it.
    assert not [mark for mark in (LINZ.name, WELS.name, "Hauptbahnhof", "AT*LIN*E0001*2") if mark in said]
    assert "callback_data" not in said, "nothing of another operator is suggested"
    for words in OF_OTHERS[:4]:
        asked = three.lena.text(words, three.chat(LINZ))
        await three.world.until_shown(three.chat(LINZ), "Linz Hauptbahnhof", after=asked.id, timeout=15)


async def test_a_link_and_a_photo_of_anothers_sticker_are_unknown_at_an_own_bot(three: Region) -> None:
    three.scan(LINZ, at=GRAZ)
    await three.sees(GRAZ, f"I do not know a station with the ID {LINZ.evse}")
    picture = io.BytesIO()
    segno.make(f"https://t.me/linz_bot?start=AT_{LINZ.party}_E0001_2", error="m").save(
        picture, kind="png", scale=8
    )
    three.lena.photo(picture.getvalue(), chat=three.chat(GRAZ))
    await three.sees(GRAZ, f"I do not know a station with the ID AT*{LINZ.party}*E0001*2")
    # At its own bot the same photo is known.
    three.lena.start(chat=three.chat(LINZ))
    three.lena.photo(picture.getvalue(), chat=three.chat(LINZ))
    await three.sees(LINZ, "What is wrong?")


async def test_an_own_bot_suggests_its_own_stations(three: Region) -> None:
    three.lena.text("AT*SWG*E0001*7", three.chat(GRAZ))
    await three.sees(GRAZ, "Is it one of these?", button=GRAZ.evse)


async def test_who_asks_an_own_bot_for_a_person_reaches_that_operator_without_naming_a_station(
    three: Region,
) -> None:
    for firm in FIRMS:
        three.lena.command("agent", three.chat(firm))
        await three.sees(firm, "A person has been called")
        card = await three.world.until_shown(three.groups[firm], "The station is not known yet")
        assert card.sender == three.bots[firm].id


async def test_the_shared_bot_leads_to_an_operators_own(three: Region) -> None:
    three.scan(GRAZ, at=WELS)
    shown = await three.sees(WELS, "Stadtwerke Graz helps you in a chat of its own")
    (button,) = shown.buttons
    assert button["url"] == "https://t.me/graz_bot?start=AT_SWG_E0001_1"
    assert "+43 316 000000" in shown.text
    assert await three.database.read(lambda uow: uow.drafts.get(telegram(three.lena.id))) is None


async def test_a_technician_of_two_operators_hears_of_each_by_its_own_bot(three: Region) -> None:
    card = await escalated(three, GRAZ)
    agent = three.agents[GRAZ]
    agent.press("🔧 Technician", card, three.groups[GRAZ])
    job = await three.sees(GRAZ, GRAZ.evse, button="👍 I take it", who=three.tom)
    theirs = job.button("👍 I take it")
    assert theirs is not None
    for firm in (LINZ, WELS):
        assert not [text for text in three.said_by_bot(three.chat(firm, three.tom)) if GRAZ.evse in text]
    greeting = next(m for m in three.chat(LINZ, three.tom).messages.values() if m.sender != three.tom.id)
    three.forge(LINZ, three.tom, greeting, str(theirs["callback_data"]))
    await three.sees(LINZ, "I do not know this job", who=three.tom)
    three.nothing_of((GRAZ,), three.chat(LINZ, three.tom))
    three.tom.press("👍 I take it", job, three.chat(GRAZ, three.tom))
    await three.sees(GRAZ, "The technician has taken the job")


async def test_a_drivers_own_report_cannot_be_reached_from_another_bot(three: Region) -> None:
    await escalated(three, GRAZ)
    three.lena.start(chat=three.chat(LINZ))
    greeting = await three.sees(LINZ, "Which charging station is it?")
    for verb in ("works", "broken", "rate", "up"):
        three.forge(LINZ, three.lena, greeting, f"c|{verb}|1|3|5")
    await three.sees(LINZ, "I do not know this report")
    three.lena.command("help", three.chat(LINZ))
    await three.sees(LINZ, "/agent calls a person at any time")
    three.nothing_of((GRAZ,), three.chat(LINZ))


async def test_a_bot_that_may_send_nothing_for_a_while_holds_up_no_other(three: Region) -> None:
    held = Fault("too_many_requests", "sendmessage", seconds=3, bot=three.bots[GRAZ].id, times=1)
    three.telegram.faults.add(held)
    three.lena.command("help", three.chat(GRAZ))
    await three.world.wait_for(lambda: held.struck or None)
    three.lena.command("help", three.chat(LINZ))
    await three.world.until_shown(three.chat(LINZ), "/agent calls", timeout=1.5)
    assert three.said_by_bot(three.chat(GRAZ)) == []
    await three.sees(GRAZ, "/agent calls")


async def test_a_token_that_one_operator_has_revoked_stops_nobody_else(three: Region) -> None:
    await three.world.wait_for(lambda: three.bots[LINZ].commands or None)
    # Telegram refuses it while the service runs, and at the next start as well.
    del three.world.bots[TOKENS[LINZ]]
    three.lena.command("help", three.chat(LINZ))
    await asyncio.sleep(0.5)
    for _ in range(2):
        three.lena.command("help", three.chat(GRAZ))
        await three.sees(GRAZ, "/agent calls")
        assert three.app is not None
        assert not three.app.failed.done()
        await three.stop()
        await three.start()
    three.scan(WELS)
    await three.sees(WELS, "What is wrong?")


async def test_what_is_for_a_bot_whose_token_is_missing_waits_until_it_is_back(three: Region) -> None:
    await escalated(three, LINZ)
    await three.stop()
    three.clock.forward(minutes=6)
    await three.start(bot_tokens=f"{GRAZ.id}={TOKENS[GRAZ]}")

    def put_off(uow: UnitOfWork) -> bool:
        found = uow.connection.exec_driver_sql(
            "SELECT count(*) FROM outbox WHERE ended_at IS NULL AND error = 'Undelivered'"
            " AND recipient = 'telegram.linz-ag:501'"
        )
        return bool(found.scalar_one())

    assert await three.eventually(put_off)
    assert three.world.shown(three.chat(LINZ), "called further help") is None
    await three.stop()
    three.clock.forward(minutes=1)
    await three.start()
    await three.sees(LINZ, "called further help")
    await three.world.until_shown(three.groups[LINZ], "Nobody has taken this case")


async def test_a_report_from_before_an_operator_had_its_own_bot_goes_on(three: Region) -> None:
    await three.stop()
    await three.start(bot_tokens=f"{LINZ.id}={TOKENS[LINZ]}")
    three.scan(GRAZ, at=WELS)
    await three.world.until_shown(three.chat(WELS), "What is wrong?")
    await three.press(WELS, "🐢 Too slow", "Does it work now?")
    await three.stop()
    await three.start()
    # Lena is at the shared bot still; the agents read her by the bot that Graz has now.
    await three.press(WELS, "🙋 Talk to a person", "A person has been called")
    card = await three.world.until_shown(three.groups[GRAZ], "waiting for an agent")
    assert card.sender == three.bots[GRAZ].id
    three.lena.text("I <stand> in row 3", three.chat(WELS))
    three.lena.photo(image(), chat=three.chat(WELS))
    await three.world.until_shown(three.groups[GRAZ], "I <stand> in row 3", thread=card.thread)
    await three.world.until_shown(three.groups[GRAZ], "could not be passed on", thread=card.thread)
    three.agents[GRAZ].text("Somebody is coming", three.groups[GRAZ], thread=card.thread)
    await three.sees(WELS, "Somebody is coming")
    three.nothing_of((GRAZ,), three.chat(GRAZ))


async def test_every_bot_of_an_instance_without_a_shared_one_serves(three: Region) -> None:
    await three.stop()
    await three.start(bot_token="")
    for firm in (GRAZ, LINZ):
        three.scan(firm)
        await three.sees(firm, "What is wrong?")
    three.lena.command("help", three.chat(WELS))
    await asyncio.sleep(0.3)
    assert three.said_by_bot(three.chat(WELS)) == []


async def test_commands_are_listed_at_every_bot_and_names_are_learnt(three: Region) -> None:
    for bot in three.bots.values():
        await three.world.wait_for(lambda bot=bot: len(bot.commands) >= 3 or None)  # type: ignore[misc]  # mypy cannot infer a lambda with a default.
    assert three.app is not None
    assert sorted(three.app.services.accounts.usernames.values()) == ["graz_bot", "linz_bot", "shared_bot"]
