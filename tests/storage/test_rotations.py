"""The plan of who is on call, and shifts, as they are kept."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from bot.domain.operator import Group
from bot.domain.rights import Right, Scope
from bot.domain.rotation import Every, Handover, Hours, Layer, Override, Source
from storage.database import Database
from storage.on_call import schedule
from storage.repositories.people import Identity
from storage.repositories.rotations import WaitingCalendar
from storage.repositories.shifts import AgentShift
from storage.repositories.staff import Colleague
from storage.uow import UnitOfWork
from tests.storage import town
from tests.storage.town import NOW, OPERATOR

HOUR = timedelta(hours=1)


async def people(database: Database) -> tuple[int, int]:
    """Anna and Bob, who are agents."""

    def build(uow: UnitOfWork) -> tuple[int, int]:
        town.build(uow)
        uow.staff.put_group("graz", Group("Hotline", Scope.INSTANCE, frozenset({Right.REMOTE_ACTIONS})))
        met = uow.people.meet([Identity(1, "Anna"), Identity(2, "Bob")])
        for number, person in met.items():
            uow.staff.put("graz", Colleague(person.id, number, person.name, groups=("Hotline",)))
        return met[1].id, met[2].id

    return await database.write(build)


async def test_a_layer_comes_back_as_it_was_entered_and_changed(database: Database) -> None:
    anna, bob = await people(database)
    layer = Layer(
        "Nights", Every.DAILY, Handover(time(17, 30), 4), date(2026, 12, 1), (bob, anna),
        Hours(frozenset({4, 5}), time(18), time(6, 30)), 2, on_holidays=True,
    )  # fmt: skip
    kept = await database.write(lambda uow: uow.rotations.put_layer("graz", layer))
    assert await database.read(lambda uow: uow.rotations.layers("graz")) == [replace(layer, id=kept.id)]
    plain = replace(kept, hours=None, every=Every.WEEKLY, level=1, on_holidays=False)
    await database.write(lambda uow: uow.rotations.put_layer("graz", plain))
    assert await database.read(lambda uow: uow.rotations.layers("graz")) == [plain]
    assert await database.read(lambda uow: uow.rotations.layers("linz")) == []
    await database.write(lambda uow: uow.rotations.drop_layer("linz", kept.id))
    assert await database.read(lambda uow: uow.rotations.layers("graz")) == [plain]
    await database.write(lambda uow: uow.rotations.drop_layer("graz", kept.id))
    assert await database.read(lambda uow: uow.rotations.layers("graz")) == []


async def test_overrides_that_are_over_are_left_out_and_a_calendar_is_taken_away_as_a_whole(
    database: Database,
) -> None:
    anna, bob = await people(database)
    over = Override(anna, NOW - 2 * HOUR, NOW)
    manual = Override(bob, NOW - HOUR, NOW + HOUR, 2)
    calendar = Override(anna, NOW + HOUR, NOW + 2 * HOUR, 1, Source.CALENDAR, "Graz", "uid@example.org")
    await database.write(lambda uow: uow.rotations.add_overrides("graz", [over, calendar, manual]))
    found = await database.read(lambda uow: uow.rotations.overrides("graz", NOW))
    assert [replace(each, id=0) for each in found] == [manual, calendar]
    assert await database.write(lambda uow: uow.rotations.drop_calendar("graz", "Linz")) == 0
    assert await database.write(lambda uow: uow.rotations.drop_calendar("graz", "Graz")) == 1
    await database.write(lambda uow: uow.rotations.drop_override("graz", found[0].id))
    assert await database.read(lambda uow: uow.rotations.overrides("graz", NOW)) == []


async def test_a_calendar_waits_for_the_person_who_brought_it(database: Database) -> None:
    anna, bob = await people(database)
    entry = Override(bob, NOW, NOW + HOUR, source=Source.CALENDAR, calendar="Graz", uid=None)
    waiting = WaitingCalendar("Graz", (entry,))
    await database.write(lambda uow: uow.rotations.wait("graz", anna, waiting, NOW))
    assert await database.read(lambda uow: uow.rotations.waiting("graz", anna)) == waiting
    assert await database.read(lambda uow: uow.rotations.waiting("graz", bob)) is None
    later = replace(waiting, overrides=())
    await database.write(lambda uow: uow.rotations.wait("graz", anna, later, NOW))
    assert await database.read(lambda uow: uow.rotations.waiting("graz", anna)) == later
    await database.write(lambda uow: uow.rotations.stop_waiting("graz", anna))
    assert await database.read(lambda uow: uow.rotations.waiting("graz", anna)) is None


async def test_an_operator_has_one_plan_that_knows_who_was_told(database: Database) -> None:
    anna, bob = await people(database)
    assert await database.read(lambda uow: uow.rotations.plan("graz")) is None
    plan = await database.write(lambda uow: uow.rotations.begun("graz"))
    assert await database.write(lambda uow: uow.rotations.begun("graz")) == plan
    await database.write(lambda uow: uow.rotations.set_told(plan.id, {1: [bob, anna], 2: []}))
    await database.write(lambda uow: uow.rotations.set_region(plan.id, "6"))
    found = await database.read(lambda uow: uow.rotations.by_id(plan.id))
    assert found == replace(plan, region="6", told={1: (anna, bob), 2: ()})


async def test_a_schedule_knows_the_holidays_of_the_region_and_who_can_act(database: Database) -> None:
    anna, bob = await people(database)
    layer = Layer("All", Every.DAILY, Handover(time(8)), date(2026, 1, 1), (anna, bob), on_holidays=True)

    def build(uow: UnitOfWork) -> None:
        uow.rotations.put_layer("graz", layer)
        gone = uow.staff.get("graz", bob)
        assert gone is not None
        uow.staff.put("graz", replace(gone, deactivated_at=NOW))

    await database.write(build)
    found = await database.read(lambda uow: schedule(uow, OPERATOR, NOW, NOW + 24 * 60 * HOUR))
    assert found.able == frozenset({anna})
    assert {date(2026, 12, 25), date(2027, 1, 6)} <= found.holidays
    assert date(2026, 12, 24) not in found.holidays


async def test_nobody_is_on_two_shifts_at_once(database: Database) -> None:
    anna, _ = await people(database)
    shift = AgentShift("graz", anna, NOW, NOW + HOUR)
    kept = await database.write(lambda uow: uow.shifts.start(shift))
    with pytest.raises(IntegrityError):
        await database.write(lambda uow: uow.shifts.start(shift))
    assert await database.read(lambda uow: uow.shifts.running("graz", NOW)) == [kept]
    assert await database.read(lambda uow: uow.shifts.running("graz", NOW + HOUR)) == []
    assert await database.read(lambda uow: uow.shifts.open_of("graz", anna)) == kept
    ended = replace(kept, ended_at=NOW)
    await database.write(lambda uow: uow.shifts.save(ended))
    assert await database.read(lambda uow: uow.shifts.open_of("graz", anna)) is None
    assert await database.read(lambda uow: uow.shifts.get(kept.id)) == ended
    again = await database.write(lambda uow: uow.shifts.start(shift))
    assert again.id != kept.id
