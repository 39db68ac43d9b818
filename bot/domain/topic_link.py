"""The link by which agents come from elsewhere into a topic of their group."""

from bot.domain.people import Address

_SUPERGROUP = "-100"
"""How Telegram writes the number of a supergroup for bots; links have the number without it."""


def topic_link(topic: Address | None) -> str | None:
    """The link to a topic of a group, for those who are in the group; None where there is none."""
    if topic is None or topic.topic is None or not str(topic.chat).startswith(_SUPERGROUP):
        return None
    return f"https://t.me/c/{str(topic.chat).removeprefix(_SUPERGROUP)}/{topic.topic}"
