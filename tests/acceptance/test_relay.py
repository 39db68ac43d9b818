"""Edits, reactions, notes and albums between a driver and the hotline, and what Telegram refuses on the way."""

import asyncio

import pytest

from bot.domain.case import CaseState
from bot.domain.people import telegram
from bot.sandbox.telegram.faults import Fault
from bot.sandbox.telegram.model import Message
from tests.acceptance.conftest import EVSE_1, EVSE_2, TOKEN, Stage
from tests.acceptance.talk import From, Talk, content, picture, reply_of, talking

BOT = int(TOKEN.partition(":")[0])


def reaction(message: Message) -> str | None:
    """The reaction of the bot on a message."""
    shown = message.reactions.get(BOT, [])
    return str(shown[0]["emoji"]) if shown else None


async def shows(talk: Talk, message: Message, emoji: str | None) -> None:
    """Waits until the bot's reaction on a message is this one."""
    try:
        await talk.stage.world.wait_for(lambda: (reaction(message) == emoji) or None, 8)
    except TimeoutError:
        pytest.fail(f"{reaction(message)} and not {emoji} stands on {message.text!r}")


def says(talk: Talk, who: From, words: str) -> Message:
    side = talk.side(who)
    return side.who.text(words, side.chat, thread=side.thread)


async def passed(talk: Talk, who: From, words: str) -> tuple[Message, Message]:
    """Words and their copy."""
    said = says(talk, who, words)
    (copy,) = await talk.copies(who, [said])
    return said, copy


def shown(talk: Talk, who: From, words: str) -> list[Message]:
    """All messages that the side of somebody shows with just these words."""
    return [each for each in talk.side(who).chat.messages.values() if each.text == words]


async def test_each_wording_of_an_edited_message_is_kept(stage: Stage) -> None:
    talk = await talking(stage)
    said, copy = await passed(talk, From.DRIVER, "row tree")
    for words in ("row three", "row four"):
        stage.lena.edit(said, words)
        await stage.world.wait_for(lambda words=words: copy.text == words or None, 8)  # type: ignore[misc]  # mypy cannot infer a lambda with a default.

    def wordings(uow):  # type: ignore[no-untyped-def]  # A callback of two lines.
        return [each.words for each in uow.messages.wordings(uow.messages.at(telegram(501), said.id))]

    assert await stage.database.read(wordings) == ["row tree", "row three", "row four"]


async def test_an_edit_of_words_that_the_bot_has_opens_no_topic(stage: Stage) -> None:
    await stage.station()
    stage.scan(stage.lena, EVSE_1)
    stage.lena.press("🐢 Too slow", await stage.sees(stage.lena, "What is wrong?"))
    await stage.sees(stage.lena, "Does it work now?")
    said = stage.lena.text("the cable is tree metres")
    await stage.sees(stage.lena, "Added to your report")
    stage.lena.edit(said, "the cable is three metres")
    assert await stage.eventually(lambda uow: any(e.kind == "edited" for e in uow.cases.events(1)))
    assert await stage.eventually(lambda uow: uow.outbox.waiting() == 0)
    assert not stage.hotline.topics


async def test_a_replaced_photo_follows_as_an_answer_to_the_one_before(stage: Stage) -> None:
    talk = await talking(stage)
    sent = stage.lena.photo(picture(1), "the plug")
    (copy,) = await talk.copies(From.DRIVER, [sent])
    stage.lena.replace_media(sent, picture(2), "the right plug")
    again = await stage.topic_shows("the right plug")
    assert again.id != copy.id
    assert content(again) == content(sent)
    assert reply_of(again) == copy.id


async def test_reactions_cross_over_and_go_again(stage: Stage) -> None:
    talk = await talking(stage)
    said, copy = await passed(talk, From.DRIVER, "I am in row 3")
    await shows(talk, said, "👍")
    stage.anna.react(copy, "❤", stage.hotline)
    await shows(talk, said, "❤")
    stage.anna.react(copy, "", stage.hotline)
    await shows(talk, said, "👍")
    stage.lena.react(said, "🔥")
    await shows(talk, copy, "🔥")
    answer, shown_to_lena = await passed(talk, From.AGENT, "I am coming")
    await shows(talk, answer, "👍")
    stage.lena.react(shown_to_lena, "🙏")
    await shows(talk, answer, "🙏")


async def test_words_that_wait_for_an_agent_show_it_until_one_comes(stage: Stage) -> None:
    talk = await talking(stage, taken=False)
    said, _ = await passed(talk, From.DRIVER, "hello?")
    await shows(talk, said, "👀")
    stage.tap(
        stage.anna, "✋ Take over", await stage.topic_shows("waiting for an agent", button="✋ Take over")
    )
    await shows(talk, said, "👍")
    assert stage.world.shown(stage.chat(stage.lena), "sent") is None


async def test_a_note_stays_with_the_agents_whatever_it_is(stage: Stage) -> None:
    talk = await talking(stage)
    topic = talk.side(From.AGENT)
    stage.anna.text("// drunk", stage.hotline, thread=topic.thread)
    stage.anna.photo(picture(), "// look at that", stage.hotline, thread=topic.thread)
    stage.anna.album([picture(1), picture(2)], ["", "// and that"], stage.hotline, thread=topic.thread)
    said, copy = await passed(talk, From.AGENT, "Hello")
    stage.anna.edit(said, "// better not", stage.hotline)
    await passed(talk, From.AGENT, "the end")
    at_lenas = [each for each in stage.chat(stage.lena).messages.values() if each.sender == BOT]
    assert copy.text == "Hello"
    assert not [each for each in at_lenas if "photo" in each.body or "//" in each.text]


async def test_an_album_whose_parts_come_late_loses_none(stage: Stage) -> None:
    talk = await talking(stage)
    sent = stage.lena.album([picture(1), picture(2)], ["one", "two"])
    await talk.copies(From.DRIVER, sent)
    group = {"media_group_id": sent[0].body["media_group_id"]}
    late = stage.lena.send({**stage.lena._part("photo", picture(3)), "caption": "three", **group})
    (copy,) = await talk.copies(From.DRIVER, [late])
    assert copy.text == "three"
    assert len([m for m in stage.hotline.messages.values() if "photo" in m.body]) == 3


async def test_an_album_that_was_cut_off_by_a_restart_arrives_once(stage: Stage) -> None:
    talk = await talking(stage)
    sent = stage.lena.album([picture(1), picture(2)], ["one", "two"])
    assert await stage.eventually(lambda uow: len(uow.messages.of_case(1)) == 2)
    await stage.stop()
    assert not [m for m in stage.hotline.messages.values() if "photo" in m.body]
    await stage.start()
    copies = await talk.copies(From.DRIVER, sent)
    assert len({each.body["media_group_id"] for each in copies}) == 1
    await asyncio.sleep(1.2)
    assert len([m for m in stage.hotline.messages.values() if "photo" in m.body]) == 2


async def test_a_topic_closed_by_hand_keeps_no_words_back_for_good(stage: Stage) -> None:
    talk = await talking(stage)
    thread = talk.side(From.AGENT).thread or 0
    stage.anna.close_topic(thread, stage.hotline)
    (copy,) = await talk.copies(From.DRIVER, [says(talk, From.DRIVER, "hello?")])
    assert copy.thread == thread
    # Whoever opened a topic may write into it when it is closed, and so may who manages topics; here it is neither.
    stage.hotline.topics[thread].creator = stage.anna.id
    stage.ada.start()
    stage.anna.demote(stage.world.bots[TOKEN], stage.hotline)
    said = says(talk, From.DRIVER, "are you there?")
    await stage.sees(stage.ada, "cannot write into the hotline")
    stage.anna.promote(stage.world.bots[TOKEN], stage.hotline)
    stage.clock.forward(minutes=1)
    (copy,) = await talk.copies(From.DRIVER, [said])
    assert copy.thread == thread


async def test_a_hotline_that_moves_is_followed_by_what_is_on_its_way(stage: Stage) -> None:
    bot = stage.world.bots[TOKEN]
    small = stage.anna.create_group("Small", supergroup=False)
    stage.anna.add(bot, small)
    stage.ada.start()
    await stage.database.write(lambda uow: uow.hotlines.move(stage.hotline.id, small.id, None))
    stage.lena.start()
    stage.lena.command("agent")
    # The update that tells of the move is late, so that only the refusal of the next call does.
    stage.telegram.faults.add(Fault("late", "message", chat=small.id, seconds=60))
    await stage.sees(stage.ada, "cannot write into the hotline")
    stage.hotline = stage.anna.migrate(small, topics=True)
    stage.anna.promote(bot, stage.hotline)
    stage.lena.text("after the move")
    stage.clock.forward(minutes=1)
    copy = await stage.topic_shows("after the move")
    stage.anna.text("still here", stage.hotline, thread=copy.thread)
    await stage.sees(stage.lena, "still here")


async def test_an_answer_goes_to_the_case_that_it_answers_and_other_words_to_the_one_last_spoken_in(
    stage: Stage,
) -> None:
    await stage.station()
    for evse in (EVSE_1, EVSE_2):
        stage.scan(stage.lena, evse)
        await stage.sees(stage.lena, "What is wrong?")
        stage.lena.command("agent")
        await stage.topic_shows(evse, button="✋ Take over")
    first, second = sorted(topic.id for topic in stage.hotline.topics.values())
    asked = stage.anna.text("Which row?", stage.hotline, thread=first)
    await stage.sees(stage.lena, "Which row?")
    (shown_to_lena,) = await Talk(stage).copies(From.AGENT, [asked])
    stage.anna.text("And you?", stage.hotline, thread=second)
    await stage.sees(stage.lena, "And you?")
    stage.lena.text("I am here")
    stage.lena.text("row 3", reply_to=shown_to_lena)
    stage.lena.text("on the left")
    await stage.world.until_shown(stage.hotline, "I am here", thread=second)
    await stage.world.until_shown(stage.hotline, "row 3", thread=first)
    await stage.world.until_shown(stage.hotline, "on the left", thread=first)


async def test_a_burst_of_messages_is_one_case_with_all_of_them_in_order(stage: Stage) -> None:
    stage.lena.start()
    stage.lena.command("agent")
    words = [f"forwarded {number}" for number in range(12)]
    sent = [stage.lena.text(each) for each in words]
    copies = await Talk(stage).copies(From.DRIVER, sent)
    assert [each.text for each in copies] == words
    assert [each.id for each in copies] == sorted(each.id for each in copies)
    assert len(stage.hotline.topics) == 1


async def test_a_bot_that_is_no_admin_any_more_says_so_and_the_case_goes_on_once_it_is(stage: Stage) -> None:
    bot = stage.world.bots[TOKEN]
    stage.ada.start()
    stage.anna.demote(bot, stage.hotline)
    stage.lena.start()
    stage.lena.command("agent")
    await stage.sees(stage.ada, "cannot write into the hotline")
    stage.lena.text("is anybody there?")
    assert await stage.eventually(lambda uow: len(uow.messages.of_case(1)) == 1)
    stage.anna.promote(bot, stage.hotline)
    stage.clock.forward(minutes=1)
    await stage.topic_shows("is anybody there?")


async def test_a_bot_that_was_put_out_of_the_group_says_so_and_loses_nothing(stage: Stage) -> None:
    talk = await talking(stage)
    bot = stage.world.bots[TOKEN]
    stage.ada.start()
    stage.anna.remove(bot, stage.hotline)
    said = says(talk, From.DRIVER, "is anybody there?")
    await stage.sees(stage.ada, "cannot write into the hotline")
    stage.anna.add(bot, stage.hotline)
    stage.anna.promote(bot, stage.hotline)
    stage.clock.forward(minutes=1)
    await talk.copies(From.DRIVER, [said])


@pytest.mark.parametrize("gone", ["blocked", "deactivated"])
async def test_a_driver_who_is_gone_is_noted_and_the_case_goes_on(stage: Stage, gone: str) -> None:
    talk = await talking(stage)
    if gone == "blocked":
        stage.lena.block()
    else:
        stage.lena.deactivate()
    says(talk, From.AGENT, "Are you there?")
    await stage.topic_shows("Your message did not arrive")
    case = await stage.database.read(lambda uow: uow.cases.get(1))
    assert case is not None
    assert case.state is CaseState.WITH_AGENT
    assert shown(talk, From.DRIVER, "Are you there?") == []
    if gone == "blocked":
        stage.lena.unblock()
        await passed(talk, From.AGENT, "There you are")


async def test_a_429_delays_a_copy_and_loses_or_doubles_none(stage: Stage) -> None:
    talk = await talking(stage)
    stage.telegram.faults.add(Fault("too_many_requests", "copymessage", times=2, seconds=1))
    words = [f"word {number}" for number in range(3)]
    said = [says(talk, From.DRIVER, each) for each in words]
    copies = await talk.copies(From.DRIVER, said)
    assert [each.text for each in copies] == words
    assert [each.id for each in copies] == sorted(each.id for each in copies)
    assert all(len([m for m in stage.hotline.messages.values() if m.text == each]) == 1 for each in words)


@pytest.mark.parametrize("kind", ["bad_gateway", "internal_error", "drop"])
async def test_an_answer_that_got_lost_after_the_copy_was_made_loses_nothing(stage: Stage, kind: str) -> None:
    talk = await talking(stage)
    stage.telegram.faults.add(Fault(kind, "copymessage", times=1, when="after"))  # type: ignore[arg-type]  # One of its kinds.
    said, copy = await passed(talk, From.DRIVER, "once at least")
    assert len(shown(talk, From.AGENT, "once at least")) == 2, (
        "Telegram has no way to say that it was done before"
    )
    stage.lena.edit(said, "and edited")
    await stage.world.wait_for(lambda: copy.text == "and edited" or None, 8)


async def test_a_copy_that_was_deleted_by_hand_is_made_anew_by_an_edit(stage: Stage) -> None:
    talk = await talking(stage)
    said, copy = await passed(talk, From.DRIVER, "row tree")
    stage.anna.delete(copy, stage.hotline)
    stage.lena.edit(said, "row three")
    again = await stage.topic_shows("row three")
    assert again.id != copy.id
