"""Uploads, downloads and albums."""

import pytest
import telegram
from telegram import InputMediaPhoto
from telegram.error import BadRequest

from bot.sandbox.telegram import files
from bot.sandbox.telegram.model import Chat
from bot.sandbox.telegram.people import Person

from .conftest import image


async def test_a_photo_of_a_driver_can_be_downloaded(bot: telegram.Bot, anna: Person) -> None:
    picture = image(1200, 600)
    anna.photo(picture, "the display")
    message = (await bot.get_updates())[0].message
    assert message is not None
    largest = await (await message.photo[-1].get_file()).download_as_bytearray()
    assert bytes(largest) == picture
    smallest = await (await message.photo[0].get_file()).download_as_bytearray()
    assert 0 < len(smallest) == message.photo[0].file_size


async def test_a_large_photo_is_scaled_down(bot: telegram.Bot, anna: Person) -> None:
    sizes = anna.photo(image(4000, 3000)).body["photo"]
    assert [(s["width"], s["height"]) for s in sizes] == [(90, 68), (320, 240), (800, 600), (1280, 960)]


async def test_an_uploaded_file_comes_back_as_it_was(bot: telegram.Bot, anna: Person) -> None:
    anna.start()
    content = bytes(range(256)) * 9000
    sent = await bot.send_document(
        anna.id, content, filename="report.csv", caption="<i>all</i>", parse_mode="HTML"
    )
    assert sent.document is not None
    assert (sent.document.file_name, sent.document.file_size) == ("report.csv", len(content))
    assert (sent.caption, sent.caption_entities[0].type) == ("all", "italic")
    assert bytes(await (await sent.document.get_file()).download_as_bytearray()) == content


async def test_a_known_file_is_sent_again_by_its_id(bot: telegram.Bot, anna: Person, hotline: Chat) -> None:
    photo = anna.photo(image()).body["photo"][-1]["file_id"]
    sent = await bot.send_photo(hotline.id, photo)
    assert sent.photo[-1].file_id == photo
    with pytest.raises(BadRequest, match="Can't use file of type photo as document"):
        await bot.send_document(hotline.id, photo)
    with pytest.raises(BadRequest, match="Wrong file identifier/http url specified"):
        await bot.send_photo(hotline.id, "AgAC-never-seen")


@pytest.mark.parametrize("kind", ["voice", "video", "sticker"])
async def test_every_kind_of_file_is_sent(bot: telegram.Bot, anna: Person, kind: str) -> None:
    anna.start()
    send = getattr(bot, f"send_{kind}")
    sent = await send(anna.id, b"content")
    stored = getattr(sent, kind)
    assert bytes(await (await stored.get_file()).download_as_bytearray()) == b"content"


async def test_an_album_is_sent_as_one_group(bot: telegram.Bot, anna: Person) -> None:
    anna.start()
    old = anna.photo(image()).body["photo"][-1]["file_id"]
    sent = await bot.send_media_group(
        anna.id, [InputMediaPhoto(image(), caption="new"), InputMediaPhoto(old)]
    )
    assert len({m.media_group_id for m in sent}) == 1
    assert [m.caption for m in sent] == ["new", None]
    with pytest.raises(BadRequest, match="Too few messages to send as an album"):
        await bot.send_media_group(anna.id, [InputMediaPhoto(old)])


async def test_a_file_over_the_limit_cannot_be_fetched(
    bot: telegram.Bot, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sandbox.telegram.methods_media.MAX_DOWNLOAD", 10)
    document = anna.document(b"eleven bytes", "a.txt").body["document"]["file_id"]
    with pytest.raises(BadRequest, match="File is too big"):
        await bot.get_file(document)
    assert files.MAX_DOWNLOAD == 20 * 1024 * 1024
    with pytest.raises(BadRequest, match="Invalid file_id"):
        await bot.get_file("nothing")


async def test_a_photo_over_ten_megabytes_is_refused(
    bot: telegram.Bot, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna.start()
    monkeypatch.setattr("bot.sandbox.telegram.methods_media.MAX_PHOTO", 10)
    with pytest.raises(BadRequest, match="too big for a photo"):
        await bot.send_photo(anna.id, image())


async def test_places_and_contacts_are_sent(bot: telegram.Bot, anna: Person) -> None:
    anna.start()
    place = await bot.send_location(anna.id, 52.5, 13.4)
    assert place.location is not None
    assert place.location.longitude == 13.4
    card = await bot.send_contact(anna.id, "+4930", "Tech")
    assert card.contact is not None
    assert card.contact.phone_number == "+4930"
    assert await bot.send_chat_action(anna.id, "typing")
