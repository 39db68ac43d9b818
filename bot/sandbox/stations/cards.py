"""The cards that a simulated station knows by itself: its list, and the cache of whom it has let charge."""

from dataclasses import dataclass, field

from bot.sandbox.stations.commands import SendList


@dataclass(slots=True)
class Cards:
    """`version` is 0 while no list was ever sent."""

    version: int = 0
    listed: frozenset[str] = frozenset()
    cached: set[str] = field(default_factory=set)

    def take(self, sent: SendList) -> str:
        """Takes a list over; the word of the answer. What is added needs a newer version than what is there."""
        if not sent.full and sent.version <= self.version:
            return "VersionMismatch"
        self.listed = sent.id_tags if sent.full else self.listed | sent.id_tags
        self.version = sent.version
        return "Accepted"
