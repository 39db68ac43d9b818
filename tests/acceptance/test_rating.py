"""Afterwards: stars, what was missing, and a word on it, which is no new case."""

from bot.domain.case import Case, CaseState
from bot.domain.rating import RatingReason
from bot.sandbox.telegram.model import Message
from tests.acceptance.conftest import EVSE_1, EVSE_3, Stage
from tests.acceptance.talk import From, talking


async def kept(stage: Stage, number: int = 1) -> Case:
    case = await stage.database.read(lambda uow: uow.cases.get(number))
    assert case is not None
    return case


async def solved_by_the_bot(stage: Stage) -> Message:
    """Lena says that it works after what the bot told her, and is asked for stars."""
    await stage.station()
    stage.scan(stage.lena, EVSE_1)
    stage.lena.press("🐢 Too slow", await stage.sees(stage.lena, "What is wrong?"))
    stage.lena.press("✅ It works now", await stage.sees(stage.lena, "Does it work now?"))
    return await stage.sees(stage.lena, "How was our help?", button="2 ⭐")


async def closed_by_anna(stage: Stage) -> Message:
    """Lena had a person, who has closed her report."""
    thread = (await talking(stage)).side(From.AGENT).thread
    stage.anna.command("close", stage.hotline, thread=thread)
    return await stage.sees(stage.lena, "The hotline has closed your report", button="2 ⭐")


async def test_few_stars_ask_what_was_missing_and_the_hotline_reads_the_answer(stage: Stage) -> None:
    rating = await closed_by_anna(stage)
    stage.lena.press("2 ⭐", rating)
    asked = await stage.sees(stage.lena, "What was missing?", button="⏳ I had to wait")
    assert asked.id == rating.id, "the message grows; it is not repeated"
    stage.lena.press("⏳ I had to wait", asked)
    await stage.sees(stage.lena, "Thank you, we will look at it")
    stage.lena.text("Forty minutes in the <rain>")
    await stage.sees(stage.lena, "that stands beside your rating", button="🙋 Talk to a person")
    for line in (
        "The driver gives 2 of 5",
        "What was missing: ⏳ I had to wait",
        "Forty minutes in the <rain>",
    ):
        await stage.topic_shows(line)
    card = await stage.topic_shows("★★☆☆☆ (2 of 5) · ⏳ I had to wait")
    assert "“Forty minutes in the <rain>”" in card.text
    case = await kept(stage)
    assert (case.state, case.rating, case.rating_reason, case.rating_words) == (
        CaseState.CLOSED,
        2,
        RatingReason.HAD_TO_WAIT,
        "Forty minutes in the <rain>",
    )
    assert await stage.database.read(lambda uow: uow.cases.get(2)) is None


async def test_a_word_is_one_word_and_what_comes_next_is_a_call_for_help(stage: Stage) -> None:
    stage.lena.press("2 ⭐", await closed_by_anna(stage))
    await stage.sees(stage.lena, "What was missing?")
    stage.lena.text("It took long")
    await stage.sees(stage.lena, "Do you still need help?")
    stage.lena.text("Yes, it does not charge again")
    await stage.topic_shows("Yes, it does not charge again")
    case = await kept(stage)
    assert (case.state, case.rating_words) == (CaseState.WAITING_AGENT, "It took long")


async def test_who_the_bot_has_helped_alone_is_asked_too_and_may_add_a_word_for_a_while(stage: Stage) -> None:
    rating = await solved_by_the_bot(stage)
    stage.lena.press("5 ⭐", rating)
    await stage.sees(stage.lena, "If you would like to say a word")
    stage.lena.text("Great, in a minute")
    await stage.sees(stage.lena, "that stands beside your rating")
    stage.clock.forward(minutes=11)
    later = stage.lena.text("and one more thing")
    answered = await stage.world.wait_for(lambda: max(stage.chat(stage.lena).messages) > later.id or None)
    assert answered, "it is about the station again"
    case = await kept(stage)
    assert (case.rating, case.rating_words) == (5, "Great, in a minute")


async def test_a_word_that_names_a_station_is_no_word_on_the_rating(stage: Stage) -> None:
    stage.lena.press("5 ⭐", await solved_by_the_bot(stage))
    await stage.sees(stage.lena, "Have a good trip")
    stage.lena.text(EVSE_3)
    await stage.sees(stage.lena, EVSE_3, button="🐢 Too slow")
    stage.lena.text("the cable does not come off")
    await stage.sees(stage.lena, "Does it work now?", button="🙋 Talk to a person")
    assert (await kept(stage)).rating_words is None
    assert (await kept(stage, 2)).evse_id == EVSE_3


async def test_a_second_rating_replaces_the_first_and_the_same_once_more_changes_nothing(
    stage: Stage,
) -> None:
    rating = await closed_by_anna(stage)
    stage.lena.press("1 ⭐", rating)
    asked = await stage.sees(stage.lena, "What was missing?", button="🐌 Too slow")
    stage.lena.press("🐌 Too slow", asked)
    await stage.sees(stage.lena, "Thank you, we will look at it")
    stage.lena.press("1 ⭐", rating, stale=True)
    assert await stage.eventually(lambda uow: not uow.inbox.waiting())
    assert (await kept(stage)).rating_reason is RatingReason.TOO_SLOW
    stage.lena.press("4 ⭐", rating, stale=True)
    await stage.sees(stage.lena, "Have a good trip")
    await stage.topic_shows("The driver now gives 4 of 5")
    case = await kept(stage)
    assert (case.rating, case.rating_reason) == (4, None)
    events = await stage.database.read(lambda uow: [each.kind for each in uow.cases.events(1)])
    assert events.count("rated") == 2
