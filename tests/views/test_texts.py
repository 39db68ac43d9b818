"""Texts: the same in every language, found for everybody, and what a vocabulary says."""

import string
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.diagnosis.rulebook import load_rulebook
from bot.domain.case import CaseState
from bot.domain.cause import Cause
from bot.domain.job import Hindrance, JobState
from bot.domain.remote_action import ActionState, Initiator, RemoteCommand
from bot.domain.report import Symptom
from bot.domain.status import ConnectorStatus, Link
from bot.views.i18n import load_texts

TEXTS = load_texts()
EN = TEXTS.to("en")
VOCABULARIES = {
    "status": ConnectorStatus,
    "symptom": Symptom,
    "state": CaseState,
    "command": RemoteCommand,
    "action": ActionState,
    "initiator": Initiator,
    "link": Link,
    "running": RemoteCommand,
    "verified": RemoteCommand,
    "job_state": JobState,
    "technician_state": JobState,
    "job_cause": Cause,
    "hindrance": Hindrance,
}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", TEXTS.languages())
def test_every_language_has_the_same_keys(language: str) -> None:
    assert set(TEXTS.to(language).texts) ^ set(EN.texts) == set()


@pytest.mark.parametrize("language", TEXTS.languages())
def test_every_text_has_the_same_placeholders(language: str) -> None:
    theirs = TEXTS.to(language).texts
    assert [key for key, text in EN.texts.items() if placeholders(text) != placeholders(theirs[key])] == []


@pytest.mark.parametrize("language", TEXTS.languages())
def test_no_text_is_empty(language: str) -> None:
    assert [key for key, text in TEXTS.to(language).texts.items() if not text.strip()] == []


@pytest.mark.parametrize("table", VOCABULARIES)
def test_every_word_of_a_vocabulary_has_a_text(table: str) -> None:
    assert [word for word in VOCABULARIES[table] if not EN.has(f"{table}.{word.value}")] == []


def test_every_rule_of_the_rulebook_has_its_texts() -> None:
    rules = load_rulebook().rules
    asked = {f"verdict.{rule.verdict}" for rule in rules} | {f"tell.{rule.tell_driver}" for rule in rules}
    assert sorted(key for key in asked if not EN.has(key)) == []


@pytest.mark.parametrize(
    ("language", "otherwise", "expected"),
    [
        ("de", None, "de"),
        ("de-AT", None, "de"),
        ("DE", None, "de"),
        ("xx", "de", "de"),
        (None, "de", "de"),
        ("xx", "yy", "en"),
        (None, None, "en"),
        ("", "", "en"),
        ("en", "de", "en"),
    ],
)
def test_everybody_finds_a_language(language: str | None, otherwise: str | None, expected: str) -> None:
    assert TEXTS.to(language, otherwise).language == expected


@pytest.mark.parametrize(
    ("seconds", "english", "german"),
    [
        (-5, "1 second ago", "vor 1 Sekunde"),
        (0, "1 second ago", "vor 1 Sekunde"),
        (50, "50 seconds ago", "vor 50 Sekunden"),
        (125, "2 minutes ago", "vor 2 Minuten"),
        (7200, "2 hours ago", "vor 2 Stunden"),
        (3 * 86400, "3 days ago", "vor 3 Tagen"),
    ],
)
def test_how_long_ago_is_said_as_people_say_it(seconds: float, english: str, german: str) -> None:
    assert EN.ago(timedelta(seconds=seconds)) == english
    assert TEXTS.to("de").ago(timedelta(seconds=seconds)) == german


def test_the_clock_is_that_of_the_operators_zone() -> None:
    moment = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    assert EN.clock(moment, "Europe/Vienna") == "2 Jul 00:30"


def test_a_german_day_has_its_points() -> None:
    moment = datetime(2026, 11, 22, 13, 5, tzinfo=UTC)
    german = TEXTS.to("de")
    assert german.clock(moment, "Europe/Vienna") == "22. Nov. 14:05"
    assert german.clock_on(moment, "Europe/Vienna", date(2026, 11, 21)) == "22. Nov. 14:05"
    assert german.short_day(moment.date()) == "22. Nov."
    assert EN.short_day(moment.date()) == "22 Nov"


def test_values_are_escaped_and_texts_are_not() -> None:
    said = EN("driver.with_agent", agent="<b>&{agent}")
    assert "&lt;b&gt;&amp;{agent}" in said
    assert said.startswith("👤 <b>")


def test_a_word_that_no_table_has_stays_itself() -> None:
    assert EN.word("Available", "proof", "status") == EN("status.Available")
    assert EN.word("rejected", "proof", "status") == EN("proof.rejected")
    assert EN.word("E42", "proof", "status") == "E42"


def test_a_key_that_is_missing_is_an_error() -> None:
    with pytest.raises(KeyError):
        EN("driver.no_such_text")


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "en"
    folder.mkdir()
    for name in ("a.toml", "b.toml"):
        (folder / name).write_text('[driver]\nhello = "Hello"\n')
    with pytest.raises(ValueError, match=r"driver\.hello stands twice in en"):
        load_texts(tmp_path)
