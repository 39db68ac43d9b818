"""An admin sets technicians and the hotline, and prints stickers, all from the chat."""

import aiohttp
import pypdfium2
from PIL import Image

from bot.cases.drivers.qr_photo import read_qr
from bot.domain.qr_payload import evse_candidates
from bot.sandbox.telegram.model import Message
from tests.acceptance.conftest import EVSE_1, Stage


def document(stage: Stage, message: Message) -> tuple[str, bytes]:
    """A file that the bot has handed out: its name and content."""
    file = message.body["document"]
    assert isinstance(file, dict)
    return str(file["file_name"]), stage.world.files.by_id[str(file["file_id"])].content


async def handed(stage: Stage, ending: str) -> tuple[str, bytes]:
    """The latest file of that kind in Ada's chat."""

    def look() -> Message | None:
        found = [m for m in stage.chat(stage.ada).messages.values() if "document" in m.body]
        named = [m for m in found if document(stage, m)[0].endswith(ending)]
        return named[-1] if named else None

    message = await stage.world.wait_for(look)
    assert message is not None
    return document(stage, message)


async def test_a_technician_is_entered_in_one_message_invited_and_then_gets_jobs_in_telegram(
    stage: Stage,
) -> None:
    stage.ada.start()
    stage.ada.command("technician GRAZ-03")
    page = await stage.sees(stage.ada, "Nobody is set", button="✏️ Enter")
    stage.ada.press("✏️ Enter", page)
    await stage.sees(stage.ada, "Write name, phone and e-mail")
    stage.ada.text("Petra Prüfer, 12, petra@example.org")
    await stage.sees(stage.ada, "“12” is no phone number")
    stage.ada.text("Petra Prüfer\n+43 664 1112223\npetra@example.org")
    page = await stage.sees(stage.ada, "Petra Prüfer", button="💬 Invite to Telegram")
    assert "+43 664 1112223" in page.text
    assert "petra@example.org" in page.text
    assert "Not on Telegram" in page.text
    stage.ada.press("💬 Invite to Telegram", page)
    shown = await stage.sees(stage.ada, "It works once, for 7 days")
    payload = shown.text.rpartition("?start=")[2].strip()
    petra = stage.world.person(2100, "Petra", "en")
    petra.start(payload)
    offer = await stage.sees(petra, "wants to send you jobs here", button="✅ Yes, send them here")
    petra.press("✅ Yes, send them here", offer)
    await stage.sees(petra, "arrive in this chat from now on: GRAZ-03")
    station = await stage.database.read(lambda uow: uow.operators.station("GRAZ-03"))
    assert station is not None and station.technician is not None
    assert station.technician.telegram_id == 2100
    stranger = stage.world.person(2101, "Stranger", "en")
    stranger.start(payload)
    await stage.sees(stranger, "used")
    acts = await stage.database.read(lambda uow: uow.audit.list("stadtwerke-graz", most=50))
    assert [act.act for act in acts[:3]] == ["technician.joined", "technician.invited", "technician.set"]
    assert acts[2].after == {
        "name": "Petra Prüfer",
        "phone": "+43 664 1112223",
        "email": "petra@example.org",
    }


async def test_a_technician_is_set_for_a_whole_location_and_taken_over_by_a_tap(stage: Stage) -> None:
    stage.ada.start()
    stage.ada.command("technician Graz Hauptbahnhof")
    page = await stage.sees(stage.ada, "Technicians at Graz Hauptbahnhof", button="👥 Choose")
    assert "GRAZ-01: Tom Technician" in page.text
    assert "GRAZ-02: nobody" in page.text
    stage.ada.press("👥 Choose", page)
    choice = await stage.sees(stage.ada, "Who repairs", button="Tom Technician, +43 660 000000")
    stage.ada.press("Tom Technician, +43 660 000000", choice)
    await stage.sees(stage.ada, "GRAZ-02: Tom Technician")
    stations = await stage.database.read(lambda uow: uow.operators.stations("stadtwerke-graz"))
    assert {each.technician.telegram_id for each in stations if each.technician} == {2001}
    assert all(each.technician for each in stations)


async def test_an_open_question_outlives_a_restart_and_ends_with_cancel(stage: Stage) -> None:
    stage.ada.start()
    stage.ada.command("technician GRAZ-02")
    stage.ada.press("✏️ Enter", await stage.sees(stage.ada, "Nobody is set", button="✏️ Enter"))
    await stage.sees(stage.ada, "Write name, phone and e-mail")
    await stage.stop()
    await stage.start()
    stage.ada.text("Tina, +43 664 1112223")
    await stage.sees(stage.ada, "Tina")
    stage.ada.press("✏️ Enter", await stage.sees(stage.ada, "📞 +43 664 1112223", button="✏️ Enter"))
    await stage.sees(stage.ada, "Write name, phone and e-mail")
    stage.ada.command("cancel")
    await stage.sees(stage.ada, "Left as it was")
    station = await stage.database.read(lambda uow: uow.operators.station("GRAZ-02"))
    assert station is not None and station.technician is not None
    assert station.technician.name == "Tina"


async def test_stickers_are_handed_out_for_an_active_station_and_open_the_chat(stage: Stage) -> None:
    stage.ada.start()
    stage.ada.command("stickers GRAZ-01")
    page = await stage.sees(stage.ada, "Stickers for GRAZ-01", button="📄 PDF, print-ready")
    stage.ada.press("📄 PDF, print-ready", page)
    name, content = await handed(stage, ".pdf")
    assert name == "stickers-GRAZ-01.pdf"
    pages = pypdfium2.PdfDocument(content)
    image = pages[0].render(scale=300 / 72).to_pil()
    codes = set(read_qr(as_bytes(image)))
    assert codes == {"https://t.me/support_bot?start=AT_SWG_E0001_1"}
    assert "+43 316 000000" in pages[0].get_textpage().get_text_bounded()
    stage.ada.press("1 as PNG", page)
    name, png = await handed(stage, ".png")
    assert [evse_candidates(code) for code in read_qr(png)] == [[EVSE_1]]
    stage.ada.press("1 as SVG", page)
    _, svg = await handed(stage, ".svg")
    assert svg.lstrip().startswith(b"<")


async def test_without_service_there_is_no_sticker_and_the_way_to_it_is_shown(stage: Stage) -> None:
    stage.ada.start()
    stage.ada.command("stickers GRAZ-02")
    await stage.sees(stage.ada, "no active service", button="To operational management")


async def test_stickers_may_lead_to_a_page_that_offers_chat_and_phone(stage: Stage) -> None:
    await stage.stop()
    stage.settings.public_url = "https://support.example.org"
    await stage.start()
    stage.ada.start()
    stage.ada.command("hotline")
    page = await stage.sees(stage.ada, "Stickers open the chat at once", button="🏷 What stickers open")
    stage.ada.press("🏷 What stickers open", page)
    await stage.sees(stage.ada, "Stickers open a page")
    stage.ada.command("stickers GRAZ-01")
    stage.ada.press("1 as PNG", await stage.sees(stage.ada, "Stickers for GRAZ-01", button="1 as PNG"))
    _, png = await handed(stage, ".png")
    (code,) = read_qr(png)
    assert code == "https://support.example.org/e/AT_SWG_E0001_1"
    assert evse_candidates(code) == [EVSE_1]
    local = code.replace("https://support.example.org", f"http://127.0.0.1:{stage.settings.http_port}")
    async with aiohttp.ClientSession(headers={"Accept-Language": "de-AT,de;q=0.9"}) as client:
        async with client.get(local) as answer:
            text = await answer.text()
            assert answer.status == 200
            assert "https://t.me/support_bot?start=AT_SWG_E0001_1" in text
            assert 'href="tel:+43316000000"' in text
            assert "Chat öffnen" in text
        async with client.get(local + "X") as answer:
            assert answer.status == 404
            assert "Stadtwerke" not in await answer.text()


async def test_the_hotline_is_set_and_its_group_is_linked_from_within(stage: Stage) -> None:
    stage.ada.start()
    stage.ada.command("hotline")
    page = await stage.sees(stage.ada, "Hotline of Stadtwerke Graz", button="📞 Phone")
    stage.ada.press("⏱ Waiting times", page)
    await stage.sees(stage.ada, "Write two numbers")
    stage.ada.text("ten")
    await stage.sees(stage.ada, "two numbers of minutes")
    stage.ada.text("10 2")
    await stage.sees(stage.ada, "within 10 min, one of danger within 2 min")
    account = stage.world.bots["4200:acceptance"]
    plain = stage.ada.create_group("Without topics")
    stage.ada.add(account, plain)
    stage.ada.command("hotline", plain)
    await stage.world.until_shown(plain, "This group has no topics", timeout=8)
    group = stage.ada.create_group("New hotline", topics=True)
    stage.ada.add(account, group)
    stage.ada.command("hotline", group)
    await stage.world.until_shown(group, "I cannot manage topics", timeout=8)
    stage.ada.promote(account, group)
    stage.ada.command("hotline", group)
    await stage.world.until_shown(group, "belongs to the hotline of Stadtwerke Graz now", timeout=8)
    operator = await stage.database.read(lambda uow: uow.operators.get("stadtwerke-graz"))
    groups = await stage.database.read(lambda uow: uow.hotlines.of("stadtwerke-graz"))
    assert {(each.chat, each.title) for each in groups} == {
        (stage.hotline.id, "Hotline Graz"),
        (group.id, "New hotline"),
    }
    assert operator is not None
    assert (operator.agent_takes_minutes, operator.agent_takes_danger_minutes) == (10, 2)


async def test_nobody_without_the_right_links_a_group(stage: Stage) -> None:
    group = stage.anna.create_group("Mine", topics=True)
    account = stage.world.bots["4200:acceptance"]
    stage.anna.add(account, group)
    stage.anna.promote(account, group)
    stage.anna.command("hotline", group)
    await stage.world.until_shown(group, "You lack a right for this: Hotline", timeout=8)
    groups = await stage.database.read(lambda uow: uow.hotlines.of("stadtwerke-graz"))
    assert [each.chat for each in groups] == [stage.hotline.id]


async def test_the_operators_own_waiting_time_holds(stage: Stage) -> None:
    stage.ada.start()
    stage.ada.command("hotline")
    stage.ada.press("⏱ Waiting times", await stage.sees(stage.ada, "Hotline of", button="⏱ Waiting times"))
    await stage.sees(stage.ada, "Write two numbers")
    stage.ada.text("30 1")
    await stage.sees(stage.ada, "within 30 min")
    await stage.station()
    stage.scan(stage.lena, EVSE_1)
    stage.lena.press("🐢 Too slow", await stage.sees(stage.lena, "What is wrong?"))
    stage.lena.press("🙋 Talk to a person", await stage.sees(stage.lena, "Does it work now?"))
    await stage.topic_shows("waiting for an agent")
    due = await stage.database.read(lambda uow: uow.timers.next_due())
    assert due is not None
    assert 29 <= (due - stage.clock()).total_seconds() / 60 <= 30


def as_bytes(image: Image.Image) -> bytes:
    from io import BytesIO  # noqa: PLC0415

    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


async def test_who_goes_to_another_page_is_not_caught_by_a_question_that_was_left_open(stage: Stage) -> None:
    stage.ada.start()
    stage.ada.command("technician GRAZ-02")
    stage.ada.press("✏️ Enter", await stage.sees(stage.ada, "Nobody is set", button="✏️ Enter"))
    asked = await stage.sees(stage.ada, "Write name, phone and e-mail", button="‹ Back")
    stage.ada.press("‹ Back", asked)
    await stage.sees(stage.ada, "Nobody is set")
    stage.ada.text("Tina, +43 664 1112223")
    await stage.sees(stage.ada, "EVSE")
    station = await stage.database.read(lambda uow: uow.operators.station("GRAZ-02"))
    assert station is not None and station.technician is None
