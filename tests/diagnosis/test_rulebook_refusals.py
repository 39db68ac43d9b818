"""A rulebook with one wrong entry is refused, and the message says where."""

import pytest

from bot.diagnosis.faults import ALWAYS_LOCKED
from bot.diagnosis.rulebook import DEFAULT_PATH, RulebookError, load_rulebook, parse_rulebook

OTHERWISE = """
[[rule]]
id = "otherwise"
says = "A person looks at it."
verdict = "unclear"
class = "C"
severity = "P3"
responsible = "unknown"
tell_driver = "unclear"
then = ["agent"]
"""
DANGER = """
[[rule]]
id = "danger_{fact}"
says = "Danger."
when = {{ {fact} = "{word}" }}
verdict = "danger"
class = "D"
severity = "P1"
responsible = "unknown"
tell_driver = "danger"
then = ["agent"]
example = {{ {fact} = "{word}" }}
counter_example = {{ }}
"""
LOCKED = f"""
[[rule]]
id = "locked"
says = "Locked out."
when = {{{{ fault = {sorted(ALWAYS_LOCKED)} }}}}
verdict = "station_warns"
class = "D"
severity = "P1"
responsible = "unknown"
tell_driver = "locked_out"
then = ["agent"]
example = {{{{ fault = "ground" }}}}
counter_example = {{{{ }}}}
""".format()
WORDS = DANGER.format(fact="danger", word="yes") + DANGER.format(fact="symptom", word="danger")
HEAD = WORDS + LOCKED + DANGER.format(fact="warned", word="yes")
SAMPLE = """
[[rule]]
id = "sample"
says = "Reserved."
when = { status = "Reserved" }
verdict = "reserved"
class = "C"
severity = "P3"
responsible = "operator"
tell_driver = "reserved"
then = ["agent"]
example = { status = "Reserved" }
counter_example = { status = "Available" }
"""


def broken(old: str, new: str) -> RulebookError:
    assert old in SAMPLE
    with pytest.raises(RulebookError) as caught:
        parse_rulebook((HEAD + SAMPLE.replace(old, new) + OTHERWISE).encode())
    return caught.value


def test_the_sample_itself_is_accepted() -> None:
    assert len(parse_rulebook((HEAD + SAMPLE + OTHERWISE).encode()).rules) == 6


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [
        ('says = "Reserved."', 'say = "Reserved."', "say", "unknown key"),
        ('says = "Reserved."', "says = 3", "says", "must be a text"),
        ('verdict = "reserved"', "", "verdict", "missing"),
        ('class = "C"', 'class = "E"', "class", "'E' is none of: A, B, C, D"),
        ('"P3"', '"P4"', "severity", "'P4' is none of"),
        ('"operator"', '"nobody"', "responsible", "'nobody' is none of"),
        ('when = { status = "Reserved" }', "when = {}", "when", "without conditions"),
        ('when = { status = "Reserved" }', 'when = { state = "Reserved" }', "when.state", "unknown fact"),
        ('when = { status = "Reserved" }', 'when = { status = "Booked" }', "when.status", "'Booked'"),
        ('when = { status = "Reserved" }', "when = { status = [] }", "when.status", "some of the words"),
        (
            'when = { status = "Reserved" }',
            'when = { status = ["Reserved", "Reserved"] }',
            "when.status",
            "stands twice",
        ),
        ('then = ["agent"]', 'then = ["agent", "dance"]', "then", "'dance' is none of"),
        ('then = ["agent"]', 'then = ["agent", "unlock"]', "then", "never offered to a driver"),
        ('then = ["agent"]', 'then = ["wait"]', "then", "a way to an agent"),
        ('then = ["agent"]', 'then = "agent"', "then", "must be a list"),
        ('then = ["agent"]', 'then = ["agent", "soft_reset"]', "then", "which class C forbids"),
        ('then = ["agent"]', 'then = ["agent", "stop_session"]', "then", "needs a session"),
        ('then = ["agent"]', 'then = ["agent"]\nanswers = ["Oops"]', "answers", "'Oops' is no error code"),
        (
            'example = { status = "Reserved" }',
            'example = { status = "Faulted" }',
            "example",
            "fires 'otherwise' instead",
        ),
        (
            'counter_example = { status = "Available" }',
            'counter_example = { status = "Reserved" }',
            "counter_example",
            "fires this rule",
        ),
    ],
)
def test_a_wrong_entry_is_refused_with_rule_key_and_reason(old: str, new: str, key: str, reason: str) -> None:
    error = broken(old, new)
    assert (error.rule, error.key) == ("sample", key)
    assert reason in str(error) and "'sample'" in str(error)


def test_a_reset_that_would_end_a_session_is_refused() -> None:
    unguarded = SAMPLE.replace('"C"', '"B"').replace('["agent"]', '["soft_reset", "agent"]')
    with pytest.raises(RulebookError, match="stops every session"):
        parse_rulebook((HEAD + unguarded + OTHERWISE).encode())


def test_a_reset_that_a_lock_out_can_reach_is_refused() -> None:
    unsafe = SAMPLE.replace('"C"', '"B"').replace('["agent"]', '["soft_reset", "agent"]')
    unsafe = unsafe.replace(
        "when = {", 'when = { session = "none", soft_reset_tried = "no", restartable = "yes",'
    )
    with pytest.raises(RulebookError, match="can be class D reaches this rule"):
        parse_rulebook((HEAD + unsafe + OTHERWISE).encode())


def test_a_restart_of_a_station_that_may_not_be_able_to_is_refused() -> None:
    careless = SAMPLE.replace('"C"', '"B"').replace('["agent"]', '["soft_reset", "agent"]')
    careless = careless.replace("when = {", 'when = { session = "none", soft_reset_tried = "no",')
    with pytest.raises(RulebookError, match="not every station can do soft_reset"):
        parse_rulebook((HEAD + careless + OTHERWISE).encode())


def test_a_rule_before_danger_is_refused() -> None:
    with pytest.raises(RulebookError, match="word of danger must lead to class D"):
        parse_rulebook((SAMPLE + HEAD + OTHERWISE).encode())


def test_a_dead_rule_is_refused() -> None:
    with pytest.raises(RulebookError, match="'again', key 'when': can never fire"):
        parse_rulebook((HEAD + SAMPLE + SAMPLE.replace("sample", "again") + OTHERWISE).encode())


def test_an_id_that_stands_twice_is_refused() -> None:
    with pytest.raises(RulebookError, match="'sample', key 'id': this id stands twice"):
        parse_rulebook((HEAD + SAMPLE + SAMPLE + OTHERWISE).encode())


@pytest.mark.parametrize("content", ["", "rule = 3", "[[rule", HEAD + SAMPLE, HEAD + OTHERWISE + SAMPLE])
def test_a_file_that_is_no_table_with_a_last_resort_is_refused(content: str) -> None:
    with pytest.raises(RulebookError):
        parse_rulebook(content.encode())


def test_the_hash_follows_the_content() -> None:
    content = DEFAULT_PATH.read_bytes()
    assert load_rulebook().hash == parse_rulebook(content).hash
    assert parse_rulebook(content + b"\n").hash != parse_rulebook(content).hash


def own(text: str) -> list[str]:
    """The ids of the default rules with an operator's own over them."""
    rules = parse_rulebook(DEFAULT_PATH.read_bytes(), text.encode()).rules
    return [rule.id for rule in rules]


def test_an_operators_rule_with_a_known_id_takes_its_place() -> None:
    default = load_rulebook()
    ids = own(SAMPLE.replace('"sample"', '"reserved"').replace('"P3"', '"P2"'))
    assert ids == [rule.id for rule in default.rules]
    changed = parse_rulebook(
        DEFAULT_PATH.read_bytes(), SAMPLE.replace('"sample"', '"reserved"').replace('"P3"', '"P2"').encode()
    )
    rule = changed.rule("reserved")
    assert rule is not None and rule.severity == "P2"
    assert changed.hash != default.hash


def test_an_operators_new_rule_stands_before_the_one_it_names() -> None:
    ids = own(
        SAMPLE.replace('id = "sample"', 'id = "sample"\nbefore = "reserved"').replace(
            'status = "Reserved" }', 'status = "Reserved", symptom = "other" }'
        )
    )
    assert ids.index("sample") + 1 == ids.index("reserved")


def test_an_operators_new_rule_without_a_place_is_refused() -> None:
    with pytest.raises(
        RulebookError, match="'sample', key 'before': a new rule must stand before a known one"
    ):
        own(SAMPLE)


def test_an_operator_cannot_make_less_of_a_safety_fault() -> None:
    mild = (
        SAMPLE.replace('"sample"', '"ground_failure"')
        .replace('when = { status = "Reserved" }', 'when = { fault = "ground" }')
        .replace('example = { status = "Reserved" }', 'example = { fault = "ground" }', 1)
    )
    with pytest.raises(RulebookError, match="a fault that is always class D reaches this rule"):
        own(mild)


def test_an_operator_cannot_come_before_danger() -> None:
    early = SAMPLE.replace('id = "sample"', 'id = "sample"\nbefore = "danger_in_words"')
    with pytest.raises(RulebookError, match="word of danger must lead to class D"):
        own(early)


def test_an_operator_cannot_make_less_of_another_drivers_word_of_danger() -> None:
    early = SAMPLE.replace('id = "sample"', 'id = "sample"\nbefore = "warned_by_others"')
    with pytest.raises(RulebookError, match="somebody else's word of danger must lead to class D"):
        own(early)
