"""Files that the bot sends: with text and buttons under them, and tried again where that can help."""

from typing import Literal

import pytest

from bot.domain.outgoing import Priority
from bot.domain.people import telegram as address
from bot.sandbox.telegram.faults import Fault, Faults
from bot.sandbox.telegram.model import Chat, Message
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.world import World
from bot.telegram import request as requests
from bot.telegram import sender as sending
from bot.telegram.errors import Refused, TopicGone, Undelivered, Unreachable
from bot.telegram.markup import fits_caption
from bot.telegram.request import AiohttpRequest
from bot.telegram.sender import Sender
from bot.views.callbacks import Plain
from bot.views.screen import Attachment, Button, Screen
from tests.sandbox.conftest import image
from tests.telegram.conftest import NotedBudgets

LENA = address(501)
TABLE = Attachment("stations of Gräz.csv", "id;name\r\n1;Müller\r\n".encode(), "text/csv")
UNDER = Screen("<b>All</b> &lt;stations&gt;", ((Button("OK", Plain.WHERE),),))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "FIRST_PAUSE", 0.01)


def sent(person: Person) -> list[Message]:
    return [message for message in person.chat().messages.values() if message.sender != person.id]


def content(world: World, message: Message) -> bytes:
    return world.files.by_id[message.body["document"]["file_id"]].content


async def test_a_document_arrives_whole_with_its_name_its_caption_and_its_buttons(
    sender: Sender, lena: Person, world: World, budgets: NotedBudgets
) -> None:
    number = await sender.send_document(LENA, TABLE, UNDER, Priority.AGENT)
    (message,) = sent(lena)
    assert message.id == number
    assert message.body["caption"] == "All <stations>"
    assert message.button("p|where") is not None
    file = message.body["document"]
    assert (file["file_name"], file["mime_type"]) == (TABLE.name, "text/csv")
    assert content(world, message) == TABLE.content
    assert budgets.waits == [(501, Priority.AGENT)]


async def test_what_is_sent_as_a_document_can_be_fetched_as_it_was(sender: Sender, lena: Person) -> None:
    await sender.send_document(LENA, TABLE, Screen(""))
    (message,) = sent(lena)
    assert "caption" not in message.body
    assert await sender.download(message.body["document"]["file_id"]) == TABLE.content


async def test_a_photo_is_shown_in_the_chat(sender: Sender, lena: Person) -> None:
    await sender.send_photo(LENA, Attachment("sticker.png", image(), "image/png"), UNDER)
    (message,) = sent(lena)
    assert len(message.body["photo"]) > 1
    assert message.body["caption"] == "All <stations>"


async def test_a_document_goes_into_its_topic(sender: Sender, hotline: Chat) -> None:
    topic = await sender.open_topic(hotline.id, "Case 1")
    number = await sender.send_document(address(hotline.id, topic), TABLE, Screen("A log"))
    assert hotline.messages[number].thread == topic


async def test_a_429_is_waited_out_and_the_file_is_sent_once(
    sender: Sender, lena: Person, faults: Faults, budgets: NotedBudgets
) -> None:
    faults.add(Fault("too_many_requests", "senddocument", times=1, seconds=1))
    await sender.send_document(LENA, TABLE, UNDER)
    assert len(sent(lena)) == 1
    assert budgets.pauses == [(501, 1.0)]


@pytest.mark.parametrize("strikes", [("before", 1), ("after", 2)])
@pytest.mark.parametrize("kind", ["bad_gateway", "internal_error", "drop"])
async def test_a_failing_server_gets_the_whole_file_again(
    sender: Sender,
    lena: Person,
    faults: Faults,
    world: World,
    kind: Literal["bad_gateway", "internal_error", "drop"],
    strikes: tuple[Literal["before", "after"], int],
) -> None:
    when, shown = strikes
    faults.add(Fault(kind, "senddocument", times=1, when=when))
    await sender.send_document(LENA, TABLE, UNDER)
    assert [content(world, message) for message in sent(lena)] == [TABLE.content] * shown


async def test_a_server_that_goes_on_failing_leaves_the_file_to_be_tried_later(
    sender: Sender, lena: Person, faults: Faults
) -> None:
    rule = faults.add(Fault("bad_gateway", "senddocument"))
    with pytest.raises(Undelivered):
        await sender.send_document(LENA, TABLE, UNDER)
    assert rule.struck == sending.TRIES
    assert sent(lena) == []


async def test_who_blocked_the_bot_is_unreachable_for_files_as_well(
    sender: Sender, lena: Person, world: World
) -> None:
    lena.block()
    with pytest.raises(Unreachable):
        await sender.send_document(LENA, TABLE, UNDER)
    assert [call.method for call in world.journal.calls].count("senddocument") == 1


async def test_a_file_for_a_deleted_topic_says_so(sender: Sender, anna: Person, hotline: Chat) -> None:
    topic = await sender.open_topic(hotline.id, "Case 1")
    anna.delete_topic(topic, hotline)
    with pytest.raises(TopicGone):
        await sender.send_document(address(hotline.id, topic), TABLE, UNDER)


async def test_a_file_that_is_too_large_is_refused_before_it_is_sent(
    sender: Sender, lena: Person, world: World
) -> None:
    large = Attachment("log.bin", bytes(sending.LARGEST_DOCUMENT + 1), "application/octet-stream")
    with pytest.raises(Refused, match="more than"):
        await sender.send_document(LENA, large, UNDER)
    picture = Attachment("large.png", bytes(sending.LARGEST_PHOTO + 1), "image/png")
    with pytest.raises(Refused, match="more than"):
        await sender.send_photo(LENA, picture, UNDER)
    assert not [call for call in world.journal.calls if call.method in {"senddocument", "sendphoto"}]


async def test_a_server_that_takes_less_than_telegram_is_not_asked_again(
    sender: Sender, lena: Person, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sandbox.telegram.methods_media.MAX_UPLOAD", 1000)
    with pytest.raises(Refused, match="Too Large"):
        await sender.send_document(LENA, Attachment("log.bin", bytes(1001), "text/plain"), UNDER)
    assert [call.method for call in world.journal.calls].count("senddocument") == 1


async def test_an_empty_file_is_refused_at_once(sender: Sender, lena: Person) -> None:
    with pytest.raises(Refused, match="non-empty"):
        await sender.send_document(LENA, Attachment("empty.csv", b"", "text/csv"), UNDER)


async def test_a_caption_with_markup_that_telegram_cannot_read_goes_out_as_plain_text(
    sender: Sender, lena: Person, world: World
) -> None:
    await sender.send_document(LENA, TABLE, Screen("<b>5 &lt; 6", UNDER.keyboard))
    (message,) = sent(lena)
    assert message.body["caption"] == "5 < 6"
    assert message.button("OK") is not None
    assert content(world, message) == TABLE.content


@pytest.mark.parametrize(
    ("text", "fits"),
    [("x" * 1024, True), ("x" * 1025, False), ("<b>" + "🔌" * 512 + "</b>", True), ("🔌" * 513, False)],
)
async def test_what_fits_under_a_file_is_what_telegram_takes(
    sender: Sender, lena: Person, text: str, fits: bool
) -> None:
    assert fits_caption(Screen(text)) is fits
    if fits:
        await sender.send_document(LENA, TABLE, Screen(text))
    else:
        with pytest.raises(Refused, match="caption is too long"):
            await sender.send_document(LENA, TABLE, Screen(text))


async def test_an_upload_that_stands_still_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "CONNECT_SECONDS", 1.0)
    patience = AiohttpRequest(read_timeout=2).upload_timeout(1_000_000)
    assert patience.total == 1 + 2 + 10
