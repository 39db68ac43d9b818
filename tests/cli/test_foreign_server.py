"""`python -m bot run` against a Bot API server that is not our emulator; and against ones that are not well."""

import pytest

from bot.domain import start_payload
from bot.operations.apply import apply
from bot.operations.operator_file import read_operator_file
from storage.database import Database
from tests.acceptance.conftest import EVSE_3, OPERATOR
from tests.cli.conftest import Run
from tests.cli.foreign import ForeignServer, serve
from tests.ports import free_port

LENA = {"id": 501, "is_bot": False, "first_name": "Lena", "language_code": "en"}
HOTLINE = -1001234567890
NOT_FOUND = (404, {"ok": False, "error_code": 404, "description": "Not Found: method not found"})
BAD_REQUEST = (400, {"ok": False, "error_code": 400, "description": "Bad Request: not here"})
NOT_OURS = (500, {"message": "API method is not supported"})


@pytest.fixture
async def operator(filled: Database) -> None:
    await apply(filled, read_operator_file(OPERATOR.read_text()))


async def test_a_report_goes_its_whole_way_over_a_server_by_another_hand(run: Run, operator: None) -> None:
    async with serve(ForeignServer()) as server:
        process = await run({"TELEGRAM_API_URL": server.url})
        await server.says(LENA, f"/start {start_payload.encode(EVSE_3)}")
        shown = await server.until_shown("sendMessage", "What is wrong?")
        assert EVSE_3 in shown["text"]
        assert shown["chat_id"] == LENA["id"]
        await server.taps(LENA, shown, "Will not start")
        verdict = await server.until_shown("editMessageText", "never been in contact")
        assert verdict["message_id"] == shown["message_id"], "the message grows; it is not repeated"
        assert await server.until(lambda: server.of("answerCallbackQuery"))
        await server.says(LENA, "/agent")
        await server.until_shown("sendMessage", "A person has been called")
        topic = (await server.until(lambda: server.of("createForumTopic")))[0]
        assert topic["chat_id"] == HOTLINE
        card = await server.until_shown("sendMessage", "waiting for an agent")
        assert (card["chat_id"], EVSE_3 in card["text"], "Lena" in card["text"]) == (HOTLINE, True, True)
        words = await server.says(LENA, "I am in row 3")
        copied = (await server.until(lambda: server.of("copyMessage")))[0]
        assert copied == {
            "chat_id": HOTLINE,
            "message_thread_id": card["message_thread_id"],
            "from_chat_id": LENA["id"],
            "message_id": words,
        }
        code, errors = await process.terminate()
    assert (code, "Traceback" in errors) == (0, False), errors
    assert len(server.of("createForumTopic")) == 1
    assert server.of("getUpdates")[0]["timeout"] == 50
    assert {call.get("language_code") for call in server.of("setMyCommands")} >= {None, "en", "de"}


@pytest.mark.parametrize("answer", [NOT_FOUND, NOT_OURS], ids=["404", "500"])
async def test_a_server_without_the_seldom_methods_is_served_all_the_same(
    run: Run, operator: None, answer: tuple[int, dict[str, object]]
) -> None:
    server = ForeignServer()
    server.answers["setMyCommands"] = answer
    # A server that fails at this one is asked again and again: a webhook would keep all updates away.
    if answer is not NOT_OURS:
        server.answers["deleteWebhook"] = answer
    async with serve(server):
        process = await run({"TELEGRAM_API_URL": server.url})
        await server.says(LENA, "/help")
        await server.until_shown("sendMessage", "/agent")
        await server.until(lambda: server.of("setMyCommands"))
        code, errors = await process.terminate()
    assert code == 0
    assert "setMyCommands" in errors
    assert "Traceback" not in errors


async def test_a_server_that_does_not_wait_for_news_is_not_asked_without_end(run: Run) -> None:
    server = ForeignServer(waits=False)
    async with serve(server):
        process = await run({"TELEGRAM_API_URL": server.url})
        await server.until(lambda: len(server.of("getUpdates")) >= 2)
        assert len(server.of("getUpdates")) < 5
        assert (await process.terminate())[0] == 0


async def test_a_telegram_that_cannot_be_reached_at_the_start_is_asked_again(
    run: Run, operator: None
) -> None:
    port = free_port()
    process = await run({"TELEGRAM_API_URL": f"http://127.0.0.1:{port}"})
    said = await process.says("polling_failed")
    assert '"serving"' in said, "stations are served meanwhile"
    async with serve(ForeignServer(), port) as server:
        await server.says(LENA, "/help")
        await server.until_shown("sendMessage", "/agent")
        code, errors = await process.terminate()
    assert code == 0
    assert "Traceback" not in errors


async def test_a_wrong_token_ends_the_start_with_one_line_that_names_it(run: Run) -> None:
    async with serve(ForeignServer(token="123:other")) as server:
        code, errors = await (await run({"TELEGRAM_API_URL": server.url})).end()
    assert code == 2
    assert errors.splitlines() == [f"BOT_TOKEN is refused by {server.url}: copy it anew from @BotFather"]


async def test_where_only_operators_bots_are_and_all_are_refused_the_start_ends(run: Run) -> None:
    async with serve(ForeignServer(token="123:other")) as server:
        own = {"BOT_TOKEN": "", "BOT_TOKENS": "linz-ag=124:secret"}
        code, errors = await (await run({"TELEGRAM_API_URL": server.url, **own})).end()
    assert code == 2
    assert errors.splitlines() == [
        f"BOT_TOKENS: the token of linz-ag is refused by {server.url}: copy it anew from @BotFather"
    ]


async def test_an_operators_token_that_is_refused_stops_nobody_else_and_is_told(
    run: Run, operator: None
) -> None:
    async with serve(ForeignServer()) as server:
        process = await run({"TELEGRAM_API_URL": server.url, "BOT_TOKENS": "linz-ag=124:secret"})
        await server.says(LENA, "/help")
        await server.until_shown("sendMessage", "/agent")
        code, errors = await process.terminate()
    assert code == 0
    assert "BOT_TOKENS: the token of linz-ag is refused" in errors
    assert '"bot_of_no_operator"' in errors
    assert "124:secret" not in errors, "a token is never told"


async def test_a_token_that_is_revoked_later_ends_the_service_and_is_named(run: Run) -> None:
    async with serve(ForeignServer(waits=False)) as server:
        process = await run({"TELEGRAM_API_URL": server.url})
        await server.until(lambda: server.of("getUpdates"))
        server.token = "123:other"
        code, errors = await process.end()
    assert code == 2
    assert "BOT_TOKEN is refused" in errors.splitlines()[-1]
    assert "123:abc" not in errors, "a token is never told"


async def test_a_webhook_that_is_refused_at_first_is_set_when_it_can_be(run: Run) -> None:
    server = ForeignServer()
    server.answers["setWebhook"] = BAD_REQUEST
    own = {
        "TELEGRAM_MODE": "webhook",
        "PUBLIC_URL": "https://bot.example.org/",
        "WEBHOOK_SECRET": "s3cret",
    }
    async with serve(server):
        process = await run({"TELEGRAM_API_URL": server.url, **own})
        await server.until(lambda: server.of("setWebhook"))
        server.answers["setWebhook"] = (200, {"ok": True, "result": True})
        await server.until(lambda: server.of("setMyCommands"))
        code, errors = await process.terminate()
    assert code == 0
    assert "telegram_refused" in errors
    assert len(server.of("setWebhook")) == 2
    assert server.of("setWebhook")[1]["url"] == "https://bot.example.org/telegram"
    assert server.of("setWebhook")[1]["secret_token"] == "s3cret"
    assert not server.of("getUpdates")


async def test_a_port_that_is_taken_is_named(run: Run) -> None:
    async with serve(ForeignServer()) as server:
        taken = server.url.rpartition(":")[2]
        process = await run({"TELEGRAM_API_URL": server.url, "HTTP_PORT": taken})
        code, errors = await process.end()
    assert code == 2
    assert errors.startswith("HTTP_HOST, HTTP_PORT: cannot listen on 127.0.0.1:")
    assert len(errors.splitlines()) == 1
