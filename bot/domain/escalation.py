"""Who is told when nobody takes a case, how long each may take, and what drivers are promised.

Pure: times come in, times go out. Spans are times in which the clock of the policy's hours runs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.case import Severity
from bot.domain.working_time import Hours


class TargetKind(StrEnum):
    """Who can be told."""

    ON_CALL = "on_call"
    ALL_AGENTS = "all_agents"
    TECHNICIAN = "technician"
    MANAGER = "manager"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody to be told. `layer` is that of the rotation, `address` an e-mail address; each for its kind only."""

    kind: TargetKind
    layer: int = 1
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """These are told when nobody has taken the case so long `after` the level before, or after the start."""

    after: timedelta
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """By when a driver is to be answered, and the trouble to be over; None: nothing is promised.

    `warn_at` is the share of the time after which a warning comes.
    """

    first_answer: timedelta | None = None
    resolution: timedelta | None = None
    warn_at: float = 0.8


@dataclass(frozen=True, slots=True)
class Policy:
    """The levels of one severity, in order. `last_repeats` is the pause between tellings of the last one."""

    severity: Severity
    levels: tuple[Level, ...]
    service_level: ServiceLevel = field(default_factory=ServiceLevel)
    hours: Hours = field(default_factory=Hours)
    last_repeats: timedelta | None = None


class Promise(StrEnum):
    """What a driver is promised."""

    FIRST_ANSWER = "first_answer"
    RESOLUTION = "resolution"


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise with its moments: when a warning comes, and when it is broken."""

    what: Promise
    warning: datetime
    due: datetime


def waited(policy: Policy, level: int) -> timedelta:
    """How long nobody has had the case when a level is told; 0 is the first."""
    return sum((each.after for each in policy.levels[: level + 1]), timedelta())


def reached(policy: Policy, elapsed: timedelta) -> int:
    """How many levels should have been told after such a wait."""
    return sum(1 for level in range(len(policy.levels)) if waited(policy, level) <= elapsed)


def due_at(policy: Policy, started: datetime, elapsed: timedelta, level: int) -> datetime:
    """When a level falls due, for a clock that `started` then with so much time `elapsed` before it."""
    return policy.hours.add(started, max(waited(policy, level) - elapsed, timedelta()))


def promised(policy: Policy, began: datetime) -> Mapping[Promise, Promised]:
    """What the policy promises in a case that began to wait for a person then."""
    level = policy.service_level
    spans = {Promise.FIRST_ANSWER: level.first_answer, Promise.RESOLUTION: level.resolution}
    return {
        what: Promised(what, policy.hours.add(began, span * level.warn_at), policy.hours.add(began, span))
        for what, span in spans.items()
        if span is not None
    }


class Kept(StrEnum):
    """How it stands with a promise."""

    OPEN = "open"
    WARNED = "warned"
    BROKEN = "broken"
    DONE = "done"
    """What was promised has happened, in time or late."""


@dataclass(frozen=True, slots=True)
class Run:
    """What runs in a case. `policy` is a copy: what is edited meanwhile does not disturb it.

    `number` counts the runs of a case, as one that is opened again begins anew. `level` is how many levels were told.
    `started_at` is None while somebody has the case; `used` is the wait before that start.
    """

    case_id: int
    policy: Policy
    began_at: datetime
    number: int = 1
    level: int = 0
    started_at: datetime | None = None
    used: timedelta = timedelta()
    repeats: int = 0
    driver_told_at: datetime | None = None
    first_answer_at: datetime | None = None
    first_answer: Kept = Kept.OPEN
    resolution: Kept = Kept.OPEN
    ended_at: datetime | None = None

    def elapsed(self, now: datetime) -> timedelta:
        """How long nobody has had the case by now."""
        if self.started_at is None:
            return self.used
        return self.used + self.policy.hours.between(self.started_at, now)

    def level_due(self, level: int) -> datetime:
        """When a level falls due; only of a clock that runs."""
        if self.started_at is None:
            raise ValueError("a clock that stands makes nothing due")
        return due_at(self.policy, self.started_at, self.used, level)

    def kept(self, what: Promise) -> Kept:
        """How it stands with a promise."""
        return self.first_answer if what is Promise.FIRST_ANSWER else self.resolution

    def awaited(self) -> Promised | None:
        """The promise that is to be kept next; None where there is none, or all is over."""
        if self.ended_at is not None:
            return None
        wanted = promised(self.policy, self.began_at)
        return next(
            (wanted[what] for what in Promise if what in wanted and self.kept(what) is not Kept.DONE), None
        )
