"""Answers that are ready: what they may name, and which language is taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.answer import LONGEST, PLACEHOLDERS, CannedAnswer, checked, filled
from bot.domain.refusal import Refusal
from bot.domain.usual_answers import usual_answers
from bot.views.i18n import load_texts


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("  ", "answer.empty"),
        ("x" * (LONGEST + 1), "answer.long"),
        ("Hello {name}", "answer.placeholder"),
        ("Hello {driver.name}", "answer.placeholder"),
        ("Hello {}", "answer.placeholder"),
        ("Hello {driver", "answer.braces"),
        ("Hello {{driver}}", "answer.braces"),
    ],
)
def test_what_nobody_could_fill_is_refused_with_what_there_is(text: str, refusal: str) -> None:
    with pytest.raises(Refusal) as refused:
        checked(text)
    assert refused.value.key == refusal
    if refusal in {"answer.placeholder", "answer.braces"}:
        assert refused.value.values["known"] == ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)


@given(st.text(max_size=20))
def test_what_a_driver_is_called_is_never_filled_itself(name: str) -> None:
    values = dict.fromkeys(PLACEHOLDERS, "secret") | {"driver": f"{name}{{phone}}"}
    assert filled("Hello {driver}!", values) == f"Hello {name}{{phone}}!"


def test_the_first_language_that_there_is_is_taken_and_else_any() -> None:
    answer = CannedAnswer(1, {"de": "Hallo", "fr": "Salut"})
    assert answer.in_language("de-AT", "fr") == ("de", "Hallo")
    assert answer.in_language("en", "fr") == ("fr", "Salut")
    assert answer.in_language(None, "en") == ("de", "Hallo")


def test_the_usual_answers_speak_every_language_and_name_only_what_there_is() -> None:
    languages = set(load_texts().languages())
    assert len(usual_answers()) >= 5
    for answer in usual_answers():
        assert set(answer.texts) == languages
        assert all(checked(text) == text for text in answer.texts.values())
