"""People and the conversations in which they are reached."""

from dataclasses import dataclass

TELEGRAM = "telegram"
"""The channel of the bot that operators share; that of an operator's own adds a dot and the operator's ID."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes: a chat of a channel, and a topic in it where it has topics.

    Written as `telegram:12345`, `telegram:-10012345:77` or `telegram.linz-ag:12345`.
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
    """An address on Telegram, as the bot that operators share reaches it."""
    return Address(TELEGRAM, chat, topic)


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
