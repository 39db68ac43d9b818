"""Taking a file over: as a whole or not at all, and the same file twice makes no change."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from bot.domain.operator import Member
from bot.domain.service import Cause
from bot.operations.apply import Change, apply
from bot.operations.export import export
from bot.operations.operator_file import OperatorFileError, read_operator_file
from storage.database import Database
from storage.repositories.people import Identity
from tests.operations.test_operator_file import FILE, SECOND_STATION, put

TWO_STATIONS = FILE + SECOND_STATION.format(2, "AT*SWG*E0002")


async def take(database: Database, text: str, *, dry_run: bool = False) -> list[Change]:
    return await apply(database, read_operator_file(text), dry_run=dry_run)


async def stations(database: Database) -> dict[str, list[str]]:
    found = await database.read(lambda uow: uow.operators.stations("graz"))
    return {each.id: [evse.evse_id for evse in each.evses] for each in found}


async def test_a_new_file_brings_everything_in_it(database: Database) -> None:
    changes = await take(database, FILE)
    assert [(change.what, change.name, change.new) for change in changes] == [
        ("operator", "graz", True),
        ("hotline group", "-1001234567890", True),
        ("group", "Hotline", True),
        ("person", "3001 (Anna)", True),
        ("location", "hbf", True),
        ("station", "GRAZ-01", True),
    ]
    assert await stations(database) == {"GRAZ-01": ["AT*SWG*E0001*1", "AT*SWG*E0001*2"]}


async def test_the_same_file_again_makes_no_change(database: Database) -> None:
    await take(database, FILE)
    assert await take(database, FILE) == []


async def test_the_groups_of_agents_are_those_of_the_file_and_come_out_of_it_again(
    database: Database,
) -> None:
    await take(database, FILE)
    more = put(
        "chat_id = -1001234567890",
        'chat_id = -1001234567890\nlanguages = ["de"]\n[[hotline.group]]\nchat_id = -2\ntitle = "Night"',
    )(FILE)
    assert [(change.name, change.fields, change.new) for change in await take(database, more)] == [
        ("-1001234567890", ("languages",), False),
        ("-2", (), True),
    ]
    groups = await database.read(lambda uow: uow.hotlines.of("graz"))
    assert [(each.chat, each.languages, each.title) for each in groups] == [
        (-2, (), "Night"),
        (-1001234567890, ("de",), None),
    ]
    assert await take(database, await export(database, "graz")) == []
    assert [change.name for change in await take(database, FILE)] == ["-1001234567890", "-2 (taken out)"]
    assert [each.chat for each in await database.read(lambda uow: uow.hotlines.of("graz"))] == [
        -1001234567890
    ]


async def test_a_changed_file_names_the_fields_that_changed(database: Database) -> None:
    await take(database, FILE)
    changes = await take(database, put("power_kw = 150", "power_kw = 300")(put('"9.90"', '"12"')(FILE)))
    assert changes == [
        Change("operator", "graz", ("price_per_station_month",), False),
        Change("station", "GRAZ-01", ("evses",), False),
    ]
    place = await database.read(lambda uow: uow.operators.place("AT*SWG*E0001*1"))
    assert place is not None
    assert (place.evse.power_kw, str(place.operator.price_per_station_month)) == (300, "12")


async def test_what_a_file_no_longer_names_stays_but_for_a_stations_evses(database: Database) -> None:
    await take(database, TWO_STATIONS)
    shorter = FILE.rpartition("[[station.evse]]")[0]
    await take(database, shorter)
    assert await stations(database) == {"GRAZ-01": ["AT*SWG*E0001*1"], "GRAZ-02": ["AT*SWG*E0002"]}


async def test_a_dry_run_tells_the_same_and_changes_nothing(database: Database) -> None:
    planned = await take(database, FILE, dry_run=True)
    assert await database.read(lambda uow: uow.operators.all()) == []
    assert await take(database, FILE) == planned
    again = put('"9.90"', '"12"')(FILE)
    assert len(await take(database, again, dry_run=True)) == 1
    assert len(await take(database, again)) == 1


async def test_a_station_of_another_operator_is_refused_and_nothing_is_changed(database: Database) -> None:
    await take(database, FILE)
    linz = put('id = "graz"', 'id = "linz"')(FILE)
    with pytest.raises(OperatorFileError) as refused:
        await take(database, linz)
    assert refused.value.mistakes == (
        "station(GRAZ-01): belongs to another operator",
        "station(GRAZ-01).evse(AT*SWG*E0001*1): belongs to another operator",
        "station(GRAZ-01).evse(AT*SWG*E0001*2): belongs to another operator",
    )
    assert await database.read(lambda uow: uow.operators.get("linz")) is None


async def test_an_evse_of_a_station_that_the_file_does_not_name_is_refused(database: Database) -> None:
    await take(database, TWO_STATIONS)
    taken = put("AT*SWG*E0001*2", "AT*SWG*E0002")(FILE)
    with pytest.raises(OperatorFileError, match="is at station GRAZ-02 already"):
        await take(database, taken)
    assert (await stations(database))["GRAZ-02"] == ["AT*SWG*E0002"]


@pytest.mark.parametrize("first", ["GRAZ-01", "GRAZ-02"])
async def test_evses_change_places_within_one_file(database: Database, first: str) -> None:
    await take(database, TWO_STATIONS)
    swapped = (
        TWO_STATIONS.replace("AT*SWG*E0001*2", "X")
        .replace("AT*SWG*E0002", "AT*SWG*E0001*2")
        .replace("X", "AT*SWG*E0002")
    )
    if first == "GRAZ-02":
        head, one, two = swapped.split("[[station]]")
        swapped = f"{head}[[station]]{two}\n[[station]]{one}"
    await take(database, swapped)
    assert await stations(database) == {
        "GRAZ-01": ["AT*SWG*E0001*1", "AT*SWG*E0002"],
        "GRAZ-02": ["AT*SWG*E0001*2"],
    }
    assert await take(database, swapped) == []


async def test_what_was_exported_changes_nothing_when_it_is_taken_over(database: Database) -> None:
    rich = put("service_active = true", 'service_active = true\npassword = "long-enough"')(FILE)
    rich = put(
        "[hotline]", '[operator.manager]\nname = "Mara \\"M\\""\nemail = "m@example.org"\n\n[hotline]'
    )(rich)
    rich += '\n[station.technician]\nname = "Tom"\nphone = "+43 660 1"\ntelegram_id = 2001\n'
    await take(database, rich)
    exported = await export(database, "graz")
    assert await take(database, exported) == []
    assert await export(database, "graz") == exported


async def test_an_operator_that_is_not_there_cannot_be_exported(database: Database) -> None:
    with pytest.raises(LookupError, match="nobody"):
        await export(database, "nobody")


async def test_somebody_without_a_group_is_no_change_the_second_time(database: Database) -> None:
    text = put('groups = ["Hotline"]', "groups = []")(FILE)
    await take(database, text)
    assert await take(database, text) == []


async def test_leaving_the_last_group_is_a_change_once(database: Database) -> None:
    await take(database, FILE)
    without = put('groups = ["Hotline"]', "groups = []")(FILE)
    assert await take(database, without) == [Change("person", "3001 (Anna)", ("groups",), False)]
    assert await take(database, without) == []
    (anna,) = await database.read(lambda uow: uow.staff.members("graz"))
    assert anna.groups == ()


async def test_somebody_who_spoke_to_the_bot_before_becomes_staff_and_stays_one_person(
    database: Database,
) -> None:
    before = (await database.write(lambda uow: uow.people.meet([Identity(3001, "Anna")])))[3001]
    await take(database, FILE)
    assert await database.read(lambda uow: uow.staff.members("graz")) == [
        Member(3001, "Anna", None, ("Hotline",))
    ]
    after = await database.read(lambda uow: uow.people.by_telegram(3001))
    assert after is not None and after.id == before.id


def priced(price: str, *, active: bool) -> str:
    switched = put("service_active = true", f"service_active = {str(active).lower()}")(FILE)
    return put('"9.90"', f'"{price}"')(switched)


async def history(database: Database) -> list[tuple[bool, str, str, datetime]]:
    changes = await database.read(lambda uow: uow.service.changes("graz"))
    assert {each.cause for found in changes.values() for each in found} <= {Cause.FILE}
    return [(each.active, str(each.price), each.currency, each.at) for each in changes.get("GRAZ-01", [])]


def _same(moment: datetime) -> datetime:
    return moment


async def test_what_a_file_switches_on_and_off_stands_in_the_history_at_the_price_of_that_file(
    database: Database,
) -> None:
    start = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    wanted = [("9.90", True), ("9.90", True), ("12.00", True), ("12.00", False), ("13.00", True)]
    for day, (price, active) in enumerate(wanted):
        file = read_operator_file(priced(price, active=active))
        moment = start + timedelta(days=day)
        await apply(database, file, clock=partial(_same, moment))
    assert await history(database) == [
        (True, "9.90", "EUR", start),
        (False, "12.00", "EUR", start + timedelta(days=3)),
        (True, "13.00", "EUR", start + timedelta(days=4)),
    ]


async def test_a_dry_run_puts_nothing_into_the_history(database: Database) -> None:
    await take(database, priced("9.90", active=False))
    await take(database, priced("9.90", active=True), dry_run=True)
    assert await history(database) == []
    station = await database.read(lambda uow: uow.operators.station("GRAZ-01"))
    assert station is not None and not station.service_active


@pytest.mark.parametrize("active", [True, False])
async def test_a_file_that_does_not_speak_of_the_service_leaves_it_as_it_is(
    database: Database, *, active: bool
) -> None:
    await take(database, priced("9.90", active=active))
    before = await history(database)
    assert await take(database, put("service_active = true\n", "")(FILE)) == []
    assert await history(database) == before
    station = await database.read(lambda uow: uow.operators.station("GRAZ-01"))
    assert station is not None and station.service_active is active


async def test_the_currency_stays_while_there_are_stations_that_are_charged_in_it(database: Database) -> None:
    await take(database, FILE)
    swiss = put('"EUR"', '"CHF"')(FILE)
    with pytest.raises(OperatorFileError, match="EUR cannot be changed while stations have the service"):
        await take(database, swiss)
    await take(database, priced("9.90", active=False))
    await take(database, put("service_active = true", "service_active = false")(swiss))
    operator = await database.read(lambda uow: uow.operators.get("graz"))
    assert operator is not None and operator.currency == "CHF"


POLICY = """
[[policy]]
severity = "P2"
hours = ["mon-fri 08:00-17:00", "sat 09:00-12:00"]
first_answer_minutes = 15
repeat_minutes = 30

[[policy.level]]
after_minutes = 5
tell = ["on_call 1", "technician"]

[[policy.level]]
after_minutes = 10
tell = ["manager", "ops@example.org"]
"""


async def test_a_policy_is_taken_over_and_written_out_again(database: Database) -> None:
    changes = await take(database, FILE + POLICY)
    assert [(each.what, each.name) for each in changes if each.what == "policy"] == [("policy", "P2")]
    assert await take(database, FILE + POLICY) == []
    exported = await export(database, "graz")
    assert await take(database, exported) == []
    assert await take(database, FILE) == [], "what a file does not name stays"
    slower = (FILE + POLICY).replace("after_minutes = 10", "after_minutes = 20")
    assert [(each.name, each.fields) for each in await take(database, slower)] == [("P2", ("levels",))]


@pytest.mark.parametrize(
    ("before", "after", "mistake"),
    [
        ('"mon-fri 08:00-17:00"', '"mon-fri 17-8"', "cannot be followed (hours: 'mon-fri 17-8')"),
        ('"technician"', '"boss"', "cannot be followed (target: 'boss')"),
        ('"P2"', '"P9"', "severity"),
    ],
)
async def test_a_policy_that_nobody_could_follow_is_refused(before: str, after: str, mistake: str) -> None:
    with pytest.raises(OperatorFileError) as told:
        read_operator_file((FILE + POLICY).replace(before, after))
    assert mistake in str(told.value)
