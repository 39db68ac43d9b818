"""The stations of a site come back: the hotline hears of each, and each driver of the one that they stand at."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Connection

from bot.cases.agents import desk
from bot.cases.clock import follow_up
from bot.cases.drivers import escalation, report, returning, standing
from bot.cases.outcomes import Standing
from bot.domain.capability import Capability
from bot.domain.case import CaseState
from bot.domain.observation import Booted, LinkChanged, Observation, Seen, StatusObserved
from bot.domain.outgoing import Param
from bot.domain.status import ConnectorState, ConnectorStatus, StationSnapshot
from bot.domain.timer import TimerKind
from bot.operations.journal import Journal
from bot.views import driver
from bot.views.i18n import load_texts
from storage.database import Database
from storage.repositories.cases import _SITES_AWAY
from storage.uow import UnitOfWork
from tests.cases.test_site import ANNA, LENA, MARCO, NOW, TINA, TOPIC, AwaySite, Site, repaired

EN = load_texts().to("en")


@dataclass
class Returning(AwaySite):
    """The same stations, some of which are in contact again."""

    connected: set[str] = field(default_factory=set)

    def capabilities(self, station_id: str) -> frozenset[Capability]:
        return frozenset({Capability.STATUS}) if station_id in self.connected else frozenset()


@dataclass
class Back(Site):
    """A site that was away and comes back as a test tells it to."""

    stations: Returning = field(default_factory=Returning)

    def link(self, station: str) -> LinkChanged:
        self.stations.connected.add(station)
        return LinkChanged(station, self.stations.now, connected=True, protocol="ocpp1.6")

    def status(
        self, station: str, status: ConnectorStatus = ConnectorStatus.AVAILABLE, error: str = "NoError"
    ) -> StatusObserved:
        now = self.stations.now
        return StatusObserved(station, now, ConnectorState(1, status, error, now, now), changed=False)

    async def hears(self, *observations: Observation) -> None:
        """The journal keeps what stations told, as one batch."""
        services = self.services()
        journal = Journal(self.database)
        journal.watch(lambda uow, seen: returning.observe(uow, services, seen), lambda: None)
        await journal.record(observations)

    async def lines(self, who: int) -> list[tuple[str, ...]]:
        """What was told in the topic of a driver's case of stations that are back."""
        case = await self.case(who)

        def read(uow: UnitOfWork) -> list[tuple[str, ...]]:
            rows = uow.outbox.claim(NOW + timedelta(days=9), timedelta(), 500)
            while rows:
                found.extend(row.outgoing.params for row in rows if row.outgoing.case_id == case.id)
                uow.outbox.end([row.id for row in rows], NOW)
                rows = uow.outbox.claim(NOW + timedelta(days=9), timedelta(), 500)
            told = [params for params in found if str(params.get("notice")).startswith("station")]
            return [tuple(str(p[key]) for key in ("station", "back", "all")) for p in told if "station" in p]

        found: list[Mapping[str, Param]] = []
        return await self.database.write(read)

    async def due(self, kind: TimerKind, after: timedelta) -> list[int]:
        """The subjects of the timers of a kind that fall due in that time, all of which are done."""
        services = self.services()
        self.stations.now += after
        timers = await self.database.write(
            lambda uow: uow.timers.claim(self.stations.now, timedelta(seconds=15), 50)
        )
        for timer in timers:
            if timer.kind is TimerKind.STATION_MAY_BE_BACK:
                await returning.look(services, timer)
            else:
                await services.transact(partial(follow_up.fall_due, services=services, timer=timer))
        return [timer.subject for timer in timers if timer.kind is kind]

    async def standing(self, who: int) -> Standing:
        case = await self.case(who)
        return await self.database.read(lambda uow: standing.of_case(uow, self.services(), case))

    async def buttons(self, who: int) -> list[str]:
        stands = await self.standing(who)
        return [button.label for line in driver.case_keyboard(stands, EN) for button in line]


@pytest.fixture
async def back(database: Database) -> Back:
    """Lena's report is the hotline's case, and Marco's has joined it."""
    made = Back(database)
    await made.build()
    await made.reports(LENA, 1)
    await made.reports(MARCO, 2)
    assert await made.states(LENA, MARCO) == [CaseState.WAITING_AGENT, CaseState.DIAGNOSING]
    return made


# The hotline


async def test_the_hotline_hears_of_each_station_that_is_back(back: Back) -> None:
    await back.hears(back.link("GRAZ-03"))
    await back.hears(back.link("GRAZ-01"))
    assert await back.lines(LENA) == [("GRAZ-03", "1", "3"), ("GRAZ-01", "2", "3")]


async def test_a_station_counts_as_back_before_its_connection_does_unless_it_left_again(back: Back) -> None:
    for station in ("GRAZ-03", "GRAZ-01"):
        await back.hears(LinkChanged(station, back.stations.now, connected=True, protocol="ocpp1.6"))
    assert await back.lines(LENA) == [("GRAZ-03", "1", "3"), ("GRAZ-01", "2", "3")]
    await back.hears(LinkChanged("GRAZ-01", back.stations.now + timedelta(seconds=5), connected=False))
    await back.hears(LinkChanged("GRAZ-02", back.stations.now + timedelta(seconds=9), connected=True))
    assert await back.lines(LENA) == [("GRAZ-02", "2", "3")]


@pytest.mark.parametrize("again", ["link", "boot", "status"])
async def test_the_hotline_hears_of_a_station_once_whatever_it_tells(back: Back, again: str) -> None:
    more: dict[str, Observation] = {
        "link": back.link("GRAZ-03"),
        "boot": Booted("GRAZ-03", NOW, "Vendor", "Model", None, None),
        "status": back.status("GRAZ-03", ConnectorStatus.FAULTED),
    }
    await back.hears(more[again])
    await back.hears(*more.values())
    assert await back.lines(LENA) == [("GRAZ-03", "1", "3")]


async def test_stations_that_come_back_together_are_one_line(back: Back) -> None:
    await back.hears(back.link("GRAZ-02"), back.link("GRAZ-01"))
    assert await back.lines(LENA) == [("GRAZ-01, GRAZ-02", "2", "3")]


async def test_the_card_is_drawn_anew_with_what_is_told(back: Back) -> None:
    def cards(uow: UnitOfWork) -> int:
        sql = "SELECT count(*) FROM outbox WHERE kind = 'card'"
        return int(uow.connection.exec_driver_sql(sql).scalar_one())

    before = await back.database.read(cards)
    back.stations.now += timedelta(minutes=1)
    await back.hears(back.link("GRAZ-03"))
    assert await back.database.read(cards) == before + 1


async def test_what_is_no_sign_of_a_return_tells_nobody_anything(back: Back) -> None:
    gone = LinkChanged("GRAZ-01", NOW, connected=False)
    await back.hears(Seen("GRAZ-01", NOW), gone, back.status("GRAZ-01", ConnectorStatus.UNKNOWN))
    assert await back.lines(LENA) == []


async def test_a_station_of_another_site_tells_nobody_anything(back: Back) -> None:
    def elsewhere(uow: UnitOfWork) -> None:
        station = uow.operators.station("GRAZ-03")
        assert station is not None
        place = uow.operators.place(station.evses[0].evse_id)
        assert place is not None
        uow.operators.put_location("graz", replace(place.location, id="messe"))
        uow.operators.put_station(replace(station, location_id="messe"), {"AT*SWG*E0003": "AT*SWG*E0003"})

    await back.database.write(elsewhere)
    await back.hears(back.link("GRAZ-03"), back.status("GRAZ-03"))
    assert await back.lines(LENA) == []


async def test_once_the_case_is_settled_nobody_hears_of_its_stations(back: Back) -> None:
    await back.hotline_resolves(LENA)
    await back.hears(back.link("GRAZ-01"), back.status("GRAZ-01"))
    assert await back.lines(LENA) == []
    assert "station_back" not in await back.told(LENA)


# The drivers


async def test_each_driver_is_asked_to_try_once_their_own_station_is_well(back: Back) -> None:
    await back.hears(back.link("GRAZ-01"), back.link("GRAZ-02"), back.link("GRAZ-03"))
    assert "station_back" not in [*await back.told(LENA), *await back.told(MARCO)]
    await back.hears(back.status("GRAZ-02"), back.status("GRAZ-01", ConnectorStatus.FAULTED))
    assert "station_back" in await back.told(MARCO)
    assert "station_back" not in await back.told(LENA)
    await back.hears(back.status("GRAZ-01"))
    assert "station_back" in await back.told(LENA)


async def test_a_driver_is_asked_to_try_only_once(back: Back) -> None:
    for _ in range(3):
        await back.hears(back.link("GRAZ-01"), back.status("GRAZ-01"))
    assert (await back.told(LENA)).count("station_back") == 1


async def test_whoever_was_asked_can_say_what_came_of_it_and_the_case_stays_open(back: Back) -> None:
    assert "❌ Still not working" not in [*await back.buttons(LENA), *await back.buttons(MARCO)]
    await back.hears(back.status("GRAZ-01"), back.status("GRAZ-02"))
    assert await back.buttons(LENA) == ["✅ It works now", "❌ Still not working"]
    assert await back.buttons(MARCO) == ["✅ It works now", "❌ Still not working", "🙋 Talk to a person"]
    assert await back.states(LENA, MARCO) == [CaseState.WAITING_AGENT, CaseState.DIAGNOSING]
    assert "The station is back" in driver.standing(await back.standing(LENA), EN).text


async def test_a_station_that_says_nothing_of_itself_is_looked_at(back: Back) -> None:
    await back.hears(back.link("GRAZ-02"))
    back.stations.repaired = True
    case = await back.case(MARCO)
    assert await back.due(TimerKind.STATION_MAY_BE_BACK, returning.LOOK_AFTER) == [case.id]
    assert "station_back" in await back.told(MARCO)


async def test_a_station_that_has_gone_again_is_not_called_back(back: Back) -> None:
    await back.hears(back.link("GRAZ-02"))
    assert await back.due(TimerKind.STATION_MAY_BE_BACK, returning.LOOK_AFTER)
    assert "station_back" not in await back.told(MARCO)


@pytest.mark.parametrize("connector", [0, 1])
async def test_nobody_is_asked_to_try_a_station_that_is_locked_out(back: Back, connector: int) -> None:
    now = back.stations.now
    leaks = ConnectorState(connector, ConnectorStatus.AVAILABLE, "GroundFailure", now, now)
    await back.hears(StatusObserved("GRAZ-01", now, leaks, changed=True))
    if connector == 0:
        await back.hears(back.status("GRAZ-01"))
    assert "station_back" not in await back.told(LENA)


async def test_whoever_spoke_of_danger_is_not_asked_to_try_and_the_hotline_hears_all_the_same(
    back: Back,
) -> None:
    await escalation.danger(await back.turn(LENA))
    await back.hears(back.link("GRAZ-01"), back.status("GRAZ-01"))
    assert "station_back" not in await back.told(LENA)
    assert await back.lines(LENA) == [("GRAZ-01", "1", "3")]


async def test_a_driver_for_whom_it_works_leaves_the_others_to_try_for_themselves(back: Back) -> None:
    await back.reports(TINA, 3)
    await back.hears(back.status("GRAZ-01"), back.status("GRAZ-02"))
    case = await back.case(LENA)
    await report.works(await back.turn(LENA), case.id, case.version)
    # Tina's station is away all the same, so that hers becomes the hotline's case; Marco's is his to say.
    assert await back.states(LENA, MARCO, TINA) == [
        CaseState.RESOLVED,
        CaseState.DIAGNOSING,
        CaseState.WAITING_AGENT,
    ]
    marco = await back.case(MARCO)
    assert await back.due(TimerKind.DRIVER_DID_NOT_ANSWER, timedelta(hours=2)) == [marco.id]


async def test_a_report_that_joined_and_does_not_work_after_all_is_judged_anew(back: Back) -> None:
    back.stations.repaired = True
    await back.hears(back.link("GRAZ-02"), back.status("GRAZ-02"))
    case = await back.case(MARCO)
    await report.still_broken(await back.turn(MARCO), case.id, case.version)
    after = await back.case(MARCO)
    assert after.judgement is not None and after.judgement.verdict != "site_without_connection"
    await back.hotline_resolves(LENA)
    assert (await back.case(MARCO)).state is not CaseState.RESOLVED


async def test_the_hotline_hears_that_its_driver_still_has_trouble(back: Back) -> None:
    await back.hears(back.link("GRAZ-01"), back.status("GRAZ-01"))
    case = await back.case(LENA)
    await report.still_broken(await back.turn(LENA), case.id, case.version)

    def told(uow: UnitOfWork) -> list[str]:
        rows = uow.connection.exec_driver_sql("SELECT dedupe_key FROM outbox")
        return [key for (key,) in rows if key.startswith(f"topic:{case.id}:reopened:")]

    assert len(await back.database.read(told)) == 1
    assert (await back.case(LENA)).state is CaseState.WAITING_AGENT


async def test_a_site_that_goes_away_once_more_is_asked_about_once_more(back: Back) -> None:
    await back.hears(back.status("GRAZ-02"))
    case = await back.case(MARCO)
    await report.still_broken(await back.turn(MARCO), case.id, case.version)
    assert not (await back.standing(MARCO)).asked_to_try
    await back.hears(back.status("GRAZ-02"))
    assert (await back.told(MARCO)).count("station_back") == 2


# The technician


@dataclass
class OneRepaired(Returning):
    """Only what is connected is well."""

    async def snapshot(
        self, station_id: str, connector: int, *, fresh_within: timedelta | None, deadline: timedelta
    ) -> StationSnapshot:
        self.repaired = station_id in self.connected
        return await super().snapshot(station_id, connector, fresh_within=fresh_within, deadline=deadline)


async def test_a_repair_is_told_only_to_those_whose_own_station_is_back(back: Back) -> None:
    await back.reports(TINA, 3)
    case = await back.case(LENA)
    await desk.send_technician(await back.turn(ANNA, TOPIC), case.id, case.version)
    back.stations = OneRepaired(connected={"GRAZ-01", "GRAZ-02"})
    case = await back.case(LENA)
    await repaired(back, case.id)
    assert (await back.told(MARCO))[-1] == "site_back"
    assert "site_back" not in await back.told(TINA)
    assert await back.states(LENA, MARCO, TINA) == [
        CaseState.RESOLVED,
        CaseState.RESOLVED,
        CaseState.WAITING_AGENT,
    ]


# What it costs


async def statements(back: Back, *observations: Observation) -> list[str]:
    """What is asked of the database by a batch, beyond keeping it."""
    services = back.services()

    def watched(uow: UnitOfWork) -> list[str]:
        asked: list[str] = []

        def note(_c: Connection, _u: object, statement: str, *_: object) -> None:
            asked.append(statement)

        event.listen(uow.connection, "before_cursor_execute", note)
        returning.observe(uow, services, observations)
        event.remove(uow.connection, "before_cursor_execute", note)
        return asked

    return await back.database.write(watched)


async def test_a_batch_costs_one_question_where_no_site_is_away(database: Database) -> None:
    calm = Back(database)
    await calm.build()
    many = [calm.status(f"GRAZ-{number:02}") for number in range(1, 1000)]
    assert len(await statements(calm, *many)) == 1
    assert await statements(calm, Seen("GRAZ-01", NOW)) == []


async def test_a_batch_of_other_stations_costs_one_question_while_a_site_is_away(back: Back) -> None:
    assert len(await statements(back, *(back.link(f"LINZ-{number}") for number in range(1000)))) == 1


async def test_the_question_goes_by_the_index_of_what_is_away(back: Back) -> None:
    def plan(uow: UnitOfWork) -> str:
        sqlite = uow.connection.dialect.name == "sqlite"
        if not sqlite:
            # So few rows are read faster without any index, which says nothing of many.
            uow.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        asked = str(_SITES_AWAY.compile(uow.connection))
        rows = uow.connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if sqlite else ''}{asked}")
        return "\n".join(str(row) for row in rows)

    found = await back.database.read(plan)
    assert "ix_cases_site_away" in found
    assert "ix_stations_operator_id_location_id" in found
