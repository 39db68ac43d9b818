"""A driver and the hotline: escalation, chat, actions from the card, closing, rating; and what can go wrong."""

import asyncio
from collections.abc import Callable

from bot.domain.case import CaseState
from bot.domain.status import ConnectorStatus
from bot.sandbox.stations.connector import ClearsOn
from bot.sandbox.telegram.model import Message
from tests.acceptance.conftest import EVSE_1, EVSE_2, EVSE_3, Stage
from tests.delivery.mail_server import MailServer
from tests.delivery.test_email import Post
from tests.ports import free_port


async def escalated(stage: Stage) -> Message:
    """Lena has asked for a person; the card in the topic."""
    stage.scan(stage.lena, EVSE_1)
    stage.lena.press("🐢 Too slow", await stage.sees(stage.lena, "What is wrong?"))
    stage.lena.press("🙋 Talk to a person", await stage.sees(stage.lena, "Does it work now?"))
    await stage.sees(stage.lena, "A person has been called")
    return await stage.topic_shows("waiting for an agent", button="✋ Take over")


async def test_a_case_goes_from_the_driver_to_an_agent_and_back_until_the_rating(stage: Stage) -> None:
    await stage.station()
    card = await escalated(stage)
    assert card.thread is not None
    for part in (
        "Lena @lena",
        EVSE_1,
        "Graz Hauptbahnhof",
        "Too slow",
        "calls itself free",
        "Status history",
        "map",
    ):
        assert part in card.text, part
    stage.tap(stage.anna, "✋ Take over", card)
    await stage.topic_shows("with Anna Agent", button="↩️ Hand back")
    await stage.sees(stage.lena, "Anna Agent has joined")
    stage.lena.text("I am in row 3")
    await stage.world.until_shown(stage.hotline, "I am in row 3", thread=card.thread)
    stage.anna.text("Please try the cable on the left", stage.hotline, thread=card.thread)
    await stage.sees(stage.lena, "Please try the cable on the left")
    stage.anna.command("close", stage.hotline, thread=card.thread)
    rating = await stage.sees(stage.lena, "The hotline has closed your report", button="4 ⭐")
    stage.lena.press("4 ⭐", rating)
    await stage.sees(stage.lena, "Thank you")
    await stage.topic_shows("gives 4 of 5")
    topic = stage.hotline.topics[card.thread or 0]
    assert await stage.world.wait_for(lambda: topic.closed or None)
    said = await stage.database.read(
        lambda uow: [(each.from_driver, each.words) for each in uow.messages.of_case(1)]
    )
    assert said == [(True, "I am in row 3"), (False, "Please try the cable on the left")]


async def test_photos_voice_and_locations_go_both_ways(stage: Stage) -> None:
    from tests.sandbox.conftest import image  # noqa: PLC0415

    await stage.station()
    card = await escalated(stage)
    stage.tap(stage.anna, "✋ Take over", card)
    await stage.sees(stage.lena, "Anna Agent has joined")
    stage.lena.photo(image(), "the plug")
    stage.lena.voice(b"OggS" + bytes(100))
    stage.lena.location(47.07, 15.41)
    stage.anna.photo(image(), "like this", stage.hotline, thread=card.thread)
    stage.anna.voice(b"OggS" + bytes(100), stage.hotline, thread=card.thread)
    stage.anna.location(47.08, 15.42, stage.hotline, thread=card.thread)
    bot_id = 4200

    def arrived() -> bool:
        in_topic = [m.body for m in stage.hotline.messages_in(card.thread) if m.sender == bot_id]
        at_driver = [m.body for m in stage.chat(stage.lena).messages.values() if m.sender == bot_id]
        return all(
            any(kind in body for body in there)
            for kind in ("photo", "voice", "location")
            for there in (in_topic, at_driver)
        )

    assert await stage.world.wait_for(lambda: arrived() or None, 8)
    copies = [m for m in stage.hotline.messages_in(card.thread) if m.sender == bot_id and "photo" in m.body]
    assert [m.body.get("caption") for m in copies] == ["the plug"]


async def test_an_agents_note_stays_among_the_agents(stage: Stage) -> None:
    await stage.station()
    card = await escalated(stage)
    stage.anna.text("// looks drunk", stage.hotline, thread=card.thread)
    stage.anna.text("Hello, this is Anna", stage.hotline, thread=card.thread)
    await stage.sees(stage.lena, "Hello, this is Anna")
    assert stage.world.shown(stage.chat(stage.lena), "looks drunk") is None


async def test_of_two_agents_who_tap_at_once_one_has_the_case(stage: Stage) -> None:
    await stage.station()
    ben = stage.world.person(3002, "Ben", "en")
    stage.anna.add(ben, stage.hotline)
    card = await escalated(stage)
    take = card.button("✋ Take over")
    assert take is not None
    first = stage.tap(stage.anna, str(take["callback_data"]), card, stale=True)
    second = stage.tap(ben, str(take["callback_data"]), card, stale=True)
    await stage.world.wait_for(lambda: (first.answered and second.answered) or None, 8)
    assert first.text == "The case is yours."
    assert "moved on" in second.text
    case = await stage.database.read(lambda uow: uow.cases.get(1))
    assert case is not None
    assert case.state is CaseState.WITH_AGENT


async def test_an_agent_resets_the_station_from_the_card_and_sees_the_proof(stage: Stage) -> None:
    station = await stage.station()
    station.fault(1, "InternalError", clears_on=ClearsOn.SOFT_RESET)
    card = await escalated(stage)
    stage.tap(stage.anna, "🎛 Remote actions", card)
    menu = await stage.topic_shows("", button="Restart (soft)")
    stage.tap(stage.anna, "Restart (soft)", menu)
    confirm = await stage.topic_shows("", button="Send now: Restart (soft)")
    stage.tap(stage.anna, "Send now: Restart (soft)", confirm)
    await stage.topic_shows("proved by the station (free)")
    await stage.topic_shows("✅ proved")


async def test_without_the_right_no_remote_action_is_sent(stage: Stage) -> None:
    station = await stage.station()
    ben = stage.world.person(3002, "Ben", "en")
    stage.anna.add(ben, stage.hotline)
    card = await escalated(stage)
    stage.tap(ben, "🎛 Remote actions", card)
    stage.tap(ben, "Restart (soft)", await stage.topic_shows("", button="Restart (soft)"))
    confirm = await stage.topic_shows("", button="Send now: Restart (soft)")
    pressed = stage.tap(ben, "Send now: Restart (soft)", confirm)
    await stage.world.wait_for(lambda: pressed.answered or None, 8)
    assert "You need the right" in pressed.text
    assert await stage.database.read(lambda uow: uow.actions.of_case(1)) == []
    assert station.state()["connected"]


async def test_danger_warns_at_once_sends_nothing_to_the_station_and_calls_a_person(stage: Stage) -> None:
    station = await stage.station()
    station.fault(1, "GroundFailure")
    stage.scan(stage.lena, EVSE_1)
    stage.lena.press("🚨 Danger", await stage.sees(stage.lena, "What is wrong?", button="🚨 Danger"))
    warning = await stage.sees(stage.lena, "112")
    assert "keep well away" in warning.text
    card = await stage.topic_shows("P1")
    assert "Locked for safety" in card.text
    stage.tap(stage.anna, "🎛 Remote actions", card)
    menu = await stage.topic_shows("", button="Take out of use")
    labels = [label for row in menu.buttons for label in row]
    assert not {"Restart (soft)", "Restart (hard)", "Unlock the cable", "Start charging"} & set(labels)
    assert await stage.database.read(lambda uow: uow.actions.of_case(1)) == []


async def test_words_of_danger_count_at_any_time(stage: Stage) -> None:
    await stage.station()
    stage.scan(stage.lena, EVSE_1)
    stage.lena.press("🐢 Too slow", await stage.sees(stage.lena, "What is wrong?"))
    await stage.sees(stage.lena, "Does it work now?")
    stage.lena.text("there is smoke coming out of it!")
    await stage.sees(stage.lena, "keep well away")
    await stage.topic_shows("speaks of danger")
    await stage.topic_shows("there is smoke coming out of it!")


async def test_danger_without_a_station_warns_and_still_calls_a_person(stage: Stage) -> None:
    stage.lena.start()
    stage.lena.text("sparks are coming out!")
    await stage.sees(stage.lena, "keep well away")
    card = await stage.topic_shows("P1")
    assert "The station is not known yet" in card.text


async def test_a_safety_fault_is_never_offered_a_restart_and_goes_to_the_hotline(stage: Stage) -> None:
    station = await stage.station()
    station.fault(1, "GroundFailure")
    await stage.eventually(
        lambda uow: uow.station_log.history("GRAZ-01", 1, 1)[0].error_code == "GroundFailure"
    )
    stage.scan(stage.lena, EVSE_1)
    stage.lena.press("🔌 Will not start", await stage.sees(stage.lena, "What is wrong?"))
    told = await stage.sees(stage.lena, "A person has been called")
    assert "locked itself for safety" in told.text
    assert "Restart" not in str(told.buttons)
    await stage.topic_shows("GroundFailure")


async def test_nobody_is_forgotten_when_no_agent_takes_the_case(stage: Stage) -> None:
    await stage.station()
    await escalated(stage)
    stage.clock.forward(minutes=6)
    await stage.sees(stage.lena, "called further help")
    await stage.topic_shows("Nobody has taken this case")
    warned = await stage.sees(stage.tom, "No agent has taken case #1")
    assert EVSE_1 in warned.text


async def test_the_deadline_of_an_agent_survives_a_restart(stage: Stage) -> None:
    await stage.station()
    await escalated(stage)
    await stage.stop()
    stage.clock.forward(minutes=6)
    await stage.start()
    await stage.topic_shows("Nobody has taken this case")
    shown = [m for m in stage.hotline.messages.values() if "Nobody has taken" in m.text]
    assert len(shown) == 1


async def on_site(stage: Stage) -> None:
    """Tom takes the job, sets off and is there."""
    for button in ("👍 I take it", "🚗 I am on my way", "📍 I am there"):
        stage.tom.press(button, await stage.sees(stage.tom, "Job #1", button=button))


async def repaired(stage: Stage, cause: str = "Fault inside the station") -> None:
    """Tom says that it is repaired, and what it was."""
    button = "✅ It is repaired"
    stage.tom.press(button, await stage.sees(stage.tom, "Job #1", button=button))
    stage.tom.press(cause, await stage.sees(stage.tom, "What was it?", button=cause))


async def test_a_technician_goes_there_and_the_station_has_the_last_word(stage: Stage) -> None:
    station = await stage.station()
    station.fault(1, "PowerMeterFailure")
    await stage.eventually(
        lambda uow: uow.station_log.history("GRAZ-01", 1, 1)[0].error_code == "PowerMeterFailure"
    )
    card = await escalated(stage)
    stage.tap(stage.anna, "🔧 Technician", card)
    await stage.sees(stage.lena, "technician has been asked")
    job = await stage.sees(stage.tom, "Job #1", button="👍 I take it")
    assert "PowerMeterFailure" in job.text
    await on_site(stage)
    await stage.sees(stage.lena, "technician has taken the job")
    await repaired(stage)
    await stage.sees(stage.tom, "The station still says: fault", button="✅ It is repaired")
    await stage.topic_shows("but the station says")
    station.clear_fault(1)
    await stage.eventually(
        lambda uow: uow.station_log.history("GRAZ-01", 1, 1)[0].status is ConnectorStatus.AVAILABLE
    )
    await repaired(stage)
    await stage.sees(stage.tom, "The station agrees")
    await stage.sees(stage.lena, "The station is repaired")


async def test_a_driver_who_blocks_the_bot_is_shown_to_the_agents(stage: Stage) -> None:
    await stage.station()
    card = await escalated(stage)
    stage.tap(stage.anna, "✋ Take over", card)
    await stage.sees(stage.lena, "Anna Agent has joined")
    stage.lena.block()
    stage.anna.text("Are you there?", stage.hotline, thread=card.thread)
    await stage.topic_shows("has blocked the bot. Your message did not arrive")
    await stage.world.until_shown(stage.hotline, "messages do not arrive", thread=card.thread, timeout=8)
    assert stage.world.shown(stage.chat(stage.lena), "Are you there?") is None


def copy_of(stage: Stage, words: str) -> Callable[[], Message | None]:
    """The message that is just these words, which the card names, too."""
    return lambda: next((m for m in stage.hotline.messages.values() if m.text == words), None)


async def test_a_topic_deleted_by_hand_is_opened_anew_and_nothing_is_lost(stage: Stage) -> None:
    await stage.station()
    for refusal in ("message thread not found", "TOPIC_DELETED"):
        card = (
            await stage.topic_shows("waiting for an agent")
            if stage.hotline.topics
            else await escalated(stage)
        )
        assert card.thread is not None
        stage.anna.delete_topic(card.thread, stage.hotline, refusal=refusal)
        stage.lena.text(f"hello after {refusal}")
        copy = await stage.world.wait_for(copy_of(stage, f"hello after {refusal}"), 8)
        assert copy.thread != card.thread
        again = await stage.world.until_shown(stage.hotline, "#1", button="✋ Take over", thread=copy.thread)
        assert EVSE_1 in again.text


async def test_a_driver_without_a_case_can_ask_for_a_person(stage: Stage) -> None:
    stage.lena.start()
    stage.lena.command("agent")
    await stage.sees(stage.lena, "A person has been called")
    await stage.topic_shows("Please ask for the EVSE ID")


async def test_a_resolved_case_that_does_not_work_after_all_is_opened_again(stage: Stage) -> None:
    await stage.station()
    card = await escalated(stage)
    stage.anna.command("close", stage.hotline, thread=card.thread)
    asked = await stage.sees(stage.lena, "has closed your report", button="❌ Still not working")
    stage.lena.press("❌ Still not working", asked)
    await stage.sees(stage.lena, "A person has been called")
    await stage.topic_shows("still does not work")


async def test_the_command_that_closes_a_case_tells_the_agents_once(stage: Stage) -> None:
    await stage.station()
    card = await escalated(stage)
    stage.anna.command("close", stage.hotline, thread=card.thread)
    await stage.sees(stage.lena, "has closed your report")
    await stage.topic_shows("Resolved. The driver is asked for a rating.")
    await asyncio.sleep(0.3)
    told = [each.text for each in stage.hotline.messages.values() if "The driver is asked" in each.text]
    assert told == ["✅ Resolved. The driver is asked for a rating."]


async def test_edited_words_keep_their_first_wording(stage: Stage) -> None:
    await stage.station()
    await escalated(stage)
    message = stage.lena.text("row tree")
    await stage.topic_shows("row tree")
    stage.lena.edit(message, "row three")
    assert await stage.eventually(
        lambda uow: [e.data["words"] for e in uow.cases.events(1) if e.kind == "edited"] == ["row three"]
    )
    assert await stage.database.read(lambda uow: uow.messages.of_case(1)[0].words) == "row tree"


async def test_a_photo_that_came_before_the_agent_is_seen_by_the_agent(stage: Stage) -> None:
    from tests.sandbox.conftest import image  # noqa: PLC0415

    await stage.station()
    stage.scan(stage.lena, EVSE_1)
    stage.lena.press("🔨 Damage", await stage.sees(stage.lena, "What is wrong?"))
    await stage.sees(stage.lena, "A person has been called")
    stage.marco.start()
    stage.scan(stage.marco, EVSE_2)
    stage.marco.press("w|slow", await stage.sees(stage.marco, EVSE_2))
    shown = await stage.sees(stage.marco, "Geht es jetzt?")
    stage.marco.photo(image(), "mein Display")
    noted = await stage.sees(stage.marco, "Ihrer Meldung hinzugefügt")
    assert noted.id > shown.id
    stage.marco.command("agent")
    card = await stage.topic_shows("Marco")
    copied = await stage.world.wait_for(
        lambda: next((m for m in stage.hotline.messages.values() if "photo" in m.body), None), 8
    )
    assert copied.thread == card.thread
    assert copied.body["caption"] == "mein Display"


async def test_an_agent_starts_a_session_and_the_station_proves_it(stage: Stage) -> None:
    station = await stage.station()
    station.plug(1)
    card = await escalated(stage)
    stage.tap(stage.anna, "🎛 Remote actions", card)
    stage.tap(stage.anna, "Start charging", await stage.topic_shows("", button="Start charging"))
    confirm = await stage.topic_shows("", button="Send now: Start charging")
    stage.tap(stage.anna, "Send now: Start charging", confirm)
    await stage.topic_shows("Start charging: proved by the station")


async def test_without_a_technician_the_manager_is_told_by_e_mail(stage: Stage) -> None:
    post = Post()
    server = MailServer(post, hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        await stage.stop()
        stage.settings.smtp_url = f"smtp://127.0.0.1:{server.port}"
        await stage.start()
        stage.scan(stage.lena, EVSE_3)
        await stage.sees(stage.lena, "What is wrong?")
        stage.lena.command("agent")
        await stage.topic_shows("waiting for an agent")
        stage.clock.forward(minutes=6)
        await stage.topic_shows("Mara Manager has been told")
        assert await stage.eventually(lambda uow: bool(post.received))
    finally:
        server.stop()
    (mail,) = post.received
    assert mail["To"] == "mara@example.org"
    assert EVSE_3 in mail["Subject"]
    assert "No agent has taken case #1" in mail.get_content()


async def test_an_agent_asks_why_and_reads_what_was_weighed_and_what_nearly_came(stage: Stage) -> None:
    await stage.station()
    card = await escalated(stage)
    stage.anna.command("why", stage.hotline, thread=card.thread)
    why = await stage.topic_shows("Why “The station calls itself free")
    for part in ("Because of", "Nearly judged otherwise", "class B"):
        assert part in why.text, part
    assert "hidden_fault_idle" in why.text


async def test_an_agent_reads_a_stations_settings_in_the_topic(stage: Stage) -> None:
    await stage.station()
    card = await escalated(stage)
    assert "🟢 online · OCPP 1.6" in card.text
    stage.tap(stage.anna, "🎛 Remote actions", card)
    menu = await stage.topic_shows(EVSE_1, button="Read settings")
    stage.tap(stage.anna, "Read settings", menu)
    settings = await stage.topic_shows("The station’s settings")
    assert "HeartbeatInterval = " in settings.text


async def test_an_errand_for_a_station_that_has_left_is_refused(stage: Stage) -> None:
    station = await stage.station()
    card = await escalated(stage)
    stage.tap(stage.anna, "🎛 Remote actions", card)
    menu = await stage.topic_shows(EVSE_1, button="Clear card cache")
    await station.stop()
    press = stage.tap(stage.anna, "Clear card cache", menu)
    assert await stage.world.wait_for(lambda: press.answered or None)
    assert press.text == "This is not possible here."
