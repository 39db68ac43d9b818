"""What people can and cannot do."""

import asyncio

import pytest
import telegram
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.presence import Impossible
from bot.sandbox.telegram.world import World


@pytest.mark.parametrize("payload", ["a" * 65, "with space", "ümlaut", "a.b"])
def test_a_start_payload_has_narrow_rules(anna: Person, payload: str) -> None:
    with pytest.raises(Impossible):
        anna.start(payload)
    assert anna.start("a" * 64).text == "/start " + "a" * 64


async def test_a_button_that_is_gone_cannot_be_pressed(bot: telegram.Bot, anna: Person) -> None:
    anna.start()
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="v1:yes")]])
    sent = await bot.send_message(anna.id, "Restart?", reply_markup=markup)
    await bot.edit_message_reply_markup(anna.id, sent.message_id)
    with pytest.raises(Impossible, match="there is no button"):
        anna.press("Yes", sent.message_id)
    anna.press("Yes", sent.message_id, stale=True)
    query = (await bot.get_updates())[-1].callback_query
    assert query is not None
    assert query.data == "v1:yes"


async def test_a_link_button_tells_the_bot_nothing(bot: telegram.Bot, anna: Person) -> None:
    anna.start()
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("Map", url="https://example.org")]])
    await bot.send_message(anna.id, "Where?", reply_markup=markup)
    with pytest.raises(Impossible, match="opens something else"):
        anna.press("Map")


def test_a_blocked_bot_cannot_be_written_to(anna: Person) -> None:
    anna.start()
    anna.block()
    with pytest.raises(Impossible, match="unblock"):
        anna.text("hello")
    anna.unblock()
    assert anna.text("hello").id == 2


def test_only_own_messages_can_be_edited(anna: Person, olga: Person, world: World) -> None:
    group = olga.create_group("Friends")
    olga.add(anna, group)
    said = olga.text("mine", group)
    with pytest.raises(Impossible):
        anna.edit(said, "yours", group)
    assert olga.edit(said, "still mine", group).text == "still mine"


async def test_waiting_ends_as_soon_as_the_message_is_shown(
    bot: telegram.Bot, anna: Person, world: World
) -> None:
    anna.start()
    waiting = asyncio.create_task(world.until_shown(anna.chat(), "ready", button="Go", timeout=2))
    await bot.send_message(anna.id, "ready")
    await asyncio.sleep(0.02)
    assert not waiting.done()
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("Go", callback_data="go")]])
    sent = await bot.send_message(anna.id, "now ready", reply_markup=markup)
    assert (await waiting).id == sent.message_id


async def test_waiting_in_vain_tells_what_is_shown_instead(
    bot: telegram.Bot, anna: Person, world: World
) -> None:
    anna.start()
    await bot.send_message(anna.id, "something else")
    with pytest.raises(TimeoutError, match="something else"):
        await world.until_shown(anna.chat(), "ready", timeout=0.05)
    assert world.shown(anna.chat(), "something", after=2) is None


async def test_a_mini_app_sends_its_data_to_the_bot(bot: telegram.Bot, anna: Person) -> None:
    anna.web_app_data("Scan", "DE*ABC*E1")
    message = (await bot.get_updates())[0].message
    assert message is not None
    assert message.web_app_data is not None
    assert (message.web_app_data.data, message.web_app_data.button_text) == ("DE*ABC*E1", "Scan")
