"""Reading the rulebook: a decision table in TOML, refused as a whole where one entry is wrong."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from bot.diagnosis.engine import judge
from bot.diagnosis.facts import Facts
from bot.diagnosis.faults import ALWAYS_LOCKED, LOCKED_OUT, MREC_FAULTS, OCPP_FAULTS
from bot.diagnosis.regions import Box, regions, touches
from bot.diagnosis.rule import OTHERWISE, VOCABULARIES, Condition, Rule, Rulebook
from bot.diagnosis.vocabulary import (
    NAMED_AS,
    OFFERED_TO_DRIVERS,
    ActionClass,
    Advice,
    Responsible,
    Step,
    YesNo,
)
from bot.domain.case import Severity
from bot.domain.ladder import LADDER, ORDER, StepName
from bot.domain.remote_action import ACTION_RULES, RemoteCommand
from bot.domain.report import Symptom

DEFAULT_PATH = Path(__file__).with_name("rules.toml")

_REQUIRED = frozenset({"id", "says", "verdict", "class", "severity", "responsible", "tell_driver", "then"})
_CONDITIONAL = frozenset({"when", "example", "counter_example"})
_OPTIONAL = frozenset({"answers"})
_PLACE = "before"
"""In an operator's own file: the id of the rule before which a new one stands."""
_SAID_YES = frozenset({YesNo.YES.value})
_CHOSE_DANGER = frozenset({Symptom.DANGER.value})
_ERROR_CODES = frozenset(OCPP_FAULTS) | frozenset(MREC_FAULTS)

_Word = TypeVar("_Word", bound=Enum)


class RulebookError(ValueError):
    """The rulebook cannot be used; the message names the rule and the key."""

    def __init__(self, rule: str, key: str, reason: str) -> None:
        super().__init__(f"rule {rule!r}, key {key!r}: {reason}")
        self.rule = rule
        self.key = key


def load_rulebook(path: Path = DEFAULT_PATH, own: Path | None = None) -> Rulebook:
    """Reads the file, and an operator's own over it.

    OSError where one cannot be read, RulebookError where the two together cannot be used.
    """
    return parse_rulebook(path.read_bytes(), None if own is None else own.read_bytes())


@lru_cache(maxsize=4)
def parse_rulebook(content: bytes, own: bytes | None = None) -> Rulebook:
    """The rulebook of a file's content; RulebookError for the first thing that is wrong with it.

    `own` is an operator's file of the same form: a rule with a known id takes that rule's place, a new one stands
    before the rule that its key `before` names. The whole table is tried on itself: every example fires its own
    rule and no counter-example does, no rule is dead, danger always wins, a fault that is always class D stays so,
    and none that can be class D reaches an action that energises. As that takes a while, the same content is not
    tried again by the same process.
    """
    rules = [_rule(table, number) for number, table in enumerate(_tables(content), start=1)]
    for number, table in enumerate(_tables(own) if own is not None else [], start=1):
        _put(rules, table, number)
    _check_ids(rules)
    rulebook = Rulebook(tuple(rules), hashlib.sha256(content + (own or b"")).hexdigest())
    _check_table(rulebook)
    return rulebook


def _tables(content: bytes) -> list[object]:
    try:
        document = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RulebookError("-", "-", f"not readable as TOML: {error}") from error
    if set(document) != {"rule"} or not isinstance(document["rule"], list):
        raise RulebookError("-", "rule", "the file must hold [[rule]] tables and nothing else")
    tables: list[object] = document["rule"]
    return tables


def _put(rules: list[Rule], table: object, number: int) -> None:
    """Puts an operator's own rule into its place."""
    before = table.pop(_PLACE, None) if isinstance(table, dict) else None
    rule = _rule(table, number)
    positions = {known.id: position for position, known in enumerate(rules)}
    if rule.id in positions and before is None:
        rules[positions[rule.id]] = rule
    elif rule.id in positions:
        raise RulebookError(rule.id, _PLACE, "a rule with a known id stays in that rule's place")
    elif before not in positions:
        raise RulebookError(rule.id, _PLACE, f"a new rule must stand before a known one; {before!r} is none")
    else:
        rules.insert(positions[before], rule)


def _check_ids(rules: list[Rule]) -> None:
    ids = [rule.id for rule in rules]
    for rule_id in ids:
        if ids.count(rule_id) > 1:
            raise RulebookError(rule_id, "id", "this id stands twice")
    if [rule.id for rule in rules if not rule.when] != [OTHERWISE] or rules[-1].id != OTHERWISE:
        raise RulebookError(OTHERWISE, "id", "the last rule, and it alone, must be without conditions")


def _rule(table: object, number: int) -> Rule:
    name = f"number {number}"
    if not isinstance(table, dict):
        raise RulebookError(name, "rule", "not a table")
    rule_id = _text(table, "id", name)
    _check_keys(table, rule_id)
    otherwise = rule_id == OTHERWISE
    rule = Rule(
        id=rule_id,
        says=_text(table, "says", rule_id),
        when=() if otherwise else _conditions(table["when"], rule_id),
        verdict=_text(table, "verdict", rule_id),
        action_class=_word(ActionClass, table["class"], "class", rule_id),
        severity=_word(Severity, table["severity"], "severity", rule_id),
        responsible=_word(Responsible, table["responsible"], "responsible", rule_id),
        tell_driver=_text(table, "tell_driver", rule_id),
        then=_steps(table["then"], rule_id),
        answers=_answers(table.get("answers", []), rule_id),
        example=None if otherwise else _facts(table["example"], "example", rule_id),
        counter_example=None if otherwise else _facts(table["counter_example"], "counter_example", rule_id),
    )
    _check_steps(rule)
    return rule


def _check_keys(table: Mapping[str, object], rule_id: str) -> None:
    required = _REQUIRED if rule_id == OTHERWISE else _REQUIRED | _CONDITIONAL
    for key in sorted(set(table) - required - _OPTIONAL):
        raise RulebookError(rule_id, key, "unknown key")
    for key in sorted(required - set(table)):
        raise RulebookError(rule_id, key, "missing")


def _text(table: Mapping[str, object], key: str, rule_id: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise RulebookError(rule_id, key, "must be a text")
    return value


def _word(vocabulary: type[_Word], value: object, key: str, rule_id: str) -> _Word:
    try:
        return vocabulary(value)
    except ValueError:
        known = ", ".join(str(word.value) for word in vocabulary)
        raise RulebookError(rule_id, key, f"{value!r} is none of: {known}") from None


def _list(value: object, key: str, rule_id: str) -> list[object]:
    if not isinstance(value, list):
        raise RulebookError(rule_id, key, "must be a list")
    if len(value) != len({str(entry) for entry in value}):
        raise RulebookError(rule_id, key, "an entry stands twice")
    return value


def _fact_table(value: object, key: str, rule_id: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise RulebookError(rule_id, key, "must be a table of facts")
    for fact in value:
        if fact not in VOCABULARIES:
            raise RulebookError(rule_id, f"{key}.{fact}", "unknown fact")
    return value


def _conditions(value: object, rule_id: str) -> tuple[Condition, ...]:
    """Equality, or a list of words of which one must hold; all facts of the table must hold together."""
    table = _fact_table(value, "when", rule_id)
    if not table:
        raise RulebookError(rule_id, "when", f"only {OTHERWISE!r} may be without conditions")
    return tuple(_condition(fact, wanted, rule_id) for fact, wanted in table.items())


def _condition(fact: str, wanted: object, rule_id: str) -> Condition:
    key = f"when.{fact}"
    entries = _list(wanted if isinstance(wanted, list) else [wanted], key, rule_id)
    words = frozenset(_word(VOCABULARIES[fact], entry, key, rule_id) for entry in entries)
    if not 0 < len(words) < len(VOCABULARIES[fact]):
        raise RulebookError(rule_id, key, "must name some of the words, neither none nor all of them")
    return Condition(fact, words)


def _facts(value: object, key: str, rule_id: str) -> Facts:
    """Partial facts, filled up with the defaults of `Facts`."""
    named = _fact_table(value, key, rule_id)
    defaults = {field.name: field.default for field in fields(Facts)}
    words = {fact: _word(VOCABULARIES[fact], word, f"{key}.{fact}", rule_id) for fact, word in named.items()}
    return Facts(**(defaults | words))  # type: ignore[arg-type]  # `_word` has checked each by its own type.


def _steps(value: object, rule_id: str) -> tuple[Step, ...]:
    return tuple(_step(entry, rule_id) for entry in _list(value, "then", rule_id))


def _step(entry: object, rule_id: str) -> Step:
    offered = {command.value: command for command in OFFERED_TO_DRIVERS}
    if isinstance(entry, str) and entry in offered:
        return offered[entry]
    if entry == StepName.CYCLE:
        return StepName.CYCLE
    if isinstance(entry, str) and entry in set(RemoteCommand):
        raise RulebookError(rule_id, "then", f"{entry!r} is an agent's decision, never offered to a driver")
    if isinstance(entry, str) and entry in set(Advice):
        return Advice(entry)
    known = ", ".join([*sorted(offered), StepName.CYCLE, *Advice])
    raise RulebookError(rule_id, "then", f"{entry!r} is none of: {known}")


def _answers(value: object, rule_id: str) -> tuple[str, ...]:
    codes = tuple(str(code) for code in _list(value, "answers", rule_id))
    for code in codes:
        if code not in _ERROR_CODES:
            raise RulebookError(rule_id, "answers", f"{code!r} is no error code of OCPP 1.6 or ChargeX")
    return codes


def _check_steps(rule: Rule) -> None:
    """What the table of remote actions demands of a rule that offers one."""
    if Advice.AGENT not in rule.then:
        raise RulebookError(rule.id, "then", "every verdict must leave a way to an agent")
    conditions = {condition.fact: condition.words for condition in rule.when}
    for step in rule.then:
        if isinstance(step, RemoteCommand):
            _check_offer(rule, step, conditions)
    if StepName.CYCLE in rule.then:
        _check_cycle(rule, conditions)
    _check_order(rule)


def _check_offer(rule: Rule, command: RemoteCommand, conditions: Mapping[str, frozenset[str]]) -> None:
    action = ACTION_RULES[command]
    if action.energising and rule.action_class is not ActionClass.B:
        raise RulebookError(rule.id, "then", f"{command} energises, which class {rule.action_class} forbids")
    session = conditions.get("session", frozenset())
    if action.whole_station and session != {"none"}:
        raise RulebookError(rule.id, "then", f'{command} stops every session: ask for session = "none"')
    if action.needs_session and not (session and session <= {"this_connector", "both"}):
        raise RulebookError(rule.id, "then", f"{command} needs a session on this connector in `when`")
    if command is RemoteCommand.SOFT_RESET:
        if conditions.get("soft_reset_tried", frozenset()) != {"no"}:
            raise RulebookError(rule.id, "then", f'{command} is tried once: ask for soft_reset_tried = "no"')
        if conditions.get("restartable", frozenset()) != {"yes"}:
            raise RulebookError(
                rule.id, "then", f'not every station can do {command}: ask for restartable = "yes"'
            )


def _check_cycle(rule: Rule, conditions: Mapping[str, frozenset[str]]) -> None:
    cycle = StepName.CYCLE
    if LADDER[cycle].energising and rule.action_class is not ActionClass.B:
        raise RulebookError(rule.id, "then", f"{cycle} energises, which class {rule.action_class} forbids")
    if NAMED_AS[StepName.END_SESSION] in rule.then:
        # The order of the steps puts it first, and the guards let no connector be cycled while its session runs.
        return
    session = conditions.get("session", frozenset())
    # One beside is left alone: the station is told of this connector only.
    if not (session and session <= {"none", "sibling"}):
        raise RulebookError(
            rule.id,
            "then",
            f'{cycle} needs a connector without a session: ask for session = "none", or name stop_session before it',
        )


def _check_order(rule: Rule) -> None:
    """A verdict never comes to a harder remedy before a milder one."""
    places = {word: ORDER.index(step) for step, word in NAMED_AS.items()}
    climbed = [places[str(step)] for step in rule.then if str(step) in places]
    if climbed != sorted(climbed):
        raise RulebookError(rule.id, "then", f"the milder step must come first: {', '.join(ORDER)}")


def _energises(step: Step) -> bool:
    if isinstance(step, StepName):
        return LADDER[step].energising
    return isinstance(step, RemoteCommand) and ACTION_RULES[step].energising


def _check_table(rulebook: Rulebook) -> None:
    fires = regions(rulebook)
    for rule in rulebook.rules:
        if not fires[rule.id]:
            raise RulebookError(rule.id, "when", "can never fire: rules before it take all its cases")
        fired = judge(rule.example, rulebook).rule if rule.example else rule
        if fired is not rule:
            raise RulebookError(rule.id, "example", f"fires {fired.id!r} instead")
        if rule.counter_example and judge(rule.counter_example, rulebook).rule is rule:
            raise RulebookError(rule.id, "counter_example", "fires this rule")
        _check_safety(rule, fires[rule.id])


def _check_safety(rule: Rule, fires: list[Box]) -> None:
    """Over all combinations of facts in which the rule fires."""
    if any(_energises(step) for step in rule.then) and touches(fires, fault=LOCKED_OUT):
        raise RulebookError(rule.id, "then", "energises, and a fault that can be class D reaches this rule")
    in_danger = touches(fires, danger=_SAID_YES) or touches(fires, symptom=_CHOSE_DANGER)
    if in_danger and (rule.action_class, rule.severity) != (ActionClass.D, Severity.P1):
        raise RulebookError(rule.id, "class", "a driver's word of danger must lead to class D and P1")
    if rule.action_class is not ActionClass.D and touches(fires, fault=ALWAYS_LOCKED):
        raise RulebookError(rule.id, "class", "a fault that is always class D reaches this rule")
    if rule.action_class is not ActionClass.D and touches(fires, warned=_SAID_YES):
        raise RulebookError(rule.id, "class", "somebody else's word of danger must lead to class D")
