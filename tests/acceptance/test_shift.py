"""`/shift`: agents who are on duty by their own word, in private and in their group."""

from bot.cases.agents import duty
from tests.acceptance.conftest import Stage
from tests.acceptance.planning import GRAZ, planning


async def due(stage: Stage) -> list[str]:
    """Who is told of a case by now."""
    now = stage.clock()
    return sorted(each.name for each in await stage.database.read(lambda uow: duty.on_call(uow, GRAZ, now)))


async def test_a_shift_is_begun_once_made_longer_and_ends_by_itself(stage: Stage) -> None:
    p = await planning(stage)
    at = await p.command(stage.anna, "shift", "Nobody in particular", "🟢 Start")
    assert "You are not on a shift." in at.text
    at = await p.go(stage.anna, at, "🟢 Start", "Your shift has begun. It ends by itself on Thu 26 Nov 00:00")
    assert "🟢 Anna Agent until Thu 26 Nov 00:00" in at.text
    assert await due(stage) == ["Anna Agent"]
    stage.clock.forward(minutes=5)
    await p.command(stage.ada, "oncall", "🟢 On a shift: Anna Agent until Thu 26 Nov 00:00")
    await p.command(stage.anna, "shift start", "You are on a shift already, until Thu 26 Nov 00:00")
    stage.clock.forward(hours=11, minutes=41)
    asked = await stage.sees(stage.anna, "ends by itself at Thu 26 Nov 00:00", button="▶️ Go on for 4 hours")
    await p.go(stage.anna, asked, "▶️ Go on for 4 hours", "Your shift goes on until Thu 26 Nov 04:00")
    again = stage.anna.press("▶️ Go on for 4 hours", asked, stale=True)
    await stage.world.wait_for(lambda: again if again.answered else None)
    await p.command(stage.anna, "shift", "You are on a shift until Thu 26 Nov 04:00")
    stage.clock.forward(hours=3, minutes=59)
    await stage.stop()
    stage.clock.forward(minutes=30)
    await stage.start()
    over = await stage.sees(stage.anna, "Your shift for Stadtwerke Graz has ended by itself")
    assert await due(stage) == ["Ada Admin", "Anna Agent", "Bob Agent"]
    await p.go(stage.anna, over, "🟢 Start again", "Your shift has begun.")
    at = await p.command(stage.anna, "shift end", "Your shift is over.")
    await p.command(stage.anna, "shift end", "You were not on a shift.")
    stage.clock.forward(hours=13)
    assert await stage.eventually(lambda uow: not uow.shifts.running(GRAZ, stage.clock()))


async def test_in_the_group_everybody_reads_who_is_on_duty(stage: Stage) -> None:
    p = await planning(stage)
    await p.layer_of_both()
    stage.anna.add(p.bob, stage.hotline)
    p.bob.command("shift start", stage.hotline)
    told = await stage.topic_shows("Your shift has begun.")
    assert told.text.startswith("👤 Bob Agent")
    assert not told.buttons
    p.bob.command("shift", stage.hotline)
    told = await stage.topic_shows("You are on a shift until")
    assert "📟 Anna Agent until Mon 30 Nov 08:00, layer 1\n🟢 Bob Agent until Thu 26 Nov 00:00" in told.text
    assert "Your next turn on call begins on Mon 30 Nov 08:00" in told.text
    assert await due(stage) == ["Anna Agent", "Bob Agent"]
    p.bob.command("shift end", stage.hotline)
    await stage.topic_shows("Your shift is over.")
    stage.anna.add(stage.lena, stage.hotline)
    stage.lena.command("shift start", stage.hotline)
    await stage.topic_shows("staff only")
    assert await due(stage) == ["Anna Agent"]


async def test_whoever_begins_a_shift_sees_what_waits(stage: Stage) -> None:
    p = await planning(stage)
    stage.lena.start()
    stage.lena.command("agent")
    await stage.topic_shows("waiting for an agent", button="✋ Take over")
    await p.command(stage.anna, "shift start", "Your shift has begun.")
    await stage.sees(stage.anna, "#1")
