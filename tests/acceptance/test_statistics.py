"""`/stats`: the picture and the table, for agents in their group and for those who may see statistics."""

import csv
import io

from PIL import Image

from bot.operations.apply import apply
from bot.operations.operator_file import read_operator_file
from bot.sandbox.telegram.model import Message
from bot.sandbox.telegram.people import Person
from tests.acceptance.conftest import EVSE_1, OPERATOR, Stage
from tests.acceptance.test_desk import document
from tests.acceptance.test_rating import closed_by_anna, solved_by_the_bot


async def handed(stage: Stage, ending: str, who: Person) -> tuple[str, bytes]:
    """The file of that kind in somebody's chat."""

    def look() -> tuple[str, bytes] | None:
        found = [
            document(stage, each) for each in stage.chat(who).messages.values() if "document" in each.body
        ]
        return next((each for each in found if each[0].endswith(ending)), None)

    return await stage.world.wait_for(look)


def picture(stage: Stage, message: Message) -> Image.Image:
    """The photo of a message, as large as it was sent."""
    sizes = message.body["photo"]
    assert isinstance(sizes, list)
    content = stage.world.files.by_id[str(sizes[-1]["file_id"])].content
    return Image.open(io.BytesIO(content))


async def test_an_admin_sees_the_numbers_as_a_picture_turns_over_periods_and_gets_the_table(
    stage: Stage,
) -> None:
    stage.lena.press("2 ⭐", await solved_by_the_bot(stage))
    stage.lena.press("🐌 Too slow", await stage.sees(stage.lena, "What was missing?", button="🐌 Too slow"))
    await stage.sees(stage.lena, "Thank you, we will look at it")
    stage.lena.text("=HYPERLINK(words of a driver)")
    await stage.sees(stage.lena, "that stands beside your rating")
    stage.ada.start()
    stage.ada.press("🗂 To the menu", await stage.sees(stage.ada, "EVSE ID", button="🗂 To the menu"))
    stage.ada.press("📊 Statistics", await stage.sees(stage.ada, "Your groups", button="📊 Statistics"))
    shown = await stage.sees(stage.ada, "Stadtwerke Graz · Last 7 days", button="30 days")
    assert "1 case, 1 solved" in shown.text
    first = picture(stage, shown)
    # Telegram makes a smaller picture of it.
    assert first.height > first.width > 500
    stage.ada.press("30 days", shown)
    other = await stage.sees(stage.ada, "Last 30 days", button="• 30 days")
    assert other.id == shown.id, "the picture is changed in its place"
    stage.ada.press("📄 As a table", other)
    name, content = await handed(stage, ".csv", stage.ada)
    assert name.startswith("cases-stadtwerke-graz-")
    (head, line) = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    row = dict(zip(head, line, strict=True))
    assert (row["Case"], row["EVSE ID"], row["Solved by"], row["Rating"]) == ("1", EVSE_1, "Bot alone", "2")
    assert (row["What was missing"], row["Driver"], row["Location"]) == (
        "🐌 Too slow",
        "Lena",
        "Graz Hauptbahnhof",
    )
    assert "words of a driver" not in content.decode()
    (act,) = await stage.database.read(lambda uow: uow.audit.list("stadtwerke-graz", most=1))
    assert (act.act, (act.after or {})["cases"]) == ("statistics.exported", 1)


COUNTER = """
[[group]]
name = "Counters"
scope = "instance"
rights = ["reports.statistics"]

[[person]]
telegram_id = 1002
name = "Carla Counter"
groups = ["Counters"]
"""


async def test_without_the_right_to_personal_data_the_table_names_nobody(stage: Stage) -> None:
    await closed_by_anna(stage)
    text = OPERATOR.read_text().replace("-1001234567890", str(stage.hotline.id)) + COUNTER
    await apply(stage.database, read_operator_file(text))
    carla = stage.world.person(1002, "Carla", "de")
    carla.start()
    carla.command("stats")
    carla.press("📄 Als Tabelle", await stage.sees(carla, "1 Fall, 1 gelöst", button="📄 Als Tabelle"))
    _, content = await handed(stage, ".csv", carla)
    table = content.decode("utf-8-sig")
    assert "Lena" not in table and "Anna" not in table
    (head, line) = csv.reader(io.StringIO(table), delimiter=";")
    row = dict(zip(head, line, strict=True))
    assert (row["Agent"], row["Fahrer"], row["Gelöst durch"]) == ("A****", "L****", "Agent")


async def test_agents_see_the_numbers_in_their_group_and_in_private_and_strangers_do_not(
    stage: Stage,
) -> None:
    await closed_by_anna(stage)
    stage.anna.command("stats", stage.hotline)
    shown = await stage.world.until_shown(stage.hotline, "Last 7 days", button="Today", timeout=8)
    assert "1 case, 1 solved" in shown.text and "photo" in shown.body
    stage.anna.press("Today", shown, stage.hotline)
    today = await stage.world.until_shown(stage.hotline, "Stadtwerke Graz · Today", timeout=8)
    assert today.id == shown.id
    stage.anna.start()
    stage.anna.command("stats 30")
    await stage.sees(stage.anna, "Last 30 days", button="7 days")
    stage.anna.add(stage.marco, stage.hotline)
    stage.marco.command("stats", stage.hotline)
    await stage.world.until_shown(stage.hotline, "Statistik ist für Agenten", timeout=8)
    stage.marco.start()
    stage.marco.command("stats")
    await stage.sees(stage.marco, "Mitarbeiter")
