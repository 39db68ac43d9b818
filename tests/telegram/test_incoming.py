"""Reading updates, shaped as Telegram sends them."""

from collections.abc import Callable

import orjson
import pytest

from bot.cases.talk.relay import Message
from bot.domain.account import SHARED, Account
from bot.domain.people import telegram
from bot.sandbox.telegram.model import Chat
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.state import Bot
from bot.telegram.incoming import (
    ALLOWED_UPDATES,
    Contact,
    Document,
    Incoming,
    Membership,
    Moved,
    Raw,
    Reacted,
    Tap,
    Words,
    account_of,
    identity,
    is_noise,
    lane,
    read,
)
from bot.telegram.sender import Sender
from bot.views.callbacks import Plain
from bot.views.screen import Button, Screen
from storage.repositories.people import Identity

LENA = {
    "id": 501,
    "is_bot": False,
    "first_name": "Lena",
    "last_name": "M.",
    "username": "lena",
    "language_code": "de",
}


def private(**more: object) -> dict[str, object]:
    return {"message_id": 7, "date": 1, "chat": {"id": 501, "type": "private"}, "from": LENA, **more}


def grouped(**more: object) -> dict[str, object]:
    return {"message_id": 8, "date": 1, "chat": {"id": -100, "type": "supergroup"}, "from": LENA, **more}


def test_words_in_a_private_chat() -> None:
    update = {"update_id": 1, "message": private(text="Hello")}
    assert read(update) == Incoming(1, telegram(501), Words(Message(7, "text", "Hello")))
    assert lane(update) == "telegram:501"
    assert identity(update) == Identity(501, "Lena M.", "lena", "de")
    assert not is_noise(update)


def test_words_in_a_topic_and_beside_it() -> None:
    within = {"update_id": 1, "message": grouped(text="Hi", message_thread_id=77, is_topic_message=True)}
    assert read(within) == Incoming(1, telegram(-100, 77), Words(Message(8, "text", "Hi")))
    assert lane(within) == "telegram:-100:77"
    # A reply in a group without topics has a thread, too.
    beside = {"update_id": 1, "message": grouped(text="Hi", message_thread_id=77)}
    assert lane(beside) == "telegram:-100"


def test_an_edited_message_says_so() -> None:
    update = {"update_id": 1, "edited_message": private(text="Better")}
    assert read(update) == Incoming(1, telegram(501), Words(Message(7, "text", "Better"), edited=True))
    assert (lane(update), identity(update)) == ("telegram:501", Identity(501, "Lena M.", "lena", "de"))


def test_of_a_photo_the_largest_size_is_taken_and_its_caption_are_the_words() -> None:
    sizes = [{"file_id": "small"}, {"file_id": "large"}]
    update = {"update_id": 1, "message": private(photo=sizes, caption="The sticker")}
    assert read(update) == Incoming(
        1, telegram(501), Words(Message(7, "photo", "The sticker", file="large"), image="large")
    )


@pytest.mark.parametrize(("mime", "image"), [("image/png", "f"), ("application/pdf", None), (None, None)])
def test_a_document_is_a_picture_only_where_it_says_so(mime: str | None, image: str | None) -> None:
    document = {"file_id": "f"} | ({"mime_type": mime} if mime else {})
    update = {"update_id": 1, "message": private(document=document)}
    sent = Document("f", "", None)
    words = Words(Message(7, "document", None, file="f"), image=image, document=sent)
    assert read(update) == Incoming(1, telegram(501), words)


def test_a_document_is_told_with_its_name_and_size() -> None:
    file = {"file_id": "f", "file_name": "stations.csv", "file_size": 2048, "mime_type": "text/csv"}
    found = read({"update_id": 1, "message": private(document=file, caption="All of them")})
    assert found is not None
    sent = Document("f", "stations.csv", 2048)
    assert found.what == Words(Message(7, "document", "All of them", file="f"), document=sent)


@pytest.mark.parametrize(
    ("shared", "contact"),
    [
        ({"phone_number": "436601234567", "user_id": 501}, Contact("+436601234567", True)),
        ({"phone_number": "+43 660 1234567", "user_id": 501}, Contact("+43 660 1234567", True)),
        ({"phone_number": "0660 1234567", "user_id": 502}, Contact("0660 1234567", False)),
        ({"phone_number": "06601234567"}, Contact("06601234567", False)),
        ({}, None),
    ],
)
def test_a_shared_phone_number_says_whether_it_is_the_persons_own(
    shared: dict[str, object], contact: Contact | None
) -> None:
    found = read({"update_id": 1, "message": private(contact=shared)})
    assert found is not None
    assert found.what == Words(Message(7, "contact", None), contact=contact)


def test_what_an_operators_own_bot_got_is_told_apart_from_the_same_at_another() -> None:
    graz, linz = Account("stadtwerke-graz"), Account("linz-ag")
    update = {"update_id": 7, "message": private(text="Hello")}
    query = {"id": "q", "from": LENA, "data": "x", "message": private()}
    tap = {"update_id": 7, "callback_query": query}
    member = {"chat": {"id": 501}, "from": LENA, "new_chat_member": {"status": "kicked"}}
    block = {"update_id": 7, "my_chat_member": member}
    for each in (update, tap, block):
        found = [read(each, account) for account in (SHARED, graz, linz)]
        conversations = [str(one.conversation) for one in found if one is not None]
        assert conversations == ["telegram:501", "telegram.stadtwerke-graz:501", "telegram.linz-ag:501"]
        assert [lane(each, account) for account in (SHARED, graz, linz)] == conversations
        assert len({one.update_id for one in found if one is not None}) == 3
        assert [account_of(one) for one in conversations] == [SHARED, graz, linz]
    assert account_of(lane({"update_id": 1, "poll": {}}, linz)) == SHARED


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"voice": {}}, "voice"),
        ({"sticker": {}}, "sticker"),
        ({"location": {}}, "location"),
        ({"contact": {}}, "contact"),
        ({"dice": {}}, "other"),
    ],
)
def test_the_kind_of_a_message_is_told(more: dict[str, object], kind: str) -> None:
    assert read({"update_id": 1, "message": private(**more)}) == Incoming(
        1, telegram(501), Words(Message(7, kind, None))
    )


def test_a_tap_in_a_private_chat_and_in_a_topic() -> None:
    query = {"id": "q", "from": LENA, "data": "p|where", "message": private()}
    update = {"update_id": 1, "callback_query": query}
    assert read(update) == Incoming(1, telegram(501), Tap("q", "p|where", 7))
    assert (lane(update), identity(update)) == ("telegram:501", Identity(501, "Lena M.", "lena", "de"))
    topic = grouped(message_thread_id=77, is_topic_message=True)
    assert lane({"update_id": 1, "callback_query": query | {"message": topic}}) == "telegram:-100:77"


def test_a_tap_on_a_message_that_telegram_no_longer_gives_out_names_no_message() -> None:
    old = {"message_id": 7, "date": 0, "chat": {"id": 501, "type": "private"}}
    update = {"update_id": 1, "callback_query": {"id": "q", "from": LENA, "data": "x", "message": old}}
    assert read(update) == Incoming(1, telegram(501), Tap("q", "x", None))


def test_a_tap_without_a_message_is_not_ours() -> None:
    update = {"update_id": 1, "callback_query": {"id": "q", "from": LENA, "inline_message_id": "i"}}
    assert read(update) is None
    assert lane(update) == "none"


@pytest.mark.parametrize(
    ("status", "gone"),
    [("kicked", True), ("left", True), ("member", False), ("administrator", False), ("restricted", False)],
)
def test_a_block_and_its_end_are_told(status: str, gone: bool) -> None:
    member = {"chat": {"id": 501}, "from": LENA, "new_chat_member": {"status": status}}
    update = {"update_id": 1, "my_chat_member": member}
    assert read(update) == Incoming(1, telegram(501), Membership(gone))
    assert (lane(update), identity(update)) == ("telegram:501", Identity(501, "Lena M.", "lena", "de"))


def test_a_group_that_becomes_a_supergroup_is_no_noise() -> None:
    update = {"update_id": 1, "message": grouped(migrate_to_chat_id=-1009)}
    assert read(update) == Incoming(1, telegram(-100), Moved(-1009))
    assert not is_noise(update)


@pytest.mark.parametrize(
    "what", ["forum_topic_created", "pinned_message", "new_chat_members", "left_chat_member"]
)
def test_service_messages_are_noise(what: str) -> None:
    assert is_noise({"update_id": 1, "message": grouped(**{what: {}})})


@pytest.mark.parametrize("kind", ["channel_post", "poll", "inline_query", "message_reaction_count"])
def test_other_kinds_of_updates_are_left_out(kind: str) -> None:
    update = {"update_id": 1, kind: {"id": "x"}}
    assert (read(update), lane(update), identity(update), is_noise(update)) == (None, "none", None, False)


def test_what_a_bot_did_no_person_did() -> None:
    assert identity({"update_id": 1, "message": private() | {"from": LENA | {"is_bot": True}}}) is None
    assert identity({"update_id": 1, "message": {"message_id": 1, "chat": {"id": -5}}}) is None


def test_a_person_without_a_name_is_somebody_all_the_same() -> None:
    assert identity(
        {"update_id": 1, "message": private() | {"from": {"id": 5, "first_name": ""}}}
    ) == Identity(5, "?")


def newest(account: Bot) -> Raw:
    """The latest update that waits for the bot."""
    update: Raw = orjson.loads(next(reversed(account.queue.pending.values())).data)
    return update


def _speak(lena: Person, hotline: Chat, anna: Person) -> None:
    lena.text("Hello")


def _in_topic(lena: Person, hotline: Chat, anna: Person) -> None:
    anna.text("Hi", hotline, thread=anna.create_topic("Case", hotline).id)


def test_what_a_message_answers_which_album_it_is_of_and_its_file_are_read() -> None:
    sizes = [{"file_id": "small", "file_unique_id": "s"}, {"file_id": "large", "file_unique_id": "l"}]
    bold = {"type": "bold", "offset": 0, "length": 3}
    shown = {"photo": sizes, "caption": "the plug", "caption_entities": [bold], "media_group_id": "13"}
    update = {"update_id": 1, "message": private(reply_to_message={"message_id": 5}, **shown)}
    found = read(update)
    assert found is not None
    assert isinstance(found.what, Words)
    assert found.what.message == Message(7, "photo", "the plug", 5, "13", (bold,), "large", "l")


def test_the_note_that_opened_a_topic_is_no_answer() -> None:
    opened = {"message_id": 2, "forum_topic_created": {"name": "Case"}}
    topic = {"message_thread_id": 2, "is_topic_message": True}
    update = {"update_id": 1, "message": grouped(text="Hello", reply_to_message=opened, **topic)}
    found = read(update)
    assert found is not None
    assert isinstance(found.what, Words)
    assert found.what.message.reply_to is None


@pytest.mark.parametrize(
    ("new", "emoji"),
    [
        ([{"type": "emoji", "emoji": "🔥"}], "🔥"),
        ([], None),
        ([{"type": "custom_emoji", "custom_emoji_id": "9"}], None),
    ],
)
def test_a_reaction_is_read_as_far_as_a_bot_can_show_it(new: list[dict[str, str]], emoji: str | None) -> None:
    reaction = {"chat": {"id": 501}, "message_id": 7, "user": LENA, "old_reaction": [], "new_reaction": new}
    update = {"update_id": 1, "message_reaction": reaction}
    assert read(update) == Incoming(1, telegram(501), Reacted(7, emoji))
    assert lane(update) == "telegram:501"
    assert identity(update) == Identity(501, "Lena M.", "lena", "de")


def test_a_reaction_in_the_name_of_a_group_is_nobodys() -> None:
    reaction = {"chat": {"id": -100}, "message_id": 7, "actor_chat": {"id": -100}, "new_reaction": []}
    assert identity({"update_id": 1, "message_reaction": reaction}) is None


def _edit(lena: Person, hotline: Chat, anna: Person) -> None:
    lena.edit(lena.text("Hello"), "Better")


def _block(lena: Person, hotline: Chat, anna: Person) -> None:
    lena.block()


def _react(lena: Person, hotline: Chat, anna: Person) -> None:
    lena.react(lena.text("Hello"), "🔥")


EMULATED: dict[str, tuple[Callable[[Person, Chat, Person], None], type]] = {
    "words": (_speak, Words),
    "topic": (_in_topic, Words),
    "edited": (_edit, Words),
    "blocked": (_block, Membership),
    "reaction": (_react, Reacted),
}


@pytest.mark.parametrize("name", EMULATED)
def test_the_updates_of_the_emulated_telegram_are_read(
    name: str, lena: Person, anna: Person, hotline: Chat, account: Bot
) -> None:
    act, expected = EMULATED[name]
    account.queue.pending.clear()
    account.queue.allowed = frozenset(ALLOWED_UPDATES)
    act(lena, hotline, anna)
    update = newest(account)
    found = read(update)
    assert found is not None
    assert isinstance(found.what, expected)
    assert lane(update) == str(found.conversation)


async def test_an_emulated_document_is_read_and_fetched(sender: Sender, lena: Person, account: Bot) -> None:
    lena.document(b"id;name\r\n", "stations.csv", "All of them")
    found = read(newest(account))
    assert found is not None
    assert isinstance(found.what, Words)
    sent = found.what.document
    assert sent is not None
    assert (sent.name, sent.size, found.what.message.words) == ("stations.csv", 9, "All of them")
    assert await sender.download(sent.file_id) == b"id;name\r\n"


def test_an_emulated_contact_is_read(lena: Person, account: Bot) -> None:
    lena.contact()
    found = read(newest(account))
    assert found is not None
    assert isinstance(found.what, Words)
    assert found.what.contact == Contact("+1000000501", True)


async def test_an_emulated_tap_is_read(sender: Sender, lena: Person, account: Bot) -> None:
    number = await sender.send(telegram(501), Screen("Hello", ((Button("OK", Plain.WHERE),),)))
    account.queue.pending.clear()
    press = lena.press("OK")
    found = read(newest(account))
    assert found is not None
    assert found.what == Tap(press.id, "p|where", number)


def test_an_anonymous_admin_of_the_group_is_somebody() -> None:
    group = {"id": -100, "type": "supergroup", "title": "Hotline"}
    sender = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    message = {
        "message_id": 1,
        "date": 1,
        "chat": group,
        "sender_chat": group,
        "from": sender,
        "text": "hello",
    }
    found = identity({"update_id": 1, "message": message})
    assert found is not None
    assert (found.telegram_id, found.name) == (1087968824, "Hotline")
    other = message | {"sender_chat": {"id": -200, "type": "channel", "title": "News"}}
    assert identity({"update_id": 2, "message": other}) is None
