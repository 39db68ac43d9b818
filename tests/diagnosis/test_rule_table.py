"""The rule table tests itself, over every combination of facts."""

import string
import timeit
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot.views
from bot.diagnosis.engine import judge
from bot.diagnosis.explain import READINGS, to_judgement, why
from bot.diagnosis.facts import Facts, Readings
from bot.diagnosis.faults import LOCKED_OUT, MREC_FAULTS, OCPP_FAULTS, Fault
from bot.diagnosis.regions import EVERYTHING, regions, size, touches
from bot.diagnosis.rule import OTHERWISE, VOCABULARIES, Rule
from bot.diagnosis.rulebook import load_rulebook
from bot.diagnosis.vocabulary import ActionClass, Advice, Lasts, OtherReports, Responsible, Session, YesNo
from bot.domain.capability import Source
from bot.domain.case import Severity
from bot.domain.remote_action import ACTION_RULES, Initiator, RemoteCommand
from bot.domain.report import Symptom
from bot.domain.status import ConnectorStatus, Link

RULEBOOK = load_rulebook()
REGIONS = regions(RULEBOOK)
SECONDS_ALLOWED = 0.001
"""Ten times the budget of 100 µs, as a busy machine must not fail the test."""
TEXTS = {
    language: tomllib.loads(
        (Path(bot.views.__file__).parent / "texts" / language / "diagnosis.toml").read_text(encoding="utf-8")
    )
    for language in ("en", "de")
}
WITH_EXAMPLES = [rule for rule in RULEBOOK.rules if rule.id != OTHERWISE]
any_facts = st.builds(Facts, **{fact: st.sampled_from(list(words)) for fact, words in VOCABULARIES.items()})


def commands(rule: Rule) -> list[RemoteCommand]:
    return [step for step in rule.then if isinstance(step, RemoteCommand)]


@pytest.mark.parametrize("rule", WITH_EXAMPLES, ids=lambda rule: rule.id)
def test_an_example_fires_its_own_rule_and_the_counter_example_does_not(rule: Rule) -> None:
    assert rule.example is not None and judge(rule.example, RULEBOOK).rule is rule
    assert rule.counter_example is not None and judge(rule.counter_example, RULEBOOK).rule is not rule


@pytest.mark.parametrize("rule", WITH_EXAMPLES, ids=lambda rule: rule.id)
def test_an_example_speaks_of_energy_exactly_where_a_session_runs(rule: Rule) -> None:
    for facts in (rule.example, rule.counter_example):
        assert facts is not None
        here = facts.session in {Session.THIS_CONNECTOR, Session.BOTH}
        assert here == (facts.progress != "none")


def test_every_combination_of_facts_belongs_to_exactly_one_rule() -> None:
    assert sum(size(box) for boxes in REGIONS.values() for box in boxes) == size(EVERYTHING)


def test_no_rule_is_dead() -> None:
    assert [rule for rule, boxes in REGIONS.items() if not boxes] == []


def test_only_otherwise_is_without_conditions() -> None:
    assert [rule.id for rule in RULEBOOK.rules if not rule.when] == [OTHERWISE]


@given(any_facts)
def test_judging_never_fails_and_agrees_with_the_regions(facts: Facts) -> None:
    verdict = judge(facts, RULEBOOK)
    words = {fact: frozenset({getattr(facts, fact)}) for fact in VOCABULARIES}
    assert touches(REGIONS[verdict.rule.id], **words)
    assert [looked.rule for looked in verdict.trace] == [r.id for r in verdict.passed_over]
    assert all(looked.unmet for looked in verdict.trace)


def test_danger_always_wins_and_offers_no_remote_action() -> None:
    for words in ({"danger": frozenset({"yes"})}, {"symptom": frozenset({"danger"})}):
        reached = [rule for rule in RULEBOOK.rules if touches(REGIONS[rule.id], **words)]
        assert {(rule.verdict, rule.severity) for rule in reached} == {("danger", Severity.P1)}
        assert all(rule.then == (Advice.AGENT,) for rule in reached)


def test_class_d_never_reaches_an_action_that_energises() -> None:
    for rule in RULEBOOK.rules:
        energises = any(ACTION_RULES[command].energising for command in commands(rule))
        assert not (energises and rule.action_class is not ActionClass.B)
        assert not (energises and touches(REGIONS[rule.id], fault=LOCKED_OUT))


def test_a_reset_is_never_offered_beside_a_session_or_twice() -> None:
    for rule in RULEBOOK.rules:
        if RemoteCommand.SOFT_RESET in rule.then:
            beside = frozenset(Session) - {Session.NONE}
            assert not touches(REGIONS[rule.id], session=frozenset(beside))
            assert not touches(REGIONS[rule.id], soft_reset_tried=frozenset({"yes"}))


def test_only_actions_that_a_driver_may_ask_for_are_offered() -> None:
    for rule in RULEBOOK.rules:
        assert all(Initiator.DRIVER in ACTION_RULES[command].initiators for command in commands(rule))


def test_every_verdict_leaves_a_way_to_an_agent() -> None:
    assert all(Advice.AGENT in rule.then for rule in RULEBOOK.rules)


def test_a_driver_is_believed_against_a_station_that_calls_itself_available() -> None:
    for symptom in (Symptom.WILL_NOT_START, Symptom.STOPPED, Symptom.SLOW, Symptom.OTHER):
        for session in (Session.NONE, Session.SIBLING):
            rule = judge(Facts(symptom=symptom, session=session), RULEBOOK).rule
            assert rule.verdict == "hidden_fault"
            assert (RemoteCommand.SOFT_RESET in rule.then) == (session is Session.NONE)


@pytest.mark.parametrize("code", [*OCPP_FAULTS, *MREC_FAULTS])
def test_every_error_code_is_answered_by_a_rule_that_it_fires(code: str) -> None:
    fault = (OCPP_FAULTS | MREC_FAULTS)[code]
    status = ConnectorStatus.FAULTED
    fired = [
        judge(Facts(fault=fault, status=status, status_lasts=lasts, other_reports=reports), RULEBOOK).rule
        for lasts in (Lasts.BRIEF, Lasts.LONG)
        for reports in (OtherReports.NONE, OtherReports.ONE)
    ]
    assert any(code in rule.answers for rule in fired)


def test_every_error_code_is_answered_once() -> None:
    answered = [code for rule in RULEBOOK.rules for code in rule.answers]
    assert sorted(answered) == sorted([*OCPP_FAULTS, *MREC_FAULTS])


def test_every_text_key_exists_and_none_is_left_over() -> None:
    for tables in TEXTS.values():
        assert set(tables["verdict"]) == {rule.verdict for rule in RULEBOOK.rules}
        assert set(tables["tell"]) == {rule.tell_driver for rule in RULEBOOK.rules}
        assert set(tables["evidence"]) == {*VOCABULARIES, *READINGS}
        assert set(tables["status"]) == set(ConnectorStatus)
        assert set(tables["link"]) == set(Link)
        assert set(tables["source"]) == set(Source)
        assert list(tables["symptom"]) == list(Symptom)
        assert set(tables["responsible"]) == set(Responsible)
        for fact, words in VOCABULARIES.items():
            if words is not YesNo:
                assert set(tables[fact]) == set(words), fact


def test_both_languages_have_the_same_keys_and_placeholders() -> None:
    def shape(tables: dict[str, dict[str, str]]) -> dict[tuple[str, str], set[str | None]]:
        return {
            (table, key): {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
            for table, texts in tables.items()
            for key, text in texts.items()
        }

    assert shape(TEXTS["en"]) == shape(TEXTS["de"])


def test_every_word_of_danger_names_the_emergency_number() -> None:
    for tables in TEXTS.values():
        assert all("112" in tables["tell"][key] for key in ("danger", "keep_away", "hot_plug"))


def test_a_person_is_announced_only_where_a_verdict_calls_one_at_once() -> None:
    announced = {"danger", "keep_away", "hot_plug"}
    for rule in RULEBOOK.rules:
        if rule.tell_driver in announced:
            assert rule.severity is Severity.P1 and rule.then[0] is Advice.AGENT


def test_the_evidence_shows_first_what_the_rule_weighed_then_what_was_read() -> None:
    readings = Readings(error_code="GroundFailure", status_age_seconds=12)
    facts = Facts(fault=Fault.GROUND, status=ConnectorStatus.FAULTED, readings=readings)
    assert why(judge(facts, RULEBOOK)) == (
        ("fault", "ground"),
        ("link", "online"),
        ("status", "Faulted"),
        ("error_code", "GroundFailure"),
        ("status_age_seconds", "12"),
    )


def test_a_case_keeps_the_rule_and_the_rulebook_that_judged() -> None:
    now = datetime(2025, 3, 1, 12, tzinfo=UTC)
    judgement = to_judgement(judge(Facts(), RULEBOOK), RULEBOOK, now)
    assert (judgement.rule_id, judgement.rulebook_hash) == ("hidden_fault_idle", RULEBOOK.hash)
    assert (judgement.action_class, judgement.judged_at) == ("B", now)
    assert judgement.then == ("soft_reset", "other_connector", "agent")


def test_the_trace_names_the_condition_that_kept_a_rule_from_firing() -> None:
    verdict = judge(Facts(symptom=Symptom.DISPLAY, session=Session.SIBLING), RULEBOOK)
    nearly = {looked.rule: [c.fact for c in looked.unmet] for looked in verdict.nearly}
    assert verdict.rule.id == "display"
    assert nearly["display_idle"] == ["session"]
    assert all(looked.met > 0 for looked in verdict.nearly)


def test_judging_takes_far_less_than_a_millisecond() -> None:
    longest = Facts(
        status=ConnectorStatus.PREPARING, session=Session.THIS_CONNECTOR, soft_reset_tried=YesNo.NO
    )
    assert judge(longest, RULEBOOK).rule.id == OTHERWISE
    best = min(timeit.repeat(lambda: judge(longest, RULEBOOK), number=200, repeat=5)) / 200
    assert best < SECONDS_ALLOWED
