"""A driver with several open cases talks in the right one, or is asked."""

import asyncio
from collections.abc import Callable

import pytest

from bot.domain.case import CaseState
from bot.domain.people import Address, telegram
from bot.sandbox.telegram.model import Message
from storage.uow import UnitOfWork
from tests.acceptance.conftest import EVSE_1, EVSE_2, EVSE_3, Stage
from tests.acceptance.talk import KINDS, From, Side, Talk, content, picture

WHICH = "Which one is your message about?"


async def several(stage: Stage, *evses: str) -> list[int]:
    """Lena has asked for a person at each of these; the topics of the cases."""
    for number, evse in enumerate(evses, start=1):
        stage.scan(stage.lena, evse)
        await stage.sees(stage.lena, evse)
        stage.lena.command("agent")
        assert await stage.eventually(has_topic(number))
    return sorted(topic.id for topic in stage.hotline.topics.values())


def has_topic(number: int) -> Callable[[UnitOfWork], bool]:
    def check(uow: UnitOfWork) -> bool:
        case = uow.cases.get(number)
        return case is not None and case.card_message is not None

    return check


async def shown_in(stage: Stage, thread: int, text: str) -> Message:
    return await stage.world.until_shown(stage.hotline, text, thread=thread, timeout=8)


async def test_words_go_where_was_last_spoken_by_either_side(stage: Stage) -> None:
    first, second = await several(stage, EVSE_1, EVSE_2)
    # What the bot says by the clock begins no talk about the other case.
    stage.clock.forward(minutes=6)
    await stage.sees(stage.lena, "Thank you for your patience")
    stage.lena.text("hello?")
    await shown_in(stage, second, "hello?")
    stage.anna.text("Which row?", stage.hotline, thread=first)
    await stage.sees(stage.lena, "Which row?")
    stage.lena.text("row 3")
    await shown_in(stage, first, "row 3")
    stage.clock.forward(minutes=14)
    stage.lena.text("the left one")
    await shown_in(stage, first, "the left one")


async def test_after_a_while_the_bot_asks_and_all_that_waits_goes_where_the_driver_says(stage: Stage) -> None:
    first, _ = await several(stage, EVSE_1, EVSE_2)
    stage.clock.forward(minutes=16)
    lena, chat = stage.lena, stage.chat(stage.lena)
    sent = [lena.text("it is out of order")]
    question = await stage.sees(lena, WHICH, button=f"{EVSE_1} · Graz Hauptbahnhof")
    side = Side(lena, chat, None)
    for kind in ("photo", "voice", "album", "sticker", "location"):
        sent += KINDS[kind](side, f"driver {kind}", None)
    lena.edit(sent[0], "it is out of order, all of it")
    assert await stage.eventually(lambda uow: len(uow.held.all_in(_chat(stage))) == len(sent))
    # A restart loses nothing of it.
    await stage.stop()
    await stage.start()
    lena.press(f"{EVSE_1} · Graz Hauptbahnhof", question)
    await stage.sees(lena, f"Passed on: {EVSE_1}")
    copies = await Talk(stage).copies(From.DRIVER, sent)
    assert [content(each) for each in copies] == [content(each) for each in sent]
    assert [each.id for each in copies] == sorted(each.id for each in copies)
    assert {each.thread for each in copies} == {first}
    assert await stage.database.read(lambda uow: uow.held.all_in(_chat(stage))) == []
    said = await stage.database.read(lambda uow: uow.messages.at(_chat(stage), sent[0].id))
    assert said is not None
    wordings = await stage.database.read(lambda uow: [w.words for w in uow.messages.wordings(said)])
    assert wordings == ["it is out of order", "it is out of order, all of it"]
    asked = [each for each in chat.messages.values() if WHICH in each.text]
    assert asked == [], "the question has become the answer"


async def test_without_an_answer_words_go_on_where_was_last_spoken_and_both_sides_see_it(
    stage: Stage,
) -> None:
    _, second = await several(stage, EVSE_1, EVSE_2)
    stage.clock.forward(minutes=16)
    stage.lena.text("is it repaired?")
    question = await stage.sees(stage.lena, WHICH, button=f"➜ {EVSE_2} · Graz Hauptbahnhof")
    stage.clock.forward(minutes=3)
    await stage.sees(stage.lena, "You did not choose a report")
    notice = await shown_in(stage, second, "nothing was chosen")
    copy = await stage.world.wait_for(lambda: next(iter(_copies(stage, "is it repaired?")), None), 8)
    assert copy.thread == second and notice.id < copy.id
    stage.lena.press(f"{EVSE_1} · Graz Hauptbahnhof", question)
    await stage.sees(stage.lena, "have been passed on already")
    await asyncio.sleep(0.3)
    assert len(_copies(stage, "is it repaired?")) == 1


async def test_the_only_case_that_a_person_has_needs_no_question(stage: Stage) -> None:
    await stage.station()
    (topic,) = await several(stage, EVSE_3)
    stage.scan(stage.lena, EVSE_1)
    stage.lena.press("🐢 Too slow", await stage.sees(stage.lena, "What is wrong?"))
    await stage.sees(stage.lena, "Does it work now?")
    stage.lena.text("the cable is three metres")
    await stage.sees(stage.lena, "Added to your report")
    stage.clock.forward(minutes=16)
    stage.lena.text("anybody there?")
    await shown_in(stage, topic, "anybody there?")
    # Who asks for a person means the case that has none.
    stage.lena.command("agent")
    assert await stage.eventually(has_topic(2))


async def test_cancel_asks_which_of_several_reports_shall_end(stage: Stage) -> None:
    await several(stage, EVSE_1, EVSE_2)
    stage.lena.command("cancel")
    asked = await stage.sees(
        stage.lena, "Which of your reports shall end?", button=f"{EVSE_1} · Graz Hauptbahnhof"
    )
    stage.lena.press(f"{EVSE_1} · Graz Hauptbahnhof", asked)
    assert await stage.eventually(lambda uow: _state(uow, 1) is CaseState.CLOSED)
    assert await stage.database.read(lambda uow: _state(uow, 2)) is CaseState.WAITING_AGENT


@pytest.mark.parametrize("ready", [False, True])
async def test_a_burst_before_and_during_the_escalation_is_one_case_with_all_of_it(
    stage: Stage, ready: bool
) -> None:
    await stage.station()
    lena = stage.lena
    stage.scan(lena, EVSE_1)
    await stage.sees(lena, "What is wrong?")
    if ready:
        # The chat knows of no report when the burst begins.
        lena.press("🐢 Too slow", await stage.sees(lena, "What is wrong?"))
        await stage.sees(lena, "Does it work now?")
    sent = [*lena.album([picture(n) for n in (1, 2, 3)], ["", "broken", "look"])]
    sent += [lena.text("it clicks"), lena.photo(picture(9), "the plug")]
    lena.command("agent")
    sent += [*lena.album([picture(n) for n in (4, 5)], ["", "inside"]), lena.text("please help")]
    sent.append(lena.photo(picture(8), "and this"))
    files = [each for each in sent if "photo" in each.body]
    copies = await Talk(stage).copies(From.DRIVER, files)
    assert [content(each) for each in copies] == [content(each) for each in files]
    await stage.topic_shows("please help")
    await asyncio.sleep(0.3)
    assert len(stage.hotline.topics) == 1
    assert await stage.database.read(lambda uow: uow.cases.get(2)) is None
    said = await stage.database.read(lambda uow: [each.source_message for each in uow.messages.of_case(1)])
    assert sorted(said) == sorted(each.id for each in sent)
    photos = [m for m in stage.hotline.messages.values() if "photo" in m.body]
    assert len(photos) == len(files), "nothing was copied twice"


def _copies(stage: Stage, words: str) -> list[Message]:
    return [each for each in stage.hotline.messages.values() if each.text == words]


def _chat(stage: Stage) -> Address:
    return telegram(stage.lena.id)


def _state(uow: UnitOfWork, number: int) -> CaseState:
    case = uow.cases.get(number)
    assert case is not None
    return case.state
