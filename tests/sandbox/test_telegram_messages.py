"""Sending and changing messages through the real client."""

import pytest
import telegram
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, ReplyKeyboardMarkup
from telegram.constants import MessageEntityType
from telegram.error import BadRequest, Forbidden, InvalidToken

from bot.sandbox.telegram.model import Chat
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.serving import Served
from bot.sandbox.telegram.state import Bot
from bot.sandbox.telegram.world import World

from .conftest import HandClock, image


def buttons(*data: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(d.title(), callback_data=d)] for d in data])


async def test_a_bot_knows_its_own_name(bot: telegram.Bot) -> None:
    assert (await bot.get_me()).username == "support_bot"


async def test_a_wrong_token_is_unauthorised(served: Served) -> None:
    with pytest.raises(InvalidToken):
        await telegram.Bot("7:wrong", base_url=served.api).get_me()


async def test_an_unknown_method_is_not_found(bot: telegram.Bot) -> None:
    with pytest.raises(telegram.error.EndPointNotFound):
        await bot.do_api_request("makeCoffee")


async def test_markup_becomes_entities_measured_in_utf16(bot: telegram.Bot, anna: Person) -> None:
    anna.start()
    sent = await bot.send_message(
        anna.id,
        '😀 <b>fat &lt;<i>both</i></b> <a href="https://e.org/?a=1&amp;b=2">link</a>',
        parse_mode="HTML",
    )
    assert sent.text == "😀 fat <both link"
    found = [(e.type, e.offset, e.length) for e in sent.entities]
    assert found == [
        (MessageEntityType.BOLD, 3, 9),
        (MessageEntityType.ITALIC, 8, 4),
        (MessageEntityType.TEXT_LINK, 13, 4),
    ]
    assert sent.entities[2].url == "https://e.org/?a=1&b=2"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("a <x>b</x>", 'unsupported start tag "x" at byte offset 2'),
        ("ä <x>b</x>", 'unsupported start tag "x" at byte offset 3'),
        ("<b>a", 'can\'t find end tag corresponding to start tag "b"'),
        ("<b>a</i>", 'unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("a</b>", "unexpected end tag at byte offset 1"),
        ("1 <", "unclosed start tag at byte offset 2"),
        ("<span>a</span>", 'tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
async def test_broken_markup_is_refused_in_telegrams_words(
    bot: telegram.Bot, anna: Person, text: str, answer: str
) -> None:
    anna.start()
    with pytest.raises(BadRequest) as refused:
        await bot.send_message(anna.id, text, parse_mode="HTML")
    assert refused.value.message.lower() == f"can't parse entities: {answer}".lower()


async def test_a_code_block_keeps_its_language(bot: telegram.Bot, anna: Person) -> None:
    anna.start()
    sent = await bot.send_message(
        anna.id, '<pre><code class="language-python">x</code></pre>', parse_mode="HTML"
    )
    assert [(e.type, e.language) for e in sent.entities] == [(MessageEntityType.PRE, "python")]


async def test_length_is_measured_after_the_markup(bot: telegram.Bot, anna: Person) -> None:
    anna.start()
    await bot.send_message(anna.id, "<b>" + "x" * 4096 + "</b>", parse_mode="HTML")
    await bot.send_message(anna.id, "😀" * 2048)
    with pytest.raises(BadRequest, match="Message is too long"):
        await bot.send_message(anna.id, "😀" * 2048 + "x")
    with pytest.raises(BadRequest, match="Message text is empty"):
        await bot.send_message(anna.id, "<b> </b>", parse_mode="HTML")
    with pytest.raises(BadRequest, match="Message caption is too long"):
        await bot.send_photo(anna.id, image(), caption="x" * 1025)


async def test_who_never_wrote_cannot_be_written_to(bot: telegram.Bot, anna: Person) -> None:
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await bot.send_message(anna.id, "hello")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(999, "hello")


async def test_blocking_and_leaving_forbid_the_next_message(bot: telegram.Bot, anna: Person) -> None:
    anna.start()
    anna.block()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(anna.id, "hello")
    anna.unblock()
    await bot.send_message(anna.id, "hello again")
    anna.deactivate()
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(anna.id, "hello")


async def test_a_reply_shows_what_it_answers(bot: telegram.Bot, anna: Person) -> None:
    asked = anna.text("Does it charge?")
    answer = await bot.send_message(anna.id, "Yes", reply_to_message_id=asked.id)
    assert answer.reply_to_message is not None
    assert answer.reply_to_message.text == "Does it charge?"
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(anna.id, "Yes", reply_to_message_id=77)
    lenient = await bot.send_message(anna.id, "Yes", reply_to_message_id=77, allow_sending_without_reply=True)
    assert lenient.reply_to_message is None


async def test_callback_data_has_at_most_64_bytes(bot: telegram.Bot, anna: Person) -> None:
    anna.start()
    await bot.send_message(anna.id, "x", reply_markup=buttons("é" * 32))
    with pytest.raises(BadRequest, match="Button_data_invalid"):
        await bot.send_message(anna.id, "x", reply_markup=buttons("é" * 33))


async def test_an_edit_replaces_text_and_keyboard_and_keeps_the_revision(
    bot: telegram.Bot, anna: Person, world: World, me: Bot
) -> None:
    anna.start()
    sent = await bot.send_message(anna.id, "<b>one</b>", parse_mode="HTML", reply_markup=buttons("go"))
    edited = await bot.edit_message_text("two", anna.id, sent.message_id)
    assert isinstance(edited, telegram.Message)
    assert (edited.text, edited.entities, edited.reply_markup) == ("two", (), None)
    assert edited.edit_date is not None
    kept = world.private(me, anna.user).messages[sent.message_id]
    assert [old["text"] for old in kept.revisions] == ["one"]


async def test_an_edit_without_change_is_refused(bot: telegram.Bot, anna: Person) -> None:
    anna.start()
    sent = await bot.send_message(anna.id, "same", reply_markup=buttons("go"))
    with pytest.raises(BadRequest) as refused:
        await bot.edit_message_text("same", anna.id, sent.message_id, reply_markup=buttons("go"))
    assert refused.value.message == (
        "Message is not modified: specified new message content and reply markup are exactly the same"
        " as a current content and reply markup of the message"
    )
    await bot.edit_message_text("same", anna.id, sent.message_id, reply_markup=buttons("stop"))


async def test_edits_of_what_cannot_be_edited_are_refused(bot: telegram.Bot, anna: Person) -> None:
    own = anna.text("mine")
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("yours", anna.id, own.id)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("nothing", anna.id, 99)
    photo = await bot.send_photo(anna.id, image(), caption="a")
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await bot.edit_message_text("b", anna.id, photo.message_id)
    edited = await bot.edit_message_caption(anna.id, photo.message_id, caption="b")
    assert isinstance(edited, telegram.Message)
    assert (edited.caption, len(edited.photo)) == ("b", 4)


async def test_deleted_messages_are_gone(
    bot: telegram.Bot, anna: Person, clock: HandClock, world: World
) -> None:
    anna.start()
    chat = anna.chat()
    first, second, third = [(await bot.send_message(anna.id, t)).message_id for t in "abc"]
    await bot.delete_message(anna.id, first)
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(anna.id, first)
    await bot.delete_messages(anna.id, [first, second])
    assert [m.text for m in chat.messages.values()] == ["/start", "c"]
    clock.forward(48 * 3600)
    with pytest.raises(BadRequest, match="Message can't be deleted for everyone"):
        await bot.delete_message(anna.id, third)


async def test_a_pressed_button_is_answered(bot: telegram.Bot, anna: Person, clock: HandClock) -> None:
    anna.start()
    sent = await bot.send_message(anna.id, "Restart?", reply_markup=buttons("yes", "no"))
    press = anna.press("Yes")
    query = (await bot.get_updates())[-1].callback_query
    assert query is not None
    assert (query.data, query.from_user.id) == ("yes", anna.id)
    assert isinstance(query.message, telegram.Message)
    assert query.message.message_id == sent.message_id
    assert not press.answered
    await query.answer("On it", show_alert=True)
    assert (press.answered, press.text, press.show_alert) == (True, "On it", True)
    clock.forward(61)
    with pytest.raises(BadRequest) as refused:
        await query.answer("Too late")
    assert (
        "uery is too old and response timeout expired or query id is invalid" in refused.value.message.lower()
    )


async def test_a_reply_keyboard_is_shown_pressed_and_removed(bot: telegram.Bot, anna: Person) -> None:
    anna.start()
    chat = anna.chat()
    keyboard = ReplyKeyboardMarkup([["Help"], [KeyboardButton("My number", request_contact=True)]])
    sent = await bot.send_message(anna.id, "How?", reply_markup=keyboard)
    anna.tap("Help")
    contact = anna.tap("My number")
    updates = await bot.get_updates()
    assert updates[-2].message is not None
    assert updates[-2].message.text == "Help"
    assert updates[-1].message is not None
    assert updates[-1].message.contact is not None
    assert updates[-1].message.contact.phone_number == "+49301234567"
    assert contact.body["contact"]["user_id"] == anna.id
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("x", anna.id, sent.message_id)
    await bot.send_message(anna.id, "Done", reply_markup=telegram.ReplyKeyboardRemove())
    assert chat.keyboard is None


async def test_reactions_go_both_ways(bot: telegram.Bot, anna: Person, me: Bot) -> None:
    own = anna.text("thanks")
    await bot.set_message_reaction(anna.id, own.id, "👍")
    assert own.reactions == {me.id: [{"type": "emoji", "emoji": "👍"}]}
    with pytest.raises(BadRequest, match="Reaction_invalid"):
        await bot.set_message_reaction(anna.id, own.id, "🚗")
    sent = await bot.send_message(anna.id, "you are welcome")
    anna.react(sent.message_id, "❤")
    assert all(update.message_reaction is None for update in await bot.get_updates())
    allowed = ["message", "message_reaction"]
    await bot.get_updates(allowed_updates=allowed)
    anna.react(sent.message_id, "")
    reaction = (await bot.get_updates())[-1].message_reaction
    assert reaction is not None
    assert (len(reaction.old_reaction), len(reaction.new_reaction)) == (1, 0)


async def test_a_copy_leaves_no_trace_and_a_forward_does(
    bot: telegram.Bot, anna: Person, hotline: Chat
) -> None:
    own = anna.photo(image(), "the *display*")
    copied = await bot.copy_message(hotline.id, anna.id, own.id, reply_markup=buttons("take"))
    shown = hotline.messages[copied.message_id]
    assert shown.text == "the *display*"
    assert shown.body["photo"] == own.body["photo"]
    assert shown.button("take") is not None
    assert "forward_origin" not in shown.body
    forwarded = await bot.forward_message(hotline.id, anna.id, own.id)
    assert isinstance(forwarded.forward_origin, telegram.MessageOriginUser)
    assert forwarded.forward_origin.sender_user.id == anna.id
    with pytest.raises(BadRequest, match="Message to copy not found"):
        await bot.copy_message(hotline.id, anna.id, 99)


async def test_copying_several_keeps_albums_and_skips_what_is_gone(
    bot: telegram.Bot, anna: Person, hotline: Chat
) -> None:
    first, second = anna.album([image(), image()], ["left", "right"])
    third = anna.text("see above")
    anna.delete(second)
    fourth, fifth = anna.album([image(), image()])
    numbers = [first.id, second.id, third.id, fourth.id, fifth.id]
    copied = await bot.copy_messages(hotline.id, anna.id, numbers)
    shown = [hotline.messages[c.message_id] for c in copied]
    assert [m.text for m in shown] == ["left", "see above", "", ""]
    assert shown[2].body["media_group_id"] == shown[3].body["media_group_id"]
    assert shown[2].body["media_group_id"] != fourth.body["media_group_id"]


async def test_commands_are_kept_by_scope_and_language(bot: telegram.Bot) -> None:
    await bot.set_my_commands([("start", "Begin")])
    await bot.set_my_commands([("start", "Los")], language_code="de")
    private = telegram.BotCommandScopeAllPrivateChats()
    await bot.set_my_commands([("help", "Help")], scope=private)
    assert [c.description for c in await bot.get_my_commands(language_code="de")] == ["Los"]
    assert [c.command for c in await bot.get_my_commands(scope=private)] == ["help"]
    await bot.delete_my_commands(scope=private)
    assert await bot.get_my_commands(scope=private) == ()
    assert [c.description for c in await bot.get_my_commands()] == ["Begin"]
    with pytest.raises(BadRequest, match="Bot_command_invalid"):
        await bot.set_my_commands([("Start-Up", "Begin")])


async def test_a_bot_describes_itself(bot: telegram.Bot) -> None:
    await bot.set_my_description("Help at the station")
    await bot.set_my_short_description("Help")
    await bot.set_my_name("Charge Help")
    assert (await bot.get_my_description()).description == "Help at the station"
    assert (await bot.get_my_short_description()).short_description == "Help"
    assert (await bot.get_my_name()).name == "Charge Help"
    assert await bot.set_chat_menu_button(menu_button=telegram.MenuButtonCommands())


async def test_a_private_chat_keeps_only_so_many_messages_when_asked(clock: HandClock) -> None:
    world = World(clock, keep_messages=3)
    world.bot("7:x")
    ben = world.person(1, "Ben")
    for number in range(5):
        ben.text(f"message {number}")
    assert [m.text for m in ben.chat().messages.values()] == ["message 2", "message 3", "message 4"]
