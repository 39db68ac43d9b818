"""An operator with three agents who take turns."""

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.domain.clock import utc_now
from bot.domain.operator import Member
from bot.sandbox.telegram.model import Message
from bot.sandbox.telegram.people import Person
from storage.uow import UnitOfWork
from tests.acceptance.conftest import Stage

GRAZ = "stadtwerke-graz"
NOON = datetime(2026, 11, 25, 11, tzinfo=UTC)
"""A Wednesday in Graz."""


@dataclass
class Planning:
    """The stage with Ada, who plans, and the agents Anna and Bob."""

    stage: Stage
    bob: Person

    async def command(self, who: Person, command: str, text: str, button: str = "") -> Message:
        """The page that a command opens."""
        asked = who.command(command)
        return await self.stage.world.until_shown(self.stage.chat(who), text, button=button, after=asked.id)

    async def go(self, who: Person, at: Message, button: str, text: str) -> Message:
        """The page that a button leads to."""
        who.press(button, at)
        return await self.stage.world.until_shown(self.stage.chat(who), text, after=at.id - 1)

    async def writes(self, who: Person, words: str, text: str) -> Message:
        """What is shown for an answer."""
        said = who.text(words)
        return await self.stage.world.until_shown(self.stage.chat(who), text, after=said.id)

    async def layer_of_both(self) -> Message:
        """Ada has Anna and Bob take turns by the week."""
        at = await self.command(self.stage.ada, "oncall", "Nobody is planned", "➕ New rotation")
        at = await self.go(self.stage.ada, at, "➕ New rotation", "Who takes turns?")
        at = await self.go(self.stage.ada, at, "▫️ Anna Agent", "The order: Anna Agent")
        at = await self.go(self.stage.ada, at, "▫️ Bob Agent", "The order: Anna Agent → Bob Agent")
        return await self.go(self.stage.ada, at, "✅ That is the order", "By the week, handed over on Monday")


async def planning(stage: Stage) -> Planning:
    """Everybody has written to the bot. It is Wednesday, 25 November 2026, noon in Graz."""
    stage.clock.shift = NOON - utc_now()
    bob = stage.world.person(3002, "Bob Agent", "en")

    def enter(uow: UnitOfWork) -> None:
        for number, name in ((3001, "anna"), (3002, "bob")):
            member = Member(number, f"{name.title()} Agent", f"{name}@example.org", ("Hotline",))
            uow.staff.put_member(GRAZ, member)

    await stage.database.write(enter)
    for each in (stage.ada, stage.anna, bob):
        each.start()
    return Planning(stage, bob)
