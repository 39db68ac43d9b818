"""The data sheet: what it tells of a station, to whom, and of whose stations not a word."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.domain.capability import Source
from bot.domain.condition import Condition
from bot.domain.observation import (
    Booted,
    LinkChanged,
    Seen,
    StatusObserved,
    TransactionStarted,
    TransactionStopped,
)
from bot.domain.reachability import Reachability
from bot.domain.rights import MissingRight, Right, Scope
from bot.domain.service import Cause, ServiceChange
from bot.domain.status import ConnectorState, ConnectorStatus
from bot.operations import data_sheet, station_list
from bot.operations.data_sheet import Several
from storage.database import Database
from storage.repositories.station_list import Wanted
from storage.uow import UnitOfWork
from tests.operations.office import Office
from tests.operations.yard import FOREIGN, grant, refused, yard
from tests.storage import town
from tests.storage.town import NOW, OPERATOR


def everywhere(_station_id: str) -> bool:
    return True


@pytest.fixture
async def office(database: Database) -> Office:
    return await yard(database)


def status(
    name: str, word: ConnectorStatus, ago: timedelta, *, error: str = "NoError", connector: int = 1
) -> StatusObserved:
    at = NOW - ago
    return StatusObserved(name, at, ConnectorState(connector, word, error, at, at), changed=True)


async def told(database: Database, *observations: StatusObserved | Seen | Booted | LinkChanged) -> None:
    await database.write(lambda uow: uow.station_log.keep(observations, Source.OCPP))


@pytest.mark.parametrize("name", ["OTHER-01", "NO-SUCH"])
async def test_a_station_of_another_operator_is_answered_as_an_unknown_one(office: Office, name: str) -> None:
    for doing in (
        data_sheet.station(await office.by("ada"), name),
        data_sheet.head(await office.by("ada"), name, everywhere),
        data_sheet.general(await office.by("ada"), name, everywhere),
        data_sheet.points(await office.by("ada"), name),
        data_sheet.errors(await office.by("ada"), name),
        data_sheet.history(await office.by("ada"), name),
    ):
        await refused("station.gone", doing)
    unknown = await refused("station.unknown", data_sheet.find(await office.by("ada"), name))
    assert unknown.values == {"words": name}
    await refused("station.unknown", data_sheet.find(await office.by("ada"), FOREIGN.evses[0].evse_id))


async def test_a_station_of_a_company_out_of_reach_is_answered_as_an_unknown_one(office: Office) -> None:
    assert await data_sheet.station_ids(await office.by("bea")) == ["LINZ-01", "NORD-01"]
    assert await data_sheet.station_ids(await office.by("nora")) == ["NORD-01"]
    await refused("station.gone", data_sheet.station(await office.by("nora"), "LINZ-01"))
    await refused("station.gone", data_sheet.station(await office.by("bea"), "WELS-01"))
    await refused("station.unknown", data_sheet.find(await office.by("bea"), "WELS-01"))


async def test_without_the_station_list_nothing_is_told(office: Office) -> None:
    for doing in (
        data_sheet.station_ids(await office.by("anna")),
        data_sheet.find(await office.by("anna"), "GRAZ-01"),
        station_list.page(await office.by("anna"), Wanted(), 0, everywhere),
        station_list.places(await office.by("anna"), Wanted()),
    ):
        with pytest.raises(MissingRight) as caught:
            await doing
        assert caught.value.right is Right.STATION_LIST


async def test_each_part_needs_its_own_right_for_the_stations_company(
    office: Office, database: Database
) -> None:
    for right, part in ((Right.ERRORS, data_sheet.errors), (Right.HISTORY, data_sheet.history)):
        with pytest.raises(MissingRight) as caught:
            await part(await office.by("nora"), "NORD-01")
        assert caught.value.right is right
        await grant(database, "Viewers", Right.STATION_LIST, right)
        await part(await office.by("nora"), "NORD-01")
    # A right that reaches elsewhere does not count here.
    await grant(database, "Branch", Right.STATION_LIST, Right.ERRORS, scope=Scope.ENTITY)
    await grant(database, "Viewers", Right.STATION_LIST, scope=Scope.INSTANCE)
    with pytest.raises(MissingRight):
        await data_sheet.errors(await office.by("nora"), "LINZ-01")


@pytest.mark.parametrize(
    "words", ["GRAZ-01", "graz-01", "AT*SWG*E0001", "atswge0001", " at swg e0001 ", "AZ-01"]
)
async def test_a_station_is_found_by_what_people_write(office: Office, words: str) -> None:
    found = await data_sheet.find(await office.by("ada"), words)
    assert not isinstance(found, Several)
    assert found.id == "GRAZ-01"


async def test_words_that_mean_several_stations_lead_to_the_list(office: Office) -> None:
    assert await data_sheet.find(await office.by("ada"), "graz") == Several("graz")


async def test_the_head_tells_the_condition_and_the_rights_that_hold_here(
    office: Office, database: Database
) -> None:
    new = await data_sheet.head(await office.by("nora"), "NORD-01", everywhere)
    assert (new.condition, new.reachability, new.last_heard) == (
        Condition.NEVER,
        Reachability.NO_COMMUNICATION,
        None,
    )
    assert new.rights == {Right.STATION_LIST}
    minute = timedelta(minutes=1)
    await told(
        database, status("NORD-01", ConnectorStatus.FAULTED, minute), Seen("NORD-01", NOW - 31 * minute)
    )
    head = await data_sheet.head(await office.by("ada"), "NORD-01", everywhere)
    assert (head.condition, head.reachability) == (Condition.FAULT, Reachability.PENDING)
    assert head.rights == frozenset(Right)
    later = await data_sheet.head(await office.by("ada", minutes=40), "NORD-01", everywhere)
    assert (later.condition, later.reachability) == (Condition.OFFLINE, Reachability.OFFLINE)


async def test_general_tells_make_company_and_waiting_times(office: Office, database: Database) -> None:
    booted = Booted("NORD-01", NOW, "ACME", "Fast 1", "1.2", "SN-7")
    await told(database, LinkChanged("NORD-01", NOW, connected=True, protocol="ocpp1.6"), booted)
    general = await data_sheet.general(await office.by("nora"), "NORD-01", everywhere)
    make = general.make
    assert (make.vendor, make.model, make.firmware, make.serial_number) == ("ACME", "Fast 1", "1.2", "SN-7")
    assert (make.protocol, make.last_heard, general.company) == ("ocpp1.6", NOW, "Linz Nord")
    assert general.patience.offline_after == timedelta(minutes=OPERATOR.offline_after_minutes)


async def test_a_connector_without_an_evse_id_is_shown_as_one(office: Office, database: Database) -> None:
    second = timedelta(seconds=1)
    await told(
        database,
        status("GRAZ-01", ConnectorStatus.AVAILABLE, second, connector=0),
        status("GRAZ-01", ConnectorStatus.CHARGING, second, connector=2),
    )
    points = (await data_sheet.points(await office.by("ada"), "GRAZ-01")).points
    assert [(each.connector, each.evse is not None, each.told is not None) for each in points] == [
        (1, True, False),
        (2, False, True),
    ]


async def test_errors_tell_what_holds_and_what_was_with_how_long_it_lasted(
    office: Office, database: Database
) -> None:
    hour, day = timedelta(hours=1), timedelta(days=1)
    await told(
        database,
        status("GRAZ-01", ConnectorStatus.FAULTED, 40 * day, error="InternalError"),
        status("GRAZ-01", ConnectorStatus.AVAILABLE, 39 * day),
        status("GRAZ-01", ConnectorStatus.FAULTED, 5 * hour, error="GroundFailure"),
        status("GRAZ-01", ConnectorStatus.AVAILABLE, 3 * hour),
        status("GRAZ-01", ConnectorStatus.AVAILABLE, 2 * hour, error="WeakSignal"),
    )
    errors = await data_sheet.errors(await office.by("ada"), "GRAZ-01")
    assert [each.state.error_code for each in errors.present] == ["WeakSignal"]
    (past,) = errors.past
    assert (past.state.error_code, past.until) == ("GroundFailure", NOW - 3 * hour)


async def test_the_history_of_a_day_has_what_lasted_in_it_by_the_operators_clock(
    office: Office, database: Database
) -> None:
    day = timedelta(days=1)
    # 12:00 UTC is 13:00 in Vienna, so that these two begin on the evening before and just after midnight.
    await told(
        database,
        status("GRAZ-01", ConnectorStatus.AVAILABLE, 50 * day),
        status("GRAZ-01", ConnectorStatus.CHARGING, timedelta(hours=13, minutes=1)),
        status("GRAZ-01", ConnectorStatus.FINISHING, timedelta(hours=12, minutes=59)),
        LinkChanged("GRAZ-01", NOW - day, connected=False),
    )
    today = await data_sheet.history(await office.by("ada"), "GRAZ-01")
    assert today.day == date(2026, 11, 22)
    assert [each.state.status for each in today.intervals] == [
        ConnectorStatus.FINISHING,
        ConnectorStatus.CHARGING,
    ]
    assert (today.earlier, today.later, today.links) == (True, False, ())
    before = await data_sheet.history(await office.by("ada"), "GRAZ-01", date(2026, 11, 21))
    assert [each.what for each in before.links] == ["disconnected"]
    assert ConnectorStatus.CHARGING in [each.state.status for each in before.intervals]
    for asked in (date(1999, 1, 1), date(2026, 10, 23)):
        first = await data_sheet.history(await office.by("ada"), "GRAZ-01", asked)
        assert (first.day, first.earlier) == (date(2026, 10, 23), False)
    ahead = await data_sheet.history(await office.by("ada"), "GRAZ-01", date(2099, 1, 1))
    assert (ahead.day, ahead.later) == (today.day, False)


async def test_a_station_that_has_been_quiet_for_long_still_shows_what_it_is(
    office: Office, database: Database
) -> None:
    await told(database, status("GRAZ-01", ConnectorStatus.AVAILABLE, timedelta(days=90)))
    today = await data_sheet.history(await office.by("ada"), "GRAZ-01")
    assert [each.state.status for each in today.intervals] == [ConnectorStatus.AVAILABLE]


async def test_sessions_are_counted_by_day_and_month_with_their_energy(
    office: Office, database: Database
) -> None:
    def charge(uow: UnitOfWork, ago: timedelta, start: int, stop: int | None) -> None:
        began = NOW - ago
        number = uow.station_log.start_transaction(
            TransactionStarted("GRAZ-01", began, 1, "CARD", start, began)
        )
        if stop is not None:
            uow.station_log.stop_transaction(
                TransactionStopped("GRAZ-01", began + timedelta(minutes=30), number, stop, None, None)
            )

    def build(uow: UnitOfWork) -> None:
        charge(uow, timedelta(days=45), 0, 1_000)
        charge(uow, timedelta(days=2), 1_000, 11_000)
        charge(uow, timedelta(hours=2), 11_000, 16_500)
        charge(uow, timedelta(hours=1), 16_500, None)

    await database.write(build)
    history = await data_sheet.history(await office.by("ada"), "GRAZ-01")
    assert (history.sessions.count, history.sessions.energy_wh, history.lately.count) == (2, 5_500, 3)


async def test_names_in_the_history_are_masked_without_the_right_to_personal_data(
    office: Office, database: Database
) -> None:
    def build(uow: UnitOfWork) -> None:
        case = town.new_case(uow)
        uow.cases.save(case, replace(case, agent_id=office.ids["anna"], version=2))
        change = ServiceChange(
            "GRAZ-01", NOW, True, OPERATOR.price_per_station_month, "EUR", Cause.ADMIN, office.ids["ada"]
        )
        uow.service.note(OPERATOR.id, change)

    await database.write(build)
    seen = await data_sheet.history(await office.by("ada"), "GRAZ-01")
    assert (seen.cases[0].agent, seen.switches[0].who) == ("Anna Agent", "Ada Admin")
    assert seen.cases[0].case.station_id == "GRAZ-01"
    await grant(database, "Administrators", Right.STATION_LIST, Right.HISTORY, scope=Scope.INSTANCE)
    masked = await data_sheet.history(await office.by("ada"), "GRAZ-01")
    assert (masked.cases[0].agent, masked.switches[0].who) == ("A****", "A****")


async def test_the_list_shows_a_page_and_the_last_one_where_there_are_fewer(office: Office) -> None:
    page = await station_list.page(await office.by("ada"), Wanted(), 7, everywhere)
    assert [each.station_id for each in page.stations] == [
        "GRAZ-01",
        "GRAZ-02",
        "LINZ-01",
        "NORD-01",
        "WELS-01",
    ]
    assert (page.total, page.number, page.pages) == (5, 0, 1)
    at = await station_list.page(await office.by("ada"), Wanted(location_id="linz"), 0, everywhere)
    assert at.location is not None and at.location.name == "Linz Süd" and at.total == 2


async def test_a_station_that_its_back_end_has_lost_is_listed_as_offline(
    office: Office, database: Database
) -> None:
    up = LinkChanged("GRAZ-01", NOW, connected=True, protocol="ocpi")
    await told(database, up, status("GRAZ-01", ConnectorStatus.AVAILABLE, timedelta(days=3)))
    for there, expected in ((frozenset({"GRAZ-01"}), Condition.OK), (frozenset(), Condition.OFFLINE)):
        for wanted in (Wanted("GRAZ-01"), Wanted(condition=expected)):
            page = await station_list.page(await office.by("ada"), wanted, 0, there.__contains__)
            assert [(each.station_id, each.condition) for each in page.stations] == [("GRAZ-01", expected)]
