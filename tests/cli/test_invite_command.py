"""`python -m bot invite --owner`: the way in for the first who manages an operator, and out of a lock-out."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from bot.__main__ import main
from bot.domain.clock import utc_now
from bot.domain.rights import Right, Scope
from bot.operations.apply import apply
from bot.operations.operator_file import read_operator_file
from bot.sandbox.telegram.serving import serve
from bot.sandbox.telegram.world import World
from storage.database import Database
from storage.uow import UnitOfWork
from tests.acceptance.conftest import OPERATOR
from tests.cli.conftest import TOKEN
from tests.ports import free_port

LINK = re.compile(r"^https://t\.me/support_bot\?start=--([A-Za-z0-9_-]{22})$")


@pytest.fixture
async def telegram(environment: pytest.MonkeyPatch) -> AsyncIterator[World]:
    world = World()
    world.bot(TOKEN, "support_bot", "Support")
    async with serve(world) as served:
        environment.setenv("TELEGRAM_API_URL", served.url)
        environment.setenv("BOT_TOKEN", TOKEN)
        yield world


async def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = await asyncio.to_thread(main, ["invite", *arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


async def applied(database: Database, text: str = "") -> None:
    await apply(database, read_operator_file(text or OPERATOR.read_text()))


async def test_a_link_for_the_owner_of_the_only_operator(
    telegram: World, filled: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    await applied(filled)
    code, told, wrong = await run(capsys, "--owner")
    lines = told.splitlines()
    found = LINK.match(lines[0])
    assert (code, wrong) == (0, "") and found is not None
    assert lines[1] == (
        "It works once, within 7 days: whoever opens it joins Stadtwerke Graz as one of 'Administrators'."
    )

    def kept(uow: UnitOfWork) -> None:
        invitation = uow.invitations.by_secret(found[1])
        assert invitation is not None and invitation.open(utc_now())
        assert (invitation.invited_by, invitation.data["group"]) == (None, "Administrators")
        (act,) = uow.audit.list("stadtwerke-graz", most=1)
        assert (act.act, act.person_id) == ("invitation.owner", None)

    await filled.read(kept)


async def test_the_owners_group_is_made_with_all_rights_where_there_is_none(
    telegram: World, filled: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    text = OPERATOR.read_text()
    await applied(filled, text[: text.index("[[group]]")] + text[text.index("[[location]]") :])
    code, told, _ = await run(capsys, "--owner", "stadtwerke-graz")
    assert code == 0 and "'Administrators'" in told
    (group,) = await filled.read(lambda uow: uow.staff.groups("stadtwerke-graz"))
    assert (group.name, group.scope, group.rights) == ("Administrators", Scope.INSTANCE, frozenset(Right))


async def test_which_operator_is_asked_where_it_is_not_plain(
    telegram: World, filled: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told, wrong = await run(capsys, "--owner")
    assert (code, told, wrong) == (2, "", "Say which operator; there are: none\n")
    await applied(filled)
    code, told, wrong = await run(capsys, "--owner", "linz-ag")
    assert (code, told, wrong) == (2, "", "Say which operator; there are: stadtwerke-graz\n")
    open_ones = await filled.read(lambda uow: uow.invitations.open_of("stadtwerke-graz", utc_now()))
    assert open_ones == []


async def test_without_telegram_it_says_what_to_write_to_the_bot(
    environment: pytest.MonkeyPatch, filled: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("TELEGRAM_API_URL", f"http://127.0.0.1:{free_port()}")
    environment.setenv("BOT_TOKEN", TOKEN)
    await applied(filled)
    code, told, wrong = await run(capsys, "--owner")
    assert code == 0
    assert re.match(r"/start --[A-Za-z0-9_-]{22}\n", told)
    assert "write the first line to the bot" in wrong


async def test_only_an_owner_is_invited_by_a_command(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["invite"])
    assert ended.value.code == 2
    assert "--owner" in capsys.readouterr().err
