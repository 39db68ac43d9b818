"""A site without power: one case for the hotline, and everybody who reported it hears when it is over."""

from bot.domain.case import CaseState
from tests.acceptance.conftest import EVSE_1, EVSE_3, Stage


async def test_a_site_that_is_away_is_one_case_however_many_drivers_report_it(stage: Stage) -> None:
    for name in ("GRAZ-01", "GRAZ-02", "GRAZ-03"):
        station = await stage.station(name)
        await station.stop()
    stage.scan(stage.lena, EVSE_1)
    stage.lena.press("🔌 Will not start", await stage.sees(stage.lena, "What is wrong?"))
    await stage.sees(stage.lena, "None of the stations at this site")
    card = await stage.topic_shows("waiting for an agent", button="✋ Take over")
    stage.scan(stage.marco, EVSE_3)
    stage.marco.press("🔌 Startet nicht", await stage.sees(stage.marco, "Was stimmt nicht?"))
    await stage.sees(stage.marco, "Keine der Stationen an diesem Standort")
    await stage.sees(stage.marco, "Unsere Hotline weiß schon")
    await stage.topic_shows(f"Also reported at {EVSE_3} (#2)")
    second = await stage.database.read(lambda uow: uow.cases.get(2))
    assert second is not None
    assert (second.state, second.topic) == (CaseState.DIAGNOSING, None)
    stage.anna.command("close", stage.hotline, thread=card.thread)
    await stage.sees(stage.lena, "The hotline has closed your report")
    await stage.sees(stage.marco, "dass der Standort wieder funktioniert", button="5 ⭐")
    second = await stage.database.read(lambda uow: uow.cases.get(2))
    assert second is not None and second.state is CaseState.RESOLVED


async def test_a_driver_of_a_known_site_can_still_talk_to_a_person(stage: Stage) -> None:
    for name in ("GRAZ-01", "GRAZ-02", "GRAZ-03"):
        station = await stage.station(name)
        await station.stop()
    stage.scan(stage.lena, EVSE_1)
    stage.lena.press("🔌 Will not start", await stage.sees(stage.lena, "What is wrong?"))
    await stage.sees(stage.lena, "None of the stations at this site")
    stage.scan(stage.marco, EVSE_3)
    stage.marco.press("🔌 Startet nicht", await stage.sees(stage.marco, "Was stimmt nicht?"))
    known = await stage.sees(stage.marco, "Unsere Hotline weiß schon")
    (label,) = [str(each["text"]) for each in known.buttons if str(each["text"]).startswith("🙋")]
    stage.marco.press(label, known)
    assert await stage.eventually(lambda uow: uow.cases.get(2).state is CaseState.WAITING_AGENT)  # type: ignore[union-attr]


async def test_when_a_site_comes_back_the_hotline_and_every_driver_hear_of_it(stage: Stage) -> None:
    stations = [await stage.station(name) for name in ("GRAZ-01", "GRAZ-02", "GRAZ-03")]
    for station in stations:
        await station.stop()
    stage.scan(stage.lena, EVSE_1)
    stage.lena.press("🔌 Will not start", await stage.sees(stage.lena, "What is wrong?"))
    card = await stage.topic_shows("waiting for an agent", button="✋ Take over")
    assert "🔴 not connected" in card.text
    stage.scan(stage.marco, EVSE_3)
    stage.marco.press("🔌 Startet nicht", await stage.sees(stage.marco, "Was stimmt nicht?"))
    await stage.sees(stage.marco, "Unsere Hotline weiß schon")
    await stage.station("GRAZ-03")
    await stage.topic_shows("GRAZ-03 is back; 1 of 3 stations are in contact again.")
    await stage.sees(stage.marco, "Die Station ist wieder mit uns verbunden", button="✅ Es geht jetzt")
    await stage.station("GRAZ-01")
    await stage.topic_shows("GRAZ-01 is back; 2 of 3 stations are in contact again.")
    asked = await stage.sees(stage.lena, "The station is back in contact", button="❌ Still not working")
    assert await stage.eventually(lambda uow: uow.cases.get(1).state is CaseState.WAITING_AGENT)  # type: ignore[union-attr]
    stage.lena.press("✅ It works now", asked)
    await stage.topic_shows("The driver says that it works now")
    # Marco was asked for himself, so that nothing new waits for the hotline.
    second = await stage.database.read(lambda uow: uow.cases.get(2))
    assert second is not None and (second.state, second.topic) == (CaseState.DIAGNOSING, None)
