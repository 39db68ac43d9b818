"""People and the conversations in which they are reached."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes: a chat of a channel, and a topic in it where it has topics.

    Written as `telegram:12345` or `telegram:-10012345:77`.
    """

    channel: str
    chat: int
    topic: int | None = None

    def __str__(self) -> str:
        tail = "" if self.topic is None else f":{self.topic}"
        return f"{self.channel}:{self.chat}{tail}"

    @classmethod
    def parse(cls, text: str) -> "Address":
        """The address that `str` wrote; ValueError for anything else."""
        channel, chat, *topic = text.split(":")
        return cls(channel, int(chat), int(topic[0]) if topic else None)


def telegram(chat: int, topic: int | None = None) -> Address:
    """An address on Telegram."""
    return Address("telegram", chat, topic)


class Right(StrEnum):
    """The rights that a group can hold; the names are those of the operator's file."""

    OPERATIONS_TAB = "infrastructure.operations_tab"
    STATIONS = "infrastructure.stations"
    REMOTE_ACTIONS = "infrastructure.remote_actions"
    COST_RELEASE = "users.cost_release"
    USERS_MANAGE = "users.manage"
    GROUPS_MANAGE = "users.groups"


class Scope(StrEnum):
    """How far a group's rights reach."""

    INSTANCE = "instance"
    ENTITY = "entity"
    ENTITY_AND_BELOW = "entity_and_below"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody the product talks with. `language` is a code such as "de"; None until it is known.

    `unreachable` says that the last message to them was refused (blocked, deactivated).
    """

    id: int
    telegram_id: int | None
    name: str
    language: str | None = None
    username: str | None = None
    email: str | None = None
    phone: str | None = None
    unreachable: bool = False
