"""`python -m bot rules`: for whoever writes rules of their own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.app import rulebook_of
from bot.rules_command import table
from bot.settings import Settings
from bot.views.i18n import load_texts

OWN = """
[[rule]]
id = "reserved"
says = "Reserved for buses at night."
when = { status = "Reserved" }
verdict = "{verdict}"
class = "C"
severity = "P3"
responsible = "operator"
tell_driver = "reserved"
then = ["agent"]
example = { status = "Reserved" }
counter_example = { status = "Available" }
"""


Said = tuple[int, str, str]
"""An exit code, and what was written on standard output and on standard error."""


@pytest.fixture
def rules(environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """`python -m bot rules`, with these arguments."""

    def run(*arguments: str) -> Said:
        code = main(["rules", *arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def own_file(folder: Path, verdict: str = "reserved") -> str:
    path = folder / "own.toml"
    path.write_text(OWN.replace("{verdict}", verdict), encoding="utf-8")
    return str(path)


def test_the_page_for_people_is_the_one_that_the_rules_make() -> None:
    rulebook = rulebook_of(Settings(rules_file=""), load_texts())
    assert Path("docs/rules.md").read_text(encoding="utf-8") == table(rulebook)


def test_the_rules_can_be_checked() -> None:
    command = [sys.executable, "-m", "bot", "rules", "check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0
    assert "every one of" in done.stdout


def test_facts_are_explained_with_the_rule_and_what_nearly_fired(rules: Callable[..., Said]) -> None:
    _, said, _ = rules("explain", "fault=ground", "status=Faulted")
    assert said.startswith("ground_failure: ")
    assert "class D" in said
    _, beside, _ = rules("explain", "fault=reader", "session=sibling")
    assert beside.startswith("reader: ")
    assert "nearly reader_idle: would need session is none" in beside


def test_an_unknown_fact_or_word_is_told_with_those_that_there_are(rules: Callable[..., Said]) -> None:
    assert rules("explain", "weather=rain")[0] == 2
    code, _, errors = rules("explain", "status=Broken")
    assert code == 2
    assert "Available, Preparing" in errors


def test_every_combination_is_counted_to_one_rule(rules: Callable[..., Said]) -> None:
    lines = rules("enumerate")[1].splitlines()
    counts = [int(line.split()[0].replace(",", "")) for line in lines]
    assert sum(counts[:-1]) == counts[-1] > 0


def test_rules_of_ones_own_are_judged_with_the_others(rules: Callable[..., Said], tmp_path: Path) -> None:
    _, said, _ = rules("--file", own_file(tmp_path), "explain", "status=Reserved")
    assert "Reserved for buses at night." in said


def test_a_broken_rule_of_ones_own_is_refused_with_rule_and_reason(
    rules: Callable[..., Said], tmp_path: Path
) -> None:
    code, _, errors = rules("--file", own_file(tmp_path, "no_such_text"), "check")
    assert code == 2
    assert "rule 'reserved', key 'verdict': there is no text 'no_such_text'" in errors
    assert "Traceback" not in errors
