"""An admin keeps the answers that agents have ready."""

from tests.acceptance.conftest import EVSE_1, Stage
from tests.acceptance.test_agents import drawn, reported, tapped

SPEAK = "If you would rather speak with us, please call …"


async def test_an_answer_is_entered_checked_seen_and_then_sent_by_an_agent(stage: Stage) -> None:
    await stage.station()
    stage.ada.start()
    stage.ada.command("answers")
    page = await stage.sees(stage.ada, "You have none of your own", button=SPEAK)
    stage.ada.press("➕ Another answer", page)
    await stage.sees(stage.ada, "Write the answer in English")
    stage.ada.text("Hello {name}, the barrier is open now.")
    refused = await stage.sees(stage.ada, "I do not know {name}")
    assert "{driver}, {agent}, {evse}, {location}, {phone}, {operator}" in refused.text
    stage.ada.text("Hello {driver}, the barrier at {location} is open now.")
    seen = await stage.sees(stage.ada, "Hello Maria, the barrier at Main Square", button="✏️ Deutsch")
    stage.ada.press("✏️ Deutsch", seen)
    await stage.sees(stage.ada, "Write the answer in Deutsch")
    stage.ada.text("Guten Tag {driver}, der Schranken am Standort {location} ist offen.")
    await stage.sees(stage.ada, "Guten Tag Maria, der Schranken")
    card = await reported(stage, stage.marco, EVSE_1)
    label = "Hello Marco, the barrier at Graz Hauptbahnhof i…"
    await tapped(stage, stage.anna, card, "💬 Answer…", label, "📨 Send")
    await stage.sees(stage.marco, "Guten Tag Marco, der Schranken am Standort Graz Hauptbahnhof ist offen.")
    acts = await stage.database.read(lambda uow: uow.audit.list("stadtwerke-graz", most=5))
    assert [act.act for act in acts[:2]] == ["answer.changed", "answer.added"]


async def test_who_changes_a_usual_answer_has_all_of_them_and_may_take_some_away(stage: Stage) -> None:
    await stage.station()
    stage.ada.start()
    stage.ada.command("answers")
    stage.ada.press(SPEAK, await stage.sees(stage.ada, "You have none of your own", button=SPEAK))
    one = await stage.sees(stage.ada, "As a driver reads it", button="🗑 Remove")
    assert "+43 316 000000" in one.text
    stage.ada.press("🗑 Remove", one)
    stage.ada.press("🗑 Remove it", await stage.sees(stage.ada, "Remove “", button="🗑 Remove it"))
    page = await stage.sees(stage.ada, "They are sent in the driver’s language")
    assert page.button(SPEAK) is None
    own = await stage.database.read(lambda uow: uow.answers.of("stadtwerke-graz"))
    assert len(own) == 6
    card = await reported(stage, stage.lena, EVSE_1)
    await tapped(stage, stage.anna, card, "💬 Answer…")
    menu = await drawn(stage, card, "Answers for #1")
    assert menu.button(SPEAK) is None
