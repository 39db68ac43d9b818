"""Which group of agents gets a case, and which words are mere thanks."""

import pytest

from bot.domain.courtesy import only_thanks
from bot.domain.hotline import Load, choose
from bot.domain.operator import HotlineGroup


def load(chat: int, cases: int, *languages: str) -> Load:
    return Load(HotlineGroup("graz", chat, languages), cases)


@pytest.mark.parametrize(
    ("loads", "language", "chosen"),
    [
        ([load(-1, 9, "de"), load(-2, 0)], "de", -1),
        ([load(-1, 9, "de"), load(-2, 3, "en", "de")], "de-AT", -2),
        ([load(-1, 0, "de"), load(-2, 9)], "it", -2),
        ([load(-1, 4, "de"), load(-2, 3, "en")], "it", -2),
        ([load(-1, 2), load(-2, 2), load(-3, 2)], "de", -1),
        ([load(-1, 3), load(-2, 2)], "", -2),
    ],
)
def test_language_comes_before_load_and_load_before_the_order(
    loads: list[Load], language: str, chosen: int
) -> None:
    group = choose(loads, language)
    assert group is not None and group.chat == chosen


def test_where_there_is_no_group_none_is_chosen() -> None:
    assert choose([], "de") is None


@pytest.mark.parametrize(
    "words",
    ["danke", "Thanks!", "👍", "Vielen Dank für die schnelle Hilfe 🙏", "ok, thank you so much :)", "Merci beaucoup!",
     "super, danke", "👍🏽", "❤️", "Passt, danke!", "Grazie mille", "дякую"],
)  # fmt: skip
def test_kind_words_are_thanks(words: str) -> None:
    assert only_thanks(words)


@pytest.mark.parametrize(
    "words",
    ["danke, aber es geht nicht", "thanks, it does not charge", "", "?", "👎", "danke?", "the same again", "no",
     "nicht gut", "Hilfe", "help", "so", "für die", "😡", "1"],
)  # fmt: skip
def test_words_that_ask_or_complain_are_more_than_thanks(words: str) -> None:
    assert not only_thanks(words)
