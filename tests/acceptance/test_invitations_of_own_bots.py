"""An invitation leads to its operator's own bot, and is nothing at another operator's."""

import re
from collections.abc import AsyncIterator

import pytest

from tests.acceptance.several import GRAZ, LINZ, Region, region


@pytest.fixture
async def three(database_url: str) -> AsyncIterator[Region]:
    async with region(database_url) as towns:
        await towns.start()
        yield towns


async def test_a_link_names_the_own_bot_and_is_unknown_to_the_bot_of_another_operator(three: Region) -> None:
    ada = three.world.person(GRAZ.agent + 5000, "Ada", "en")
    here = three.chat(GRAZ, ada)
    ada.command("invite", here)
    ada.press("Hotline", await three.sees(GRAZ, "Into which group?", button="Hotline", who=ada), here)
    asked = await three.sees(GRAZ, "Whom do you invite?", button="Without a name", who=ada)
    ada.press("Without a name", asked, here)
    message = await three.sees(GRAZ, "Hello!", who=ada)
    link = re.search(r"https://t\.me/(\w+)\?start=(--[A-Za-z0-9_-]{22})", message.text)
    assert link is not None and link[1] == "graz_bot"
    three.lena.command(f"start {link[2]}", three.chat(LINZ))
    await three.sees(LINZ, "I do not know this invitation")
    offer = await three.sees(LINZ, "I do not know this invitation")
    for verb in ("yes", "no"):
        three.forge(LINZ, three.lena, offer, f"a|iv.{verb}|{link[2].removeprefix('--')}")
    three.nothing_of((GRAZ,), three.chat(LINZ))
    three.lena.command(f"start {link[2]}", three.chat(GRAZ))
    offered = await three.sees(GRAZ, "Stadtwerke Graz invites you", button="✅ Accept")
    three.lena.press("✅ Accept", offered, three.chat(GRAZ))
    await three.sees(GRAZ, "Welcome, Lena!")
    await three.sees(GRAZ, "Lena has accepted your invitation", who=ada)
    assert await three.eventually(lambda uow: len(uow.staff.all(GRAZ.id)) == len(uow.staff.all(LINZ.id)) + 1)
