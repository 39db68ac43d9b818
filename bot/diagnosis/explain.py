"""Why a verdict was reached, and the verdict as a case keeps it."""

from dataclasses import fields
from datetime import datetime

from bot.diagnosis.engine import Verdict, judge
from bot.diagnosis.facts import Facts, Readings
from bot.diagnosis.rule import VOCABULARIES, Rulebook
from bot.domain.case import Judgement

Evidence = tuple[str, str]
"""A key of the texts' table `[evidence]`, and the value: a word of a vocabulary, a code or a number."""

ALWAYS_SHOWN = ("link", "status")
"""What an agent wants to see whatever the rule weighed."""

READINGS = tuple(field.name for field in fields(Readings))


def why(verdict: Verdict) -> tuple[Evidence, ...]:
    """The evidence: first the facts that the rule weighed, in its order, then link, status and readings.

    Readings that are not known are left out; nothing stands twice.
    """
    weighed = (condition.fact for condition in verdict.rule.when)
    words = tuple(
        (fact, str(getattr(verdict.facts, fact))) for fact in dict.fromkeys((*weighed, *ALWAYS_SHOWN))
    )
    known = ((name, getattr(verdict.facts.readings, name)) for name in READINGS)
    return words + tuple((name, str(value)) for name, value in known if value is not None)


def to_judgement(verdict: Verdict, rulebook: Rulebook, now: datetime) -> Judgement:
    """The verdict as a case keeps it; `rulebook` is the one that judged, `now` the time of it (UTC)."""
    rule = verdict.rule
    return Judgement(
        rule_id=rule.id,
        rulebook_hash=rulebook.hash,
        verdict=rule.verdict,
        action_class=str(rule.action_class),
        tell_driver=rule.tell_driver,
        then=tuple(str(step) for step in rule.then),
        evidence=why(verdict),
        judged_at=now,
        facts=tuple((fact, str(getattr(verdict.facts, fact))) for fact in VOCABULARIES),
    )


def replay(judgement: Judgement, rulebook: Rulebook) -> Verdict | None:
    """The verdict made again, with its trace; None where the rulebook has changed since, or a fact is missing."""
    if judgement.rulebook_hash != rulebook.hash or {fact for fact, _ in judgement.facts} != set(VOCABULARIES):
        return None
    try:
        words = {fact: VOCABULARIES[fact](word) for fact, word in judgement.facts}
    except ValueError:
        return None
    return judge(Facts(**words), rulebook)  # type: ignore[arg-type]  # Each word is of its fact's own vocabulary.
