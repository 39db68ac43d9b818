"""`python -m bot rules`: for whoever writes rules of their own."""

import subprocess
import sys
from pathlib import Path

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


def bot(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot", "rules", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def own_file(folder: Path, verdict: str = "reserved") -> str:
    path = folder / "own.toml"
    path.write_text(OWN.replace("{verdict}", verdict), encoding="utf-8")
    return str(path)


def test_the_page_for_people_is_the_one_that_the_rules_make() -> None:
    rulebook = rulebook_of(Settings(rules_file=""), load_texts())
    assert Path("docs/rules.md").read_text(encoding="utf-8") == table(rulebook)


def test_the_rules_can_be_checked() -> None:
    done = bot("check")
    assert done.returncode == 0
    assert "every one of" in done.stdout


def test_facts_are_explained_with_the_rule_and_what_nearly_fired() -> None:
    done = bot("explain", "fault=ground", "status=Faulted")
    assert done.stdout.startswith("ground_failure: ")
    assert "class D" in done.stdout
    beside = bot("explain", "fault=reader", "session=sibling").stdout
    assert beside.startswith("reader: ")
    assert "nearly reader_idle: would need session is none" in beside


def test_an_unknown_fact_or_word_is_told_with_those_that_there_are() -> None:
    assert (bot("explain", "weather=rain").returncode, bot("explain", "status=Broken").returncode) == (2, 2)
    assert "Available, Preparing" in bot("explain", "status=Broken").stderr


def test_every_combination_is_counted_to_one_rule() -> None:
    lines = bot("enumerate").stdout.splitlines()
    counts = [int(line.split()[0].replace(",", "")) for line in lines]
    assert sum(counts[:-1]) == counts[-1] > 0


def test_rules_of_ones_own_are_judged_with_the_others(tmp_path: Path) -> None:
    done = bot("--file", own_file(tmp_path), "explain", "status=Reserved")
    assert "Reserved for buses at night." in done.stdout


def test_a_broken_rule_of_ones_own_is_refused_with_rule_and_reason(tmp_path: Path) -> None:
    done = bot("--file", own_file(tmp_path, "no_such_text"), "check")
    assert done.returncode == 2
    assert "rule 'reserved', key 'verdict': there is no text 'no_such_text'" in done.stderr
    assert "Traceback" not in done.stderr
