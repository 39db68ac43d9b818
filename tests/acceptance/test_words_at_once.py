"""Somebody writes in the very moment in which somebody else changes the case: the words are not lost for it."""

import pytest

from bot.domain.case import Case
from bot.domain.refusal import Refusal
from storage.repositories.cases import Cases
from tests.acceptance.conftest import Stage
from tests.acceptance.talk import From, talking


@pytest.fixture
def lost_race(monkeypatch: pytest.MonkeyPatch) -> list[Case]:
    """Each change of a case that is in here is the loser of a race, once: another transaction was faster."""
    met: list[Case] = []
    real = Cases.save

    def save(self: Cases, before: Case, after: Case) -> None:
        if all(each.id != before.id for each in met):
            met.append(before)
            raise Refusal("case.moved_on")
        real(self, before, after)

    monkeypatch.setattr(Cases, "save", save)
    return met


async def test_words_of_an_agent_arrive_although_the_case_changes_while_they_are_kept(
    stage: Stage, request: pytest.FixtureRequest
) -> None:
    talk = await talking(stage, taken=False)
    race: list[Case] = request.getfixturevalue("lost_race")
    anna = talk.side(From.AGENT)
    stage.anna.text("I am here and look at it", anna.chat, thread=anna.thread)
    await stage.sees(stage.lena, "I am here and look at it")
    assert race


async def test_words_of_danger_arrive_although_the_case_changes_while_they_are_kept(
    stage: Stage, request: pytest.FixtureRequest
) -> None:
    talk = await talking(stage)
    race: list[Case] = request.getfixturevalue("lost_race")
    stage.lena.text("there is smoke")
    await stage.world.until_shown(
        stage.hotline, "there is smoke", thread=talk.side(From.AGENT).thread, timeout=8
    )
    assert race
