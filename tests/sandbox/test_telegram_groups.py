"""Groups, topics, rights and migration."""

import pytest
import telegram
from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot.sandbox.telegram.model import Chat
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.presence import Impossible
from bot.sandbox.telegram.state import Bot


async def test_a_bot_opens_a_topic_and_writes_into_it(bot: telegram.Bot, hotline: Chat, olga: Person) -> None:
    topic = await bot.create_forum_topic(hotline.id, "Case 1")
    sent = await bot.send_message(hotline.id, "New case", message_thread_id=topic.message_thread_id)
    assert (sent.message_thread_id, sent.is_topic_message) == (topic.message_thread_id, True)
    olga.text("I take it", hotline, thread=topic.message_thread_id)
    created, heard = [update.message for update in await bot.get_updates()]
    assert created is not None
    assert created.forum_topic_created is not None
    assert created.forum_topic_created.name == "Case 1"
    assert heard is not None
    assert (heard.text, heard.is_topic_message) == ("I take it", True)
    assert heard.message_thread_id == topic.message_thread_id == created.message_id
    # Telegram makes every message of a topic an answer to the note that opened it.
    assert heard.reply_to_message is not None
    assert heard.reply_to_message.forum_topic_created is not None


async def test_the_general_topic_has_no_number(bot: telegram.Bot, hotline: Chat) -> None:
    sent = await bot.send_message(hotline.id, "to all")
    assert (sent.message_thread_id, sent.is_topic_message) == (None, None)
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(hotline.id, "to all", message_thread_id=1)


async def test_a_reply_stays_in_the_topic_of_what_it_answers(
    bot: telegram.Bot, hotline: Chat, olga: Person
) -> None:
    topic = olga.create_topic("Case 2", hotline)
    asked = olga.text("who?", hotline, thread=topic.id)
    answer = await bot.send_message(hotline.id, "me", reply_to_message_id=asked.id)
    assert answer.message_thread_id == topic.id
    assert olga.text("good", hotline, reply_to=answer.message_id).thread == topic.id


async def test_opening_a_topic_needs_the_right(
    bot: telegram.Bot, hotline: Chat, olga: Person, me: Bot
) -> None:
    olga.promote(me, hotline, {"can_delete_messages"})
    member = await bot.get_chat_member(hotline.id, me.id)
    assert isinstance(member, telegram.ChatMemberAdministrator)
    assert (member.can_manage_topics, member.can_delete_messages) == (False, True)
    with pytest.raises(BadRequest, match="Not enough rights to create a topic"):
        await bot.create_forum_topic(hotline.id, "Case")
    olga.demote(me, hotline)
    with pytest.raises(BadRequest, match="Not enough rights to create a topic"):
        await bot.create_forum_topic(hotline.id, "Case")
    olga.promote(me, hotline, {"can_manage_topics"})
    assert (await bot.create_forum_topic(hotline.id, "Case")).name == "Case"


async def test_a_group_without_topics_is_no_forum(bot: telegram.Bot, olga: Person, me: Bot) -> None:
    group = olga.create_group("Plain")
    olga.add(me, group)
    olga.promote(me, group)
    with pytest.raises(BadRequest, match="The chat is not a forum"):
        await bot.create_forum_topic(group.id, "Case")


@pytest.mark.parametrize("refusal", ["message thread not found", "TOPIC_DELETED"])
async def test_a_topic_deleted_by_hand_refuses_the_next_message(
    bot: telegram.Bot, hotline: Chat, olga: Person, me: Bot, refusal: str
) -> None:
    topic = await bot.create_forum_topic(hotline.id, "Case")
    await bot.send_message(hotline.id, "one", message_thread_id=topic.message_thread_id)
    me.queue.pending.clear()
    olga.delete_topic(topic.message_thread_id, hotline, refusal)
    assert not me.queue.pending
    assert hotline.messages_in(topic.message_thread_id) == []
    with pytest.raises(BadRequest, match=refusal.capitalize()):
        await bot.send_message(hotline.id, "two", message_thread_id=topic.message_thread_id)
    with pytest.raises(Impossible):
        olga.text("two", hotline, thread=topic.message_thread_id)


async def test_a_closed_topic_refuses_those_who_may_not_manage_it(
    bot: telegram.Bot, hotline: Chat, olga: Person, anna: Person, me: Bot
) -> None:
    topic = olga.create_topic("Case", hotline)
    olga.add(anna, hotline)
    olga.close_topic(topic.id, hotline)
    await bot.send_message(hotline.id, "still", message_thread_id=topic.id)
    with pytest.raises(Impossible, match="closed"):
        anna.text("me too", hotline, thread=topic.id)
    olga.demote(me, hotline)
    with pytest.raises(BadRequest, match="Topic_closed"):
        await bot.send_message(hotline.id, "no more", message_thread_id=topic.id)


async def test_a_bot_closes_renames_reopens_and_deletes_its_topic(bot: telegram.Bot, hotline: Chat) -> None:
    thread = (await bot.create_forum_topic(hotline.id, "Case")).message_thread_id
    topic = hotline.topics[thread]
    await bot.edit_forum_topic(hotline.id, thread, name="Case, solved")
    await bot.close_forum_topic(hotline.id, thread)
    assert (topic.name, topic.closed) == ("Case, solved", True)
    with pytest.raises(BadRequest, match="Topic_not_modified"):
        await bot.close_forum_topic(hotline.id, thread)
    await bot.reopen_forum_topic(hotline.id, thread)
    assert not topic.closed
    notes = [u.message for u in await bot.get_updates() if u.message is not None]
    assert notes[-1].forum_topic_reopened is not None
    assert notes[-2].forum_topic_closed is not None
    await bot.delete_forum_topic(hotline.id, thread)
    with pytest.raises(BadRequest, match="Topic_id_invalid"):
        await bot.close_forum_topic(hotline.id, thread)


async def test_a_removed_bot_was_kicked(bot: telegram.Bot, hotline: Chat, olga: Person, me: Bot) -> None:
    olga.remove(me, hotline)
    change = (await bot.get_updates())[0].my_chat_member
    assert change is not None
    assert change.new_chat_member.status == "kicked"
    with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
        await bot.send_message(hotline.id, "hello?")


async def test_a_bot_that_left_is_no_member(bot: telegram.Bot, hotline: Chat) -> None:
    await bot.leave_chat(hotline.id)
    with pytest.raises(Forbidden, match="bot is not a member of the supergroup chat"):
        await bot.send_message(hotline.id, "hello?")


async def test_a_group_that_became_a_supergroup_says_where_it_went(
    bot: telegram.Bot, olga: Person, me: Bot
) -> None:
    old = olga.create_group("Hotline", supergroup=False)
    olga.add(me, old)
    me.queue.pending.clear()
    new = olga.migrate(old, topics=True)
    with pytest.raises(ChatMigrated) as migrated:
        await bot.send_message(old.id, "hello")
    assert migrated.value.new_chat_id == new.id
    went, came = [update.message for update in await bot.get_updates()]
    assert went is not None
    assert (went.chat.id, went.migrate_to_chat_id) == (old.id, new.id)
    assert came is not None
    assert (came.chat.id, came.migrate_from_chat_id) == (new.id, old.id)
    assert came.chat.is_forum
    await bot.send_message(new.id, "hello")


async def test_a_bot_reads_the_group_and_its_administrators(
    bot: telegram.Bot, hotline: Chat, olga: Person, anna: Person, me: Bot
) -> None:
    olga.add(anna, hotline)
    chat = await bot.get_chat(hotline.id)
    assert (chat.type, chat.title, chat.is_forum) == ("supergroup", "Hotline", True)
    leading = {m.user.id: m.status for m in await bot.get_chat_administrators(hotline.id)}
    assert leading == {olga.id: "creator", me.id: "administrator"}
    assert (await bot.get_chat_member(hotline.id, anna.id)).status == "member"
    assert await bot.get_chat_member_count(hotline.id) == 3
    anna.leave(hotline)
    assert (await bot.get_chat_member(hotline.id, anna.id)).status == "left"
    with pytest.raises(BadRequest, match="Member not found"):
        await bot.get_chat_member(hotline.id, 4711)


async def test_pinning_needs_the_right_and_shows_in_the_chat(
    bot: telegram.Bot, hotline: Chat, olga: Person, me: Bot
) -> None:
    sent = await bot.send_message(hotline.id, "card")
    await bot.pin_chat_message(hotline.id, sent.message_id)
    assert hotline.pinned == [sent.message_id]
    pinned = (await bot.get_updates())[-1].message
    assert pinned is not None
    assert pinned.pinned_message is not None
    assert pinned.pinned_message.message_id == sent.message_id
    await bot.unpin_chat_message(hotline.id, sent.message_id)
    assert hotline.pinned == []
    olga.promote(me, hotline, {"can_manage_topics"})
    with pytest.raises(BadRequest, match="Not enough rights to manage pinned messages in the chat"):
        await bot.pin_chat_message(hotline.id, sent.message_id)


async def test_a_stranger_cannot_speak_in_a_group(hotline: Chat, anna: Person) -> None:
    with pytest.raises(Impossible, match="not in the group"):
        anna.text("hello", hotline)


def test_only_a_basic_group_becomes_a_supergroup(hotline: Chat, olga: Person) -> None:
    with pytest.raises(Impossible, match="only a basic group"):
        olga.migrate(hotline)
