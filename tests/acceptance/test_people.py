"""An admin's groups, rights, people, companies and invitations, from the chat; what others lose is lost at once."""

import re
from collections.abc import Callable
from dataclasses import replace

from bot.domain.operator import Group
from bot.domain.rights import Right, Scope
from bot.sandbox.telegram.model import Message
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.state import Press
from storage.uow import UnitOfWork
from tests.acceptance.conftest import Stage

GRAZ = "stadtwerke-graz"


async def answer(stage: Stage, press: Press) -> Press:
    """What a press is answered with, once it is."""
    return await stage.world.wait_for(lambda: press if press.answered else None)


async def page(stage: Stage, who: Person, command: str, text: str, button: str = "") -> Message:
    """The page that a command opens."""
    asked = who.command(command)
    return await stage.world.until_shown(stage.chat(who), text, button=button, after=asked.id)


async def go(stage: Stage, who: Person, at: Message, button: str, text: str) -> Message:
    """The page that a button leads to."""
    who.press(button, at)
    return await stage.world.until_shown(stage.chat(who), text, after=at.id - 1)


async def invited(stage: Stage, group: str = "Hotline", name: str = "Lena") -> str:
    """Ada invites somebody; what the link hands to the bot."""
    at = await page(stage, stage.ada, "invite", "Into which group?", group)
    await go(stage, stage.ada, at, group, "Whom do you invite?")
    stage.ada.text(name)
    ready = f"For: {name}\nGroup: {group}\nCompany: Stadtwerke Graz"
    await stage.sees(stage.ada, ready, button="📤 Share the link")
    message = await stage.sees(stage.ada, f"Hello {name}!")
    assert not message.buttons
    link = re.search(r"https://t\.me/support_bot\?start=(--[A-Za-z0-9_-]{22})\s", message.text)
    assert link is not None
    return link[1]


def groups_of(uow: UnitOfWork, person: Person) -> tuple[str, ...]:
    met = uow.people.by_telegram(person.id)
    colleague = None if met is None else uow.staff.get(GRAZ, met.id)
    return () if colleague is None or colleague.deactivated_at is not None else colleague.groups


def in_group(person: Person, group: str) -> Callable[[UnitOfWork], bool]:
    return lambda uow: group in groups_of(uow, person)


def entered(person: Person, *groups: str) -> Callable[[UnitOfWork], None]:
    """Makes somebody one of the staff without the detour by an invitation."""

    def work(uow: UnitOfWork) -> None:
        known = uow.people.by_telegram(person.id)
        assert known is not None
        found = uow.staff.members(GRAZ)[0]
        uow.staff.put_member(GRAZ, replace(found, telegram_id=person.id, name=known.name, groups=groups))

    return work


async def test_an_invitation_goes_from_the_admin_to_the_person_and_back(stage: Stage) -> None:
    secret = await invited(stage)
    stage.lena.command(f"start {secret}")
    offer = await stage.sees(stage.lena, "Stadtwerke Graz invites you", button="✅ Accept")
    for part in ("Invited by: Ada Admin", "Group: Hotline", "Company: Stadtwerke Graz", "your name: Lena"):
        assert part in offer.text, part
    assert not await stage.database.read(in_group(stage.lena, "Hotline"))
    joined = await go(stage, stage.lena, offer, "✅ Accept", "Welcome, Lena! You work for Stadtwerke Graz")
    assert await stage.database.read(in_group(stage.lena, "Hotline"))
    await go(stage, stage.lena, joined, "🗂 Menu", "Your groups: Hotline")
    told = await stage.sees(stage.ada, "Lena has accepted your invitation into the group Hotline")
    await go(stage, stage.ada, told, "Show the person", "Groups: Hotline")
    stage.marco.command(f"start {secret}")
    await stage.sees(stage.marco, "Diese Einladung wurde schon benutzt")
    assert not await stage.database.read(in_group(stage.marco, "Hotline"))


async def test_a_link_survives_a_restart_between_the_offer_and_its_acceptance(stage: Stage) -> None:
    stage.marco.command(f"start {await invited(stage, name='Marco')}")
    offer = await stage.sees(stage.marco, "Stadtwerke Graz lädt Sie ein", button="✅ Annehmen")
    await stage.stop()
    await stage.start()
    await go(stage, stage.marco, offer, "✅ Annehmen", "Willkommen, Marco!")


async def test_an_invitation_is_declined_withdrawn_and_expires(stage: Stage) -> None:
    declined = await invited(stage, name="One")
    stage.lena.command(f"start {declined}")
    offer = await stage.sees(stage.lena, "invites you", button="Decline")
    await go(stage, stage.lena, offer, "Decline", "You have declined the invitation of Stadtwerke Graz")
    await stage.sees(stage.ada, "Your invitation into the group Hotline was declined by Lena")
    withdrawn = await invited(stage, name="Two")
    at = await page(stage, stage.ada, "people", "People (2)", "📨 Invitations")
    at = await go(stage, stage.ada, at, "📨 Invitations", "1. Two → Hotline, Stadtwerke Graz")
    assert "by Ada Admin, until" in at.text
    await go(stage, stage.ada, at, "✖️ Withdraw 1", "There are none")
    for secret in (declined, withdrawn):
        await page(stage, stage.marco, f"start {secret}", "Diese Einladung gilt nicht mehr")
    expired = await invited(stage, name="Three")
    stage.clock.forward(days=7)
    stage.lena.command(f"start {expired}")
    await stage.sees(stage.lena, "This invitation has expired")
    stage.lena.command("start --made-up")
    await stage.sees(stage.lena, "I do not know this invitation")
    assert not await stage.database.read(in_group(stage.lena, "Hotline"))


async def test_ones_own_link_says_that_it_is_for_somebody_else(stage: Stage) -> None:
    stage.ada.command(f"start {await invited(stage)}")
    await stage.sees(stage.ada, "This is your own invitation. Forward it")


async def test_the_two_switches_of_the_article_are_set_by_one_tap_each(stage: Stage) -> None:
    at = await page(stage, stage.ada, "groups", "Groups and rights", "Hotline")
    at = await go(stage, stage.ada, at, "Hotline", "Members: Anna Agent")
    at = await go(stage, stage.ada, at, "🔑 Rights", "Infrastructure management")
    assert "⚪ OFF Activates the ‘Operations’ tab on the station data sheet" in at.text
    (switch,) = [str(b["text"]) for b in at.buttons if "Operations" in str(b["text"])]
    at = await go(stage, stage.ada, at, switch, "🟢 ON Activates the ‘Operations’ tab")
    at = await go(stage, stage.ada, at, "User management", "⚪ OFF Cost Release")
    await go(stage, stage.ada, at, "⚪ OFF · Cost Release", "🟢 ON Cost Release")
    hotline = await stage.database.read(
        lambda uow: next(each for each in uow.staff.groups(GRAZ) if each.name == "Hotline")
    )
    assert {Right.OPERATIONS_TAB, Right.COST_RELEASE} < hotline.rights
    at = await page(stage, stage.ada, "rights hotline", "Hotline · Rights", "User management")


async def test_germans_read_the_switches_as_they_know_them(stage: Stage) -> None:
    stage.marco.start()
    await stage.sees(stage.marco, "Ladestation")
    await stage.database.write(entered(stage.marco, "Administrators"))
    at = await page(stage, stage.marco, "rights Hotline", "🟢 EIN Fernaktionen")
    assert "⚪ AUS Aktiviert den Reiter ‚Betriebsführung‘ am Stationsdatenblatt" in at.text
    at = await go(stage, stage.marco, at, "Benutzerverwaltung", "⚪ AUS Freigabe von Kosten")
    at = await page(stage, stage.marco, "companies", "Gesellschaften")


async def test_the_last_manager_reads_why_it_stays_as_it_is(stage: Stage) -> None:
    at = await page(stage, stage.ada, "rights Administrators", "Rights", "User management")
    at = await go(stage, stage.ada, at, "User management", "🟢 ON Groups and rights")
    press = await answer(stage, stage.ada.press("🟢 ON · Groups and rights", at))
    assert press.show_alert and "nobody would be left who can grant rights everywhere" in press.text
    at = await page(stage, stage.ada, "people ada", "Search: ada", "Ada Admin")
    at = await go(stage, stage.ada, at, "Ada Admin", "This is you.")
    at = await go(stage, stage.ada, at, "💤 Deactivate", "Deactivate yourself?")
    press = await answer(stage, stage.ada.press("💤 Deactivate", at))
    assert press.show_alert and "nobody would be left" in press.text
    await page(stage, stage.ada, "menu", "Your groups: Administrators")


async def test_the_open_buttons_of_whoever_is_demoted_stop_working_at_once(stage: Stage) -> None:
    stage.anna.start()
    await stage.sees(stage.anna, "charging station")
    await stage.database.write(entered(stage.anna, "Hotline", "Administrators"))
    open_page = await page(stage, stage.anna, "rights Administrators", "Rights", "🟢 ON · History")
    naming = await page(stage, stage.anna, "groups", "Groups and rights", "➕ New group")
    stage.anna.press("➕ New group", naming)
    await stage.sees(stage.anna, "What shall the new group be called?")
    at = await page(stage, stage.ada, "people anna", "Anna Agent", "Anna Agent")
    at = await go(stage, stage.ada, at, "Anna Agent", "Groups: Administrators, Hotline")
    at = await go(stage, stage.ada, at, "👥 Groups", "In which groups is Anna Agent?")
    stage.ada.press("✅ Administrators", at)
    assert await stage.eventually(lambda uow: groups_of(uow, stage.anna) == ("Hotline",))
    stage.anna.press("🟢 ON · History", open_page)
    await stage.sees(stage.anna, "You lack the right “Groups and rights”")
    stage.anna.text("Anna's own")
    lacks = await stage.sees(stage.anna, "You lack the right “Groups and rights”", button="🙋 Ask them")
    assert "Ada Admin" in lacks.text
    groups = await stage.database.read(lambda uow: uow.staff.groups(GRAZ))
    assert {each.name for each in groups} == {"Administrators", "Hotline"}
    administrators = next(each for each in groups if each.name == "Administrators")
    assert Right.HISTORY in administrators.rights


async def test_the_open_buttons_of_whoever_is_deactivated_stop_working_at_once(stage: Stage) -> None:
    stage.anna.start()
    await stage.sees(stage.anna, "charging station")
    await stage.database.write(entered(stage.anna, "Administrators"))
    open_page = await page(stage, stage.anna, "people ada", "Ada Admin", "Ada Admin")
    at = await page(stage, stage.ada, "people anna", "Anna Agent", "Anna Agent")
    at = await go(stage, stage.ada, at, "Anna Agent", "Groups: Administrators")
    at = await go(stage, stage.ada, at, "💤 Deactivate", "Deactivate Anna Agent?")
    at = await go(stage, stage.ada, at, "💤 Deactivate", "Deactivated since")
    stage.anna.press("Ada Admin", open_page)
    await stage.sees(stage.anna, "This is for an operator's staff only")
    stage.anna.command("people")
    await stage.sees(stage.anna, "This is for an operator's staff only")
    stage.ada.press("▶️ Reactivate", at)
    await stage.world.until_shown(stage.chat(stage.ada), button="💤 Deactivate", after=at.id - 1)
    await page(stage, stage.anna, "people", "People (2)")


async def test_a_persons_data_is_asked_until_it_is_right_and_a_restart_does_not_matter(stage: Stage) -> None:
    at = await page(stage, stage.ada, "people agent", "Search: agent", "Anna Agent")
    at = await go(stage, stage.ada, at, "Anna Agent", "Phone: –")
    await go(stage, stage.ada, at, "✏️ Phone", "What is the phone number of Anna Agent?")
    stage.ada.text("later")
    await stage.sees(stage.ada, "This is no phone number")
    await stage.stop()
    await stage.start()
    stage.ada.text("+43 660 7654321")
    at = await stage.sees(stage.ada, "Phone: +43 660 7654321")
    at = await go(stage, stage.ada, at, "✏️ E-mail", "What is the e-mail address of Anna Agent?")
    await go(stage, stage.ada, at, "‹ Cancel", "E-mail: –")
    stage.ada.text("anna@example.org")
    await stage.sees(stage.ada, "I do not know a station")
    anna = await stage.database.read(lambda uow: uow.staff.members(GRAZ)[1])
    assert anna.email is None


async def test_companies_are_made_moved_and_taken_away_and_people_go_into_them(stage: Stage) -> None:
    at = await page(stage, stage.ada, "companies", "There are no companies below it", "➕ New company")
    await go(stage, stage.ada, at, "➕ New company", "below Stadtwerke Graz called?")
    stage.ada.text("Nord & Co")
    at = await stage.sees(stage.ada, "Belongs to: Stadtwerke Graz", button="➕ Company below it")
    await go(stage, stage.ada, at, "➕ Company below it", "below Nord & Co called?")
    stage.ada.text("Nord Ost")
    at = await stage.sees(stage.ada, "Belongs to: Nord & Co")
    at = await go(stage, stage.ada, at, "‹ Companies", "   • Nord Ost")
    at = await go(stage, stage.ada, at, "Nord & Co", "Companies directly below it: 1")
    assert "🗑 Delete" not in {b["text"] for b in at.buttons}
    at = await go(stage, stage.ada, at, "↪️ Move", "Below which company shall Nord & Co be?")
    assert [b["text"] for b in at.buttons] == ["Stadtwerke Graz", "‹ Cancel"]
    at = await page(stage, stage.ada, "people anna", "Anna Agent", "Anna Agent")
    at = await go(stage, stage.ada, at, "Anna Agent", "Company: Stadtwerke Graz")
    at = await go(stage, stage.ada, at, "🏢 Company", "To which company does Anna Agent belong?")
    await go(stage, stage.ada, at, "Nord Ost", "Company: Nord Ost")
    at = await page(stage, stage.ada, "companies", "Companies", "Nord Ost")
    at = await go(stage, stage.ada, at, "Nord Ost", "People: 1")
    assert "🗑 Delete" not in {b["text"] for b in at.buttons}
    await stage.database.write(entered(stage.anna, "Hotline"))
    at = await page(stage, stage.ada, "companies", "Companies", "Nord Ost")
    at = await go(stage, stage.ada, at, "Nord Ost", "People: 0")
    at = await go(stage, stage.ada, at, "🗑 Delete", "Delete the company Nord Ost?")
    at = await go(stage, stage.ada, at, "🗑 Delete it", "• Nord & Co")
    assert "Nord Ost" not in at.text


async def test_groups_are_made_renamed_given_a_scope_and_deleted(stage: Stage) -> None:
    at = await page(stage, stage.ada, "groups", "Groups and rights", "➕ New group")
    await go(stage, stage.ada, at, "➕ New group", "What shall the new group be called?")
    stage.ada.text("hotline")
    await stage.sees(stage.ada, "There is a group of that name already")
    stage.ada.text("Field <team>")
    at = await stage.sees(stage.ada, "This group gives no right yet", button="✏️ Rename")
    await go(stage, stage.ada, at, "✏️ Rename", "What shall Field <team> be called from now on?")
    stage.ada.text("Field")
    at = await stage.sees(stage.ada, "👥 Field", button="↔️ Scope")
    at = await go(stage, stage.ada, at, "↔️ Scope", "How far do its rights reach?")
    at = await go(stage, stage.ada, at, "own company", "How far do its rights reach?")
    await stage.world.until_shown(stage.chat(stage.ada), button="✅ own company")
    assert await stage.eventually(
        lambda uow: Group("Field", Scope.ENTITY, frozenset()) in uow.staff.groups(GRAZ)
    )
    at = await go(stage, stage.ada, at, "‹ Field", "Nobody is in this group")
    at = await go(stage, stage.ada, at, "🗑 Delete", "Delete the group Field")
    await go(stage, stage.ada, at, "🗑 Delete it", "The group is deleted")


async def test_every_act_is_found_in_the_log_and_handed_out_as_a_table(stage: Stage) -> None:
    await invited(stage)
    at = await page(stage, stage.ada, "rights Hotline", "Rights", "⚪ OFF · Errors")
    await go(stage, stage.ada, at, "⚪ OFF · Errors", "🟢 ON Errors")
    at = await page(stage, stage.ada, "audit", "Audit log", "⚙️ Act")
    assert "Right of a group switched · Hotline\n   Errors: OFF → ON" in at.text
    assert "Invitation made · Invitation 1" in at.text
    at = await go(stage, stage.ada, at, "⚙️ Act", "Which acts?")
    at = await go(stage, stage.ada, at, "Right of a group switched", "Act: Right of a group switched")
    assert "Invitation made" not in at.text
    at = await go(stage, stage.ada, at, "✖️ Show all", "Invitation made")
    at = await go(stage, stage.ada, at, "🧑 Person", "Whose acts?")
    at = await go(stage, stage.ada, at, "Anna Agent", "Person: Anna Agent")
    assert "Nothing fits" in at.text
    at = await go(stage, stage.ada, at, "✖️ Show all", "Invitation made")
    await go(stage, stage.ada, at, "📅 Date", "Since when?")
    stage.ada.text("tomorrow")
    await stage.sees(stage.ada, "Please write a day like 2026-11-01")
    stage.ada.text("1.1.2020 - 31.1.2020")
    at = await stage.sees(stage.ada, "Nothing fits")
    assert "Since: Jan 1, 2020\nBefore: Feb 1, 2020" in at.text
    at = await go(stage, stage.ada, at, "✖️ Show all", "Invitation made")
    await go(stage, stage.ada, at, "🔎 What", "What was it done to?")
    stage.ada.text("hotl")
    at = await stage.sees(stage.ada, "About: hotl")
    stage.ada.press("📄 CSV", at)
    table = await stage.sees(stage.ada, "entries. This export is noted, too")
    file = table.body["document"]
    assert isinstance(file, dict) and file["file_name"] == "audit-log.csv"
    text = stage.world.files.by_id[str(file["file_id"])].content.decode("utf-8-sig")
    lines = text.split("\r\n")
    assert lines[0] == "Time;By;Act;What;Before;After"
    assert lines[1].split(";")[1:4] == ["Ada Admin", "Right of a group switched", "Hotline"]
    assert '{""infrastructure.errors"": true}' in lines[1]
    at = await page(stage, stage.ada, "audit", "Audit log exported · Audit log")


async def test_the_menu_shows_only_what_one_may(stage: Stage) -> None:
    at = await page(stage, stage.ada, "menu", "Your groups: Administrators")
    doors = {str(b["text"]) for b in at.buttons}
    assert {"👥 Groups and rights", "🧑 People", "🏢 Companies", "📜 Audit log"} <= doors
    stage.anna.start()
    at = await page(stage, stage.anna, "menu", "Your groups: Hotline")
    assert not {"👥 Groups and rights", "🧑 People", "🏢 Companies", "📜 Audit log"} & {
        str(b["text"]) for b in at.buttons
    }


async def test_whoever_may_not_see_names_reads_masked_ones(stage: Stage) -> None:
    at = await page(stage, stage.ada, "rights Administrators", "Rights", "Personal data")
    at = await go(stage, stage.ada, at, "Personal data", "🟢 ON Personal data")
    at = await go(stage, stage.ada, at, "🟢 ON · Personal data", "You would lose the right “Personal data”")
    assert "Others who have it could" in at.text
    at = await go(stage, stage.ada, at, "‹ Leave it ON", "🟢 ON Personal data")
    at = await go(stage, stage.ada, at, "🟢 ON · Personal data", "You would lose the right “Personal data”")
    await go(stage, stage.ada, at, "Switch it off all the same", "OFF Personal data")
    at = await page(stage, stage.ada, "people", "• A**** · Hotline")
    assert "Ada Admin" in at.text and "Anna" not in at.text
    at = await go(stage, stage.ada, at, "A****", "Names and numbers are masked")
    assert not {"✏️ Name", "✏️ Phone"} & {str(b["text"]) for b in at.buttons}
    at = await page(stage, stage.ada, "rights Administrators", "Rights", "Personal data")
    at = await go(stage, stage.ada, at, "Personal data", "🔒 You can grant only what you have yourself")
    stage.ada.press("🔒 OFF · Personal data", at)
    await stage.sees(stage.ada, "You lack the right “Personal data”")
