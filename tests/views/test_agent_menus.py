"""The menus under a card and the lists of cases: whole in each language, and short enough for Telegram."""

import pytest

from bot.cases.agents.briefing import Briefing
from bot.cases.agents.canned import Preview
from bot.cases.agents.merging import Mergeable
from bot.domain.case import CaseState
from bot.domain.usual_answers import usual_answers
from bot.sandbox.telegram.entities import parse
from bot.views import agent, agent_menus
from bot.views.callbacks import pack
from bot.views.i18n import Translate, load_texts
from bot.views.screen import Keyboard, Screen
from storage.repositories.staff import Colleague
from tests.views import scene

TEXTS = load_texts()
AGENTS = [Colleague(2**40 + number, 3000 + number, scene.EVIL) for number in range(30)]


@pytest.fixture(params=TEXTS.languages())
def t(request: pytest.FixtureRequest) -> Translate:
    return TEXTS.to(request.param)


def _screens(known: Briefing, t: Translate) -> list[Screen]:
    answers = usual_answers()
    seen = Preview(known.case, answers[0], "de", scene.EVIL, "Hello")
    return [
        agent_menus.merge_ask(known, 7, t),
        agent_menus.answers(known, answers, t.language, t),
        agent_menus.answer(known, seen, t),
    ]


def _menus(known: Briefing, t: Translate) -> list[Keyboard]:
    return [
        agent.card_keyboard(known, t),
        agent_menus.more(known, mergeable=True, t=t),
        agent_menus.hand_over(known, AGENTS, t),
        agent_menus.second_opinion(known, AGENTS, 1, t),
        agent_menus.snooze(known, t),
        agent_menus.severity(known, t),
        agent_menus.causes(known, t),
        agent_menus.merge(known, [Mergeable(known.case, scene.EVIL)] * 30, t),
    ]


def test_every_menu_can_be_sent_wherever_the_case_stands(t: Translate) -> None:
    for known in scene.briefings():
        for keyboard in _menus(known, t):
            assert len(keyboard) <= 10
            _packed(keyboard)
        for screen in _screens(known, t):
            text, _ = parse(screen.text, "HTML", None)
            assert text
            _packed(screen.keyboard)


def _packed(keyboard: Keyboard) -> None:
    for button in (button for line in keyboard for button in line):
        assert button.label
        assert button.does is not None
        pack(button.does)


def test_a_menu_leads_back_and_a_card_stays_small(t: Translate) -> None:
    back = t("agent.back")
    for known in scene.briefings():
        card, *menus = _menus(known, t)
        assert len(card) <= 6
        assert all(menu[-1][0].label == back for menu in menus)


def test_only_a_case_that_somebody_has_is_handed_over_or_put_aside(t: Translate) -> None:
    for known in scene.briefings():
        labels = {button.label for line in agent_menus.more(known, mergeable=False, t=t) for button in line}
        has = known.case.state is CaseState.WITH_AGENT
        assert (t("agent.hand_over") in labels, t("agent.snooze") in labels) == (has, has)
        assert t("agent.merge") not in labels
