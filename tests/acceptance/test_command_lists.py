"""What Telegram offers by itself in each chat, and that it follows what people may do."""

import orjson

from bot.operations.apply import apply
from bot.operations.operator_file import read_operator_file
from tests.acceptance.conftest import OPERATOR, TOKEN, Stage


def offered(stage: Stage, chat: int) -> dict[str, str] | None:
    """The commands of one chat with their descriptions; None where it has no list of its own."""
    scope = orjson.dumps({"chat_id": chat, "type": "chat"}, option=orjson.OPT_SORT_KEYS).decode()
    found = stage.world.bots[TOKEN].commands.get((scope, ""))
    return None if found is None else {str(each["command"]): str(each["description"]) for each in found}


async def test_each_chat_is_offered_what_may_be_done_in_it_and_that_follows_a_change(stage: Stage) -> None:
    for who in (stage.ada, stage.anna, stage.lena):
        who.start()
    # Whoever had not written to the bot when it started is asked for a list again after a while.
    stage.clock.forward(minutes=2)
    staff = [stage.ada.id, stage.anna.id, stage.hotline.id, stage.tom.id]
    found = await stage.world.wait_for(lambda: all_of([offered(stage, each) for each in staff]))
    admin, agent, group, technician = found
    assert {"menu", "stats", "audit", "start"} <= admin.keys()
    assert {"menu", "queue", "stats", "start"} <= agent.keys() and "audit" not in agent
    assert set(group) == {"queue", "mine", "history", "why", "answers", "close", "shift", "stats"}
    assert set(technician) == {"jobs", "start", "agent", "cancel", "language", "help"}
    assert offered(stage, stage.lena.id) is None
    german = stage.world.bots[TOKEN].commands['{"type":"default"}', "de"]
    assert "Mit einem Menschen sprechen" in {each["description"] for each in german}

    text = OPERATOR.read_text().replace("-1001234567890", str(stage.hotline.id))
    await apply(stage.database, read_operator_file(text.replace('groups = ["Hotline"]', "groups = []")))
    assert await stage.world.wait_for(lambda: offered(stage, stage.anna.id) is None or None)
    assert offered(stage, stage.ada.id) == admin


async def test_a_list_that_telegram_refuses_stops_nothing(stage: Stage) -> None:
    """Ada has never written to the bot, so that Telegram knows no chat with her."""
    assert await stage.world.wait_for(lambda: offered(stage, stage.hotline.id))
    assert offered(stage, stage.ada.id) is None
    assert stage.app is not None and not stage.app.failed.done()


def all_of(lists: list[dict[str, str] | None]) -> list[dict[str, str]] | None:
    """The lists, once all are there."""
    return [each for each in lists if each is not None] if None not in lists else None
