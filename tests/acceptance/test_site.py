"""A site without power: one case for the hotline, and everybody who reported it hears when it is over."""

from bot.domain.case import CaseState
from tests.acceptance.conftest import EVSE_1, EVSE_3, Stage


async def test_a_site_that_is_away_is_one_case_however_many_drivers_report_it(stage: Stage) -> None:
    for name in ("GRAZ-01", "GRAZ-02", "GRAZ-03"):
        station = await stage.station(name)
        await station.stop()
    stage.clock.forward(minutes=10)
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
    stage.clock.forward(minutes=10)
    stage.scan(stage.lena, EVSE_1)
    stage.lena.press("🔌 Will not start", await stage.sees(stage.lena, "What is wrong?"))
    await stage.sees(stage.lena, "None of the stations at this site")
    stage.scan(stage.marco, EVSE_3)
    stage.marco.press("🔌 Startet nicht", await stage.sees(stage.marco, "Was stimmt nicht?"))
    known = await stage.sees(stage.marco, "Unsere Hotline weiß schon")
    (label,) = [str(each["text"]) for each in known.buttons if str(each["text"]).startswith("🙋")]
    stage.marco.press(label, known)
    assert await stage.eventually(lambda uow: uow.cases.get(2).state is CaseState.WAITING_AGENT)  # type: ignore[union-attr]
