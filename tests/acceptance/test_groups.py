"""Several groups of agents: cases are spread over them, and go on where the bot may work."""

from bot.domain.case import CaseState
from bot.domain.people import telegram
from bot.sandbox.telegram.model import Chat, Message
from bot.sandbox.telegram.people import Person
from storage.uow import UnitOfWork
from tests.acceptance.conftest import EVSE_1, EVSE_2, EVSE_3, TOKEN, Stage
from tests.acceptance.talk import picture

OPERATOR = "stadtwerke-graz"


async def second_group(stage: Stage, title: str = "Hotline Nacht") -> Chat:
    """A further group, which Ada has added by a command in it."""
    bot = stage.world.bots[TOKEN]
    group = stage.anna.create_group(title, topics=True)
    stage.anna.add(stage.ada, group)
    stage.anna.add(bot, group)
    stage.anna.promote(bot, group)
    stage.ada.command("hotline", group)
    await stage.world.until_shown(group, "belongs to the hotline of Stadtwerke Graz now", timeout=8)
    return group


async def asks(stage: Stage, who: Person, evse: str) -> Chat:
    """Somebody asks for a person; the group that has the case then."""
    stage.scan(who, evse)
    await stage.sees(who, evse)
    who.command("agent")

    def group(uow: UnitOfWork) -> int | None:
        case = uow.cases.latest_in(telegram(who.id))
        return case.group_chat if case is not None and case.topic is not None else None

    assert await stage.eventually(lambda uow: group(uow) is not None)
    return stage.anna.chat(await stage.database.read(group) or 0)


async def test_a_case_goes_to_the_group_that_speaks_the_drivers_language_and_has_least_to_do(
    stage: Stage,
) -> None:
    night = await second_group(stage)
    stage.ada.start()
    stage.ada.command("hotline")
    page = await stage.sees(
        stage.ada, "Hotline Nacht: any language · open cases: 0", button="👥 Hotline Nacht"
    )
    stage.ada.press("👥 Hotline Nacht", page)
    page = await stage.sees(stage.ada, "What do its agents speak?", button="Deutsch")
    stage.ada.press("Deutsch", page)
    await stage.sees(stage.ada, "Hotline Nacht: Deutsch", button="✅ Deutsch")
    assert await asks(stage, stage.marco, EVSE_1) is night
    # One without a limit comes before one of another language, however busy it is.
    assert await asks(stage, stage.lena, EVSE_1) is stage.hotline
    paul = stage.world.person(504, "Paul", "en")
    assert await asks(stage, paul, EVSE_2) is stage.hotline
    stage.ada.press("✅ Deutsch", page)
    await stage.sees(stage.ada, "Hotline Nacht: any language · open cases: 1", button="Deutsch")
    mia = stage.world.person(505, "Mia", "en")
    assert await asks(stage, mia, EVSE_3) is night
    stage.ada.command("audit")
    await stage.sees(stage.ada, "Languages of a hotline group changed")


async def test_agents_act_only_from_the_group_that_has_the_case(stage: Stage) -> None:
    night = await second_group(stage)
    assert await asks(stage, stage.lena, EVSE_1) is stage.hotline
    card = await stage.topic_shows("waiting for an agent", button="✋ Take over")
    data = next(
        str(button["callback_data"])
        for line in card.body["reply_markup"]["inline_keyboard"]
        for button in line
        if button["text"] == "✋ Take over"
    )
    assert await asks(stage, stage.marco, EVSE_2) is night
    other = await stage.world.until_shown(night, "waiting for an agent", button="✋ Take over", timeout=8)
    # What the button of the other group carries is not believed here.
    own = other.body["reply_markup"]["inline_keyboard"][0][0]
    own["callback_data"] = data
    press = stage.anna.press("✋ Take over", other, night)
    await stage.world.wait_for(lambda: press.answered or None, 8)
    case = await stage.database.read(lambda uow: uow.cases.get(1))
    assert case is not None and case.state is CaseState.WAITING_AGENT


async def test_a_group_that_puts_the_bot_out_hands_its_cases_to_the_other_with_all_that_was_said(
    stage: Stage,
) -> None:
    night = await second_group(stage)
    stage.ada.start()
    assert await asks(stage, stage.lena, EVSE_1) is stage.hotline
    card = await stage.topic_shows("waiting for an agent", button="✋ Take over")
    stage.tap(stage.anna, "✋ Take over", card)
    await stage.sees(stage.lena, "Anna Agent has joined")
    stage.lena.text("I am in row 3")
    stage.lena.photo(picture(), "the plug")
    await stage.topic_shows("the plug")
    stage.anna.text("I am looking", stage.hotline, thread=card.thread)
    await stage.sees(stage.lena, "I am looking")
    stage.anna.remove(stage.world.bots[TOKEN], stage.hotline)
    await stage.world.until_shown(night, "was in another group", timeout=8)
    moved = await stage.world.until_shown(night, "waiting for an agent", button="✋ Take over", timeout=8)
    for said in ("I am in row 3", "the plug", "Anna Agent</b>: I am looking"):
        shown = await stage.world.until_shown(night, said.replace("</b>", ""), timeout=8)
        assert shown.thread == moved.thread
    await stage.sees(stage.ada, "cannot write into the group")
    asked = stage.lena.text("still there?")
    copy = await stage.world.until_shown(night, "still there?", thread=moved.thread, timeout=8)
    stage.anna.text("Here again", night, thread=moved.thread, reply_to=copy)
    answer = await stage.sees(stage.lena, "Here again")
    assert _replied(answer) == asked.id
    # What comes meanwhile goes to the group that is left, and comes back once the bot may work there again.
    assert await asks(stage, stage.marco, EVSE_2) is night
    stage.anna.add(stage.world.bots[TOKEN], stage.hotline)
    stage.anna.promote(stage.world.bots[TOKEN], stage.hotline)
    assert await stage.eventually(
        lambda uow: all(each.shut_at is None for each in uow.hotlines.kept(OPERATOR))
    )
    paul = stage.world.person(504, "Paul", "en")
    assert await asks(stage, paul, EVSE_3) is stage.hotline


async def test_a_group_in_which_no_topics_may_be_opened_gets_no_case(stage: Stage) -> None:
    night = await second_group(stage)
    stage.ada.start()
    stage.anna.demote(stage.world.bots[TOKEN], stage.hotline)
    assert await asks(stage, stage.lena, EVSE_1) is night
    await stage.sees(stage.ada, "cannot write into the group")
    assert await asks(stage, stage.marco, EVSE_2) is night
    assert not stage.hotline.topics


async def test_a_group_that_is_taken_out_keeps_its_open_cases_and_gets_no_new_ones(stage: Stage) -> None:
    night = await second_group(stage)
    assert await asks(stage, stage.lena, EVSE_1) is stage.hotline
    stage.ada.start()
    stage.ada.command("hotline")
    name = "👥 Hotline Graz"
    stage.ada.press(name, await stage.sees(stage.ada, "open cases: 1", button=name))
    page = await stage.sees(stage.ada, "What do its agents speak?", button="👥 Take this group out")
    stage.ada.press("👥 Take this group out", page)
    asked = await stage.sees(stage.ada, "(1) stay until they end", button="👥 Take it out")
    stage.ada.press("👥 Take it out", asked)
    await stage.sees(stage.ada, "Hotline of")
    assert await asks(stage, stage.marco, EVSE_2) is night
    card = await stage.topic_shows("waiting for an agent", button="✋ Take over")
    stage.tap(stage.anna, "✋ Take over", card)
    await stage.sees(stage.lena, "Anna Agent has joined")


def _replied(message: Message) -> object:
    replied = message.body.get("reply_to_message") or {}
    return replied.get("message_id")
