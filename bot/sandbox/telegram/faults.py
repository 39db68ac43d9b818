"""Injected faults: what a real network and a real Telegram do on a bad day."""

import asyncio
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from itertools import count
from random import Random
from typing import Literal, get_args

from .errors import ApiError, server_error, too_many_requests
from .model import Body
from .state import Bot, State

FaultKind = Literal[
    "too_many_requests", "bad_gateway", "internal_error", "drop", "hang", "delay", "duplicate", "late"
]
"""`drop` closes the connection, `hang` waits and then drops it, `delay` waits and then goes on.
`duplicate` and `late` befall updates, not calls: offered twice, or only after `seconds`."""

When = Literal["before", "after"]
_OF_UPDATES = ("duplicate", "late")


@dataclass(slots=True)
class Fault:
    """One rule. It strikes with `probability`, at most `times` times (None: without end).

    `method` is a pattern of method names in lower case, or of update kinds for faults of updates; `chat`
    restricts it to one chat, `bot` to the bot of that id. `when` says whether the call has already been carried
    out. `seconds` is the retry_after, the hang or the delay.
    """

    kind: FaultKind
    method: str = "*"
    chat: int | None = None
    when: When = "before"
    probability: float = 1.0
    times: int | None = None
    seconds: float = 1.0
    bot: int | None = None
    number: int = 0
    struck: int = 0

    def __post_init__(self) -> None:
        if self.kind not in get_args(FaultKind) or self.when not in get_args(When):
            raise ValueError(f"no such fault: {self.kind} {self.when}")
        self.method = self.method.lower()

    def view(self) -> Body:
        return asdict(self)


@dataclass(slots=True)
class Faults:
    """The rules in force. The same Random and the same calls give the same faults."""

    random: Random = field(default_factory=lambda: Random(0))
    rules: list[Fault] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def add(self, fault: Fault) -> Fault:
        fault.number = next(self._numbers)
        self.rules.append(fault)
        return fault

    def clear(self, number: int | None = None) -> None:
        """Lifts one rule, or all."""
        self.rules = [] if number is None else [rule for rule in self.rules if rule.number != number]

    def striking(self, method: str, chat: int | None, bot: int | None = None) -> list[Fault]:
        """The faults that befall this call, counted as struck."""
        calls = [rule for rule in self.rules if rule.kind not in _OF_UPDATES]
        return [rule for rule in calls if self._strikes(rule, method, chat, bot)]

    def befalling(self, kind: str, chat: int | None, bot: int | None = None) -> list[Fault]:
        """The faults that befall this update, counted as struck."""
        updates = [rule for rule in self.rules if rule.kind in _OF_UPDATES]
        return [rule for rule in updates if self._strikes(rule, kind, chat, bot)]

    def _strikes(self, rule: Fault, name: str, chat: int | None, bot: int | None) -> bool:
        if rule.times is not None and rule.struck >= rule.times:
            return False
        elsewhere = rule.chat not in {None, chat} or rule.bot not in {None, bot}
        if elsewhere or not fnmatchcase(name, rule.method):
            return False
        if rule.probability < 1 and self.random.random() >= rule.probability:
            return False
        rule.struck += 1
        return True

    def stand_between(self, state: State) -> None:
        """Lets faults of updates act on all that the state queues from now on; needs a running loop."""

        def gate(bot: Bot, kind: str, lane: int, payload: Body) -> None:
            befalling = self.befalling(kind, lane, bot.id) if self.rules else []
            copies = 2 if any(fault.kind == "duplicate" for fault in befalling) else 1
            late = sum(fault.seconds for fault in befalling if fault.kind == "late")
            if late:
                asyncio.get_running_loop().call_later(late, bot.queue.push, kind, lane, payload, copies)
            else:
                bot.queue.push(kind, lane, payload, copies)

        state.gate = gate


class Dropped(Exception):
    """The connection is to be closed without an answer."""


async def suffer(faults: list[Fault], when: When) -> None:
    """Lets the faults of this moment happen: waits, raises an ApiError, or raises Dropped."""
    for fault in faults:
        if fault.when == when:
            await _suffer_one(fault)


async def _suffer_one(fault: Fault) -> None:
    if fault.kind in ("delay", "hang"):
        await asyncio.sleep(fault.seconds)
    if fault.kind in ("drop", "hang"):
        raise Dropped
    refusal = _refusal(fault)
    if refusal is not None:
        raise refusal


def _refusal(fault: Fault) -> ApiError | None:
    if fault.kind == "too_many_requests":
        return too_many_requests(max(round(fault.seconds), 1))
    codes = {"bad_gateway": 502, "internal_error": 500}
    return server_error(codes[fault.kind]) if fault.kind in codes else None
