"""Rules and the rulebook as values."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, get_type_hints

from bot.diagnosis.facts import Facts
from bot.diagnosis.vocabulary import ActionClass, Responsible, Step
from bot.domain.case import Severity

OTHERWISE = "otherwise"
"""The id of the last rule, the only one without conditions."""

VOCABULARIES: dict[str, type[StrEnum]] = {
    name: kind for name, kind in get_type_hints(Facts).items() if issubclass(kind, StrEnum)
}
"""The facts that a rule can name, each with its words, in the order of `Facts`."""


class Condition(NamedTuple):
    """A fact must be one of these words."""

    fact: str
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row. `verdict` and `tell_driver` are keys of the texts' tables `[verdict]` and `[tell]`.

    `then` are the steps to offer, the best first; `answers` the error codes that the rule is there for.
    `example` fires this rule in the whole table, `counter_example` does not; both are None for `otherwise`.
    """

    id: str
    says: str
    when: tuple[Condition, ...]
    verdict: str
    action_class: ActionClass
    severity: Severity
    responsible: Responsible
    tell_driver: str
    then: tuple[Step, ...]
    answers: tuple[str, ...]
    example: Facts | None
    counter_example: Facts | None


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules in the order in which they are looked at, and the SHA-256 of the file (hexadecimal)."""

    rules: tuple[Rule, ...]
    hash: str

    def rule(self, rule_id: str) -> Rule | None:
        """The rule of that id; None where a case keeps one that this rulebook no longer has."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)
