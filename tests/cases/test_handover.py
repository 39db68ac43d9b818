"""The end of a station's service: nobody in its cases is left alone, and no connector stays out of use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import select, update

from bot.cases.agents import desk
from bot.cases.drivers import escalation, handover, locate, report
from bot.cases.outcomes import NoHotline, ServiceNotActive, Standing
from bot.domain.case import SERVICE_ENDED, CaseState
from bot.domain.ladder import LadderState
from bot.domain.operator import Contact, Group
from bot.domain.people import telegram
from bot.domain.remote_action import RemoteCommand
from bot.domain.report import Symptom
from bot.domain.rights import Right, Scope
from bot.domain.timer import TimerKind
from storage.database import Database
from storage.repositories.people import Identity
from storage.repositories.staff import Colleague
from storage.tables import operators, outbox, stations, timers
from storage.uow import UnitOfWork
from tests.cases.beginnings import up_to
from tests.cases.climber import ANNA, LENA, MARCO, STATION, Answers, Climber
from tests.cases.test_site import Site, silently
from tests.storage import town

MANAGER = {"name": "Mara", "email": "mara@example.org", "telegram_id": 9, "phone": None}
C = RemoteCommand


@dataclass(frozen=True)
class Row:
    kind: str
    recipient: str
    params: Mapping[str, object]


async def rows(database: Database, notice: str) -> list[Row]:
    """What was put out of one kind of news."""

    def read(uow: UnitOfWork) -> list[Row]:
        found = uow.connection.execute(select(outbox).order_by(outbox.c.id))
        kept = [Row(row.kind, row.recipient, row.params) for row in found]
        return [row for row in kept if row.params.get("notice", row.kind) == notice]

    return await database.read(read)


async def change(database: Database, work: Callable[[UnitOfWork], object]) -> None:
    def done(uow: UnitOfWork) -> None:
        work(uow)

    await database.write(done)


async def give_manager(database: Database, contact: Mapping[str, object] | None) -> None:
    await change(database, lambda uow: uow.connection.execute(update(operators).values(manager=contact)))


def off(uow: UnitOfWork, station_id: str = STATION) -> None:
    uow.connection.execute(update(stations).where(stations.c.id == station_id).values(service_active=False))


async def ends(climber: Climber, station_id: str = STATION) -> None:
    """The service of the station ends."""

    def work(uow: UnitOfWork) -> None:
        off(uow, station_id)
        station = uow.operators.station(station_id)
        assert station is not None
        handover.service_ended(uow, climber.services, [station])

    await climber.services.transact(work)


def in_use(climber: Climber) -> bool:
    return climber.connectors[1].in_use


async def deadlines(database: Database) -> list[str]:
    return await database.read(lambda uow: list(uow.connection.execute(select(timers.c.kind)).scalars()))


async def test_a_case_goes_to_the_operators_manager_and_its_driver_reads_whom_to_turn_to(
    climber: Climber,
) -> None:
    await give_manager(climber.database, MANAGER)
    await ends(climber)
    case = await climber.case()
    assert (case.state, case.resolution) == (CaseState.CLOSED, SERVICE_ENDED)
    told = await rows(climber.database, "handed_over")
    assert [(row.kind, row.recipient) for row in told] == [
        ("staff_notice", "telegram:9"),
        ("email", "mailto:mara@example.org"),
    ]
    (driver,) = await rows(climber.database, "service_ended")
    assert (driver.kind, driver.recipient) == ("driver_notice", str(telegram(LENA)))
    assert await deadlines(climber.database) == []


@pytest.mark.parametrize(
    "manager", [None, {"name": "Mara", "phone": "+43 1", "email": None, "telegram_id": None}]
)
async def test_without_a_manager_to_write_to_it_goes_to_the_admins(
    climber: Climber, manager: Mapping[str, object] | None
) -> None:
    await give_manager(climber.database, manager)

    def staff(uow: UnitOfWork) -> None:
        ada = uow.people.meet([Identity(1001, "Ada")])[1001]
        uow.staff.put_group("graz", Group("Admins", Scope.INSTANCE, frozenset({Right.USERS_MANAGE})))
        uow.staff.put("graz", Colleague(ada.id, 1001, "Ada", groups=("Admins",)))

    await change(climber.database, staff)
    await ends(climber)
    told = await rows(climber.database, "handed_over")
    assert [(row.kind, row.recipient) for row in told] == [("staff_notice", "telegram:1001")]


async def test_the_hotline_reads_it_in_the_topic_which_is_closed_and_nobody_is_reminded(
    climber: Climber,
) -> None:
    await climber.ask_person()
    assert TimerKind.LEVEL_DUE in await deadlines(climber.database)
    await ends(climber)
    kinds = [row.kind for row in await rows(climber.database, "service_ended")]
    assert kinds == ["topic_notice", "driver_notice"]
    assert len(await rows(climber.database, "close_topic")) == 1
    assert await deadlines(climber.database) == []
    before = await climber.case()
    with pytest.raises(Exception, match=r"case\.already_closed"):
        await desk.take(await climber.turn(ANNA, telegram(-100, 7)), before.id, before.version)


async def test_a_connector_that_a_ladder_took_out_of_use_is_put_back_into_it(climber: Climber) -> None:
    await climber.begin()
    await up_to(climber, C.MAKE_INOPERATIVE)
    await climber.tick()
    assert not in_use(climber)
    await ends(climber)
    ladder = await climber.to_the_end()
    assert ladder.state is LadderState.LEFT
    assert in_use(climber)
    assert climber.commands() == [C.REFRESH_STATUS, C.MAKE_INOPERATIVE, C.MAKE_OPERATIVE]
    assert await rows(climber.database, "left_out_of_use") == []


async def test_one_that_cannot_be_put_back_is_told_to_the_operators_own_people(climber: Climber) -> None:
    await give_manager(climber.database, MANAGER)
    await climber.begin()
    await up_to(climber, C.MAKE_INOPERATIVE)
    await climber.tick()
    climber.answers = Answers.REJECTS
    await ends(climber)
    await climber.to_the_end()
    assert not in_use(climber)
    told = await rows(climber.database, "left_out_of_use")
    assert {(row.kind, row.recipient) for row in told} >= {
        ("staff_notice", "telegram:9"),
        ("email", "mailto:mara@example.org"),
    }


async def test_in_danger_the_driver_is_warned_once_more(climber: Climber) -> None:
    await climber.speak_of_danger()
    await ends(climber)
    told = await rows(climber.database, "service_ended_danger")
    assert [row.kind for row in told] == ["driver_notice"]


async def test_a_technician_on_the_way_hears_who_has_the_job_now(climber: Climber) -> None:
    tom = Contact("Tom", None, None, 2001)

    def technician(uow: UnitOfWork) -> None:
        station = replace(town.station(1), technician=tom)
        uow.operators.put_station(station, {each.evse_id: each.evse_id for each in station.evses})

    await change(climber.database, technician)
    await climber.ask_person()
    case = await climber.case()
    turn = await climber.turn(ANNA, telegram(-100, 7))
    await desk.send_technician(turn, case.id, case.version)
    await ends(climber)
    told = await rows(climber.database, "job_handed_over")
    assert [(row.kind, row.recipient) for row in told] == [("staff_notice", "telegram:2001")]


async def test_cases_of_other_stations_go_on(climber: Climber) -> None:
    await ends(climber, "GRAZ-02")
    assert (await climber.case()).state is CaseState.DIAGNOSING


async def test_who_says_that_it_is_still_broken_after_the_end_reads_whom_to_turn_to(climber: Climber) -> None:
    await climber.works()
    await ends(climber)
    case = await climber.case()
    assert case.state is CaseState.RESOLVED
    outcome = await escalation.still_broken(await climber.turn(LENA), case.id, case.version)
    assert isinstance(outcome, ServiceNotActive)
    assert (await climber.case()).state is CaseState.RESOLVED
    asked = await escalation.ask_person(await climber.turn(LENA))
    assert isinstance(asked, Standing | NoHotline)
    assert (await climber.case()).state is CaseState.RESOLVED


async def test_who_chose_the_station_before_the_end_reads_it_when_they_say_what_is_wrong(
    database: Database,
) -> None:
    climber = Climber(database)
    await climber.prepare()
    await locate.by_words(await climber.turn(MARCO), "AT*SWG*E0001")
    await ends(climber)
    outcome = await report.file(await climber.turn(MARCO), Symptom.WILL_NOT_START, silently)
    assert isinstance(outcome, ServiceNotActive)
    assert await database.read(lambda uow: uow.drafts.get(telegram(MARCO))) is None


async def test_what_the_operators_file_has_ended_is_handed_over_by_the_worker(climber: Climber) -> None:
    await change(climber.database, off)
    assert await climber.database.read(lambda uow: uow.cases.stations_left_behind()) == [STATION]
    assert await climber.services.transact(lambda uow: handover.left_behind(uow, climber.services)) == 1
    assert (await climber.case()).state is CaseState.CLOSED
    assert await climber.database.read(lambda uow: uow.cases.stations_left_behind()) == []
    assert await climber.services.transact(lambda uow: handover.left_behind(uow, climber.services)) == 0


async def test_whoever_joined_a_sites_case_that_ends_is_the_hotlines_in_its_place(database: Database) -> None:
    site = Site(database)
    await site.build()
    await site.reports(LENA, 1)
    await escalation.ask_person(await site.turn(LENA))
    await site.reports(MARCO, 2)
    assert await site.states(LENA, MARCO) == [CaseState.WAITING_AGENT, CaseState.DIAGNOSING]

    def end(uow: UnitOfWork) -> None:
        off(uow, "GRAZ-01")
        station = uow.operators.station("GRAZ-01")
        assert station is not None
        handover.service_ended(uow, site.services(), [station])

    await change(database, end)
    assert await site.states(LENA, MARCO) == [CaseState.CLOSED, CaseState.WAITING_AGENT]
