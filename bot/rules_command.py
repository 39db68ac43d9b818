"""`python -m bot rules`: helps to write a rulebook of one's own, and shows the one that judges."""

import argparse
import sys
from pathlib import Path

from bot.app import rulebook_of
from bot.diagnosis.engine import judge
from bot.diagnosis.facts import Facts
from bot.diagnosis.limits import LIMITS
from bot.diagnosis.regions import EVERYTHING, regions, size
from bot.diagnosis.rule import VOCABULARIES, Condition, Rule, Rulebook
from bot.settings import Settings
from bot.views.i18n import Translate, load_texts

WRONG = 2


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `rules` with what it can do."""
    rules = commands.add_parser("rules", help="check, explain or show the rules of the diagnosis")
    rules.set_defaults(command=run)
    rules.add_argument("--file", type=Path, help="rules of your own, instead of RULES_FILE")
    what = rules.add_subparsers(dest="what", metavar="WHAT", required=True)
    what.add_parser("check", help="whether the rules can be used")
    explain = what.add_parser("explain", help="which rule fires on some facts, and what nearly did")
    explain.add_argument("facts", nargs="*", metavar="FACT=WORD", help="the others have their defaults")
    what.add_parser("enumerate", help="in how many combinations of facts each rule fires")
    what.add_parser("table", help="all of it for people, as Markdown")


async def run(parsed: argparse.Namespace, settings: Settings) -> int:
    """Runs one of them; the exit code."""
    rulebook = rulebook_of(settings, load_texts(), parsed.file)
    match parsed.what:
        case "check":
            print(
                f"{len(rulebook.rules)} rules, and every one of {size(EVERYTHING):,} combinations is judged."
            )
        case "explain":
            return _explain(rulebook, parsed.facts)
        case "enumerate":
            _enumerate(rulebook)
        case _:
            print(table(rulebook), end="")
    return 0


def _explain(rulebook: Rulebook, given: list[str]) -> int:
    words: dict[str, str] = {}
    for pair in given:
        fact, _, word = pair.partition("=")
        if fact not in VOCABULARIES:
            print(f"{fact!r} is no fact; there are: {', '.join(VOCABULARIES)}", file=sys.stderr)
            return WRONG
        if word not in set(VOCABULARIES[fact]):
            print(f"{fact} is one of: {', '.join(VOCABULARIES[fact])}", file=sys.stderr)
            return WRONG
        words[fact] = VOCABULARIES[fact](word)
    verdict = judge(Facts(**words), rulebook)  # type: ignore[arg-type]  # Each word is of its fact's own vocabulary.
    rule = verdict.rule
    print(f"{rule.id}: {rule.says}")
    print(f"  verdict {rule.verdict}, class {rule.action_class}, {rule.severity}")
    print(f"  then: {', '.join(str(step) for step in rule.then)}")
    for looked in verdict.nearly:
        print(f"  nearly {looked.rule}: would need {_conditions(looked.unmet)}")
    return 0


def _enumerate(rulebook: Rulebook) -> None:
    for rule_id, boxes in regions(rulebook).items():
        print(f"{sum(map(size, boxes)):>22,}  {rule_id}")
    print(f"{size(EVERYTHING):>22,}  in all")


def table(rulebook: Rulebook) -> str:
    """The rulebook as Markdown, for a person who does not program."""
    t = load_texts().to("en")
    lines = [
        "# The rules of the diagnosis",
        "",
        "This page is made by `python -m bot rules table`. The first rule whose conditions all hold gives the verdict.",
        "",
        "Class **A**: the driver can put it right. **B**: a remote remedy is allowed. **C**: wait and watch, no "
        "restart. **D**: locked out; nothing that energises is sent, a technician comes.",
        "",
        "## Where a number becomes a word",
        "",
        *(f"- {limit.sentence}" for limit in LIMITS),
        "",
        "## The rules, in their order",
        "",
    ]
    for number, rule in enumerate(rulebook.rules, start=1):
        lines += _rule(number, rule, t)
    return "\n".join(lines)


def _rule(number: int, rule: Rule, t: Translate) -> list[str]:
    answers = [f"- Error codes: {', '.join(rule.answers)}"] if rule.answers else []
    return [
        f"### {number}. {rule.id}",
        "",
        f"{rule.says}",
        "",
        f"- If: {_conditions(rule.when) if rule.when else 'nothing above holds'}",
        f"- Class {rule.action_class}, {rule.severity}; responsible: {rule.responsible}",
        f"- The driver reads: {t(f'verdict.{rule.verdict}')} {t(f'tell.{rule.tell_driver}')}",
        f"- Then: {', '.join(str(step).replace('_', ' ') for step in rule.then)}",
        *answers,
        "",
    ]


def _conditions(conditions: tuple[Condition, ...]) -> str:
    return "; ".join(f"{fact} is {' or '.join(sorted(words))}" for fact, words in conditions)
