"""Every kind of message, both ways: as it is, edited, as an answer, after the topic was deleted, after a restart."""

from collections.abc import Awaitable, Callable

import pytest

from bot.sandbox.telegram.model import Message
from tests.acceptance.conftest import Stage
from tests.acceptance.talk import KINDS, WORDLESS, From, Talk, content, reply_of, talking


def send(talk: Talk, who: From, kind: str, reply: Message | None = None) -> list[Message]:
    return KINDS[kind](talk.side(who), f"{who.value} {kind}", reply)


async def arrived(talk: Talk, who: From, kind: str, reply: Message | None = None) -> list[Message]:
    """Sends one and sees it on the other side, the same and whole."""
    sent = send(talk, who, kind, reply)
    copies = await talk.copies(who, sent)
    assert [content(each) for each in copies] == [content(each) for each in sent]
    numbers = [each.id for each in copies]
    assert numbers == sorted(numbers)
    albums = {each.body.get("media_group_id") for each in copies}
    assert len(albums) == 1, "an album stays one"
    assert (albums == {None}) is (len(sent) == 1)
    assert {each.thread for each in copies} == {talk.other(who).thread}
    return copies


async def as_it_is(talk: Talk, who: From, kind: str) -> None:
    await arrived(talk, who, kind)


async def edited(talk: Talk, who: From, kind: str) -> None:
    sent = send(talk, who, kind)
    copies = await talk.copies(who, sent)
    here = talk.side(who)
    here.who.edit(sent[-1], "now reads https://example.org/new", here.chat)
    await talk.stage.world.wait_for(lambda: content(copies[-1]) == content(sent[-1]) or None, 8)
    assert [content(each) for each in copies] == [content(each) for each in sent]


async def answering(talk: Talk, who: From, kind: str) -> None:
    there = talk.other(who)
    other = From.AGENT if who is From.DRIVER else From.DRIVER
    said = there.who.text("what do you mean?", there.chat, thread=there.thread)
    (shown,) = await talk.copies(other, [said])
    to_them = await arrived(talk, who, kind, shown)
    assert {reply_of(each) for each in to_them} == {said.id}
    own = talk.side(who).who.text("this one", talk.side(who).chat, thread=talk.side(who).thread)
    (copy,) = await talk.copies(who, [own])
    to_own = await arrived(talk, who, kind, own)
    assert {reply_of(each) for each in to_own} == {copy.id}


async def after_the_topic_was_deleted(talk: Talk, who: From, kind: str) -> None:
    hotline, anna = talk.stage.hotline, talk.stage.anna
    gone = talk.side(From.AGENT).thread or 0
    anna.delete_topic(gone, hotline)
    stage = talk.stage
    stage.lena.text("is anybody there?")
    again = await stage.world.wait_for(
        lambda: next((m for m in hotline.messages.values() if m.text == "is anybody there?"), None), 8
    )
    assert again.thread != gone
    await arrived(talk, who, kind)


async def after_a_restart(talk: Talk, who: From, kind: str) -> None:
    stage = talk.stage
    await stage.stop()
    sent = send(talk, who, kind)
    await stage.start()
    copies = await talk.copies(who, sent)
    assert [content(each) for each in copies] == [content(each) for each in sent]


SITUATIONS: dict[str, Callable[[Talk, From, str], Awaitable[None]]] = {
    "as it is": as_it_is,
    "edited": edited,
    "answering": answering,
    "after the topic was deleted": after_the_topic_was_deleted,
    "after a restart": after_a_restart,
}
ON_POSTGRESQL = frozenset({"text", "album"})
"""One kind that is a single row and the one that is several: what is kept of the others is the same."""
MATRIX = [
    (database, situation, who, kind)
    for database in ("sqlite", "postgresql")
    for situation in SITUATIONS
    for who in From
    for kind in KINDS
    if not (situation == "edited" and kind in WORDLESS)
    if database == "sqlite" or kind in ON_POSTGRESQL
]


@pytest.mark.parametrize(("database_url", "situation", "who", "kind"), MATRIX, indirect=["database_url"])
async def test_every_message_arrives_whole(stage: Stage, situation: str, who: From, kind: str) -> None:
    talk = await talking(stage)
    await SITUATIONS[situation](talk, who, kind)
