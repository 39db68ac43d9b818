"""The agent's desk: what the card offers, what becomes of it, and what the driver hears."""

from collections.abc import Callable
from dataclasses import replace
from string import Formatter

from bot.cases.telling import WITH_AGENT_TOO, show_driver, tell_driver
from bot.domain.case import CaseState, Severity
from bot.domain.cause import Cause
from bot.domain.remote_action import ActionState, Initiator, RemoteCommand, RemoteOrder
from bot.domain.rights import Right
from bot.operations.apply import apply
from bot.operations.operator_file import read_operator_file
from bot.sandbox.stations.connector import ClearsOn
from bot.sandbox.telegram.model import Message
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.state import Press
from bot.views.i18n import load_texts
from storage.uow import UnitOfWork
from tests.acceptance.conftest import EVSE_1, EVSE_2, OPERATOR, Stage

BEN = """
[[person]]
telegram_id = 3002
name = "Ben Agent"
groups = ["Hotline"]
"""


async def second_agent(stage: Stage) -> Person:
    """Ben works at the hotline, too, and has talked with the bot."""
    ben = stage.world.person(3002, "Ben Agent", "de")
    stage.anna.add(ben, stage.hotline)
    text = OPERATOR.read_text().replace("-1001234567890", str(stage.hotline.id)) + BEN
    await apply(stage.database, read_operator_file(text))
    ben.start()
    return ben


async def reported(stage: Stage, who: Person, evse_id: str, button: str = "✋ Take over") -> Message:
    """Somebody has asked for a person; the card in the topic."""
    before = set(stage.hotline.topics)
    german = who is stage.marco
    stage.scan(who, evse_id)
    asked = await stage.sees(who, "Was stimmt nicht?" if german else "What is wrong?")
    who.press("🐢 Zu langsam" if german else "🐢 Too slow", asked)
    person = "🙋 Mit einem Menschen sprechen" if german else "🙋 Talk to a person"
    who.press(person, await stage.sees(who, "", button=person))

    def card() -> Message | None:
        new = [m for m in stage.hotline.messages.values() if m.thread not in before and m.button(button)]
        return new[-1] if new else None

    found = await stage.world.wait_for(card, 8)
    assert found is not None
    return found


async def drawn(stage: Stage, card: Message, text: str = "", *, button: str = "") -> Message:
    """The card, once it shows that."""

    def look() -> Message | None:
        now = stage.hotline.messages[card.id]
        return now if text in now.text and (not button or now.button(button)) else None

    found = await stage.world.wait_for(look, 8)
    assert found is not None, stage.hotline.messages[card.id].text
    return found


async def tapped(stage: Stage, who: Person, card: Message, *buttons: str) -> str:
    """Goes through menus under a card; returns what the last tap was answered with."""
    answer = ""
    for button in buttons:
        press = stage.tap(who, button, await drawn(stage, card, button=button))
        assert await stage.world.wait_for(answered(press), 8)
        answer = press.text
    return answer


def answered(press: Press) -> Callable[[], bool | None]:
    """Whether a tap has been answered."""
    return lambda: press.answered or None


async def in_topic(stage: Stage, card: Message, text: str) -> Message:
    """The line in the topic of a card."""
    return await stage.world.until_shown(stage.hotline, text, thread=card.thread, timeout=8)


def told(stage: Stage, who: Person, text: str) -> bool:
    """Whether somebody has read that in their chat with the bot."""
    return stage.world.shown(stage.chat(who), text) is not None


async def test_a_case_is_handed_over_and_the_other_has_it_at_once(stage: Stage) -> None:
    await stage.station()
    ben = await second_agent(stage)
    card = await reported(stage, stage.lena, EVSE_1)
    await tapped(stage, stage.anna, card, "✋ Take over")
    taken = await drawn(stage, card, "with Anna Agent", button="⋯ More")
    old = taken.button("↩️ Hand back")
    answer = await tapped(stage, stage.anna, card, "⋯ More", "🤝 Hand over…", "Ben Agent")
    assert answer == "The case is with Ben Agent now."
    await drawn(stage, card, "with Ben Agent")
    line = await in_topic(stage, card, "the case is yours now")
    assert "Ben Agent" in line.text and "Anna Agent" in line.text
    private = await stage.sees(ben, "Fall #1 ist jetzt Ihrer", button="Thema öffnen")
    assert f"https://t.me/c/{str(stage.hotline.id).removeprefix('-100')}/{card.thread}" in str(private.body)
    await stage.sees(stage.lena, "Ben Agent goes on with your report")
    case = await stage.database.read(lambda uow: uow.cases.get(1))
    assert case is not None and case.state is CaseState.WITH_AGENT
    assert old is not None
    stale = stage.tap(stage.anna, str(old["callback_data"]), card, stale=True)
    assert await stage.world.wait_for(lambda: stale.answered or None, 8)
    assert "moved on" in stale.text


async def test_nobody_who_was_demoted_is_handed_a_case_or_sends_a_command(stage: Stage) -> None:
    await stage.station()
    await second_agent(stage)
    card = await reported(stage, stage.lena, EVSE_1)
    await tapped(stage, stage.anna, card, "✋ Take over", "⋯ More", "🤝 Hand over…")
    menu = await drawn(stage, card, button="Ben Agent")
    await stage.database.write(lambda uow: uow.staff.drop_group("stadtwerke-graz", "Hotline"))
    press = stage.tap(stage.anna, "Ben Agent", menu)
    assert await stage.world.wait_for(lambda: press.answered or None, 8)
    assert "no agent of this hotline any more" in press.text
    case = await stage.database.read(lambda uow: uow.cases.get(1))
    assert case is not None and case.state is CaseState.WITH_AGENT
    answer = await tapped(
        stage, stage.anna, card, "🎛 Remote actions", "Restart (soft)", "Send now: Restart (soft)"
    )
    assert "You need the right" in answer


async def test_a_second_opinion_is_asked_for_and_the_case_stays(stage: Stage) -> None:
    await stage.station()
    ben = await second_agent(stage)
    card = await reported(stage, stage.lena, EVSE_1)
    await tapped(
        stage, stage.anna, card, "✋ Take over", "⋯ More", "🧠 Second opinion…", "📟 Everybody on call"
    )
    line = await in_topic(stage, card, "asks for your opinion")
    assert "Ben Agent" in line.text
    await stage.sees(ben, "Anna Agent fragt nach Ihrer Meinung zu Fall #1", button="Thema öffnen")
    await drawn(stage, card, "with Anna Agent")


async def test_a_snoozed_case_comes_back_by_time_and_by_a_word_of_the_driver(stage: Stage) -> None:
    await stage.station()
    await second_agent(stage)
    stage.anna.start()
    card = await reported(stage, stage.lena, EVSE_1)
    await tapped(stage, stage.anna, card, "✋ Take over", "⋯ More", "💤 Put aside…", "15 minutes")
    await drawn(stage, card, "💤 Put aside until", button="⏰ Take it up again")
    stage.clock.forward(minutes=16)
    back = await in_topic(stage, card, "was put aside until now")
    assert "Anna Agent" in back.text
    await stage.sees(stage.anna, "Case #1 was put aside until now", button="Open the topic")
    await tapped(stage, stage.anna, card, "⋯ More", "💤 Put aside…", "1 hour")
    await drawn(stage, card, "💤 Put aside until")
    stage.lena.text("Are you still there?")
    await in_topic(stage, card, "The driver has written")
    await in_topic(stage, card, "Are you still there?")
    await drawn(stage, card, button="⋯ More")
    assert await stage.database.read(lambda uow: uow.cases.get(1).snoozed_until) is None  # type: ignore[union-attr]  # It is there.
    stage.clock.forward(minutes=61)
    await tapped(stage, stage.anna, card, "🔄 Refresh")
    lines = [m for m in stage.hotline.messages.values() if "put aside until now" in m.text]
    assert len(lines) == 1


async def test_the_severity_that_an_agent_sets_stands_on_card_and_topic(stage: Stage) -> None:
    await stage.station()
    card = await reported(stage, stage.lena, EVSE_1)
    await tapped(stage, stage.anna, card, "⋯ More", "🚦 Severity…", "P1 · danger, or a whole site")
    await drawn(stage, card, "· P1 ·")
    await in_topic(stage, card, "P2 → P1")
    topic = stage.hotline.topics[card.thread or 0]
    assert await stage.world.wait_for(lambda: topic.name.startswith("‼️") or None, 8)
    case = await stage.database.read(lambda uow: uow.cases.get(1))
    assert case is not None and case.severity is Severity.P1


async def test_a_ready_answer_goes_out_in_the_drivers_language_and_is_kept(stage: Stage) -> None:
    await stage.station()
    card = await reported(stage, stage.marco, EVSE_1)
    await tapped(stage, stage.anna, card, "💬 Answer…", "If you would rather speak with us, please call …")
    seen = await drawn(stage, card, "Wenn Sie lieber mit uns sprechen", button="📨 Send")
    assert "In your language: If you would rather" in seen.text
    assert "+43 316 000000" in seen.text
    send = seen.button("📨 Send")
    assert send is not None
    presses = [stage.tap(stage.anna, str(send["callback_data"]), card, stale=True) for _ in range(2)]
    for press in presses:
        assert await stage.world.wait_for(answered(press), 8)
    assert [press.text for press in presses] == ["Sent.", "The driver has just got this answer."]
    await stage.sees(stage.marco, "rufen Sie uns bitte an: +43 316 000000")
    line = await in_topic(stage, card, "Anna Agent: Wenn Sie lieber")
    await drawn(stage, card, "with Anna Agent")
    stage.marco.text("Danke!", reply_to=await stage.sees(stage.marco, "rufen Sie uns bitte an"))
    thanks = await in_topic(stage, card, "Danke!")
    replied = thanks.body["reply_to_message"]
    assert isinstance(replied, dict) and replied["message_id"] == line.id
    said = await stage.database.read(lambda uow: uow.messages.of_case(1))
    assert [(each.from_driver, each.source_message == line.id) for each in said] == [
        (False, True),
        (True, False),
    ]


async def test_the_driver_is_asked_for_a_number_and_shares_it_with_one_tap(stage: Stage) -> None:
    await stage.station()
    card = await reported(stage, stage.lena, EVSE_1)
    assert "asked for a number" in await tapped(
        stage, stage.anna, card, "✋ Take over", "⋯ More", "📞 Ask for number"
    )
    await stage.sees(stage.lena, "would like to call you")
    stage.lena.tap("📞 Share my number")
    await stage.sees(stage.lena, "You will be called at")
    await in_topic(stage, card, "The driver can be called at +1")
    await drawn(stage, card, "📞 +1")
    phone = await stage.database.read(lambda uow: uow.people.by_telegram(501))
    assert phone is not None and (phone.phone or "").startswith("+1")
    copied = [m for m in stage.hotline.messages_in(card.thread) if "contact" in m.body]
    assert copied == []


async def test_somebody_elses_number_is_asked_about_and_a_no_is_a_no(stage: Stage) -> None:
    await stage.station()
    card = await reported(stage, stage.lena, EVSE_1)
    await tapped(stage, stage.anna, card, "✋ Take over", "⋯ More", "📞 Ask for number")
    await stage.sees(stage.lena, "would like to call you")
    stage.lena.send({"contact": {"phone_number": "+43 664 777", "first_name": "Mum", "user_id": 999}})
    asked = await stage.sees(stage.lena, "the number of somebody else: +43 664 777")
    stage.lena.press("No, do not call", asked)
    await stage.sees(stage.lena, "we go on writing here")
    await in_topic(stage, card, "does not want to be called")
    await tapped(stage, stage.anna, card, "⋯ More", "📞 Ask for number")
    await stage.world.wait_for(
        lambda: (
            sum("would like to call you" in m.text for m in stage.chat(stage.lena).messages.values()) == 2
            or None
        ),
        8,
    )
    stage.lena.tap("No, I would rather write")
    await stage.world.wait_for(
        lambda: (
            sum("does not want to be called" in m.text for m in stage.hotline.messages.values()) == 2 or None
        ),
        8,
    )
    person = await stage.database.read(lambda uow: uow.people.by_telegram(501))
    assert person is not None and person.phone is None


async def test_a_case_is_resolved_with_its_cause_and_a_note_and_history_tells_both(stage: Stage) -> None:
    await stage.station()
    card = await reported(stage, stage.lena, EVSE_1)
    await tapped(stage, stage.anna, card, "✋ Take over", "✅ Resolve", "Connector or cable")
    await stage.sees(stage.lena, "The hotline has closed your report", button="4 ⭐")
    await drawn(stage, card, "🏁 Connector or cable")
    await in_topic(stage, card, "A note for whoever looks later?")
    stage.anna.text("// the latch was bent", stage.hotline, thread=card.thread)
    await drawn(stage, card, "📝 the latch was bent")
    stage.lena.press("4 ⭐", await stage.sees(stage.lena, "closed your report", button="4 ⭐"))
    case = await stage.database.read(lambda uow: uow.cases.get(1))
    assert case is not None and case.cause is Cause.CONNECTOR
    again = await reported(stage, stage.lena, EVSE_1)
    stage.anna.command("history", stage.hotline, thread=again.thread)
    shown = await in_topic(stage, again, "Earlier, of Lena")
    assert shown.text.count("Connector or cable") == 2
    assert "the latch was bent" in shown.text and "4 ⭐" in shown.text
    stage.anna.command("close it was the fuse", stage.hotline, thread=again.thread)
    await in_topic(stage, again, "✅ Resolved.")
    assert await stage.database.read(lambda uow: uow.cases.get(2).cause_note) == "it was the fuse"  # type: ignore[union-attr]  # It is there.
    stage.anna.command("close", stage.hotline, thread=again.thread)
    await in_topic(stage, again, "This report is closed already.")
    stage.anna.start()
    stage.anna.command(f"history {EVSE_1}")
    assert "it was the fuse" in (await stage.sees(stage.anna, "Earlier, at")).text
    stage.lena.command(f"history {EVSE_1}")
    await stage.sees(stage.lena, "No charging point")


async def test_lists_show_who_waits_longest_and_a_case_is_taken_from_them_once(stage: Stage) -> None:
    await stage.station()
    ben = await second_agent(stage)
    first = await reported(stage, stage.lena, EVSE_1)
    await reported(stage, stage.marco, EVSE_2)
    stage.anna.command("queue", stage.hotline)
    queue = await stage.topic_shows("With the hotline: 2", button="✋ Take #1")
    assert queue.text.index("#1") < queue.text.index("#2")
    assert f"/{first.thread}" in str(queue.body)
    take = queue.button("✋ Take #1")
    assert take is not None
    presses = [stage.tap(who, str(take["callback_data"]), queue, stale=True) for who in (stage.anna, ben)]
    for press in presses:
        assert await stage.world.wait_for(answered(press), 8)
    assert sorted(press.text == "The case is yours." for press in presses) == [False, True]
    await drawn(stage, first, "with ")
    case = await stage.database.read(lambda uow: uow.cases.get(1))
    taker = stage.anna if presses[0].text == "The case is yours." else ben
    assert case is not None
    taker.start()
    taker.command("mine")
    await stage.sees(taker, "#1")
    stage.lena.command("queue")
    assert not told(stage, stage.lena, "With the hotline")


async def test_the_line_of_a_remote_action_changes_with_what_comes_of_it(stage: Stage) -> None:
    station = await stage.station()
    station.fault(1, "InternalError", clears_on=ClearsOn.SOFT_RESET)
    card = await reported(stage, stage.lena, EVSE_1)
    await tapped(stage, stage.anna, card, "🎛 Remote actions", "Restart (soft)", "Send now: Restart (soft)")
    line = await in_topic(stage, card, "⏳ Restart (soft)")
    done = await in_topic(stage, card, "✅ Restart (soft): proved by the station")
    assert done.id == line.id


async def merged(stage: Stage) -> tuple[Message, Message]:
    """Lena's case goes on in Marco's; their cards."""
    lena = await reported(stage, stage.lena, EVSE_1)
    marco = await reported(stage, stage.marco, EVSE_2)
    await tapped(stage, stage.anna, marco, "✋ Take over")
    await tapped(stage, stage.anna, lena, "⋯ More", "🔗 Merge…", f"#2 · Marco · {EVSE_2}", "🔗 Merge into #2")
    await stage.sees(stage.lena, "dealt with together")
    return lena, marco


async def test_two_reports_of_one_trouble_are_merged_and_nobody_reads_what_is_for_the_other(
    stage: Stage,
) -> None:
    await stage.station()
    lena, marco = await merged(stage)
    await in_topic(stage, lena, "Merged into #2")
    topic = stage.hotline.topics[lena.thread or 0]
    assert await stage.world.wait_for(lambda: topic.closed or None, 8)
    stage.lena.text("Any news?")
    words = await in_topic(stage, marco, "Any news?")
    line = await in_topic(stage, marco, "Lena (#1) writes")
    assert line.id < words.id
    stage.anna.text("For the driver of this case", stage.hotline, thread=marco.thread)
    stage.anna.text("For Lena, by her words", stage.hotline, thread=marco.thread, reply_to=words)
    stage.anna.text("For Lena, by the line", stage.hotline, thread=marco.thread, reply_to=line)
    await stage.sees(stage.lena, "For Lena, by her words")
    await stage.sees(stage.lena, "For Lena, by the line")
    await stage.sees(stage.marco, "For the driver of this case")
    assert not told(stage, stage.marco, "For Lena")
    assert not told(stage, stage.lena, "For the driver of this case")
    await tapped(stage, stage.anna, marco, "✅ Resolve", "Fault inside the station")
    await stage.sees(stage.marco, "Die Hotline hat Ihre Meldung")
    await stage.sees(stage.lena, "The trouble that you reported is settled")
    stage.lena.text("It still does not work")
    await in_topic(stage, lena, "It still does not work")
    await drawn(stage, lena, "waiting for an agent")


async def test_a_case_that_was_merged_comes_back_when_the_other_driver_ends_theirs(stage: Stage) -> None:
    await stage.station()
    lena, _ = await merged(stage)
    stage.marco.press("✅ Es geht jetzt", await stage.sees(stage.marco, "", button="✅ Es geht jetzt"))
    # It was taken and merged since that button was shown, so that the driver is asked once more.
    stage.marco.press(
        "✅ Es geht jetzt",
        await stage.sees(stage.marco, "hat sich etwas geändert", button="✅ Es geht jetzt"),
    )
    await in_topic(stage, lena, "was ended by its own driver")
    await drawn(stage, lena, "waiting for an agent")
    topic = stage.hotline.topics[lena.thread or 0]
    assert await stage.world.wait_for(lambda: not topic.closed or None, 8)


def _open(uow: UnitOfWork) -> int:
    return sum(case is not None and case.state is not CaseState.CLOSED for case in map(uow.cases.get, (1, 2)))


async def test_of_two_who_merge_both_ways_at_once_one_case_stays_open(stage: Stage) -> None:
    await stage.station()
    lena = await reported(stage, stage.lena, EVSE_1)
    marco = await reported(stage, stage.marco, EVSE_2)
    await tapped(stage, stage.anna, lena, "⋯ More", "🔗 Merge…", f"#2 · Marco · {EVSE_2}")
    await tapped(stage, stage.anna, marco, "⋯ More", "🔗 Merge…", f"#1 · Lena · {EVSE_1}")
    presses = [
        stage.tap(stage.anna, "🔗 Merge into #2", await drawn(stage, lena, button="🔗 Merge into #2")),
        stage.tap(stage.anna, "🔗 Merge into #1", await drawn(stage, marco, button="🔗 Merge into #1")),
    ]
    for press in presses:
        assert await stage.world.wait_for(answered(press), 8)
    assert await stage.database.read(_open) == 1


def _of_the_bot(stage: Stage, who: Person) -> int:
    return sum(message.sender == 4200 for message in stage.chat(who).messages.values())


async def test_while_an_agent_has_the_case_the_bot_tells_the_driver_only_what_the_agent_asks_of_it(
    stage: Stage,
) -> None:
    await stage.station()
    card = await reported(stage, stage.lena, EVSE_1)
    await tapped(stage, stage.anna, card, "✋ Take over")
    await stage.sees(stage.lena, "Anna Agent has joined")
    texts = load_texts().to("en").texts
    told = {key.removeprefix("notice."): text for key, text in texts.items() if key.startswith("notice.")}
    told |= {"fix_verified": "", "fix_failed": ""}
    assert told.keys() >= WITH_AGENT_TOO | {"still_waiting", "station_back"}
    said = {name: _values(text) for name, text in told.items() if name not in WITH_AGENT_TOO}

    def tell(uow: UnitOfWork) -> None:
        case = uow.cases.get(1)
        assert case is not None and stage.app is not None
        order = RemoteOrder("GRAZ-01", 1, RemoteCommand.SOFT_RESET, None)
        action = uow.actions.request(1, order, Initiator.DRIVER, case.driver_id, stage.clock())
        uow.actions.end(action.id, ActionState.VERIFIED, "Available", stage.clock())
        for name, values in said.items():
            tell_driver(uow, stage.app.services, case, name, "test", **values)
        show_driver(uow, stage.app.services, case, "test")

    before = _of_the_bot(stage, stage.lena)
    await stage.database.write(tell)
    stage.anna.text("Only this", stage.hotline, thread=card.thread)
    # What goes to one chat leaves in order, so that all of it has been looked at when this is there.
    await stage.sees(stage.lena, "Only this", seconds=20)
    assert _of_the_bot(stage, stage.lena) == before + 1
    await tapped(stage, stage.anna, card, "↩️ Hand back")
    await stage.database.write(lambda uow: tell_again(uow, stage))
    await stage.sees(stage.lena, "called further help")


def tell_again(uow: UnitOfWork, stage: Stage) -> None:
    """Once nobody has the case the bot speaks again."""
    case = uow.cases.get(1)
    assert case is not None and stage.app is not None
    tell_driver(uow, stage.app.services, case, "still_waiting", "again")


def _values(text: str) -> dict[str, str]:
    return {name: "7" for _, name, _, _ in Formatter().parse(text) if name}


async def test_where_names_are_masked_neither_answers_nor_numbers_nor_merging_tell_them(stage: Stage) -> None:
    def masked(uow: UnitOfWork) -> None:
        found = next(each for each in uow.staff.groups("stadtwerke-graz") if each.name == "Hotline")
        less = replace(found, rights=found.rights - {Right.PERSONAL_DATA})
        uow.staff.put_group("stadtwerke-graz", less)

    await stage.database.write(masked)
    await stage.station()
    card = await reported(stage, stage.lena, EVSE_1)
    other = await reported(stage, stage.marco, EVSE_2)
    begins = "Hello L****, this is A**** of Stadtwerke Graz. …"
    await tapped(stage, stage.anna, card, "💬 Answer…", begins)
    await drawn(stage, card, "Hello L****, this is A**** of Stadtwerke Graz")
    await tapped(stage, stage.anna, card, "📨 Send")
    await stage.sees(stage.lena, "Hello Lena, this is Anna Agent of Stadtwerke Graz")
    await in_topic(stage, card, "A****: Hello L****")
    await tapped(stage, stage.anna, card, "⋯ More", "📞 Ask for number")
    await stage.sees(stage.lena, "would like to call you")
    stage.lena.tap("📞 Share my number")
    await in_topic(stage, card, "*** **")
    await tapped(stage, stage.anna, card, "⋯ More", "🔗 Merge…", f"#2 · M**** · {EVSE_2}", "🔗 Merge into #2")
    stage.lena.text("Still waiting")
    await in_topic(stage, other, "Still waiting")
    stage.anna.command("history", stage.hotline, thread=other.thread)
    await in_topic(stage, other, "Earlier, of M****")
    said = "\n".join(message.text for message in stage.hotline.messages.values())
    assert not [name for name in ("Lena", "Marco", "Anna Agent", "+10000") if name in said]


async def test_words_of_danger_in_a_merged_case_make_it_a_case_of_its_own_again(stage: Stage) -> None:
    await stage.station()
    lena, marco = await merged(stage)
    stage.lena.text("there is smoke coming out of it!")
    await stage.sees(stage.lena, "keep well away")
    await in_topic(stage, lena, "speaks of danger")
    await in_topic(stage, lena, "there is smoke coming out of it!")
    await drawn(stage, lena, "· P1 ·")
    assert not [m for m in stage.hotline.messages_in(marco.thread) if "smoke" in m.text]
