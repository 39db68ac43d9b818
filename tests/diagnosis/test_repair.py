"""What a technician takes along, by verdict, and what comes before the work."""

import pytest

from bot.diagnosis.repair import repair_of, repairs
from bot.diagnosis.rule import Rule
from bot.diagnosis.rulebook import load_rulebook
from bot.diagnosis.vocabulary import Advice
from bot.views.i18n import load_texts

TEXTS = load_texts()
RULES = load_rulebook().rules


def test_every_verdict_that_sends_a_technician_says_what_to_take_along_or_that_nothing_is_known() -> None:
    sent = {rule.verdict for rule in RULES if Advice.TECHNICIAN in rule.then}
    assert sorted(sent - set(repairs())) == []


def test_no_entry_is_of_a_verdict_that_no_rule_gives() -> None:
    assert sorted(set(repairs()) - {rule.verdict for rule in RULES}) == []


@pytest.mark.parametrize("language", TEXTS.languages())
def test_every_part_and_every_warning_has_its_words(language: str) -> None:
    t = TEXTS.to(language)
    asked = {f"part.{part}" for each in repairs().values() for part in each.parts}
    asked |= {f"safety.{warning}" for each in repairs().values() for warning in each.safety}
    assert sorted(key for key in asked if not t.has(key)) == []


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule.action_class == "D"], ids=lambda rule: rule.id
)
def test_of_every_verdict_of_class_d_the_lock_out_comes_first(rule: Rule) -> None:
    assert repair_of(rule.verdict, rule.action_class).safety[0] == "lock_out"


def test_a_verdict_without_danger_asks_for_no_lock_out() -> None:
    assert "lock_out" not in repair_of("meter", "B").safety
    assert repair_of("no_such_verdict", "A").parts == ()
