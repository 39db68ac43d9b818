"""`/start` before somebody of the staff: the way to their menu stands under the drivers' question."""

from bot.sandbox.telegram.model import Message
from tests.acceptance.conftest import EVSE_1, Stage

DOOR = "🗂 To the menu"


async def test_the_staff_find_their_menu_from_start_and_drivers_see_no_such_button(stage: Stage) -> None:
    stage.ada.start()
    stage.ada.press(DOOR, await stage.sees(stage.ada, "Which charging station", button=DOOR))
    await stage.sees(stage.ada, "Your groups", button="📊 Statistics")
    stage.lena.start()
    question: Message = await stage.sees(stage.lena, "Which charging station")
    assert question.button(DOOR) is None


async def test_one_of_the_staff_who_reports_something_goes_on_with_that(stage: Stage) -> None:
    await stage.station()
    stage.scan(stage.ada, EVSE_1)
    found = await stage.sees(stage.ada, "What is wrong?", button="🐢 Too slow")
    stage.ada.start()
    again = await stage.world.until_shown(stage.chat(stage.ada), "What is wrong?", after=found.id, timeout=8)
    assert again.button(DOOR) is None and again.button("🐢 Too slow")
