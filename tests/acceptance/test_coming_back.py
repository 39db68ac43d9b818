"""A driver writes after the end of a case."""

from datetime import timedelta

from bot.domain.case import CaseState
from bot.domain.people import telegram
from bot.sandbox.telegram.model import Topic
from storage.uow import UnitOfWork
from tests.acceptance.conftest import EVSE_1, Stage
from tests.acceptance.talk import From, Talk, picture


def state(uow: UnitOfWork, number: int = 1) -> CaseState | None:
    case = uow.cases.get(number)
    return None if case is None else case.state


def topic(stage: Stage) -> Topic:
    (found,) = stage.hotline.topics.values()
    return found


async def ended(stage: Stage) -> Talk:
    """Lena's case at the first EVSE went to a person, and was given up by her; its topic is closed."""
    await stage.station()
    stage.scan(stage.lena, EVSE_1)
    await stage.sees(stage.lena, "What is wrong?")
    stage.lena.command("agent")
    await stage.topic_shows("waiting for an agent")
    stage.lena.command("cancel")
    stage.lena.press("End it", await stage.sees(stage.lena, "", button="End it"))
    assert await stage.eventually(lambda uow: state(uow) is CaseState.CLOSED)
    await stage.world.wait_for(lambda: topic(stage).closed or None, 8)
    return Talk(stage)


async def test_words_within_a_day_reopen_the_case_its_topic_and_its_clock(stage: Stage) -> None:
    talk = await ended(stage)
    stage.clock.forward(hours=23)
    said = stage.lena.text("it does not charge again")
    (copy,) = await talk.copies(From.DRIVER, [said])
    assert copy.thread == topic(stage).id
    assert not topic(stage).closed
    case = await stage.database.read(lambda uow: uow.cases.get(1))
    assert case is not None
    assert (case.state, case.ended_at, case.resolution) == (CaseState.WAITING_AGENT, None, None)
    due = await stage.database.read(lambda uow: uow.timers.next_due())
    assert due is not None and due - stage.clock() < timedelta(hours=1)
    card = await stage.topic_shows("waiting for an agent", button="✋ Take over")
    stage.tap(stage.anna, "✋ Take over", card)
    await stage.sees(stage.lena, "Anna Agent has joined")


async def test_a_photo_without_a_code_reopens_as_words_do(stage: Stage) -> None:
    talk = await ended(stage)
    sent = stage.lena.photo(picture(), "look at that")
    await talk.copies(From.DRIVER, [sent])
    assert await stage.database.read(state) is CaseState.WAITING_AGENT


async def test_mere_thanks_are_passed_on_and_reopen_nothing(stage: Stage) -> None:
    talk = await ended(stage)
    sent = [stage.lena.text("Danke für die schnelle Hilfe 👍"), stage.lena.sticker("🙏")]
    copies = await talk.copies(From.DRIVER, sent)
    assert {each.thread for each in copies} == {topic(stage).id}
    assert await stage.database.read(state) is CaseState.CLOSED
    assert topic(stage).closed


async def test_after_a_day_words_begin_a_case_that_names_the_one_before(stage: Stage) -> None:
    await ended(stage)
    stage.clock.forward(hours=25)
    stage.lena.text("it does not charge again")
    await stage.sees(stage.lena, EVSE_1, button="🙋 Talk to a person")
    await stage.world.until_shown(stage.hotline, "that is case #2 now", thread=topic(stage).id, timeout=8)
    new = await stage.database.read(lambda uow: uow.cases.get(2))
    assert new is not None
    assert (new.evse_id, new.follows, await stage.database.read(state)) == (EVSE_1, 1, CaseState.CLOSED)
    stage.lena.command("agent")
    await stage.topic_shows("Follows case #1")
    said = await stage.database.read(lambda uow: [each.words for each in uow.messages.of_case(2)])
    assert said == ["it does not charge again"]


async def test_a_scan_after_the_end_is_a_case_of_its_own(stage: Stage) -> None:
    await ended(stage)
    stage.lena.text(EVSE_1)
    stage.lena.press("🐢 Too slow", await stage.sees(stage.lena, "What is wrong?", button="🐢 Too slow"))
    await stage.sees(stage.lena, "Does it work now?")
    new = await stage.database.read(lambda uow: uow.cases.get(2))
    assert new is not None and new.follows is None
    assert await stage.database.read(state) is CaseState.CLOSED


async def test_of_a_case_that_only_the_bot_had_the_driver_says_whether_it_is_that_again(stage: Stage) -> None:
    await stage.station()
    stage.scan(stage.lena, EVSE_1)
    stage.lena.press("🐢 Too slow", await stage.sees(stage.lena, "What is wrong?"))
    stage.lena.press("✅ It works now", await stage.sees(stage.lena, "", button="✅ It works now"))
    assert await stage.eventually(lambda uow: state(uow) is CaseState.RESOLVED)
    stage.lena.text("now it has stopped again")
    asked = await stage.sees(stage.lena, "Is it the same trouble again?", button="🔁 Yes, the same trouble")
    assert await stage.database.read(state) is CaseState.RESOLVED
    stage.lena.press("🔁 Yes, the same trouble", asked)
    await stage.sees(stage.lena, "Does it work now?", button="✅ It works now")
    assert await stage.database.read(state) is CaseState.DIAGNOSING
    assert not stage.hotline.topics
    assert await stage.database.read(lambda uow: uow.cases.get(2)) is None


async def test_another_station_is_asked_for_and_the_old_case_stays_as_it_was(stage: Stage) -> None:
    await stage.station()
    stage.scan(stage.lena, EVSE_1)
    stage.lena.press("🐢 Too slow", await stage.sees(stage.lena, "What is wrong?"))
    stage.lena.press("✅ It works now", await stage.sees(stage.lena, "", button="✅ It works now"))
    assert await stage.eventually(lambda uow: state(uow) is CaseState.RESOLVED)
    stage.lena.text("the next one is dark")
    asked = await stage.sees(stage.lena, "Is it the same trouble again?", button="📍 No, another station")
    stage.lena.press("📍 No, another station", asked)
    await stage.sees(stage.lena, "EVSE ID")
    stage.lena.text("the one on the right")
    assert await stage.eventually(lambda uow: uow.inbox.waiting() == [])
    assert stage.world.shown(stage.chat(stage.lena), "Is it the same trouble again?") is None
    assert await stage.database.read(lambda uow: uow.drafts.get(telegram(stage.lena.id))) is not None
