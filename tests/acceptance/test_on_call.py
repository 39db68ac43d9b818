"""`/oncall`: layers, stand-ins, swaps, calendar files; whoever goes on call is told."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.cases.agents import duty
from bot.domain.clock import utc_now
from bot.domain.operator import Group
from bot.domain.rights import Right, Scope
from bot.sandbox.telegram.model import Message
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.state import Press
from storage.uow import UnitOfWork
from tests.acceptance.conftest import Stage
from tests.acceptance.planning import GRAZ, Planning, planning

CALENDARS = Path(__file__).parents[1] / "operations" / "calendars"
MONDAY = datetime(2026, 11, 30, 7, tzinfo=UTC)
"""08:00 in Graz."""


async def due(stage: Stage, level: int = 1) -> list[str]:
    """Who is told of a case by now."""
    now = stage.clock()
    found = await stage.database.read(lambda uow: duty.on_call(uow, GRAZ, now, level))
    return [each.name for each in found]


def told(stage: Stage, who: Person) -> list[str]:
    """What somebody was told of their turns."""
    return [each.text for each in stage.chat(who).messages.values() if "You are on call now" in each.text]


async def answered(stage: Stage, press: Press) -> str:
    """What a press is answered with."""
    done = await stage.world.wait_for(lambda: press if press.answered else None)
    return done.text or ""


async def test_a_layer_is_made_by_taps_and_whoever_goes_on_call_is_told_once(stage: Stage) -> None:
    p = await planning(stage)
    assert sorted(await due(stage)) == ["Ada Admin", "Anna Agent", "Bob Agent"]
    at = await p.layer_of_both()
    at = await p.go(stage.ada, at, "‹ On call", "Now: Anna Agent until Mon 30 Nov 08:00")
    assert "Mon 30 Nov  08:00 Bob Agent\nMon 7 Dec  08:00 Anna Agent" in at.text
    stage.clock.forward(minutes=2)
    begun = await stage.sees(stage.anna, "You are on call now")
    assert "From Wed 25 Nov 08:00 until Mon 30 Nov 08:00" in begun.text
    assert "hands over" not in begun.text
    assert await due(stage) == ["Anna Agent"]
    await stage.stop()
    stage.clock.shift = MONDAY - utc_now()
    await stage.start()
    begun = await stage.sees(p.bob, "Anna Agent hands over to you")
    assert "From Mon 30 Nov 08:00 until Mon 7 Dec 08:00" in begun.text
    assert await due(stage) == ["Bob Agent"]
    stage.clock.forward(hours=3)
    assert await stage.eventually(lambda uow: (uow.timers.next_due() or MONDAY) > stage.clock())
    assert (len(told(stage, stage.anna)), len(told(stage, p.bob))) == (1, 1)


async def test_a_layer_is_changed_one_thing_at_a_time_and_removed_after_a_question(stage: Stage) -> None:
    p = await planning(stage)
    ada = stage.ada
    at = await p.layer_of_both()
    at = await p.go(ada, at, "By the day", "By the day, handed over at 08:00")
    at = await p.go(ada, at, "⏰ Handover", "When is it handed over?")
    at = await p.writes(ada, "noon", "Please write weekdays")
    at = await p.writes(ada, "18 Uhr", "By the day, handed over at 18:00")
    at = await p.go(ada, at, "🕗 Hours", "When does the rotation apply?")
    at = await p.writes(ada, "Mon-Fri 18-8", "Hours: Mon–Fri 18:00–08:00")
    at = await p.go(ada, at, "🪜 Other layer", "Layer: 2, told next")
    at = await p.go(ada, at, "✏️ Name", "What is the rotation to be called?")
    at = await p.writes(ada, "Nights & more", "👥 Nights & more")
    at = await p.go(ada, at, "🎄 Holidays only", "On holidays only")
    at = await p.go(ada, at, "📆 On all days", "On all days")
    at = await p.go(ada, at, "🏁 First day", "On which day")
    at = await p.writes(ada, "27.11.", "Begins: Fri 27 Nov")
    at = await p.go(ada, at, "👥 People", "The order: Anna Agent → Bob Agent")
    at = await p.go(ada, at, "1. Anna Agent", "The order: Bob Agent")
    at = await p.writes(ada, "Nobody", "I find nobody, or several, of the name “nobody”")
    at = await p.writes(ada, "Bob, Anna", "Order: Bob Agent → Anna Agent")
    at = await p.go(ada, at, "‹ On call", "Now: nobody.")
    assert "Fri 27 Nov  18:00–08:00 Bob Agent\nMon 30 Nov  18:00–08:00 Anna Agent" in at.text
    assert len(await due(stage, 2)) == 3
    at = await p.go(ada, at, "👥 Nights & more", "Order: Bob Agent")
    at = await p.go(ada, at, "🗑 Remove", "Remove “Nights & more”?")
    await p.go(ada, at, "🗑 Remove it", "Nobody is planned")
    acts = await stage.database.read(lambda uow: uow.audit.acts(GRAZ))
    assert {"rotation.layer_added", "rotation.layer_changed", "rotation.layer_removed"} <= set(acts)


async def test_somebody_stands_in_for_another_and_two_swap_their_turns(stage: Stage) -> None:
    p = await planning(stage)
    ada = stage.ada
    at = await p.layer_of_both()
    at = await p.command(ada, "oncall", "Now: Anna Agent", "🔁 Stand-ins")
    at = await p.go(ada, at, "🔁 Stand-ins", "There are none.")
    at = await p.go(ada, at, "➕ Somebody stands in", "Who is to be on call?")
    at = await p.go(ada, at, "Bob Agent", "When is Bob Agent to be on call?")
    await p.writes(ada, "26.11. 18:00", "Please write from when to when")
    at = await p.writes(ada, "26.11. 18:00 – 27.11. 8:00", "✅ Bob Agent instead of Anna Agent")
    at = await p.go(ada, at, "🔁 Stand-ins", "1. Bob Agent: Thu 26 Nov 18:00 – Fri 27 Nov 08:00")
    at = await p.go(ada, at, "➕ Somebody stands in", "Who is to be on call?")
    at = await p.go(ada, at, "Anna Agent", "When is Anna Agent")
    await p.writes(ada, "27.11. 7:00 – 9:00", "Bob Agent already stands in then")
    at = await p.command(ada, "oncall", "Now: Anna Agent until Thu 26 Nov 18:00")
    assert "Thu 26 Nov  18:00–08:00 🔁 Bob Agent\nFri 27 Nov  08:00 Anna Agent" in at.text
    stage.clock.shift = datetime(2026, 11, 26, 17, 0, 1, tzinfo=UTC) - utc_now()
    begun = await stage.sees(p.bob, "Anna Agent hands over to you")
    assert "until Fri 27 Nov 08:00" in begun.text
    assert await due(stage) == ["Bob Agent"]
    at = await p.command(ada, "oncall", "Now: Bob Agent", "🔀 Swap")
    at = await p.go(ada, at, "🔀 Swap", "Which turn is to be swapped?")
    at = await p.go(ada, at, "Mon 30 Nov – Mon 7 Dec Bob Agent", "With which turn?")
    swap = await p.go(ada, at, "Mon 7 Dec – Mon 14 Dec Anna Agent", "✅ Swapped:")
    assert "Mon 30 Nov – Mon 7 Dec: Anna Agent\nMon 7 Dec – Mon 14 Dec: Bob Agent" in swap.text
    again = ada.press("Mon 7 Dec – Mon 14 Dec Anna Agent", at, stale=True)
    assert "The plan has changed meanwhile" in await answered(stage, again)
    at = await p.command(ada, "oncall", "Mon 7 Dec  08:00 🔁 Bob Agent", "🔁 Stand-ins")
    at = await p.go(ada, at, "🔁 Stand-ins", "3. Bob Agent: Mon 7 Dec")
    at = await p.go(ada, at, "✖️ 1", "2. Bob Agent: Mon 7 Dec")
    assert await due(stage) == ["Anna Agent"]


async def test_who_cannot_act_any_more_is_passed_over_and_the_admins_see_it(stage: Stage) -> None:
    p = await planning(stage)
    await p.layer_of_both()

    def demote(uow: UnitOfWork) -> None:
        anna = next(each for each in uow.staff.all(GRAZ) if each.name == "Anna Agent")
        uow.staff.put_group(GRAZ, Group("Readers", Scope.INSTANCE, frozenset({Right.STATION_LIST})))
        uow.staff.put(GRAZ, replace(anna, groups=("Readers",)))

    await stage.database.write(demote)
    assert await due(stage) == ["Bob Agent"]
    at = await p.command(stage.ada, "oncall", "Now: Bob Agent", "👥 Hotline")
    assert "⚠️ Hotline: passed over, as they cannot act any more: Anna Agent" in at.text
    await p.go(stage.ada, at, "👥 Hotline", "Order: ⚠️ Anna Agent → Bob Agent")
    stage.clock.forward(minutes=2)
    await stage.sees(p.bob, "You are on call now")
    assert told(stage, stage.anna) == []
    await p.command(stage.anna, "oncall", "You lack the right")


async def test_a_calendar_is_previewed_taken_over_and_replaced_by_its_next_edition(stage: Stage) -> None:
    p = await planning(stage)
    ada = stage.ada
    google = (CALENDARS / "google.ics").read_bytes()
    at = await p.command(ada, "oncall", "Nobody is planned", "📅 Calendar file")
    at = await p.go(ada, at, "📅 Calendar file", "as an .ics file")
    await sends(p, b"no calendar", "This is no calendar file that I can read")
    await sends(p, google + b" " * 3_000_000, "This calendar holds too much")
    await sends(p, (CALENDARS / "nobody.ics").read_bytes(), "Nothing of it can be taken over")
    at = await sends(p, google, "📅 Hotline Graz")
    assert "Understood: 6" in at.text
    assert "Mon 30 Nov 08:00 – Mon 7 Dec 08:00 · Anna Agent" in at.text
    assert "Mon 7 Dec 08:00 – Mon 14 Dec 08:00 · Ada Admin" in at.text
    assert "Tue 15 Dec 08:00 – Mon 21 Dec 08:00 · Anna Agent" in at.text
    assert "Left out: 1\n▫️ Thu 24 Dec 00:00 Christmas party: names none of your people" in at.text
    at = await p.go(ada, at, "✅ Take over as layer 1", "✅ 6 taken over from “Hotline Graz”.")
    at = await p.go(ada, at, "‹ On call", "From the calendar “Hotline Graz”: 6 to come")
    assert "Now: nobody." in at.text and "Mon 7 Dec  08:00 🔁 Ada Admin" in at.text
    stage.clock.shift = MONDAY - utc_now()
    await stage.sees(stage.anna, "You are on call now")
    assert await due(stage) == ["Anna Agent"]
    at = await p.go(ada, at, "📅 Calendar file", "as an .ics file")
    at = await sends(p, google.replace(b"Bereitschaft Ada", b"Bereitschaft Bob"), "📅 Hotline Graz")
    assert "They take the place of 6" in at.text
    at = await p.go(ada, at, "✅ Take over as layer 1", "✅ 6 taken over from “Hotline Graz”, in place of 6")
    ada.press("✅ Take over as layer 1", at, stale=True)
    await stage.sees(ada, "This was done already")
    at = await p.command(ada, "oncall", "Mon 14 Dec 08:00 🔁 Bob Agent", "📅 Calendar file")
    at = await p.go(ada, at, "📅 Calendar file", "as an .ics file")
    at = await sends(p, (CALENDARS / "outlook.ics").read_bytes(), "📅 Kalender")
    assert "Understood: 10" in at.text
    assert "Sat 27 Mar 17:00 – Sun 28 Mar 08:00 · Anna Agent" in at.text
    assert "Fri 26 Mar 09:30 Jour fixe: names none of your people" in at.text
    at = await p.go(ada, at, "✖️ Leave it", "Nothing was taken over.")
    at = await p.command(ada, "oncall", "On call", "📅 Calendar file")
    at = await p.go(ada, at, "📅 Calendar file", "as an .ics file")
    at = await p.go(ada, at, "🗑 Hotline Graz", "Remove all that came from the calendar")
    await p.go(ada, at, "🗑 Remove it", "Nobody is planned")


async def sends(p: Planning, content: bytes, text: str) -> Message:
    """What is shown for a calendar file."""
    name = "Kalender.ics" if b"Microsoft" in content else "calendar.ics"
    said = p.stage.ada.media("document", content, "", p.stage.chat(p.stage.ada), name=name)
    return await p.stage.world.until_shown(p.stage.chat(p.stage.ada), text, after=said.id)


async def test_the_holidays_are_those_of_the_country_and_of_the_region_that_was_chosen(stage: Stage) -> None:
    p = await planning(stage)
    at = await p.command(stage.ada, "oncall", "Nobody is planned", "🎄 Holidays")
    at = await p.go(stage.ada, at, "🎄 Holidays", "Holidays · Austria")
    assert "Tue 8 Dec  Immaculate Conception\nFri 25 Dec  Christmas Day" in at.text
    at = await p.go(stage.ada, at, "Steiermark", "Holidays · Steiermark")
    await p.go(stage.ada, at, "Whole country", "Holidays · Austria")
