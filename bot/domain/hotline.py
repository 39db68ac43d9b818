"""Which group of agents gets a case: by language first, then by load."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.operator import HotlineGroup


@dataclass(frozen=True, slots=True)
class Load:
    """A group with how many open cases it has."""

    group: HotlineGroup
    cases: int


def choose(loads: Sequence[Load], language: str) -> HotlineGroup | None:
    """The group for a driver of that language; None where there is no group.

    Groups that speak it come first, then those without a limit, then any; among them the one with the fewest cases;
    where that is the same, the first of those given.
    """
    spoken = language.partition("-")[0]
    ordered = sorted(loads, key=lambda load: (_rank(load.group, spoken), load.cases))
    return ordered[0].group if ordered else None


def _rank(group: HotlineGroup, language: str) -> int:
    if language in group.languages:
        return 0
    return 2 if group.languages else 1
