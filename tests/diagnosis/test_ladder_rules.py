"""What the rulebook demands of a rule that names steps of the ladder."""

from dataclasses import replace

import pytest

from bot.diagnosis.engine import judge
from bot.diagnosis.facts import Facts
from bot.diagnosis.faults import LOCKED_OUT, Fault
from bot.diagnosis.past import Course
from bot.diagnosis.regions import regions, touches
from bot.diagnosis.rule import Rule
from bot.diagnosis.rulebook import DEFAULT_PATH, RulebookError, load_rulebook, parse_rulebook
from bot.diagnosis.vocabulary import NAMED_AS, ActionClass, Lasts, Progress, Session, YesNo
from bot.domain.ladder import LADDER, ORDER, Approval, StepName
from bot.domain.remote_action import RemoteCommand
from bot.domain.report import Symptom
from bot.domain.status import ConnectorStatus, Link

RULEBOOK = load_rulebook()
REGIONS = regions(RULEBOOK)
CYCLES = [rule for rule in RULEBOOK.rules if StepName.CYCLE in rule.then]
HERE = frozenset({Session.THIS_CONNECTOR.value, Session.BOTH.value})
ENDS_SESSIONS = [rule for rule in CYCLES if RemoteCommand.STOP_SESSION in rule.then]
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
example = {{ status = "Reserved", symptom = "other"{more} }}
counter_example = {{ status = "Available" }}
"""


def own(then: str, session: str = '"none"', action_class: str = "B") -> Rule:
    """An operator's rule over the default ones."""
    more = ', session = "this_connector", progress = "unknown"' if "this_connector" in session else ""
    text = OWN.format(then=then, session=session, action_class=action_class, more=more)
    found = parse_rulebook(DEFAULT_PATH.read_bytes(), text.encode()).rule("own")
    assert found is not None
    return found


def test_a_rule_may_name_the_cycle_where_no_session_runs_on_the_connector() -> None:
    assert StepName.CYCLE in own('["refresh_status", "cycle", "agent"]').then
    assert StepName.CYCLE in own('["cycle", "agent"]', session='["none", "sibling"]').then


def test_a_rule_may_name_the_cycle_after_the_end_of_a_session() -> None:
    found = own('["refresh_status", "stop_session", "cycle", "agent"]', session='["this_connector", "both"]')
    assert StepName.CYCLE in found.then


@pytest.mark.parametrize(
    ("then", "session", "action_class", "reason"),
    [
        ('["cycle", "agent"]', '"none"', "A", "cycle energises, which class A forbids"),
        ('["cycle", "agent"]', '"none"', "C", "cycle energises, which class C forbids"),
        ('["cycle", "agent"]', '["none", "this_connector"]', "B", "a connector without a session"),
        ('["cycle", "refresh_status", "agent"]', '"none"', "B", "the milder step must come first"),
        ('["stop_session", "cycle", "agent"]', '"none"', "B", "needs a session on this connector"),
        ('["cycle", "stop_session", "agent"]', '"this_connector"', "B", "the milder step must come first"),
        ('["stop_session", "cycle", "agent"]', '"this_connector"', "C", "which class C forbids"),
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
    early = OWN.format(then='["cycle", "agent"]', session='"none"', action_class="B", more="")
    early = early.replace('before = "reserved"', 'before = "contact_fails_once"')
    with pytest.raises(RulebookError, match="can be class D reaches this rule"):
        parse_rulebook(DEFAULT_PATH.read_bytes(), early.encode())


@pytest.mark.parametrize("rule", RULEBOOK.rules, ids=lambda rule: rule.id)
def test_every_rule_names_the_steps_from_mild_to_hard(rule: Rule) -> None:
    steps = [step for step in ORDER if NAMED_AS.get(step) in rule.then]
    words = [word for word in map(str, rule.then) if word in set(NAMED_AS.values())]
    assert words == [NAMED_AS[step] for step in steps]


@pytest.mark.parametrize("rule", CYCLES, ids=lambda rule: rule.id)
def test_no_cycle_reaches_a_lock_out(rule: Rule) -> None:
    assert rule.action_class is ActionClass.B
    assert not touches(REGIONS[rule.id], fault=LOCKED_OUT)


@pytest.mark.parametrize("rule", CYCLES, ids=lambda rule: rule.id)
def test_a_cycle_reaches_a_session_on_its_connector_only_where_that_is_ended_before(rule: Rule) -> None:
    ends = rule.then.index(RemoteCommand.STOP_SESSION) if RemoteCommand.STOP_SESSION in rule.then else None
    assert touches(REGIONS[rule.id], session=HERE) == (ends is not None)
    assert ends is None or ends < rule.then.index(StepName.CYCLE)


@pytest.mark.parametrize("rule", ENDS_SESSIONS, ids=lambda rule: rule.id)
def test_a_ladder_ends_no_session_in_which_energy_flows_or_may(rule: Rule) -> None:
    assert not touches(REGIONS[rule.id], progress=frozenset({Progress.FLOWING.value}))
    charging = frozenset({ConnectorStatus.CHARGING.value})
    assert not touches(REGIONS[rule.id], status=charging, progress=frozenset({Progress.UNKNOWN.value}))


@pytest.mark.parametrize("rule", ENDS_SESSIONS, ids=lambda rule: rule.id)
def test_a_ladder_ends_a_session_only_for_its_driver_or_where_the_station_calls_it_ended(rule: Rule) -> None:
    strangers = frozenset(Symptom) - {Symptom.STOPPED, Symptom.SLOW}
    in_use = frozenset(ConnectorStatus) - {ConnectorStatus.FINISHING}
    assert not touches(REGIONS[rule.id], symptom=frozenset(strangers), status=frozenset(in_use))


def test_a_step_that_a_rule_can_name_is_never_an_agents() -> None:
    assert all(LADDER[step].approval is not Approval.AGENT for step in NAMED_AS)


@pytest.mark.parametrize(
    "facts",
    [
        Facts(status=ConnectorStatus.FAULTED),
        Facts(status=ConnectorStatus.PREPARING, status_lasts=Lasts.LONG),
        Facts(status=ConnectorStatus.FINISHING, status_lasts=Lasts.LONG),
        Facts(status=ConnectorStatus.FINISHING, symptom=Symptom.CABLE_STUCK),
        Facts(status=ConnectorStatus.SUSPENDED_EVSE, session_ended=YesNo.YES),
        Facts(status=ConnectorStatus.CHARGING, session_ended=YesNo.YES),
    ],
)
def test_what_the_precedents_name_begins_a_ladder(facts: Facts) -> None:
    assert StepName.CYCLE in judge(facts, RULEBOOK).rule.then


HANGS = Facts(
    status=ConnectorStatus.SUSPENDED_EVSE,
    status_lasts=Lasts.LONG,
    session=Session.THIS_CONNECTOR,
    progress=Progress.NOT_FLOWING,
    symptom=Symptom.STOPPED,
)


@pytest.mark.parametrize(
    "facts",
    [
        HANGS,
        replace(HANGS, progress=Progress.UNKNOWN, symptom=Symptom.SLOW, session=Session.BOTH),
        replace(HANGS, status=ConnectorStatus.CHARGING, status_lasts=Lasts.UNMEASURED),
        replace(HANGS, status=ConnectorStatus.FINISHING, symptom=Symptom.WILL_NOT_START),
    ],
)
def test_a_session_that_hangs_is_ended_before_its_connector_is_cycled(facts: Facts) -> None:
    then = judge(facts, RULEBOOK).rule.then
    assert then[:3] == (RemoteCommand.REFRESH_STATUS, RemoteCommand.STOP_SESSION, StepName.CYCLE)


@pytest.mark.parametrize(
    "facts",
    [
        replace(HANGS, symptom=Symptom.WILL_NOT_START),
        replace(HANGS, symptom=Symptom.BAY_BLOCKED),
        replace(HANGS, status_lasts=Lasts.BRIEF),
        replace(HANGS, progress=Progress.FLOWING),
        replace(HANGS, status=ConnectorStatus.SUSPENDED_EV),
        replace(HANGS, status=ConnectorStatus.CHARGING, progress=Progress.UNKNOWN),
        replace(HANGS, fault=Fault.GROUND),
        replace(HANGS, danger=YesNo.YES),
        replace(HANGS, warned=YesNo.YES),
        replace(HANGS, link=Link.OFFLINE),
        Facts(status=ConnectorStatus.CHARGING),
        Facts(status=ConnectorStatus.SUSPENDED_EVSE),
    ],
)
def test_no_ladder_ends_a_session_that_may_be_wanted_or_must_not_be_touched(facts: Facts) -> None:
    assert StepName.CYCLE not in judge(facts, RULEBOOK).rule.then


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
