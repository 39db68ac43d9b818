"""The screens of stations: sound whatever things are called, short enough whatever has happened, with a way back."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from msgspec import structs

from bot.domain.capability import Source
from bot.domain.case import CaseState
from bot.domain.condition import Condition
from bot.domain.operator import Contact, Evse, Location, Station
from bot.domain.reachability import Patience, Reachability
from bot.domain.rights import Entity, Right
from bot.domain.service import Cause, ServiceChange
from bot.domain.status import ConnectorStatus
from bot.operations.data_sheet import (
    CaseLine,
    Errors,
    General,
    Head,
    History,
    LinkLine,
    Point,
    Points,
    SwitchLine,
)
from bot.operations.location_data import Field, Site, Sites
from bot.operations.station_csv import COLUMNS
from bot.operations.station_data import Choices, Editable
from bot.operations.station_import import Imported, Outdated, Preview
from bot.operations.station_list import Listed, Places, StationPage
from bot.operations.station_plan_lines import Difference, Kind, Mistake
from bot.views import data_sheet, fit, station_edit, station_files, stations
from bot.views.callbacks import Go
from bot.views.i18n import Translate
from bot.views.screen import Screen
from storage.repositories.station_list import Wanted
from storage.repositories.station_sheet import Make, Sessions, Told
from tests.views.scene import CASE, EVIL, LONGEST_EVSE_ID, NOW, OPERATOR, connector, judgement
from tests.views.test_screens import LANGUAGES, TEXTS, check

LONG = EVIL * 8
PLACE = Location("hbf", LONG, LONG, "8020", LONG, "AT", 47.07, -15.41)
EVSES = tuple(Evse(LONGEST_EVSE_ID, LONG, number, LONG, 0.123456789) for number in range(1, 101))
STATION = Station(
    LONG, "graz", "hbf", True, EVSES, Contact(LONG), "secret-password", 3, 10, 20, "linz", (EVIL * 40)[:1000]
)
TABS = ("general", "points", "operations", "technician", "errors", "history", "stickers")
RIGHTS = frozenset(Right)
UP = frozenset(
    {"menu", "st.list", "st.filter", "st.sheet", "st.edit", "se.point", "se.site", "se.sites", "sf.menu"}
)


@pytest.fixture(params=LANGUAGES)
def t(request: pytest.FixtureRequest) -> Translate:
    return TEXTS.to(request.param)


def head(rights: frozenset[Right] = RIGHTS, station: Station = STATION) -> Head:
    return Head(
        station, PLACE, Condition.FAULT, Reachability.PENDING, NOW - timedelta(minutes=40), rights, NOW
    )


def told(status: ConnectorStatus = ConnectorStatus.FAULTED, *, ago: float = 90, number: int = 1) -> Told:
    state = connector(status, ago, error="InternalError" * 20, vendor=LONG, info=LONG)
    return Told(Source.OCPP, structs.replace(state, connector=number), NOW)


def page(count: int = 8, first: int = 0, **more: object) -> StationPage:
    listed = [
        Listed(f"{number}{LONG}", PLACE, condition, reach, number % 2 == 0)
        for number, (condition, reach) in enumerate(
            [(c, r) for c in Condition for r in Reachability][first : first + count]
        )
    ]
    shown = StationPage(tuple(listed), 5000, 3, 625, Wanted())
    return replace(shown, **more)  # type: ignore[arg-type]  # The names are those of the fields.


def points(count: int = 100) -> tuple[Point, ...]:
    return tuple(Point(each.connector, each, told(number=each.connector)) for each in EVSES[:count])


def history(**more: object) -> History:
    switch = ServiceChange(LONG, NOW, True, OPERATOR.price_per_station_month, "EUR", Cause.ADMIN, 1)
    found = History(
        date(2026, 11, 22),
        tuple(told(ago=60 * number) for number in range(1, 400)),
        tuple(LinkLine(NOW, what) for what in ("connected", "disconnected", "boot") for _ in range(60)),
        Sessions(3, 123_456),
        Sessions(30, 1_234_567),
        tuple(
            CaseLine(replace(CASE, state=state, judgement=judgement("internal", "offer_restart")), LONG)
            for state in CaseState
        ),
        tuple(SwitchLine(replace(switch, cause=cause), who) for cause in Cause for who in (None, LONG)),
        earlier=True,
        later=True,
        zone="Europe/Vienna",
    )
    return replace(found, **more)  # type: ignore[arg-type]  # As above.


def leads_back(screen: Screen) -> bool:
    """Whether some button leads to the menu, the list, or one page up."""
    pages = {button.does.page for row in screen.keyboard for button in row if isinstance(button.does, Go)}
    return bool(pages & UP)


def framed(content: Screen, t: Translate) -> Screen:
    return data_sheet.frame(head(), TABS, "general", content, t)


def sheets(t: Translate) -> list[Screen]:
    make = Make(LONG, LONG, LONG, LONG, "ocpp1.6", NOW)
    nothing = Make(None, None, None, None, None, None)
    bare = replace(
        STATION, directions=None, entity_id=None, pending_after_minutes=None, offline_after_minutes=None
    )
    return [
        data_sheet.general(General(head(), make, LONG, OPERATOR, Patience()), t),
        data_sheet.general(General(head(station=bare), nothing, None, OPERATOR, Patience()), t),
        data_sheet.points(Points(points(), told(number=0), NOW), t),
        data_sheet.points(Points((Point(1, None, None),), None, NOW), t),
        data_sheet.points(Points((), None, NOW), t),
        data_sheet.errors(Errors((told(),), tuple(told() for _ in range(900)), "Europe/Vienna", NOW), t),
        data_sheet.errors(Errors((), (), "Europe/Vienna", NOW), t),
        data_sheet.history(history(), LONG, t),
        data_sheet.history(
            history(intervals=(), links=(), cases=(), switches=(), earlier=False, later=False), LONG, t
        ),
    ]


def test_every_sheet_fits_into_a_message_and_leads_back(t: Translate) -> None:
    for content in sheets(t):
        screen = framed(content, t)
        check(screen)
        assert leads_back(screen)


def test_no_sheet_shows_a_stations_password(t: Translate) -> None:
    assert all("secret-password" not in framed(content, t).text for content in sheets(t))


def test_every_status_and_error_has_its_words(t: Translate) -> None:
    for status in ConnectorStatus:
        for source in Source:
            state = connector(status, error="GroundFailure")
            each = [Told(source, state, None), Told(source, structs.replace(state, error_code=None), NOW)]
            check(data_sheet.points(Points((Point(1, EVSES[0], each[0]),), each[1], NOW), t))
            check(data_sheet.errors(Errors(tuple(each), tuple(each), "Europe/Vienna", NOW), t))
            check(data_sheet.history(history(intervals=tuple(each)), "S", t))
    plain = Told(Source.OCPP, connector(ConnectorStatus.FAULTED, error="InternalError"), None)
    shown = data_sheet.errors(Errors((plain,), (), "Europe/Vienna", NOW), t).text
    assert f"{t('fault.internal')} (InternalError)" in shown


def test_of_a_busy_day_the_latest_is_shown(t: Translate) -> None:
    busy = history(intervals=tuple(told(ago=60 * number) for number in range(1, 400)), links=())
    lines = data_sheet.history(busy, "S", t).text.splitlines()
    latest = t.clock_on(NOW - timedelta(minutes=1), "Europe/Vienna", busy.day)
    assert lines[1].startswith(latest)


@pytest.mark.parametrize("right", [Right.OPERATIONS_TAB, Right.STATIONS])
def test_buttons_of_the_frame_follow_the_rights(t: Translate, right: Right) -> None:
    def pages(rights: frozenset[Right]) -> set[str]:
        screen = data_sheet.frame(head(rights), TABS, "points", Screen("x"), t)
        check(screen)
        return {b.does.page for row in screen.keyboard for b in row if isinstance(b.does, Go)}

    assert ("st.why" in pages(RIGHTS - {right})) is (right is Right.OPERATIONS_TAB)
    assert ("st.edit" in pages(RIGHTS - {right})) is (right is not Right.STATIONS)
    assert "st.why" not in pages(RIGHTS)


def test_the_tab_that_is_shown_is_marked(t: Translate) -> None:
    screen = data_sheet.frame(head(), TABS, "errors", Screen("x"), t)
    labels = [button.label for row in screen.keyboard for button in row]
    assert f"• {t('sheet_tab.errors')}" in labels
    assert t("sheet_tab.points") in labels


def test_every_page_of_the_list_is_sound(t: Translate) -> None:
    full = Wanted(LONG[:100], "hbf", Condition.NEVER, service_active=False)
    found = [
        page(),
        page(8, 8),
        page(8, 16),
        page(4, 24),
        page(8, wanted=full, location=PLACE),
        page(0, total=0, pages=1, number=0),
        page(0, total=0, pages=1, number=0, wanted=full, location=PLACE),
    ]
    for each in found:
        screen = stations.show(each, t)
        check(screen)
        assert leads_back(screen)
    for wanted in (Wanted(), full):
        check(stations.filters(wanted, t))
    many = Places(tuple((replace(PLACE, id=str(number)), number) for number in range(100)), Wanted())
    for number in (0, 5, 12, 99):
        screen = stations.places(many, number, t)
        check(screen)
        assert leads_back(screen)
    check(stations.places(Places((), Wanted()), 0, t))
    check(stations.ask_words(t))


def test_pages_lead_to_the_ones_beside_them_and_no_further(t: Translate) -> None:
    def to(number: int) -> list[str]:
        screen = stations.show(page(1, number=number, pages=3), t)
        found = [
            b.does
            for row in screen.keyboard
            for b in row
            if isinstance(b.does, Go) and b.does.page == "st.list"
        ]
        return [argument for each in found for argument in each.arguments]

    assert (to(0), to(1), to(2)) == (["1"], ["0", "2"], ["1"])


def edits(t: Translate) -> list[Screen]:
    company = Entity("linz", LONG)
    found = Editable(STATION, PLACE, points(), company, OPERATOR)
    bare = Editable(
        replace(STATION, evses=(), directions=None), PLACE, (Point(1, None, None),), None, OPERATOR
    )
    empty = Editable(
        replace(STATION, pending_after_minutes=None, offline_after_minutes=None), PLACE, (), None, OPERATOR
    )
    many = Choices(
        STATION,
        tuple(replace(PLACE, id=str(number)) for number in range(100)),
        (None, *(Entity(str(number), LONG) for number in range(100))),
    )
    screens = [
        station_edit.show(each, t, done=done) for each in (found, bare, empty) for done in (True, False)
    ]
    screens += [station_edit.point(each, each.points[0], t, done=True) for each in (found, bare)]
    screens += [station_edit.confirm_drop(each, each.points[0], t) for each in (found, bare)]
    screens += [station_edit.ask_id(STATION, 100, t, is_new=is_new) for is_new in (True, False)]
    screens += [station_edit.ask_type(LONG, 100, t), station_edit.ask_power(LONG, 100, t)]
    screens += [station_edit.ask_location(many, number, t) for number in (0, 7, 99)]
    screens += [station_edit.ask_company(many, number, LONG, t) for number in (0, 7, 99)]
    screens += [station_edit.ask_directions(STATION, t), station_edit.ask_minutes(found, t)]
    screens += [station_edit.sites(Sites(many.locations), t, 3), station_edit.sites(Sites(()), t)]
    screens += [station_edit.site(Site(PLACE, 7), t, done=True)]
    screens += [station_edit.ask_field(field, t, place) for field in Field for place in (None, PLACE)]
    return screens


def test_every_page_of_changes_is_sound_and_leads_back(t: Translate) -> None:
    for screen in edits(t):
        check(screen)
        assert leads_back(screen)


def preview(**more: object) -> Preview:
    fields = tuple((name, LONG, None) for name in ("connector 1", "company", "name", *map(str, range(20))))
    differences = tuple(
        Difference(number, kind, LONG, fields) for number in range(200) for kind in (Kind.NEW, Kind.CHANGED)
    )
    found = Preview((), differences, 400, dict.fromkeys(Kind, 7), ("service",), 3, "0" * 16)
    return replace(found, **more)  # type: ignore[arg-type]  # As above.


MISTAKES = {
    "no_station": {},
    "station_taken": {"station": LONG},
    "station_id": {"most": "48"},
    "no_location": {},
    "location_missing": {"location": LONG, "columns": LONG},
    "location_ambiguous": {"name": LONG},
    "location_right": {"location": LONG},
    "location_id": {"most": "48"},
    "differs": {"column": LONG, "line": "3"},
    "connector_twice": {"connector": "3", "line": "3"},
    "refusal.evse.taken": {"evse": LONG},
    "refusal.station.minutes": {"most": "10080"},
}


def test_every_mistake_of_a_file_has_its_sentence(t: Translate) -> None:
    told_of = {key.removeprefix("csv_error.") for key in t.texts if key.startswith("csv_error.")}
    assert told_of <= set(MISTAKES)
    several = tuple(Mistake(number, key, values) for number in range(40) for key, values in MISTAKES.items())
    screen = station_files.preview(preview(mistakes=several), t)
    check(screen)
    assert leads_back(screen)
    assert not any(
        isinstance(b.does, Go) and b.does.page == "sf.apply" for row in screen.keyboard for b in row
    )


def test_every_page_of_files_is_sound(t: Translate) -> None:
    for each in (preview(), preview(differences=(), ignored=(), new_stations=0)):
        check(station_files.preview(each, t))
        check(station_files.preview(each, t, outdated=True))
        check(station_files.applied(Outdated(each), t))
    for screen in (
        station_files.applied(Imported(dict.fromkeys(Kind, 1)), t),
        station_files.menu(t, may_import=True),
        station_files.menu(t, may_import=False),
        station_files.described(t),
        station_files.handed(t),
        station_files.ask(t),
        station_files.discarded(t),
    ):
        check(screen)
        assert leads_back(screen)
    assert all(f"<code>{column}</code>" in station_files.described(t).text for column in COLUMNS)


def test_what_a_file_holds_stays_text(t: Translate) -> None:
    change = Difference(2, Kind.CHANGED, "S", (("directions", None, "<b>& 'x'"),))
    assert "&lt;b&gt;&amp; &#x27;x&#x27;" in station_files.preview(preview(differences=(change,)), t).text
    wrong = Mistake(2, "station_taken", {"station": "<b>&"})
    assert "&lt;b&gt;&amp;" in station_files.preview(preview(mistakes=(wrong,)), t).text


def test_numbers_of_a_file_are_written_as_people_of_the_language_do() -> None:
    assert station_files.decimal_sign(TEXTS.to("de")) == ","
    assert station_files.decimal_sign(TEXTS.to("en")) == "."


@pytest.mark.parametrize("room", [0, 5, 40, 400, 4000])
def test_lines_that_do_not_fit_are_counted(room: int) -> None:
    parts = [f"<b>{'🔌' * (number % 7)}{number}</b>" for number in range(300)]
    text = fit.lines(parts, room, lambda left: f"+{left}")
    shown = [line for line in text.splitlines() if not line.startswith("+")]
    left = 300 - len(shown)
    assert shown == parts[: len(shown)]
    assert text.endswith(f"+{left}") if left else "+" not in text
    assert fit.length(text) <= max(room, len("+300"))


def test_lines_that_fit_are_all_shown() -> None:
    assert fit.lines(["a", "b"], 3, lambda left: f"+{left}") == "a\nb"
    assert fit.lines([], 3, lambda left: f"+{left}") == ""
