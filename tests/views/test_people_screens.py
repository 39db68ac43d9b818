"""The screens of groups, people, companies, invitations and the audit log: they fit, whatever things are called."""

import csv
import html
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.operator import Group
from bot.domain.rights import Area, Entity, Right, Scope
from bot.operations import audit as log
from bot.operations.companies import Companies, CompanySeen
from bot.operations.groups import Groups, GroupSeen, Losing
from bot.operations.invitations import Choices, Invited, OpenInvitations
from bot.operations.joining import Declined, Joined, Offer
from bot.operations.people import Field, Listed, People, PersonSeen
from bot.views import audit, companies, groups, invitations, people
from bot.views.callbacks import pack
from bot.views.i18n import Translate, load_texts
from bot.views.paging import PAGE
from bot.views.screen import Screen
from storage.repositories.audit import Act, AuditFilter
from storage.repositories.invitations import Invitation, Purpose
from storage.repositories.staff import Colleague
from tests.views.scene import EVIL, NOW, OPERATOR

TEXTS = load_texts()
EN = TEXTS.to("en")
MOST_TEXT = 4096
"""Telegram Bot API, sendMessage, after entities parsing."""
MOST_ALERT = 200
"""Telegram Bot API, answerCallbackQuery."""
SECRET = "x" * 22
LONG = (EVIL + "Ö" * 300)[:200]
MANY = 30
ENTITIES = tuple(Entity(f"{number}-{'e' * 60}", LONG, None) for number in range(MANY))
GROUP = Group(LONG, Scope.ENTITY_AND_BELOW, frozenset(Right))
SEEN = GroupSeen(GROUP, (LONG,) * MANY, MANY, manages=True, grants=frozenset(Right))
PERSON = Colleague(2**31, 2**40, LONG, "de", LONG, LONG, ENTITIES[0].id, (LONG,) * MANY)
ONE = PersonSeen(
    PERSON,
    ENTITIES[0],
    personal=True,
    myself=True,
    acts=tuple(Act(NOW, 1, LONG, LONG) for _ in range(3)),
    groups=tuple((replace(GROUP, name=f"{number}{LONG}"), number % 2 == 0) for number in range(MANY)),
    companies=(None, *ENTITIES),
)
COMPANY = CompanySeen(ENTITIES[0], 40, 10**6, 10**6, 10**6)
TREE = Companies(LONG, tuple(replace(COMPANY, entity=each, people=0) for each in ENTITIES), 10**6, 10**6)
INVITATION = Invitation(
    2**31, OPERATOR.id, Purpose.STAFF, NOW, NOW + timedelta(days=7), 1, {"group": LONG, "name": LONG}
)
INVITED = Invited(replace(OPERATOR, name=LONG), INVITATION, SECRET, ENTITIES[0])
CHOICES = Choices(replace(OPERATOR, name=LONG), tuple(each for each, _ in ONE.groups), (None, *ENTITIES))
VALUES = {LONG: LONG, "rights": [right.value for right in Right], "technician": {"name": LONG}, "on": True}
ENTRY = log.Entry(NOW, LONG, LONG, LONG, VALUES, VALUES)
LOG = log.Log(OPERATOR, (ENTRY,) * log.PAGE, 1, more=True)
FILTER = AuditFilter(LONG, 1, LONG, NOW, NOW)


def screens(t: Translate) -> Iterator[Screen]:
    for page in (0, 1, 99):
        yield groups.listed(Groups(tuple(replace(SEEN, group=e) for e, _ in ONE.groups), True), t, page)
        listed = tuple(Listed(PERSON, ENTITIES[0]) for _ in range(MANY))
        for inactive in (False, True):
            yield people.listed(People(listed, 3, True), t, page, LONG, inactive=inactive)
        yield people.groups(ONE, t, page)
        yield people.companies(ONE, LONG, t, page)
        yield companies.listed(TREE, t, page)
        yield companies.moving(COMPANY, TREE, t, page)
        yield invitations.groups(CHOICES, t, page)
        yield invitations.companies(CHOICES, LONG, t, page)
        found = OpenInvitations(tuple((INVITATION, ENTITIES[0]) for _ in range(MANY)))
        yield invitations.still_open(found, {1: LONG}, OPERATOR.time_zone, LONG, t, page)
        choices = log.Choices(
            tuple((number, LONG) for number in range(MANY)),
            tuple(f"{number}{LONG}" for number in range(MANY)),
        )
        yield audit.people(choices, t, page)
        yield audit.acts(choices, t, page)
    for seen in (SEEN, replace(SEEN, manages=False, grants=frozenset()), replace(SEEN, members=(), more=0)):
        yield groups.show(seen, t)
        yield groups.scope(seen, t)
        yield from (groups.rights(seen, area, t) for area in Area)
        yield from (
            groups.rights(replace(seen, group=replace(GROUP, rights=frozenset())), a, t) for a in Area
        )
    yield from (groups.losing(SEEN, Losing(right, last), t) for right in Right for last in (True, False))
    yield from (
        groups.dropping(SEEN, t),
        groups.dropped(t),
        groups.asks_name(SEEN, t),
        groups.asks_name(None, t),
    )
    gone = replace(ONE, person=replace(PERSON, deactivated_at=NOW, language=LONG, groups=()), personal=False)
    for one in (ONE, gone, replace(ONE, myself=False, companies=(None,))):
        yield people.show(one, LONG, OPERATOR.time_zone, t)
        yield people.deactivating(one, t)
        yield from (people.asks(one, field, t) for field in Field)
    yield from (
        people.asks_search(t),
        people.gone(t),
        people.listed(People((), 0, False), t, 0, "", inactive=False),
    )
    yield from (companies.show(COMPANY, TREE, t), companies.show(TREE.companies[0], TREE, t))
    yield from (
        companies.dropping(COMPANY, t),
        companies.asks_name(LONG, t),
        companies.asks_new_name(COMPANY, t),
    )
    yield companies.listed(replace(TREE, companies=()), t)
    yield invitations.groups(replace(CHOICES, groups=()), t)
    for company in (None, ENTITIES[0]):
        yield invitations.asks_name(LONG, company, LONG, t)
        yield invitations.offer(Offer(OPERATOR, LONG, company, LONG, NOW, LONG), SECRET, t)
        yield invitations.offer(Offer(OPERATOR, LONG, company, None, NOW, LONG), SECRET, t)
        yield invitations.answered(Joined(OPERATOR, LONG, company, LONG), t)
    link = f"https://t.me/{'b' * 32}?start=--{SECRET}"
    yield from (invitations.made(INVITED, link, t), invitations.to_forward(INVITED, link, t))
    yield invitations.answered(Declined(OPERATOR), t)
    yield from (
        audit.show(LOG, FILTER, LONG, t),
        audit.show(replace(LOG, entries=()), AuditFilter(), None, t),
    )
    for before, after in ((None, VALUES), (VALUES, None), (None, None), ({}, {})):
        yield audit.show(
            replace(LOG, entries=(replace(ENTRY, before=before, after=after, by=None),)), FILTER, None, t
        )
    yield from (audit.asks_subject(t), audit.asks_date(t), audit.handed(LOG, t))


@pytest.mark.parametrize("language", TEXTS.languages())
def test_every_screen_fits_whatever_things_are_called(language: str) -> None:
    for screen in screens(TEXTS.to(language)):
        plain = html.unescape(re.sub(r"<[^>]*>", "", screen.text))
        assert 0 < len(plain.encode("utf-16-le")) // 2 <= MOST_TEXT
        assert re.sub(r"</?[bi]>", "", screen.text).count("<") == 0, screen.text
        for row in screen.keyboard:
            assert 1 <= len(row) <= 3
            for button in row:
                assert 0 < len(button.label) <= 64, button.label
                assert (button.does is None) != (button.url is None)
                if button.does is not None:
                    pack(button.does)


@pytest.mark.parametrize("language", TEXTS.languages())
def test_every_screen_but_the_last_words_and_what_is_forwarded_has_a_way_on(language: str) -> None:
    t = TEXTS.to(language)
    alone = {
        people.gone(t),
        invitations.to_forward(INVITED, f"https://t.me/{'b' * 32}?start=--{SECRET}", t),
        invitations.answered(Declined(OPERATOR), t),
        audit.handed(LOG, t),
    }
    assert [screen.text for screen in screens(t) if not screen.keyboard and screen not in alone] == []


@pytest.mark.parametrize("language", TEXTS.languages())
def test_every_refusal_fits_into_an_alert(language: str) -> None:
    texts = TEXTS.to(language).texts
    mine = ("group.", "person.", "company.", "invitation.", "audit.", "right.")
    longest = {
        key: text for key, text in texts.items() if key.startswith(tuple(f"refusal.{e}" for e in mine))
    }
    assert longest
    assert {key for key, text in longest.items() if len(text) > MOST_ALERT} == set()


def test_labels_of_buttons_are_plain_text_and_not_markup() -> None:
    seen = replace(SEEN, group=replace(GROUP, name="R & D <x>"))
    labels = [button.label for row in groups.rights(seen, Area.USERS, EN).keyboard for button in row]
    assert "‹ R & D <x>" in labels


def test_the_tabs_are_the_areas_of_be_energised_and_the_article_s_switches_stand_in_theirs() -> None:
    shown = groups.rights(SEEN, Area.INFRASTRUCTURE, EN)
    labels = [button.label for row in shown.keyboard for button in row]
    assert [
        label for label in labels if label.removeprefix("▸ ") in {EN(f"area.{a.value}") for a in Area}
    ] == [
        "▸ Infrastructure management",
        "User management",
        "Support",
        "Finance",
        "Reports",
        "Personal data",
    ]
    assert "Activates the ‘Operations’ tab on the station data sheet" in shown.text
    assert "Cost Release" in groups.rights(SEEN, Area.USERS, EN).text


def test_a_right_that_cannot_be_granted_shows_a_lock_and_one_that_can_be_taken_does_not() -> None:
    on = groups.rights(replace(SEEN, grants=frozenset()), Area.REPORTS, EN)
    assert "🔒" not in "".join(button.label for row in on.keyboard for button in row)
    nothing = replace(SEEN, group=replace(GROUP, rights=frozenset()), grants=frozenset({Right.AUDIT}))
    labels = [button.label for row in groups.rights(nothing, Area.REPORTS, EN).keyboard for button in row]
    assert labels[:2] == ["🔒 OFF · Statistics", "⚪ OFF · Audit log"]


def test_every_list_is_turned_over_page_by_page() -> None:
    found = Groups(tuple(replace(SEEN, group=each) for each, _ in ONE.groups), companies=True)
    first, last = groups.listed(found, EN, 0), groups.listed(found, EN, 99)
    assert "Page 1 of 4" in first.text and "Page 4 of 4" in last.text
    labels = [[button.label for row in each.keyboard for button in row] for each in (first, last)]
    assert ("More ›" in labels[0], "‹ Back" in labels[0]) == (True, False)
    assert ("More ›" in labels[1], "‹ Back" in labels[1]) == (False, True)
    assert len([label for label in labels[0] if label.endswith("…")]) == PAGE


def test_a_change_reads_as_before_and_after() -> None:
    def line(before: dict[str, object] | None, after: dict[str, object] | None, t: Translate = EN) -> str:
        entry = log.Entry(NOW, "Ada", "group.rights", "Hotline", before, after)
        shown = audit.show(replace(LOG, entries=(entry,)), AuditFilter(), None, t).text
        return html.unescape(re.sub(r"<[^>]*>", "", shown)).split("\n")[-1].strip()

    assert line({"scope": "entity"}, {"scope": "instance"}) == "Scope: own company → all of the operator"
    assert line({"finance.billing": False}, {"finance.billing": True}) == "Costs: OFF → ON"
    assert line({"active": True}, {"active": False}, TEXTS.to("de")) == "Aktiv: ja → nein"
    assert line({"phone": None}, {"phone": "+43 1 2345"}) == "Phone: – → +43 1 2345"
    assert line(None, {"name": "Linz", "parent": None}) == "Name: Linz"
    assert line({"connector 1": "A"}, {"connector 1": "B"}, TEXTS.to("de")) == "Anschluss 1: A → B"
    assert line(None, {"until": "2026-11-29T11:00:00+00:00"}) == "Until: 29 Nov 12:00"


def test_the_table_of_the_log_does_no_harm_in_a_spreadsheet() -> None:
    entry = log.Entry(NOW, "=1+1", "group.created", "@evil;x", None, {"name": "a\nb"})
    made = audit.file(replace(LOG, entries=(entry,)), EN)
    assert made.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(made.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[1] == [
        "2026-11-22T13:00:00+01:00",
        "'=1+1",
        "Group made",
        "'@evil;x",
        "",
        '{"name": "a\\nb"}',
    ]
    assert (made.name, made.mime) == ("audit-log.csv", "text/csv")


def test_the_link_is_shared_with_words_of_its_own() -> None:
    link = f"https://t.me/support_bot?start=--{SECRET}"
    shared = invitations.made(replace(INVITED, operator=replace(OPERATOR, name="R & D")), link, EN)
    (url,) = [button.url for row in shared.keyboard for button in row if button.url]
    assert url == (
        "https://t.me/share/url?url=https%3A%2F%2Ft.me%2Fsupport_bot%3Fstart%3D--"
        f"{SECRET}&text=Your%20invitation%20to%20R%20%26%20D"
    )
