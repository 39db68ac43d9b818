"""Whoever was asked to go to a station before there were jobs has one after the migration, with its deadline."""

from datetime import UTC, datetime, timedelta
from functools import partial

from bot.domain.case import CaseState
from bot.domain.job import Job, JobState
from bot.domain.operator import Contact
from bot.domain.outgoing import Outgoing, OutgoingKind
from bot.domain.timer import TimerKind
from storage.database import open_database
from storage.migrations import migrate
from storage.uow import UnitOfWork
from tests.storage.test_migrations import downgrade_to, upgrade_to

TOM = Contact("Tom", "+43 660 0", None, 2001)
TINA = Contact("Tina", None, "tina@example.org")
STATES = {
    1: "waiting_technician",
    2: "with_technician",
    3: "waiting_technician",
    4: "with_agent",
    5: "resolved",
}
"""By the number of the case. The station of the third has no technician any more; the fifth was repaired by Tom."""
STATIONS = {1: "GRAZ-01", 2: "GRAZ-02", 3: "GRAZ-03", 4: "GRAZ-01", 5: "GRAZ-01"}


def enter_as_of_then(uow: UnitOfWork) -> None:
    """Cases as the release before wrote them."""
    execute = uow.connection.exec_driver_sql
    cast = "" if uow.connection.dialect.name == "sqlite" else "::jsonb"
    tom = '{"name": "Tom", "phone": "+43 660 0", "email": null, "telegram_id": 2001}'
    tina = '{"name": "Tina", "phone": null, "email": "tina@example.org", "telegram_id": null}'
    execute(
        "INSERT INTO operators (id, name, country_code, party_id, time_zone, language, currency, "
        "price_per_station_month, hotline_phone) VALUES ('graz', 'Graz', 'AT', 'SWG', 'Europe/Vienna', 'de', "
        "'EUR', '9.90', '+43 316 0')"
    )
    execute("INSERT INTO people (id, telegram_id, name) VALUES (1, 501, 'Lena')")
    for station, technician in (("GRAZ-01", tom), ("GRAZ-02", tina), ("GRAZ-03", "null")):
        execute(
            "INSERT INTO stations (id, operator_id, location_id, service_active, technician) VALUES "
            f"('{station}', 'graz', 'hbf', true, '{technician}'{cast})"
        )
    for number, state in STATES.items():
        execute(
            "INSERT INTO cases (id, operator_id, driver_id, conversation, state, version, symptom, severity, "
            f"opened_at, changed_at, station_id) VALUES ({number}, 'graz', 1, 'telegram:501', '{state}', 4, 'other', "
            f"'P2', '2026-11-22 10:00:00', '2026-11-22 11:00:00', '{STATIONS[number]}')"
        )


def jobs(uow: UnitOfWork) -> dict[int, Job | None]:
    return {number: uow.jobs.latest_of(number) for number in STATES}


def due_after(passed: timedelta, uow: UnitOfWork) -> list[int]:
    """The jobs whose answer is overdue by then."""
    claimed = uow.timers.claim(datetime.now(UTC) + passed, timedelta(seconds=1), 9)
    return [each.subject for each in claimed if each.kind is TimerKind.TECHNICIAN_DID_NOT_ANSWER]


async def test_cases_that_wait_for_a_technician_or_are_with_one_have_jobs(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    await database.write(partial(upgrade_to, "0012"))
    await database.write(enter_as_of_then)
    before = datetime.now(UTC)
    await migrate(database)
    found = await database.read(jobs)
    asked, accepted = found[1], found[2]
    assert asked is not None and accepted is not None
    assert [found[number] for number in (3, 4, 5)] == [None, None, None]
    assert (asked.state, asked.version, asked.contact) == (JobState.ASKED, 1, TOM)
    assert (accepted.state, accepted.version, accepted.contact) == (JobState.ACCEPTED, 1, TINA)
    assert [each.operator_id for each in (asked, accepted)] == ["graz", "graz"]
    assert [each.station_id for each in (asked, accepted)] == ["GRAZ-01", "GRAZ-02"]
    assert before <= asked.asked_at <= datetime.now(UTC), "a technician has all of the time to answer"
    assert asked.answer_due == asked.asked_at + timedelta(minutes=15)
    assert (asked.accepted_at, accepted.accepted_at) == (None, accepted.asked_at)
    assert await database.read(lambda uow: uow.jobs.open_for(2001)) == [asked]
    states = await database.read(lambda uow: [uow.cases.get(number).state for number in STATES])  # type: ignore[union-attr]  # They are there.
    assert states == [CaseState(each) for each in STATES.values()], "where the cases stand is as it was"
    due = await database.read(
        lambda uow: [
            uow.timers.due_of(each.id, TimerKind.TECHNICIAN_DID_NOT_ANSWER) for each in (asked, accepted)
        ]
    )
    assert due == [asked.answer_due, None], "who does not answer is not waited for"
    assert await database.write(partial(due_after, timedelta(minutes=14))) == []
    assert await database.write(partial(due_after, timedelta(minutes=16))) == [asked.id]
    await database.close()


async def test_what_the_release_before_does_not_know_is_gone_when_jobs_are_taken_back(
    empty_database_url: str,
) -> None:
    database = open_database(empty_database_url)
    await database.write(partial(upgrade_to, "0012"))
    await database.write(enter_as_of_then)
    await migrate(database)

    def since(uow: UnitOfWork) -> None:
        now = datetime.now(UTC)
        uow.timers.set(7, TimerKind.EVSE_MAY_WORK, now)
        uow.timers.set(1, TimerKind.LADDER_CLIMBS, now)
        for kind in (OutgoingKind.JOB_NOTICE, OutgoingKind.WATCH_NOTICE, OutgoingKind.CARD):
            uow.outbox.put(Outgoing(kind, "case:1", "case:1", kind.value, 1), now)

    await database.write(since)
    await database.write(partial(downgrade_to, "0012"))

    def read(uow: UnitOfWork) -> list[list[str]]:
        execute = uow.connection.exec_driver_sql
        left = ("SELECT kind FROM timers", "SELECT kind FROM outbox", "SELECT state FROM cases ORDER BY id")
        return [list(execute(each).scalars()) for each in left]

    assert await database.read(read) == [["ladder_climbs"], ["card"], list(STATES.values())]
    await migrate(database)
    again = await database.read(jobs)
    assert [number for number, job in again.items() if job is not None] == [1, 2]
    await database.close()
