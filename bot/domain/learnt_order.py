"""The order of a ladder's steps after what was learnt on a model: the usual one, unless the numbers are clear."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from bot.domain.ladder import LADDER, ORDER, Approval, StepName

TRIES_THAT_TELL = 5
"""Fewer tries on one model after one verdict say nothing: no step is left out or moved for them."""
TRIES_BEFORE_THE_WHOLE_STATION = 10
"""A step that ends whatever runs at the station goes before a milder one only after that many tries of each."""
HARDLY_EVER = 0.2
"""A step that helps more often than this is not passed over, as it costs the station less."""
_CERTAINTY = 1.96
"""Standard deviations: a rate lies outside the interval of `Record` once in twenty times."""

_IN_PLACE = frozenset({StepName.ASK, StepName.END_SESSION})
"""To ask mends nothing and comes first; what comes after the end of a session cannot be done before it."""


@dataclass(frozen=True, slots=True)
class Record:
    """How a step did on one model after one verdict."""

    tried: int
    helped: int

    @property
    def useless(self) -> bool:
        """Whether it was tried often enough and has never helped."""
        return self.tried >= TRIES_THAT_TELL and self.helped == 0

    @property
    def likely(self) -> tuple[float, float]:
        """Between which shares it helps in truth: Wilson's score interval, which holds for few tries, too."""
        if self.tried == 0:
            return 0.0, 1.0
        square, share = _CERTAINTY**2, self.helped / self.tried
        middle = share + square / (2 * self.tried)
        reach = _CERTAINTY * sqrt(share * (1 - share) / self.tried + square / (4 * self.tried**2))
        whole = 1 + square / self.tried
        return max((middle - reach) / whole, 0.0), min((middle + reach) / whole, 1.0)


Records = Mapping[StepName, Record]
"""What is known of the steps; those that were never tried are left out."""


def useless(step: StepName, records: Records) -> bool:
    """Whether a step is not taken at all, as it has never helped."""
    return step not in _IN_PLACE and step in records and records[step].useless


def in_order(steps: tuple[StepName, ...], records: Records, *, charging_beside: bool) -> tuple[StepName, ...]:
    """The steps of a ladder in the order in which they are taken, less those that have never helped.

    It is the order from mild to hard, but for a step that clearly helps where the one before it hardly ever does.
    An agent's steps are none of a ladder's. Cooldowns, tries and guards are looked at when a step comes.
    """
    taken: list[StepName] = []
    for step in sorted(steps, key=ORDER.index):
        if LADDER[step].approval is Approval.AGENT or useless(step, records):
            continue
        place = len(taken)
        if not (charging_beside and LADDER[step].whole_station):
            while place > 0 and _outdoes(step, taken[place - 1], records):
                place -= 1
        taken.insert(place, step)
    return tuple(taken)


def usual(steps: tuple[StepName, ...]) -> tuple[StepName, ...]:
    """The same steps from mild to hard."""
    return tuple(sorted(steps, key=ORDER.index))


def _outdoes(harder: StepName, milder: StepName, records: Records) -> bool:
    """Whether the harder step goes first: the lowest share that is likely of it is above the highest of the other."""
    if harder in _IN_PLACE or milder in _IN_PLACE or not {harder, milder} <= records.keys():
        return False
    enough = TRIES_BEFORE_THE_WHOLE_STATION if LADDER[harder].whole_station else TRIES_THAT_TELL
    ahead, behind = records[harder], records[milder]
    if min(ahead.tried, behind.tried) < enough or behind.helped / behind.tried > HARDLY_EVER:
        return False
    return ahead.likely[0] > behind.likely[1]
