"""The end of a case into which another was merged: both drivers hear it, each once."""

from bot.domain.case import CaseState
from bot.sandbox.stations.connector import ClearsOn
from bot.sandbox.telegram.model import Message
from bot.sandbox.telegram.people import Person
from tests.acceptance.conftest import EVSE_1, Stage
from tests.acceptance.test_agents import drawn, in_topic, reported, tapped
from tests.acceptance.test_jobs import broken, taps, told, well_again, works

WATCH = "🔔 Tell me when it works"
SETTLED = "The trouble that you reported is settled"
BY_A_TECHNICIAN = "A technician has repaired the station"
WORKS_AGAIN = "It works again"


async def merged(stage: Stage) -> tuple[Person, Message]:
    """Nina's case of the same EVSE goes on in Lena's, which is the first; Nina, and the card of Lena's case."""
    nina = stage.world.person(504, "Nina", "en")
    card = await reported(stage, stage.lena, EVSE_1)
    other = await reported(stage, nina, EVSE_1)
    await tapped(stage, stage.anna, other, "⋯ More", "🔗 Merge…", f"#1 · Lena · {EVSE_1}", "🔗 Merge into #1")
    await stage.sees(nina, "dealt with together")
    await in_topic(stage, card, "#2 is merged into this case")
    await drawn(stage, card, "Merged here: #2")
    return nina, card


async def wants_to_hear(stage: Stage, who: Person) -> None:
    """Somebody scans the EVSE once more and asks to be told when it works."""
    stage.scan(who, EVSE_1)
    who.press(WATCH, await stage.sees(who, "", button=WATCH))
    await stage.sees(who, "I tell you when")


async def all_is_sent(stage: Stage) -> None:
    """Waits until nothing is left that somebody is to be told."""
    assert await stage.eventually(lambda uow: uow.outbox.waiting() == 0)


async def test_the_driver_of_a_merged_case_hears_of_the_technicians_repair_once_too(stage: Stage) -> None:
    station = await broken(stage)
    nina, card = await merged(stage)
    await tapped(stage, stage.anna, card, "🔧 Technician")
    await taps(stage, "👍 I take it", "🚗 I am on my way", "📍 I am there")
    await taps(stage, "✅ It is repaired", "Fault inside the station")
    await stage.sees(stage.tom, "The station still says: fault")
    await all_is_sent(stage)
    assert told(stage, nina, "repaired") == told(stage, stage.lena, "repaired") == 0, "it is not proved"
    await well_again(stage, station)
    await taps(stage, "✅ It is repaired", "Fault inside the station")
    await stage.sees(stage.lena, "The station is repaired")
    await stage.sees(nina, BY_A_TECHNICIAN)
    stage.clock.forward(minutes=5)
    await all_is_sent(stage)
    assert told(stage, stage.lena, "repaired") == told(stage, nina, "repaired") == 1
    for words in (SETTLED, WORKS_AGAIN):
        assert told(stage, nina, words) == told(stage, stage.lena, words) == 0, words
    nina.text("It still does not work")
    again = await stage.topic_shows("It still does not work")
    assert again.thread != card.thread, "what comes after the repair is her own case again"


async def test_what_an_agent_mends_from_afar_is_told_to_both_when_the_agent_says_so(stage: Stage) -> None:
    station = await stage.station()
    station.fault(1, "InternalError", clears_on=ClearsOn.SOFT_RESET)
    nina, card = await merged(stage)
    await wants_to_hear(stage, nina)
    await tapped(stage, stage.anna, card, "✋ Take over")
    await stage.sees(stage.lena, "Anna Agent has joined")
    await all_is_sent(stage)
    quiet = told(stage, stage.lena, ""), told(stage, nina, "")
    await tapped(stage, stage.anna, card, "🎛 Remote actions", "Restart (soft)", "Send now: Restart (soft)")
    await in_topic(stage, card, "✅ Restart (soft): proved by the station")
    await all_is_sent(stage)
    assert (told(stage, stage.lena, ""), told(stage, nina, "")) == quiet, "the agent speaks with them"
    await drawn(stage, card, button="✅ Resolve")
    await tapped(stage, stage.anna, card, "✅ Resolve", "Fault inside the station")
    await stage.sees(stage.lena, "The hotline has closed your report", button="5 ⭐")
    await stage.sees(nina, SETTLED)
    stage.clock.forward(minutes=5)
    await all_is_sent(stage)
    assert (told(stage, stage.lena, ""), told(stage, nina, "")) == (quiet[0] + 1, quiet[1] + 1)
    states = await stage.database.read(lambda uow: [uow.cases.get(number).state for number in (1, 2)])  # type: ignore[union-attr]  # Both are there.
    assert states == [CaseState.RESOLVED, CaseState.CLOSED]


async def test_where_the_other_driver_alone_says_that_it_works_a_wish_to_hear_that_is_kept_to(
    stage: Stage,
) -> None:
    station = await broken(stage)
    nina, card = await merged(stage)
    await wants_to_hear(stage, nina)
    await well_again(stage, station)
    await works(stage)
    await stage.sees(nina, WORKS_AGAIN)
    await stage.topic_shows("was ended by its own driver")
    await all_is_sent(stage)
    assert told(stage, nina, WORKS_AGAIN) == 1
    assert told(stage, nina, SETTLED) == 0, "nobody who knows has said so"
    assert not lines_of(stage, card, "was ended by its own driver"), "it stands in the topic of her own case"


def lines_of(stage: Stage, card: Message, text: str) -> list[Message]:
    return [each for each in stage.hotline.messages_in(card.thread or 0) if text in each.text]
