"""The control API, as a page or a test in another process uses it."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import pytest
import telegram
from telegram.error import RetryAfter

from bot.sandbox.telegram.model import Chat
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.serving import Served
from bot.sandbox.telegram.state import Bot

from .conftest import image


class Page:
    """A client of the control API."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = f"{url}/sandbox/telegram"

    async def get(self, path: str) -> Any:  # Any: JSON of any shape
        async with self.session.get(f"{self.url}/{path}") as response:
            return orjson.loads(await response.read())

    async def act(self, who: int, verb: str, **more: object) -> dict[str, Any]:  # Any: JSON
        async with self.session.post(f"{self.url}/act", json={"as": who, "do": verb, **more}) as response:
            body: dict[str, Any] = await response.json()  # Any: JSON
            assert ("error" in body) == (response.status == 400)
            return body


@pytest.fixture
async def page(served: Served) -> AsyncIterator[Page]:
    async with aiohttp.ClientSession() as session:
        yield Page(session, served.url)


async def test_the_world_shows_chats_topics_people_and_messages(
    page: Page, bot: telegram.Bot, anna: Person, hotline: Chat, olga: Person
) -> None:
    anna.start()
    topic = olga.create_topic("Case 1", hotline)
    markup = telegram.InlineKeyboardMarkup.from_button(telegram.InlineKeyboardButton("Go", callback_data="g"))
    sent = await bot.send_message(anna.id, "hello", reply_markup=markup)
    await bot.edit_message_text("hello again", anna.id, sent.message_id)
    anna.react(sent.message_id, "👍")
    world = await page.get("world")
    chats = {chat["id"]: chat for chat in world["chats"]}
    shown = chats[anna.id]["messages"][-1]
    assert shown["text"] == "hello again"
    assert [old["text"] for old in shown["revisions"]] == ["hello"]
    assert shown["reactions"] == [{"user": anna.id, "emoji": ["👍"]}]
    assert chats[hotline.id]["topics"][0]["message_thread_id"] == topic.id
    assert {person["id"] for person in world["people"]} == {anna.id, olga.id}


async def test_people_arrive_and_act_over_http(page: Page, bot: telegram.Bot) -> None:
    async with page.session.post(
        f"{page.url}/act", json={"do": "arrive", "id": 77, "first_name": "Ben", "language_code": "fr"}
    ) as response:
        assert response.status == 200
    assert (await page.act(77, "start", payload="abc"))["text"] == "/start abc"
    markup = telegram.InlineKeyboardMarkup.from_button(telegram.InlineKeyboardButton("Go", callback_data="g"))
    await bot.send_message(77, "hello", reply_markup=markup)
    press = await page.act(77, "press", button="Go")
    assert press["answered"] is False
    query = (await bot.get_updates())[-1].callback_query
    assert query is not None
    assert query.id == press["query"]
    assert "there is no button" in (await page.act(77, "press", button="Stop"))["error"]
    assert "nobody can do" in (await page.act(77, "fly"))["error"]
    assert "there is no person" in (await page.act(78, "text", text="x"))["error"]


async def test_an_owner_builds_a_group_over_http(
    page: Page, bot: telegram.Bot, olga: Person, me: Bot
) -> None:
    group = await page.act(olga.id, "create_group", title="Hotline", topics=True)
    await page.act(olga.id, "add", chat=group["id"], whom=me.id)
    await page.act(olga.id, "promote", chat=group["id"], whom=me.id, rights=["can_manage_topics"])
    topic = await bot.create_forum_topic(group["id"], "Case")
    thread = topic.message_thread_id
    said = await page.act(olga.id, "text", chat=group["id"], thread=thread, text="hello")
    assert said["message_thread_id"] == thread
    await page.act(olga.id, "delete_topic", chat=group["id"], thread=thread, refusal="TOPIC_DELETED")
    with pytest.raises(telegram.error.BadRequest, match="Topic_deleted"):
        await bot.send_message(group["id"], "x", message_thread_id=thread)


async def test_a_photo_sent_over_http_is_served_to_the_page(page: Page, anna: Person) -> None:
    picture = image()
    sent = await page.act(anna.id, "photo", content=base64.b64encode(picture).decode(), caption="look")
    async with page.session.get(f"{page.url}/file/{sent['photo'][-1]['file_id']}") as response:
        assert (response.content_type, await response.read()) == ("image/jpeg", picture)


async def read_events(response: aiohttp.ClientResponse, count: int) -> list[dict[str, Any]]:  # Any: JSON
    events: list[dict[str, Any]] = []  # Any: JSON
    async for line in response.content:
        if line.startswith(b"data: "):
            events.append(orjson.loads(line[6:]))
            if len(events) == count:
                break
    return events


async def test_events_stream_and_resume_where_they_were_left(page: Page, anna: Person) -> None:
    timeout = aiohttp.ClientTimeout(total=3)
    async with page.session.get(f"{page.url}/events", timeout=timeout) as response:
        await response.content.readline()
        anna.text("one")
        first = await read_events(response, 1)
    anna.text("two")
    anna.text("three")
    assert (first[0]["kind"], first[0]["chat"], first[0]["data"]["text"]) == ("message", anna.id, "one")
    headers = {"Last-Event-ID": str(first[0]["number"])}
    async with page.session.get(f"{page.url}/events", headers=headers, timeout=timeout) as response:
        missed = await read_events(response, 2)
    assert [event["data"]["text"] for event in missed] == ["two", "three"]
    assert [event["number"] for event in missed] == [first[0]["number"] + 1, first[0]["number"] + 2]


async def test_faults_and_calls_over_http(page: Page, bot: telegram.Bot, anna: Person) -> None:
    anna.start()
    fault = {"kind": "too_many_requests", "method": "sendMessage", "seconds": 3, "times": 1}
    async with page.session.post(f"{page.url}/faults", json=fault) as response:
        assert (await response.json())["number"] == 1
    with pytest.raises(RetryAfter):
        await bot.send_message(anna.id, "one")
    await bot.send_message(anna.id, "two")
    calls = await page.get(f"calls?method=sendMessage&chat={anna.id}")
    assert [(call["text"], call["ok"], call["code"]) for call in calls] == [
        ("one", False, 429),
        ("two", True, 200),
    ]
    assert await page.get(f"calls?method=sendMessage&after={calls[1]['number']}") == []
    async with page.session.delete(f"{page.url}/faults") as response:
        assert response.status == 200
    assert await page.get("faults") == []
    async with page.session.post(f"{page.url}/faults", json={"kind": "explode"}) as response:
        assert response.status == 400
