"""Several bots in one emulated Telegram: each with chats, numbers, files and faults of its own."""

from collections.abc import AsyncIterator

import pytest
import telegram
from telegram.error import BadRequest, Forbidden
from telegram.request import HTTPXRequest

from bot.sandbox.telegram.faults import Fault, Faults
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.serving import Served
from bot.sandbox.telegram.state import Bot
from bot.sandbox.telegram.world import World

OTHER = "1000002:other"


@pytest.fixture
async def other(served: Served, world: World) -> AsyncIterator[telegram.Bot]:
    """A second bot, by a client that we did not write."""
    world.bot(OTHER, "other_bot")
    request = HTTPXRequest(read_timeout=2)
    client = telegram.Bot(OTHER, base_url=served.api, base_file_url=served.files, request=request)
    async with client:
        yield client


async def test_each_bot_numbers_its_updates_and_messages_for_itself(
    bot: telegram.Bot, other: telegram.Bot, anna: Person, world: World
) -> None:
    chats = [world.private(each, anna.user) for each in (world.bots_by_id[bot.id], world.bots[OTHER])]
    for number, chat in enumerate(chats):
        anna.text(f"hello {number}", chat)
    (here,), (there,) = await bot.get_updates(), await other.get_updates()
    assert here.update_id == there.update_id
    assert here.message is not None and there.message is not None
    assert here.message.message_id == there.message.message_id
    assert (here.message.text, there.message.text) == ("hello 0", "hello 1")
    assert not await bot.get_updates(offset=here.update_id + 1)
    assert len(await other.get_updates()) == 1, "what one has acknowledged the other has still to fetch"


async def test_a_bot_reaches_nobody_who_wrote_to_another(
    bot: telegram.Bot, other: telegram.Bot, anna: Person, olga: Person
) -> None:
    said = anna.text("hello")
    olga.start()
    with pytest.raises(Forbidden):
        await other.send_message(anna.id, "I do not know you")
    with pytest.raises((BadRequest, Forbidden)):
        await other.copy_message(olga.id, anna.id, said.id)
    assert (await bot.send_message(anna.id, "hello")).text == "hello"


async def test_a_group_tells_each_bot_that_is_in_it(
    bot: telegram.Bot, other: telegram.Bot, olga: Person, me: Bot, world: World
) -> None:
    group = olga.create_group("Both", topics=True)
    for each in (me, world.bots[OTHER]):
        olga.add(each, group)
        olga.promote(each, group)
    topic = await bot.create_forum_topic(group.id, "Case 1")
    olga.text("hello", group, thread=topic.message_thread_id)
    for client in (bot, other):
        texts = [update.message.text for update in await client.get_updates() if update.message is not None]
        assert texts[-1] == "hello"


async def test_a_fault_can_befall_one_bot_alone(
    bot: telegram.Bot, other: telegram.Bot, anna: Person, me: Bot, world: World, faults: Faults
) -> None:
    for each in (me, world.bots[OTHER]):
        anna.start(chat=world.private(each, anna.user))
    rule = faults.add(Fault("bad_gateway", "sendmessage", bot=me.id))
    with pytest.raises(telegram.error.NetworkError):
        await bot.send_message(anna.id, "hello")
    assert (await other.send_message(anna.id, "hello")).text == "hello"
    assert rule.struck == 1


def test_two_bots_cannot_have_one_number(world: World, me: Bot) -> None:
    with pytest.raises(ValueError, match="there is a bot 1000001 already"):
        world.bot("1000001:again", "again_bot")
