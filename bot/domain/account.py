"""The bots of an instance: one that operators share, and those that single operators have for themselves."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.domain.people import TELEGRAM, Address

MOST_UPDATES = 2**40
"""How many updates each bot has room for; Telegram numbers them within 32 bits."""
_MOST_ACCOUNTS = 2**20


@dataclass(frozen=True, slots=True)
class Account:
    """One bot: the one of an operator, or the shared one where `operator_id` is None."""

    operator_id: str | None = None

    @property
    def channel(self) -> str:
        """What an `Address` names the bot by."""
        return TELEGRAM if self.operator_id is None else f"{TELEGRAM}.{self.operator_id}"

    @property
    def number(self) -> int:
        """A number that stays the same over all starts; 0 is the shared bot, two operators may fall on one."""
        if self.operator_id is None:
            return 0
        digest = hashlib.sha256(self.operator_id.encode()).digest()
        return 1 + int.from_bytes(digest[:8]) % (_MOST_ACCOUNTS - 1)

    def key(self, update_id: int) -> int:
        """The number of an update among those of all bots: each bot counts its updates for itself."""
        if not 0 <= update_id < MOST_UPDATES:
            raise ValueError(f"no number of an update: {update_id}")
        return self.number * MOST_UPDATES + update_id

    def address(self, chat: int, topic: int | None = None) -> Address:
        """A chat as this bot reaches it."""
        return Address(self.channel, chat, topic)

    @classmethod
    def on(cls, channel: str) -> "Account":
        """The bot that a channel names, whether it runs or not; ValueError for a channel of no bot."""
        family, dot, operator_id = channel.partition(".")
        if family != TELEGRAM or bool(dot) != bool(operator_id):
            raise ValueError(f"no bot: {channel}")
        return cls(operator_id or None)


SHARED = Account()


@dataclass(frozen=True, slots=True)
class Accounts:
    """The bots that this instance runs: `own` are the operators with one of their own."""

    own: frozenset[str] = frozenset()
    shared: bool = True
    usernames: dict[Account, str] = field(default_factory=dict, compare=False)
    """What each bot is called on Telegram, as soon as Telegram has said so."""

    def all(self) -> tuple[Account, ...]:
        """Every bot, the shared one first."""
        shared = (SHARED,) if self.shared else ()
        return (*shared, *(Account(operator_id) for operator_id in sorted(self.own)))

    def of(self, operator_id: str) -> Account:
        """The bot by which an operator's people and drivers are spoken with."""
        return Account(operator_id) if operator_id in self.own else SHARED

    def leads_to(self, channel: str, operator_id: str) -> Account | None:
        """The bot to which a driver in the shared one is led, where the operator has its own; None: stay here."""
        return self.of(operator_id) if channel == TELEGRAM and operator_id in self.own else None

    def link(self, account: Account, payload: str | None = None) -> str | None:
        """The link that opens a chat with a bot; None as long as Telegram has not told what it is called."""
        username = self.usernames.get(account)
        if username is None:
            return None
        start = "" if payload is None else f"?start={payload}"
        return f"https://t.me/{username}{start}"


def only_operator(channel: str) -> str | None:
    """Whose stations and cases alone may be spoken of in a channel; None where no such limit holds.

    Whoever writes to an operator's own bot must not learn that another operator is here at all.
    """
    family, _, operator_id = channel.partition(".")
    return operator_id or None if family == TELEGRAM else None


def same_number(operator_ids: Iterable[str]) -> tuple[str, str] | None:
    """Two operators whose bots would have the same number, which must not run together."""
    taken: dict[int, str] = {}
    for operator_id in operator_ids:
        other = taken.setdefault(Account(operator_id).number, operator_id)
        if other != operator_id:
            return other, operator_id
    return None
