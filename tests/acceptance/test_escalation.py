"""Nobody takes a case: levels in their order, each told once; promises; hours; a night in which nothing ran."""

from datetime import UTC, datetime, timedelta

from bot.domain.case import Case, CaseState, Severity
from bot.domain.escalation import Run
from bot.domain.people import telegram
from bot.domain.timer import TimerKind
from bot.sandbox.telegram.model import Message
from storage.repositories.cases import CaseEvent
from storage.uow import UnitOfWork
from tests.acceptance.conftest import EVSE_1, Stage

TOLD = "Nobody has taken this case"


async def waiting(stage: Stage) -> Message:
    """Lena has asked for a person; the card in the topic."""
    stage.scan(stage.lena, EVSE_1)
    await stage.sees(stage.lena, "What is wrong?")
    stage.lena.command("agent")
    return await stage.topic_shows("waiting for an agent", button="✋ Take over")


def told(stage: Stage, text: str = TOLD) -> list[str]:
    """What stands in the hotline's group that says so, in order."""
    return [each.text for each in stage.hotline.messages.values() if text in each.text]


async def until_told(stage: Stage, times: int, text: str = TOLD) -> list[str]:
    assert await stage.world.wait_for(lambda: len(told(stage, text)) >= times or None, 8), told(stage, text)
    return told(stage, text)


async def events(stage: Stage, kind: str) -> list[CaseEvent]:
    found = await stage.database.read(lambda uow: uow.cases.events(1))
    return [each for each in found if each.kind == kind]


async def running(stage: Stage) -> Run:
    run = await stage.database.read(lambda uow: uow.escalations.run(1))
    assert run is not None
    return run


async def passed(stage: Stage, **span: float) -> None:
    """Time passes, and the clock's worker has looked since."""
    stage.clock.forward(**span)

    def nothing_due(uow: UnitOfWork) -> bool:
        due = uow.timers.next_due()
        return due is None or due > stage.clock()

    assert await stage.eventually(nothing_due)


def settled(stage: Stage) -> datetime:
    """A Monday at nine in Graz, to which the clock is put forward."""
    now = stage.clock()
    monday = (now + timedelta(days=7 - now.weekday())).replace(hour=9, minute=0, second=0, microsecond=0)
    stage.clock.shift += monday - now
    return monday.astimezone(UTC)


async def set_policy(stage: Stage, *answers: tuple[str, str]) -> None:
    """Ada sets the policy of P2 by the page's forms."""
    stage.ada.start()
    stage.ada.command("policies")
    page = await stage.sees(stage.ada, "Escalation at Stadtwerke Graz", button="✏️ P2: point is down")
    stage.ada.press("✏️ P2: point is down", page)

    def asked(uow: UnitOfWork) -> bool:
        desk = uow.desks.get(telegram(stage.ada.id))
        return desk is not None and desk.form is not None

    for button, words in answers:
        stage.ada.press(button, await stage.sees(stage.ada, "P2: a charging point is down", button=button))
        assert await stage.eventually(asked)
        stage.ada.text(words)
        assert await stage.eventually(lambda uow: not asked(uow))
        await stage.sees(stage.ada, "your own", button="↩️ As usual")


async def test_levels_are_told_in_their_order_each_once_and_the_last_again(stage: Stage) -> None:
    stage.anna.start()
    stage.ada.start()
    await waiting(stage)
    await passed(stage, minutes=5.1)
    await until_told(stage, 1)
    assert "Tom Technician" in told(stage)[0]
    await stage.sees(stage.anna, "No agent has taken case #1")
    await stage.sees(stage.tom, "No agent has taken case #1")
    await stage.sees(stage.lena, "called further help")
    await passed(stage, minutes=10)
    await until_told(stage, 2)
    await passed(stage, minutes=15)
    await until_told(stage, 3)
    assert "Mara Manager" in told(stage)[2]
    await stage.sees(stage.ada, "everybody in its policy has been told")
    assert (await running(stage)).level == 3
    await passed(stage, minutes=31)
    await until_told(stage, 4)
    assert [each.data["level"] for each in await events(stage, "agent_did_not_answer")] == [
        "1",
        "2",
        "3",
        "3",
    ]
    patience = [m for m in stage.chat(stage.lena).messages.values() if "called further help" in m.text]
    assert len(patience) == 1, "not at each level"
    left = [m for m in stage.chat(stage.ada).messages.values() if "everybody in its policy" in m.text]
    assert len(left) == 1


async def test_who_takes_over_stops_the_clock_and_handing_back_lets_it_go_on_where_it_stood(
    stage: Stage,
) -> None:
    card = await waiting(stage)
    await passed(stage, minutes=4)
    stage.tap(stage.anna, "✋ Take over", card)
    card = await stage.topic_shows("with Anna Agent", button="↩️ Hand back")
    await passed(stage, minutes=50)
    assert told(stage) == []
    assert await stage.database.read(lambda uow: uow.timers.due_of(1, TimerKind.LEVEL_DUE)) is None
    stage.tap(stage.anna, "↩️ Hand back", card)
    await stage.topic_shows("waiting for an agent", button="✋ Take over")
    due = await stage.database.read(lambda uow: uow.timers.due_of(1, TimerKind.LEVEL_DUE))
    assert due is not None
    assert 50 <= (due - stage.clock()).total_seconds() <= 60
    await passed(stage, minutes=1.1)
    await until_told(stage, 1)


async def test_a_policy_that_is_edited_meanwhile_does_not_disturb_a_case_that_waits(stage: Stage) -> None:
    await waiting(stage)
    await set_policy(stage, ("🪜 Levels", "90 on_call 1\n5 manager"))
    await passed(stage, minutes=5.1)
    await until_told(stage, 1)
    assert len((await running(stage)).policy.levels) == 3
    stage.ada.command("policies")
    await stage.sees(stage.ada, "after 1 h 30 min: on call, layer 1")


async def test_business_hours_leave_out_the_weekend(stage: Stage) -> None:
    await set_policy(
        stage, ("🕐 Hours", "mon-fri 8-17"), ("🪜 Levels", "30 on_call 1, manager"), ("💬 Promises", "60 -")
    )
    monday = settled(stage)
    stage.clock.shift += timedelta(days=4, hours=6, minutes=50)
    friday = stage.clock()
    await waiting(stage)
    due = await stage.database.read(lambda uow: uow.timers.due_of(1, TimerKind.LEVEL_DUE))
    run = await running(stage)
    assert due is not None
    assert run.policy.hours.between(friday, due) <= timedelta(minutes=31)
    assert due - friday > timedelta(days=2)
    assert due.date() == (monday + timedelta(days=7)).date()
    await passed(stage, days=1)
    assert told(stage) == []
    await passed(stage, days=2)
    await until_told(stage, 1)


async def test_the_hotline_is_warned_before_a_promise_is_broken_and_told_when_it_is(stage: Stage) -> None:
    stage.anna.start()
    await set_policy(stage, ("🪜 Levels", "600 manager"), ("💬 Promises", "20 60"))
    card = await waiting(stage)
    assert "First answer due" in card.text
    await passed(stage, minutes=16.1)
    await until_told(stage, 1, "no answer yet. The first one is due")
    await stage.sees(stage.anna, "the driver has no answer yet")
    stage.tap(stage.anna, "✋ Take over", await stage.topic_shows("", button="✋ Take over"))
    await stage.topic_shows("with Anna Agent")
    await passed(stage, minutes=4)
    await until_told(stage, 1, "The first one was due")
    (breach,) = await events(stage, "first_answer_breached")
    assert breach.data["due"]
    await stage.topic_shows("First answer overdue")
    stage.anna.text("Hello, this is Anna", stage.hotline, thread=card.thread)
    await stage.sees(stage.lena, "Hello, this is Anna")
    (answer,) = await events(stage, "first_answer")
    assert answer.data["in_time"] == "no"
    assert 20 * 60 <= int(answer.data["seconds"]) <= 21 * 60
    await stage.topic_shows("To be settled by")
    await passed(stage, minutes=40)
    await until_told(stage, 1, "should have been settled by")
    assert len(await events(stage, "resolution_breached")) == 1
    assert len(told(stage, "should be settled by")) == 0, "a warning after the fact helps nobody"


async def test_an_answer_in_time_is_nobodys_news(stage: Stage) -> None:
    await set_policy(stage, ("💬 Promises", "20 60"))
    card = await waiting(stage)
    stage.anna.text("Hello, this is Anna", stage.hotline, thread=card.thread)
    await stage.sees(stage.lena, "Hello, this is Anna")
    assert [each.data["in_time"] for each in await events(stage, "first_answer")] == ["yes"]
    stage.anna.text("Is it plugged in?", stage.hotline, thread=card.thread)
    await stage.sees(stage.lena, "Is it plugged in?")
    assert len(await events(stage, "first_answer")) == 1
    stage.anna.command("close", stage.hotline, thread=card.thread)
    await stage.sees(stage.lena, "The hotline has closed your report")
    await passed(stage, minutes=90)
    assert told(stage, "no answer yet") == told(stage, "should be settled") == []
    assert told(stage, "should have been settled") == []
    assert (await running(stage)).ended_at is not None


async def test_after_a_night_down_all_that_fell_due_is_told_once_to_everybody_and_says_that_it_is_late(
    stage: Stage,
) -> None:
    stage.anna.start()
    await set_policy(
        stage,
        ("🪜 Levels", "5 on_call 1, technician\n10 on_call 1, all_agents\n15 technician, manager"),
        ("💬 Promises", "30 60"),
    )
    await waiting(stage)
    await stage.stop()
    stage.clock.forward(hours=8)
    await stage.start()
    await until_told(stage, 1)
    await until_told(stage, 1, "The first one was due")
    await until_told(stage, 1, "should have been settled by")
    (line,) = told(stage)
    assert "Tom Technician, Mara Manager has been told" in line
    assert "This comes 7 h 54 min late" in line or "This comes 7 h 55 min late" in line
    for who in (stage.tom, stage.anna):
        await stage.sees(who, "No agent has taken case #1")
        nobody = [m for m in stage.chat(who).messages.values() if "No agent has taken" in m.text]
        assert len(nobody) == 1, "who stands in several levels is told once"
        assert "late: the bot could not tell it before" in nobody[0].text
    in_order = [
        text
        for each in stage.hotline.messages.values()
        for text in ("Nobody has taken", "The first one was due", "should have been settled")
        if text in each.text
    ]
    assert in_order == ["Nobody has taken", "The first one was due", "should have been settled"]
    assert told(stage, "should be settled by") == told(stage, "first one is due") == []
    await passed(stage, minutes=10)
    assert len(told(stage)) == 1


async def test_danger_calls_who_is_on_call_at_once_and_the_next_after_a_minute(stage: Stage) -> None:
    stage.anna.start()
    stage.lena.start()
    stage.lena.text("sparks are coming out!")
    await stage.topic_shows("This case cannot wait")
    called = await stage.sees(stage.anna, "Case #1 of Stadtwerke Graz cannot wait")
    assert called.button("Open the topic") is not None
    await stage.topic_shows("Anna Agent: 🔔")
    await passed(stage, minutes=1.1)
    await until_told(stage, 1)


async def test_a_case_that_becomes_dangerous_goes_by_the_policy_of_danger(stage: Stage) -> None:
    stage.anna.start()
    await waiting(stage)
    began = (await running(stage)).began_at
    stage.lena.text("there is smoke coming out of it!")
    await stage.sees(stage.anna, "cannot wait")
    run = await running(stage)
    assert (run.policy.severity, run.began_at) == (Severity.P1, began)


async def test_a_deadline_of_the_release_before_goes_on_by_the_usual_policy(stage: Stage) -> None:
    await waiting(stage)

    def as_before(uow: UnitOfWork) -> None:
        uow.connection.exec_driver_sql("DELETE FROM escalations")
        uow.timers.drop(1, TimerKind.FIRST_ANSWER_DUE, TimerKind.RESOLUTION_DUE)

    await stage.database.write(as_before)
    await passed(stage, minutes=5.1)
    await until_told(stage, 1)
    run = await running(stage)
    assert run.level == 1
    case: Case | None = await stage.database.read(lambda uow: uow.cases.get(1))
    assert case is not None and case.state is CaseState.WAITING_AGENT


async def test_a_policy_is_refused_set_and_reset_on_its_page_and_the_log_tells(stage: Stage) -> None:
    stage.ada.start()
    stage.ada.command("hotline")
    page = await stage.sees(stage.ada, "Hotline of Stadtwerke Graz", button="🪜 Escalation")
    # The operator's file knows the group by its number only; Telegram knows its name.
    assert page.button(f"👥 {stage.hotline.title}") is not None
    stage.ada.press("🪜 Escalation", page)
    page = await stage.sees(stage.ada, "Escalation at Stadtwerke Graz", button="✏️ P1: danger, whole site")
    assert (
        "• at once: on call, layer 1\n• after 1 min: on call, layer 2, the station's technician" in page.text
    )
    stage.ada.press("✏️ P1: danger, whole site", page)
    page = await stage.sees(stage.ada, "A warning comes after 80 %", button="🪜 Levels")
    assert page.button("↩️ As usual") is None
    stage.ada.press("🪜 Levels", page)
    await stage.sees(stage.ada, "0 on_call 1")
    stage.ada.text("0 on_call 1\n2 the boss")
    refused = await stage.sees(stage.ada, "“the boss” is nobody I can tell")
    assert "You can write again right away." in refused.text
    stage.ada.text("0 on_call 1\n2 manager, ops@example.org")
    page = await stage.sees(stage.ada, "• after 2 min: the manager, ops@example.org", button="↩️ As usual")
    stage.ada.press("↩️ As usual", page)
    stage.ada.press(
        "Yes, as usual", await stage.sees(stage.ada, "be as usual again?", button="Yes, as usual")
    )
    page = await stage.sees(stage.ada, "P1: danger, or a whole site (as usual)", button="🪜 Levels")
    assert page.button("↩️ As usual") is None
    acts = await stage.database.read(lambda uow: uow.audit.list("stadtwerke-graz", most=50))
    reset, set_before = acts[:2]
    assert (reset.act, set_before.act, set_before.subject) == ("policy.reset", "policy.changed", "P1")
    assert set_before.after == {"levels": "0: on_call 1; 2: manager, ops@example.org"}
    stage.ada.command("audit")
    await stage.sees(stage.ada, "Policy as usual again")


async def test_nobody_without_the_right_sees_policies(stage: Stage) -> None:
    stage.anna.start()
    stage.anna.command("policies")
    await stage.sees(stage.anna, "Hotline")
    assert stage.world.shown(stage.chat(stage.anna), "Escalation at") is None
