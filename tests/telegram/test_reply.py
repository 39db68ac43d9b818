"""Answering an update with a file."""

from dataclasses import dataclass, replace

import pytest

from bot.admin.entrance import Admin
from bot.cases.services import Services
from bot.cases.turn import Turn
from bot.diagnosis.rulebook import load_rulebook
from bot.domain.account import SHARED
from bot.domain.clock import utc_now
from bot.domain.outgoing import Priority
from bot.domain.people import Person as Somebody
from bot.sandbox.telegram.people import Person
from bot.telegram.errors import Undelivered
from bot.telegram.reply import Context, Reply
from bot.telegram.sender import Origin, Sender
from bot.telegram.senders import Senders
from bot.views.callbacks import Plain
from bot.views.i18n import load_texts
from bot.views.screen import Attachment, Button, Screen
from storage.database import Database
from storage.repositories.people import Identity
from tests.telegram.test_files import sent
from tests.workers.test_inbox_worker import NoStations

TABLE = Attachment("stations.csv", b"id;name\r\n", "text/csv")
OK = ((Button("OK", Plain.WHERE),),)


@dataclass
class Desk:
    """A reply to Lena, and what is kept of her."""

    reply: Reply
    services: Services

    async def lena(self) -> Somebody:
        found = await self.services.database.read(lambda uow: uow.people.by_telegram(501))
        assert found is not None
        return found


@pytest.fixture
async def desk(database: Database, sender: Sender, lena: Person) -> Desk:
    services = Services(database, NoStations(), load_rulebook(), utc_now)
    who = (await database.write(lambda uow: uow.people.meet([Identity(501, "Lena")])))[501]
    context = Context(services, Senders({SHARED.channel: sender}), load_texts(), Admin())
    return Desk(Reply(context, Turn(services, who, SHARED.address(501), 1)), services)


async def test_a_file_is_handed_out_with_its_text_and_buttons_under_it(desk: Desk, lena: Person) -> None:
    await desk.reply.hand(TABLE, Screen("<b>12</b> stations", OK))
    (message,) = sent(lena)
    assert message.body["caption"] == "12 stations"
    assert message.button("OK") is not None


async def test_a_text_that_is_too_long_for_a_caption_follows_by_itself(desk: Desk, lena: Person) -> None:
    await desk.reply.hand(TABLE, Screen("x" * 1025, OK))
    file, text = sent(lena)
    assert file.body["document"]["file_name"] == "stations.csv"
    assert ("caption" in file.body, file.button("OK")) == (False, None)
    assert text.text == "x" * 1025
    assert text.button("OK") is not None


async def test_what_was_shown_before_a_file_stays_and_can_still_grow(desk: Desk, lena: Person) -> None:
    await desk.reply.show(Screen("Making the file …"))
    await desk.reply.hand(TABLE, Screen("Here it is"))
    await desk.reply.show(Screen("Done"))
    assert [message.text or message.body.get("caption") for message in sent(lena)] == ["Done", "Here it is"]


async def test_who_blocked_the_bot_is_noted_as_unreachable(desk: Desk, lena: Person) -> None:
    lena.block()
    await desk.reply.hand(TABLE, Screen("Here it is"))
    assert (await desk.lena()).unreachable


async def test_what_is_for_a_bot_that_does_not_run_is_put_off(desk: Desk, lena: Person) -> None:
    elsewhere = replace(
        desk.reply.turn, conversation=replace(SHARED.address(501), channel="telegram.linz-ag")
    )
    reply = Reply(desk.reply.context, elsewhere)
    with pytest.raises(Undelivered, match=r"no token is set for telegram\.linz-ag"):
        await reply.hand(TABLE, Screen("Here it is"))
    assert sent(lena) == []


async def test_a_bot_is_never_asked_to_copy_from_anothers_chat(desk: Desk) -> None:
    sender = desk.reply.context.sender
    own = replace(SHARED.address(501), channel="telegram.linz-ag")
    with pytest.raises(ValueError, match="cannot copy"):
        await sender.copy(SHARED.address(-100, 7), Origin(own, (1,)), Priority.DRIVER)
