"""How the support did in a span of days, computed from plain records of cases.

A case counts where it was opened. Who solved it, how long that took and how it was rated are as they stand when the
statistics are asked for.
"""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import median
from zoneinfo import ZoneInfo

from bot.domain.period import Period
from bot.domain.rating import BEST

TOP = 5
HOURS = 24
REPEATS_WITHIN = timedelta(days=7)
"""A case that comes so soon after the last one of its EVSE was solved is a repeat fault."""


class Solver(StrEnum):
    """Who solved a case, in the order in which it is shown."""

    BOT = "bot"
    """The bot alone, by what it told the driver."""
    REMOTE = "remote"
    """A remote action that the station proved, whoever asked for it."""
    AGENT = "agent"
    TECHNICIAN = "technician"
    ITSELF = "itself"
    """It worked again before anybody had done anything about it."""
    NOBODY = "nobody"
    """The case ended without word that the trouble is over."""
    OPEN = "open"


SOLVED = frozenset(Solver) - {Solver.NOBODY, Solver.OPEN}


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """What statistics need to know of one case.

    `asked_at` is when the hotline was called first, `answered_at` when an agent first answered, `handed_at` when the
    case last came to the hotline; `proved_at` when its last remote action that can mend something was proved.
    """

    id: int
    opened_at: datetime
    open: bool
    symptom: str
    verdict: str | None = None
    evse_id: str | None = None
    resolution: str | None = None
    resolved_at: datetime | None = None
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    handed_at: datetime | None = None
    proved_at: datetime | None = None
    taken: bool = False
    """An agent has had it."""
    accepted_at: datetime | None = None
    """When a technician last took it on."""
    returned_at: datetime | None = None
    """When a technician last gave it back to the agents."""
    came_back: bool = False
    """Its station was away and came back by itself."""
    answer_promised: bool = False
    """A service level holds for its first answer."""
    answer_late: bool = False
    solution_promised: bool = False
    solution_late: bool = False
    rating: int | None = None

    @property
    def repaired(self) -> bool:
        """Whether a technician had it in the end."""
        if self.accepted_at is None:
            return False
        return self.returned_at is None or self.returned_at < self.accepted_at


@dataclass(frozen=True, slots=True)
class Solved:
    """That a case of an EVSE was solved, and when: what comes soon after it is a repeat fault."""

    id: int
    evse_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took, over `count` cases."""

    count: int
    median: timedelta
    ninetieth: timedelta
    """Nine of ten took no longer."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How often a promise was kept."""

    kept: int
    of: int


@dataclass(frozen=True, slots=True)
class Bar:
    """The cases of one day, or of one hour where the span is a single day; `hour` is None for a day."""

    day: date
    hour: int | None
    solved_by: Mapping[Solver, int]

    @property
    def total(self) -> int:
        """All cases of it."""
        return sum(self.solved_by.values())


@dataclass(frozen=True, slots=True)
class Statistics:
    """The numbers of a period. `hours` has the cases of each hour of the day, `ratings` those of one to five stars."""

    period: Period
    cases: int
    solved_by: Mapping[Solver, int]
    bars: tuple[Bar, ...]
    hours: tuple[int, ...]
    symptoms: tuple[tuple[str, int], ...]
    verdicts: tuple[tuple[str, int], ...]
    first_answer: Spread | None
    resolution: Spread | None
    repeats: int
    ratings: tuple[int, ...]
    answers: Kept | None
    solutions: Kept | None

    @property
    def solved(self) -> int:
        """The cases whose trouble is over."""
        return sum(self.solved_by[each] for each in SOLVED)

    @property
    def rated(self) -> int:
        """How many were rated."""
        return sum(self.ratings)

    @property
    def average(self) -> float | None:
        """The average rating; None where there is none."""
        stars = sum(number * count for number, count in enumerate(self.ratings, start=1))
        return stars / self.rated if self.rated else None

    @property
    def busiest(self) -> int | None:
        """The hour of the day in which most cases began, the earliest of several; None where there is none."""
        return self.hours.index(max(self.hours)) if self.cases else None


def statistics(
    records: Sequence[CaseRecord], solved: Iterable[Solved], period: Period, zone: str
) -> Statistics:
    """The numbers of the cases that were opened in the period, as days and hours are counted in the zone.

    `solved` are the cases that were solved from `REPEATS_WITHIN` before the period to its end.
    """
    begun = [each.opened_at.astimezone(ZoneInfo(zone)) for each in records]
    hours = Counter(each.hour for each in begun)
    ratings = Counter(each.rating for each in records)
    return Statistics(
        period,
        len(records),
        _by_solver(records),
        _bars(records, begun, period),
        tuple(hours[number] for number in range(HOURS)),
        _top(each.symptom for each in records),
        _top(each.verdict for each in records if each.verdict is not None),
        _spread(_waited(each.asked_at, each.answered_at) for each in records),
        _spread(_waited(each.opened_at, each.resolved_at) for each in records if not each.open),
        len(repeats(records, solved)),
        tuple(ratings[number] for number in range(1, BEST + 1)),
        _kept([each.answer_late for each in records if _known_answer(each)]),
        _kept([each.solution_late for each in records if _known_solution(each)]),
    )


def solver(record: CaseRecord) -> Solver:
    """Who solved a case.

    A remote action counts where it was proved after the case came last to whoever ended it: one that the bot took in
    vain before it called an agent has solved nothing.
    """
    if record.open:
        return Solver.OPEN
    if record.resolved_at is None:
        return Solver.NOBODY
    if record.resolution == "technician":
        return Solver.TECHNICIAN
    since = record.handed_at or record.opened_at
    if record.proved_at is not None and since <= record.proved_at <= record.resolved_at:
        return Solver.REMOTE
    if record.repaired:
        return Solver.TECHNICIAN
    if record.taken or record.resolution == "agent":
        return Solver.AGENT
    return Solver.ITSELF if record.asked_at is not None or record.came_back else Solver.BOT


def repeats(records: Iterable[CaseRecord], solved: Iterable[Solved]) -> frozenset[int]:
    """The numbers of the cases that are repeat faults."""
    by_evse: dict[str, list[tuple[datetime, int]]] = {}
    for each in solved:
        by_evse.setdefault(each.evse_id, []).append((each.at, each.id))
    for ends in by_evse.values():
        ends.sort()
    return frozenset(each.id for each in records if _repeats(each, by_evse.get(each.evse_id or "", [])))


def _repeats(record: CaseRecord, ends: Sequence[tuple[datetime, int]]) -> bool:
    first = bisect_left(ends, (record.opened_at - REPEATS_WITHIN, 0))
    within = ends[first : bisect_left(ends, (record.opened_at, math.inf))]
    return any(number != record.id for _, number in within)


def _by_solver(records: Iterable[CaseRecord]) -> Mapping[Solver, int]:
    found = Counter(map(solver, records))
    return {each: found[each] for each in Solver}


def _bars(records: Sequence[CaseRecord], begun: Sequence[datetime], period: Period) -> tuple[Bar, ...]:
    """One for each day, also for those without a case; of a single day one for each hour."""
    hourly = len(period.days) == 1
    spans: list[tuple[date, int | None]] = (
        [(period.first, hour) for hour in range(HOURS)] if hourly else [(day, None) for day in period.days]
    )
    grouped: dict[tuple[date, int | None], list[CaseRecord]] = {span: [] for span in spans}
    for record, at in zip(records, begun, strict=True):
        grouped[at.date(), at.hour if hourly else None].append(record)
    return tuple(Bar(*span, _by_solver(found)) for span, found in grouped.items())


def _top(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """The most frequent ones, the most frequent first; of equals in alphabetical order."""
    return tuple(sorted(Counter(names).items(), key=lambda each: (-each[1], each[0]))[:TOP])


def _waited(since: datetime | None, until: datetime | None) -> timedelta | None:
    return None if since is None or until is None else max(until - since, timedelta())


def _spread(spans: Iterable[timedelta | None]) -> Spread | None:
    known = sorted(each for each in spans if each is not None)
    if not known:
        return None
    # The nearest rank: a time that somebody really waited.
    middle = timedelta(seconds=median(each.total_seconds() for each in known))
    return Spread(len(known), middle, known[math.ceil(len(known) * 0.9) - 1])


def _kept(late: Sequence[bool]) -> Kept | None:
    return Kept(late.count(False), len(late)) if late else None


def _known_answer(record: CaseRecord) -> bool:
    """Whether it is known by now if the answer came in time."""
    return record.answer_promised and (record.answered_at is not None or record.answer_late)


def _known_solution(record: CaseRecord) -> bool:
    """The same of the end of its trouble."""
    return record.solution_promised and (record.resolved_at is not None or record.solution_late)
