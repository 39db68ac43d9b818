"""How updates reach a bot: long polling and webhooks."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import aiohttp
import orjson
import pytest
import telegram
from aiohttp import web
from telegram.error import Conflict

from bot.sandbox.telegram.faults import Fault, Faults
from bot.sandbox.telegram.model import Chat
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.serving import serve
from bot.sandbox.telegram.state import Bot
from bot.sandbox.telegram.world import World

from .conftest import TOKEN, image


def texts(updates: tuple[telegram.Update, ...]) -> list[str | None]:
    messages = [update.effective_message for update in updates]
    return [None if message is None else message.text for message in messages]


async def test_updates_come_again_until_they_are_acknowledged(bot: telegram.Bot, anna: Person) -> None:
    anna.text("one")
    anna.text("two")
    first = await bot.get_updates()
    assert texts(first) == ["one", "two"]
    assert texts(await bot.get_updates()) == ["one", "two"]
    assert texts(await bot.get_updates(first[1].update_id)) == ["two"]
    assert texts(await bot.get_updates(first[1].update_id + 1)) == []
    assert texts(await bot.get_updates(first[0].update_id)) == []


async def test_limit_and_negative_offset_choose_updates(bot: telegram.Bot, anna: Person) -> None:
    for text in ("one", "two", "three"):
        anna.text(text)
    assert texts(await bot.get_updates(limit=2)) == ["one", "two"]
    assert texts(await bot.get_updates(-1)) == ["three"]
    assert texts(await bot.get_updates()) == ["three"]


async def test_a_waiting_poll_wakes_at_the_first_update(bot: telegram.Bot, anna: Person) -> None:
    waiting = asyncio.create_task(bot.get_updates(timeout=20, read_timeout=20))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    anna.text("now")
    assert texts(await asyncio.wait_for(waiting, 1)) == ["now"]


async def test_a_second_poll_ends_the_first_with_a_conflict(bot: telegram.Bot, anna: Person) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=20, read_timeout=20))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(bot.get_updates(timeout=20, read_timeout=20))
    with pytest.raises(Conflict, match="terminated by other getUpdates request"):
        await asyncio.wait_for(first, 1)
    anna.text("now")
    assert texts(await asyncio.wait_for(second, 1)) == ["now"]


async def test_whoever_waits_for_updates_is_answered_by_a_server_that_stops(world: World, me: Bot) -> None:
    async with aiohttp.ClientSession() as session:
        async with serve(world) as served:
            waiting = asyncio.ensure_future(
                session.post(f"{served.api}{TOKEN}/getUpdates", json={"timeout": 20})
            )
            await asyncio.sleep(0.05)
            assert not waiting.done()
        answer = await asyncio.wait_for(waiting, 1)
        assert await answer.json() == {"ok": True, "result": []}


async def test_updates_are_shaped_as_telegram_shapes_them(bot: telegram.Bot, anna: Person) -> None:
    anna.start("s-DE_ABC_1")
    anna.album([image(), image()], ["first", ""])
    sticker = anna.sticker()
    anna.location(52.5, 13.4)
    anna.voice(b"sound")
    anna.video(b"moving", "see")
    anna.document(b"%PDF", "bill.pdf")
    anna.text("again", reply_to=sticker)
    messages = [update.message for update in await bot.get_updates()]
    start, left, right, glued, place, voice, video, document, reply = [m for m in messages if m is not None]
    assert start.from_user is not None
    assert start.from_user.language_code == "de"
    assert list(start.parse_entities(["bot_command"]).values()) == ["/start"]
    assert start.text == "/start s-DE_ABC_1"
    assert left.media_group_id == right.media_group_id is not None
    assert (left.caption, right.caption) == ("first", None)
    assert [size.width for size in left.photo] == [90, 320, 800, 1000]
    assert glued.sticker is not None
    assert glued.sticker.emoji == "👍"
    assert place.location is not None
    assert place.location.latitude == 52.5
    assert voice.voice is not None
    assert voice.voice.to_dict()["duration"] == 3
    assert video.video is not None
    assert video.caption == "see"
    assert document.document is not None
    assert document.document.file_name == "bill.pdf"
    assert reply.reply_to_message is not None
    assert reply.reply_to_message.sticker is not None


async def test_an_edit_arrives_as_an_edited_message(bot: telegram.Bot, anna: Person) -> None:
    own = anna.photo(image(), "before")
    anna.edit(own, "after /help")
    edited = (await bot.get_updates())[-1].edited_message
    assert edited is not None
    assert (edited.caption, edited.text) == ("after /help", None)
    assert list(edited.parse_caption_entities(["bot_command"]).values()) == ["/help"]
    assert own.revisions[0]["caption"] == "before"


async def test_a_queued_update_keeps_the_words_of_its_moment(bot: telegram.Bot, anna: Person) -> None:
    own = anna.text("before")
    anna.edit(own, "after")
    assert texts(await bot.get_updates()) == ["before", "after"]


async def test_blocking_arrives_as_a_change_of_membership(bot: telegram.Bot, anna: Person) -> None:
    anna.start()
    anna.block()
    anna.start()
    updates = await bot.get_updates()
    changes = [u.my_chat_member for u in updates if u.my_chat_member is not None]
    assert [(c.old_chat_member.status, c.new_chat_member.status) for c in changes] == [
        ("member", "kicked"),
        ("kicked", "member"),
    ]
    assert updates[-1].message is not None


async def test_a_duplicated_update_comes_once_more_after_it_was_acknowledged(
    bot: telegram.Bot, anna: Person, faults: Faults
) -> None:
    faults.add(Fault("duplicate", "message", times=1))
    anna.text("once?")
    anna.text("other")
    first = await bot.get_updates()
    again = await bot.get_updates(first[-1].update_id + 1)
    assert [u.update_id for u in again] == [first[0].update_id]
    assert await bot.get_updates(first[-1].update_id + 1) == ()


async def test_a_late_update_comes_late(bot: telegram.Bot, anna: Person, faults: Faults) -> None:
    faults.add(Fault("late", "message", times=1, seconds=0.1))
    anna.text("slow")
    anna.text("quick")
    assert texts(await bot.get_updates()) == ["quick"]
    await asyncio.sleep(0.15)
    assert texts(await bot.get_updates()) == ["quick", "slow"]


@dataclass
class Hook:
    """A webhook that records what comes and answers what it is told."""

    url: str = ""
    secrets: list[str | None] = field(default_factory=list)
    received: list[telegram.Update] = field(default_factory=list)
    answers: list[Callable[[], web.Response]] = field(default_factory=list)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    delay: float = 0.0

    async def handle(self, request: web.Request) -> web.Response:
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        update = telegram.Update.de_json(orjson.loads(await request.read()), None)
        await asyncio.sleep(self.delay)
        self.received.append(update)
        self.woken.set()
        return self.answers.pop(0)() if self.answers else web.Response()

    async def until(self, count: int) -> list[str | None]:
        async with asyncio.timeout(3):
            while len(self.received) < count:
                self.woken.clear()
                await self.woken.wait()
        return texts(tuple(self.received))


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    made = Hook()
    app = web.Application()
    app.router.add_post("/hook", made.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield made
    await runner.cleanup()


async def test_a_webhook_gets_pending_and_new_updates_with_the_secret(
    bot: telegram.Bot, anna: Person, hook: Hook
) -> None:
    anna.text("before")
    await bot.set_webhook(hook.url, secret_token="s3cret", max_connections=1)
    anna.text("after")
    assert await hook.until(2) == ["before", "after"]
    assert hook.secrets == ["s3cret", "s3cret"]
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()


async def test_a_refused_update_is_delivered_again_and_the_others_wait(
    bot: telegram.Bot, anna: Person, hook: Hook
) -> None:
    hook.answers = [lambda: web.Response(status=500), lambda: web.Response(status=302)]
    await bot.set_webhook(hook.url, max_connections=1)
    anna.text("one")
    anna.text("two")
    assert await hook.until(4) == ["one", "one", "one", "two"]
    info = await bot.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 302 Found"
    assert info.url == hook.url


async def test_chats_do_not_wait_for_each_other_but_each_keeps_its_order(
    bot: telegram.Bot, anna: Person, olga: Person, hook: Hook
) -> None:
    hook.answers = [lambda: web.Response(status=500)]
    await bot.set_webhook(hook.url, max_connections=10)
    anna.text("anna 1")
    anna.text("anna 2")
    olga.text("olga 1")
    received = await hook.until(4)
    assert [text for text in received if text and text.startswith("anna")] == ["anna 1", "anna 1", "anna 2"]
    assert received.index("olga 1") < received.index("anna 2")


async def test_a_call_in_the_webhooks_reply_is_carried_out(
    bot: telegram.Bot, anna: Person, hook: Hook, world: World
) -> None:
    call = {"method": "sendMessage", "chat_id": anna.id, "text": "from the reply"}
    hook.answers = [lambda: web.json_response(call)]
    await bot.set_webhook(hook.url)
    anna.text("hello")
    assert (await world.until_shown(anna.chat(), "from the reply")).id == 2


async def test_deleting_the_webhook_brings_unfinished_updates_back(
    bot: telegram.Bot, anna: Person, hook: Hook
) -> None:
    hook.answers = [lambda: web.Response(status=503) for _ in range(1000)]
    await bot.set_webhook(hook.url)
    anna.text("still here")
    await hook.until(1)
    await bot.delete_webhook()
    assert texts(await bot.get_updates()) == ["still here"]


async def test_setting_a_webhook_ends_a_waiting_poll(bot: telegram.Bot, hook: Hook) -> None:
    waiting = asyncio.create_task(bot.get_updates(timeout=20, read_timeout=20))
    await asyncio.sleep(0.05)
    await bot.set_webhook(hook.url)
    with pytest.raises(Conflict):
        await asyncio.wait_for(waiting, 1)


async def test_an_ordinary_member_sees_only_what_is_meant_for_it(
    bot: telegram.Bot, olga: Person, anna: Person, me: Bot
) -> None:
    group: Chat = olga.create_group("Neighbours")
    olga.add(anna, group)
    olga.add(me, group)
    anna.text("hello all", group)
    anna.text("/help", group)
    anna.text("hi @support_bot", group)
    olga.promote(me, group)
    anna.text("now you hear me", group)
    heard = [t for t in texts(await bot.get_updates()) if t]
    assert heard == ["/help", "hi @support_bot", "now you hear me"]
