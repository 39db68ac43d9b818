"""The queue of updates that each bot has yet to fetch."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson

from .model import Body

OPTIONAL_KINDS = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Kinds that a bot gets only when it names them in `allowed_updates`."""


@dataclass(slots=True)
class Update:
    """`lane` is what must stay in order; `copies` above 1 means that Telegram will offer it again."""

    id: int
    kind: str
    lane: int
    data: bytes
    copies: int = 1


@dataclass(slots=True)
class UpdateQueue:
    """Updates in order of arrival, kept until acknowledged.

    Listeners are called at each arrival, in the order in which they came, with the new update.
    """

    pending: OrderedDict[int, Update] = field(default_factory=OrderedDict)
    listeners: list[Callable[[Update], None]] = field(default_factory=list)
    allowed: frozenset[str] | None = None
    last_id: int = 100_000_000

    def admits(self, kind: str) -> bool:
        return kind not in OPTIONAL_KINDS if self.allowed is None else kind in self.allowed

    def push(self, kind: str, lane: int, payload: Body, copies: int = 1) -> Update:
        """Appends an update with its content as it is now."""
        self.last_id += 1
        data = orjson.dumps({"update_id": self.last_id, kind: payload})
        update = Update(self.last_id, kind, lane, data, copies)
        self.pending[update.id] = update
        for listener in tuple(self.listeners):
            listener(update)
        return update

    def confirm(self, offset: int) -> None:
        """Forgets updates below `offset`; a negative offset keeps only that many of the newest."""
        if offset < 0:
            while len(self.pending) > -offset:
                self.pending.popitem(last=False)
            return
        again = []
        while self.pending and next(iter(self.pending)) < offset:
            _, update = self.pending.popitem(last=False)
            if update.copies > 1:
                update.copies -= 1
                again.append(update)
        for update in reversed(again):
            self.pending[update.id] = update
            self.pending.move_to_end(update.id, last=False)

    def first(self, limit: int) -> list[Update]:
        found = []
        for update in self.pending.values():
            found.append(update)
            if len(found) == limit:
                break
        return found

    def done(self, update: Update) -> None:
        """One copy of this update has been delivered for good."""
        update.copies -= 1
        if update.copies <= 0:
            self.pending.pop(update.id, None)
