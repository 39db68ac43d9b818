"""Activating and ending the service of stations from the chat, with the e-mails in a real SMTP server."""

from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from functools import partial

import pytest

from bot.admin import billing, service
from bot.domain.billing import Month
from bot.domain.case import CaseState
from bot.domain.people import telegram
from bot.domain.rights import Right
from bot.operations.apply import apply
from bot.operations.billing import GRACE
from bot.operations.operator_file import read_operator_file
from bot.sandbox.telegram.model import Message
from bot.views.i18n import load_texts
from storage.repositories.desks import Desk, Form
from storage.uow import UnitOfWork
from tests.acceptance.conftest import EVSE_1, OPERATOR, Stage
from tests.acceptance.office import PEOPLE, Office, at_work, parts

ASK = "🔑 Freigabe von Kosten beantragen"


@pytest.fixture
async def office(stage: Stage) -> AsyncIterator[Office]:
    async with at_work(stage) as opened:
        yield opened


async def is_active(office: Office, *stations: str) -> bool:
    """Whether these are active, beside the two that always are."""

    def read(uow: UnitOfWork) -> set[str]:
        return {each.id for each in uow.service.all("stadtwerke-graz") if each.active}

    return await office.stage.database.read(read) == {"GRAZ-01", "GRAZ-03", *stations}


async def reapply(office: Office, old: str, new: str) -> None:
    """The operator's file says something else by now."""
    whole = OPERATOR.read_text().replace("-1001234567890", str(office.stage.hotline.id)) + PEOPLE
    assert old in whole
    await apply(office.stage.database, read_operator_file(whole.replace(old, new)))


async def test_an_admin_activates_a_station_after_reading_what_it_costs(office: Office) -> None:
    ada = office.stage.ada
    ada.command("activate graz-02")
    quote = await office.sees(ada, "Activate: 1 charging station", button="✅ Activate now: €9.90 a month")
    for said in (
        "€9.90 a month, from",
        "The month of activation is charged in full, whatever the day",
        "the month in which you disable it is not charged",
    ):
        assert said in quote.text
    assert await is_active(office), "a quote does nothing"
    ada.press("✅ Activate now: €9.90 a month", quote)
    done = await office.sees(ada, "✅ Activated: 1 charging station")
    assert done.id == quote.id
    assert "A confirmation goes to admin@example.org" in done.text
    assert await is_active(office, "GRAZ-02")
    mail = await office.mailed("admin@example.org")
    assert mail["Subject"].strip() == "Operational management activated: 1 charging station (Stadtwerke Graz)"
    text, html = parts(mail)
    for form in (text, html):
        assert "GRAZ-02" in form and "€9.90 a month" in form and "Ada Admin" in form
        assert "charged in full, whatever the day" in form and "stickers" in form and "technician" in form


async def test_all_without_the_service_those_of_a_location_and_a_pasted_list_are_chosen_by_taps(
    office: Office,
) -> None:
    ada = office.stage.ada
    ada.command("menu")
    ada.press(
        "⚡️ Operational management",
        await office.sees(ada, "Stadtwerke Graz", button="⚡️ Operational management"),
    )
    ways = await office.sees(ada, "4 charging stations without it", button="All: 4 charging stations")
    ada.press("All: 4 charging stations", ways)
    everything = await office.sees(ada, "Activate: 4 charging stations")
    assert "Without an EVSE ID: NORD-02, SUED-01" in everything.text
    ada.press("Leave out those without an EVSE ID", everything)
    await office.sees(ada, "Activate: 2 charging stations", button="✅ Activate now: €19.80 a month")
    ada.press("‹ Back", await office.sees(ada, "Activate: 2 charging stations"))
    ada.press("📍 By location", await office.sees(ada, "without it", button="📍 By location"))
    ada.press("Parkhaus Nord (3)", await office.sees(ada, "at which location", button="Parkhaus Nord (3)"))
    await office.sees(ada, "Activate: 3 charging stations", button="✅ Activate now: €29.70 a month")
    ada.press("‹ Back", await office.sees(ada, "Activate: 3 charging stations"))
    ada.press("📋 Send a list", await office.sees(ada, "without it", button="📋 Send a list"))
    await office.sees(ada, "one below the other")
    await office.stage.stop()
    await office.stage.start()
    ada.text("GRAZ-02; at*swg*e0004*1\nGRAZ-01, NOBODY-7")
    listed = await office.sees(ada, "Activate: 2 charging stations")
    assert "• GRAZ-02" in listed.text and "• NORD-01" in listed.text
    assert "Active already: GRAZ-01" in listed.text
    assert "None of your charging stations: NOBODY-7" in listed.text
    ada.press("✅ Activate now: €19.80 a month", listed)
    await office.sees(ada, "✅ Activated: 2 charging stations")
    assert await is_active(office, "GRAZ-02", "NORD-01")


async def test_a_price_that_has_changed_since_the_quote_is_shown_before_anything_is_done(
    office: Office,
) -> None:
    ada = office.stage.ada
    ada.command("activate GRAZ-02")
    quote = await office.sees(ada, "Activate: 1", button="✅ Activate now: €9.90 a month")
    await reapply(office, '"9.90"', '"12.00"')
    ada.press("✅ Activate now: €9.90 a month", quote)
    new = await office.sees(ada, "Something has changed meanwhile", button="✅ Activate now: €12.00 a month")
    assert await is_active(office)
    ada.press("✅ Activate now: €12.00 a month", new)
    await office.sees(ada, "✅ Activated")
    assert await is_active(office, "GRAZ-02")


async def asked(office: Office) -> Message:
    """Petra, who cannot release costs, has asked for NORD-01; what Nora, who can, is shown."""
    office.petra.command("activate NORD-01")
    quote = await office.sees(office.petra, "nicht selbst freigeben", button=ASK)
    assert "Nora Nord" in quote.text and "Sven" not in quote.text
    office.petra.press(ASK, quote)
    await office.sees(office.petra, "Um die Freigabe der Kosten")
    assert await is_active(office)
    return await office.sees(office.nora, "asks for the release of a cost", button="✅ Release")


async def test_a_request_is_released_with_one_tap_and_everybody_in_it_hears_so(office: Office) -> None:
    told = await asked(office)
    assert "NORD-01" in told.text and "€9.90 a month" in told.text
    office.nora.press("✅ Release", told)
    await office.sees(office.nora, "✅ Released by Nora Nord")
    assert await is_active(office, "NORD-01")
    heard = await office.sees(office.petra, "✅ Betriebsführung aktiviert: 1 Ladestation")
    assert "freigegeben von Nora Nord" in heard.text
    for address, language in (("petra@example.org", "de"), ("nora@example.org", "en")):
        text, html = parts(await office.mailed(address))
        assert f'lang="{language}"' in html
        assert "Nora Nord" in text
    assert "Beantragt von: Petra Planner" in parts(await office.mailed("petra@example.org"))[0]
    (change,) = await office.stage.database.read(lambda uow: uow.service.changes_of("NORD-01", most=5))
    assert change.requested_by != change.released_by and change.price == Decimal("9.90")


async def test_a_request_is_refused_with_one_tap_and_decided_once(office: Office) -> None:
    told = await asked(office)
    ada_told = await office.sees(office.stage.ada, "asks for the release", button="✅ Release")
    office.nora.press("❌ Refuse", told)
    await office.sees(office.nora, "❌ Refused by Nora Nord")
    await office.sees(office.petra, "hat die Kosten nicht freigegeben")
    office.stage.ada.press("✅ Release", ada_told)
    late = await office.sees(office.stage.ada, "This was decided before")
    assert "Refused by Nora Nord" in late.text
    assert await is_active(office)


async def test_requests_are_listed_under_releases_for_those_who_can_decide_them(office: Office) -> None:
    await asked(office)
    office.sven.command("releases")
    await office.sees(office.sven, "No cost waits for your release")
    office.nora.command("releases")
    listed = await office.sees(
        office.nora, "Costs to release", button="#1: 1 charging station, €9.90 a month"
    )
    office.nora.press("#1: 1 charging station, €9.90 a month", listed)
    office.nora.press("✅ Release", await office.sees(office.nora, "Asked:", button="✅ Release"))
    await office.sees(office.nora, "✅ Released by Nora Nord")
    office.petra.command("releases")
    await office.sees(office.petra, "Freigabe von Kosten")
    assert await is_active(office, "NORD-01")


async def test_an_approver_who_was_demoted_meanwhile_releases_nothing(office: Office) -> None:
    told = await asked(office)
    await reapply(office, 'email = "nora@example.org"\ngroups = ["Purse"]', "groups = []")
    office.nora.press("✅ Release", told)
    await office.sees(office.nora, "You lack the right")
    assert await is_active(office)


async def test_a_button_made_up_by_somebody_out_of_reach_does_nothing(office: Office) -> None:
    await asked(office)
    own = await office.sees(office.stage.ada, "asks for the release", button="✅ Release")
    office.petra.command("activate SUED-01")
    office.petra.press(ASK, await office.sees(office.petra, "SUED-01", button=ASK))
    told = await office.sees(office.sven, "asks for the release", button="✅ Release")
    (button,) = [each for each in own.buttons if each["text"] == "✅ Release"]
    (theirs,) = [each for each in told.buttons if each["text"] == "✅ Release"]
    assert button["callback_data"] != theirs["callback_data"]
    theirs["callback_data"] = button["callback_data"]
    office.sven.press("✅ Release", told)
    await office.sees(office.sven, "You lack the right")
    assert await is_active(office)


async def reported(stage: Stage) -> Message:
    """Lena has reported GRAZ-01, and reads what the bot makes of it."""
    stage.scan(stage.lena, EVSE_1)
    stage.lena.press("🔌 Will not start", await stage.sees(stage.lena, "What is wrong?"))
    return await stage.sees(stage.lena, "Does it work now?", button="🙋 Talk to a person")


async def test_ending_the_service_hands_its_cases_over_at_once(office: Office) -> None:
    stage, ada = office.stage, office.stage.ada
    stage.lena.press("🙋 Talk to a person", await reported(stage))
    await stage.topic_shows("Lena")
    ada.command("deactivate GRAZ-01")
    end = "Disable service for this charging station"
    quote = await office.sees(ada, "1 open case goes to your own people", button=end)
    assert "not charged" in quote.text and "at once" in quote.text
    ada.press(end, quote)
    done = await office.sees(ada, "⏹ Disabled: 1 charging station")
    assert "1 open case has gone to your own people" in done.text
    heard = await stage.sees(stage.lena, "Our hotline no longer looks after this station")
    assert "Stadtwerke Graz" in heard.text and "+43 316 000000" in heard.text
    await stage.topic_shows("The service of this station has ended")
    case = await stage.database.read(lambda uow: uow.cases.get(1))
    assert case is not None and case.state is CaseState.CLOSED
    manager = await office.mailed("mara@example.org")
    assert "is yours from now on" in manager["Subject"]
    assert "Will not start" in manager.get_content()
    mail = await office.mailed("admin@example.org")
    assert mail["Subject"].strip().startswith("Operational management disabled: 1 charging station")
    stage.scan(stage.marco, EVSE_1)
    await stage.sees(stage.marco, "Stadtwerke Graz: +43 316 000000")


async def test_an_e_mail_waits_for_a_mail_server_that_is_away(office: Office) -> None:
    office.post.close()
    ada = office.stage.ada
    ada.command("activate GRAZ-02")
    ada.press(
        "✅ Activate now: €9.90 a month", await office.sees(ada, "", button="✅ Activate now: €9.90 a month")
    )
    await office.sees(ada, "✅ Activated")
    assert await office.stage.eventually(lambda uow: uow.outbox.waiting() == 1)
    await office.stage.stop()
    assert office.post.to("admin@example.org") == []
    office.post.open()
    await office.stage.start()
    office.stage.clock.forward(minutes=10)
    mail = await office.mailed("admin@example.org", seconds=20)
    assert "GRAZ-02" in parts(mail)[0]
    assert await office.stage.eventually(lambda uow: uow.outbox.waiting() == 0)
    assert len(office.post.to("admin@example.org")) == 1


async def test_what_the_operators_file_ends_is_handed_over_by_the_running_service(office: Office) -> None:
    stage = office.stage
    await reported(stage)
    whole = OPERATOR.read_text().replace("-1001234567890", str(stage.hotline.id)) + PEOPLE
    first, second = whole.split('id = "GRAZ-01"')
    ended = first + 'id = "GRAZ-01"' + second.replace("service_active = true", "service_active = false", 1)
    await stage.stop()
    await apply(stage.database, read_operator_file(ended))
    await stage.start()
    await stage.sees(stage.lena, "Our hotline no longer looks after this station")


async def test_costs_are_shown_month_by_month_and_handed_out_as_files(office: Office) -> None:
    stage, ada = office.stage, office.stage.ada
    ada.command("billing")
    now = await office.sees(ada, "As it stands today", button="📄 PDF")
    assert "Total: €19.80 (2 charging stations)" in now.text
    month = now.text.splitlines()[0].removeprefix("💶 Costs: ")
    ada.press("📄 CSV", now)
    csv = await office.sees(ada, f"{month}, as it stands today: €19.80")
    assert csv.body["document"]["file_name"].endswith(".csv")
    ada.press("📄 PDF", now)
    assert await stage.eventually(
        lambda _uow: any(
            each.body.get("document", {}).get("file_name", "").endswith(".pdf")
            for each in stage.chat(ada).messages.values()
        )
    )
    await stage.stop()
    over = Month.of(stage.clock(), "Europe/Vienna").end("Europe/Vienna") - stage.clock()
    stage.clock.forward(seconds=over.total_seconds() + GRACE.total_seconds() + 60)
    await stage.start()
    assert await stage.eventually(lambda uow: len(uow.service.closed_months("stadtwerke-graz")) == 1)
    ada.command("billing")
    later = await office.sees(ada, "As it stands today", button=f"‹ {month}")
    ada.press(f"‹ {month}", later)
    closed = await office.sees(ada, "this statement does not change any more")
    assert "Total: €19.80 (2 charging stations)" in closed.text
    ada.command("billing 1999-01")
    await office.sees(ada, "There are statements from")
    ada.command("billing last month")
    await office.sees(ada, "Please name the month like this")


async def test_who_pays_for_one_company_sees_its_costs_alone(office: Office) -> None:
    ada = office.stage.ada
    ada.command("activate NORD-01 SUED-01")
    ada.press(
        "✅ Activate now: €19.80 a month",
        await office.sees(ada, "", button="✅ Activate now: €19.80 a month"),
    )
    await office.sees(ada, "✅ Activated: 2")
    office.nora.command("billing")
    bill = await office.sees(office.nora, "Only stations of: Nord GmbH")
    assert "NORD-01" in bill.text and "SUED-01" not in bill.text and "GRAZ-01" not in bill.text
    assert "Total: €9.90 (1 charging station)" in bill.text


TAB, PURSE, COSTS = Right.OPERATIONS_TAB, Right.COST_RELEASE, Right.BILLING
COMMANDS = {
    "activate": TAB,
    "activate GRAZ-01": TAB,
    "deactivate": TAB,
    "deactivate GRAZ-01": TAB,
    "billing": COSTS,
    "billing 2026-11": COSTS,
    "releases": PURSE,
}
PAGES = {
    "sv.pick|on": TAB,
    "sv.all|on": TAB,
    "sv.locs|on|0": TAB,
    "sv.loc|on|0123456789abcdef": TAB,
    "sv.one|off|0123456789abcdef": TAB,
    "sv.marked|on": TAB,
    "sv.paste|on": TAB,
    "sv.go|off|0123456789ab": TAB,
    "bl.show|2026-11|0": COSTS,
    "bl.csv|2026-11": COSTS,
    "bl.pdf|2026-11": COSTS,
    "rl.list|0": PURSE,
    "rl.one|1": PURSE,
    "rl.yes|1": PURSE,
    "rl.no|1": PURSE,
}
FORMS = {"service.list": TAB}
"""All commands, pages and forms of these sections, with the right that each needs."""


def test_no_command_page_or_form_of_these_sections_is_missing_above() -> None:
    assert {each.partition("|")[0] for each in PAGES} == {*service.SECTION.taps, *billing.SECTION.taps}
    assert {each.partition(" ")[0] for each in COMMANDS} == {
        *service.SECTION.commands,
        *billing.SECTION.commands,
    }
    assert set(FORMS) == {*service.SECTION.forms, *billing.SECTION.forms}


def _put_desk(desk: Desk, now: datetime, uow: UnitOfWork) -> None:
    uow.desks.put(desk, now)


async def test_without_its_right_every_command_page_and_form_says_what_is_missing(office: Office) -> None:
    stage, anna = office.stage, office.stage.anna
    name = load_texts().to("en")

    async def missing(right: Right, after: int) -> Message:
        text = f"You lack the right “{name(f'right.{right.value}')}”"
        return await stage.world.until_shown(stage.chat(anna), text, after=after, timeout=8)

    anna.start()
    for command, right in COMMANDS.items():
        await missing(right, anna.command(command).id)
    await asked(office)
    for page, right in PAGES.items():
        sent = anna.command("menu")
        menu = await stage.world.until_shown(stage.chat(anna), "Stadtwerke Graz", after=sent.id, timeout=8)
        made_up = {"text": "made up", "callback_data": f"a|{page}"}
        menu.body["reply_markup"] = {"inline_keyboard": [[made_up]]}
        anna.press("made up", menu)
        await missing(right, sent.id)
    conversation = telegram(3001)
    for form, right in FORMS.items():
        person = await stage.database.read(lambda uow: uow.people.by_telegram(3001))
        assert person is not None
        desk = Desk(conversation, person.id, form=Form(form, "on"))
        await stage.database.write(partial(_put_desk, desk, stage.clock()))
        await missing(right, anna.text("GRAZ-02").id)
    assert await is_active(office)
