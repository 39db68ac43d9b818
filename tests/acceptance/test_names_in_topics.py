"""A driver's name stands in a topic only where all agents may see it; else one agent at a time, by a tap."""

from collections.abc import Callable
from dataclasses import replace

from bot.domain.rights import Right
from bot.sandbox.telegram.model import Message
from storage.uow import UnitOfWork
from tests.acceptance.conftest import EVSE_1, Stage
from tests.delivery.mail_server import MailServer
from tests.delivery.test_email import Post
from tests.ports import free_port

GRAZ = "stadtwerke-graz"


def without(group: str, right: Right) -> Callable[[UnitOfWork], None]:
    """Takes a right from a group."""

    def work(uow: UnitOfWork) -> None:
        found = next(each for each in uow.staff.groups(GRAZ) if each.name == group)
        uow.staff.put_group(GRAZ, replace(found, rights=found.rights - {right}))

    return work


async def escalated(stage: Stage) -> Message:
    """Lena has asked for a person; the card in the topic."""
    stage.scan(stage.lena, EVSE_1)
    stage.lena.press("🐢 Too slow", await stage.sees(stage.lena, "What is wrong?"))
    stage.lena.press("🙋 Talk to a person", await stage.sees(stage.lena, "Does it work now?"))
    await stage.sees(stage.lena, "A person has been called")
    return await stage.topic_shows("waiting for an agent", button="✋ Take over")


def all_of_the_hotline(stage: Stage) -> str:
    return "\n".join(message.text for message in stage.hotline.messages.values())


async def test_where_all_agents_may_see_names_the_card_has_them_and_no_button_for_it(stage: Stage) -> None:
    await stage.station()
    card = await escalated(stage)
    assert "Lena @lena" in card.text
    assert "👤 Driver’s contact" not in {b["text"] for b in card.buttons}


async def test_where_one_agent_may_not_see_names_all_of_them_are_masked(stage: Stage) -> None:
    await stage.database.write(without("Hotline", Right.PERSONAL_DATA))
    await stage.station()
    card = await escalated(stage)
    assert "👤 L**** · en" in card.text
    taken = stage.tap(stage.anna, "✋ Take over", card)
    card = await stage.topic_shows("with A****", button="🔧 Technician")
    stage.tap(stage.anna, "🔧 Technician", card)
    await stage.topic_shows("T**** has been asked to go there")
    stage.lena.text("I am Lena Maier, please hurry")
    await stage.topic_shows("I am Lena Maier, please hurry")
    said = all_of_the_hotline(stage).replace("I am Lena Maier, please hurry", "")
    assert not [name for name in ("Lena", "@lena", "Tom", "Anna Agent") if name in said]
    assert taken.answered


async def test_the_drivers_contact_opens_for_whoever_has_the_right_and_for_nobody_else(stage: Stage) -> None:
    await stage.database.write(without("Hotline", Right.PERSONAL_DATA))
    stage.anna.add(stage.ada, stage.hotline)
    await stage.station()
    card = await escalated(stage)
    refused = stage.tap(stage.anna, "👤 Driver’s contact", card)
    await stage.world.wait_for(lambda: refused.answered or None)
    assert refused.show_alert
    assert "Personal data" in refused.text and "Lena" not in refused.text
    shown = stage.tap(stage.ada, "👤 Driver’s contact", card)
    await stage.world.wait_for(lambda: shown.answered or None)
    assert shown.show_alert
    assert shown.text == "👤 The driver:\nLena\n@lena"
    assert "Lena" not in all_of_the_hotline(stage)


async def test_a_technician_reads_a_name_only_with_the_right_to_it(stage: Stage) -> None:
    await stage.station()
    card = await escalated(stage)
    stage.tap(stage.anna, "🔧 Technician", card)
    job = await stage.sees(stage.tom, "👤 L****")
    assert "Lena" not in job.text
    stage.tom.press("👍 I take it", job)
    job = await stage.sees(stage.tom, "👤 L****", button="🚗 I am on my way")
    assert "Lena" not in job.text
    assert "Lena" in all_of_the_hotline(stage)


async def test_a_dispatch_mail_holds_no_name_for_whoever_may_not_see_it(stage: Stage) -> None:
    port = free_port()
    post = Post()
    stage.settings.smtp_url = f"smtp://127.0.0.1:{port}?from=bot@example.org"
    await stage.stop()
    controller = MailServer(post, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        await stage.start()

        def by_mail(uow: UnitOfWork) -> None:
            station = uow.operators.station("GRAZ-01")
            assert station is not None and station.technician is not None
            technician = replace(station.technician, email="tom@example.org")
            uow.operators.put_station(
                replace(station, technician=technician), {e.evse_id: e.evse_id for e in station.evses}
            )

        await stage.database.write(by_mail)
        await stage.station()
        card = await escalated(stage)
        stage.tap(stage.anna, "🔧 Technician", card)
        await stage.sees(stage.tom, "👤 L****")
        assert await stage.eventually(lambda _uow: bool(post.received))
        (mail,) = post.received
        for kind in ("plain", "html"):
            part = mail.get_body((kind,))
            assert part is not None
            body = str(part.get_content())
            assert "L****" in body and "Lena" not in body
    finally:
        controller.stop()
