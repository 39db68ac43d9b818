"""The engine: the first rule whose conditions all hold gives the verdict."""

from dataclasses import dataclass
from typing import NamedTuple

from bot.diagnosis.facts import Facts
from bot.diagnosis.rule import VOCABULARIES, Condition, Rule, Rulebook


class Looked(NamedTuple):
    """A rule that was looked at and did not fire: the conditions that did not hold, and how many did."""

    rule: str
    unmet: tuple[Condition, ...]
    met: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """The rule that fired on `facts`; `passed_over` are those looked at before it, in their order."""

    rule: Rule
    facts: Facts
    passed_over: tuple[Rule, ...]

    @property
    def trace(self) -> tuple[Looked, ...]:
        """Why each rule before did not fire. Made on demand: few verdicts are asked for their reasons."""
        return tuple(_looked(rule, self.facts) for rule in self.passed_over)

    @property
    def nearly(self) -> tuple[Looked, ...]:
        """The rules that one single condition kept from firing, though something spoke for them."""
        return tuple(looked for looked in self.trace if len(looked.unmet) == 1 and looked.met > 0)


def judge(facts: Facts, rulebook: Rulebook) -> Verdict:
    """The verdict on these facts. There always is one, as the last rule of a rulebook has no conditions."""
    words = {fact: getattr(facts, fact) for fact in VOCABULARIES}
    for position, rule in enumerate(rulebook.rules):
        for fact, allowed in rule.when:
            if words[fact] not in allowed:
                break
        else:
            return Verdict(rule, facts, rulebook.rules[:position])
    raise AssertionError("a rulebook ends with a rule without conditions")


def _looked(rule: Rule, facts: Facts) -> Looked:
    unmet = tuple(c for c in rule.when if getattr(facts, c.fact) not in c.words)
    return Looked(rule.id, unmet, len(rule.when) - len(unmet))
