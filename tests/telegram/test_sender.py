"""Sending on a bad day: what is tried again, what is given up, and in which words it is told."""

import asyncio
import traceback
from collections.abc import AsyncIterator
from typing import Literal

import pytest
import structlog
import telegram
from aiohttp import web

from bot.domain.outgoing import Priority
from bot.domain.people import telegram as address
from bot.sandbox.telegram.faults import Fault, Faults
from bot.sandbox.telegram.model import Chat
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.state import Bot
from bot.sandbox.telegram.world import World
from bot.telegram import sender as sending
from bot.telegram.api import Api
from bot.telegram.errors import (
    ChatMoved,
    MessageGone,
    Refused,
    SendError,
    TopicGone,
    Undelivered,
    Unreachable,
)
from bot.telegram.request import AiohttpRequest
from bot.telegram.sender import Origin, Sender
from bot.views.callbacks import Plain
from bot.views.screen import Attachment, Button, Screen
from tests.telegram.conftest import TOKEN, NotedBudgets

HELLO = Screen("Hello")
LENA = address(501)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "FIRST_PAUSE", 0.01)


def told(person: Person) -> list[str]:
    """What the bot has written to somebody."""
    return [message.text for message in person.chat().messages.values() if message.sender != person.id]


async def test_a_screen_arrives_with_its_markup_and_its_buttons(sender: Sender, lena: Person) -> None:
    buttons = ((Button("Where am I?", Plain.WHERE), Button("Map", url="https://example.org/")),)
    number = await sender.send(LENA, Screen("<b>Hello</b> &lt;you&gt;", buttons))
    message = lena.chat().messages[number]
    assert message.text == "Hello <you>"
    assert message.button("p|where") is not None
    assert message.button("Map") is not None


async def test_a_429_is_waited_out_and_only_that_chat_is_paused(
    sender: Sender, lena: Person, anna: Person, faults: Faults, budgets: NotedBudgets
) -> None:
    faults.add(Fault("too_many_requests", "sendmessage", chat=501, times=1, seconds=1))
    clock = asyncio.get_running_loop().time
    begun = clock()

    async def timed(chat: int) -> float:
        await sender.send(address(chat), HELLO)
        return clock() - begun

    slow, fast = await asyncio.gather(timed(501), timed(3001))
    assert 1.0 <= slow < 1.8
    assert fast < 0.5
    assert budgets.pauses == [(501, 1.0)]
    assert told(lena) == ["Hello"]


@pytest.mark.parametrize(("when", "shown"), [("before", 1), ("after", 2)])
@pytest.mark.parametrize("kind", ["bad_gateway", "internal_error", "drop"])
async def test_a_failing_server_is_asked_again_and_the_message_arrives_at_least_once(
    sender: Sender,
    lena: Person,
    faults: Faults,
    kind: Literal["bad_gateway", "internal_error", "drop"],
    when: Literal["before", "after"],
    shown: int,
) -> None:
    faults.add(Fault(kind, "sendmessage", times=1, when=when))
    number = await sender.send(LENA, HELLO)
    assert told(lena) == ["Hello"] * shown
    assert number == lena.chat().last_id


async def test_a_server_that_goes_on_failing_leaves_the_message_to_be_tried_later(
    sender: Sender, lena: Person, faults: Faults
) -> None:
    rule = faults.add(Fault("bad_gateway", "sendmessage"))
    with pytest.raises(Undelivered):
        await sender.send(LENA, HELLO)
    assert rule.struck == sending.TRIES
    assert told(lena) == []


async def test_who_blocked_the_bot_is_unreachable_and_not_tried_again(
    sender: Sender, lena: Person, world: World
) -> None:
    lena.block()
    with pytest.raises(Unreachable):
        await sender.send(LENA, HELLO)
    assert [call.method for call in world.journal.calls].count("sendmessage") == 1


async def test_who_left_telegram_or_never_came_is_unreachable(sender: Sender, lena: Person) -> None:
    lena.deactivate()
    for chat in (501, 4711):
        with pytest.raises(Unreachable):
            await sender.send(address(chat), HELLO)


async def test_a_group_that_put_the_bot_out_is_unreachable(
    sender: Sender, anna: Person, hotline: Chat, account: Bot
) -> None:
    anna.remove(account, hotline)
    with pytest.raises(Unreachable):
        await sender.send(address(hotline.id), HELLO)


@pytest.mark.parametrize("words", ["message thread not found", "TOPIC_DELETED"])
async def test_a_deleted_topic_is_told_apart_whatever_telegram_calls_it(
    sender: Sender, anna: Person, hotline: Chat, words: str
) -> None:
    topic = await sender.open_topic(hotline.id, "Case 1")
    await sender.send(address(hotline.id, topic), HELLO)
    anna.delete_topic(topic, hotline, words)
    with pytest.raises(TopicGone):
        await sender.send(address(hotline.id, topic), HELLO)
    with pytest.raises(TopicGone):
        await sender.close_topic(address(hotline.id, topic))


async def test_an_edit_that_changes_nothing_is_fine(sender: Sender, lena: Person) -> None:
    number = await sender.send(LENA, HELLO)
    await sender.edit(LENA, number, HELLO)
    await sender.edit(LENA, number, Screen("Bye"))
    assert told(lena) == ["Bye"]


async def test_an_edit_of_a_deleted_message_says_that_it_is_gone(sender: Sender, lena: Person) -> None:
    number = await sender.send(LENA, HELLO)
    del lena.chat().messages[number]
    with pytest.raises(MessageGone):
        await sender.edit(LENA, number, Screen("Bye"))


async def test_a_copy_of_a_deleted_message_says_that_it_is_gone(
    sender: Sender, lena: Person, hotline: Chat
) -> None:
    said = lena.text("It is broken")
    await sender.copy(address(hotline.id), Origin(LENA, (said.id,)), Priority.AGENT)
    lena.delete(said)
    with pytest.raises(MessageGone):
        await sender.copy(address(hotline.id), Origin(LENA, (said.id,)), Priority.AGENT)


async def test_markup_that_telegram_cannot_read_goes_out_as_plain_text(sender: Sender, lena: Person) -> None:
    number = await sender.send(LENA, Screen("<b>5 &lt; 6", ((Button("OK", Plain.WHERE),),)))
    assert told(lena) == ["5 < 6"]
    assert lena.chat().messages[number].button("OK") is not None
    await sender.edit(LENA, number, Screen("</i>over"))
    assert told(lena) == ["</i>over".replace("</i>", "")]


async def test_a_group_that_became_a_supergroup_names_its_new_number(
    sender: Sender, anna: Person, account: Bot
) -> None:
    group = anna.create_group("Old", supergroup=False)
    anna.add(account, group)
    await sender.send(address(group.id), HELLO)
    new = anna.migrate(group)
    with pytest.raises(ChatMoved) as moved:
        await sender.send(address(group.id), HELLO)
    assert moved.value.new_chat == new.id


async def test_what_telegram_will_never_take_is_refused_at_once(
    sender: Sender, lena: Person, world: World
) -> None:
    with pytest.raises(Refused, match="empty"):
        await sender.send(LENA, Screen(""))
    with pytest.raises(Refused, match="too long"):
        await sender.send(LENA, Screen("x" * 4097))
    assert [call.method for call in world.journal.calls].count("sendmessage") == 2


async def test_a_tap_that_is_too_old_needs_no_answer(sender: Sender, lena: Person) -> None:
    with structlog.testing.capture_logs() as logs:
        await sender.toast("4711", "Too late")
    assert [entry["event"] for entry in logs] == ["tap_not_answered"]


async def test_a_tap_is_answered_with_its_words(sender: Sender, lena: Person) -> None:
    await sender.send(LENA, Screen("Hello", ((Button("OK", Plain.WHERE),),)))
    press = lena.press("OK")
    await sender.toast(press.id, "Noted", alert=True)
    assert (press.answered, press.text, press.show_alert) == (True, "Noted", True)


async def test_each_sending_asks_the_budget_of_its_chat(
    sender: Sender, lena: Person, hotline: Chat, budgets: NotedBudgets
) -> None:
    await sender.send(LENA, HELLO)
    await sender.send(address(hotline.id), HELLO, Priority.COSMETIC)
    assert budgets.waits == [(501, Priority.DRIVER), (hotline.id, Priority.COSMETIC)]


@pytest.fixture
async def endless() -> AsyncIterator[str]:
    """A server that sends every call on to itself, which is an error whose text holds the URL."""

    async def again(request: web.Request) -> web.StreamResponse:
        raise web.HTTPTemporaryRedirect(request.path)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", again)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.mark.parametrize("base", ["endless", "nobody"])
async def test_the_token_stands_in_no_log_and_in_no_error(endless: str, base: str) -> None:
    url = endless if base == "endless" else "http://127.0.0.1:1"
    request = AiohttpRequest(read_timeout=1)
    bot = telegram.Bot(TOKEN, base_url=f"{url}/bot", base_file_url=f"{url}/file/bot", request=request)
    await request.initialize()
    errors: list[Exception] = []
    sender = Sender(bot, Api(request, bot.base_url), NotedBudgets())
    try:
        with structlog.testing.capture_logs() as logs:
            for call in (sender.send(LENA, HELLO), sender.toast("1"), sender.download("file"), bot.get_me()):
                try:
                    await call
                except (SendError, telegram.error.TelegramError) as error:
                    errors.append(error)
    finally:
        await request.shutdown()
    assert len(errors) == 3
    shown = [str(logs), *("".join(traceback.format_exception(error)) for error in errors)]
    assert [text for text in shown if TOKEN in text or "very-secret" in text] == []


async def test_a_changed_token_gives_nothing_up(sender: Sender, world: World, lena: Person) -> None:
    del world.bots[TOKEN]
    with pytest.raises(Undelivered):
        await sender.send(LENA, HELLO)


async def test_an_edit_of_a_document_is_refused_as_if_it_was_gone(sender: Sender, lena: Person) -> None:
    number = await sender.send_document(LENA, Attachment("a.csv", b"a\n", "text/csv"), HELLO)
    with pytest.raises(MessageGone):
        await sender.edit(LENA, number, Screen("Bye"))
