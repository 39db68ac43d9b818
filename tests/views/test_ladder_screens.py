"""What a driver and an agent see of a ladder."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

import bot.cases
from bot.cases.outcomes import Standing
from bot.cases.remote.learning import Fixes, Followed, Learnt
from bot.domain.case import CaseState
from bot.domain.ladder import Ladder, LadderState, StepName
from bot.domain.remote_action import ActionState, RemoteCommand
from bot.domain.status import ConnectorStatus
from bot.views import agent, driver, ladder, learning
from bot.views.i18n import load_texts
from bot.views.screen import Keyboard
from tests.views import scene
from tests.views.test_screens import check

TEXTS = load_texts()
EN = TEXTS.to("en")
STEPS = (StepName.ASK, StepName.CYCLE, StepName.SOFT_RESET)


def stands(state: LadderState, step: int, case: CaseState = CaseState.RECOVERING, **more: object) -> Standing:
    climbed = Ladder(7, scene.CASE.id, "GRAZ-01", 1, 1, ConnectorStatus.FAULTED, STEPS, scene.NOW)
    climbed = replace(climbed, state=state, step=step, **more)  # type: ignore[arg-type]  # The names are those of the fields.
    taken = tuple(replace(each, ladder_id=7) for each in scene.climbed_actions())
    judged = scene.judgement("faulted", "offer_repair")
    return Standing(
        replace(scene.CASE, state=case, judgement=judged),
        scene.OPERATOR,
        scene.PLACE,
        taken[-1],
        ladder=climbed,
        climbed=taken,
    )


def labels(keyboard: Keyboard) -> list[str]:
    return [button.label for row in keyboard for button in row]


@pytest.mark.parametrize("language", TEXTS.languages())
def test_the_live_message_is_sound_wherever_the_case_stands(language: str) -> None:
    for each in scene.standings():
        check(driver.live(each, TEXTS.to(language)))


def test_while_it_runs_a_driver_sees_what_was_what_is_and_what_comes() -> None:
    screen = driver.live(stands(LadderState.CLIMBING, 1), EN)
    assert "▪️ Ask the station: it says fault" in screen.text
    assert "⏳ Switch the connector off and on" in screen.text
    assert "▫️ Restart the station" in screen.text
    assert labels(screen.keyboard) == ["✅ It works now", "🙋 Talk to a person"]


@pytest.mark.parametrize("state", [ActionState.VERIFIED, ActionState.TIMED_OUT, ActionState.FAILED])
def test_while_nobody_knows_whether_a_step_helped_nothing_else_is_said_of_it(state: ActionState) -> None:
    settling = stands(LadderState.CLIMBING, 2)
    on = replace(settling.climbed[-1], state=state)
    screen = driver.live(replace(settling, climbed=(*settling.climbed[:-1], on)), EN)
    assert "🔎 Switch the connector off and on, about a minute: looking whether it helped" in screen.text
    assert "did not help" not in screen.text
    assert "▫️ Restart the station" in screen.text
    assert "⏳" not in screen.text


def test_a_step_is_said_to_have_been_in_vain_once_the_next_has_begun() -> None:
    begun = stands(LadderState.CLIMBING, 2)
    order = replace(begun.climbed[-1].order, command=RemoteCommand.SOFT_RESET)
    reset = replace(begun.climbed[-1], order=order, state=ActionState.ACCEPTED, ended_at=None)
    screen = driver.live(replace(begun, climbed=(*begun.climbed, reset)), EN)
    assert "▪️ Switch the connector off and on, about a minute: did not help" in screen.text
    assert "⏳ Restart the station" in screen.text


def test_what_the_station_has_refused_is_not_looked_for() -> None:
    refused = stands(LadderState.CLIMBING, 2)
    on = replace(refused.climbed[-1], state=ActionState.REJECTED)
    screen = driver.live(replace(refused, climbed=(*refused.climbed[:-1], on)), EN)
    assert "looking whether" not in screen.text


def test_while_it_is_ending_nothing_more_is_announced() -> None:
    screen = driver.live(stands(LadderState.LEAVING, 1, CaseState.WITH_AGENT), EN)
    assert "Restart the station" not in screen.text


def test_once_it_has_helped_the_step_that_did_is_named_and_the_buttons_have_moved_on() -> None:
    screen = driver.live(stands(LadderState.SOLVED, 2, CaseState.DIAGNOSING), EN)
    assert "✅ Switch the connector off and on" in screen.text
    assert screen.keyboard == ()


def test_a_step_that_was_not_possible_is_told_as_such() -> None:
    skipped = ((StepName.CYCLE, "sibling_charging"),)
    screen = driver.live(stands(LadderState.CLIMBING, 2, skipped=skipped), EN)
    assert "▫️ Switch the connector off and on, about a minute: not possible this time" in screen.text


def test_a_driver_who_waits_for_a_person_still_sees_it_run() -> None:
    screen = driver.live(stands(LadderState.CLIMBING, 1, CaseState.WAITING_AGENT), EN)
    assert "A person has been called" in screen.text
    assert "⏳ Switch the connector off and on" in screen.text


def test_a_rating_is_not_drawn_over_by_a_ladder_that_was_left() -> None:
    left = stands(LadderState.LEFT, 1, CaseState.RESOLVED)
    assert driver.live(left, EN) == driver.standing(left, EN)
    assert "5 ⭐" in labels(driver.live(left, EN).keyboard)


def test_the_card_names_what_was_left_out_and_what_may_come_next() -> None:
    climbed = stands(LadderState.EXHAUSTED, 3, skipped=((StepName.SOFT_RESET, "sibling_charging"),)).ladder
    text = agent.card(scene.briefing(ladder=climbed, suggested=next(iter(scene.OFFERS))), EN).text
    assert "Restart (soft): not taken, somebody is charging beside" in text
    assert "Next would be: Ask for the status" in text


@pytest.mark.parametrize("language", TEXTS.languages())
def test_every_word_of_a_ladder_has_a_text(language: str) -> None:
    t = TEXTS.to(language)
    wanted = {f"{table}.{step.value}" for table in ("step", "step_name") for step in StepName}
    wanted |= {f"{table}.{state.value}" for table in ("ladder_state", "ladder_over") for state in LadderState}
    wanted |= {
        f"topic.ladder_{state.value}" for state in LadderState if state.value not in {"climbing", "leaving"}
    }
    assert sorted(key for key in wanted if not t.has(key)) == []


@pytest.mark.parametrize("language", TEXTS.languages())
def test_every_reason_to_skip_a_step_has_a_text(language: str) -> None:
    folder = Path(bot.cases.__file__).parent / "remote"
    guards = (folder / "guards.py").read_text()
    climbing = (folder / "ladder.py").read_text()
    own = re.findall(r'^(?: +return|_[A-Z_]+ =) "(\w+)"', climbing, re.MULTILINE)
    reasons = set(re.findall(r'"recovery\.(\w+)"', guards)) | set(own)
    assert {"sibling_charging", "unreachable", "not_named", "never_helps"} <= reasons
    assert sorted(each for each in reasons if not TEXTS.to(language).has(f"skipped.{each}")) == []


def test_what_was_learnt_is_a_table_by_model_and_verdict() -> None:
    learnt = (
        Learnt("Model A", "faulted", StepName.CYCLE, 7, 0),
        Learnt("Model A", "faulted", StepName.SOFT_RESET, 6, 4),
        Learnt(None, "internal", StepName.HARD_RESET, 1, 1),
    )
    text = learning.show((Fixes(scene.OPERATOR, learnt),), EN).text
    assert "· Off and on: helped 0 of 7 times\n· Restart (soft): helped 4 of 6 times" in text
    assert "<b>model not known</b>" in text


@pytest.mark.parametrize("language", TEXTS.languages())
def test_where_another_order_is_followed_the_table_says_which(language: str) -> None:
    t = TEXTS.to(language)
    learnt = (
        Learnt("Model A", "faulted", StepName.CYCLE, 20, 1),
        Learnt("Model A", "faulted", StepName.SOFT_RESET, 20, 18),
        Learnt("Model B", "faulted", StepName.CYCLE, 9, 0),
        Learnt("Model B", "faulted", StepName.SOFT_RESET, 9, 4),
        Learnt("Model C", "faulted", StepName.CYCLE, 9, 5),
    )
    followed = (
        Followed("Model A", "faulted", (StepName.SOFT_RESET, StepName.CYCLE), ()),
        Followed("Model B", "faulted", (StepName.SOFT_RESET,), (StepName.CYCLE,)),
    )
    one, two, three = learning.show((Fixes(scene.OPERATOR, learnt, followed),), t).text.split("<b>Model ")[1:]
    cycle, reset = t("step_name.cycle"), t("step_name.soft_reset")
    assert one.strip().endswith(t("fixes.order", steps=f"{reset}, {cycle}"))
    assert two.strip().endswith(t("fixes.left_out", steps=cycle))
    assert "→" not in three


@pytest.mark.parametrize("language", TEXTS.languages())
def test_a_ladder_that_does_not_begin_with_the_mildest_step_does_not_say_so(language: str) -> None:
    t = TEXTS.to(language)
    mild = ladder.offer((StepName.ASK, StepName.CYCLE, StepName.SOFT_RESET), t)
    learnt = ladder.offer((StepName.ASK, StepName.SOFT_RESET, StepName.CYCLE), t)
    assert (mild[0], learnt[0]) == (t("ladder.offer"), t("ladder.offer_learnt"))
    assert learnt[2:] == (mild[3], mild[2])


def test_a_long_list_of_what_was_learnt_fits_into_one_message() -> None:
    learnt = tuple(
        Learnt(f"Model {number:03} {scene.EVIL}", "faulted", step, 1000, 999)
        for number in range(200)
        for step in StepName
    )
    assert len(learning.show((Fixes(scene.OPERATOR, learnt),), EN).text) <= 4096 * 2
