"""The screens of the service and its cost, in every language and with names that look like markup or never end."""

import csv
import io
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from bot.domain.billing import Line, LineReason, Month, Statement
from bot.domain.outgoing import Outgoing, OutgoingKind, Param
from bot.domain.service import Cause, ReleaseState, ServiceChange
from bot.operations.billing import Bill
from bot.operations.releases import Decided, Request
from bot.operations.service import Quote, Switched
from bot.operations.service_known import Choice, Past, Tab
from bot.views import billing, mails, notices, service
from bot.views.callbacks import Go
from bot.views.i18n import Translate
from bot.views.screen import Screen
from storage.repositories.service import Served
from tests.views import scene
from tests.views.test_screens import TEXTS, check, t

__all__ = ["t"]
EVIL, NOW, ZONE = scene.EVIL, scene.NOW, "Europe/Vienna"
ENDLESS = "&<" * 500
NOVEMBER = Month(2026, 11)
DE, EN = TEXTS.to("de"), TEXTS.to("en")


def stations(count: int, name: str = "GRAZ-{}") -> tuple[Served, ...]:
    return tuple(
        Served(
            name.format(number), f"loc-{number}", EVIL + ENDLESS, None, False, ("X",) if number % 2 else ()
        )
        for number in range(count)
    )


def quote(count: int = 3, *, active: bool = True, **more: object) -> Quote:
    found = Quote(active, stations(count), (), (), (), 0, Decimal("9.90"), "EUR", NOVEMBER)
    return replace(found, **more)  # type: ignore[arg-type]  # The fields are of many types.


def test_a_data_sheet_is_offered_to_those_alone_who_may_open_it() -> None:
    for sheets in (True, False):
        found = pages(service.quote(quote(1), (), EN, sheets=sheets))
        assert any(each.startswith("st.sheet") for each in found) is sheets


def labels(screen: Screen) -> list[str]:
    return [button.label for line in screen.keyboard for button in line]


def pages(screen: Screen) -> list[str]:
    return [str(button.does) for line in screen.keyboard for button in line if isinstance(button.does, Go)]


def test_every_quote_fits_whatever_its_names_are(t: Translate) -> None:
    names = tuple(f"{number}{EVIL}{ENDLESS}" for number in range(500))
    for active in (True, False):
        for count in (0, 1, 2, 500):
            for part in (0, 1):
                found = quote(
                    count,
                    active=active,
                    now=stations(count, ENDLESS + "{}")[part:],
                    to_ask=stations(count, ENDLESS + "{}")[:part] if active else (),
                    waiting=names,
                    already=names,
                    approvers=names,
                    gone=7,
                    cases=count,
                    changed=True,
                )
                for sheets in (True, False):
                    check(service.quote(found, names, t, sheets=sheets))


def test_every_page_of_the_choice_fits_and_leads_back(t: Translate) -> None:
    for active in (True, False):
        for count in (0, 1, 3, 300):
            choice = Choice(active, stations(count, ENDLESS + "{}"))
            check(service.choose(choice, t))
            for page in (0, 1, 99, -1):
                shown = service.locations(choice, page, t)
                check(shown)
                assert any(each.startswith("sv.pick") for each in pages(shown))
        check(service.asks_list(t, active=active))


def test_all_locations_are_reached_by_turning_pages() -> None:
    choice = Choice(True, stations(20))
    found = {
        each
        for page in range(3)
        for each in pages(service.locations(choice, page, EN))
        if each.startswith("sv.loc|")
    }
    assert len(found) == 20


def test_what_was_done_is_told_in_every_combination(t: Translate) -> None:
    for active in (True, False):
        for now, asked in ((0, 1), (1, 0), (2, 3), (400, 400)) if active else ((1, 0), (400, 0)):
            for mail in (None, "ada@example.org"):
                done = Switched(
                    active,
                    stations(now, ENDLESS),
                    stations(asked, ENDLESS),
                    (EVIL + ENDLESS,) * 20,
                    Decimal("9.90"),
                    "EUR",
                    NOVEMBER,
                    now,
                    mail,
                )
                check(service.switched(done, t, sheets=mail is None))


def change(
    *, active: bool = True, cause: Cause = Cause.ADMIN, by: tuple[int | None, int | None] = (1, 2)
) -> ServiceChange:
    return ServiceChange("GRAZ-1", NOW, active, Decimal("9.90"), "EUR", cause, *by)


def test_the_tab_tells_every_history(t: Translate) -> None:
    pasts = [
        (),
        (Past(change(cause=Cause.BEFORE, by=(None, None)), None, None),),
        (Past(change(cause=Cause.FILE, by=(None, None)), None, None),),
        tuple(Past(change(active=bool(n % 2)), EVIL + ENDLESS, EVIL + ENDLESS) for n in range(50)),
        (Past(change(active=False, by=(1, None)), None, None),),
    ]
    for past in pasts:
        for station in (*stations(2), *(replace(each, active=True) for each in stations(2))):
            for waiting in (True, False):
                check(service.tab(Tab(station, past, Decimal("9.90"), "EUR", waiting), ZONE, t))


def test_the_tab_has_the_button_under_the_name_that_operators_know() -> None:
    off, on = stations(1)[0], replace(stations(1)[0], active=True)
    assert labels(service.tab(Tab(off, (), Decimal("9.90"), "EUR", False), ZONE, DE)) == ["Jetzt aktivieren"]
    assert labels(service.tab(Tab(on, (), Decimal("9.90"), "EUR", False), ZONE, DE)) == [
        "Betriebsführung für Ladestation beenden"
    ]


def test_since_when_is_the_first_of_an_unbroken_run() -> None:
    before = replace(change(), at=NOW - timedelta(days=9))
    past = (Past(change(), "Ada", "Ada"), Past(before, "Ada", "Ada"), Past(change(active=False), "Ada", None))
    on = replace(stations(1)[0], active=True)
    shown = service.tab(Tab(on, past, Decimal("9.90"), "EUR", False), ZONE, EN)
    assert "since Nov 13, 2026" in shown.text


def test_prices_are_written_as_the_readers_language_writes_them() -> None:
    text = service.quote(quote(3), (), DE, sheets=True).text.replace("\xa0", " ")
    assert "9,90 € im Monat je Ladestation, zusammen <b>29,70 € im Monat</b>, ab November 2026" in text
    text = service.quote(quote(1, currency="CHF"), (), EN, sheets=True).text.replace("\xa0", " ")
    assert "<b>CHF 9.90 a month</b>, from November 2026 on" in text


def statement(count: int, *, closed: bool = False) -> Statement:
    reasons = list(LineReason)
    found = tuple(
        Line(f"=S{n}{ENDLESS}", f"@{EVIL}{ENDLESS}", Decimal("9.90"), Decimal("9.90"), reasons[n % 3], NOW)
        for n in range(count)
    )
    return Statement("graz", EVIL + ENDLESS, NOVEMBER, "EUR", found, Decimal("9.90") * count, closed)


def test_every_page_of_a_statement_fits(t: Translate) -> None:
    for closed in (True, False):
        for count in (0, 1, 8, 9, 500):
            for companies in ((), (EVIL + ENDLESS,) * 30):
                bill = Bill(statement(count, closed=closed), NOVEMBER.before(), NOVEMBER.next(), companies)
                for page in (0, 1, 62, 99, -3):
                    check(billing.bill(bill, page, ZONE, t))
                check(billing.under_file(bill, t))


def test_a_statement_as_csv_opens_in_a_spreadsheet_of_the_readers_language() -> None:
    file = billing.as_csv(statement(2), ZONE, DE)
    text = file.content.decode("utf-8-sig")
    assert file.content.startswith(b"\xef\xbb\xbf")
    assert (file.name, file.mime) == ("graz-2026-11.csv", "text/csv")
    head, first, _ = csv.reader(io.StringIO(text), delimiter=";")
    assert head[0] == "Monat" and head[-2:] == ["Betrag", "Währung"]
    assert first[0] == "2026-11" and first[4:] == ["22.11.2026", "9,90", "9,90", "EUR"]
    english = billing.as_csv(statement(1), ZONE, EN).content.decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(english)))[1][-3:] == ["9.90", "9.90", "EUR"]


def test_no_cell_of_a_statement_is_a_formula() -> None:
    rows = csv.reader(
        io.StringIO(billing.as_csv(statement(3), ZONE, DE).content.decode("utf-8-sig")), delimiter=";"
    )
    assert not [cell for line in rows for cell in line if cell.startswith(("=", "+", "-", "@"))]


def request(count: int, state: ReleaseState, *, outdated: bool = False) -> Request:
    decided = None if state is ReleaseState.ASKED else EVIL + ENDLESS
    return Request(
        7,
        stations(count, ENDLESS + "{}"),
        Decimal("9.90"),
        "EUR",
        EVIL + ENDLESS,
        NOW,
        state,
        decided,
        None if decided is None else NOW,
        outdated,
    )


@pytest.mark.parametrize("state", ReleaseState)
def test_requests_fit_in_every_state(t: Translate, state: ReleaseState) -> None:
    for count in (0, 1, 500):
        for outdated in (True, False):
            shown = billing.release(request(count, state, outdated=outdated), ZONE, t)
            check(shown)
            assert ("rl.yes|7" in pages(shown)) == (state is ReleaseState.ASKED)
        if state is not ReleaseState.ASKED:
            for before in (True, False):
                check(billing.decided(Decided(request(count, state), before), ZONE, t))


def test_a_list_of_requests_turns_its_pages(t: Translate) -> None:
    many = [request(1, ReleaseState.ASKED)] * 20
    for found in ([], many[:1], many):
        for page in (0, 1, 2, 9):
            check(billing.releases(found, page, t))
    assert "rl.list|1" in pages(billing.releases(many, 0, t))


PARAMS: dict[str, Param] = {
    "many": 7,
    "stations": f"{EVIL}{ENDLESS}",
    "name": EVIL,
    "price": "9.90 EUR",
    "sum": "69.30 EUR",
    "at": NOW.isoformat(),
    "zone": ZONE,
    "requested_by": EVIL,
    "released_by": EVIL,
    "go_approve": "rl.yes|7",
    "go_refuse": "rl.no|7",
    "go_show": "rl.one|7",
}


@pytest.mark.parametrize(
    "notice",
    ["release_wanted", "release_refused", "release_gone", "service_on_for_you", "service_off_for_you"],
)
def test_every_notice_to_an_admin_is_written(t: Translate, notice: str) -> None:
    buttons = {key: value for key, value in PARAMS.items() if key.startswith("go_")}
    params = PARAMS if notice == "release_wanted" else {k: v for k, v in PARAMS.items() if k not in buttons}
    params = params | {"notice": notice, "stations": EVIL}
    outgoing = Outgoing(OutgoingKind.ADMIN_NOTICE, "lane", "telegram:1", "once", params=params)
    shown = notices.to_admin(outgoing, t)
    check(shown)
    assert "9.90 EUR" not in shown.text, "amounts are written as people write them"


class Reader(HTMLParser):
    """Reads HTML as a browser does, and minds what is open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def mail(name: str, count: int, t: Translate) -> notices.Mail:
    listed = "\n".join(f"S{n} {EVIL}\tHbf {EVIL}" for n in range(min(count, 300)))
    params = PARAMS | {"mail": name, "operator": "graz", "person": 1, "many": count, "stations": listed}
    outgoing = Outgoing(OutgoingKind.ADMIN_MAIL, "lane", "mailto:a@b.c", "once", params=params)
    return mails.to_admin(outgoing, scene.OPERATOR, t)


@pytest.mark.parametrize("name", ["service_on", "service_off"])
@pytest.mark.parametrize("count", [1, 2, 900])
def test_a_confirmation_says_the_same_in_html_and_in_plain_text(t: Translate, name: str, count: int) -> None:
    written = mail(name, count, t)
    assert written.html is not None
    reader = Reader()
    reader.feed(written.html)
    assert reader.open == []
    assert not {"b", "script", "img", "a"} & set(reader.tags), "nothing of a name is markup"
    for form in (reader.text, written.body):
        assert f"S0 {EVIL}" in form
        assert f"Hbf {EVIL}" in form
        assert scene.OPERATOR.name in form
        assert "November 2026" in form
        assert "&amp;" not in form and "&lt;" not in form
        assert ("600" in form) == (count == 900), "how many more there are"
    assert "\n" not in written.subject and EVIL in written.subject
    assert len(written.html) < 500_000


def test_a_confirmation_names_who_asked_and_who_released() -> None:
    params = PARAMS | {"mail": "service_on", "operator": "graz", "stations": "S\tHbf", "many": 1}
    params |= {"requested_by": "Petra Planner", "released_by": "Nora Nord"}
    outgoing = Outgoing(OutgoingKind.ADMIN_MAIL, "lane", "mailto:a@b.c", "once", params=params)
    body = mails.to_admin(outgoing, scene.OPERATOR, DE).body.replace("\xa0", " ")
    assert "Kosten freigegeben von: Nora Nord" in body
    assert "Beantragt von: Petra Planner" in body
    assert "Preis: 69,30 € im Monat, ab November 2026" in body
