"""What the rulebook demands of a rule that names steps of the ladder."""

import pytest

from bot.diagnosis.engine import judge
from bot.diagnosis.facts import Facts
from bot.diagnosis.faults import LOCKED_OUT
from bot.diagnosis.past import Course
from bot.diagnosis.regions import regions, touches
from bot.diagnosis.rule import Rule
from bot.diagnosis.rulebook import DEFAULT_PATH, RulebookError, load_rulebook, parse_rulebook
from bot.diagnosis.vocabulary import NAMED_AS, ActionClass, Lasts, Session, YesNo
from bot.domain.ladder import LADDER, ORDER, Approval, StepName
from bot.domain.report import Symptom
from bot.domain.status import ConnectorStatus

RULEBOOK = load_rulebook()
REGIONS = regions(RULEBOOK)
CYCLES = [rule for rule in RULEBOOK.rules if StepName.CYCLE in rule.then]
OWN = """
[[rule]]
id = "own"
before = "reserved"
says = "Of our own."
when = {{ status = "Reserved", symptom = "other", session = {session} }}
verdict = "reserved"
class = "{action_class}"
severity = "P3"
responsible = "operator"
tell_driver = "reserved"
then = {then}
example = {{ status = "Reserved", symptom = "other" }}
counter_example = {{ status = "Available" }}
"""


def own(then: str, session: str = '"none"', action_class: str = "B") -> Rule:
    """An operator's rule over the default ones."""
    text = OWN.format(then=then, session=session, action_class=action_class)
    found = parse_rulebook(DEFAULT_PATH.read_bytes(), text.encode()).rule("own")
    assert found is not None
    return found


def test_a_rule_may_name_the_cycle_where_no_session_runs_on_the_connector() -> None:
    assert StepName.CYCLE in own('["refresh_status", "cycle", "agent"]').then
    assert StepName.CYCLE in own('["cycle", "agent"]', session='["none", "sibling"]').then


@pytest.mark.parametrize(
    ("then", "session", "action_class", "reason"),
    [
        ('["cycle", "agent"]', '"none"', "A", "cycle energises, which class A forbids"),
        ('["cycle", "agent"]', '"none"', "C", "cycle energises, which class C forbids"),
        ('["cycle", "agent"]', '["none", "this_connector"]', "B", "a connector without a session"),
        ('["cycle", "refresh_status", "agent"]', '"none"', "B", "the milder step must come first"),
        ('["unlock", "agent"]', '"none"', "B", "never offered to a driver"),
        ('["hard_reset", "agent"]', '"none"', "B", "never offered to a driver"),
        ('["make_inoperative", "agent"]', '"none"', "B", "never offered to a driver"),
    ],
)
def test_a_rule_that_names_a_step_carelessly_is_refused(
    then: str, session: str, action_class: str, reason: str
) -> None:
    with pytest.raises(RulebookError, match=reason):
        own(then, session, action_class)


def test_a_cycle_that_a_lock_out_can_reach_is_refused() -> None:
    early = OWN.format(then='["cycle", "agent"]', session='"none"', action_class="B")
    early = early.replace('before = "reserved"', 'before = "contact_fails_once"')
    with pytest.raises(RulebookError, match="can be class D reaches this rule"):
        parse_rulebook(DEFAULT_PATH.read_bytes(), early.encode())


@pytest.mark.parametrize("rule", RULEBOOK.rules, ids=lambda rule: rule.id)
def test_every_rule_names_the_steps_from_mild_to_hard(rule: Rule) -> None:
    steps = [step for step in ORDER if NAMED_AS.get(step) in rule.then]
    words = [word for word in map(str, rule.then) if word in set(NAMED_AS.values())]
    assert words == [NAMED_AS[step] for step in steps]


@pytest.mark.parametrize("rule", CYCLES, ids=lambda rule: rule.id)
def test_no_cycle_reaches_a_lock_out_or_a_session_on_its_connector(rule: Rule) -> None:
    assert rule.action_class is ActionClass.B
    assert not touches(REGIONS[rule.id], fault=LOCKED_OUT)
    here = frozenset({Session.THIS_CONNECTOR.value, Session.BOTH.value})
    assert not touches(REGIONS[rule.id], session=here)


def test_a_step_that_a_rule_can_name_is_never_an_agents() -> None:
    assert all(LADDER[step].approval is not Approval.AGENT for step in NAMED_AS)


@pytest.mark.parametrize(
    "facts",
    [
        Facts(status=ConnectorStatus.FAULTED),
        Facts(status=ConnectorStatus.PREPARING, status_lasts=Lasts.LONG),
        Facts(status=ConnectorStatus.FINISHING, status_lasts=Lasts.LONG),
        Facts(status=ConnectorStatus.FINISHING, symptom=Symptom.CABLE_STUCK),
    ],
)
def test_what_the_precedents_name_begins_a_ladder(facts: Facts) -> None:
    assert StepName.CYCLE in judge(facts, RULEBOOK).rule.then


@pytest.mark.parametrize(
    "facts",
    [
        Facts(status=ConnectorStatus.FAULTED, course=Course.FLAPPING),
        Facts(status=ConnectorStatus.FAULTED, restartable=YesNo.NO, fault_codes=YesNo.NO),
        Facts(status=ConnectorStatus.UNAVAILABLE),
        Facts(status=ConnectorStatus.PREPARING, status_lasts=Lasts.BRIEF),
        Facts(status=ConnectorStatus.FINISHING, status_lasts=Lasts.BRIEF),
        Facts(status=ConnectorStatus.RESERVED),
        Facts(),
    ],
)
def test_where_the_cycle_makes_no_sense_none_begins(facts: Facts) -> None:
    assert StepName.CYCLE not in judge(facts, RULEBOOK).rule.then
