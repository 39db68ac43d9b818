"""The people of the sandbox, and where they meet: drivers, agents, a technician, an admin and the hotline's group."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.sandbox.telegram.groups import ALL_RIGHTS
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.state import Bot
from bot.sandbox.telegram.world import World

BOT_ACCOUNT = "8360:sandbox"
"""The bot's token; it opens nothing but the emulator of this process."""
USERNAME = "stadtwerke_graz_bot"
OPERATOR, OPERATOR_ID = "Stadtwerke Graz", "stadtwerke-graz"
HOTLINE = "Stadtwerke Graz · Hotline"


@dataclass(frozen=True, slots=True)
class Role:
    """A person in the scene."""

    id: int
    name: str
    language: str
    about: str

    @property
    def email(self) -> str:
        """Where their e-mails go to: into this sandbox, and never out of it."""
        return f"{self.name.lower()}@example.org"


DRIVERS = (
    Role(3001, "Lena", "en", "Driver · English"),
    Role(3002, "Marco", "de", "Driver · German"),
)
AGENTS = (Role(4001, "Anna", "en", "Agent"), Role(4002, "Ben", "en", "Agent"))
TECHNICIAN = Role(2001, "Tom", "en", "Technician")
TECHNICIAN_BY_MAIL = Role(2002, "Tina", "en", "Technician, by e-mail")
"""She is not on Telegram, and answers by the links in her e-mails."""
ADMIN = Role(1001, "Ada", "en", "Administrator")


def set_scene(world: World) -> int:
    """Brings the bot, the people and the hotline's group into a new world; returns the group's chat id."""
    bot = world.bot(BOT_ACCOUNT, USERNAME, f"{OPERATOR} Support")
    people = {role.id: _arrive(world, role) for role in (*DRIVERS, *AGENTS, TECHNICIAN, ADMIN)}
    for person in people.values():
        world.private(bot, person.user)
    for role in (TECHNICIAN, ADMIN):
        # Staff talked to the bot long ago; a bot cannot write to somebody who never did.
        world.private(bot, people[role.id].user).started = True
    return _found_hotline(bot, people)


def _arrive(world: World, role: Role) -> Person:
    return world.person(role.id, role.name, role.language, username=f"{role.name.lower()}_graz")


def _found_hotline(bot: Bot, people: Mapping[int, Person]) -> int:
    ada = people[ADMIN.id]
    group = ada.create_group(HOTLINE, topics=True)
    ada.add(bot, group)
    ada.promote(bot, group, ALL_RIGHTS)
    for role in AGENTS:
        ada.add(people[role.id], group)
    return group.id
