"""A driver's report, from the sticker to the rating."""

import io

import segno

from bot.domain.case import CaseState
from bot.domain.report import Symptom
from bot.domain.status import ConnectorStatus
from bot.sandbox.stations.connector import ClearsOn
from bot.views.callbacks import Wrong, pack
from tests.acceptance.conftest import EVSE_1, EVSE_2, EVSE_3, EVSE_INACTIVE, Stage


async def test_a_hung_connector_is_restarted_and_the_station_proves_it(stage: Stage) -> None:
    station = await stage.station()
    station.fault(1, "InternalError", clears_on=ClearsOn.SOFT_RESET)
    assert await stage.eventually(
        lambda uow: any(s.status is ConnectorStatus.FAULTED for s in uow.station_log.connectors("GRAZ-01"))
    )
    stage.scan(stage.lena, EVSE_1)
    found = await stage.sees(stage.lena, "Graz Hauptbahnhof", button="🔌 Will not start")
    assert EVSE_1 in found.text
    assert "Europaplatz 4, 8020 Graz" in found.text
    assert "CCS2 · 150 kW" in found.text
    assert "fault" in found.text
    assert "ago" in found.text
    stage.lena.press("🔌 Will not start", found)
    verdict = await stage.sees(stage.lena, "internal error", button="🔄 Restart the station (3 min)")
    assert verdict.id == found.id, "the message grows; it is not repeated"
    stage.lena.press("🔄 Restart the station (3 min)", verdict)
    await stage.sees(stage.lena, "Restarting the station")
    proved = await stage.sees(stage.lena, "has restarted and says: free", button="✅ It works now")
    assert await stage.eventually(lambda uow: uow.actions.of_case(1)[0].state == "verified")
    chat = stage.chat(stage.lena)
    assert await stage.world.wait_for(
        lambda: stage.world.shown(chat, "Restarting the station") is None or None
    )
    stage.lena.press("✅ It works now", proved)
    rating = await stage.sees(stage.lena, "How was our help?", button="5 ⭐")
    stage.lena.press("5 ⭐", rating)
    await stage.sees(stage.lena, "Thank you")
    assert await stage.eventually(lambda uow: uow.cases.get(1).state is CaseState.CLOSED)  # type: ignore[union-attr]
    case = await stage.database.read(lambda uow: uow.cases.get(1))
    assert case is not None
    assert (case.rating, case.resolution) == (5, "driver_confirmed")


async def test_an_accepted_reset_without_proof_is_never_told_as_a_success(stage: Stage) -> None:
    station = await stage.station()
    station.fault(1, "InternalError")
    await stage.eventually(
        lambda uow: bool(uow.station_log.history("GRAZ-01", 1, 1)[0].error_code == "InternalError")
    )
    stage.scan(stage.lena, EVSE_1)
    stage.lena.press("🔌 Will not start", await stage.sees(stage.lena, "What is wrong?"))
    verdict = await stage.sees(stage.lena, "internal error", button="🔄 Restart the station (3 min)")
    stage.lena.press("🔄 Restart the station (3 min)", verdict)
    await stage.sees(stage.lena, "That did not help", button="🙋 Talk to a person")
    # The first verdict promised a restart, which is not promised again.
    stage.lena.start()
    await stage.sees(stage.lena, "The restart has not solved the problem", button="🙋 Talk to a person")
    action = await stage.database.read(lambda uow: uow.actions.of_case(1)[0])
    assert action.state == "failed"
    assert stage.world.shown(stage.chat(stage.lena), "says: free") is None


async def test_the_status_is_read_back_with_its_age_and_never_as_all_green(stage: Stage) -> None:
    await stage.station()
    stage.scan(stage.lena, EVSE_1)
    found = await stage.sees(stage.lena, "The station says: free (")
    assert "ago)" in found.text
    stage.lena.press("🔌 Will not start", found)
    verdict = await stage.sees(stage.lena, "we believe you that something is wrong")
    assert verdict.button("🙋 Talk to a person")


async def test_an_evse_id_is_understood_in_any_written_form(stage: Stage) -> None:
    await stage.station()
    stage.lena.start()
    for form in ("at*swg*e0001*1", "ATSWGE00011", "AT%2ASWG%2AE0001%2A1", " AT*SWG*E0001*1 "):
        before = stage.chat(stage.lena).last_id
        stage.lena.text(form)
        await stage.world.until_shown(
            stage.chat(stage.lena), EVSE_1, button="🔌 Will not start", after=before, timeout=5
        )


async def test_a_photo_of_the_sticker_is_read(stage: Stage) -> None:
    await stage.station()
    stage.lena.start()
    await stage.sees(stage.lena, "Which charging station is it?")
    picture = io.BytesIO()
    segno.make(f"https://m.intercharge.eu/evse/show?evseid={EVSE_2}", error="q").save(
        picture, kind="png", scale=8
    )
    stage.lena.photo(picture.getvalue())
    found = await stage.sees(stage.lena, EVSE_2, button="🐢 Too slow")
    assert "Type2" in found.text


async def test_a_photo_without_a_code_asks_for_another(stage: Stage) -> None:
    blank = io.BytesIO()
    from PIL import Image  # noqa: PLC0415

    Image.new("RGB", (400, 400), "grey").save(blank, "PNG")
    stage.lena.start()
    await stage.sees(stage.lena, "Which charging station is it?")
    stage.lena.photo(blank.getvalue())
    await stage.sees(stage.lena, "could not read a QR code")


async def test_an_unknown_evse_leads_to_the_nearest_ones(stage: Stage) -> None:
    await stage.station()
    stage.lena.start()
    stage.lena.text("AT*SWG*EOOO1*1")
    asked = await stage.sees(stage.lena, "Is it one of these?", button=EVSE_1)
    stage.lena.press(EVSE_1, asked)
    await stage.sees(stage.lena, "Graz Hauptbahnhof", button="🔌 Will not start")


async def test_a_wholly_unknown_evse_is_told_so(stage: Stage) -> None:
    stage.lena.start()
    stage.lena.text("DE*ABC*E999999*9")
    told = await stage.sees(stage.lena, "I do not know a station with the ID")
    assert "DE*ABC*E999999*9" in told.text
    assert not told.keyboard


async def test_a_station_with_several_evses_asks_which_one(stage: Stage) -> None:
    await stage.station()
    stage.lena.start()
    stage.lena.text("graz-01")
    asked = await stage.sees(stage.lena, "Which one is yours?")
    assert asked.button("2 · Type2 · 22 kW · AT*SWG*E0001*2")
    stage.lena.press("2 · Type2 · 22 kW · AT*SWG*E0001*2", asked)
    await stage.sees(stage.lena, EVSE_2, button="🔌 Will not start")


async def test_without_the_service_only_the_operators_contact_is_given(stage: Stage) -> None:
    stage.scan(stage.lena, EVSE_INACTIVE)
    told = await stage.sees(stage.lena, "please call Stadtwerke Graz")
    assert "+43 316 000000" in told.text
    assert not told.keyboard
    assert await stage.database.read(lambda uow: uow.cases.get(1)) is None


async def test_a_station_that_was_never_heard_is_not_called_fine(stage: Stage) -> None:
    stage.scan(stage.lena, EVSE_3)
    found = await stage.sees(stage.lena, "never heard from this station")
    stage.lena.press("🔌 Will not start", found)
    await stage.sees(stage.lena, "never been in contact", button="🙋 Talk to a person")


async def test_words_instead_of_a_button_are_a_report_and_kept(stage: Stage) -> None:
    await stage.station()
    stage.scan(stage.lena, EVSE_1)
    await stage.sees(stage.lena, "What is wrong?")
    stage.lena.text("the screen stays black and it beeps")
    await stage.sees(stage.lena, "Does it work now?")
    assert await stage.eventually(
        lambda uow: (
            [said.words for said in uow.messages.of_case(1)] == ["the screen stays black and it beeps"]
        )
    )


async def test_start_shows_where_the_driver_stands_also_after_a_restart(stage: Stage) -> None:
    await stage.station()
    stage.scan(stage.lena, EVSE_1)
    stage.lena.press("🐢 Too slow", await stage.sees(stage.lena, "What is wrong?"))
    verdict = await stage.sees(stage.lena, "Does it work now?")
    await stage.stop()
    await stage.start()
    stage.lena.start()
    again = await stage.world.until_shown(
        stage.chat(stage.lena), "Does it work now?", button="✅ It works now", after=verdict.id, timeout=8
    )
    assert again.text == verdict.text


async def test_two_drivers_on_one_evse_have_a_case_each_and_agents_see_both(stage: Stage) -> None:
    await stage.station()
    for driver in (stage.lena, stage.marco):
        stage.scan(driver, EVSE_1)
        driver.press(pack(Wrong(Symptom.WILL_NOT_START)), await stage.sees(driver, EVSE_1))
    await stage.sees(stage.lena, "Does it work now?")
    shown = await stage.sees(stage.marco, "Geht es jetzt?")
    stage.marco.press("🙋 Mit einem Menschen sprechen", shown)
    card = await stage.topic_shows("Also reported in #1")
    assert "#2" in card.text


async def test_a_stale_button_shows_where_things_stand_now(stage: Stage) -> None:
    await stage.station()
    stage.scan(stage.lena, EVSE_1)
    stage.lena.press("🐢 Too slow", await stage.sees(stage.lena, "What is wrong?"))
    verdict = await stage.sees(stage.lena, "Does it work now?")
    works = verdict.button("✅ It works now")
    assert works is not None
    stage.lena.press("🙋 Talk to a person", verdict)
    await stage.sees(stage.lena, "A person has been called")
    stage.lena.press(str(works["callback_data"]), verdict, stale=True)
    await stage.sees(stage.lena, "This has moved on")


async def test_cancel_help_and_language_do_what_they_say(stage: Stage) -> None:
    stage.lena.command("help")
    await stage.sees(stage.lena, "/agent calls a person at any time")
    stage.lena.command("language")
    stage.lena.press("Deutsch", await stage.sees(stage.lena, "Which language"))
    await stage.sees(stage.lena, "Wir sprechen jetzt Deutsch")
    stage.lena.command("cancel")
    await stage.sees(stage.lena, "Es gibt nichts zu beenden")
    await stage.station()
    stage.scan(stage.lena, EVSE_1)
    await stage.sees(stage.lena, "Was stimmt nicht?")
    stage.lena.command("cancel")
    await stage.sees(stage.lena, "Beendet.")


async def test_our_own_restart_is_not_told_as_an_outage_of_the_station(stage: Stage) -> None:
    await stage.station()
    stage.scan(stage.lena, EVSE_1)
    await stage.sees(stage.lena, "What is wrong?")
    await stage.stop()
    await stage.start()
    stage.lena.press("🔌 Will not start", await stage.sees(stage.lena, "What is wrong?"))
    verdict = await stage.sees(stage.lena, "Does it work now?", seconds=12)
    assert "no connection" not in verdict.text
    assert "we believe you" in verdict.text
